package main

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"parkregistry/models"
	"parkregistry/models/inspection"
)

// TestDraw: whoever holds the published answer draws again without a database, and
// finds what was altered.
func TestDraw(t *testing.T) {
	const seed = "排列五 2026-11-24 41907"
	lists := inspection.Lists{Count: 3, Units: []inspection.Unit{}, Officers: []inspection.Drawn{}, Recusals: []inspection.Recusal{}}
	for range 12 {
		lists.Units = append(lists.Units, inspection.Unit{SiteID: models.NewID(), EnterpriseID: models.NewID(), ParkID: models.NewID(), Jurisdiction: "baoan", Key: true})
	}
	for range 4 {
		lists.Officers = append(lists.Officers, inspection.Drawn{UserID: models.NewID(), Jurisdiction: "baoan"})
	}
	published := func(change func(*publishedDraw)) string {
		said := seed
		d := publishedDraw{Number: "DR-2026-000001", Seed: &said, Lists: lists}
		d.Lists.Units = append([]inspection.Unit{}, lists.Units...)
		d.Digest = hex.EncodeToString(lists.Digest())
		for _, lot := range lists.Draw(seed) {
			d.Tasks = append(d.Tasks, drawnLot{lot.Place, lot.Unit.SiteID, []models.ID{lot.First, lot.Second}})
		}
		if change != nil {
			change(&d)
		}
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return stored(t, "draw.json", string(text))
	}
	other := "排列五 2026-11-25 00000"
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"as published", []string{published(nil)}, exitDone, "ok: DR-2026-000001, 3 units"},
		{"as JSON", []string{published(nil), "--json"}, exitDone, `"ok": true`},
		{"with the seed that the lottery published", []string{published(nil), "--seed", seed}, exitDone, "ok: "},
		{"with another seed", []string{published(nil), "--seed", other}, exitFailed, "not the one that was given"},
		{"another seed in the file", []string{published(func(d *publishedDraw) { d.Seed = &other })}, exitFailed, "do not come out again"},
		{"a unit taken off the list", []string{published(func(d *publishedDraw) { d.Lists.Units = d.Lists.Units[1:] })}, exitFailed, "the lists were altered"},
		{"another officer sent", []string{published(func(d *publishedDraw) { d.Tasks[1].Officers[0] = models.NewID() })}, exitFailed, "do not come out again"},
		{"a unit left out", []string{published(func(d *publishedDraw) { d.Tasks = d.Tasks[:2] })}, exitFailed, "do not come out again"},
		{"not drawn yet", []string{published(func(d *publishedDraw) { d.Seed = nil })}, exitFailed, "no seed"},
		{"no draw", []string{stored(t, "x", "{}")}, exitFailed, "not a whole draw"},
		{"no file", []string{t.TempDir() + "/none"}, exitUsage, "none"},
	} {
		if code, out := answers(t, append([]string{"draw"}, c.args...)...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, want %d with %q: %s", c.name, code, c.code, c.says, out)
		}
	}
}
