package progress

import (
	"context"
	"slices"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// city is what the register said at a number of the log, put where a report finds
// it. It never changes, so it is kept (ADR 0025); a report takes from it what is
// about the caller's parks.
type city struct {
	parks      []said[registry.BookPark]
	firms      map[models.ID]said[registry.BookEnterprise]
	sites      []said[registry.SiteFields]
	permits    map[models.ID][]said[registry.BookPermit] // by site
	facilities []said[registry.BookFacility]
	outlets    []said[registry.BookOutlet]
	works      map[models.ID][]said[registry.BookFacility] // of a firm, by site
	drains     map[models.ID][]said[registry.BookOutlet]

	mu   sync.Mutex
	days map[code.Day]*cityDay // worked out so far
}

// cityDay is what follows from the register alone for a day.
type cityDay struct {
	permitted, whole, coded map[models.ID]ratio
	owing                   []works
}

// mostCityDays bounds how many days are kept; most reports are about one of a few.
const mostCityDays = 40

func (c *city) on(day code.Day) *cityDay {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.days[day]
	if d == nil {
		at := whenOf(day)
		d = &cityDay{c.permitted(at), c.whole(at), c.coded(at), c.owing(at)}
		if len(c.days) >= mostCityDays || c.days == nil {
			c.days = map[code.Day]*cityDay{}
		}
		c.days[day] = d
	}
	return d
}

// when is a day with the first instant after it.
type when struct {
	day code.Day
	end time.Time
}

func whenOf(day code.Day) when { return when{day, day.End()} }

// said is everything that the versions of one row said.
type said[T any] []registry.Telling[T]

func (s said[T]) id() models.ID      { return s[0].ID }
func (s said[T]) park() models.ID    { return s[0].Place.ParkID }
func (s said[T]) newest() T          { return s[len(s)-1].Fields }
func (s said[T]) closedOn() code.Day { return s[len(s)-1].ClosedOn }

// on is what the row said on a day; false before it was registered.
func (s said[T]) on(at when) (T, bool) {
	for _, v := range slices.Backward(s) {
		if v.Since.Before(at.end) {
			return v.Fields, true
		}
	}
	return s[0].Fields, false
}

// there reports whether the row was registered by the end of the day and not closed then.
func (s said[T]) there(at when) bool {
	return s[0].Since.Before(at.end) && (s.closedOn() == "" || s.closedOn() > at.day)
}

func newCity(b registry.Book) *city {
	c := &city{parks: rowsOf(b.Parks), sites: rowsOf(b.Sites), facilities: rowsOf(b.Facilities), outlets: rowsOf(b.Outlets),
		firms: map[models.ID]said[registry.BookEnterprise]{}}
	c.permits, c.works, c.drains = bySite(rowsOf(b.Permits)), bySite(c.facilities), bySite(c.outlets)
	for _, f := range rowsOf(b.Enterprises) {
		c.firms[f.id()] = f
	}
	slices.SortFunc(c.parks, func(a, b said[registry.BookPark]) int {
		if a.newest().Code < b.newest().Code {
			return -1
		}
		return 1
	})
	return c
}

// bySite are the rows of firms, those of each site together.
func bySite[T any](all []said[T]) map[models.ID][]said[T] {
	out := map[models.ID][]said[T]{}
	for _, row := range all {
		if site := row[0].Place.SiteID; site != nil {
			out[*site] = append(out[*site], row)
		}
	}
	return out
}

// rowsOf are the versions of each row together.
func rowsOf[T any](all []registry.Telling[T]) []said[T] {
	var out []said[T]
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].ID == all[from].ID {
			to++
		}
		out = append(out, said[T](all[from:to:to]))
		from = to
	}
	return out
}

// cities keeps the last few: most reports are about the newest one.
type cities struct {
	mu   sync.Mutex
	kept []keptCity
}

type keptCity struct {
	number int64
	city   *city
}

const keptCities = 6

// cityAt is what the register said at a number of the log.
func (s *Service) cityAt(ctx context.Context, seq int64) (*city, error) {
	number, err := s.registry.BookNumber(ctx, seq)
	if err != nil {
		return nil, err
	}
	s.cities.mu.Lock()
	defer s.cities.mu.Unlock()
	for _, k := range s.cities.kept {
		if k.number == number {
			return k.city, nil
		}
	}
	book, err := s.registry.Book(ctx, number)
	if err != nil {
		return nil, err
	}
	c := newCity(book)
	s.cities.kept = append(s.cities.kept, keptCity{number, c})
	if len(s.cities.kept) > keptCities {
		s.cities.kept = slices.Delete(s.cities.kept, 0, 1)
	}
	return c, nil
}
