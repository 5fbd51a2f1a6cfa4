package report_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/policies"
)

type world struct {
	dbtest.City
	*report.Service
	walks    *inspection.Service
	duties   *obligation.Service
	progress *progress.Service
	now      *time.Time
	findings []inspection.Finding
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	now := time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *models.DB) {
		now = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)
		w := world{City: dbtest.NewCity(t, db), now: &now}
		accounts, trail, led := account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile()), audit.New(db), ledger.New(db)
		w.walks, w.duties, w.progress = inspection.New(db, accounts), obligation.New(db, w.Registry, led, trail), progress.New(db, trail, w.Registry)
		w.Service = report.New(db, report.Rooms{Registry: w.Registry, Ledger: led, Obligations: w.duties, Inspection: w.walks, Progress: w.progress, Accounts: accounts, Audit: trail})
		for _, p := range []dbtest.Place{w.BaoanA, w.Longgang} {
			_, err := w.Registry.CreatePermit(w.Program(), "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key", IssuedOn: "2025-01-01", ValidTo: "2029-12-31", Authority: "市生态环境局",
				LedgerRules: []registry.LedgerRule{{Object: "TW001", Class: "treatmentFacility.wastewater", Text: "1次/日"}}})
			must(t, err)
			as := w.Inspector(models.Deref(p.Park.Jurisdiction))
			f, err := w.walks.Log(as, "", inspection.FindingInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Dimension: 2, Description: "调节池没有加盖", Severity: "minor"})
			must(t, err)
			_, err = w.walks.Notify(as, f.Finding.ID, inspection.NoticeInput{Recipient: inspection.ToPark, DueOn: "2026-01-12"})
			must(t, err)
			w.findings = append(w.findings, f.Finding)
		}
		now = time.Date(2026, 1, 20, 2, 0, 0, 0, time.UTC)
		w.seal(t)
		fn(t, w)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seal numbers everything that was written.
func (w world) seal(t *testing.T) {
	t.Helper()
	s := audit.NewSequencer(w.DB, slog.New(slog.DiscardHandler))
	for n := 1; n > 0; {
		var err error
		n, err = s.Round(context.Background())
		must(t, err)
	}
}

// said is the data part of a report in words.
func said(r report.Report) string {
	var b strings.Builder
	for _, s := range r.Said {
		b.WriteString(s.String() + "\n")
	}
	for _, t := range r.Tables {
		b.WriteString(t.Title.String() + "\n")
		for _, row := range t.Rows {
			var cells []string
			for _, c := range row {
				cells = append(cells, c.String())
			}
			b.WriteString(strings.Join(cells, "\t") + "\n")
		}
	}
	return b.String()
}

func (w world) made(t *testing.T, ctx context.Context, name string, q report.Question) report.Report {
	t.Helper()
	r, err := w.Make(ctx, name, q)
	must(t, err)
	for _, table := range r.Tables {
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Errorf("%s: %d cells in %d columns of %s", name, len(row), len(table.Columns), table.Title)
			}
		}
	}
	return r
}

// TestSameAgain: a report of a past day, asked for again by its number or by what was
// known then, is the same to the byte after findings moved, firms were renamed and parks
// changed; what is known now is another.
func TestSameAgain(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, name := range []string{"monthly", "overdue"} {
			before := w.made(t, w.Bureau(), name, report.Question{AsOf: "2026-01-19"})
			known := w.now.Format(time.RFC3339)
			*w.now = w.now.Add(time.Hour)
			f := w.findings[map[string]int{"monthly": 0, "overdue": 1}[name]]
			place := map[string]dbtest.Place{"monthly": w.BaoanA, "overdue": w.Longgang}[name]
			_, err := w.walks.Refer(w.Inspector(models.Deref(place.Park.Jurisdiction)), f.ID, inspection.ReferralInput{Basis: "suspectedViolation", Reason: "疑似偷排废水"})
			must(t, err)
			firm, err := w.Registry.Enterprise(w.Program(), place.Enterprise.ID)
			must(t, err)
			_, err = w.Registry.UpdateEnterprise(w.Program(), firm.ID, firm.Version, func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
				in.Name = "改名" + name + "有限公司"
				return in, nil
			})
			must(t, err)
			w.seal(t)
			if before.KnownSeq == nil || len(before.Tables) < 2 || before.AsOf != "2026-01-19" {
				t.Fatalf("%s: %s", name, said(before))
			}
			for how, q := range map[string]report.Question{"by number": {AsOf: "2026-01-19", KnownSeq: before.KnownSeq}, "by instant": {AsOf: "2026-01-19", KnownAsOf: known}} {
				if again := w.made(t, w.Bureau(), name, q); again.Digest() != before.Digest() {
					t.Errorf("%s %s:\n%s\nwas\n%s", name, how, said(again), said(before))
				}
			}
			if now := w.made(t, w.Bureau(), name, report.Question{}); now.Digest() == before.Digest() {
				t.Errorf("%s: what came since changes nothing", name)
			}
		}
	})
}

