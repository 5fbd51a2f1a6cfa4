package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// lockOf locks the day that world's entries are about, in one park.
func (w world) lockOf(p dbtest.Place) ledger.PeriodInput {
	return ledger.PeriodInput{From: "2026-11-01", To: "2026-11-23", ParkID: string(p.Park.ID), Reason: "十一月台账核查完毕"}
}

// TestLockedPeriod is every move in every state while the day is locked, and after.
func TestLockedPeriod(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		begun := w.in(t, ledger.Filed)
		amendment := ok(w.svc.Amend(firm, begun.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
		by := map[ledger.State]ledger.Record{}
		for _, s := range ledger.States() {
			by[s] = w.in(t, s)
		}
		before := w.changes(t)
		lock := ok(w.svc.LockPeriod(w.Bureau(), "", w.lockOf(w.BaoanA)))(t)
		if n := w.changes(t) - before; n != 1 || !strings.HasPrefix(lock.Number, "PL-2026-") || lock.UnlockedAt != nil {
			t.Fatalf("%d changes, lock %+v", n, lock)
		}
		for _, c := range []struct {
			move  string
			ctx   context.Context
			state ledger.State
			open  bool // the lock does not stand against it
		}{
			{"file", firm, ledger.Draft, false},
			{"file", park, ledger.Returned, false},
			{"return", park, ledger.Filed, false},
			{"return", w.Inspector("baoan"), ledger.Filed, false},
			{"amend", firm, ledger.Filed, false},
			{"amend", park, ledger.Accepted, false},
			{"void", firm, ledger.Filed, false},
			{"update", firm, ledger.Returned, true},
			{"update", firm, ledger.Draft, true},
			{"void", firm, ledger.Draft, true},
			{"accept", park, ledger.Filed, true},
		} {
			err := moves[c.move](w, c.ctx, by[c.state].ID)
			if c.open {
				want(t, err, "")
				continue
			}
			want(t, err, fault.Conflict)
			if f, is := err.(*fault.Error); !is || f.Extra["lock"] != lock.Number || f.Detail.Args["Reason"] != lock.Reason {
				t.Errorf("%s of a %s entry answered %v, which does not name the lock", c.move, c.state, err)
			}
		}
		// Begun before the lock, an amendment waits as well.
		want(t, moves["file"](w, firm, amendment.ID), fault.Conflict)
		// A draft may be written; who writes it hears of the lock at once.
		draft := ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t)
		if v := at(t, draft.Warnings, "/day"); v.Code != "locked" {
			t.Errorf("the warning is %v", v)
		}
		want(t, moves["file"](w, firm, draft.ID), fault.Conflict)
		elsewhere := w.input(w.BaoanA, content())
		elsewhere.Day = "2026-11-24"
		if r := ok(w.svc.Create(firm, "", elsewhere))(t); len(unscreened(r.Warnings)) != 0 {
			t.Errorf("a day after the lock warns %v", r.Warnings)
		}

		want(t, second(w.svc.UnlockPeriod(w.Bureau(), lock.ID, 0, ledger.ReasonInput{Reason: "短"})), fault.Invalid)
		want(t, second(w.svc.UnlockPeriod(w.Bureau(), lock.ID, 7, because)), fault.Stale)
		open := ok(w.svc.UnlockPeriod(w.Bureau(), lock.ID, lock.Version, because))(t)
		if open.UnlockedAt == nil || open.Version != 2 {
			t.Errorf("unlocked, it is %+v", open)
		}
		want(t, second(w.svc.UnlockPeriod(w.Bureau(), lock.ID, 0, because)), fault.Conflict)
		want(t, moves["file"](w, firm, amendment.ID), "")
		want(t, moves["file"](w, firm, draft.ID), "")
		_, steps, err := w.svc.Period(firm, lock.ID)
		if err != nil || len(steps) != 2 || steps[0].Kind != "locked" || steps[1].Kind != "unlocked" || steps[1].Reason != because.Reason {
			t.Errorf("the steps are %+v, %v", steps, err)
		}
	})
}

