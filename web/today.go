package web

import (
	"net/http"
	"net/url"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/policies"
)

// todayPage is what templates/today.html shows: what waits, before when.
type todayPage struct {
	Shell   shell
	Day     string
	Parks   []parkTodayRow
	Counts  waits
	Tasks   []dueLine
	More    int
	Others  []waitingLine // what else waits, the earliest day first
	OthersN int           // of how many
	One     bool          // the visitor has one park: its numbers stand alone
	Base    string
}

// parkTodayRow counts what waits in one park, or in all.
type parkTodayRow struct {
	obligation.ParkToday
	Name  string
	ID    string
	Since code.Day
	AsOf  code.Day
}

// waits are the counts of a row as its page shows them, six at most: those that the people
// of a workplace can do something about.
type waits struct {
	Base   string
	Row    parkTodayRow
	Verify *int64 // assessments that parks handed in, nil where the page does not count them
}

// waitStat is one of them.
type waitStat struct {
	Name fault.Text
	N    int64
	Path string
	Mark string // of a number that is not 0: dn for what is too late, wn for what soon is
}

// Stats are the counts in the order of the page.
func (w waits) Stats() []waitStat {
	r, at := w.Row, func(list, filter string) string { return w.Row.Link(w.Base, list, filter) }
	today := waitStat{fault.T("今日到期台账"), int64(r.DueToday), at("due", "state=due&dueBy="+string(r.AsOf)), "wn"}
	due := waitStat{fault.T("待报台账"), int64(r.Due), at("due", "state=due"), ""}
	missing := waitStat{fault.T("近 30 天缺报"), int64(r.Missing), at("due", r.Recent("missing")), "dn"}
	returned := waitStat{fault.T("已退回台账"), int64(r.Returned), at("ledger", "state=returned"), "dn"}
	over := waitStat{fault.T("近 30 天超标"), int64(r.Exceeded), at("exceedances", "from="+string(r.Since)), "dn"}
	review := waitStat{fault.T("待复查问题"), int64(r.Review), at("findings", "state=submitted"), ""}
	overdue := waitStat{fault.T("整改逾期"), int64(r.Overdue), at("findings", "overdue=true"), "dn"}
	switch {
	case w.Verify != nil:
		return []waitStat{today, missing, over, review, {fault.T("待核定自评"), *w.Verify, at("six", "state="+string(assessment.Assessed)), ""}, overdue}
	case w.Base == string(parkTier):
		return []waitStat{today, due, missing, returned, over, overdue}
	}
	return []waitStat{today, due, missing, over, review, overdue}
}

// mostOthers is how many lines the home page has for what waits beside the ledgers.
const mostOthers = 10

func (p *Pages) today(v *visit) error {
	t, err := p.options.Obligations.Today(v.ctx, "")
	if err != nil {
		return err
	}
	box, err := p.options.Inbox.Box(v.ctx) // before the frame, which then knows the count
	if err != nil {
		return err
	}
	total := parkTodayRow{Since: t.Since, AsOf: t.AsOf}
	page := todayPage{Shell: p.shell(v, fault.T("今日待办")), Day: dayOf(v.lang, t.AsOf), More: t.More, One: len(t.Parks) == 1, OthersN: len(box.Items)}
	page.Base = string(page.Shell.Tier)
	names := map[string]string{}
	for _, park := range t.Parks {
		row := parkTodayRow{ParkToday: park, Name: parkName(park.Park), ID: string(park.Park.ID), Since: t.Since, AsOf: t.AsOf}
		names[row.ID] = row.Name
		total.add(park)
		if page.One {
			total = row
		}
		if row.waits() {
			page.Parks = append(page.Parks, row)
		}
	}
	page.Counts = waits{Base: page.Base, Row: total}
	if page.Shell.Tier == districtTier {
		page.Shell.Title = fault.T("待办与到期")
		if page.Counts.Verify, err = p.toVerify(v); err != nil {
			return err
		}
	}
	if page.Others, err = p.waitingLines(v, box.Items[:min(mostOthers, len(box.Items))], box.AsOf); err != nil {
		return err
	}
	if page.Tasks, err = p.dueLines(v, t.Tasks, t.AsOf, names); err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "today.html", page)
}

// toVerify is how many self-assessments the parks handed in that nobody has verified.
func (p *Pages) toVerify(v *visit) (*int64, error) {
	if !v.may(policies.AssessmentRead) {
		return nil, nil
	}
	found, err := p.options.Assessments.List(v.ctx, assessment.Filter{State: assessment.Assessed}, models.Query{Limit: 1, Sort: "-year", Exact: true})
	return found.Total, err
}

func (r *parkTodayRow) add(p obligation.ParkToday) {
	r.Due, r.DueToday, r.Late, r.Backfilled, r.Missing = r.Due+p.Due, r.DueToday+p.DueToday, r.Late+p.Late, r.Backfilled+p.Backfilled, r.Missing+p.Missing
	r.Exceeded += p.Exceeded
	r.Returned, r.Drafts, r.Notices, r.Rejected = r.Returned+p.Returned, r.Drafts+p.Drafts, r.Notices+p.Notices, r.Rejected+p.Rejected
	r.Review, r.Overdue = r.Review+p.Review, r.Overdue+p.Overdue
}

