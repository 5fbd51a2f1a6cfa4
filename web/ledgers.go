package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// ledgersPage is what templates/ledgers.html shows (台账查询).
type ledgersPage struct {
	Shell shell
	Head  listHead
	Table entryTable
	// What may be done with the entries that are ticked, beside printing them.
	Export, Return bool
}

// entryTable is a table of entries, with what all rows of its list add up to where it
// says so (templates/ledgers.html).
type entryTable struct {
	Head  any // listHead, for the filters in the heads of columns; nil for a table that is no list
	Sums  *sums
	Lines []entryLine
	Pick  bool // its rows can be ticked
}

// entryLine is one entry in a list.
type entryLine struct {
	ledger.Record
	Park   string
	Firm   string
	Full   string // the names of both, when they are longer than their cell; "" when they are not
	Class  string
	Object string
	Figure figure
	Read   verdict // of its readings
	Name   fault.Text
	Mark   band
	Late   fault.Text
	Filed  string // when, to the minute; the year only of another one
}

// figure is the number that stands for an entry; "" where none does.
type figure struct{ Label, Value string }

// sums is the row that says what all rows of the list add up to, not those of the page.
type sums struct {
	Many    bool // more than are added up
	Most    int
	Count   int64
	Figure  figure
	Over    int64
	InTime  int64
	Behind  []counts // late, filled in long afterwards, given back: each with its rows
	OverURL string
}

// counts is a number with the address of its rows.
type counts struct {
	Name  fault.Text
	Count int64
	URL   string
}

func (p *Pages) ledgers(v *visit) error {
	var states []option
	for _, s := range ledger.States() {
		states = append(states, option{Value: string(s), Name: say(v, s.Word())})
	}
	h, names, err := p.filtersOf(v, states, p.classChoice(v))
	if err != nil {
		return err
	}
	if !h.Narrow { // a month, unless something else is asked for
		h.From = string(p.options.Today().Add(-29))
	}
	q := v.c.Query
	f := ledger.Filter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), State: q("state"), Class: q("class"), From: code.Day(h.From), To: code.Day(h.To), Late: q("late") == "true", Odd: q("odd") == "true"}
	if f.Counted, err = p.counted(v, h, "ledger"); err != nil {
		return err
	}
	found, err := p.options.Ledger.List(v.ctx, f, h.page("-day"))
	if err != nil {
		return err
	}
	turn(&h, found)
	h.jumps()
	h.exportsRows(v, "ledgers", q("state"), map[bool]string{true: "ledger-rows"}[f.Class != ""])
	page := ledgersPage{Shell: p.listed(v, fault.T("台账查询")), Head: h, Table: entryTable{Head: h, Pick: true}, Export: v.may(policies.ExportCreate), Return: v.may(policies.LedgerReturn)}
	page.Shell.Script = p.listScript
	if page.Table.Lines, err = p.entryLines(v, found.Items, names, h.place); err != nil {
		return err
	}
	if len(page.Table.Lines) > 1 || h.First != "" {
		if page.Table.Sums, err = p.sumsOf(v, h, f); err != nil {
			return err
		}
	}
	return p.show(v, http.StatusOK, "ledgers.html", page)
}

// classChoice picks one class of the ledger, by its newest version.
func (p *Pages) classChoice(v *visit) choice {
	all := choice{Name: "class", Label: fault.T("类别")}
	for _, c := range p.options.Ledger.Catalogue().Classes() {
		if c.View == "" {
			all.Options = append(all.Options, option{c.Code, say(v, ledger.ShortTitle(c.TitleZh, c.TitleEn)), c.Code == v.c.Query("class")})
		}
	}
	return all
}