// TestWhatALockCovers: a park, a jurisdiction, the city; and the days at its ends.
func TestWhatALockCovers(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		places := map[string]dbtest.Place{"baoan a": w.BaoanA, "baoan b": w.BaoanB, "longgang": w.Longgang}
		for _, c := range []struct {
			name string
			in   ledger.PeriodInput
			who  []string // whose filing about 2026-11-23 is refused
		}{
			{"a park", ledger.PeriodInput{From: "2026-11-23", To: "2026-11-23", ParkID: string(w.BaoanA.Park.ID)}, []string{"baoan a"}},
			{"a jurisdiction", ledger.PeriodInput{From: "2026-11-01", To: "2026-11-23", Jurisdiction: "baoan"}, []string{"baoan a", "baoan b"}},
			{"the city", ledger.PeriodInput{From: "2026-11-23", To: "2026-11-24"}, []string{"baoan a", "baoan b", "longgang"}},
			{"the days before", ledger.PeriodInput{From: "2026-11-01", To: "2026-11-22"}, nil},
			{"the day after", ledger.PeriodInput{From: "2026-11-24", To: "2026-11-24"}, nil},
		} {
			c.in.Reason = "季度核查期间锁定"
			lock := ok(w.svc.LockPeriod(w.Bureau(), "", c.in))(t)
			refused := map[string]bool{}
			for _, name := range c.who {
				refused[name] = true
			}
			for name, p := range places {
				for who, ctx := range map[string]context.Context{"firm": w.Firm(p), "park": w.ParkManager(p), "program": w.Program()} {
					r := ok(w.svc.Create(ctx, "", w.input(p, content())))(t)
					err := second(w.svc.File(ctx, r.ID, 0))
					if refused[name] != fault.Is(err, fault.Conflict) || !refused[name] && err != nil {
						t.Errorf("%s locked: the %s of %s is answered %v", c.name, who, name, err)
					}
				}
			}
			ok(w.svc.UnlockPeriod(w.Bureau(), lock.ID, 0, because))(t)
		}
	})
}

func TestWhoLocks(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		in := w.lockOf(w.BaoanA)
		for _, ctx := range []context.Context{w.Firm(w.BaoanA), w.ParkManager(w.BaoanA), w.Inspector("baoan"), w.Analyst(), w.Auditor(), w.Admin(), w.Program()} {
			want(t, second(w.svc.LockPeriod(ctx, "", in)), fault.Denied)
		}
		id := models.NewID()
		lock := ok(w.svc.LockPeriod(w.Bureau(), id, in))(t)
		if again := ok(w.svc.LockPeriod(w.Bureau(), id, in))(t); again.Number != lock.Number {
			t.Errorf("repeated, the creation answers %s, want %s", again.Number, lock.Number)
		}
		in.To = "2026-11-22"
		want(t, second(w.svc.LockPeriod(w.Bureau(), id, in)), fault.Conflict)
		for _, ctx := range []context.Context{w.Firm(w.BaoanA), w.ParkManager(w.BaoanA), w.Inspector("baoan"), w.Analyst(), w.Auditor(), w.Admin()} {
			want(t, second(w.svc.UnlockPeriod(ctx, lock.ID, 0, because)), fault.Denied)
		}

		_, err := w.svc.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-11-03", To: "2026-11-02", ParkID: "x", Jurisdiction: "guangming-x", Reason: "短"})
		want(t, err, fault.Invalid)
		for _, pointer := range []string{"/parkId", "/jurisdiction", "/reason"} {
			at(t, violations(t, err), pointer)
		}
		for pointer, in := range map[string]ledger.PeriodInput{
			"/to":           {From: "2026-11-03", To: "2026-11-02", Reason: because.Reason},
			"/jurisdiction": {From: "2026-11-01", To: "2026-11-02", ParkID: string(w.BaoanA.Park.ID), Jurisdiction: "baoan", Reason: because.Reason},
		} {
			_, err = w.svc.LockPeriod(w.Bureau(), "", in)
			at(t, violations(t, err), pointer)
		}
		_, err = w.svc.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-11-03", To: "2026-11-25", Reason: because.Reason})
		if v := at(t, violations(t, err), "/to"); v.Code != "future" {
			t.Errorf("a lock of days to come answers %v", v)
		}
		want(t, second(w.svc.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-11-01", To: "2026-11-02", ParkID: string(models.NewID()), Reason: because.Reason})), fault.NotFound)
	})
}

