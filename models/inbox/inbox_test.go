package inbox_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/jobs"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// world is a city with a clock, and accounts that really hold their roles.
type world struct {
	dbtest.City
	*inbox.Service
	clock *time.Time
	mu    *sync.Mutex
	ids   map[string]models.ID
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	var now time.Time
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	dbtest.EachWith(t, dbtest.Options{Clock: clock}, func(t *testing.T, db *models.DB) {
		mu.Lock()
		now = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC) // ten in the morning
		mu.Unlock()
		w := world{City: dbtest.NewCity(t, db), clock: &now, mu: &mu, ids: map[string]models.ID{}}
		accounts, ledgers := account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile()), ledger.New(db)
		w.Service = inbox.New(db, inbox.Rooms{Inspection: inspection.New(db, accounts), Ledger: ledgers, Tasks: task.New(db, progress.New(db, audit.New(db), w.Registry), accounts),
			Assessments: assessment.New(db, nil), Grades: grade.New(db)}, accounts)
		w.account(t, "finder", policies.DistrictInspector, "baoan", "")
		w.account(t, "left", policies.DistrictInspector, "baoan", "2026-11-23") // last night
		w.account(t, "foreign", policies.DistrictInspector, "longgang", "")
		w.account(t, "reader", policies.BureauAnalyst, "", "")
		_, err := inspection.New(db, accounts).Log(w.Inspector("baoan"), "", inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), SiteID: string(w.BaoanA.Site.ID), Dimension: 2, Description: "调节池没有加盖", Severity: "minor"})
		must(t, err)
		fn(t, w)
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w world) at(day, hour int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*w.clock = time.Date(2026, 11, day, hour-8, 0, 0, 0, time.UTC)
}

// account stores a person with one assignment, until its last day.
func (w world) account(t testing.TB, name string, role policies.Role, jurisdiction, until string) {
	t.Helper()
	must(t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		v := models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		w.ids[name] = v.ID
		if err := tx.Program().Create(&account.User{Versioned: v, Username: name, DisplayName: name, PasswordChangedAt: tx.Now()}).Error; err != nil {
			return err
		}
		a := account.Assignment{Versioned: v, UserID: v.ID, Role: role.Slug(), StartsOn: "2020-01-01", Jurisdiction: models.Ref(jurisdiction)}
		a.ID = models.NewID()
		a.EndsOn = models.Ref(code.Day(until))
		return tx.Program().Create(&a).Error
	}))
}

// rows are the reminders of a person.
func (w world) rows(t testing.TB, name string) (n int) {
	t.Helper()
	must(t, w.DB.Write(w.Program(), func(tx *models.Tx) error {
		var count int64
		err := tx.Program().Model(&inbox.Reminder{}).Where("user_id = ?", w.ids[name]).Count(&count).Error
		n = int(count)
		return err
	}))
	return n
}

// TestRightInbox: whoever has something waiting is reminded, of as much as the inbox
// has; nobody else is, and not before eight.
func TestRightInbox(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.at(24, 7)
		must(t, w.Remind(w.Program()))
		if w.rows(t, "finder") != 0 {
			t.Error("reminded at seven in the morning")
		}
		w.at(24, 8)
		must(t, w.Remind(w.Program()))
		for name, want := range map[string]int{"finder": 1, "left": 0, "foreign": 0, "reader": 0} {
			if n := w.rows(t, name); n != want {
				t.Errorf("%s has %d reminders, want %d", name, n, want)
			}
		}
		mine := policies.With(context.Background(), w.DB.Policy.Actor(string(w.ids["finder"]), "finder", []policies.Assignment{{User: string(w.ids["finder"]), Role: policies.DistrictInspector, Jurisdiction: "baoan", From: "2020-01-01"}}, w.DB.Today()))
		r, err := w.Today(mine)
		must(t, err)
		b, err := w.Box(mine)
		must(t, err)
		if r == nil || r.Waiting != len(b.Items) || r.Overdue != b.Overdue() || r.Waiting != 1 {
			t.Errorf("reminded of %+v, the inbox has %d", r, len(b.Items))
		}
		if r, err := w.Today(w.Inspector("baoan")); err != nil || r != nil {
			t.Errorf("another's reminder: %+v, %v", r, err)
		}
		w.at(25, 9)
		must(t, w.Remind(w.Program()))
		if n := w.rows(t, "finder"); n != 2 {
			t.Errorf("%d reminders on two days", n)
		}
		w.at(25, 18)
		must(t, w.Remind(w.Program()))
		if n := w.rows(t, "finder"); n != 2 {
			t.Errorf("reminded again in the evening: %d", n)
		}
	})
}

// TestOnceADay: two nodes that work the same queue, each trying again after it has
// reminded, and eight callers at once beside them, remind a person once.
func TestOnceADay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		must(t, jobs.Migrate(context.Background(), w.DB))
		var ran atomic.Int32
		var nodes []*jobs.Service
		for range 2 {
			node, err := jobs.New(w.DB, slog.New(slog.DiscardHandler), jobs.Options{Remind: func(ctx context.Context) error {
				err := w.Remind(ctx)
				if ran.Add(1) < 3 { // killed after the work was done: it is tried again
					err = errors.Join(err, errors.New("the answer was lost"))
				}
				return err
			}})
			must(t, err)
			nodes = append(nodes, node)
			must(t, node.Start(context.Background()))
		}
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := w.Remind(w.Program()); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for range 600 { // fifteen seconds at most
			if ran.Load() >= 2 {
				break
			}
			time.Sleep(25 * time.Millisecond)
		}
		for _, node := range nodes {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			must(t, node.Stop(ctx))
			cancel()
		}
		if ran.Load() < 2 {
			t.Fatal("no job was tried again")
		}
		if n := w.rows(t, "finder"); n != 1 {
			t.Errorf("%d reminders after %d runs of the job and eight callers", n, ran.Load())
		}
	})
}

// TestCount: the number of the inbox is told for a minute, and anew after that, after the
// inbox was opened, and once it is forgotten; nobody is told another's.
func TestCount(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		me, other := w.Inspector("baoan"), w.Inspector("longgang")
		count := func(ctx context.Context, want int, when string) {
			t.Helper()
			if n, err := w.Count(ctx); err != nil || n.Waiting != want || n.More {
				t.Errorf("%s: %+v, %v, want %d", when, n, err, want)
			}
		}
		log := func() {
			_, err := inspection.New(w.DB, account.New(w.DB, slog.New(slog.DiscardHandler), account.DefaultProfile())).Log(me, "", inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), Dimension: 2, Description: "护栏松动", Severity: "minor"})
			must(t, err)
		}
		count(me, 1, "at first")
		count(other, 0, "of another district")
		log()
		count(me, 1, "within the minute")
		w.Forget(other)
		count(me, 1, "when another's was forgotten")
		w.Forget(me)
		count(me, 2, "forgotten")
		log()
		_, err := w.Box(me)
		must(t, err)
		count(me, 3, "the inbox was opened")
		log()
		w.at(24, 11)
		count(me, 4, "an hour later")
	})
}
