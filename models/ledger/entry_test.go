package ledger_test

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

func TestFiledIsFrozen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.in(t, ledger.Accepted)
		for _, statement := range []string{
			"UPDATE ledger_filings SET payload = '{}'", "DELETE FROM ledger_filings",
			"UPDATE ledger_steps SET kind = 'accepted'", "DELETE FROM ledger_steps",
			"UPDATE ledger_items SET scaled = 1", "DELETE FROM ledger_items",
			"UPDATE ledger_entries SET day = '2026-01-01'", "UPDATE ledger_entries SET facility_id = NULL", "UPDATE ledger_entries SET slot = 'x'",
			"UPDATE ledger_entries SET site_id = NULL", "UPDATE ledger_entries SET received_at = '2026-01-01 00:00:00+00:00'", "DELETE FROM ledger_entries",
		} {
			if _, err := w.DB.SQL().Exec(statement); !fault.Is(models.Fault(err), fault.Conflict) {
				t.Errorf("%s answered %v, want a refusal by the database", statement, err)
			}
		}
	})
}

func TestKeptAsEntered(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		payload := content("inflow", `"0412.50"`, "sludgeDestination", `"示例处置公司 "`)
		r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, payload)))(t)
		filed := ok(w.svc.File(firm, r.ID, 0))(t)
		if string(filed.Payload) != string(payload) {
			t.Errorf("answered %s", filed.Payload)
		}
		all := ok(w.svc.Filings(firm, r.ID))(t)
		if len(all) != 1 || all[0].Payload != string(payload) || all[0].LeafIndex != nil {
			t.Errorf("the filing is %+v", all)
		}
		if filed.LeafIndex != nil {
			t.Errorf("leaf index %d before the sequencer came by", *filed.LeafIndex)
		}
		w.sequence(t)
		if again := ok(w.svc.Get(firm, r.ID))(t); again.LeafIndex == nil || *again.LeafIndex != w.changes(t)-1 {
			t.Errorf("leaf index %v after sequencing %d changes", again.LeafIndex, w.changes(t))
		}
		if filed.Outputs["loadPercent"] != "82.0" || filed.Outputs["reusePercent"] != "24.4" {
			t.Errorf("computed %v, want load 82.0 of 500 m3/d and reuse 24.4", filed.Outputs)
		}
	})
}

func TestDraftMayBeIncompleteAFilingNot(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, json.RawMessage(`{"inflow":"1"}`))))(t)
		if v := at(t, r.Warnings, "/payload/treated"); v.Code != "required" {
			t.Errorf("the warning is %v", v)
		}
		_, err := w.svc.File(firm, r.ID, 0)
		want(t, err, fault.Invalid)
		at(t, violations(t, err), "/payload/treated")
		at(t, violations(t, err), "/payload/readings")

		in := w.input(w.BaoanA, content("readings", `[{"pollutant":"w01001","value":"17"}]`, "extra", "1"))
		in.Day, in.ParkID, in.Slot, in.OccurredAt = "2026-02-30", "x", "\u202e", "yesterday"
		_, err = w.svc.Create(firm, "", in)
		want(t, err, fault.Malformed)
		for _, pointer := range []string{"/payload/readings/0/value", "/payload/extra", "/day", "/parkId", "/slot", "/occurredAt"} {
			at(t, violations(t, err), pointer)
		}
		_, err = w.svc.Create(firm, "", ledger.Input{ParkID: string(w.BaoanA.Park.ID), Day: "2026-11-23", Class: wastewater + ".abnormal", Payload: json.RawMessage(`{}`)})
		want(t, err, fault.Invalid)
		at(t, violations(t, err), "/facilityId")
		at(t, violations(t, err), "/slot")
		_, err = w.svc.Create(firm, "", ledger.Input{ParkID: string(w.BaoanA.Park.ID), Day: "2026-11-23", Class: "nothing", Payload: json.RawMessage(`{}`)})
		at(t, violations(t, err), "/class")
	})
}

