package obligation

import (
	"context"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Service answers about obligations. It reads what the core takes, in the scope of
// the caller, and stores nothing.
type Service struct {
	db       *models.DB
	registry *registry.Service
	ledger   *ledger.Service
	log      *audit.Service
}

// New makes the service.
func New(db *models.DB, reg *registry.Service, led *ledger.Service, log *audit.Service) *Service {
	return &Service{db: db, registry: reg, ledger: led, log: log}
}

// Filter narrows what is asked for; empty fields do not.
type Filter struct {
	ParkID, EnterpriseID string
	ObjectID             string // a facility or an outlet
	Class                string
	State                State
	From, To             code.Day // of the last days of the periods; by default the last thirty days and what is running
	DueBy                code.Day // the last day on which it is in time
}

// Days that a question covers, by default and at most.
const (
	defaultDays = 30
	mostDays    = 400
)

// check refuses what only one of the engines would take, and windows that are too long.
func (f Filter) check() error {
	var c fault.Check
	for pointer, id := range map[string]string{"/query/parkId": f.ParkID, "/query/enterpriseId": f.EnterpriseID, "/query/objectId": f.ObjectID} {
		fault.Parse(&c, pointer, id, models.ParseID)
	}
	for pointer, day := range map[string]code.Day{"/query/from": f.From, "/query/to": f.To, "/query/dueBy": f.DueBy} {
		fault.Parse(&c, pointer, string(day), code.ParseDay)
	}
	if c.OK() && f.From != "" && f.To != "" {
		switch {
		case f.To < f.From:
			c.Fail("/query/to", "order", "截止日期不能早于开始日期")
		case f.To.Sub(f.From) >= mostDays:
			c.Fail("/query/from", "range", "一次最多查询 {{.Days}} 天", "Days", mostDays)
		}
	}
	return c.Err()
}

// question is a filter at a moment, with the duties that it is about.
type question struct {
	Filter
	Moment
	duties []*Duty
	days   span // in which the periods end
}

// ask reads the duties that the filter leaves.
func (s *Service) ask(ctx context.Context, f Filter, in MomentInput) (question, error) {
	q := question{Filter: f}
	if err := policies.Require(ctx, policies.LedgerRead); err != nil {
		return q, err
	}
	if err := f.check(); err != nil {
		return q, err
	}
	var err error
	if q.Moment, err = s.moment(ctx, in); err != nil {
		return q, err
	}
	estates, err := s.estates(ctx, registry.HistoryFilter{ParkID: f.ParkID, EnterpriseID: f.EnterpriseID}, q.known)
	if err != nil {
		return q, err
	}
	rules := newRulebook(classes(s.ledger.Catalogue()))
	for _, e := range estates {
		for _, d := range rules.duties(e) {
			if (f.Class == "" || d.Class == f.Class) && (f.ObjectID == "" || d.Object != nil && d.Object.ID == models.ID(f.ObjectID)) {
				q.duties = append(q.duties, d)
			}
		}
	}
	q.days = q.window()
	return q, nil
}

// window is from the first to the last day asked for. What is still due is found
// however long its grace is.
func (q question) window() span {
	days := span{q.AsOf.Number() - defaultDays + 1, lastDay}
	if q.State == Due {
		grace := 0
		for _, d := range q.duties {
			for _, in := range d.demands {
				grace = max(grace, in.is.grace)
			}
		}
		days.from = q.AsOf.Number() - grace - longestHoliday
	}
	if q.From != "" {
		days.from = q.From.Number()
	}
	if q.To != "" {
		days.to = q.To.Number()
	}
	if q.From == "" && q.To != "" && q.State != Due {
		days.from = days.to - defaultDays + 1
	}
	return days
}

// longestHoliday is more days than a last day can move by.
const longestHoliday = 15

// wanted reports whether a period is one that the question is about, given how it stands.
func (q question) wanted(p Period, r Ruling) bool {
	if q.State != "" && q.State != r.State {
		return false
	}
	if q.DueBy == "" {
		return true
	}
	due, _ := p.due()
	return p.owed() && due <= q.DueBy.Number()
}

// key orders the duties, and so the periods of a day.
func (d *Duty) key() string {
	return strings.Join([]string{string(d.Place.ParkID), string(models.Deref(d.Place.SiteID)), string(d.ObjectID()), d.Class, d.Pollutant}, "/")
}

// position is where a period stands in the list: by its last day, then by its duty.
type position struct {
	to   int
	key  string
	slot int
}

func (p Period) position() position {
	slot := 0
	for i, name := range p.slots {
		if name == p.slot {
			slot = i
		}
	}
	return position{p.days.to, p.duty.key(), slot}
}

func (p position) text() string {
	return strconv.Itoa(p.to) + " " + strconv.Itoa(p.slot) + " " + p.key
}

// positionOf reads what text wrote.
func positionOf(s string) (position, bool) {
	var p position
	to, rest, ok1 := strings.Cut(s, " ")
	slot, key, ok2 := strings.Cut(rest, " ")
	var err1, err2 error
	p.to, err1 = strconv.Atoi(to)
	p.slot, err2 = strconv.Atoi(slot)
	p.key = key
	return p, ok1 && ok2 && err1 == nil && err2 == nil
}

// compare is the order of the list: the newest day first.
func (p position) compare(o position) int {
	if p.to != o.to {
		return o.to - p.to
	}
	if n := strings.Compare(p.key, o.key); n != 0 {
		return n
	}
	return p.slot - o.slot
}