// waits reports whether anything at all waits in the park.
func (r parkTodayRow) waits() bool {
	return r.Due+r.Missing+r.Exceeded+r.Returned+r.Drafts+r.Notices+r.Rejected+r.Review+r.Overdue > 0
}

// Link is a list of this workplace, narrowed to the park of the row.
func (r parkTodayRow) Link(base, list, filter string) string {
	q := "?" + filter
	if r.ID != "" {
		q += "&parkId=" + url.QueryEscape(r.ID)
	}
	return base + "/" + list + q
}

// Recent is the filter of what came late or not at all, as the counts have it.
func (r parkTodayRow) Recent(state string) string {
	return "state=" + state + "&from=" + string(r.Since)
}

// dueLine is one record that is owed, or was.
type dueLine struct {
	Class   string
	Object  string
	Park    string
	Firm    string // "" for what is the park's own
	From    string
	To      string
	Slot    string
	State   fault.Text
	Mark    band
	Wording string
	DueOn   code.Day // the last day in time, "" where nothing is owed
	Due     string   // over, today, soon, later
	Owed    bool     // still to be done, and not too late
	Filed   int
	Needed  int
	Why     fault.Text
	Form    string // where it is filled in, "" for who may not
	Begun   bool   // a draft, or a returned entry, is there
}

func (p *Pages) dueLines(v *visit, all []obligation.Obligation, today code.Day, parks map[string]string) ([]dueLine, error) {
	firms, err := firmsOf(p, v, all, func(o obligation.Obligation) *models.ID { return o.Place.EnterpriseID })
	lines := make([]dueLine, len(all))
	for i, o := range all {
		lines[i] = p.dueLine(v, o, today, parks)
		lines[i].Firm = named(firms, o.Place.EnterpriseID)
	}
	return lines, err
}

func (p *Pages) dueLine(v *visit, o obligation.Obligation, today code.Day, parks map[string]string) dueLine {
	l := dueLine{Class: o.Class, Park: parks[string(o.Place.ParkID)], From: string(o.From), To: string(o.To), Slot: o.Slot, State: o.State.Name(), Mark: dueBand(o.State), Wording: o.Text,
		Filed: o.Filed, Needed: o.Required}
	if c, ok := p.options.Ledger.Catalogue().Newest(o.Class); ok {
		l.Class = nameOf(v.lang, c.TitleZh, c.TitleEn)
	}
	if o.Object != nil {
		l.Object = o.Object.Code + " " + o.Object.Name
	}
	l.Owed = o.State == obligation.Due
	p.fillable(v, o, today, &l)
	if o.Reason != "" {
		l.Why = o.Reason.Detail()
	}
	if last, owed := o.LastDay(); owed {
		l.DueOn, l.Due = last, dueIn(last, today)
	}
	return l
}

// fillable leads a line to its form: to what was begun, otherwise to a new entry. What
// is excused, or has all that it needs, leads nowhere.
func (p *Pages) fillable(v *visit, o obligation.Obligation, today code.Day, l *dueLine) {
	if !v.mayAbout(policies.LedgerCreate, o.Place) {
		return
	}
	for _, m := range o.Entries {
		if !m.Standing && m.Entry != "" {
			l.Form, l.Begun = "/ledger/"+string(m.Entry)+"/edit", true
			return
		}
	}
	if o.State != obligation.Due && o.State != obligation.Missing {
		return
	}
	s := subject{About: ledger.About{Park: o.Place.ParkID, Site: o.Place.SiteID, Day: min(o.To, today)}}
	if o.Object != nil && o.Object.Outlet {
		s.Outlet = &o.Object.ID
	} else if o.Object != nil {
		s.Facility = &o.Object.ID
	}
	q := s.query()
	if o.Slot != "" {
		q.Set("slot", o.Slot)
	}
	l.Form = "/p/ledger/new/" + o.Class + "?" + q.Encode()
}

// dueIn is how near the last day is: past, today, within five days, later.
func dueIn(last, today code.Day) string {
	switch {
	case last < today:
		return "over"
	case last == today:
		return "today"
	case last <= today.Add(5):
		return "soon"
	}
	return "later"
}

func dueBand(s obligation.State) band {
	switch s {
	case obligation.OnTime:
		return onTarget
	case obligation.Missing:
		return behind
	case obligation.Late, obligation.Backfilled, obligation.Due:
		return halfway
	}
	return noScore
}

// entryBand is the mark of an entry's state.
func entryBand(s ledger.State) band {
	switch s {
	case ledger.Filed, ledger.Accepted:
		return onTarget
	case ledger.Returned:
		return behind
	case ledger.Draft:
		return halfway
	}
	return noScore
}
