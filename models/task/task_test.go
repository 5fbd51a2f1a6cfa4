package task_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// world is a city with its task table and a clock that a test can move. Everybody
// belongs to the body whose role the test gives him, unless he has left.
type world struct {
	dbtest.City
	*task.Service
	clock *time.Time
	left  map[models.ID]bool
}

// Belongs implements task.People.
func (w world) Belongs(_ context.Context, user models.ID, _ policies.Organisation) (bool, error) {
	return !w.left[user], nil
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	var now time.Time
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *models.DB) {
		now = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
		w := world{City: dbtest.NewCity(t, db), clock: &now, left: map[models.ID]bool{}}
		w.Service = task.New(db, progress.New(db, audit.New(db), w.Registry), w)
		fn(t, w)
	})
}

func (w world) seal(t testing.TB) {
	t.Helper()
	if err := audit.NewSequencer(w.DB, slog.New(slog.NewTextHandler(io.Discard, nil))).Drain(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func userOf(ctx context.Context) models.ID {
	a, _ := policies.ActorFrom(ctx)
	return models.ID(a.User)
}

const because = "按照工作安排办理"

func (w world) programme(t testing.TB) task.Programme {
	t.Helper()
	return got(w.CreateProgramme(w.Bureau(), "", task.ProgrammeInput{Title: "2026年工业企业污染集中治理工作任务进度表", Issuer: "市生态环境局", IssuedOn: "2026-06-01"}))(t)
}

// set sets a task of the first park of Baoan.
func (w world) set(t testing.TB, b *task.Binding) task.Task {
	t.Helper()
	return got(w.Create(w.Bureau(), "", task.TaskInput{ProgrammeID: string(w.programme(t).ID), Title: "规范排放口编号", Goal: "全部排放口编号", ParkID: string(w.BaoanA.Park.ID),
		PersonID: string(userOf(w.ParkManager(w.BaoanA))), DueOn: "2026-12-31", Binding: b}))(t)
}

// entered is a lawful input of each move.
func entered(m task.Move) task.StepInput {
	in := task.StepInput{Reason: because}
	switch m {
	case task.MoveReport:
		in.Evidence = []string{"深环〔2026〕12号"}
	case task.MoveOverride:
		in.Says = task.SayDone
	case task.MoveReassignment:
		in.DueOn = "2027-01-31"
	}
	return in
}

// TestReportShows: the report of a park names what was brought to the park; step and leaf
// keep the digests, and whoever reads the task reads the files.
func TestReportShows(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		park := w.ParkManager(w.BaoanA)
		photo := func(ctx context.Context, at models.Placed, n int) string {
			return string(got(dbtest.Photo(t, ctx, w.DB, at, n))(t))
		}
		x := w.set(t, nil)
		report := func(shown ...string) (task.Task, error) {
			return w.Move(park, task.MoveReport, x.ID, x.Version, task.StepInput{Reason: because, Attachments: shown})
		}
		first := photo(park, w.BaoanA.Park.Place(), 1)
		for name, shown := range map[string][]string{"nothing": nil, "one that there is not": {string(models.NewID())}, "of a firm's site": {photo(park, w.BaoanA.Site.Place(), 2)},
			"of another park": {photo(w.ParkManager(w.BaoanB), w.BaoanB.Park.Place(), 3)}, "no id": {"x"}} {
			if _, err := report(shown...); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		x = got(report(first, photo(park, w.BaoanA.Park.Place(), 1)))(t)
		x = got(w.Move(w.Bureau(), task.MoveReturn, x.ID, x.Version, entered(task.MoveReturn)))(t)
		x = got(report(first, photo(park, w.BaoanA.Park.Place(), 4)))(t)
		var kept []int
		var sum string
		for _, s := range got(w.Steps(w.Inspector("baoan"), x.ID))(t) {
			if s.Kind == task.MoveReport {
				kept, sum = append(kept, len(s.Attachments.V)), s.Attachments.V[0].SHA256
			}
		}
		if !slices.Equal(kept, []int{1, 2}) {
			t.Errorf("the reports keep %v files, want the first once and then two", kept)
		}
		store := got(files.Open(t.TempDir()))(t)
		defer func() { _ = store.Close() }()
		for who, want := range map[string]bool{"park": true, "baoan": true, "longgang": false, "other park": false, "firm": false} {
			ctx := map[string]context.Context{"park": park, "baoan": w.Inspector("baoan"), "longgang": w.Inspector("longgang"), "other park": w.ParkManager(w.BaoanB), "firm": w.Firm(w.BaoanA)}[who]
			a, err := files.New(w.DB, store).Get(ctx, models.ID(first))
			if (err == nil) != want || want && (a.OwnerKind != "task" || a.Sum() != sum) {
				t.Errorf("%s reads the photograph: %s %s, %v", who, a.OwnerKind, a.Sum(), err)
			}
		}
		var leaves []audit.Change
		if err := w.DB.Visible(w.Auditor(), policies.ChangeRead, &audit.Change{}).Where("object_id = ? AND action = ?", x.ID, policies.TaskReport).Find(&leaves).Error; err != nil || len(leaves) != 2 || !strings.Contains(string(leaves[0].Leaf), sum) {
			t.Errorf("%d leaves of reports, %v; the first does not commit to %s", len(leaves), err, sum)
		}
		w.Seal(t)
		if r, err := audit.Verify(w.Program(), w.DB, audit.Against{Sources: task.Verifiable()}); err != nil || r.Bad != nil {
			t.Errorf("the log does not hold: %+v, %v", r.Bad, err)
		}
		y := got(w.Create(w.Bureau(), "", task.TaskInput{ProgrammeID: string(x.ProgrammeID), Title: "全区排放口编号", Goal: "全部排放口编号", Jurisdiction: "baoan",
			PersonID: string(userOf(w.Inspector("baoan"))), DueOn: "2026-12-31"}))(t)
		_, err := w.Move(w.Inspector("baoan"), task.MoveReport, y.ID, y.Version, task.StepInput{Reason: because, Attachments: []string{first}})
		if f, ok := err.(*fault.Error); !ok || len(f.Violations) != 1 || f.Violations[0].Code != "unexpected" {
			t.Errorf("a district shows a file of a park: %v", err)
		}
	})
}

// TestMoves: each move from each state by each body, as the workflow has it.
func TestMoves(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		second := w.As("bureau-2", policies.BureauAdmin, "")
		path := map[task.State][]task.Move{task.Planned: nil, task.InProgress: {task.MoveStart}, task.Completed: {task.MoveStart, task.MoveReport},
			task.Verified: {task.MoveStart, task.MoveReport, task.MoveVerification}, task.Cancelled: {task.MoveCancellation}}
		who := map[task.Move]context.Context{task.MoveStart: w.ParkManager(w.BaoanA), task.MoveReport: w.ParkManager(w.BaoanA)}
		by := func(m task.Move) context.Context {
			if ctx := who[m]; ctx != nil {
				return ctx
			}
			return second
		}
		leads := map[task.Move]map[task.State]task.State{
			task.MoveStart: {task.Planned: task.InProgress}, task.MoveReport: {task.Planned: task.Completed, task.InProgress: task.Completed},
			task.MoveVerification: {task.Completed: task.Verified}, task.MoveReturn: {task.Completed: task.InProgress},
			task.MoveReassignment: {task.Planned: task.Planned, task.InProgress: task.InProgress}, task.MoveCancellation: {task.Planned: task.Cancelled, task.InProgress: task.Cancelled},
			task.MoveOverride: {},
		}
		for _, from := range task.States() {
			for _, m := range task.Moves() {
				x := w.set(t, nil)
				for _, before := range path[from] {
					x = got(w.Move(by(before), before, x.ID, x.Version, entered(before)))(t)
				}
				want, lawful := leads[m][from]
				if can := got(w.Allowed(by(m), x))(t); slices.Contains(can, m) != lawful {
					t.Errorf("%s of a %s task is offered: %v", m, from, can)
				}
				after, err := w.Move(by(m), m, x.ID, x.Version, entered(m))
				switch {
				case lawful && (err != nil || after.State != want):
					t.Errorf("%s of a %s task leads to %s: %v", m, from, after.State, err)
				case !lawful && !fault.Is(err, fault.Conflict):
					t.Errorf("%s of a %s task is answered %v", m, from, err)
				}
			}
		}
	})
}