func TestWhoSeesLocks(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		reason := "季度核查期间锁定"
		city := ok(w.svc.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-10-01", To: "2026-10-31", Reason: reason}))(t)
		baoan := ok(w.svc.LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2026-10-01", To: "2026-10-31", Jurisdiction: "baoan", Reason: reason}))(t)
		parkB := ok(w.svc.LockPeriod(w.Bureau(), "", w.lockOf(w.BaoanB)))(t)
		for _, c := range []struct {
			name string
			ctx  context.Context
			sees []models.ID
		}{
			{"park a", w.ParkManager(w.BaoanA), []models.ID{city.ID, baoan.ID}},
			{"firm a, which also lives in park b", w.Firm(w.BaoanA), []models.ID{city.ID, baoan.ID, parkB.ID}},
			{"park b", w.ParkManager(w.BaoanB), []models.ID{city.ID, baoan.ID, parkB.ID}},
			{"the district", w.Inspector("baoan"), []models.ID{city.ID, baoan.ID, parkB.ID}},
			{"another district", w.Inspector("longgang"), []models.ID{city.ID}},
			{"a firm elsewhere", w.Firm(w.Longgang), []models.ID{city.ID}},
			{"the bureau", w.Analyst(), []models.ID{city.ID, baoan.ID, parkB.ID}},
		} {
			page := ok(w.svc.Periods(c.ctx, ledger.PeriodFilter{}, models.Query{Limit: 50, Sort: "createdAt"}))(t)
			got := map[models.ID]bool{}
			for _, l := range page.Items {
				got[l.ID] = true
			}
			if len(got) != len(c.sees) {
				t.Errorf("%s sees %d locks, want %d", c.name, len(got), len(c.sees))
			}
			for _, id := range c.sees {
				if !got[id] {
					t.Errorf("%s does not see %s", c.name, id)
				}
			}
		}
		_, _, err := w.svc.Period(w.ParkManager(w.BaoanA), parkB.ID)
		want(t, err, fault.NotFound)
		for n, f := range map[int]ledger.PeriodFilter{1: {ParkID: string(w.BaoanB.Park.ID)}, 2: {On: "2026-10-31"}, 3: {Standing: new(true)}, 0: {Standing: new(false)}} {
			if page := ok(w.svc.Periods(w.Bureau(), f, models.Query{Limit: 50}))(t); len(page.Items) != n {
				t.Errorf("%+v lists %d locks, want %d", f, len(page.Items), n)
			}
		}
		_, err = w.svc.Periods(w.Bureau(), ledger.PeriodFilter{On: "yesterday"}, models.Query{Limit: 50})
		want(t, err, fault.Malformed)
	})
}