func TestExceedanceWarnsAndFiles(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		w.limit(t, "w01018", "", "50", "mg/L", "DB44/1597-2015")
		w.limit(t, "w01018", "", "80", "mg/L", "GB 21900-2008")
		w.limit(t, "w01001", "6", "9", "无量纲", "DB44/1597-2015")
		w.limit(t, "w20121", "", "0.1", "mg/L", "DB44/1597-2015")
		w.limit(t, "w20122", "", "300", "ug/L", "批复")
		w.limit(t, "w20117", "", "ND", "mg/L", "批复")
		readings := `[{"pollutant":"w01018","value":"61"},{"pollutant":"w01001","value":"5.8"},{"pollutant":"w20121","value":"<0.2"},{"pollutant":"w20122","value":"0.301"},{"pollutant":"w20121","value":"ND"},{"pollutant":"w20117","value":"ND"}]`
		r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, content("readings", readings, "treated", `"640"`, "reused", `"600"`))))(t)
		r = ok(w.svc.File(firm, r.ID, 0))(t)
		if r.State != ledger.Filed {
			t.Fatalf("the entry is %s", r.State)
		}
		for pointer, code := range map[string]string{"/payload/readings/0/value": "exceeded", "/payload/readings/1/value": "exceeded",
			"/payload/readings/2/value": "detectionLimit", "/payload/readings/3/value": "exceeded", "/payload/readings/5/value": "noDetectionLimit", "/payload/treated": "capacity",
			"/payload/discharged": "balance", "/payload/cause": "expected", "/payload/measure": "expected", "/payload/reported": "expected"} {
			if v := at(t, r.Warnings, pointer); v.Code != code {
				t.Errorf("%s warns %s, want %s", pointer, v.Code, code)
			}
		}
		if v := at(t, r.Warnings, "/payload/readings/0/value"); v.Rule != "DB44/1597-2015" || !strings.Contains(v.Detail.String(), "超过限值 50 mg/L") {
			t.Errorf("the strictest limit is not the one named: %v", v)
		}
		if len(r.Warnings) != 10 { // the capacity is the screen's
			t.Errorf("%d warnings, want 10: %v", len(r.Warnings), r.Warnings)
		}
		explained := content("readings", `[{"pollutant":"w01018","value":"61"}]`, "cause", `"来水冲击"`, "measure", `"切换应急池"`, "reported", "false")
		r = ok(w.svc.Create(firm, "", w.input(w.BaoanA, explained)))(t)
		if got := unscreened(r.Warnings); len(got) != 1 {
			t.Errorf("explained, it warns %v", r.Warnings)
		}
		if r = ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t); len(unscreened(r.Warnings)) != 0 {
			t.Errorf("an ordinary day warns %v", r.Warnings)
		}
	})
}

