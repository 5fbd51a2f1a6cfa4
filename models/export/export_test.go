package export_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/export"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// tabs is a codec of this test: cells between tabs, the head first. What real files look
// like is the business of package sheets.
type tabs struct{}

func (tabs) Say(_ string, t fault.Text) string { return t.String() }

func (tabs) Begin(w io.Writer, _ export.Format, _ string, head export.Head) (export.Sheet, error) {
	s := &tabSheet{w: w}
	var titles []export.Cell
	for _, c := range head.Columns {
		titles = append(titles, c.Title)
	}
	for _, a := range head.About {
		s.about = append(s.about, "# "+a.What.String()+": "+a.Is.String())
	}
	return s, s.Row(titles)
}

type tabSheet struct {
	w     io.Writer
	about []string
}

func (s *tabSheet) Row(cells []export.Cell) error {
	var said []string
	for _, c := range cells {
		said = append(said, c.String())
	}
	_, err := io.WriteString(s.w, strings.Join(said, "\t")+"\n")
	return err
}

func (s *tabSheet) Close() error {
	_, err := io.WriteString(s.w, strings.Join(s.about, "\n"))
	return err
}

func (s *tabSheet) Discard() error { return nil }

// queue remembers what is to be written in the background.
type queue struct{ waiting []models.ID }

func (q *queue) WriteExport(_ *models.Tx, id models.ID) error {
	q.waiting = append(q.waiting, id)
	return nil
}

type world struct {
	dbtest.City
	*export.Service
	queue    *queue
	accounts *account.Service
	now      *time.Time
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *models.DB) {
		w := world{City: dbtest.NewCity(t, db), queue: &queue{}, now: &now}
		now = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		w.accounts = account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile())
		trail, led, walks := audit.New(db), ledger.New(db), inspection.New(db, w.accounts)
		folder, err := export.OpenFolder(t.TempDir())
		must(t, err)
		t.Cleanup(func() { _ = folder.Close() })
		duties, standing := obligation.New(db, w.Registry, led, trail), progress.New(db, trail, w.Registry)
		judged, cards := assessment.New(db, progress.Measures{Reports: standing, Duties: duties, Walks: walks}), grade.New(db)
		for _, p := range []dbtest.Place{w.BaoanA, w.Longgang} {
			_, err := judged.Start(w.ParkManager(p), "", assessment.StartInput{ParkID: string(p.Park.ID), Year: 2026})
			must(t, err)
			_, err = cards.Open(w.Inspector(models.Deref(p.Park.Jurisdiction)), p.Enterprise.ID, "", grade.OpenInput{Kind: grade.Capability, Reason: "现场核查废水处理设施"})
			must(t, err)
		}
		w.Service = export.New(db, export.Rooms{Registry: w.Registry, Ledger: led, Obligations: duties, Inspection: walks,
			Tasks: task.New(db, standing, w.accounts), Grades: cards, Assessments: judged, Accounts: w.accounts, Audit: trail, Progress: standing}, tabs{}, folder, w.queue)
		for _, p := range []dbtest.Place{w.BaoanA, w.BaoanB, w.Longgang} {
			for i, said := range []string{"调节池没有加盖", "=HYPERLINK(\"x\")"} {
				_, err := walks.Log(w.Inspector(models.Deref(p.Park.Jurisdiction)), "", inspection.FindingInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Dimension: 1 + i, Description: said, Severity: "minor"})
				must(t, err)
			}
		}
		fn(t, w)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ask(list string, filters ...string) export.Ask {
	a := export.Ask{List: list, Format: export.CSV, Lang: "zh-CN", Filters: map[string]string{}}
	for i := 0; i+1 < len(filters); i += 2 {
		a.Filters[filters[i]] = filters[i+1]
	}
	return a
}

// manyRowed reports whether one of a list can take several rows: its contents stand below each other.
func manyRowed(list string) bool { return strings.HasSuffix(list, "-rows") }

// written is what an export holds, its rows and what it says of itself.
func (w world) written(t *testing.T, ctx context.Context, a export.Ask) (rows, about []string) {
	t.Helper()
	var b bytes.Buffer
	n, err := w.Write(ctx, &b, a)
	must(t, err)
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		switch {
		case strings.HasPrefix(line, "# "):
			about = append(about, line)
		case i > 0:
			rows = append(rows, line)
		}
	}
	if n != len(rows) && (!manyRowed(a.List) || n > len(rows)) {
		t.Errorf("%s: says %d rows and has %d", a.List, n, len(rows))
	}
	return rows, about
}