// TestWho: the unit reports, the bureau verifies, and nobody verifies what he reported.
func TestWho(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		x := w.set(t, nil)
		for name, c := range map[string]struct {
			ctx  context.Context
			move task.Move
			want fault.Code
		}{
			"another park":          {w.ParkManager(w.BaoanB), task.MoveStart, fault.NotFound},
			"its district":          {w.Inspector("baoan"), task.MoveStart, fault.Conflict},
			"another district":      {w.Inspector("longgang"), task.MoveStart, fault.NotFound},
			"the bureau, unasked":   {w.Bureau(), task.MoveStart, fault.Conflict},
			"a reader":              {w.Analyst(), task.MoveStart, fault.Denied},
			"a firm":                {w.Firm(w.BaoanA), task.MoveStart, fault.Denied},
			"the park, to verify":   {w.ParkManager(w.BaoanA), task.MoveVerification, fault.Denied},
			"the park, to override": {w.ParkManager(w.BaoanA), task.MoveOverride, fault.Denied},
			"nobody":                {context.Background(), task.MoveStart, fault.Unauthenticated},
		} {
			if _, err := w.Move(c.ctx, c.move, x.ID, x.Version, entered(c.move)); fault.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		for name, c := range map[string]struct {
			ctx  context.Context
			want int
		}{"the person": {w.ParkManager(w.BaoanA), 1}, "another of the body": {w.As("park-other", policies.ParkManager, string(w.BaoanA.Park.ID)), 0}, "the bureau": {w.Bureau(), 0}, "a reader": {w.Analyst(), 0}} {
			if box := got(w.Inbox(c.ctx))(t); len(box) != c.want {
				t.Errorf("%s has %d tasks waiting", name, len(box))
			}
		}
		own := got(w.Create(w.Bureau(), "", task.TaskInput{ProgrammeID: string(x.ProgrammeID), Title: "印发管理办法", Goal: "印发", PersonID: string(userOf(w.Bureau())), DueOn: "2026-12-31"}))(t)
		own = got(w.Move(w.Bureau(), task.MoveReport, own.ID, own.Version, entered(task.MoveReport)))(t)
		if mine, other := got(w.Inbox(w.Bureau()))(t), got(w.Inbox(w.As("bureau-2", policies.BureauAdmin, "")))(t); len(mine) != 0 || len(other) != 1 || other[0].What != task.MoveVerification {
			t.Errorf("to verify: %d for the reporter, %d for another", len(mine), len(other))
		}
		if _, err := w.Move(w.Bureau(), task.MoveVerification, own.ID, own.Version, task.StepInput{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the reporter verified: %v", err)
		}
		if _, err := w.Move(w.As("bureau-2", policies.BureauAdmin, ""), task.MoveVerification, own.ID, own.Version, task.StepInput{}); err != nil {
			t.Error(err)
		}
		for name, c := range map[string]struct {
			ctx  context.Context
			rows int
		}{"its park": {w.ParkManager(w.BaoanA), 1}, "another park": {w.ParkManager(w.BaoanB), 0}, "its district": {w.Inspector("baoan"), 1}, "another": {w.Inspector("dapeng"), 0}, "the bureau": {w.Bureau(), 2}, "a reader": {w.Analyst(), 2}} {
			if page := got(w.List(c.ctx, task.Filter{}, progress.Question{}, models.Query{Limit: 10}))(t); len(page.Items) != c.rows {
				t.Errorf("%s sees %d tasks, want %d", name, len(page.Items), c.rows)
			}
		}
	})
}

