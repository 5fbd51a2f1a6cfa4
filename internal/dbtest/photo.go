package dbtest

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"testing"

	"parkregistry/models"
	"parkregistry/models/files"
)

// PNG is a small picture, another one for each n.
func PNG(t testing.TB, n int) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = uint8(n * (i + 1))
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Photo is PNG n, brought by the caller of ctx to a place: an attachment that a
// rectification can name.
func Photo(t testing.TB, ctx context.Context, db *models.DB, at models.Placed, n int) (models.ID, error) {
	t.Helper()
	store, err := files.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	svc := files.New(db, store)
	in, err := svc.Receive(ctx, bytes.NewReader(PNG(t, n)), "整改后.png", "")
	if err != nil {
		return "", err
	}
	defer in.Discard()
	a, err := svc.Upload(ctx, "", files.UploadInput{ParkID: string(at.ParkID), SiteID: string(models.Deref(at.SiteID))}, in)
	return a.ID, err
}
