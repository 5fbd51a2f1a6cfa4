package ledger

import (
	"cmp"
	"maps"
	"slices"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger/screen"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// topic is what entries are compared about: one class, and one thing of a park.
type topic struct {
	park   models.ID
	class  string
	object models.ID
}

func topicOf(e Entry) topic { return topic{e.ParkID, e.Class, objectOf(e)} }

// neighbours finds what was filed about the same thing, through the unique key of
// live entries, day by day: the cost does not grow with the ledger. What it has
// found it keeps, since the entries of a batch or of a file are mostly about a few
// things and days that lie together.
type neighbours struct {
	classes *Catalogue
	look    func(policies.Permission, models.Scoped) *gorm.DB
	most    int // rows that are read about one thing, besides one a day
	kept    map[topic]*series
	behind  map[models.ID][]registry.Outlet // the outlets behind a facility
	names   map[string]string               // each text of its kind once
	windows map[code.Day][]code.Day         // a day and those before it that the rules look at
	ahead   []code.Day                      // that are read at once when something is asked for first
}

// series are the rows about one topic, newest first, of the days that were read.
type series struct {
	rows []screen.Row
	days map[code.Day]bool
}

const (
	// maxNeighbours bounds what is read about one thing: 31 days of six batches, and
	// the days of a batch.
	maxNeighbours = 200
	// maxKept bounds what is kept of all things together.
	maxKept = 10_000
)

func newNeighbours(classes *Catalogue, look func(policies.Permission, models.Scoped) *gorm.DB) *neighbours {
	return &neighbours{classes: classes, look: look, most: maxNeighbours, kept: map[topic]*series{}, behind: map[models.ID][]registry.Outlet{}, names: map[string]string{}, windows: map[code.Day][]code.Day{}}
}

// before are a day and those before it that the rules look at.
func (n *neighbours) before(day code.Day) []code.Day {
	if _, known := n.windows[day]; !known {
		n.windows[day] = days(day, screen.Days)
	}
	return n.windows[day]
}

// want reads what was filed on those days about topics of one park and class, as far as
// it is not kept already, in one statement.
func (n *neighbours) want(on []code.Day, about ...topic) error {
	var lacks []code.Day
	var objects []models.ID
	for _, t := range about {
		s := n.kept[t]
		if s == nil {
			s = &series{days: map[code.Day]bool{}}
			n.kept[t] = s
			lacks = append(lacks, n.ahead...)
		}
		lacking := false
		for _, d := range on {
			if !s.days[d] {
				lacks, lacking = append(lacks, d), true
			}
		}
		if lacking {
			objects = append(objects, t.object)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	slices.Sort(lacks)
	return n.read(about[0], objects, slices.Compact(lacks))
}

// read reads the filed entries of a class about some objects on those days.
func (n *neighbours) read(of topic, objects []models.ID, on []code.Day) error {
	var found []struct {
		Head    head `gorm:"embedded"`
		Object  models.ID
		Payload string
	}
	// The condition repeats the index ledger_entries_live to the letter.
	const object = "COALESCE(ledger_entries.facility_id, ledger_entries.outlet_id, ledger_entries.site_id, ledger_entries.park_id)"
	err := n.look(policies.LedgerRead, &Entry{}).
		Joins("JOIN ledger_filings ON ledger_filings.entry_id = ledger_entries.id AND ledger_filings.number = ledger_entries.filings").
		Where("ledger_entries.park_id = ? AND ledger_entries.day IN ? AND ledger_entries.class = ?", of.park, on, of.class).
		Where(object+" IN ?", objects).
		Where("ledger_entries.state NOT IN ('superseded', 'voided') AND (ledger_entries.supersedes IS NULL OR ledger_entries.filings > 0)").
		Select("ledger_entries.id, ledger_entries.number, ledger_entries.class, ledger_entries.class_version, ledger_entries.day, ledger_entries.slot, " +
			"ledger_entries.outlet_id, ledger_entries.recorded_at, " + object + " AS object, ledger_filings.payload").
		Order("ledger_entries.day DESC, ledger_entries.slot").Limit(len(objects) * (n.most + len(on))).Scan(&found).Error
	if err != nil {
		return err
	}
	for _, f := range found {
		s := n.kept[topic{of.park, of.class, f.Object}]
		if content, ok := n.classes.contentOf(f.Head, f.Payload); ok && !s.days[f.Head.Day] {
			s.rows = append(s.rows, n.slim(rowOf(f.Head, content)))
		}
	}
	for _, o := range objects {
		s := n.kept[topic{of.park, of.class, o}]
		slices.SortStableFunc(s.rows, newestFirst)
		for _, d := range on {
			s.days[d] = true
		}
	}
	return nil
}

func newestFirst(a, b screen.Row) int {
	return cmp.Or(cmp.Compare(b.Day, a.Day), cmp.Compare(a.Slot, b.Slot))
}

// slim makes rows share the texts that each of their kind has.
func (n *neighbours) slim(r screen.Row) screen.Row {
	one := func(s string) string {
		if kept, known := n.names[s]; known {
			return kept
		}
		n.names[s] = s
		return s
	}
	for i, v := range r.Values {
		r.Values[i].Pointer, r.Values[i].Name = one(v.Pointer), one(v.Name)
	}
	return r
}

// on are the rows about a topic between two days, newest first, but for e itself and
// what it amends.
func (n *neighbours) on(about topic, e Entry, first, last code.Day) []screen.Row {
	s := n.kept[about]
	if s == nil {
		return nil
	}
	from, _ := slices.BinarySearchFunc(s.rows, last, func(r screen.Row, d code.Day) int { return cmp.Compare(d, r.Day) })
	to, _ := slices.BinarySearchFunc(s.rows, first, func(r screen.Row, d code.Day) int { return cmp.Or(cmp.Compare(d, r.Day), -1) })
	rows := s.rows[from:to:to]
	own := func(r screen.Row) bool {
		return r.ID == string(e.ID) || e.Supersedes != nil && r.ID == string(*e.Supersedes)
	}
	if slices.ContainsFunc(rows, own) {
		rows = slices.DeleteFunc(slices.Clone(rows), own)
	}
	return rows
}

// add makes an entry that is about to be stored a neighbour of those that follow.
func (n *neighbours) add(e Entry, row screen.Row) {
	s := n.kept[topicOf(e)]
	if s == nil || !s.days[e.Day] {
		return // nobody has asked about the thing, so that no rule looks at its class; or it will be read
	}
	row = n.slim(row)
	at, _ := slices.BinarySearchFunc(s.rows, row, newestFirst)
	s.rows = slices.Insert(s.rows, at, row)
	s.shrink(e.Day, n.most+screen.Days+1)
}

// shrink forgets the days that are furthest from one until no more rows are left than
// most; what is forgotten is read again when it is asked for.
func (s *series) shrink(from code.Day, most int) {
	for len(s.rows) > most {
		newest, oldest := s.rows[0].Day, s.rows[len(s.rows)-1].Day
		if newest == oldest {
			return
		}
		far := oldest
		if newest.Sub(from) > from.Sub(oldest) {
			far = newest
		}
		s.rows = slices.DeleteFunc(s.rows, func(r screen.Row) bool { return r.Day == far })
		delete(s.days, far)
	}
}

// trim forgets what is furthest from a day where more is kept than may be.
func (n *neighbours) trim(from code.Day) {
	all := 0
	for _, s := range n.kept {
		all += len(s.rows)
	}
	if all <= maxKept {
		return
	}
	for _, s := range n.kept {
		s.shrink(from, maxKept/len(n.kept))
	}
}

// contentOf reads a filed payload by the version of its class.
func (c *Catalogue) contentOf(h head, payload string) (Content, bool) {
	class, ok := c.At(h.Class, h.ClassVersion)
	if !ok {
		return Content{}, false
	}
	content, err := class.Read([]byte(payload))
	return content, err == nil
}

// besides are the topics of other classes that a rule may compare an entry with, which
// is about the water of that outlet.
func (n *neighbours) besides(e Entry, outlet models.ID, o object) []topic {
	if outlet == "" {
		return nil
	}
	var all []topic
	for _, name := range screen.Embedded().Compared(e.Class) {
		class, ok := n.classes.Newest(name)
		if !ok {
			continue
		}
		about := outlet
		if class.Facility == Required {
			if o.outlet == nil || o.outlet.FacilityID == nil {
				continue
			}
			about = *o.outlet.FacilityID
		}
		all = append(all, topic{e.ParkID, name, about})
	}
	return all
}

// against are the entries of other classes about the water of one outlet on the day of e.
func (n *neighbours) against(e Entry, outlet models.ID, o object) ([]screen.Row, error) {
	var all []screen.Row
	for _, about := range n.besides(e, outlet, o) {
		if err := n.want([]code.Day{e.Day}, about); err != nil {
			return nil, err
		}
		class, _ := n.classes.Newest(about.class)
		for _, r := range n.on(about, e, e.Day, e.Day) {
			if r.Outlet == "" && class.Outlet != Required || r.Outlet == string(outlet) {
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// gather reads in a few statements what the entries of a batch will be compared with.
func (n *neighbours) gather(b *batch) error {
	var on []code.Day
	by := map[topic]map[topic]bool{} // of one park and class
	ask := func(t topic) {
		k := topic{park: t.park, class: t.class}
		if by[k] == nil {
			by[k] = map[topic]bool{}
		}
		by[k][t] = true
	}
	err := b.open(func(_ int, it *item) error {
		if !screens(it.parsed.class, it.parsed.content) {
			return nil
		}
		on = append(on, n.before(it.parsed.day)...)
		ask(topicOf(it.entry))
		outlet, err := n.outletOf(it.entry, it.object)
		for _, t := range n.besides(it.entry, outlet, it.object) {
			ask(t)
		}
		return err
	})
	if err != nil || len(on) == 0 {
		return err
	}
	slices.Sort(on)
	on = slices.Compact(on)
	n.trim(on[len(on)-1])
	for _, about := range by {
		if err := n.want(on, slices.Collect(maps.Keys(about))...); err != nil {
			return err
		}
	}
	return nil
}
