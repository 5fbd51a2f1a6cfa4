package ledger_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
)

// over is the content of an entry with one reading below its limit and two above, one
// of them nickel at more than ten times what the standard allows.
var over = content("readings", `[{"pollutant":"w01018","value":"38"},{"pollutant":"w20122","value":"2"},{"pollutant":"w20121","value":"5"}]`)

// listed are the readings that the list of exceedances has, as "day path", in its order.
func (w world) listed(t testing.TB, f ledger.ExceedanceFilter, limit int) []string {
	t.Helper()
	var out []string
	q := models.Query{Limit: limit, Exact: true}
	for {
		page := ok(w.svc.Exceedances(w.ParkManager(w.BaoanA), f, q))(t)
		for _, x := range page.Items {
			if x.Finding.Verdict != discharge.Exceeded || x.Finding.Path != x.Path || len(x.Finding.Set.Candidates) == 0 || x.Entry.ID != x.EntryID || x.Entry.TitleZh == "" || x.FiledAt.IsZero() {
				t.Errorf("a row without its judgement or its entry: %+v", x)
			}
			out = append(out, fmt.Sprint(x.Day, " ", x.Path))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			if int64(len(out)) != *page.Total {
				t.Errorf("%+v counts %d and lists %d", f, *page.Total, len(out))
			}
			return out
		}
	}
}

// TestExceedances: what was over its limit in filings that stand is listed, each reading
// once, by scope, page by page; what was given back, corrected or taken out is not, but
// when it is asked for. A batch writes the same rows as one filing does.
func TestExceedances(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		w.plates(t, w.BaoanA.Outlet)
		on := func(day code.Day, payload json.RawMessage) ledger.Input {
			in := w.input(w.BaoanA, payload)
			in.Day = string(day)
			return in
		}
		file := func(day code.Day) ledger.Record {
			return ok(w.svc.File(firm, ok(w.svc.Create(firm, "", on(day, over)))(t).ID, 0))(t)
		}
		file("2026-11-20")
		ok(w.svc.File(firm, ok(w.svc.Create(firm, "", on("2026-11-20", content())))(t).ID, 0))(t) // nothing over
		ok(w.svc.Create(firm, "", on("2026-11-20", over)))(t)                                     // a draft is judged for its warnings only
		ok(w.svc.Batch(firm, ledger.EntriesInput{Mode: ledger.Atomic, Entries: []ledger.EntryInput{{Input: on("2026-11-21", over), File: true}}}))(t)
		returned, amended, voided := file("2026-11-22"), file("2026-11-22"), file("2026-11-22")
		const copper, nickel = "/readings/1/value", "/readings/2/value"
		rows := func(days ...string) (out []string) {
			for _, day := range days {
				out = append(out, day+" "+copper, day+" "+nickel)
			}
			slices.Sort(out)
			return out
		}
		same := func(name string, got, want []string) {
			t.Helper()
			days := slices.Clone(got)
			if slices.Sort(days); !slices.Equal(days, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		same("as filed", w.listed(t, ledger.ExceedanceFilter{}, 3), rows("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-22", "2026-11-22"))
		if got := w.listed(t, ledger.ExceedanceFilter{}, 1); got[0][:10] != "2026-11-22" || got[len(got)-1][:10] != "2026-11-20" {
			t.Errorf("one by one, the newest do not come first: %v", got)
		}

		ok(w.svc.Return(park, returned.ID, 0, because))(t)
		ok(w.svc.Void(firm, voided.ID, 0, because))(t)
		change := ok(w.svc.Amend(firm, amended.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: content()}))(t)
		same("an amendment that is a draft", w.listed(t, ledger.ExceedanceFilter{From: "2026-11-22"}, 9), rows("2026-11-22"))
		ok(w.svc.File(firm, change.ID, 0))(t)
		same("corrected, returned, voided", w.listed(t, ledger.ExceedanceFilter{}, 3), rows("2026-11-20", "2026-11-21"))
		same("all of them", w.listed(t, ledger.ExceedanceFilter{All: true}, 4), rows("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-22", "2026-11-22"))
		ok(w.svc.File(firm, returned.ID, 0))(t) // with the same readings: those of the second filing stand
		same("filed again", w.listed(t, ledger.ExceedanceFilter{From: "2026-11-22"}, 3), rows("2026-11-22"))

		p := w.BaoanA
		for name, c := range map[string]struct {
			f    ledger.ExceedanceFilter
			want []string
		}{
			"copper":           {ledger.ExceedanceFilter{Pollutant: "w20122", To: "2026-11-20"}, []string{"2026-11-20 " + copper}},
			"grave":            {ledger.ExceedanceFilter{Grave: true, To: "2026-11-20"}, []string{"2026-11-20 " + nickel}},
			"park and firm":    {ledger.ExceedanceFilter{ParkID: string(p.Park.ID), EnterpriseID: string(p.Enterprise.ID), To: "2026-11-20"}, rows("2026-11-20")},
			"site, works":      {ledger.ExceedanceFilter{SiteID: string(p.Site.ID), FacilityID: string(p.Facility.ID), To: "2026-11-20"}, rows("2026-11-20")},
			"outlet and class": {ledger.ExceedanceFilter{OutletID: string(p.Outlet.ID), Class: wastewater, To: "2026-11-20"}, rows("2026-11-20")},
			"another outlet":   {ledger.ExceedanceFilter{OutletID: string(w.BaoanB.Outlet.ID)}, nil},
			"another works":    {ledger.ExceedanceFilter{FacilityID: string(p.Own.ID)}, nil},
			"another class":    {ledger.ExceedanceFilter{Class: "monitoring.manual"}, nil},
		} {
			same(name, w.listed(t, c.f, 5), c.want)
		}
		if page := ok(w.svc.Exceedances(w.ParkManager(w.BaoanB), ledger.ExceedanceFilter{All: true}, models.Query{Limit: 5, Exact: true}))(t); *page.Total != 0 {
			t.Errorf("another park sees %d", *page.Total)
		}
		counts := ok(ledger.CountExceedances(park, w.DB, "", "2026-11-21"))(t)
		if len(counts) != 1 || counts[p.Park.ID] != 4 {
			t.Errorf("the parks count %v, want 4 in one", counts)
		}
	})
}

