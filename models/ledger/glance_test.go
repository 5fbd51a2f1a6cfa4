package ledger_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/discharge"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// TestFiguresOfClasses: what stands for an entry is a number that every version of its
// class has, in one unit, so that entries of several versions can be added up.
func TestFiguresOfClasses(t *testing.T) {
	some := 0
	for _, c := range ledger.Embedded().Classes() {
		f, has := c.Figure()
		if !has {
			continue
		}
		some++
		for v := 1; v <= c.Version; v++ {
			old, known := ledger.Embedded().At(c.Code, v)
			if g, _ := old.Figure(); !known || g.Name != f.Name || g.Unit != f.Unit || g.Type != "decimal" && g.Type != "integer" {
				t.Errorf("%s version %d has %+v for %s in %s", c.Code, v, g, f.Name, f.Unit)
			}
		}
	}
	if some != 19 {
		t.Errorf("%d classes have a figure", some)
	}
}

// TestGlanceAndSums: what a list shows beside the heads is what the last filing says, and
// its sums are those of all its rows: what stands is added up, exactly, and what was
// given back, corrected or taken out is counted only; nothing of another park is in them.
func TestGlanceAndSums(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		w.plates(t, w.BaoanA.Outlet)
		file := func(who context.Context, p dbtest.Place, day string, payload json.RawMessage) ledger.Record {
			in := w.input(p, payload)
			in.Day = day
			return ok(w.svc.File(who, ok(w.svc.Create(who, "", in))(t).ID, 0))(t)
		}
		ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t)
		file(w.Firm(w.Longgang), w.Longgang, "2026-11-23", content("treated", `"7"`))
		exceeded := file(firm, w.BaoanA, "2026-11-23", content("treated", `"0.0001"`, "readings", `[{"pollutant":"w01018","value":"38"},{"pollutant":"w20122","value":"2"},{"pollutant":"w20121","value":"5"}]`))
		file(firm, w.BaoanA, "2026-11-20", content("treated", `"999999999999.5"`)) // long afterwards
		for range 9 {                                                              // as they are kept, × 10^6, ten do not fit into 64 bits
			file(firm, w.BaoanA, "2026-11-23", content("treated", `"999999999999.5"`))
		}
		back := file(firm, w.BaoanA, "2026-11-23", content("treated", `"100"`))
		ok(w.svc.Return(park, back.ID, 0, because))(t)
		mended := file(firm, w.BaoanA, "2026-11-23", content("treated", `"1"`, "readings", `[{"pollutant":"w20121","value":"5"}]`))
		ok(w.svc.Return(park, mended.ID, 0, because))(t)
		ok(w.svc.Update(firm, mended.ID, 0, func(r ledger.Revision) (ledger.Revision, error) {
			r.Payload = content("treated", `"1"`)
			return r, nil
		}))(t)
		ok(w.svc.File(firm, mended.ID, 0))(t)
		amended := file(firm, w.BaoanA, "2026-11-23", content("treated", `"200"`))
		a := ok(w.svc.Amend(firm, amended.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: content("treated", `"3"`)}))(t)
		ok(w.svc.File(firm, a.ID, 0))(t)

		f := ledger.Filter{Class: wastewater}
		page := ok(w.svc.List(park, f, models.Query{Limit: 50, Exact: true}))(t)
		got := ok(w.svc.Sums(park, f))(t)
		want := ledger.Sums{Count: *page.Total, InTime: 14, Late: 1, Backfilled: 1, Returned: 1, Exceeded: 2}
		figure := got.Figure
		got.Figure = nil
		if got != want || figure == nil || figure.Value != "9999999999999.0001" || figure.Unit != "m3" {
			t.Errorf("adds up to %+v %+v, want %+v", got, figure, want)
		}
		if all := ok(w.svc.Sums(park, ledger.Filter{}))(t); all.Figure != nil || all.Count != *page.Total {
			t.Errorf("of no one class it adds up %+v", all)
		}
		if none := ok(w.svc.Sums(park, ledger.Filter{Class: "park.training"}))(t); none != (ledger.Sums{}) {
			t.Errorf("nothing adds up to %+v", none)
		}
		glances := ok(w.svc.Glances(park, page.Items))(t)
		for _, r := range page.Items {
			g := glances[r.ID]
			if !strings.HasPrefix(g.Object, w.BaoanA.Facility.Code) || (g.Figure == nil) != (r.State == ledger.Draft) {
				t.Errorf("%s shows %+v", r.State, g)
			}
			if is := r.ID == exceeded.ID; is != (g.Verdict == discharge.Exceeded) || is && !slices.Equal(g.Over, []string{"w20122", "w20121"}) {
				t.Errorf("%s shows the verdict %+v", r.Number, g)
			}
			if r.ID == a.ID && g.Figure.Value != "3" {
				t.Errorf("the amendment shows %+v", g.Figure)
			}
		}
	})
}