// TestInput: all faults of an input at once, each where it is.
func TestInput(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		p := w.programme(t)
		good := task.TaskInput{ProgrammeID: string(p.ID), Title: "任务", Goal: "目标", Jurisdiction: "baoan", PersonID: string(userOf(w.Inspector("baoan"))), DueOn: "2026-12-31"}
		for name, c := range map[string]struct {
			change  func(*task.TaskInput)
			pointer string
		}{
			"no goal":              {func(in *task.TaskInput) { in.Goal = "" }, "/goal"},
			"two units":            {func(in *task.TaskInput) { in.ParkID = string(w.BaoanA.Park.ID) }, "/jurisdiction"},
			"due before the paper": {func(in *task.TaskInput) { in.DueOn = "2026-05-31" }, "/dueOn"},
			"SQL":                  {func(in *task.TaskInput) { in.Binding = &task.Binding{Query: "SELECT 1", Target: 1} }, "/binding/query"},
			"another's parameter": {func(in *task.TaskInput) {
				in.Binding = &task.Binding{Query: task.ParksVerified, Target: 1, Metric: "outletsCoded"}
			}, "/binding/metric"},
			"a metric of nobody": {func(in *task.TaskInput) { in.Binding = &task.Binding{Query: task.Ratio, Target: 1, Metric: "x"} }, "/binding/metric"},
			"more than all": {func(in *task.TaskInput) {
				in.Binding = &task.Binding{Query: task.Ratio, Target: 101, Metric: "outletsCoded"}
			}, "/binding/target"},
			"no target": {func(in *task.TaskInput) { in.Binding = &task.Binding{Query: task.ParksVerified} }, "/binding/target"},
			"no day": {func(in *task.TaskInput) {
				in.Binding = &task.Binding{Query: task.Count, Target: 1, Measure: "patrols", From: "1月"}
			}, "/binding/from"},
			"a person who left": {func(in *task.TaskInput) { w.left[models.ID(in.PersonID)] = true }, "/personId"},
		} {
			clear(w.left)
			in := good
			c.change(&in)
			_, err := w.Create(w.Bureau(), "", in)
			var v *fault.Error
			if !errors.As(err, &v) || len(v.Violations) != 1 || v.Violations[0].Pointer != c.pointer {
				t.Errorf("%s: %v, want one fault at %s", name, err, c.pointer)
			}
		}
		clear(w.left)
		if _, err := w.Create(w.Bureau(), "", good); err != nil {
			t.Error(err)
		}
		if _, err := w.CreateProgramme(w.Bureau(), "", task.ProgrammeInput{Title: "明年的文件", Issuer: "市局", IssuedOn: "2026-11-25"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a paper of tomorrow: %v", err)
		}
		if _, err := w.CreateProgramme(w.Inspector("baoan"), "", task.ProgrammeInput{}); !fault.Is(err, fault.Denied) {
			t.Errorf("a district enters a document: %v", err)
		}
	})
}

