package web

import (
	"net/http"
	"net/url"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// roundsPage is what templates/rounds.html shows: the planned patrols of one park, or how
// many stand how in each of several.
type roundsPage struct {
	Shell  shell
	Head   listHead
	Park   string
	Days   string
	Counts []roundCount
	Groups []roundGroup
	Parks  []roundPark
	Cut    bool // there are more than the page has
}

// roundCount is how many stand one way.
type roundCount struct {
	Name fault.Text
	Mark band
	N    int
	Link string
}

// roundGroup is one period of one rule.
type roundGroup struct {
	Days  string
	Rule  string
	Lines []roundLine
}

// roundLine is one planned patrol to one object.
type roundLine struct {
	inspection.Round
	Kind   fault.Text
	Name   fault.Text
	Mark   band
	Due    string // today, soon, later; "" where nothing is to be done
	Person string
}

// roundPark is how the planned patrols of one park stand.
type roundPark struct {
	Name   string
	Counts []roundCount
}

// Days that a page of planned patrols covers when none are asked for, and the rows that
// it has at most.
const (
	roundDays = 7
	mostRound = 150
)

// roundMark is how a state looks.
func roundMark(s inspection.RoundState) band {
	switch s {
	case inspection.RoundDue:
		return halfway
	case inspection.RoundMissed:
		return behind
	case inspection.RoundDone:
		return onTarget
	}
	return noScore
}

func (p *Pages) rounds(v *visit) error {
	var states []option
	for _, s := range inspection.RoundStates() {
		states = append(states, option{Value: string(s), Name: say(v, s.Name())})
	}
	h, parks, err := p.filtersOf(v, states)
	if err != nil {
		return err
	}
	if h.To == "" {
		h.To = string(p.options.Today())
	}
	if h.From == "" {
		h.From = string(code.Day(h.To).Add(1 - roundDays))
	}
	h.exports(v, "planned-patrols", v.c.Query("state"))
	page := roundsPage{Shell: p.listed(v, fault.T("计划巡查")), Head: h, Days: dayOf(v.lang, code.Day(h.From)) + " – " + dayOf(v.lang, code.Day(h.To))}
	picked := v.c.Query("parkId")
	if picked == "" && len(h.Parks) == 1 {
		picked = h.Parks[0].Value
	}
	if picked == "" {
		counts, err := p.options.Inspection.RoundCounts(v.ctx, inspection.RoundsQuestion{From: code.Day(h.From), AsOf: code.Day(h.To)})
		if err != nil {
			return err
		}
		for _, park := range h.Parks {
			if n := counts[models.ID(park.Value)]; n != nil {
				page.Parks = append(page.Parks, roundPark{park.Name, h.roundCounts(n, park.Value)})
			}
		}
		return p.show(v, http.StatusOK, "rounds.html", page)
	}
	a, err := p.roundsOf(v, h, picked)
	if err != nil {
		return err
	}
	page.Park, page.Counts = parks[picked], h.roundCounts(a.Count, picked)
	if err := p.roundGroups(v, &page, a); err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "rounds.html", page)
}

func (p *Pages) roundsOf(v *visit, h listHead, park string) (inspection.RoundsAnswer, error) {
	return p.options.Inspection.Rounds(v.ctx, models.ID(park), inspection.RoundsQuestion{From: code.Day(h.From), AsOf: code.Day(h.To)})
}

// roundCounts are how many stand how, each with the way to its rows.
func (h listHead) roundCounts(n map[inspection.RoundState]int, park string) []roundCount {
	var all []roundCount
	for _, s := range inspection.RoundStates() {
		c := roundCount{Name: s.Name(), Mark: roundMark(s), N: n[s], Link: h.Path + "?" + url.Values{"parkId": {park}, "from": {h.From}, "to": {h.To}, "state": {string(s)}}.Encode()}
		all = append(all, c)
	}
	return all
}

// roundGroups puts the rounds together by period, those that end first at the top.
func (p *Pages) roundGroups(v *visit, page *roundsPage, a inspection.RoundsAnswer) error {
	var people []models.ID
	for _, r := range a.Rounds {
		if r.Person != "" {
			people = append(people, r.Person)
		}
	}
	names, err := p.options.Accounts.Names(v.ctx, people)
	if err != nil {
		return err
	}
	state, shown := v.c.Query("state"), 0
	for _, r := range a.Rounds {
		if state != "" && string(r.State) != state {
			continue
		}
		if shown++; shown > mostRound {
			page.Cut = true
			break
		}
		days := dayOf(v.lang, r.From)
		if r.To != r.From {
			days += " – " + dayOf(v.lang, r.To)
		}
		rule := wordsOf(v, r.Rule.Text, r.Rule.TextEn)
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Days != days || page.Groups[n-1].Rule != rule {
			page.Groups = append(page.Groups, roundGroup{Days: days, Rule: rule})
		}
		g := &page.Groups[len(page.Groups)-1]
		g.Lines = append(g.Lines, p.roundLine(r, names))
	}
	return nil
}

func (p *Pages) roundLine(r inspection.Round, names map[models.ID]string) roundLine {
	l := roundLine{Round: r, Kind: r.Object.KindName(), Person: names[r.Person], Name: r.State.Name(), Mark: roundMark(r.State)}
	if r.State == inspection.RoundDue {
		l.Due = dueIn(r.To, p.options.Today())
	}
	return l
}
