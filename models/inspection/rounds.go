package inspection

import (
	"cmp"
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// MaxRoundDays is how many days one question about planned patrols covers.
const MaxRoundDays = 92

// RoundsQuestion asks about the days from From ("" is thirty days before) to the end of
// AsOf ("" is today), by what was known on a day or at a number of the log.
type RoundsQuestion struct {
	From, AsOf code.Day
	KnownAsOf  string
	KnownSeq   *int64
}

// RoundsAnswer are the planned patrols of a park, with how many stand how.
type RoundsAnswer struct {
	From, AsOf code.Day
	KnownSeq   int64 // number of the last change that counts, -1 for none
	Rounds     []Round
	Count      map[RoundState]int
}

// within completes the days of a question, and refuses those that cannot be asked about.
func (q *RoundsQuestion) within(today code.Day) (c fault.Check) {
	q.AsOf = cmp.Or(q.AsOf, today)
	q.From = cmp.Or(q.From, q.AsOf.Add(-30))
	if q.AsOf > today {
		c.Cite("/query/asOf", "future", "", string(q.AsOf), "截止日期不能晚于今天（{{.Today}}）", "Today", string(today))
	}
	if n := q.AsOf.Sub(q.From); n < 0 || n > MaxRoundDays {
		c.Fail("/query/from", "range", "一次至多 {{.Days}} 天，起始日期不晚于截止日期", "Days", MaxRoundDays)
	}
	return c
}

// Rounds are the planned patrols of a park, computed anew: nothing of it is stored.
// Asked again with the same days and the same number it is the same answer, but for
// whose turn it is: that is said of today alone.
func (s *Service) Rounds(ctx context.Context, park models.ID, q RoundsQuestion) (RoundsAnswer, error) {
	out := RoundsAnswer{Count: map[RoundState]int{}}
	if err := policies.Require(ctx, policies.PatrolRead); err != nil {
		return out, err
	}
	today := s.db.Today()
	c := q.within(today)
	out.From, out.AsOf = q.From, q.AsOf
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		known, err := audit.New(s.db).Asked(ctx, &c, q.KnownAsOf, q.KnownSeq)
		if err != nil {
			return err
		}
		out.KnownSeq = known.Seq
		if out.Rounds, err = s.roundsOf(ctx, park, out.From, out.AsOf, known); err != nil || out.AsOf < today || !known.Newest {
			return err
		}
		return s.turns(ctx, park, out.Rounds)
	})
	for _, r := range out.Rounds {
		out.Count[r.State]++
	}
	return out, err
}

// RoundCounts are how many planned patrols stand how, as Rounds counts them, of every park
// of the caller that has any: all parks are read at once.
func (s *Service) RoundCounts(ctx context.Context, q RoundsQuestion) (map[models.ID]map[RoundState]int, error) {
	out := map[models.ID]map[RoundState]int{}
	if err := policies.Require(ctx, policies.PatrolRead); err != nil {
		return out, err
	}
	c := q.within(s.db.Today())
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		known, err := audit.New(s.db).Asked(ctx, &c, q.KnownAsOf, q.KnownSeq)
		if err != nil {
			return err
		}
		var parks []models.ID
		if err := s.db.Visible(ctx, policies.ParkRead, &registry.Park{}).Pluck("parks.id", &parks).Error; err != nil {
			return err
		}
		all, err := s.roundsIn(ctx, "", parks, q.From, q.AsOf, known)
		for park, rounds := range all {
			out[park] = map[RoundState]int{}
			for _, r := range rounds {
				out[park][r.State]++
			}
		}
		return err
	})
	return out, err
}

func (s *Service) roundsOf(ctx context.Context, id models.ID, from, asOf code.Day, known audit.Knowledge) ([]Round, error) {
	var park registry.Park
	if err := models.One(s.db.Visible(ctx, policies.ParkRead, &park).Where("id = ?", id), &park); err != nil {
		return nil, err
	}
	all, err := s.roundsIn(ctx, id, []models.ID{id}, from, asOf, known)
	return all[id], err
}

// roundsIn are those of each of the parks that has any; only is the one park that is asked
// about, "" for more.
func (s *Service) roundsIn(ctx context.Context, only models.ID, parks []models.ID, from, asOf code.Day, known audit.Knowledge) (map[models.ID][]Round, error) {
	objects, err := s.roundObjects(ctx, only, known)
	if err != nil {
		return nil, err
	}
	first := min(periodOf("week", from).from, periodOf("month", from).from)
	visits, err := s.visits(ctx, parks, first, asOf, known)
	if err != nil {
		return nil, err
	}
	of, out := map[models.ID][]RoundObject{}, map[models.ID][]Round{}
	for _, o := range objects {
		of[o.Place.ParkID] = append(of[o.Place.ParkID], o)
	}
	for _, park := range parks {
		if rounds := Rounds(AllRoundRules(), of[park], visits[park], from, asOf); len(rounds) > 0 {
			out[park] = rounds
		}
	}
	return out, nil
}

// turns says whose turn each round is among the people of the park.
func (s *Service) turns(ctx context.Context, park models.ID, all []Round) error {
	people, err := s.accounts.Members(ctx, policies.ParkBody(string(park)))
	for i := range all {
		all[i].Person = all[i].Turn(people)
	}
	return err
}

// waitingRounds are the planned patrols that are due today and whose turn is the caller's.
func (s *Service) waitingRounds(ctx context.Context) ([]Waiting, error) {
	actor, _ := policies.ActorFrom(ctx)
	var all []Waiting
	for _, a := range actor.Assignments {
		if a.Role != policies.ParkManager {
			continue
		}
		rounds, err := s.roundsOf(ctx, models.ID(a.Park), s.db.Today(), s.db.Today(), audit.Knowledge{Newest: true})
		if err != nil {
			return nil, err
		}
		if err := s.turns(ctx, models.ID(a.Park), rounds); err != nil {
			return nil, err
		}
		for _, r := range rounds {
			if r.State == RoundDue && r.Person == models.ID(actor.User) && len(all) < MaxWaiting {
				all = append(all, Waiting{What: WaitingRound, ID: r.Object.ID, Number: r.Object.Name, Place: r.Object.Place, DueOn: &r.To})
			}
		}
	}
	return all, nil
}

// RoundsDone counts the planned patrols of a park whose periods ended from the first to
// the last of the days, by what is known now: all that are over and not excused, and of
// these the ones that were done. Denied without patrol.read.
func (s *Service) RoundsDone(ctx context.Context, park models.ID, from, to code.Day) (done, planned int64, err error) {
	if err := policies.Require(ctx, policies.PatrolRead); err != nil {
		return 0, 0, err
	}
	all, err := s.roundsOf(ctx, park, from, to.Add(1), audit.Knowledge{Newest: true}) // of the day after: the last day is over
	for _, r := range all {
		switch {
		case r.To < from || r.To > to:
		case r.State == RoundDone:
			done, planned = done+1, planned+1
		case r.State == RoundMissed:
			planned++
		}
	}
	return done, planned, err
}