func TestWhereAndWhen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		both := w.holding(models.NewID(), clerkOf(w.BaoanA), clerkOf(w.BaoanB)) // sees what is named in either park
		change := func(in ledger.Input, f func(*ledger.Input)) ledger.Input { f(&in); return in }
		base := func() ledger.Input { return w.input(w.BaoanA, content()) }
		cases := []struct {
			name    string
			ctx     context.Context
			in      ledger.Input
			code    fault.Code
			pointer string
		}{
			{"the site follows from the facility", firm, change(base(), func(in *ledger.Input) { in.SiteID = "" }), "", ""},
			{"its outlet", firm, change(base(), func(in *ledger.Input) { in.OutletID = string(w.BaoanA.Outlet.ID) }), "", ""},
			{"tomorrow", firm, change(base(), func(in *ledger.Input) { in.Day = "2026-11-25" }), fault.Invalid, "/day"},
			{"today", firm, change(base(), func(in *ledger.Input) { in.Day = "2026-11-24" }), "", ""},
			{"a facility of another park", park, change(base(), func(in *ledger.Input) { in.FacilityID = string(w.BaoanB.Facility.ID) }), fault.NotFound, ""},
			{"a site of another park", park, change(base(), func(in *ledger.Input) { in.SiteID = string(w.BaoanB.Site.ID) }), fault.NotFound, ""},
			{"an outlet of another park", park, change(base(), func(in *ledger.Input) { in.OutletID = string(w.BaoanB.Outlet.ID) }), fault.NotFound, ""},
			{"a facility of one's other park", both, change(base(), func(in *ledger.Input) { in.FacilityID = string(w.BaoanB.Facility.ID) }), fault.NotFound, ""},
			{"the works of one's other park", both, change(w.own(w.BaoanA), func(in *ledger.Input) { in.FacilityID = string(w.BaoanB.Own.ID) }), fault.NotFound, ""},
			{"an outlet of one's other park", both, change(base(), func(in *ledger.Input) { in.OutletID = string(w.BaoanB.Outlet.ID) }), fault.NotFound, ""},
			{"a site of one's other park", both, change(base(), func(in *ledger.Input) { in.SiteID = string(w.BaoanB.Site.ID) }), fault.NotFound, ""},
			{"another park", firm, w.input(w.Longgang, content()), fault.NotFound, ""},
			{"a firm for its park", firm, w.own(w.BaoanA), fault.NotFound, ""},
			{"the park for itself", park, w.own(w.BaoanA), "", ""},
			{"the park's works under the firm", park, change(w.own(w.BaoanA), func(in *ledger.Input) { in.SiteID = string(w.BaoanA.Site.ID) }), fault.Invalid, "/facilityId"},
			{"a class for another kind of facility", firm, change(base(), func(in *ledger.Input) {
				in.Class, in.Payload = "productionFacility.load", json.RawMessage(`{}`)
			}), fault.Invalid, "/facilityId"},
			{"no object where one is asked for", firm, change(base(), func(in *ledger.Input) { in.FacilityID = "" }), fault.Invalid, "/facilityId"},
			{"before the firm moved in", firm, change(base(), func(in *ledger.Input) { in.Day = "2021-12-31" }), "", "/day"},
			{"an unconfirmed place", w.Program(), ledger.Input{ParkID: string(w.Unnamed.ID), FacilityID: string(w.BaoanA.Facility.ID), Class: wastewater, Day: "2026-11-23", Payload: content()}, fault.Conflict, ""},
			{"an inspector edits no ledger", w.Inspector("baoan"), base(), fault.Denied, ""},
			{"nobody", context.Background(), base(), fault.Unauthenticated, ""},
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := w.changes(t)
				r, err := w.svc.Create(c.ctx, "", c.in)
				want(t, err, c.code)
				if err != nil && w.changes(t) != before {
					t.Error("the refusal left a change")
				}
				switch {
				case c.pointer != "" && err != nil:
					at(t, violations(t, err), c.pointer)
				case c.pointer != "":
					at(t, r.Warnings, c.pointer)
				case err == nil && (r.EnterpriseID == nil) != (c.in.SiteID == "" && c.in.FacilityID == string(w.BaoanA.Own.ID)):
					t.Errorf("the entry stands at enterprise %v", r.EnterpriseID)
				}
			})
		}
	})
}

func TestLateAndBackfilled(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		for _, c := range []struct {
			day              code.Day
			late, backfilled bool
		}{{"2026-11-24", false, false}, {"2026-11-23", false, false}, {"2026-11-22", true, false}, {"2026-11-21", true, false}, {"2026-11-20", true, true}} {
			in := w.input(w.BaoanA, content())
			in.Day, in.RecordedAt, in.OccurredAt = string(c.day), "2026-11-20T08:00:00+08:00", "2026-11-19T20:00:00+08:00"
			r := ok(w.svc.Create(firm, "", in))(t)
			if r.Late() || r.Backfilled() {
				t.Errorf("a draft about %s is late %v, backfilled %v", c.day, r.Late(), r.Backfilled())
			}
			r = ok(w.svc.File(firm, r.ID, 0))(t)
			if r.Late() != c.late || r.Backfilled() != c.backfilled {
				t.Errorf("filed on the 24th about %s: late %v, backfilled %v", c.day, r.Late(), r.Backfilled())
			}
			if !r.ReceivedAt.Equal(*w.now) || !r.RecordedAt.Equal(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)) || !r.OccurredAt.Equal(time.Date(2026, 11, 19, 12, 0, 0, 0, time.UTC)) {
				t.Errorf("the times are %v, %v, %v", r.OccurredAt, r.RecordedAt, r.ReceivedAt)
			}
			if n := w.measure(t, ledger.MeasureLate, c.day); (n == 1) != c.late {
				t.Errorf("%s counts %d late entries", c.day, n)
			}
			ok(w.svc.Return(park, r.ID, 0, because))(t)
			if late, returned := w.measure(t, ledger.MeasureLate, c.day), w.measure(t, ledger.MeasureReturned, c.day); late != 0 || returned != 1 {
				t.Errorf("returned, %s counts %d late and %d returned entries", c.day, late, returned)
			}
		}
		// The last instant of the day after is in time, the next one is late.
		limit := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
		if ledger.Late("2026-11-23", limit.Add(-time.Second)) || !ledger.Late("2026-11-23", limit) {
			t.Error("the grace does not end with the day after, at UTC+8")
		}
	})
}

