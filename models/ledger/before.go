package ledger

import (
	"context"
	"math/big"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger/screen"
	"parkregistry/policies"
)

// About is what an entry is about, before there is one.
type About struct {
	Entry                  models.ID // the entry itself, "" before it is made
	Park                   models.ID
	Site, Facility, Outlet *models.ID
	Class                  string
	Day                    code.Day
	Slot                   string
}

// About is what the entry is about.
func (e Entry) About() About {
	return About{e.ID, e.ParkID, e.SiteID, e.FacilityID, e.OutletID, e.Class, e.Day, e.Slot}
}

// Before is what a number that is being entered is read beside: what was filed about
// the same object on the days before, and the limit that it will be held against.
type Before struct {
	Yesterday string // as it was entered, "" for none
	Mean      string // of the seven days before, of what is a plain number
	Days      []DayValue
	Limit     fault.Text // of a reading; empty where none is known
	Source    fault.Text // where the limit comes from
	Most      *int64     // its upper end × 10^6, for a line
}

// DayValue is the mean of a day's plain numbers × 10^6.
type DayValue struct {
	Day    code.Day
	Scaled int64
}

// Neighbourhood is Before for every number that was filed about the object within
// thirty days or has a limit: by the name of a field at the top of the payload, or the
// code of a pollutant. Usual are the pollutants that a form offers: those of the last
// entry, otherwise those with limits.
type Neighbourhood struct {
	By    map[string]Before
	Usual []string
}

// mostUsual bounds what a form offers where nothing was filed yet.
const mostUsual = 12

// Before reads the neighbourhood of an entry. Absent when what it names is not the caller's.
func (s *Service) Before(ctx context.Context, a About) (Neighbourhood, error) {
	near := Neighbourhood{By: map[string]Before{}}
	if err := policies.Require(ctx, policies.LedgerRead); err != nil {
		return near, err
	}
	class, ok := s.classes.Newest(a.Class)
	if !ok {
		return near, fault.Absent()
	}
	return near, s.looking(ctx, func(tx *models.Tx) error {
		o, err := find(tx, parsed{class: class, park: a.Park, site: a.Site, facility: a.Facility, outlet: a.Outlet})
		if err != nil {
			return err
		}
		e := Entry{Placed: o.place, Class: a.Class, FacilityID: a.Facility, OutletID: a.Outlet, Day: a.Day}
		e.ID = a.Entry
		look := newNeighbours(s.classes, tx.Visible)
		if err := look.want(look.before(a.Day), topicOf(e)); err != nil {
			return err
		}
		near.filed(look.on(topicOf(e), e, a.Day.Add(-screen.Days), a.Day.Add(-1)), a)
		g, err := newJudge(tx.Context(), tx.DB()).grounds(a.Day, o)
		if err != nil || g.Outlet == nil || !class.measures() {
			return err
		}
		return near.limited(g, a.Day)
	})
}

// measures reports whether entries of the class hold readings of pollutants.
func (c Class) measures() bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return slices.ContainsFunc(f.Fields, func(f Field) bool { return f.ItemBy != "" }) })
}

// filed takes the rows of the days before, newest first.
func (near *Neighbourhood) filed(rows []screen.Row, a About) {
	type series struct {
		days   map[code.Day][]int64
		places int
	}
	all := map[string]*series{}
	for _, r := range rows {
		first := len(near.Usual) == 0
		for _, v := range r.Values {
			if strings.Contains(v.Name, ".") || strings.HasPrefix(v.Pointer, "/facility/") {
				continue // of a list without pollutants, or of the register
			}
			b := near.By[v.Name]
			if r.Day == a.Day.Add(-1) && (b.Yesterday == "" || r.Slot == a.Slot) {
				b.Yesterday = v.Raw
			}
			near.By[v.Name] = b
			if v.Reading && first && !slices.Contains(near.Usual, v.Name) {
				near.Usual = append(near.Usual, v.Name)
			}
			if !v.Exact {
				continue
			}
			if all[v.Name] == nil {
				all[v.Name] = &series{days: map[code.Day][]int64{}}
			}
			s := all[v.Name]
			s.days[r.Day] = append(s.days[r.Day], v.Scaled)
			if _, part, _ := strings.Cut(strings.TrimSpace(v.Raw), "."); len(part) > s.places {
				s.places = len(part)
			}
		}
	}
	for name, s := range all {
		b := near.By[name]
		var week []int64
		for n := screen.Days; n > 0; n-- {
			day := a.Day.Add(-n)
			values := s.days[day]
			if len(values) == 0 {
				continue
			}
			b.Days = append(b.Days, DayValue{day, mean(values)})
			if n <= 7 {
				week = append(week, values...)
			}
		}
		if len(week) > 0 {
			b.Mean = big.NewRat(0, 1).SetFrac(total(week), big.NewInt(int64(len(week))*code.QuantityScale)).FloatString(s.places)
		}
		near.By[name] = b
	}
}

func total(all []int64) *big.Int {
	sum := new(big.Int)
	for _, n := range all {
		sum.Add(sum, big.NewInt(n))
	}
	return sum
}

func mean(all []int64) int64 {
	return new(big.Int).Quo(total(all), big.NewInt(int64(len(all)))).Int64()
}

// limited adds the limits in force on the day for what is usual and for what has one.
func (near *Neighbourhood) limited(g Grounds, day code.Day) error {
	names := slices.Clone(near.Usual)
	for _, c := range g.Recorded {
		if !slices.Contains(names, c.Pollutant) {
			names = append(names, c.Pollutant)
		}
	}
	for _, s := range discharge.All(g.Situation, day, g.Recorded) {
		if !slices.Contains(names, s.Pollutant) {
			names = append(names, s.Pollutant)
		}
	}
	fresh := len(near.Usual) == 0
	for _, name := range names {
		s, err := g.set(name, false, day)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(s.Candidates, func(c discharge.Candidate) bool { return c.InForce })
		if i < 0 {
			continue
		}
		b, c := near.By[name], s.Candidates[i]
		b.Limit, b.Source = discharge.Limit(c.Minimum, c.Maximum, c.Unit), c.Cited()
		if high, ok := s.Maximum(); ok {
			b.Most = &high
		}
		near.By[name] = b
		if fresh && len(near.Usual) < mostUsual {
			near.Usual = append(near.Usual, name)
		}
	}
	return nil
}