// TestLockMeetsFiling: whoever begins first, no filing slips in while a lock commits.
func TestLockMeetsFiling(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		lock := func(ctx context.Context) error { return second(w.svc.LockPeriod(ctx, "", w.lockOf(w.BaoanA))) }
		file := func(id models.ID) func(context.Context) error {
			return func(ctx context.Context) error { return second(w.svc.File(ctx, id, 0)) }
		}
		// hold does the first within a transaction that stays open until the second has begun.
		hold := func(first func(context.Context) error, as context.Context, then func(context.Context) error, by context.Context) (error, error) {
			written, commit, done := make(chan error, 1), make(chan struct{}), make(chan error, 2)
			go func() {
				done <- w.DB.Write(as, func(tx *models.Tx) error {
					err := first(tx.Context())
					written <- err
					<-commit
					return err
				})
			}()
			if err := <-written; err != nil {
				t.Fatal(err)
			}
			late := make(chan error, 1)
			go func() { late <- then(by) }()
			select {
			case err := <-late:
				t.Errorf("the second did not wait for the first: %v", err)
				late <- err
			case <-time.After(100 * time.Millisecond):
			}
			close(commit)
			return <-done, <-late
		}
		draft := w.in(t, ledger.Draft)
		filed, locking := hold(file(draft.ID), firm, lock, w.Bureau())
		if filed != nil || locking != nil {
			t.Errorf("filed %v, then locked %v; want both done in that order", filed, locking)
		}
		for _, l := range ok(w.svc.Periods(w.Bureau(), ledger.PeriodFilter{}, models.Query{Limit: 10}))(t).Items {
			ok(w.svc.UnlockPeriod(w.Bureau(), l.ID, 0, because))(t)
		}
		draft = w.in(t, ledger.Draft)
		locking, filed = hold(lock, w.Bureau(), file(draft.ID), firm)
		if locking != nil || !fault.Is(filed, fault.Conflict) {
			t.Errorf("locked %v, then filed %v; want the filing refused", locking, filed)
		}
		if now := ok(w.svc.Get(firm, draft.ID))(t); now.State != ledger.Draft {
			t.Errorf("the entry is %s", now.State)
		}
	})
}

// TestLocksRaceManyFilings: what stands when the lock is acknowledged is what stands for good.
func TestLocksRaceManyFilings(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		var all []func() error
		for range 12 {
			draft := w.in(t, ledger.Draft)
			all = append(all, func() error { return second(w.svc.File(firm, draft.ID, 0)) })
		}
		count := func() (n int64) {
			if err := w.DB.Visible(w.Bureau(), policies.LedgerRead, &ledger.Filing{}).Count(&n).Error; err != nil {
				t.Error(err)
			}
			return n
		}
		var standing int64
		all = append(all[:6:6], append([]func() error{func() error {
			err := second(w.svc.LockPeriod(w.Bureau(), "", w.lockOf(w.BaoanA)))
			standing = count()
			return err
		}}, all[6:]...)...)
		filed := int64(0)
		for i, err := range race(all...) {
			switch {
			case i == 6:
				want(t, err, "")
			case err == nil:
				filed++
			default:
				want(t, err, fault.Conflict)
			}
		}
		if now := count(); now != standing || now != filed {
			t.Errorf("%d filings when the lock was acknowledged, %d afterwards, %d acknowledged", standing, now, filed)
		}
	})
}

func TestLocksAreFrozenAndVerified(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		first := ok(w.svc.LockPeriod(w.Bureau(), "", w.lockOf(w.BaoanA)))(t)
		ok(w.svc.UnlockPeriod(w.Bureau(), first.ID, 0, because))(t)
		ok(w.svc.LockPeriod(w.Bureau(), "", w.lockOf(w.BaoanB)))(t)
		want(t, second(w.svc.UnlockPeriod(w.Bureau(), first.ID, 0, because)), fault.Conflict)
		for _, statement := range []string{"DELETE FROM period_locks", "UPDATE period_locks SET to_on = '2026-11-01'", "UPDATE period_locks SET reason = 'x'",
			"UPDATE period_locks SET unlocked_at = NULL", "UPDATE period_lock_steps SET kind = 'unlocked'", "DELETE FROM period_lock_steps"} {
			if _, err := w.DB.SQL().Exec(statement); !fault.Is(models.Fault(err), fault.Conflict) {
				t.Errorf("%s answered %v, want a refusal by the database", statement, err)
			}
		}
		w.sequence(t)
		verify := func() *audit.Bad {
			return ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: ledger.Verifiable()}))(t).Bad
		}
		if bad := verify(); bad != nil {
			t.Fatalf("untouched, %+v is bad", bad)
		}
		// The head says unlocked and no step does.
		if _, err := w.DB.SQL().Exec("UPDATE period_locks SET unlocked_at = created_at WHERE unlocked_at IS NULL"); err != nil {
			t.Fatal(err)
		}
		if bad := verify(); bad == nil || bad.Table != "period_locks" {
			t.Errorf("a lock lifted behind the program's back is %+v", bad)
		}
	})
}
