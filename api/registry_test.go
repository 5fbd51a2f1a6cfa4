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

// TestLimitsOverHTTP: every candidate with its words, in both languages, and one in force.
func TestLimitsOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		path := "/outlets/" + string(w.BaoanA.Outlet.ID)
		etag := w.want(w.call("park-a", "GET", path, nil), 200, "outlet").header.Get("ETag")
		w.want(w.call("park-a", "PATCH", path, map[string]any{"production": []string{"plating"}, "eiaNumber": "深环批〔2018〕1号", "eiaApprovedOn": "2018-05-10"}, "If-Match", etag), 200, "change")
		w.want(w.call("park-a", "POST", path+"/limits", map[string]any{"pollutant": "w20122", "maximum": "0.5", "unit": "mg/L", "basis": "eia", "standard": "深环批〔2018〕1号", "validFrom": "2018-05-10"}), 201, "approval")
		limits := w.want(w.call("firm-a", "GET", path+"/limits?day=2026-11-01&pollutant=w20122", nil), 200, "limits")
		english := w.want(w.call("firm-a", "GET", path+"/limits?day=2026-11-01&pollutant=w20122", nil, "Accept-Language", "en"), 200, "limits")
		want := []struct{ basis, maximum, reason, en string }{
			{"eia", "0.5", "环评批复要求（深环批〔2018〕1号）；在 3 个适用的限值中最严，按它判定", "Required by the EIA approval (深环批〔2018〕1号); the strictest of 3 limits that apply, and the one in force"},
			{"local", "1.0", "标准适用于这个排放口；另有更严的限值，不按它判定", "The standard applies at this outlet; another limit is stricter and in force"},
			{"national", "0.5", "这一项由 DB44/1597-2015 规定，本标准不再执行", "DB44/1597-2015 rules on this and takes the place of this standard"},
			{"general", "2.0", "这一项由 DB44/1597-2015 规定，本标准不再执行", "DB44/1597-2015 rules on this and takes the place of this standard"},
			{"general", "2.0", "这一项由 DB44/1597-2015 规定，本标准不再执行", "DB44/1597-2015 rules on this and takes the place of this standard"},
			{"sewer", "2", "标准适用于这个排放口；另有更严的限值，不按它判定", "The standard applies at this outlet; another limit is stricter and in force"},
		}
		if len(limits.items()) != len(want) {
			t.Fatalf("%d candidates: %s", len(limits.items()), limits.raw)
		}
		for i, c := range want {
			got, en := limits.items()[i].(map[string]any), english.items()[i].(map[string]any)
			if got["basis"] != c.basis || got["maximum"] != c.maximum || got["reason"] != c.reason || en["reason"] != c.en || got["inForce"] != (i == 0) {
				t.Errorf("candidate %d is %v, in English %v", i, got, en["reason"])
			}
		}
		if en := english.items()[1].(map[string]any); en["name"] != "Total copper" || en["title"] != "clause 4.2.7 (to a public sewage system, at most 200 % of Table 1)" {
			t.Errorf("in English: %v", en)
		}
		w.want(w.call("firm-a", "GET", path+"/limits?day=2026-02-30", nil), 400, "no such day")
		w.want(w.call("firm-l", "GET", path+"/limits", nil), 404, "a foreign outlet")
	})
}
