package seed

import (
	"math/rand/v2"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// reviews are what the city has of the pilot, of assessments and of grades.
type reviews struct {
	steps       []registry.PilotStep
	assessments []assessment.Assessment
	moves       []assessment.Step
	marks       []assessment.Mark
	grades      grades
}

// makeReviews takes every park through the pilot as far as it has come, with the
// assessments on the way, and grades the firms. It chooses by a generator of its own,
// so that the rest of the city is the same with it and without.
func (c *city) makeReviews() {
	own := c.rng
	c.rng = rand.New(rand.NewPCG(citySeed1, 49)) //nolint:gosec // made-up data, the same every time
	defer func() { c.rng = own }()
	for i, p := range c.parks {
		c.makePilot(i, p)
	}
	c.makeGrades()
}

// road is how far the steps before an assessment lead, in order, and when they took place.
var road = []struct {
	to   registry.PilotState
	day  code.Day
	perm policies.Permission
}{
	{registry.Nominated, "2021-06-10", policies.ParkNominate}, {registry.Designated, firstList, policies.ParkDesignate},
	{registry.PlanAgreed, "2021-12-15", policies.ParkPlan}, {registry.Building, "2022-03-01", policies.ParkBuild},
}

// body is who acts in the pilot and in assessments.
type body struct{ park, district, bureau assessment.By }

func (c *city) bodyOf(p *registry.Park) body {
	as := func(user models.ID, org policies.Organisation) assessment.By {
		return assessment.By{User: user, Org: org, Orgs: []policies.Organisation{org}}
	}
	return body{as(c.people.parkBody(p), policies.ParkBody(string(p.ID))), as(c.people.district(*p.Jurisdiction), policies.DistrictBureau(*p.Jurisdiction)), as(c.people.bureau, "city")}
}

// makePilot takes one park as far as its state says.
func (c *city) makePilot(i int, p *registry.Park) {
	goal, who := p.Pilot(), c.bodyOf(p)
	p.PilotState = ""
	at := p.CreatedAt.Add(time.Hour)
	for n, s := range road {
		by := []assessment.By{who.district, who.bureau, who.park, who.park}[n]
		c.pilotStep(p, s.to, s.day, s.perm, by, at.Add(time.Duration(n)*time.Minute), nil)
		if p.Pilot() == goal && (goal != registry.Building || i%2 == 0) {
			return
		}
	}
	r := review{c: c, park: p, who: who, weak: goal == registry.SentBack, at: c.at(c.anchor.Add(-c.between(38, 55)), 10)}
	r.begin()
	if goal == registry.Building { // has begun to judge itself
		return
	}
	r.submit()
	if goal == registry.SelfAssessed {
		return
	}
	if goal == registry.SentBack && i%2 == 0 {
		r.sendBack(who.district)
		return
	}
	r.verify()
	switch goal {
	case registry.SentBack:
		r.sendBack(who.bureau)
	case registry.Accredited, registry.Lapsed:
		r.sample()
		r.next()
		c.pilotStep(p, registry.Accredited, code.DayOf(r.at), policies.ParkAccredit, who.bureau, r.at, &r.head.ID)
		if goal == registry.Lapsed {
			r.next()
			c.pilotStep(p, registry.Lapsed, code.DayOf(r.at), policies.ParkAccredit, who.bureau, r.at, nil)
		}
	}
}

// pilotStep takes the park one step further.
func (c *city) pilotStep(p *registry.Park, to registry.PilotState, day code.Day, perm policies.Permission, by assessment.By, at time.Time, of *models.ID) {
	s := registry.PilotStep{ToState: to, Day: day, ActorID: by.User, ActorOrg: by.Org, AssessmentID: of}
	if to == registry.Lapsed {
		s.Reason = "示例：发现否决情形，取消试点"
	}
	after, s, err := p.Step(s, "", at)
	c.fail("step in the pilot", err)
	s.ID = c.id(at)
	after.Version, after.UpdatedAt, after.Edited = p.Version+1, at, p.Edited
	*p = after
	c.fail("step in the pilot", c.history.Wrote(p, perm, by.User, at, &s))
	c.reviews.steps = append(c.reviews.steps, s)
}

// review is one assessment while it is made.
type review struct {
	c     *city
	park  *registry.Park
	who   body
	weak  bool // a park that is sent back
	head  assessment.Assessment
	sheet assessment.Sheet
	at    time.Time
}

func (r *review) next() { r.at = r.c.at(code.DayOf(r.at).Add(r.c.between(4, 8)), r.c.between(9, 16)) }

// took stores a write of the assessment.
func (r *review) took(a assessment.Advance, err error, by assessment.By) {
	c := r.c
	c.fail("assessment", err)
	if err != nil {
		return
	}
	a.Rename(func() models.ID { return c.id(r.at) })
	c.change(a.Event(), a.Step.ChangeID, by.User, r.at)
	r.head = a.After
	r.sheet.Add(a.Marks...)
	c.reviews.moves, c.reviews.marks = append(c.reviews.moves, a.Step), append(c.reviews.marks, a.Marks...)
	for i, there := range c.reviews.assessments {
		if there.ID == r.head.ID {
			c.reviews.assessments[i] = r.head
			return
		}
	}
	c.reviews.assessments = append(c.reviews.assessments, r.head)
}

func (r *review) year() int {
	n, _ := strconv.Atoi(string(code.DayOf(r.at))[:4]) // a day begins with its year
	return n
}

// asked is the version that was in force when the assessments of the city began. Whoever
// starts one now takes the newest.
func asked() assessment.Checklist {
	list, _ := assessment.DraftNamed("2026-draft-2")
	return list
}

// begin starts the assessment and judges half of the items.
func (r *review) begin() {
	r.sheet = assessment.Sheet{}
	in, err := assessment.StartInput{ParkID: string(r.park.ID), Year: r.year()}.Parse()
	r.c.fail("assessment", err)
	in.Demo = true
	a, err := assessment.Start(in, *r.park, asked(), r.c.id(r.at), r.who.park, r.at)
	r.took(a, err, r.who.park)
	half := len(asked().Items) / 2
	r.judge(assessment.Self, r.who.park, asked().Items[:half], r.own, nil)
}

// judge writes items of a side's column by what say says of each.
func (r *review) judge(side assessment.Side, by assessment.By, items []assessment.Item, say func(assessment.Item) (assessment.MarkInput, bool), vetoes []assessment.VetoMarkInput) {
	in := assessment.MarksInput{Vetoes: vetoes}
	for _, i := range items {
		if m, said := say(i); said {
			in.Items = append(in.Items, m)
		}
	}
	in, err := in.Parse()
	r.c.fail("marks", err)
	r.at = r.at.Add(20 * time.Minute)
	a, err := r.head.Mark(side, in, asked(), r.sheet, r.c.measured(r.park, code.DayOf(r.at)), by, r.at)
	r.took(a, err, by)
}

// own is what a park says of an item that people judge.
func (r *review) own(i assessment.Item) (assessment.MarkInput, bool) {
	c := r.c
	m := assessment.MarkInput{Item: i.ID, Points: i.ItemInput.Points, Evidence: "示例：" + i.ItemInput.Evidence[0], EvidenceOn: string(max(code.DayOf(r.at).Add(-c.between(3, 60)), code.Day(strconv.Itoa(r.head.Year)+"-01-01")))}
	good := 94
	if r.weak {
		good = 72
	}
	switch {
	case i.Computed():
		return m, false
	case i.AppliesWhen != "" && c.chance(30):
		return assessment.MarkInput{Item: i.ID, NotApplicable: true, Reason: "示例：园区没有这种情形"}, true
	case c.chance(good):
	case c.chance(60):
		m.Points = "0.5"
	default:
		m.Points, m.Evidence, m.EvidenceOn = "0", "", ""
	}
	return m, true
}

func (r *review) submit() {
	items := asked().Items
	r.judge(assessment.Self, r.who.park, items[len(items)/2:], r.own, nil)
	r.at = r.at.Add(10 * time.Minute)
	a, err := r.head.Submit(asked(), r.sheet, r.c.measured(r.park, code.DayOf(r.at)), r.who.park, r.at)
	r.took(a, err, r.who.park)
	r.c.pilotStep(r.park, registry.SelfAssessed, code.DayOf(r.at), policies.AssessmentAssess, r.who.park, r.at, &r.head.ID)
}

// verify is the district's: it agrees mostly, and finds less here and there.
func (r *review) verify() {
	r.next()
	list := asked()
	var vetoes []assessment.VetoMarkInput
	for _, v := range list.VetoItems {
		x := assessment.VetoMarkInput{Veto: v.ID}
		if r.weak && v.ID == "V2" {
			x.Found, x.Reason = true, "示例：核查时发现集中处理设施旁路排放"
		}
		vetoes = append(vetoes, x)
	}
	r.judge(assessment.District, r.who.district, list.Items, func(i assessment.Item) (assessment.MarkInput, bool) {
		m := assessment.MarkInput{Item: i.ID}
		if own := r.sheet[assessment.Self][i.ID]; own.Applies && own.Points > 0 && !i.Computed() && r.c.chance(5) {
			m.Points, m.Reason = "0.5", "示例：现场核对，佐证不足"
		}
		return m, true
	}, vetoes)
	r.at = r.at.Add(10 * time.Minute)
	a, err := r.head.Complete(list, r.sheet, r.c.measured(r.park, code.DayOf(r.at)), r.who.district, r.at)
	r.took(a, err, r.who.district)
	r.c.pilotStep(r.park, registry.DistrictChecked, code.DayOf(r.at), policies.AssessmentVerify, r.who.district, r.at, &r.head.ID)
}

// sample is the bureau's look at a few items.
func (r *review) sample() {
	r.next()
	items := asked().Items
	from := r.c.rng.IntN(len(items) - 4)
	r.judge(assessment.Bureau, r.who.bureau, items[from:from+4], func(i assessment.Item) (assessment.MarkInput, bool) {
		m := assessment.MarkInput{Item: i.ID}
		if there := r.sheet[assessment.District][i.ID]; there.Applies && there.Points > 0 && !i.Computed() && r.c.chance(25) {
			m.Points, m.Reason = "0", "示例：抽查时没有找到佐证"
		}
		return m, true
	}, nil)
}

func (r *review) sendBack(by assessment.By) {
	r.next()
	a, err := r.head.Return(assessment.ReturnInput{Reason: "示例：佐证不足，整改后重新提交"}, by, r.at)
	r.took(a, err, by)
	r.c.pilotStep(r.park, registry.SentBack, code.DayOf(r.at), policies.AssessmentReturn, by, r.at, &r.head.ID)
}
