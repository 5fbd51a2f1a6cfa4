package web

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// drawPage is what templates/draw.html shows: one draw with its published lists, its
// seed, what was drawn, and how anybody repeats it.
type drawPage struct {
	Shell     shell
	Line      drawLine
	Digest    string
	Published string
	Drawn     string
	Agrees    bool
	Crowded   []fault.Violation
	Tasks     []lotLine
	Units     []unitLine // of the lists, a part
	From      int        // number of the first of these
	Before    string     // address of the part before, "" for none
	After     string
	Officers  []string
	Recusals  []recusalLine
	Forms     []moveForm
	Failure   Failure
	Kept      []saidLine
}

// lotLine is one drawn unit with its officers.
type lotLine struct {
	inspection.DrawTask
	Firm, Park, Officers string
}

// unitLine is one unit of the published list.
type unitLine struct {
	Number     int
	Firm, Park string
	Key        bool
}

// recusalLine keeps an officer from a firm.
type recusalLine struct {
	Officer, Firm string
	Reason        fault.Text
}

// unitsShown is how many units of a published list a page has.
const unitsShown = 50

func (p *Pages) draw(v *visit) error {
	page, err := p.drawOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "draw.html", page)
}

func (p *Pages) drawOf(v *visit) (drawPage, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return drawPage{}, fault.Absent()
	}
	r, err := p.options.Inspection.DrawOf(v.ctx, id)
	if err != nil {
		return drawPage{}, err
	}
	parks, err := p.parkNames(v)
	if err != nil {
		return drawPage{}, err
	}
	d := r.Draw
	page := drawPage{Shell: p.shell(v, fault.T("抽查 {{.Number}}", "Number", d.Number)), Line: drawLineOf(d, parks), Digest: groups(hex.EncodeToString(d.Digest)), Published: moment(d.CreatedAt), Agrees: r.Agrees, Crowded: d.Crowded()}
	if d.DrawnAt != nil {
		page.Drawn = moment(*d.DrawnAt)
	}
	units := page.part(v, d)
	people, firms, err := p.named(v, r, units)
	if err != nil {
		return page, err
	}
	for _, t := range r.Tasks {
		page.Tasks = append(page.Tasks, lotLine{t, firms[t.EnterpriseID], parks[string(t.ParkID)], people[t.FirstOfficer] + "、" + people[t.SecondOfficer]})
	}
	for i, u := range units {
		page.Units = append(page.Units, unitLine{page.From + i, firms[u.EnterpriseID], parks[string(u.ParkID)], u.Key})
	}
	for _, o := range d.Lists.V.Officers {
		page.Officers = append(page.Officers, people[o.UserID])
	}
	for _, x := range d.Lists.V.Recusals {
		reason := fault.Text{Key: x.Reason, English: x.Reason}
		if x.Reason == inspection.ReasonAccount {
			reason = fault.T("兼任企业账号")
		}
		page.Recusals = append(page.Recusals, recusalLine{people[x.OfficerID], firms[x.EnterpriseID], reason})
	}
	if d.DrawnAt == nil && v.reaches(policies.DrawRun, d.Owner()) {
		page.Forms = []moveForm{newMove(v, "/draw/"+string(id), "drawing", fault.T("抽取"), []formField{
			{Name: "seed", Label: fault.T("种子：名单公布以后才产生的公开数值，例如当天的开奖号码，6 至 200 个字；不填由系统随机产生"), Kind: "text"}})}
	}
	return page, nil
}

// part is the part of the published units that the address asks for, with the ways to
// the parts beside it.
func (page *drawPage) part(v *visit, d inspection.Draw) []inspection.Unit {
	all := d.Lists.V.Units
	from, err := strconv.Atoi(v.c.DefaultQuery("unit", "1"))
	if err != nil || from < 1 || from > len(all) {
		from = 1
	}
	at := func(n int) string { return "?" + url.Values{"unit": {strconv.Itoa(n)}}.Encode() + "#units" }
	page.From = from
	if from > 1 {
		page.Before = at(max(1, from-unitsShown))
	}
	last := min(len(all), from-1+unitsShown)
	if last < len(all) {
		page.After = at(last + 1)
	}
	return all[from-1 : last]
}

// named are the names of everybody and every firm that a draw names.
func (p *Pages) named(v *visit, r inspection.DrawResult, units []inspection.Unit) (people, firms map[models.ID]string, err error) {
	var persons, companies []models.ID
	for _, o := range r.Draw.Lists.V.Officers {
		persons = append(persons, o.UserID)
	}
	for _, x := range r.Draw.Lists.V.Recusals {
		persons, companies = append(persons, x.OfficerID), append(companies, x.EnterpriseID)
	}
	for _, t := range r.Tasks {
		companies = append(companies, t.EnterpriseID)
	}
	for _, u := range units {
		companies = append(companies, u.EnterpriseID)
	}
	if people, err = p.options.Accounts.Names(v.ctx, persons); err != nil {
		return nil, nil, err
	}
	firms, err = p.options.Registry.EnterpriseNamed(v.ctx, companies)
	return people, firms, err
}

// runDraw gives the draw its seed and shows what was drawn.
func (p *Pages) runDraw(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	if _, err = p.options.Inspection.RunDraw(v.ctx, id, inspection.SeedInput{Seed: v.field("seed")}); err == nil {
		v.to("/draw/" + string(id))
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError || f.Status == http.StatusNotFound {
		return err
	}
	page, err := p.drawOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "drawing", []formField{{Name: "seed", Label: fault.T("种子")}}, f)
	return p.show(v, f.Status, "draw.html", page)
}
