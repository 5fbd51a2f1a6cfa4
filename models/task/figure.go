package task

import (
	"context"
	"math/big"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Figure is what the registry answers to a bound goal.
type Figure struct {
	N   int64 // reached
	D   int64 // of how many; 0 where the question counts
	Met bool
}

// figures answers the questions of many goals on one day, as known at one number of the
// log. Whoever reads it, the answer is the registry's: each task is about its own unit,
// and who may see a task may see its answer.
type figures struct {
	s      *Service
	ctx    context.Context // of the program
	asOf   code.Day
	known  int64
	report progress.Report
	ratios progress.Ratios // nil until asked for
	before map[code.Day]progress.Report
	stages map[models.ID][]registry.PilotState // nil until asked for
}

// figures asks for a day; the number that the answer counts in is what was known.
func (s *Service) figures(ctx context.Context, q progress.Question) (*figures, error) {
	f := &figures{s: s, ctx: policies.With(ctx, s.db.Policy.Program("task")), before: map[code.Day]progress.Report{}}
	var err error
	f.report, err = s.measures.Report(f.ctx, q)
	f.asOf, f.known = f.report.AsOf, f.report.KnownSeq
	return f, err
}

// of is the answer to a goal; nil for one that is not bound.
func (f *figures) of(t Task) (*Figure, error) {
	b := t.Binding.V
	if b == nil {
		return nil, nil
	}
	var out Figure
	var err error
	mine := parksOf(t.Unit, f.report)
	switch b.Query {
	case ParksOnTarget:
		out = tally(mine, func(p progress.ParkStanding) bool { return reaches(p, b.Dimension, b.Score) })
	case ParksVerified:
		out = tally(mine, func(p progress.ParkStanding) bool { return p.Basis.Assessment != "" })
	case ParksReached:
		out, err = f.reached(mine, b.Stage)
	case Ratio:
		out, err = f.ratio(mine, b.Metric)
	case Count:
		out.N, err = f.count(t.Unit, *b)
	case Overdue:
		for _, p := range mine {
			out.N += p.Counts.FindingsOverdue
		}
	}
	out.Met = b.met(out)
	return &out, err
}

// met compares the answer with the target.
func (b Binding) met(f Figure) bool {
	switch b.Query {
	case Overdue:
		return f.N <= b.Target
	case Ratio:
		return f.D > 0 && f.N*100 >= b.Target*f.D
	}
	return f.N >= b.Target
}

// parksOf are the parks that a unit answers for.
func parksOf(unit policies.Organisation, r progress.Report) []progress.ParkStanding {
	var out []progress.ParkStanding
	for _, p := range r.Parks {
		if unit == "city" || unit == policies.DistrictBureau(models.Deref(p.Park.Jurisdiction)) || unit == policies.ParkBody(string(p.Park.ID)) {
			out = append(out, p)
		}
	}
	return out
}

func tally(parks []progress.ParkStanding, yes func(progress.ParkStanding) bool) Figure {
	f := Figure{D: int64(len(parks))}
	for _, p := range parks {
		if yes(p) {
			f.N++
		}
	}
	return f
}

// reaches reports whether a park has the score, overall for dimension 0.
func reaches(p progress.ParkStanding, dimension, score int) bool {
	has := p.Overall
	if dimension > 0 {
		has = p.Dimensions[dimension-1].Score
	}
	return has != nil && has.Cmp(big.NewRat(int64(score), 1)) >= 0
}

func (f *figures) ratio(parks []progress.ParkStanding, metric string) (Figure, error) {
	var out Figure
	if f.ratios == nil {
		var err error
		if f.ratios, err = f.s.measures.Ratios(f.ctx, f.question(f.asOf)); err != nil {
			return out, err
		}
	}
	for _, p := range parks {
		r := f.ratios[metric][p.Park.ID]
		out.N, out.D = out.N+r.N, out.D+r.D
	}
	return out, nil
}

// about is the day and the number that the answers are about.
func (f *figures) about() progress.Question { return f.question(f.asOf) }

func (f *figures) question(day code.Day) progress.Question {
	return progress.Question{AsOf: day, KnownSeq: &f.known}
}

// count is the sum up to the day less the sum before the first day.
func (f *figures) count(unit policies.Organisation, b Binding) (int64, error) {
	of := counts[b.Measure]
	sum := func(r progress.Report) (n int64) {
		for _, p := range parksOf(unit, r) {
			n += of(p.Counts)
		}
		return n
	}
	if b.From == "" {
		return sum(f.report), nil
	}
	if code.Day(b.From) > f.asOf {
		return 0, nil
	}
	day := code.Day(b.From).Add(-1)
	if _, asked := f.before[day]; !asked {
		r, err := f.s.measures.Report(f.ctx, f.question(day))
		if err != nil {
			return 0, err
		}
		f.before[day] = r
	}
	return sum(f.report) - sum(f.before[day]), nil
}

// reached counts the parks that came to a stage and have not lapsed since.
func (f *figures) reached(parks []progress.ParkStanding, stage registry.PilotState) (Figure, error) {
	if f.stages == nil {
		if err := f.readStages(); err != nil {
			return Figure{}, err
		}
	}
	return tally(parks, func(p progress.ParkStanding) bool {
		been := f.stages[p.Park.ID]
		return slices.Contains(been, stage) && been[len(been)-1] != registry.Lapsed
	}), nil
}

func (f *figures) readStages() error {
	var steps []registry.PilotStep
	err := f.s.db.Visible(f.ctx, policies.ParkRead, &registry.PilotStep{}).Select("pilot_steps.*").Joins("JOIN changes ON changes.id = pilot_steps.change_id").
		Where("pilot_steps.day <= ? AND changes.seq <= ?", f.asOf, f.known).Order("pilot_steps.day, pilot_steps.id").Find(&steps).Error
	f.stages = map[models.ID][]registry.PilotState{}
	for _, s := range steps {
		f.stages[s.ParkID] = append(f.stages[s.ParkID], s.ToState)
	}
	return err
}

// Standing is a task as it stood, with the answer of the registry.
type Standing struct {
	Task
	Figure  *Figure // nil for a goal that people judge
	Done    bool
	Delayed bool
}

// StateName is where the task stands in words.
func (s Standing) StateName() fault.Text {
	if s.Done && (s.State == Planned || s.State == InProgress) {
		return fault.T("已完成，待报送")
	}
	return s.State.Name()
}

// stand judges a task on a day: an override stands before the answer of the registry,
// and that before what the unit reported.
func stand(t Task, f *Figure, day code.Day) Standing {
	s := Standing{Task: t, Figure: f, Done: t.State == Completed || t.State == Verified}
	if f != nil {
		s.Done = f.Met
	}
	if t.Override != "" {
		s.Done = t.Override == SayDone
	}
	s.Delayed = !s.Done && t.State != Cancelled && t.DueOn < day
	return s
}
