package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// packed is a text by gzip, made once.
func packed(content string) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that there is
	_, _ = w.Write([]byte(content))                       // into memory
	_ = w.Close()
	return b.Bytes()
}

// quick packs what is made anew for each visitor: the level that costs a page less than
// filling its template did. A writer is large, so it is used again.
var quick = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that there is
	return w
}}

// sendHTML answers with a page, by gzip where the browser takes it and no other site made
// it ask: then nobody who watches lengths can choose what stands in the page beside what
// it holds (docs/adr/0040-pages-by-gzip.md).
func sendHTML(c *gin.Context, status int, page []byte) {
	c.Header("Vary", "Accept-Language, Cookie, Accept-Encoding, Sec-Fetch-Site")
	send(c, status, page, !askedByOthers(c.Request))
}

// sendOpen answers with a page that is the same for everybody, by what vary names.
func sendOpen(c *gin.Context, page []byte, vary string) {
	c.Header("Vary", vary)
	send(c, http.StatusOK, page, true)
}

func send(c *gin.Context, status int, page []byte, mayPack bool) {
	if mayPack && takesGzip(c.GetHeader("Accept-Encoding")) {
		w := quick.Get().(*gzip.Writer)
		defer quick.Put(w)
		var b bytes.Buffer
		w.Reset(&b)
		_, _ = w.Write(page) // into memory
		_ = w.Close()
		c.Header("Content-Encoding", "gzip")
		page = b.Bytes()
	}
	c.Header("Content-Length", strconv.Itoa(len(page)))
	c.Data(status, "text/html; charset=utf-8", page)
}

// askedByOthers reports whether the browser says that a page of another site led here.
func askedByOthers(r *http.Request) bool {
	from := r.Header.Get("Sec-Fetch-Site")
	return from == "cross-site" || from == "same-site"
}

// takesGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip counts where it is named and
// not refused by a weight of nothing.
func takesGzip(accept string) bool {
	for one := range strings.SplitSeq(accept, ",") {
		name, weight, weighed := strings.Cut(one, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, q, _ := strings.Cut(weight, "=")
		n, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !weighed || err == nil && n > 0
	}
	return false
}