// TestComputed: a bound goal is done exactly when the registry says so; an override
// stands before it, with its reason, and can be lifted.
func TestComputed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		park := w.ParkManager(w.BaoanA)
		x := w.set(t, &task.Binding{Query: task.Ratio, Metric: "sitesPermitted", Target: 100})
		w.seal(t)
		look := func() task.Standing {
			t.Helper()
			s, _, err := w.Get(w.Bureau(), x.ID)
			return got(s, err)(t)
		}
		if s := look(); s.Done || s.Figure == nil || s.Figure.N != 0 || s.Figure.D != 1 {
			t.Fatalf("without a permit: %+v %+v", s.Done, s.Figure)
		}
		if _, err := w.Move(park, task.MoveReport, x.ID, x.Version, entered(task.MoveReport)); !fault.Is(err, fault.Conflict) {
			t.Errorf("a goal that is not reached was reported: %v", err)
		}
		x = got(w.Move(w.Bureau(), task.MoveOverride, x.ID, x.Version, entered(task.MoveOverride)))(t)
		if s := look(); !s.Done || s.Figure.Met || s.Override != task.SayDone {
			t.Errorf("overridden: %+v %+v", s, s.Figure)
		}
		steps := got(w.Steps(park, x.ID))(t)
		if last := steps[len(steps)-1]; last.Kind != task.MoveOverride || last.Reason != because || last.Override != task.SayDone {
			t.Errorf("the override's step is %+v", last)
		}
		if _, err := w.Move(w.Bureau(), task.MoveOverride, x.ID, x.Version, task.StepInput{Says: task.SayComputed}); !fault.Is(err, fault.Invalid) {
			t.Errorf("lifted without a reason: %v", err)
		}
		x = got(w.Move(w.Bureau(), task.MoveOverride, x.ID, x.Version, task.StepInput{Says: task.SayComputed, Reason: because}))(t)
		if s := look(); s.Done || s.Override != "" {
			t.Errorf("lifted: %+v", s)
		}
		got(w.Registry.CreatePermit(w.Program(), "", registry.PermitInput{SiteID: string(w.BaoanA.Site.ID), Number: w.BaoanA.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key",
			IssuedOn: "2024-01-01", Authority: "市生态环境局"}))(t)
		w.seal(t)
		if s := look(); !s.Done || s.Figure.N != 1 || s.Figure.D != 1 {
			t.Errorf("with the permit: %+v", s.Figure)
		}
		if x, err := w.Move(park, task.MoveReport, x.ID, x.Version, entered(task.MoveReport)); err != nil || x.State != task.Completed {
			t.Errorf("a goal that is reached: %v", err)
		}
	})
}

