package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// The classes of the park's ledger about emergencies (part P7).
const (
	planClass     = "park.emergencyPlan"
	drillClass    = "park.emergencyDrill"
	suppliesClass = "park.emergencySupplies"
)

func emergencyClasses() []string { return []string{planClass, drillClass, suppliesClass} }

// emergencyLine is one record about emergencies, with what it says first.
type emergencyLine struct {
	ledger.Stood
	Park  string
	Title string
	What  string
	Also  string
	Name  fault.Text
	Mark  band
}

// emergencyPage is what templates/emergency.html shows: plans, drills and supplies of the
// parks (应急与演练): until when each is good, and what was recorded.
type emergencyPage struct {
	Shell shell
	Head  listHead
	Parks []emergencyPark
	Lines []emergencyLine
	New   []option // the forms that the visitor may fill in
}

// emergencyPark is until when the plan, the drill and the supplies of one park are good.
type emergencyPark struct {
	Name                  string
	Number                string // of the plan, as the register has it
	Plan, Drill, Supplies goodUntil
}

// goodUntil is the last of its kind, and the day by which the next is to be.
type goodUntil struct {
	Last  code.Day // "" for none
	Link  string   // to its record, "" where the register says it
	Until code.Day
	Due   string // over, soon, later
}

// until is how long something of a day is good.
func until(last code.Day, link string, by func(code.Day) code.Day, today code.Day) goodUntil {
	if last == "" {
		return goodUntil{}
	}
	g := goodUntil{Last: last, Link: link, Until: by(last)}
	g.Due = lainOf(last, g.Until, today).Due
	return g
}

// A plan is filed or reviewed within three years (item F1 of the checklist), a drill held
// every year (F3), supplies looked at in every month (the class of the ledger).
func planUntil(d code.Day) code.Day  { return d.AddYears(3) }
func drillUntil(d code.Day) code.Day { return d.AddYears(1) }

func suppliesUntil(d code.Day) code.Day {
	t := d.Start()
	return code.DayOf(time.Date(t.Year(), t.Month()+2, 0, 12, 0, 0, 0, t.Location())) // the end of the month after
}

func (p *Pages) emergency(v *visit) error {
	h, names, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	h.Undated = true
	class, park := v.c.Query("class"), v.c.Query("parkId")
	if class != "" && !slices.Contains(emergencyClasses(), class) {
		return strange("class", class)
	}
	kinds := choice{Name: "class", Label: fault.T("类别")}
	page := emergencyPage{Shell: p.listed(v, fault.T("应急与演练"))}
	for _, name := range emergencyClasses() {
		c, _ := p.options.Ledger.Catalogue().Newest(name)
		o := option{name, nameOf(v.lang, c.TitleZh, c.TitleEn), name == class}
		kinds.Options = append(kinds.Options, o)
		if v.may(policies.LedgerCreate) {
			page.New = append(page.New, option{Value: "/p/ledger/new/" + name, Name: o.Name})
		}
	}
	h.Lists, h.Hidden, h.Chips = []choice{kinds}, nil, nil // the class has a field here
	all, err := p.emergencyOf(v, park)
	if err != nil {
		return err
	}
	parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return err
	}
	for _, x := range parks.Items {
		if x.Name != nil && (park == "" || park == string(x.ID)) { // an unnamed place records nothing
			page.Parks = append(page.Parks, p.emergencyPark(x, all))
		}
	}
	if class != "" {
		all = slices.DeleteFunc(all, func(s ledger.Stood) bool { return s.Class != class })
	}
	h.Total, h.Counted = int64(len(all)), true
	shown, err := portion(v, all, &h.First, &h.Next)
	if err != nil {
		return err
	}
	for _, s := range shown {
		l := p.emergencyLineOf(v, s)
		l.Park = names[string(s.ParkID)]
		page.Lines = append(page.Lines, l)
	}
	page.Head = h
	return p.show(v, http.StatusOK, "emergency.html", page)
}

// emergencyPark reads the newest of each kind out of what stands.
func (p *Pages) emergencyPark(park registry.Park, all []ledger.Stood) emergencyPark {
	newest := func(class string, good func(ledger.Stood) bool) (code.Day, string) {
		for _, s := range all {
			if s.ParkID == park.ID && s.Class == class && good(s) {
				return s.Day, "/ledger/" + string(s.ID)
			}
		}
		return "", ""
	}
	every := func(ledger.Stood) bool { return true }
	today, out := p.options.Today(), emergencyPark{Name: parkName(park), Number: park.EmergencyPlanNo}
	last, link := newest(planClass, func(s ledger.Stood) bool {
		return slices.Contains([]string{"filed", "reviewed"}, s.Text("/activity"))
	})
	if filed := models.Deref(park.EmergencyFiledOn); filed > last { // the register knows of a later one
		last, link = filed, ""
	}
	out.Plan = until(last, link, planUntil, today)
	last, link = newest(drillClass, every)
	out.Drill = until(last, link, drillUntil, today)
	last, link = newest(suppliesClass, every)
	out.Supplies = until(last, link, suppliesUntil, today)
	return out
}

// emergencyOf are the records about emergencies that stand, the newest first; of one park
// or of all.
func (p *Pages) emergencyOf(v *visit, park string) ([]ledger.Stood, error) {
	all, err := p.options.Ledger.Standing(v.ctx, ledger.StandingFilter{ParkID: park, Classes: emergencyClasses()}, audit.Knowledge{Newest: true})
	slices.Reverse(all)
	return all, err
}

func (p *Pages) emergencyLineOf(v *visit, s ledger.Stood) emergencyLine {
	l := emergencyLine{Stood: s, Name: s.State.Word(), Mark: entryBand(s.State)}
	c, _ := p.options.Ledger.Catalogue().At(s.Class, s.ClassVersion)
	l.Title = nameOf(v.lang, c.TitleZh, c.TitleEn)
	switch s.Class {
	case planClass:
		l.What, l.Also = strings.TrimSpace(optionOf(v, c, "activity", s.Text("/activity"))+" "+s.Text("/planNumber")), s.Text("/content")
	case drillClass:
		l.What, l.Also = s.Text("/scenario"), s.Text("/improvement")
		if n, there := s.Number("/participants"); there {
			l.What += say(v, fault.T("，{{.Count}} 人", "Count", n.Raw))
		}
	default:
		l.What = say(v, fault.T("检查了 {{.Count}} 种物资", "Count", s.Content.Lengths["/supplies"]))
	}
	return l
}

// optionOf is what a choice of the class is called.
func optionOf(v *visit, c ledger.Class, field, value string) string {
	for _, f := range c.Fields {
		for _, o := range f.Enum {
			if f.Name == field && o.Value == value {
				return wordsOf(v, o.LabelZh, o.LabelEn)
			}
		}
	}
	return value
}

// parkEmergency are the newest of the park's records about emergencies.
func (p *Pages) parkEmergency(v *visit, page *parkPage) error {
	all, err := p.emergencyOf(v, string(page.Line.ID))
	for _, s := range all[:min(len(all), recent)] {
		l := p.emergencyLineOf(v, s)
		l.Park = page.Line.Label
		page.Emergency = append(page.Emergency, l)
	}
	return err
}
