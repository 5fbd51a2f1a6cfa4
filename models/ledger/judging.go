package ledger

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models"
	"parkregistry/models/ledger/screen"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Grounds are what readings about an outlet are judged by: what the register
// says of it, and the limits that it has beside the official tables.
type Grounds struct {
	Outlet    *models.ID // nil when it is open which outlet the readings belong to
	Open      string     // why: noOutlet, severalOutlets
	Situation discharge.Situation
	Recorded  []discharge.Candidate

	turns []code.Day // from one to the next, the same limits apply
	sets  map[occasion]set
}

// occasion is what a set depends on at one outlet.
type occasion struct {
	pollutant string
	cold      bool
	turn      int
}

// set is a set with its row.
type set struct {
	discharge.Set
	row LimitSet
}

// GroundsOf are the grounds for readings at an outlet that the caller has read.
func GroundsOf(o registry.Outlet, recorded []discharge.Candidate) Grounds {
	s := o.Situation()
	return Grounds{Outlet: &o.ID, Situation: s, Recorded: recorded, turns: discharge.Turns(s, recorded), sets: map[occasion]set{}}
}

// judge finds grounds for objects, and asks the register about each outlet once.
// It reads as the program: what is found must not depend on who files.
type judge struct {
	db     *models.DB
	ctx    context.Context
	behind map[models.ID][]registry.Outlet
	known  map[models.ID]Grounds
}

func newJudge(ctx context.Context, db *models.DB) judge {
	return judge{db, policies.With(ctx, db.Policy.Program("judge")), map[models.ID][]registry.Outlet{}, map[models.ID]Grounds{}}
}

// grounds finds the outlet that readings belong to on that day: the one named, or
// the only one behind the facility.
func (j judge) grounds(day code.Day, o object) (Grounds, error) {
	outlet := o.outlet
	if outlet == nil && o.facility != nil {
		open, err := j.open(day, o.facility.ID)
		switch {
		case err != nil:
			return Grounds{}, err
		case len(open) > 1:
			return Grounds{Open: "severalOutlets"}, nil
		case len(open) == 1:
			outlet = &open[0]
		}
	}
	if outlet == nil {
		return Grounds{Open: "noOutlet"}, nil
	}
	if g, known := j.known[outlet.ID]; known {
		return g, nil
	}
	recorded, err := registry.Recorded(j.ctx, j.db, *outlet)
	if err != nil {
		return Grounds{}, err
	}
	j.known[outlet.ID] = GroundsOf(*outlet, recorded)
	return j.known[outlet.ID], nil
}

// open are the outlets behind a facility that were not closed before that day.
func (j judge) open(day code.Day, facility models.ID) ([]registry.Outlet, error) {
	all, known := j.behind[facility]
	if !known {
		err := j.db.Visible(j.ctx, policies.FacilityRead, &registry.Outlet{}).Where("facility_id = ?", facility).Order("code, id").Limit(100).Find(&all).Error
		if err != nil {
			return nil, err
		}
		j.behind[facility] = all
	}
	return slices.DeleteFunc(slices.Clone(all), func(o registry.Outlet) bool { return o.ClosedOn != nil && *o.ClosedOn < day }), nil
}

// readings judges every reading of an entry about an object.
func (j judge) readings(day code.Day, slot string, o object, c Content) ([]Judged, error) {
	if len(c.readings()) == 0 {
		return nil, nil
	}
	g, err := j.grounds(day, o)
	if err != nil {
		return nil, err
	}
	return g.Judge(day, slot, c)
}

// Judge judges every reading of a payload: each by the candidates of its
// pollutant on that day, values that are no day's mean by their mean.
func (g Grounds) Judge(day code.Day, slot string, c Content) ([]Judged, error) {
	all, water := c.readings(), c.drainage(slot)
	cold := slices.ContainsFunc(all, func(r reading) bool {
		return r.Pollutant == waterTemperature && r.Value.Qualifier == "" && r.Value.Scaled <= coldest
	})
	out := make([]Judged, 0, len(all))
	for _, r := range all {
		if g.Outlet == nil {
			out = append(out, Judged{Path: r.path, Judgement: discharge.Unjudged(r.Reading, g.Open)})
			continue
		}
		s, err := g.set(r.Pollutant, cold, day)
		if err != nil {
			return nil, err
		}
		if r.Pollutant == waterTemperature && len(s.Candidates) == 0 {
			continue // it decides which limit for ammonia applies, and has none of its own
		}
		out = append(out, Judged{Path: r.path, OutletID: g.Outlet, SetID: s.row.ID, Judgement: s.Judge(r.Reading, peers(all, r.Pollutant), water), Set: s.Set, row: s.row})
	}
	return out, nil
}