// TestEveryQuery: each question of the catalogue answers, and about the unit's parks alone.
func TestEveryQuery(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		p := w.programme(t)
		whole := map[string]struct {
			in   task.TaskInput
			of   int64
			name string
		}{"city": {in: task.TaskInput{PersonID: string(userOf(w.Bureau()))}, of: 5}, "district": {in: task.TaskInput{Jurisdiction: "baoan", PersonID: string(userOf(w.Inspector("baoan")))}, of: 2},
			"park": {in: task.TaskInput{ParkID: string(w.Dapeng.Park.ID), PersonID: string(userOf(w.ParkManager(w.Dapeng)))}, of: 1}}
		seen := map[task.Query]bool{}
		for name, u := range whole {
			for _, b := range []task.Binding{{Query: task.ParksOnTarget, Target: 1}, {Query: task.ParksOnTarget, Dimension: 4, Score: 40, Target: 1}, {Query: task.ParksVerified, Target: 1},
				{Query: task.ParksReached, Stage: registry.Designated, Target: 1}, {Query: task.Ratio, Metric: "outletsCoded", Target: 90}, {Query: task.Count, Measure: "patrols", From: "2026-11-01", Target: 1},
				{Query: task.Overdue}} {
				seen[b.Query] = true
				in := u.in
				in.ProgrammeID, in.Title, in.Goal, in.DueOn, in.Binding = string(p.ID), "任务", "目标", "2026-12-31", &b
				x := got(w.Create(w.Bureau(), "", in))(t)
				w.seal(t)
				s, _, err := w.Get(w.Bureau(), x.ID)
				if err != nil || s.Figure == nil {
					t.Fatalf("%s %s: %v", name, b.Query, err)
				}
				want := b.Query == task.Ratio || b.Query == task.Overdue || b.Dimension == 4
				if s.Done != want {
					t.Errorf("%s %s is done: %v, %+v", name, b.Query, s.Done, s.Figure)
				}
				if parks := b.Query == task.ParksVerified || b.Query == task.ParksReached || b.Query == task.ParksOnTarget; parks && s.Figure.D != u.of {
					t.Errorf("%s %s is of %d parks, want %d", name, b.Query, s.Figure.D, u.of)
				}
			}
		}
		for _, q := range task.Queries() {
			if !seen[q] {
				t.Errorf("%s was not asked", q)
			}
		}
	})
}

