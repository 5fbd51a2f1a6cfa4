package obligation

import (
	"slices"
	"sort"

	"parkregistry/internal/code"
	"parkregistry/internal/rhythm"
	"parkregistry/models"
)

// Duty is one line of what is owed: one class of the ledger about one object. Its
// calendar has no hole and no overlap: every day of it is in one period.
type Duty struct {
	Place     models.Placed
	Class     string
	Object    *Object // nil: the site, or the park, as a whole
	Pollutant string  // of a line of the self-monitoring plan

	demands []stretch[demand] // tile all days
	life    []stretch[Reason] // tile all days; "" is a day on which the demand stands
	permits []stretch[holder] // tile all days: whose wording it is
	stops   []stop
	hull    span // from the first to the last day of life; empty when there is none
}

// stretch is something that holds for some days.
type stretch[T any] struct {
	span
	is T
}

// holder is the permit that a wording stands in.
type holder struct {
	id     models.ID
	number string
}

// stop is a shut-down of the object or of its site.
type stop struct {
	span
	of Stop
}

// ObjectID is what an entry about the duty's object names, as the ledger's unique
// key has it: the facility, the outlet, the site or the park.
func (d *Duty) ObjectID() models.ID {
	switch {
	case d.Object != nil:
		return d.Object.ID
	case d.Place.SiteID != nil:
		return *d.Place.SiteID
	}
	return d.Place.ParkID
}

// Duties are all lines of an estate, in a fixed order.
func Duties(e Estate, classes []Class) []*Duty { return newRulebook(classes).duties(e) }

// rulebook is what holds for every estate: the classes, those of them that the calendar
// counts where a permit has no wording, and what the wordings met so far mean. It
// reads each wording once, and is for one question at a time.
type rulebook struct {
	classes  map[string]Class
	order    []Class
	standard []Class
	parsed   map[string]rhythm.Rule
}

func newRulebook(classes []Class) *rulebook {
	c := &rulebook{classes: map[string]Class{}, order: classes, parsed: map[string]rhythm.Rule{}}
	for _, k := range classes {
		c.classes[k.Code] = k
		if k.Standard && demandOf(c.read(k.Text), Facts{}, 0).kind == counted {
			c.standard = append(c.standard, k)
		}
	}
	return c
}

func (c *rulebook) read(text string) rhythm.Rule {
	r, ok := c.parsed[text]
	if !ok {
		r = rhythm.Parse(text)
		c.parsed[text] = r
	}
	return r
}

// duties are all lines of an estate.
func (c *rulebook) duties(e Estate) []*Duty {
	b := newBuilder(e, c)
	var out []*Duty
	for _, l := range b.lines() {
		out = append(out, b.duty(l))
	}
	return out
}

// line says what a duty is about.
type line struct {
	class     string
	object    *Object
	pollutant string
}

// builder derives the duties of one estate.
type builder struct {
	Estate
	*rulebook
	cuts []int // days on which something about the whole estate changes
}

func newBuilder(e Estate, c *rulebook) *builder {
	b := &builder{Estate: e, rulebook: c}
	b.cut(e.ClosedOn, 0)
	for _, a := range e.Away {
		b.cut(a.From, 0)
		b.cut(a.To, 1)
	}
	for _, t := range e.Tenancies {
		b.cut(t.From, 0)
		b.cut(t.To, 1)
	}
	for _, p := range e.Permits {
		b.cut(p.IssuedOn, 0)
		b.cut(p.ValidTo, 1)
		b.cut(p.ClosedOn, 0)
		for _, t := range p.Terms {
			b.cut(t.Since, 0)
		}
	}
	return b
}

// cut notes a day, plus some, on which something changes.
func (b *builder) cut(d code.Day, plus int) {
	if d != "" {
		b.cuts = append(b.cuts, d.Number()+plus)
	}
}

// lines are what the permits of all times and the classes' own rhythm speak of.
func (b *builder) lines() []line {
	seen := map[line]bool{}
	var out []line
	add := func(l line) {
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	for _, p := range b.Permits {
		for _, t := range p.Terms {
			for _, r := range t.Rules {
				for _, l := range b.named(r) {
					add(l)
				}
			}
			for _, w := range t.Monitoring {
				if o := b.outlet(w.Outlet); o != nil {
					add(line{class: b.plan(*o), object: o, pollutant: w.Pollutant})
				}
			}
		}
	}
	if b.Place.SiteID == nil || len(b.Permits) > 0 {
		for _, l := range b.standing() {
			add(l)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].less(out[j]) })
	return out
}

func (l line) less(o line) bool {
	a, b := l.key(), o.key()
	return slices.Compare(a[:], b[:]) < 0
}

func (l line) key() [4]string {
	k := [4]string{"", l.class, l.pollutant, ""}
	if l.object != nil {
		k[0], k[3] = l.object.Code, string(l.object.ID)
	}
	return k
}

// plan is the class that keeps the self-monitoring plan of an outlet.
func (b *builder) plan(o Object) string {
	for _, c := range b.order {
		if c.ByPlan && c.fits(o) {
			return c.Code
		}
	}
	return ""
}

// named are the lines that a rule speaks of: the object of its code, or all that
// its class fits. A code that nothing has is a line about the site: it is shown,
// and nobody is said to have missed it.
func (b *builder) named(r Rule) []line {
	c, known := b.classes[r.Class]
	if known && c.ByPlan && b.byPlan(r) {
		return nil // the plan's own lines stand for it
	}
	var out []line
	for i := range b.Objects {
		o := &b.Objects[i]
		if r.Object == o.Code || r.Object == "" && known && c.fits(*o) {
			out = append(out, line{class: r.Class, object: o})
		}
	}
	if len(out) == 0 && (r.Object != "" || !known || !c.NeedsWorks && !c.NeedsDrain) {
		out = append(out, line{class: r.Class})
	}
	return out
}

// byPlan reports whether a rule of the plan's class says no more than: see the plan.
func (b *builder) byPlan(r Rule) bool {
	d := demandOf(b.read(r.Text), Facts{}, 0)
	return d.kind == unclear && b.read(r.Text).Parsed()
}

func (b *builder) outlet(outlet string) *Object {
	for i := range b.Objects {
		if o := &b.Objects[i]; o.Outlet && o.Code == outlet {
			return o
		}
	}
	return nil
}

// standing are the lines of the classes' own rhythm, where the calendar counts it.
// An object that is registered is evidence that there is something to record; that
// a site has noise or fugitive gas only its permit says.
func (b *builder) standing() []line {
	var out []line
	for _, c := range b.standard {
		for i := range b.Objects {
			if !b.Objects[i].Outlet && c.fits(b.Objects[i]) {
				out = append(out, line{class: c.Code, object: &b.Objects[i]})
			}
		}
	}
	return out
}