// TestEveryList: each list gives what Count says, as many cells as columns, and nothing
// of other districts; who has not its permission is refused.
func TestEveryList(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		some := 0
		for _, l := range export.Lists() {
			for name, ctx := range map[string]context.Context{"bureau": w.Bureau(), "inspector": w.Inspector("baoan"), "park": w.ParkManager(w.BaoanA), "admin": w.Admin()} {
				a := ask(l.Name)
				if l.Must != "" {
					a.Filters[l.Must] = "treatmentFacility.wastewater"
				}
				if policies.Require(ctx, l.Need) != nil {
					if _, err := w.Write(ctx, io.Discard, a); !fault.Is(err, fault.Denied) {
						t.Errorf("%s as %s: %v", l.Name, name, err)
					}
					continue
				}
				n, err := w.Count(ctx, a)
				must(t, err)
				rows, _ := w.written(t, ctx, a)
				if int64(len(rows)) != n && (!manyRowed(l.Name) || int64(len(rows)) < n) {
					t.Errorf("%s as %s: %d rows, counted %d", l.Name, name, len(rows), n)
				}
				some += len(rows)
				for _, row := range rows {
					if got := len(strings.Split(row, "\t")); got != len(l.Columns) && (l.Must == "" || got < len(l.Columns)) {
						t.Errorf("%s: %d cells in %d columns: %q", l.Name, got, len(l.Columns), row)
					}
					if name != "bureau" && name != "admin" && strings.Contains(row, "龙岗园") {
						t.Errorf("%s as %s has a row of Longgang: %q", l.Name, name, row)
					}
				}
			}
		}
		if some < 30 {
			t.Errorf("only %d rows in all: nothing was looked at", some)
		}
	})
}

// TestNarrowed: filters narrow, what they are stands in words beside the rows, and others
// are refused, all at once.
func TestNarrowed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		rows, about := w.written(t, w.Bureau(), ask("findings", "parkId", string(w.Longgang.Park.ID), "dimension", "2", "state", ""))
		if len(rows) != 1 || !strings.Contains(rows[0], "龙岗园") || !strings.Contains(rows[0], `=HYPERLINK("x")`) {
			t.Errorf("rows: %q", rows)
		}
		for _, said := range []string{"# 清单: 问题整改", "# 园区: 龙岗园", "# 方面: 完善污染治理设施", "# 导出时间: 2026-11-24 10:00:00", "# 操作人: bureau"} {
			if !strings.Contains(strings.Join(about, "\n"), said) {
				t.Errorf("%q is not in %q", said, about)
			}
		}
		for who, want := range map[string]int{"city": 2, "district": 1} {
			ctx := map[string]context.Context{"city": w.Bureau(), "district": w.Inspector("longgang")}[who]
			graded, _ := w.written(t, ctx, ask("grades", "kind", "capability", "state", "assessed"))
			assessed, _ := w.written(t, ctx, ask("assessments", "year", "2026", "state", "draft"))
			if len(graded) != want || len(assessed) != want || !strings.HasPrefix(graded[0], "2026-11-24\t") || !strings.HasPrefix(assessed[0], "2026\t") {
				t.Errorf("%s: grades %q, assessments %q", who, graded, assessed)
			}
		}
		if none, _ := w.written(t, w.Bureau(), ask("grades", "kind", "credit")); len(none) != 0 {
			t.Errorf("no credit was graded: %q", none)
		}
		_, err := w.Write(w.Bureau(), io.Discard, ask("findings", "parkId", "x", "colour", "red", "from", "2026-13-01"))
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Violations) != 3 {
			t.Errorf("three faults: %v", err)
		}
		if _, err := w.Write(w.Bureau(), io.Discard, ask("nothing")); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown list: %v", err)
		}
		if got := w.Name(ask("findings", "from", "2026-11-01", "to", "2026-11-24"), 7); got != "问题整改_2026-11-01至2026-11-24_7条.csv" {
			t.Errorf("named %q", got)
		}
	})
}

// TestAudited: who took what out, narrowed how and how many rows.
func TestAudited(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.written(t, w.Inspector("baoan"), ask("findings", "dimension", "1"))
		page, err := audit.New(w.DB).Records(w.As("auditor", policies.Auditor, ""), audit.RecordFilter{Action: "export"}, models.Query{Limit: 10})
		must(t, err)
		if len(page.Items) != 1 || page.Items[0].ObjectKind != "findings" || page.Items[0].Reason != "2 rows dimension=1" || !strings.Contains(page.Items[0].ActorName, "baoan") {
			t.Errorf("records: %+v", page.Items)
		}
	})
}

// person stores an account with one assignment and gives what it acts as.
func (w world) person(t *testing.T, name, jurisdiction string) (models.ID, func() context.Context) {
	t.Helper()
	v := models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: w.DB.Now(), UpdatedAt: w.DB.Now()}
	must(t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		if err := tx.Program().Create(&account.User{Versioned: v, Username: name, DisplayName: name, PasswordChangedAt: tx.Now()}).Error; err != nil {
			return err
		}
		a := account.Assignment{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt}, UserID: v.ID, Role: policies.DistrictInspector.Slug(), Jurisdiction: &jurisdiction, StartsOn: "2020-01-01"}
		return tx.Program().Create(&a).Error
	}))
	return v.ID, func() context.Context {
		actor, err := w.accounts.ActorOf(w.Program(), v.ID)
		must(t, err)
		return policies.With(context.Background(), actor)
	}
}

