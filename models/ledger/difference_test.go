package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// version is one filing in a chain of amendments, and what it says of the fields that change.
type version struct {
	entry  models.ID
	number int
	says   map[string]string // by part and pointer; what it does not say is not there
}

// differs is what two versions say differently, in the order of Compare.
func differs(a, b version) []string {
	var out []string
	for _, field := range []string{"payload/cause", "payload/inflow", "payload/readings/3/pollutant", "payload/readings/3/value", "entry/attachments/0", "entry/attachments/1", "entry/occurredAt"} {
		if a.says[field] != b.says[field] {
			out = append(out, fmt.Sprintf("%s: %s → %s", field, a.says[field], b.says[field]))
		}
	}
	return out
}

// TestAnyTwoVersions compares every filing of an entry, of its amendment and of the
// amendment of that one with every other, in both directions.
func TestAnyTwoVersions(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		svc := w.attachments(t)
		one, two := w.upload(t, svc, firm, w.BaoanA, 1), w.upload(t, svc, firm, w.BaoanA, 2)
		var all []version
		filed := func(id models.ID, says ...string) {
			t.Helper()
			r := ok(w.svc.File(firm, id, 0))(t)
			v := version{entry: r.ID, number: r.Filings, says: map[string]string{}}
			for i := 0; i < len(says); i += 2 {
				v.says[says[i]] = says[i+1]
			}
			all = append(all, v)
		}
		put := func(id models.ID, change func(*ledger.Input)) {
			t.Helper()
			r := ok(w.svc.Get(firm, id))(t)
			ok(w.svc.Update(firm, id, r.Version, func(in ledger.Revision) (ledger.Revision, error) { change(&in.Input); return in, nil }))(t)
		}
		reading := `[{"pollutant":"w01001","value":"7.2"},{"pollutant":"w01018","value":"38.0"},{"pollutant":"w20121","value":"<0.05"},{"pollutant":"w20111","value":"ND"}]`
		sum := func(of interface{ Sum() string }) string { return fmt.Sprintf("%q", of.Sum()) }
		in := w.input(w.BaoanA, content("inflow", `"401"`))
		in.Attachments, in.OccurredAt = ids(one), "2026-11-23T08:00:00+08:00"
		first := ok(w.svc.Create(firm, "", in))(t).ID
		eight, nine := `"2026-11-23T08:00:00+08:00"`, `"2026-11-23T09:00:00+08:00"`
		filed(first, "payload/inflow", `"401"`, "entry/attachments/0", sum(one), "entry/occurredAt", eight)
		ok(w.svc.Return(park, first, 0, because))(t)
		put(first, func(in *ledger.Input) { in.Payload = content("inflow", `"402"`, "cause", `"抄表有误"`) })
		filed(first, "payload/inflow", `"402"`, "payload/cause", `"抄表有误"`, "entry/attachments/0", sum(one), "entry/occurredAt", eight)
		second := ok(w.svc.Amend(firm, first, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: content("inflow", `"403"`, "readings", reading)}))(t).ID
		filed(second, "payload/inflow", `"403"`, "payload/readings/3/pollutant", `"w20111"`, "payload/readings/3/value", `"ND"`, "entry/attachments/0", sum(one), "entry/occurredAt", eight)
		ok(w.svc.Return(park, second, 0, because))(t)
		put(second, func(in *ledger.Input) { in.Attachments = ids(two, one); in.Payload = content("inflow", `"404"`) })
		filed(second, "payload/inflow", `"404"`, "entry/attachments/0", sum(two), "entry/attachments/1", sum(one), "entry/occurredAt", eight)
		third := ok(w.svc.Amend(firm, second, "", 0, ledger.AmendInput{Reason: because.Reason, Attachments: ids(two), OccurredAt: "2026-11-23T09:00:00+08:00"}))(t).ID
		filed(third, "payload/inflow", `"404"`, "entry/attachments/0", sum(two), "entry/occurredAt", nine)

		compared := 0
		for _, a := range all {
			for _, b := range all {
				diff := ok(w.svc.Compare(park, b.entry, ledger.Between{FromEntry: string(a.entry), From: a.number, To: b.number}))(t)
				var got []string
				for _, d := range diff {
					got = append(got, fmt.Sprintf("%s%s: %s → %s", d.In, d.Pointer, d.Before, d.After))
					if d.LabelZh == "" || d.LabelEn == "" {
						t.Errorf("%s has no label", d.Pointer)
					}
				}
				if want := differs(a, b); !slices.Equal(got, want) {
					t.Errorf("from filing %d to filing %d:\n%v\nwant\n%v", a.number, b.number, got, want)
				}
				compared++
			}
		}
		if compared != 25 {
			t.Errorf("%d pairs were compared", compared)
		}
		// Without numbers it is the last filing of each.
		last := ok(w.svc.Compare(park, third, ledger.Between{FromEntry: string(first)}))(t)
		if len(last) != len(differs(all[1], all[4])) {
			t.Errorf("the original beside the second amendment: %v", last)
		}

		stranger := w.in(t, ledger.Filed)
		foreign := ok(w.svc.Create(w.Firm(w.Longgang), "", w.input(w.Longgang, content())))(t)
		for name, c := range map[string]struct {
			b    ledger.Between
			code fault.Code
		}{
			"an entry of another day":         {ledger.Between{FromEntry: string(stranger.ID)}, fault.Malformed},
			"an entry of another park":        {ledger.Between{FromEntry: string(foreign.ID)}, fault.NotFound},
			"no entry":                        {ledger.Between{FromEntry: string(models.NewID())}, fault.NotFound},
			"no id":                           {ledger.Between{FromEntry: "x"}, fault.Malformed},
			"a filing that the other has not": {ledger.Between{FromEntry: string(first), From: 3}, fault.NotFound},
		} {
			if _, err := w.svc.Compare(park, third, c.b); fault.CodeOf(err) != c.code {
				t.Errorf("%s is answered %v, want %s", name, err, c.code)
			}
		}
	})
}
