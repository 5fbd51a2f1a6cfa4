package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
)

// numbersOf are the numbers of a report that are made of the rows of a list.
var numbersOf = map[string][]string{
	"findings": {inspection.CountOpen, inspection.CountOverdue},
	"ledger":   {ledger.CountRecent},
	"patrols":  {inspection.CountPatrols, inspection.CountInspections},
}

// counters are the filters that together ask for the rows of a number of a report:
// which number, the day and the number of the log of the report, and whose.
var counters = []string{"counted", "asOf", "knownSeq", "district"}

// countedNames are the numbers that the pages lead from.
func countedNames() []string { return slices.Concat(slices.Collect(maps.Values(numbersOf))...) }

// nameOfNumber is such a number in words.
func nameOfNumber(what string) fault.Text {
	if slices.Contains(numbersOf["ledger"], what) {
		return ledger.CountName(what)
	}
	return inspection.CountName(what)
}

// reported leads from the numbers of a report to exactly the rows that add up to them.
type reported struct {
	base tier
	asOf code.Day
	seq  int64
}

// Of is the address of the rows of a number over all parks of the visitor.
func (r reported) Of(list, number string) string { return r.to(list, number, "", "") }

// District is the same of one jurisdiction, "" for the parks without a public one.
func (r reported) District(list, number, slug string) string {
	if slug == "" {
		slug = progress.NoDistrict
	}
	return r.to(list, number, "district", slug)
}

// Park is the same of one park.
func (r reported) Park(list, number string, park models.ID) string {
	return r.to(list, number, "parkId", string(park))
}

func (r reported) to(list, number, name, value string) string {
	q := url.Values{"counted": {number}, "asOf": {string(r.asOf)}, "knownSeq": {strconv.FormatInt(r.seq, 10)}}
	if name != "" {
		q.Set(name, value)
	}
	return string(r.base) + "/" + list + "?" + q.Encode()
}

// counted is the number of a report whose rows the address asks a list for; of no list
// but its own.
func (p *Pages) counted(v *visit, h listHead, list string) (audit.Counted, error) {
	get := h.query.Get
	c := audit.Counted{What: get("counted"), AsOf: code.Day(get("asOf"))}
	if c.What == "" {
		return audit.Counted{}, nil
	}
	if !slices.Contains(numbersOf[list], c.What) {
		return c, strange("counted", c.What)
	}
	if n, err := strconv.ParseInt(get("knownSeq"), 10, 64); err == nil {
		c.Seq = &n
	}
	var err error
	if slug := get("district"); slug != "" {
		c.Parks, err = p.options.Progress.ParksIn(v.ctx, slug, progress.Question{AsOf: c.AsOf, KnownSeq: c.Seq})
	}
	return c, err
}

// reportedChip says that a list has the rows of a number of a report, and keeps that
// while other filters are chosen.
func (h *listHead) reportedChip(v *visit) {
	what := h.query.Get("counted")
	if what == "" {
		return
	}
	said := fault.T("{{.Day}} 的报告：{{.Number}}", "Day", h.query.Get("asOf"), "Number", nameOfNumber(what))
	rest := maps.Clone(h.query)
	rest.Del("cursor")
	rest.Del("at")
	for _, name := range counters {
		if value := h.query.Get(name); value != "" {
			h.Hidden = append(h.Hidden, option{Value: value, Name: name})
		}
		rest.Del(name)
	}
	h.Chips = append(h.Chips, chip{say(v, said), h.Path + "?" + rest.Encode()})
}