// ended ends the person's assignments with a day.
func (w world) ended(t *testing.T, user models.ID, on code.Day) {
	t.Helper()
	must(t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		return tx.Program().Model(&account.Assignment{}).Where("user_id = ?", string(user)).Update("ends_on", on).Error
	}))
}

// TestKept: a small export is ready at once, a large one is written by the job as its
// person; only that person gets it, for a day, and not after a right was lost.
func TestKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		user, as := w.person(t, "li", "baoan")
		small, err := w.Create(as(), ask("findings"))
		must(t, err)
		if small.State != export.Ready || small.Rows != 4 || small.Name != "问题整改_4条.csv" || len(w.queue.waiting) != 0 {
			t.Fatalf("small: %+v", small)
		}
		w.At(3)
		large, err := w.Create(as(), ask("findings"))
		must(t, err)
		if large.State != export.Waiting || len(w.queue.waiting) != 1 {
			t.Fatalf("large: %+v", large)
		}
		if _, _, err := w.Open(as(), large.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("open before it is written: %v", err)
		}
		for range 2 { // a job may run twice
			must(t, w.Run(w.Program(), large.ID))
		}
		got := func(ctx context.Context, id models.ID) (string, error) {
			_, f, err := w.Open(ctx, id)
			if err != nil {
				return "", err
			}
			defer func() { _ = f.Close() }()
			b, err := io.ReadAll(f)
			return string(b), err
		}
		text, err := got(as(), large.ID)
		if err != nil || strings.Count(text, "宝安") < 4 || strings.Contains(text, "龙岗园") {
			t.Errorf("as its person: %v %q", err, text)
		}
		if _, err := got(w.Bureau(), large.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("as somebody with more rights: %v", err)
		}
		w.ended(t, user, "2026-11-23")
		if _, err := got(as(), large.ID); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
			t.Errorf("after the assignment has ended: %v", err)
		}
		w.ended(t, user, "2099-12-31")
		*w.now = w.now.Add(export.Keep)
		if _, err := got(as(), large.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a day later: %v", err)
		}
	})
}

// TestOtherAssignment: who still may read the list, but by another assignment than the one
// that the rows were written with, does not get them.
func TestOtherAssignment(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		user, as := w.person(t, "li", "baoan")
		e, err := w.Create(as(), ask("findings"))
		must(t, err)
		w.ended(t, user, "2026-11-23")
		must(t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
			at := "longgang"
			a := account.Assignment{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}, UserID: user, Role: policies.DistrictInspector.Slug(), Jurisdiction: &at, StartsOn: "2020-01-01"}
			return tx.Program().Create(&a).Error
		}))
		must(t, policies.Require(as(), policies.FindingRead))
		if _, f, err := w.Open(as(), e.ID); !fault.Is(err, fault.Denied) {
			t.Errorf("open: %v %v", f, err)
		}
	})
}

// TestLostBeforeWritten: a job whose person has lost the right writes nothing and says so.
func TestLostBeforeWritten(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		user, as := w.person(t, "li", "baoan")
		w.At(1)
		e, err := w.Create(as(), ask("findings"))
		must(t, err)
		w.ended(t, user, "2026-11-23")
		must(t, w.Run(w.Program(), e.ID))
		w.ended(t, user, "2099-12-31")
		now, err := w.Get(as(), e.ID)
		if err != nil || now.State != export.Failed {
			t.Errorf("%+v %v", now, err)
		}
	})
}

// TestTwoAtATime: a third export of one person that waits is refused for now (S-OP1).
func TestTwoAtATime(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		_, as := w.person(t, "li", "baoan")
		w.At(1)
		for i := range 3 {
			_, err := w.Create(as(), ask("findings"))
			if want := i == 2; fault.Is(err, fault.TooMany) != want || err != nil && !want {
				t.Errorf("export %d: %v", i+1, err)
			}
		}
	})
}

// TestManyPages: a list longer than a page is whole and in its order.
func TestManyPages(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		walks := inspection.New(w.DB, w.accounts)
		for i := range models.MaxPage + 5 {
			_, err := walks.Log(w.Inspector("dapeng"), "", inspection.FindingInput{ParkID: string(w.Dapeng.Park.ID), SiteID: string(w.Dapeng.Site.ID), Dimension: 2, Description: fmt.Sprintf("第 %d 处", i), Severity: "minor"})
			must(t, err)
		}
		rows, _ := w.written(t, w.Inspector("dapeng"), ask("findings"))
		seen := map[string]bool{}
		for _, r := range rows {
			seen[strings.Split(r, "\t")[0]] = true
		}
		if len(rows) != models.MaxPage+5 || len(seen) != len(rows) {
			t.Errorf("%d rows, %d different", len(rows), len(seen))
		}
	})
}
