package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// packedFrom opens a page as a browser that names what it takes, and gives what came
// over the wire.
func (b *browser) packedFrom(path, takes, from string) shown {
	b.t.Helper()
	header := []string{"Accept-Encoding", takes}
	if from != "" {
		header = append(header, "Sec-Fetch-Site", from)
	}
	return b.send("GET", path, nil, header...)
}

// testPacked: a page travels by gzip where the browser takes it and no other site made
// it ask, and is the same page then.
func testPacked(t *testing.T, w *world) { // S-OUT4
	b := w.browser().signIn("park-a")
	b.get("/p?lang=en") // a choice that is answered by a cookie, once
	for _, c := range []struct {
		takes, from string
		packed      bool
	}{
		{"gzip", "same-origin", true}, {"gzip", "none", true}, {"gzip", "", true}, {"br, GZIP;q=0.5", "", true},
		{"identity", "same-origin", false}, {"", "same-origin", false}, {"gzip;q=0", "", false}, {"gzip;q=0.000, br", "", false}, {"gzip;q=much", "", false},
		{"gzip", "cross-site", false}, {"gzip", "same-site", false},
	} {
		for _, path := range []string{"/p", "/search?q=TW", "/ledger/" + string(w.entry), "/nowhere"} {
			got := b.packedFrom(path, c.takes, c.from)
			if is := got.header.Get("Content-Encoding") == "gzip"; is != c.packed {
				t.Errorf("%s, taking %q from %q: packed %v", path, c.takes, c.from, is)
				continue
			}
			if vary := got.header.Get("Vary"); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Sec-Fetch-Site") || !strings.Contains(vary, "Cookie") {
				t.Errorf("%s varies by %q", path, vary)
			}
			if said := got.header.Get("Content-Length"); said != strconv.Itoa(len(got.text)) {
				t.Errorf("%s says %s bytes of %d", path, said, len(got.text))
			}
			if text := got.text; c.packed && (len(text) > 7000 || !strings.Contains(unpacked(t, text), "</html>")) || !c.packed && !strings.Contains(text, "</html>") {
				t.Errorf("%s, taking %q, is no page of %d bytes", path, c.takes, len(text))
			}
		}
	}
	if got := b.packedFrom("/import/template/treatmentFacility.wastewater", "gzip", "same-origin"); got.status != http.StatusOK || got.header.Get("Content-Encoding") != "" {
		t.Errorf("a workbook, which is packed by itself: %d %q", got.status, got.header.Get("Content-Encoding"))
	}
}

func unpacked(t *testing.T, text string) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader([]byte(text)))
	must(t, err)
	all, err := io.ReadAll(r)
	must(t, err)
	return string(all)
}

// testMaskedPages: what vouches for the forms is another text in each page that is
// opened, the same in all forms of one page, and every one of them counts.
func testMaskedPages(t *testing.T, w *world) { // S-AU8, S-OUT4
	b := w.browser().signIn("park-a")
	seen := map[string]bool{}
	for range 3 {
		page := b.get("/me")
		one := page.form(t)
		for _, m := range formToken.FindAllStringSubmatch(page.text, -1) {
			if m[1] != one {
				t.Error("two forms of one page carry two tokens")
			}
		}
		if seen[one] {
			t.Error("two pages carry the same token")
		}
		seen[one] = true
	}
	for token := range seen {
		if got := b.send("POST", "/me/size", url.Values{"form": {token}, "size": {""}}); got.status != http.StatusSeeOther {
			t.Errorf("an earlier page's form: %d", got.status)
		}
	}
	if other := w.browser().signIn("park-a").get("/me").form(t); b.send("POST", "/me/size", url.Values{"form": {other}, "size": {""}}).status != http.StatusForbidden {
		t.Error("a form of another sign-in counts")
	}
}