func TestListing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		for _, day := range []string{"2026-11-20", "2026-11-22", "2026-11-21", "2026-11-22"} {
			in := w.input(w.BaoanA, content())
			in.Day = day
			ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
		}
		ok(w.svc.Create(w.Firm(w.BaoanB), "", w.input(w.BaoanB, content())))(t)
		w.sequence(t)
		var days []string
		q := models.Query{Limit: 3, Exact: true}
		for {
			page := ok(w.svc.List(firm, ledger.Filter{}, q))(t)
			for _, r := range page.Items {
				days = append(days, string(r.Day))
				if r.LeafIndex == nil || r.Payload != nil {
					t.Errorf("a row of a list has leaf index %v and payload %s", r.LeafIndex, r.Payload)
				}
			}
			if *page.Total != 4 {
				t.Errorf("the total is %d", *page.Total)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if !slices.Equal(days, []string{"2026-11-22", "2026-11-22", "2026-11-21", "2026-11-20"}) {
			t.Errorf("the days are %v", days)
		}
		park, site, facility, enterprise := string(w.BaoanA.Park.ID), string(w.BaoanA.Site.ID), string(w.BaoanA.Facility.ID), string(w.BaoanA.Enterprise.ID)
		for _, c := range []struct {
			name string
			ctx  context.Context
			f    ledger.Filter
			n    int
		}{
			{"all of the city", w.Bureau(), ledger.Filter{}, 5}, {"a park", w.Bureau(), ledger.Filter{ParkID: park}, 4},
			{"a site", w.Bureau(), ledger.Filter{SiteID: site}, 4}, {"a facility", w.Bureau(), ledger.Filter{FacilityID: facility}, 4},
			{"an enterprise", w.Bureau(), ledger.Filter{EnterpriseID: enterprise}, 4}, {"a class", w.Bureau(), ledger.Filter{Class: "monitoring.manual"}, 0},
			{"a state", w.Bureau(), ledger.Filter{State: "draft"}, 1}, {"from", firm, ledger.Filter{From: "2026-11-21"}, 3}, {"to", firm, ledger.Filter{To: "2026-11-21"}, 2},
			{"a foreign park by filter", w.Firm(w.Longgang), ledger.Filter{ParkID: park}, 0}, {"the other park of the firm's district", w.Inspector("baoan"), ledger.Filter{}, 5},
			{"another district", w.Inspector("longgang"), ledger.Filter{}, 0},
		} {
			page, err := w.svc.List(c.ctx, c.f, models.Query{Limit: 50})
			if err != nil || len(page.Items) != c.n {
				t.Errorf("%s: %d rows, %v, want %d", c.name, len(page.Items), err, c.n)
			}
		}
		want(t, second(w.svc.List(firm, ledger.Filter{From: "0000-01-01"}, models.Query{Limit: 1})), fault.Malformed)
		want(t, second(w.svc.List(w.Admin(), ledger.Filter{}, models.Query{Limit: 1})), fault.Denied)
	})
}

// TestListSaysWhatGetSays: a row of a list is the entry as it is read alone, field by
// field, but for what lists leave out.
func TestListSaysWhatGetSays(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, state := range ledger.States() {
			w.in(t, state)
		}
		in := w.input(w.BaoanA, content())
		in.OutletID, in.OccurredAt = string(w.BaoanA.Outlet.ID), "2026-11-23T08:00:00+08:00"
		ok(w.svc.Create(w.Firm(w.BaoanA), "", in))(t)
		w.sequence(t)
		page := ok(w.svc.List(w.Bureau(), ledger.Filter{}, models.Query{Limit: 50}))(t)
		said := map[string]bool{}
		for _, row := range page.Items {
			alone := ok(w.svc.Get(w.Bureau(), row.ID))(t)
			alone.Draft, alone.Digest, alone.Payload, alone.Outputs, alone.Attachments, alone.Attached, alone.Judgements = "", nil, nil, nil, nil, nil, nil
			row.Oddities, alone.Oddities = append([]ledger.Oddity{}, row.Oddities...), append([]ledger.Oddity{}, alone.Oddities...)
			a, b := reflect.ValueOf(row), reflect.ValueOf(alone)
			for _, f := range reflect.VisibleFields(a.Type()) {
				if one, other := a.FieldByIndex(f.Index).Interface(), b.FieldByIndex(f.Index).Interface(); !f.Anonymous && !reflect.DeepEqual(one, other) {
					t.Errorf("%s: the list says %v of %s, the entry alone %v", row.State, one, f.Name, other)
				}
			}
			head := reflect.ValueOf(row.Entry)
			for _, f := range reflect.VisibleFields(head.Type()) {
				if !f.Anonymous && !head.FieldByIndex(f.Index).IsZero() {
					said[f.Name] = true
				}
			}
		}
		for _, f := range reflect.VisibleFields(reflect.TypeFor[ledger.Entry]()) {
			if left := []string{"Draft", "Digest", "Attachments", "Demo"}; !f.Anonymous && !said[f.Name] && !slices.Contains(left, f.Name) {
				t.Errorf("%s is empty in every row: the test proves nothing about it", f.Name)
			}
		}
	})
}