// set is what Decide gives, made once for all days that give the same.
func (g Grounds) set(pollutant string, cold bool, day code.Day) (set, error) {
	turn, _ := slices.BinarySearch(g.turns, day.Add(1))
	o := occasion{pollutant, cold, turn}
	if s, known := g.sets[o]; known {
		return s, nil
	}
	about := g.Situation
	about.Cold = cold
	s := set{Set: discharge.Decide(about, pollutant, day, g.Recorded)}
	var err error
	s.row, err = limitSet(s.Set)
	g.sets[o] = s
	return s, err
}

// maximums are the upper limits that the register and the tables have today for
// the readings of a row.
func (j judge) maximums(day code.Day, o object, r screen.Row) (map[string]int64, error) {
	g, err := j.grounds(day, o)
	if err != nil || g.Outlet == nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, v := range r.Values {
		if !v.Reading {
			continue
		}
		s, err := g.set(v.Name, false, day)
		if err != nil {
			return nil, err
		}
		if high, ok := s.Maximum(); ok {
			out[v.Name] = high
		}
	}
	return out, nil
}

const (
	// waterTemperature decides which limit for ammonia nitrogen applies.
	waterTemperature = "w01010"
	// coldest is the temperature at and below which limits for cold water apply.
	coldest = 12 * code.QuantityScale
)

func peers(all []reading, pollutant string) []discharge.Reading {
	var out []discharge.Reading
	for _, r := range all {
		if r.Pollutant == pollutant {
			out = append(out, r.Reading)
		}
	}
	return out
}

// reading is one measured value of a payload with where it stands.
type reading struct {
	path string
	discharge.Reading
}

// readings are the values of a payload that belong to pollutants of HJ 525.
func (c Content) readings() []reading {
	var out []reading
	for _, i := range c.Items {
		p, known := code.PollutantOf(i.Item)
		if !known {
			continue
		}
		r := reading{i.Path, discharge.Reading{Pollutant: string(p), Value: code.Quantity{Raw: i.Raw, Qualifier: i.Qualifier}, Unit: i.Unit, Kind: c.Texts[sibling(i.Path, "kind")]}}
		if i.Scaled != nil {
			r.Value.Scaled = *i.Scaled
		}
		if limit := c.item(sibling(i.Path, "detectionLimit")); limit != nil {
			r.DetectionLimit = strings.TrimSpace(limit.Raw)
		}
		out = append(out, r)
	}
	return out
}

// sibling is the pointer of another member of the record that a pointer is in.
func sibling(pointer, name string) string {
	return pointer[:strings.LastIndex(pointer, "/")+1] + name
}

func (c Content) item(pointer string) *Item {
	if n := slices.IndexFunc(c.Items, func(i Item) bool { return i.Path == pointer }); n >= 0 {
		return &c.Items[n]
	}
	return nil
}

// drainage is the water of the working day with what was made; nil when the
// payload does not say both. An entry about the whole day says the day's water
// with its own.
func (c Content) drainage(slot string) *discharge.Drainage {
	total := c.item("/dayDrainage")
	if total == nil && slot == "" {
		total = c.item("/discharged")
	}
	made := c.outputs()
	if total == nil || len(made) == 0 {
		return nil
	}
	return &discharge.Drainage{Total: strings.TrimSpace(total.Raw), Outputs: made}
}

// outputs are the products of the working day.
func (c Content) outputs() []discharge.Output {
	out := make([]discharge.Output, c.Lengths["/products"])
	for n := range out {
		at := "/products/" + strconv.Itoa(n)
		out[n] = discharge.Output{Product: c.Texts[at+"/product"], Flexible: c.flags[at+"/flexible"]}
		if q := c.item(at + "/quantity"); q != nil {
			out[n].Quantity = strings.TrimSpace(q.Raw)
		}
		out[n].Layers = int(c.scaled[at+"/layers"] / code.QuantityScale)
	}
	return out
}
