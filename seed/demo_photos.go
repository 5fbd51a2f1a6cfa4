package seed

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"parkregistry/models/files"
	"parkregistry/models/inspection"
)

// pictures are how many different photographs the demonstration has.
const pictures = 6

// takePhotos keeps the made-up photographs that rectifications show.
func (c *city) takePhotos(store *files.Store) error {
	if store == nil {
		return errors.New("the demonstration needs a store for its photographs")
	}
	for n := range pictures {
		content, err := photograph(n)
		if err != nil {
			return err
		}
		a, err := store.Take(content, fmt.Sprintf("示例整改照片%d.png", n+1))
		if err != nil {
			return fmt.Errorf("photographs of the demonstration: %w", err)
		}
		c.photos = append(c.photos, a)
	}
	return nil
}

// photograph is a picture of coloured bands: nobody takes it for a real one.
func photograph(n int) ([]byte, error) {
	m := image.NewPaletted(image.Rect(0, 0, 320, 240), color.Palette{color.RGBA{0xee, 0xf2, 0xf5, 0xff}, color.RGBA{0x0b, 0x6e, 0x4f, 0xff}, color.RGBA{0x9a, 0xb8, 0xc9, 0xff}})
	for y := range 240 {
		for x := range 320 {
			m.SetColorIndex(x, y, uint8((x/(20+8*n)+y/(30+5*n))%3))
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, m)
	return b.Bytes(), err
}

// proof brings one of the photographs for the finding, as who hands it in.
func (t *track) proof(to inspection.By) files.Attachment {
	c := t.c
	a := c.photos[len(c.rounds.photos)%len(c.photos)]
	a.ID, a.ChangeID, a.Placed = c.id(t.at), c.id(t.at), t.head.Placed
	a.OwnerKind, a.OwnerID, a.UploadedBy, a.UploadedAt = "finding", &t.head.ID, to.User, t.at
	c.change(a.Event(), a.ChangeID, to.User, t.at)
	c.rounds.photos = append(c.rounds.photos, a)
	return a
}