// TestVerifyFindsExceedances: a row that was taken out of the index, added to it or
// altered past the triggers is found.
func TestVerifyFindsExceedances(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		w.plates(t, w.BaoanA.Outlet)
		ok(w.svc.File(firm, ok(w.svc.Create(firm, "", w.input(w.BaoanA, over)))(t).ID, 0))(t)
		w.sequence(t)
		sound := func() bool {
			t.Helper()
			return ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: ledger.Verifiable()}))(t).Bad == nil
		}
		if !sound() {
			t.Fatal("untouched, something is bad")
		}
		unfreeze := []string{"ALTER TABLE ledger_exceedances DISABLE TRIGGER USER"}
		if w.DB.Engine == models.SQLite {
			unfreeze = []string{"DROP TRIGGER ledger_exceedances_update", "DROP TRIGGER ledger_exceedances_delete"}
		}
		for _, s := range append(unfreeze, "CREATE TABLE kept_rows AS SELECT * FROM ledger_exceedances") {
			ok(w.DB.SQL().Exec(s))(t)
		}
		for _, change := range []string{"DELETE FROM ledger_exceedances WHERE grave", "UPDATE ledger_exceedances SET grave = NOT grave", "UPDATE ledger_exceedances SET pollutant = 'w01018'", "UPDATE ledger_exceedances SET path = '/readings/0/value' WHERE grave"} {
			ok(w.DB.SQL().Exec(change))(t)
			if sound() {
				t.Errorf("after %s nothing is bad", change)
			}
			ok(w.DB.SQL().Exec("DELETE FROM ledger_exceedances"))(t)
			ok(w.DB.SQL().Exec("INSERT INTO ledger_exceedances SELECT * FROM kept_rows"))(t)
			if !sound() {
				t.Fatalf("%s could not be undone", change)
			}
		}
	})
}
