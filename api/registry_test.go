package api_test

import (
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

func TestParksOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		all := w.want(w.call("bureau", "GET", "/parks", nil), 200, "bureau lists")
		if len(all.items()) != 5 {
			t.Fatalf("the bureau sees %d parks, want 5", len(all.items()))
		}
		w.want(w.call("longgang", "GET", "/parks/"+string(w.BaoanA.Park.ID), nil), 404, "foreign park")
		w.want(w.call("", "GET", "/parks", nil), 401, "nobody")
		w.want(w.call("admin", "GET", "/parks", nil), 403, "admin")
		park := w.want(w.call("park-a", "GET", "/parks/"+string(w.BaoanA.Park.ID), nil), 200, "own park")
		w.want(w.call("park-a", "PATCH", "/parks/"+string(w.BaoanA.Park.ID), map[string]any{"address": "宝安大道 2 号"}), 428, "no If-Match")
		changed := w.want(w.call("park-a", "PATCH", "/parks/"+string(w.BaoanA.Park.ID), map[string]any{"address": "宝安大道 2 号"}, "If-Match", park.header.Get("ETag")), 200, "change")
		if changed.text("address") != "宝安大道 2 号" || changed.body["warnings"] == nil {
			t.Fatalf("answer: %s", changed.raw)
		}
		w.want(w.call("park-a", "PATCH", "/parks/"+string(w.BaoanA.Park.ID), map[string]any{"address": "x"}, "If-Match", park.header.Get("ETag")), 412, "stale")
		bad := w.want(w.call("bureau", "POST", "/enterprises", map[string]any{"creditCode": "91440300MA5T00019X", "name": "", "industries": []string{"39"}, "permitClass": "big", "legalRepresentative": "a", "contact": "b", "nonsense": 1}), 400, "unknown field")
		t.Logf("%s", bad.raw)
		bad = w.want(w.call("bureau", "POST", "/enterprises", map[string]any{"creditCode": "91440300MA5T00019X", "name": "", "industries": []string{"39"}, "permitClass": "big", "legalRepresentative": "a", "contact": 5}), 422, "rules")
		t.Logf("%s", bad.raw)
	})
}
