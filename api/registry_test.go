package api_test

import (
	"net/url"
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

// TestSearch finds only what the caller may read, by name, initials and code.
func TestSearch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		w.fill()
		for _, c := range []struct {
			who, q string
			want   int
		}{
			{"bureau", "园", 4 + 4}, // four parks, and each park's own works
			{"bureau", "bajy", 1},  // 宝安甲园
			{"bureau", "测试", 4},
			{"park-a", "测试", 1},
			{"longgang", "园", 2},
			{"longgang", "宝安", 0},
			{"firm-a", "测试", 1},
			{"bureau", w.BaoanA.Enterprise.CreditCode, 2}, // the firm and its permit
			{"dapeng", w.Longgang.Enterprise.CreditCode, 0},
			{"bureau", "tw001", 4},
			{"bureau", "%", 0},
			{"bureau", "_", 0},
			{"bureau", "\\", 0},
		} {
			a := w.want(w.call(c.who, "GET", "/search?q="+url.QueryEscape(c.q), nil), 200, c.who)
			if len(a.items()) != c.want {
				t.Errorf("%s looks for %q: %d hits, want %d: %s", c.who, c.q, len(a.items()), c.want, a.raw)
			}
		}
		w.want(w.call("admin", "GET", "/search?q=a", nil), 403, "admin")
		w.want(w.call("bureau", "GET", "/search?q=", nil), 400, "nothing to look for")
	})
}
