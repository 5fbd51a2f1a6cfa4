package seed

import (
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// found is a finding before it is logged.
type found struct {
	id     models.ID
	park   *registry.Park
	site   *registry.Site // nil for the park's own
	firm   *firm
	patrol *models.ID
	by     inspection.By
	at     time.Time
	kind   inspection.FindingType
	fate   fate
	prompt bool // answered and reviewed before the due day
}

// fate is how far a finding gets, if history lasts so long.
type fate int

const (
	closes     fate = iota
	neglected       // notified and never answered: overdue
	sentBack        // returned once and answered again
	stuck           // returned and not answered again
	refers          // handed to enforcement
	withdraws       // was none
	stays           // nobody was notified
	waits           // answered, not reviewed yet
	extends         // got more time and was answered
	casesClose      // handed to enforcement and closed with the result
)

// dimensions of the kinds of findings that patrols meet; any other is about facilities.
var dimensions = map[string]int{"no_permit": 3, "ledger_missing": 4, "ledger_false": 4, "monitor_fault": 5, "monitor_tamper": 5, "over_limit": 5, "emergency_plan": 6, "hw_leak": 6, "hw_label": 6, "hw_overdue": 6}

// inTime is how many in a hundred findings are closed by their due day, park by
// park: some are full, some partial and some nothing by the checklist's measure.
var inTime = []int{97, 90, 100, 82, 65, 94}

func (c *city) find(p *inspection.Patrol, by inspection.By, _ inspection.ChecklistItem, at time.Time) found {
	f := found{id: c.id(at), patrol: &p.ID, by: by, at: at.Add(10 * time.Minute), kind: pick(c, inspection.FindingTypes())}
	diligence := 0
	for i, park := range c.parks {
		if park.ID == p.ParkID {
			f.park, diligence = park, inTime[i%len(inTime)]
		}
	}
	if c.chance(70) {
		f.firm = c.resident(f.park, code.DayOf(at))
		if f.firm != nil {
			f.site = f.firm.site
		}
	}
	if f.prompt = c.chance(diligence); f.prompt {
		f.fate = pick(c, []fate{closes, closes, closes, closes, closes, closes, closes, closes, closes, closes, closes, closes, extends, withdraws})
		return f
	}
	f.fate = pick(c, []fate{closes, closes, neglected, neglected, neglected, sentBack, sentBack, stuck, refers, casesClose})
	return f
}

// resident is a firm that lives in the park on a day, nil when none does.
func (c *city) resident(p *registry.Park, day code.Day) *firm {
	var all []*firm
	for _, f := range c.firms {
		if f.park.ID == p.ID && !f.gone && f.from <= day && code.DayOf(f.at) <= day {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return pick(c, all)
}

// makeDemoFindings gives the parks and the firm of the demonstration accounts
// something in every state.
func (c *city) makeDemoFindings() {
	kinds := inspection.FindingTypes()
	for i, f := range []fate{stays, neglected, waits, stuck, refers, closes, extends, withdraws} {
		for n, p := range c.parks[:2] {
			x := found{park: p, at: c.at(c.anchor.Add(-c.between(26, 40)), 10), kind: kinds[(i*3+n)%len(kinds)], fate: f}
			x.by = c.inspector(p, 0)
			if i%2 == 0 {
				x.by = actsAs(c.people.parkBody(p), policies.ParkBody(string(p.ID)))
			}
			if n == 0 {
				x.firm, x.site = c.firms[0], c.firms[0].site
			}
			x.id = c.id(x.at)
			c.makeFinding(x)
		}
	}
}

// makeFinding logs a finding and takes it as far as its fate and the days go.
func (c *city) makeFinding(f found) {
	if code.DayOf(f.at) >= c.anchor {
		return
	}
	dimension := dimensions[f.kind.ID]
	if dimension == 0 {
		dimension = 2
	}
	in := inspection.FindingInput{ParkID: string(f.park.ID), Dimension: dimension, Type: f.kind.ID, Description: "示例：" + f.kind.NameZh, Severity: f.kind.Severity, Place: "示例位置", PatrolID: string(models.Deref(f.patrol))}
	place := f.park.Place()
	if f.site != nil {
		place = f.site.Place()
		in.EnterpriseID, in.SiteID = string(*place.EnterpriseID), string(f.site.ID)
	}
	head, err := in.Parse()
	c.fail("finding", err)
	head.Placed, head.Demo = place, true
	a, err := inspection.OpenFinding(head, in, f.id, c.number(models.FindingNumber, f.at), f.by, f.at)
	c.fail("finding", err)
	t := track{c: c, f: f, at: f.at}
	t.took(a, err, f.by)
	t.run()
	c.rounds.findings = append(c.rounds.findings, t.head)
}

// track follows one finding through its moves.
type track struct {
	c    *city
	f    found
	head inspection.Finding
	at   time.Time // of the last step
	over bool      // the next step would fall on today or later
}

func (t *track) took(a inspection.Advance, err error, by inspection.By) {
	t.c.fail("finding", err)
	if err != nil {
		t.over = true
		return
	}
	a.Step.ID, a.Step.ChangeID = t.c.id(t.at), t.c.id(t.at)
	t.c.change(a.Event(), a.Step.ChangeID, by.User, t.at)
	t.c.rounds.steps = append(t.c.rounds.steps, a.Step)
	t.head = a.After
}

// next moves on by some days; false when history ends before.
func (t *track) next(days int) bool {
	at := t.c.at(code.DayOf(t.at).Add(max(1, days)), t.c.between(9, 16))
	t.over = t.over || code.DayOf(at) >= t.c.anchor
	if !t.over {
		t.at = at
	}
	return !t.over
}

// called is how the letter names whom it is about.
func (t *track) called() inspection.Called {
	n := inspection.Called{Park: models.Deref(t.f.park.Name)}
	if t.f.firm != nil {
		n.Firm = t.f.firm.row.Name
	}
	for _, f := range t.c.facilities {
		if t.head.FacilityID != nil && f.ID == *t.head.FacilityID {
			n.Facility = f.Name
		}
	}
	return n
}

func (t *track) run() {
	c, district := t.c, t.c.inspector(t.f.park, 1)
	switch t.f.fate {
	case stays:
		return
	case withdraws:
		if t.next(1) {
			a, err := t.head.Withdrawal(inspection.WithdrawalInput{Cause: inspection.Mistaken, Reason: "示例：复核后确认不属于问题"}, district, t.at)
			t.took(a, err, district)
		}
		return
	}
	if !t.next(1) {
		return
	}
	hasAccount := t.f.firm == c.firms[0]
	today := code.DayOf(t.at)
	a, err := t.head.Notice(inspection.NoticeInput{DueOn: string(today.Add(t.head.Severity.Days())), Text: "示例：按要求整改并提交佐证"}, t.called(), hasAccount, t.f.by, t.at)
	t.took(a, err, t.f.by)
	to := actsAs(c.people.parkBody(t.f.park), policies.ParkBody(string(t.f.park.ID)))
	if t.head.Recipient == inspection.ToEnterprise {
		to = actsAs(t.f.firm.actor, policies.Firm(string(t.f.firm.row.ID)))
	}
	if t.f.fate == refers || t.f.fate == casesClose {
		t.refer(t.f.fate == casesClose, district)
		return
	}
	if t.f.fate == neglected {
		return
	}
	t.answer(to, district)
}

// answer hands in the rectification and lets it be reviewed.
func (t *track) answer(to, district inspection.By) {
	reviewer := district
	if t.head.Recipient == inspection.ToEnterprise && t.f.by.Org == policies.ParkBody(string(t.f.park.ID)) {
		reviewer = t.f.by
	}
	if t.f.fate == extends && t.next(1) {
		due := t.head.DueOn.Add(t.head.Severity.Days())
		if due >= code.DayOf(t.at) {
			a, err := t.head.Extension(inspection.ExtensionInput{DueOn: string(due), Reason: "示例：配件到货需要时间"}, t.f.by, t.at)
			t.took(a, err, t.f.by)
		}
	}
	days, review := t.head.Severity.Days(), 5
	if t.f.prompt {
		days, review = max(0, days-3), min(days, 2)
	}
	if !t.rectify(to, days) || t.f.fate == waits {
		return
	}
	if (t.f.fate == sentBack || t.f.fate == stuck) && t.next(t.c.between(1, 4)) {
		a, err := t.head.Review(inspection.ReviewInput{Result: inspection.ResultReturn, Reason: "示例：佐证看不清整改部位", DueOn: string(code.DayOf(t.at).Add(7))}, reviewer, t.at)
		t.took(a, err, reviewer)
		if t.f.fate == stuck || !t.rectify(to, 5) {
			return
		}
	}
	if t.next(t.c.between(1, review)) {
		a, err := t.head.Review(inspection.ReviewInput{Result: inspection.ResultClose, Opinion: "示例：现场核对，整改到位"}, reviewer, t.at)
		t.took(a, err, reviewer)
	}
}

// rectify hands in what was done, within some days; 0 is before the evening.
func (t *track) rectify(to inspection.By, days int) bool {
	if days == 0 {
		t.at = t.at.Add(2 * time.Hour)
	} else if !t.next(t.c.between(1, min(days, 20))) {
		return false
	}
	photo := t.proof(to)
	in, err := inspection.RectificationInput{Measure: "示例：已按要求整改", Cost: strconv.Itoa(600 * days), DoneOn: string(code.DayOf(t.at)), Attachments: []string{string(photo.ID)}, Note: "示例照片"}.Parse()
	t.c.fail("rectification", err)
	a, err := t.head.Rectification(in, inspection.Proof{Files: []files.Attachment{photo}}, to, t.at)
	t.took(a, err, to)
	return !t.over
}

func (t *track) refer(closed bool, district inspection.By) {
	if !t.next(1) {
		return
	}
	a, err := t.head.Referral(inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "示例：涉嫌违法，移交执法"}, district, t.at)
	t.took(a, err, district)
	if closed && t.next(t.c.between(20, 50)) {
		a, err := t.head.Review(inspection.ReviewInput{Result: inspection.ResultClose, CaseResult: "示例：已依法处理", CaseNumber: "示例案号"}, district, t.at)
		t.took(a, err, district)
	}
}