// TestNumbers: each number of the reports is that of the rooms that the pages ask.
func TestNumbers(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for name, ctx := range map[string]context.Context{"bureau": w.Bureau(), "baoan": w.Inspector("baoan")} {
			p, err := w.progress.Report(ctx, progress.Question{})
			must(t, err)
			r := w.made(t, ctx, "monthly", report.Question{})
			text := said(r)
			if !strings.Contains(text, p.Brief().String()) {
				t.Errorf("%s: the paragraph is another: %s", name, text)
			}
			rows := r.Tables[2].Rows
			if len(rows) != len(p.Parks) || len(r.Tables[1].Rows) != len(p.Districts())+1 {
				t.Fatalf("%s: %d parks, %d districts", name, len(rows), len(r.Tables[1].Rows)-1)
			}
			for i, x := range p.Parks {
				if rows[i][0].String() != x.Park.Code || x.Overall != nil && rows[i][3].String() != x.Overall.FloatString(1) || rows[i][17].String() != fmt.Sprint(x.Counts.FindingsOverdue) {
					t.Errorf("%s: %s is %v", name, x.Park.Code, rows[i])
				}
			}
			o := w.made(t, ctx, "overdue", report.Question{})
			gaps, err := w.duties.List(ctx, obligation.Filter{State: obligation.Missing, From: code.Day("2026-01-20").Add(1 - progress.Window), To: "2026-01-20"}, obligation.MomentInput{AsOf: "2026-01-20"}, models.Query{Limit: 1, Exact: true})
			must(t, err)
			if n := len(o.Tables[0].Rows); int64(n) != *gaps.Total || n == 0 {
				t.Errorf("%s: %d gaps, the page has %d", name, n, *gaps.Total)
			}
			if n := len(o.Tables[1].Rows); int64(n) != p.Totals.Counts.FindingsOverdue || n == 0 {
				t.Errorf("%s: %d late findings, the report counts %d", name, n, p.Totals.Counts.FindingsOverdue)
			}
			if name == "baoan" && strings.Contains(said(o)+text, "龙岗") {
				t.Errorf("rows of another district: %s", said(o))
			}
		}
	})
}

// TestParkFile: everything of the park and nothing of another; absent outside the reach.
func TestParkFile(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		r := w.made(t, w.ParkManager(w.BaoanA), "park", report.Question{ParkID: string(w.BaoanA.Park.ID)})
		if city := w.made(t, w.Bureau(), "park", report.Question{ParkID: string(w.BaoanA.Park.ID)}); !reflect.DeepEqual(city.Tables[0], r.Tables[0]) {
			t.Errorf("to whom reads the city the park stands at %v, to itself at %v", city.Tables[0].Rows, r.Tables[0].Rows)
		}
		text := said(r)
		for _, want := range []string{w.BaoanA.Enterprise.Name, w.BaoanA.Enterprise.CreditCode + "001P", "TW001", "DW001", "TW900", w.findings[0].Number} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		if strings.Contains(text, w.findings[1].Number) || strings.Contains(text, w.Longgang.Enterprise.Name) {
			t.Errorf("of another park:\n%s", text)
		}
		if _, err := w.Make(w.ParkManager(w.BaoanA), "park", report.Question{ParkID: string(w.Longgang.Park.ID)}); !fault.Is(err, fault.NotFound) {
			t.Errorf("another park: %v", err)
		}
	})
}

// TestAccessMatrix: each cell is a line of the policy, and who reads no accounts has no such report.
func TestAccessMatrix(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		r := w.made(t, w.Admin(), "access", report.Question{})
		n := 0
		named := map[string]policies.Permission{}
		for i, perm := range policies.Permissions() {
			title := r.Tables[0].Rows[i][0].String()
			if other, twice := named[title]; title == "" || twice || r.Tables[0].Rows[i][1].String() != string(perm) {
				t.Errorf("%s is called %q, as %q is", perm, title, other)
			}
			named[title] = perm
			for j, role := range policies.Roles() {
				cell := r.Tables[0].Rows[i][j+2].String()
				reaches := w.DB.Policy.Reached(perm)[role]
				if (cell == "") != (len(reaches) == 0) {
					t.Errorf("%s of %s: %q, the policy gives %v", perm, role, cell, reaches)
				}
				if cell != "" {
					n += len(strings.Split(cell, "、"))
				}
			}
		}
		if n != len(w.DB.Policy.Lines()) {
			t.Errorf("%d rights, the policy has %d lines", n, len(w.DB.Policy.Lines()))
		}
		if _, err := w.Make(w.ParkManager(w.BaoanA), "access", report.Question{}); !fault.Is(err, fault.Denied) {
			t.Errorf("to a park: %v", err)
		}
	})
}

// TestAskedWrongly: what a report does not take is refused and never passed over.
func TestAskedWrongly(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		seq := int64(1 << 40)
		for name, c := range map[string]struct {
			report string
			q      report.Question
			at     []string
		}{
			"no park":             {"park", report.Question{}, []string{"/query/parkId"}},
			"a park not asked":    {"monthly", report.Question{ParkID: string(w.BaoanA.Park.ID)}, []string{"/query/parkId"}},
			"a past of the now":   {"park", report.Question{ParkID: string(w.BaoanA.Park.ID), AsOf: "2026-01-01"}, []string{"/query/asOf"}},
			"no day":              {"monthly", report.Question{AsOf: "2026-02-30"}, []string{"/query/asOf"}},
			"to come":             {"monthly", report.Question{AsOf: "2027-01-01"}, []string{"/query/asOf"}},
			"a number to come":    {"overdue", report.Question{KnownSeq: &seq}, []string{"/query/knownSeq"}},
			"known, but not when": {"overdue", report.Question{KnownAsOf: "soon"}, []string{"/query/knownAsOf"}},
		} {
			_, err := w.Make(w.Bureau(), c.report, c.q)
			var f *fault.Error
			var at []string
			if errors.As(err, &f) {
				for _, v := range f.Violations {
					at = append(at, v.Pointer)
				}
			}
			if !slices.Equal(at, c.at) {
				t.Errorf("%s: %v at %v", name, err, at)
			}
		}
		if _, err := w.Make(w.Bureau(), "nothing", report.Question{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown report: %v", err)
		}
	})
}
