package exchange_test

import (
	"context"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/inspection"
	"parkregistry/policies"
	"parkregistry/sheets"
)

const findings = "inspection.findings"

func findingList(rows ...string) string {
	return "企业,设施编码,发现日期,维度,问题类型,问题描述,严重程度,地点,建议整改期限\n" + strings.Join(rows, "\n") + "\n"
}

// found are the findings in the park of a place that were not withdrawn, by their words.
func (w world) found(t testing.TB, ctx context.Context, p dbtest.Place) map[string]inspection.Finding {
	t.Helper()
	all := map[string]inspection.Finding{}
	for _, f := range ok(inspection.New(w.DB, nil).Findings(ctx, inspection.FindingFilter{ParkID: string(p.Park.ID)}, models.Query{Limit: models.MaxPage}))(t).Items {
		if f.State != inspection.Withdrawn {
			all[f.Description] = f
		}
	}
	return all
}

// TestFindings: a list of findings takes the steps of a ledger, of park and district alike.
// A finding is known by object, day and words: the same again changes nothing, what is said
// otherwise is named. A check gives no number out. A second person undoes it, as it takes
// one to withdraw a finding, and only while none was moved.
func TestFindings(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, park, firm := w.BaoanA, w.ParkManager(w.BaoanA), w.BaoanA.Enterprise.Name
		good := []string{
			firm + ",TW001,2026年11月20日,治理设施,危险废物标签缺失,贮存间门口没有标签,立行立改,1 栋,2026-11-25",
			",,2026-11-21,风险防控,应急池占用,应急池被占用,较大,,"}
		text := findingList(append(good,
			firm+",TW001,2026-11-20,主体责任,,贮存间门口没有标签,一般,,",
			",,2026-11-25,风险防控,,明天才会发现,一般,,",
			"没有的企业,,2026-11-20,维度七,噪声,没有这一类,特别严重,,",
			",TW009,,风险防控,,没有日期,一般,,2026-11-01")...)
		k := ok(w.bringList(park, p, findings, text))(t)
		if k.Rows != 6 || k.Good != 2 || k.Bad != 4 || len(w.found(t, park, p)) != 0 {
			t.Fatalf("%d rows, %d good, %d bad: %+v", k.Rows, k.Good, k.Bad, k.Report.Lines)
		}
		for _, cell := range []string{"F4", "C5", "A6", "D6", "E6", "G6", "B7", "C7"} {
			if n := note(t, k.Report, cell); n.Grave != exchange.Fault {
				t.Errorf("%s is %s", cell, n.Grave)
			}
		}
		i := ok(w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.Good}, nil))(t)
		now := w.found(t, park, p)
		f := now["贮存间门口没有标签"]
		if i.Entries != 2 || len(now) != 2 || f.Number != "FD-2026-000001" || f.Type != "hw_label" || *f.FacilityID != p.Facility.ID || f.OpenedOn != "2026-11-20" || *f.DueOn != "2026-11-25" || now["应急池被占用"].SiteID != nil {
			t.Fatalf("%d written, %+v", i.Entries, f)
		}
		if again := ok(w.bringList(park, p, findings, findingList(good...)))(t); again.Unchanged != 2 || again.Good+again.Bad != 0 {
			t.Errorf("the same again: %+v", again.Report.Lines)
		}
		other := ok(w.bringList(park, p, findings, findingList(strings.Replace(good[1], "较大", "一般", 1))))(t)
		if n := note(t, other.Report, "G2"); n.Code != "differs" || !strings.Contains(fault.Text(n.Detail).String(), "major") {
			t.Errorf("what differs: %+v", n)
		}
		_, err := w.bringList(w.Firm(p), p, findings, text)
		want(t, err, fault.Denied)
		_, err = w.bringList(w.Inspector("longgang"), p, findings, text)
		want(t, err, fault.NotFound)

		_, err = w.svc.Undo(park, i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 2 || len(w.found(t, park, p)) != 2 {
			t.Errorf("undone by who brought it: %+v", f)
		}
		second := w.As("second", policies.ParkManager, string(p.Park.ID))
		ok(w.svc.Undo(second, i.ID))(t)
		if len(w.found(t, park, p)) != 0 {
			t.Error("not undone by a second person")
		}
		// The district's list of the same: it is in again, and stays once a finding was moved.
		district := w.Inspector("baoan")
		i = w.all(t, district, p, findings, findingList(good...))
		f = w.found(t, park, p)["应急池被占用"]
		ok(inspection.New(w.DB, nil).Notify(district, f.ID, inspection.NoticeInput{}))(t)
		_, err = w.svc.Undo(w.SecondInspector("baoan"), i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/3" || len(w.found(t, park, p)) != 2 {
			t.Errorf("undone over a notice: %+v", f)
		}
		w.verified(t)
	})
}
