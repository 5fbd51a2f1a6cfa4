package api_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// pdf is a document, different for each n.
func pdf(n int) string { return fmt.Sprintf("%%PDF-1.4\n%% %d\nstartxref\n9\n%%%%EOF\n", n) }

// attached stores a document that is attached to the draft of a place.
func (w *world) attached(p place) string {
	w.t.Helper()
	ctx := w.Firm(p.Place)
	in, err := w.files.Receive(ctx, strings.NewReader(pdf(0)), "a.pdf", "")
	if err != nil {
		w.t.Fatal(err)
	}
	defer in.Discard()
	a, err := w.files.Upload(ctx, "", files.UploadInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID)}, in)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.DB.Write(ctx, func(tx *models.Tx) error {
		_, err := files.Attach(tx, policies.LedgerCreate, files.Owner{Kind: "ledger", ID: models.ID(p.rows["ledgers"]), Place: p.Site.Place()}, []models.ID{a.ID})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(a.ID)
}

// photo is a small picture with a word of the camera's in it.
func photo(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 7))); err != nil {
		t.Fatal(err)
	}
	text := "\x00\x00\x00\x0ctEXtAuthor\x00Zhang"
	text += string(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text[4:]))))
	at := strings.Index(b.String(), "IDAT") - 4
	return b.String()[:at] + text + b.String()[at:]
}

// form is a multipart body: pairs of field and value, then the file.
func form(t *testing.T, name, media, content string, fields ...string) (string, string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="file"; filename="%s"`, name)}, "Content-Type": {media}}
	part, err := m.CreatePart(h)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), m.FormDataContentType()
}

// TestAttachmentsOverHTTP: both ways to bring a file, what is refused and how, and
// what a reader is sent.
func TestAttachmentsOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		p := place{Place: w.BaoanA}
		query := "?parkId=" + string(p.Park.ID) + "&siteId=" + string(p.Site.ID)
		picture := photo(t)
		raw := w.want(w.call("firm-a", "POST", "/attachments"+query+"&name=%E7%85%A7%E7%89%87.png", picture, "Content-Type", "image/png"), 201, "the file itself")
		if raw.text("name") != "照片.png" || raw.text("mediaType") != "image/png" || raw.at("width") != 9.0 || raw.at("ownerId") != nil || raw.at("warnings") == nil {
			t.Errorf("it is %s", raw.raw)
		}
		body, media := form(t, "凭证.pdf", "application/pdf", pdf(7), "parkId", string(p.Park.ID), "siteId", string(p.Site.ID))
		key := []string{"Content-Type", media, "Idempotency-Key", "a-file"}
		formed := w.want(w.call("firm-a", "POST", "/attachments", body, key...), 201, "in a form")
		if again := w.want(w.call("firm-a", "POST", "/attachments", body, key...), 201, "the same key"); again.text("id") != formed.text("id") || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("the same key brought another: %s", again.raw)
		}
		other, media2 := form(t, "凭证.pdf", "application/pdf", pdf(8), "parkId", string(p.Park.ID), "siteId", string(p.Site.ID))
		w.want(w.call("firm-a", "POST", "/attachments", other, "Content-Type", media2, "Idempotency-Key", "a-file"), 422, "the same key with another file")

		lie, lies := form(t, "报告.pdf", "application/pdf", picture, "parkId", string(p.Park.ID))
		extra, extras := form(t, "a.png", "image/png", picture, "parkId", string(p.Park.ID), "colour", "red")
		doubled, doubles := form(t, "a.png", "image/png", picture, "parkId", string(p.Park.ID), "parkId", string(p.Park.ID))
		for _, c := range []struct {
			what, media, query, content string
			status                      int
			pointer                     string
		}{
			{"a page that says it is a picture", "image/png", query, "<html><script>alert(1)</script>", 422, "/file"},
			{"a picture called a document", lies, "", lie, 422, "/file"},
			{"a picture declared as another", "image/jpeg", query, picture, 422, "/file"},
			{"half a picture", "image/png", query, picture[:60], 422, "/file"},
			{"nothing", "image/png", query, "", 422, "/file"},
			{"a type that is not taken", "text/html", query, "<html>", 415, ""},
			{"no park", "image/png", "", picture, 422, "/parkId"},
			{"no park that is one", "image/png", "?parkId=x", picture, 400, "/query/parkId"},
			{"another park", "image/png", "?parkId=" + string(w.Longgang.Park.ID) + "&siteId=" + string(w.Longgang.Site.ID), picture, 404, ""},
			{"the park's own, by a firm", "image/png", "?parkId=" + string(p.Park.ID), picture, 404, ""},
			{"an unknown field", extras, "", extra, 400, "/colour"},
			{"a field twice", doubles, "", doubled, 400, "/parkId"},
			{"no form", "multipart/form-data; boundary=x", "", "--x\r\n", 400, ""},
			{"an unknown parameter", "image/png", query + "&colour=red", picture, 400, ""},
			{"too much", "application/pdf", query, pdf(1) + strings.Repeat(" ", 31<<20), 413, ""},
			{"a picture over its limit", "image/png", query, picture + strings.Repeat("x", 16<<20), 413, ""},
		} {
			a := w.call("firm-a", "POST", "/attachments"+c.query, c.content, "Content-Type", c.media)
			if a.status != c.status || !strings.Contains(string(a.raw), c.pointer) {
				t.Errorf("%s: %d, want %d at %s: %s", c.what, a.status, c.status, c.pointer, a.raw)
			}
		}

		day := string(db.Today().Add(-1))
		entry := entryBody(p, day)
		entry["attachments"] = []any{raw.text("id")}
		draft := w.want(w.call("firm-a", "POST", "/ledgers", entry), 201, "a draft that names it")
		if draft.text("attachments.0.sha256") != raw.text("sha256") {
			t.Errorf("the draft is %s", draft.raw)
		}
		w.want(w.call("firm-a", "POST", "/ledgers/"+draft.text("id")+"/filing", nil), 200, "filing")
		if f := w.want(w.call("park-a", "GET", "/ledgers/"+draft.text("id")+"/filings", nil), 200, "the filings"); f.text("items.0.attachments.0.sha256") != raw.text("sha256") {
			t.Errorf("the filing is %s", f.raw)
		}
		path := "/attachments/" + raw.text("id")
		w.want(w.call("park-b", "GET", path+"/content", nil), 404, "a reader of another park")
		w.want(w.call("park-a", "GET", "/attachments/"+formed.text("id"), nil), 404, "what is attached to nothing")
		shown := w.want(w.call("analyst", "GET", path+"/content", nil), 200, "the content")
		if !strings.HasPrefix(string(shown.raw), "\x89PNG") || strings.Contains(string(shown.raw), "Zhang") {
			t.Errorf("the copy holds %q", shown.raw)
		}
		for name, want := range map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'",
			"Content-Disposition": `attachment; filename="__.png"; filename*=UTF-8''%E7%85%A7%E7%89%87.png`, "Cache-Control": "no-store"} {
			if got := shown.header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		w.want(w.call("analyst", "GET", path+"/original", nil), 403, "the original, for whoever only reads")
		whole := w.want(w.call("park-a", "GET", path+"/original", nil), 200, "the original")
		if string(whole.raw) != picture || whole.header.Get("Repr-Digest") == "" || whole.header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
			t.Errorf("the original is %d bytes, %v", len(whole.raw), whole.header)
		}
	})
}
