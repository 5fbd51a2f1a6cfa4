package api_test

import (
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestNotice: one address gives the notice as JSON and as a page, to whoever may read
// the finding and to nobody else.
func TestNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		made := w.want(w.call("baoan-1", "POST", "/findings", findingBody(place{Place: w.BaoanA})), 201, "log a finding")
		at := "/findings/" + made.text("id") + "/notice"
		w.want(w.call("baoan-1", "GET", at, nil), 409, "before the notice")
		w.want(w.call("baoan-1", "POST", at, map[string]any{"text": "补填台账"}), 200, "notice")
		n := w.want(w.call("firm-a", "GET", at, nil), 200, "the notice")
		if n.at("official") != true || n.text("title") != "限期整改通知书" || n.text("issuer") != "深圳市生态环境局宝安管理局" || n.text("number") != made.text("number") ||
			!strings.Contains(n.text("paragraphs.2"), "补填台账") || n.text("page") != "/api/v1"+at || n.at("extendedTo") != nil {
			t.Errorf("the notice is %s", n.raw)
		}
		steps := w.want(w.call("firm-a", "GET", "/findings/"+made.text("id")+"/steps", nil), 200, "steps")
		if steps.text("items.1.kind") != "notice" || len(n.text("sha256")) != 64 {
			t.Errorf("the digest is %q", n.text("sha256"))
		}
		for who, status := range map[string]int{"park-a": 200, "park-b": 404, "firm-l": 404, "longgang": 404, "baoan-2": 200, "bureau": 200, "auditor": 200, "admin": 403, "": 401} {
			page := w.want(w.call(who, "GET", at, nil, "Accept", "text/html"), status, "the notice to print as "+who)
			if status == 200 && (!strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !strings.Contains(string(page.raw), made.text("number")) ||
				!strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'none'")) {
				t.Errorf("%s is answered %s", who, page.header.Get("Content-Type"))
			}
		}
		park := w.want(w.call("park-a", "POST", "/findings", findingBody(place{Place: w.BaoanA})), 201, "a park's finding")
		at = "/findings/" + park.text("id") + "/notice"
		w.want(w.call("park-a", "POST", at, map[string]any{}), 200, "a park's notice")
		if n := w.want(w.call("firm-a", "GET", at, nil), 200, "a park's notice"); n.at("official") != false || n.text("title") != "整改告知书" {
			t.Errorf("a park's notice is %s", n.raw)
		}
	})
}
