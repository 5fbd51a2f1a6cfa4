package assessment

import (
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// StartInput begins an assessment.
type StartInput struct {
	ParkID string `json:"parkId" format:"uuid" doc:"园区"`
	Year   int    `json:"year" minimum:"2021" maximum:"2100" doc:"评估年度"`
}

// Parse checks everything before it answers.
func (in StartInput) Parse() (Assessment, error) {
	var c fault.Check
	a := Assessment{Year: in.Year, State: Started, Round: 1}
	a.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	if in.Year < 2021 || in.Year > 2100 {
		c.Fail("/year", "range", "试点从 2021 年开始，年度是四位数字")
	}
	return a, c.Err()
}

// Start is the first step: a park begins to judge itself for a year (自评).
func Start(in Assessment, park registry.Park, list Checklist, id models.ID, by By, now time.Time) (Advance, error) {
	if err := park.Takes(); err != nil {
		return Advance{}, err
	}
	var c fault.Check
	if this, _ := strconv.Atoi(string(code.DayOf(now))[:4]); in.Year > this {
		c.Fail("/year", "future", "评估年度不能晚于今年")
		return Advance{}, c.Err()
	}
	in.Versioned = models.Versioned{ID: id, CreatedAt: now}
	in.Jurisdiction, in.Checklist, in.StartedBy = park.Jurisdiction, list.Version, by.User
	a := in.advance(policies.AssessmentAssess, StepStart, by, now)
	a.Before = ""
	return a, nil
}

// columns say, by side, in which states it may write, by which permission and as which step.
var columns = map[Side]struct {
	perm policies.Permission
	kind StepKind
	in   []State
}{
	Self:     {policies.AssessmentAssess, StepSelf, []State{Started, Returned}},
	District: {policies.AssessmentVerify, StepVerify, []State{Assessed}},
	Bureau:   {policies.AssessmentSample, StepSample, []State{Checked}},
}

// Mark writes some items of one side's column.
func (a Assessment) Mark(side Side, in MarksInput, list Checklist, sheet Sheet, measured map[string]Ratio, by By, now time.Time) (Advance, error) {
	col := columns[side]
	out := a.advance(col.perm, col.kind, by, now)
	if err := a.is(col.in...); err != nil {
		return out, err
	}
	if side != Self {
		if err := a.apart(by); err != nil {
			return out, err
		}
	}
	var c fault.Check
	j := judged{list: list, year: a.Year, today: code.DayOf(now), side: side, before: sheet[Self], measured: measured}
	if side == Bureau {
		j.before = sheet[District]
	}
	for i, m := range in.Items {
		out.mark(j.mark(&c, "/items/"+strconv.Itoa(i), m))
	}
	for i, v := range in.Vetoes {
		if !list.Veto(v.Veto) {
			c.Cite("/vetoes/"+strconv.Itoa(i)+"/veto", "unknown", "", v.Veto, "检查表中没有这个否决项")
		}
		out.mark(Mark{Side: side, Item: v.Veto, Veto: v.Found, Reason: v.Reason})
	}
	return out, c.Err()
}

// mark adds a mark to the write.
func (a *Advance) mark(m Mark) {
	m.ID, m.AssessmentID, m.Round, m.ChangeID = models.NewID(), a.After.ID, a.After.Round, a.Step.ChangeID
	m.ActorID, m.ActorOrg, m.At = a.Step.ActorID, a.Step.ActorOrg, a.Step.At
	a.Marks = append(a.Marks, m)
}

// fill marks every item that the registry computes as it is computed now, where the
// side has not marked it in this round. What a person lowered stays.
func (a *Advance) fill(side Side, list Checklist, sheet Sheet, measured map[string]Ratio) {
	j := judged{list: list, side: side, measured: measured, before: sheet[Self]}
	for _, i := range list.Items {
		m, marked := sheet[side][i.ID]
		if i.Computed() && (!marked || m.Round < a.After.Round && !m.Override(i)) {
			var never fault.Check // what nobody typed breaks no rule
			a.mark(j.mark(&never, "", MarkInput{Item: i.ID}))
			sheet.Add(a.Marks[len(a.Marks)-1])
		}
	}
}

// Submit hands the self-assessment in: every item is marked (draft, returned → self_assessed).
func (a Assessment) Submit(list Checklist, sheet Sheet, measured map[string]Ratio, by By, now time.Time) (Advance, error) {
	out := a.advance(policies.AssessmentAssess, StepSubmission, by, now)
	if err := a.is(Started, Returned); err != nil {
		return out, err
	}
	out.fill(Self, list, sheet, measured)
	var c fault.Check
	for _, i := range list.Items {
		if _, there := sheet[Self][i.ID]; !there {
			c.Fail("/items/"+i.ID, "required", "这一项还没有自评")
		}
	}
	if err := c.Err(); err != nil {
		return out, err
	}
	h := &out.After
	h.State, h.SubmittedBy, h.SubmittedOrg, h.SubmittedOn = Assessed, models.Ref(by.User), by.Org, models.Ref(out.Step.Day)
	return out, nil
}

// Complete ends the district's check: every item is verified and every veto answered
// (self_assessed → district_checked).
func (a Assessment) Complete(list Checklist, sheet Sheet, measured map[string]Ratio, by By, now time.Time) (Advance, error) {
	out := a.advance(policies.AssessmentVerify, StepCompletion, by, now)
	if err := a.is(Assessed); err != nil {
		return out, err
	}
	if err := a.apart(by); err != nil {
		return out, err
	}
	out.fill(District, list, sheet, measured)
	var c fault.Check
	for _, i := range list.Items {
		if !sheet.Verified(i.ID) {
			c.Fail("/items/"+i.ID, "required", "这一项还没有核定")
		}
	}
	for _, v := range list.VetoItems {
		if m, there := sheet[District][v.ID]; !there || m.Round < a.Round {
			c.Fail("/vetoes/"+v.ID, "required", "这个否决项还没有核定")
		}
	}
	if err := c.Err(); err != nil {
		return out, err
	}
	o := sheet.Outcome(list, District)
	out.Step.Outcome.V = &o
	out.After.check(out.Step, list)
	return out, nil
}

// check is the head after a completion with its outcome.
func (a *Assessment) check(st Step, list Checklist) {
	a.State, a.CheckedBy, a.CheckedOrg, a.CheckedOn = Checked, models.Ref(st.ActorID), st.ActorOrg, models.Ref(st.Day)
	percent := st.Outcome.V.Sum(list, 0).Percent()
	if a.Score = nil; percent != nil {
		score := scaled(percent) // of 0 too
		a.Score = &score
	}
	a.Vetoed = len(st.Outcome.V.Vetoes) > 0
	a.Level = list.Level(percent, a.Vetoed).ID
}

// sendBack is the head after a return: a round more, and nothing of the check.
func (a *Assessment) sendBack() {
	a.State, a.Round, a.CheckedBy, a.CheckedOrg, a.CheckedOn, a.Score, a.Level, a.Vetoed = Returned, a.Round+1, nil, "", nil, nil, "", false
}

// ReturnInput sends an assessment back.
type ReturnInput struct {
	Reason string `json:"reason" doc:"退回的原因，至少 5 个字"`
}

// Parse checks the reason.
func (in ReturnInput) Parse() (ReturnInput, error) {
	var c fault.Check
	in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return in, c.Err()
}

// Return sends it back to the park: the district what it is checking, the bureau what
// the district has checked (self_assessed, district_checked → returned).
func (a Assessment) Return(in ReturnInput, by By, now time.Time) (Advance, error) {
	out := a.advance(policies.AssessmentReturn, StepReturn, by, now)
	if err := a.is(Assessed, Checked); err != nil {
		return out, err
	}
	if err := a.apart(by); err != nil {
		return out, err
	}
	if a.State == Checked && by.Org != city {
		return out, fault.New(fault.Conflict, "区已核查的评估由市生态环境局退回")
	}
	out.After.sendBack()
	out.Step.Reason = in.Reason
	return out, nil
}

// city is the body of the bureau.
const city policies.Organisation = "city"