// entryLines are rows of a list of entries; place says where each is, given the names of
// its park and its firm.
func (p *Pages) entryLines(v *visit, rows []ledger.Record, names map[string]string, place func(park, firm string) (first, second string)) ([]entryLine, error) {
	firms, err := firmsOf(p, v, rows, func(r ledger.Record) *models.ID { return r.EnterpriseID })
	if err != nil {
		return nil, err
	}
	glances, err := p.options.Ledger.Glances(v.ctx, rows)
	if err != nil {
		return nil, err
	}
	var lines []entryLine
	for _, r := range rows {
		g := glances[r.ID]
		l := entryLine{Record: r, Class: say(v, ledger.ShortTitle(r.TitleZh, r.TitleEn)), Object: g.Object, Figure: figureIn(v, g.Figure), Read: readOf(v, g), Name: r.State.Word(), Mark: entryBand(r.State), Late: r.Lateness()}
		if r.FiledAt != nil {
			l.Filed = strings.TrimPrefix(moment(*r.FiledAt)[:len("2006-01-02 15:04")], string(p.options.Today())[:len("2006-")])
		}
		l.Park, l.Firm = place(names[string(r.ParkID)], named(firms, r.EnterpriseID))
		if utf8.RuneCountInString(l.Park) > widestName || utf8.RuneCountInString(l.Firm) > widestName {
			l.Full = strings.TrimSpace(l.Park + " " + l.Firm)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// widestName is how many characters of a name its cell shows (.clip of pages.css).
const widestName = 11

func figureIn(v *visit, f *ledger.Figure) figure {
	if f == nil {
		return figure{}
	}
	label := words.Name(v.lang, f.Label)
	if f.Unit != "" {
		label += " (" + unitOf(v.lang, f.Unit) + ")"
	}
	return figure{label, grouped(f.Value)}
}

// readOf is how the readings of an entry were judged, in a word.
func readOf(v *visit, g ledger.Glance) verdict {
	switch g.Verdict {
	case "":
		return verdict{}
	case "exceeded":
		var over []string
		for _, c := range g.Over {
			over = append(over, words.Name(v.lang, code.Pollutant(c).Label()))
		}
		said := strings.Join(over, "、")
		return verdict{fault.T("超标"), behind, fault.Text{Key: said, English: said}}
	case "within":
		return verdict{Name: fault.T("符合限值"), Mark: onTarget}
	}
	return verdict{Name: fault.T("未判定"), Mark: noScore}
}

// sumsOf is the row of the sums, each count with the way to its rows.
func (p *Pages) sumsOf(v *visit, h listHead, f ledger.Filter) (*sums, error) {
	if h.Total > ledger.MostSummed {
		return &sums{Many: true, Most: ledger.MostSummed}, nil
	}
	all, err := p.options.Ledger.Sums(v.ctx, f)
	if err != nil {
		return nil, err
	}
	out := &sums{Count: all.Count, Figure: figureIn(v, all.Figure), Over: all.Exceeded, InTime: all.InTime}
	for _, c := range []struct {
		name          fault.Text
		count         int64
		filter, value string
	}{{fault.T("迟报或者补报"), all.Late, "late", "true"}, {ledger.Returned.Word(), all.Returned, "state", string(ledger.Returned)}} {
		if c.count > 0 {
			out.Behind = append(out.Behind, counts{c.name, c.count, h.under(c.filter, c.value)})
		}
	}
	rest := url.Values{}
	for _, name := range []string{"parkId", "enterpriseId"} {
		if value := h.query.Get(name); value != "" {
			rest.Set(name, value)
		}
	}
	for name, value := range map[string]string{"from": h.From, "to": h.To} {
		if value != "" {
			rest.Set(name, value)
		}
	}
	if others := []string{f.State, f.Class, f.Counted.What}; !slices.ContainsFunc(others, func(s string) bool { return s != "" }) && !f.Late && !f.Odd {
		out.OverURL = strings.TrimSuffix(h.Path, "/ledger") + "/exceedances?" + rest.Encode()
	}
	return out, nil
}

// under is the address of the list under one more condition.
func (h listHead) under(name, value string) string {
	q := h.kept()
	for k, shown := range map[string]string{"from": h.From, "to": h.To} { // what the list took of itself holds for them too
		if shown = cmp.Or(q.Get(k), shown); shown != "" {
			q.Set(k, shown)
		}
	}
	q.Set(name, value)
	return h.Path + "?" + q.Encode()
}