// TestAsOf: the table of a past day, known then, stays what it was; delayed follows the day.
func TestAsOf(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		x := w.set(t, nil)
		w.seal(t)
		*w.clock = w.clock.Add(24 * time.Hour)
		park := w.ParkManager(w.BaoanA)
		x = got(w.Move(park, task.MoveStart, x.ID, x.Version, task.StepInput{}))(t)
		w.seal(t)
		*w.clock = w.clock.Add(24 * time.Hour)
		x = got(w.Move(w.Bureau(), task.MoveReassignment, x.ID, x.Version, task.StepInput{DueOn: "2026-11-27", Reason: because}))(t)
		w.seal(t)
		*w.clock = w.clock.Add(48 * time.Hour)
		on := func(q progress.Question) []task.Standing {
			t.Helper()
			return got(w.List(w.Bureau(), task.Filter{}, q, models.Query{Limit: 10}))(t).Items
		}
		if all := on(progress.Question{AsOf: "2026-11-23"}); len(all) != 0 {
			t.Errorf("a day before it was set: %+v", all)
		}
		for day, want := range map[code.Day]struct {
			state   task.State
			due     code.Day
			delayed bool
		}{"2026-11-24": {task.Planned, "2026-12-31", false}, "2026-11-25": {task.InProgress, "2026-12-31", false}, "2026-11-27": {task.InProgress, "2026-11-27", false}, "2026-11-28": {task.InProgress, "2026-11-27", true}} {
			all := on(progress.Question{AsOf: day})
			if len(all) != 1 || all[0].State != want.state || all[0].DueOn != want.due || all[0].Delayed != want.delayed {
				t.Errorf("%s: %+v", day, all)
			}
			then := on(progress.Question{AsOf: day, KnownAsOf: "2026-11-24"})
			if len(then) != 1 || then[0].State != task.Planned || then[0].DueOn != "2026-12-31" {
				t.Errorf("%s, known on the 24th: %+v", day, then)
			}
		}
		got(w.Move(park, task.MoveReport, x.ID, x.Version, entered(task.MoveReport)))(t)
		w.seal(t)
		if all := on(progress.Question{}); len(all) != 1 || !all[0].Done || all[0].Delayed {
			t.Errorf("reported: %+v", all)
		}
		if page := got(w.List(w.Bureau(), task.Filter{State: task.InProgress}, progress.Question{AsOf: "2026-11-27"}, models.Query{Limit: 10}))(t); len(page.Items) != 1 {
			t.Errorf("by the state of that day: %d", len(page.Items))
		}
	})
}

// TestTwoAtOnce: of two people who move the same version one wins.
func TestTwoAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		x := w.set(t, nil)
		errs := make([]error, 2)
		var wait sync.WaitGroup
		for i, m := range []task.Move{task.MoveStart, task.MoveCancellation} {
			wait.Go(func() {
				ctx := w.Bureau()
				if m == task.MoveStart {
					ctx = w.ParkManager(w.BaoanA)
				}
				_, errs[i] = w.Move(ctx, m, x.ID, x.Version, entered(m))
			})
		}
		wait.Wait()
		lost := errs[0]
		if lost == nil {
			lost = errs[1]
		}
		if (errs[0] == nil) == (errs[1] == nil) || !fault.Is(lost, fault.Conflict) && !fault.Is(lost, fault.Stale) {
			t.Errorf("both: %v", errs)
		}
		if steps := got(w.Steps(w.Bureau(), x.ID))(t); len(steps) != 2 {
			t.Errorf("%d steps", len(steps))
		}
	})
}

// TestKept: what is to be done never changes, and a document neither, on either engine.
func TestKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.set(t, nil)
		for _, statement := range []string{"UPDATE tasks SET goal = 'x'", "UPDATE tasks SET binding = 'x'", "UPDATE tasks SET unit = 'city'", "DELETE FROM tasks", "UPDATE programmes SET title = 'x'", "DELETE FROM task_steps"} {
			err := w.DB.Write(w.Program(), func(tx *models.Tx) error { return tx.Program().Exec(statement).Error })
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

// TestInboxSaysWhatTheTableSays: a task past its day whose goal is reached waits for its
// report and is late in neither; one that people judge is late in both.
func TestInboxSaysWhatTheTableSays(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		reached, judged := w.set(t, &task.Binding{Query: task.Overdue}), w.set(t, nil)
		*w.clock = code.Day("2027-01-10").Start().Add(10 * time.Hour)
		w.seal(t)
		waiting := got(w.Inbox(w.ParkManager(w.BaoanA)))(t)
		if len(waiting) != 2 {
			t.Fatalf("%d wait", len(waiting))
		}
		for _, x := range waiting {
			s, _, err := w.Get(w.Bureau(), x.Task.ID)
			if err != nil || x.Overdue != s.Delayed || x.Overdue != (x.Task.ID == judged.ID) || s.Done != (x.Task.ID == reached.ID) {
				t.Errorf("%s: late in the inbox %v, in the table %v, done %v, %v", x.Task.Number, x.Overdue, s.Delayed, s.Done, err)
			}
		}
	})
}
