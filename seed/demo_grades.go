package seed

import (
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/grade"
	"parkregistry/policies"
)

// grades are the gradings of firms with their steps.
type grades struct {
	heads []grade.Grade
	steps []grade.Step
}

// makeGrades gives cards to a third of the firms that treat wastewater, and the
// quarter's credit to every third firm.
func (c *city) makeGrades() {
	for i, f := range c.firms {
		if f.gone {
			continue
		}
		if f.treats && i%3 == 0 {
			c.makeCard(f, i/3)
		}
		if i%3 == 0 {
			c.makeCredit(f)
		}
	}
}

// grading is one grade while it is made.
type grading struct {
	c    *city
	head grade.Grade
	last code.Day
}

func (g *grading) took(a grade.Advance, err error, by models.ID, at time.Time) {
	g.c.fail("grade", err)
	if err != nil {
		return
	}
	a.Step.ID, a.Step.ChangeID = g.c.id(at), g.c.id(at)
	g.c.change(a.Event(), a.Step.ChangeID, by, at)
	g.head, g.last = a.After, a.Step.Day
	g.c.reviews.grades.steps = append(g.c.reviews.grades.steps, a.Step)
}

func (g *grading) open(f *firm, in grade.OpenInput, by models.ID, org policies.Organisation, at time.Time) {
	head, err := in.Parse()
	g.c.fail("grade", err)
	head.Demo = true
	a, err := grade.Open(head, in, f.row.ID, g.c.id(at), by, org, at)
	g.took(a, err, by, at)
}

func (g *grading) move(m grade.Move, in grade.MoveInput, by models.ID, org policies.Organisation, at time.Time) {
	s, err := in.Parse()
	g.c.fail("grade", err)
	a, err := g.head.Move(m, s, g.last, by, org, at)
	g.took(a, err, by, at)
}

func (g *grading) done() { g.c.reviews.grades.heads = append(g.c.reviews.grades.heads, g.head) }

// makeCard checks a firm's works and gives a card; what follows from yellow and red
// goes as far as the days and n lead.
func (c *city) makeCard(f *firm, n int) {
	district, org := c.people.district(*f.park.Jurisdiction), policies.DistrictBureau(*f.park.Jurisdiction)
	at := c.at(c.anchor.Add(-c.between(50, 150)), 10)
	g := &grading{c: c}
	g.open(f, grade.OpenInput{Kind: grade.Capability, Reason: "示例：现场核查废水处理设施和工艺"}, district, org, at)
	if n%9 == 4 { // checked, and no card yet
		g.done()
		return
	}
	level := []string{"green", "green", "yellow", "green", "green", "red", "green"}[n%7]
	at = at.Add(48 * time.Hour)
	g.move(grade.MoveRating, grade.MoveInput{Level: level, Reason: "示例：按设施能力与负荷核定"}, district, org, at)
	if level == "green" || n%4 == 3 {
		g.done()
		return
	}
	at = at.Add(48 * time.Hour)
	due := code.DayOf(at).Add(30)
	g.move(grade.MoveOrder, grade.MoveInput{DueOn: string(due), Reason: "示例：限期完善处理设施"}, c.people.bureau, "city", at)
	if n%4 != 1 { // some were checked again, some are late
		at = at.Add(30 * 24 * time.Hour)
		g.move(grade.MoveReassessment, grade.MoveInput{Reason: "示例：整改完成后复查"}, c.people.bureau, "city", at)
		if n%4 == 0 {
			g.move(grade.MoveRating, grade.MoveInput{Level: "green", Reason: "示例：复查合格"}, c.people.bureau, "city", at.Add(24*time.Hour))
		}
	}
	g.done()
}

// lastQuarter is the newest quarter that ended a month before a day.
func lastQuarter(day code.Day) (string, code.Day) {
	at := day.Add(-30)
	year, _ := strconv.Atoi(string(at)[:4])
	month, _ := strconv.Atoi(string(at)[5:7])
	q := (month - 1) / 3
	if q == 0 {
		year, q = year-1, 4
	}
	name := strconv.Itoa(year) + "Q" + strconv.Itoa(q)
	return name, code.Day(strconv.Itoa(year) + []string{"", "-03-31", "-06-30", "-09-30", "-12-31"}[q])
}

// makeCredit scores the last quarter of a firm; most are decided, some wait.
func (c *city) makeCredit(f *firm) {
	quarter, end := lastQuarter(c.anchor)
	at := c.at(end.Add(c.between(3, 6)), 10)
	g := &grading{c: c}
	bureau, day := c.people.bureau, 24*time.Hour
	g.open(f, grade.OpenInput{Kind: grade.Credit, Period: quarter, Score: strconv.Itoa(min(100, c.between(52, 108))), Reason: "示例：按季度评价结果"}, bureau, "city", at)
	far := c.rng.IntN(10)
	if far > 0 {
		g.move(grade.MoveNotification, grade.MoveInput{}, bureau, "city", at.Add(2*day))
	}
	if far > 1 && far < 4 {
		g.move(grade.MoveObjection, grade.MoveInput{Reason: "示例：超标记录已经更正"}, f.actor, policies.Firm(string(f.row.ID)), at.Add(4*day))
	}
	if far > 2 {
		g.move(grade.MoveDecision, grade.MoveInput{Reason: "示例：按初评结果评定"}, bureau, "city", at.Add(8*day))
	}
	if far == 9 {
		g.move(grade.MoveRepairRequest, grade.MoveInput{Reason: "示例：已完成整改并公开承诺"}, f.actor, policies.Firm(string(f.row.ID)), at.Add(15*day))
	}
	g.done()
}