func TestForeignReads(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		r := w.in(t, ledger.Filed)
		for _, ctx := range []context.Context{w.Firm(w.BaoanB), w.ParkManager(w.BaoanB), w.Inspector("longgang"), w.Inspector("dapeng")} {
			want(t, second(w.svc.Get(ctx, r.ID)), fault.NotFound)
			want(t, second(w.svc.Steps(ctx, r.ID)), fault.NotFound)
			want(t, second(w.svc.Filings(ctx, r.ID)), fault.NotFound)
		}
		want(t, second(w.svc.Get(w.Bureau(), models.NewID())), fault.NotFound)
	})
}

// TestDraftTakesAnotherPlace: a draft may be moved, but not onto another entry.
func TestDraftTakesAnotherPlace(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		a, b := w.in(t, ledger.Draft), w.in(t, ledger.Filed)
		to := func(slot string) func(ledger.Revision) (ledger.Revision, error) {
			return func(in ledger.Revision) (ledger.Revision, error) { in.Slot = slot; return in, nil }
		}
		_, err := w.svc.Update(firm, a.ID, a.Version, to(b.Slot))
		want(t, err, fault.Conflict)
		moved := ok(w.svc.Update(firm, a.ID, a.Version, to("夜班")))(t)
		if moved.Slot != "夜班" || moved.Version != a.Version+1 {
			t.Errorf("the draft is in %q, version %d", moved.Slot, moved.Version)
		}
		_, err = w.svc.Update(firm, a.ID, moved.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.ParkID = string(w.BaoanB.Park.ID)
			return in, nil
		})
		at(t, violations(t, err), "/parkId")
	})
}

// TestBuildEqualsFiling: history in bulk is what a person's filing would have left.
func TestBuildEqualsFiling(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		r := w.in(t, ledger.Filed)
		filings := ok(w.svc.Filings(w.Bureau(), r.ID))(t)
		b, err := ledger.Build(ledger.Bulk{ID: r.ID, FilingID: filings[0].ID, ChangeID: *r.ChangeID, Number: r.Number, Class: wastewater, Place: r.Placed, FacilityID: r.FacilityID,
			Day: r.Day, Slot: r.Slot, Payload: content(), Capacity: "500", CapacityUnit: "m3/d", Grounds: ledger.GroundsOf(w.BaoanA.Outlet, nil), RecordedAt: r.RecordedAt, ReceivedAt: r.ReceivedAt, FiledAt: *r.FiledAt,
			Person: r.CreatedBy, As: policies.Firm(string(w.BaoanA.Enterprise.ID))})
		if err != nil {
			t.Fatal(err)
		}
		var items []ledger.Item
		if err := w.DB.Visible(w.Bureau(), policies.LedgerRead, &ledger.Item{}).Where("entry_id = ?", r.ID).Order("path").Find(&items).Error; err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(b.Items, func(x, y ledger.Item) int { return strings.Compare(x.Path, y.Path) })
		head := r.Entry
		b.Entry.Digest, head.Digest = nil, nil
		for name, pair := range map[string][2]any{"head": {b.Entry, head}, "filing": {b.Filing, filings[0].Filing}, "items": {b.Items, items}} {
			built, _ := json.Marshal(pair[0])
			stored, _ := json.Marshal(pair[1])
			if string(built) != string(stored) {
				t.Errorf("%s: built %s, filed %s", name, built, stored)
			}
		}
		if b.Counts[ledger.MeasureFiled] != 1 || b.Step.Kind != "filed" || b.Facts["sha256"] == nil {
			t.Errorf("counts %v, step %v, facts %v", b.Counts, b.Step, b.Facts)
		}
		_, err = ledger.Build(ledger.Bulk{Class: wastewater, Payload: content("inflow", "")})
		want(t, err, fault.Invalid)
	})
}
