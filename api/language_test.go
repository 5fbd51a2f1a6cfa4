package api_test

import (
	"strings"
	"testing"
)

// TestLanguageTraceHeaders: one catalogue in two languages, an id that follows the
// request, and the headers of S-OUT2.
func TestLanguageTraceHeaders(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	zh := w.call("", "GET", "/parks", nil)
	en := w.call("", "GET", "/parks", nil, "Accept-Language", "en-GB,en;q=0.9")
	if zh.text("title") != "需要登录" || en.text("title") == zh.text("title") || en.text("type") != zh.text("type") {
		t.Errorf("zh %s, en %s", zh.raw, en.raw)
	}
	if a := w.call("", "GET", "/parks", nil, "X-Request-Id", "desk-7.0001"); a.header.Get("X-Request-Id") != "desk-7.0001" || a.text("requestId") != "desk-7.0001" {
		t.Errorf("request id %v in %s", a.header, a.raw)
	}
	if a := w.call("", "GET", "/parks", nil, "X-Request-Id", "<script>"); strings.Contains(a.header.Get("X-Request-Id"), "<") {
		t.Errorf("request id taken as it came: %v", a.header)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
		if got := zh.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if zh.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("CORS is on")
	}
}
