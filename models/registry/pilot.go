package registry

import (
	"context"
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// PilotState is how far a park has come in the pilot (试点), "" for a park that has no part in it.
type PilotState string

const (
	Nominated       PilotState = "nominated"        // 区推荐
	Designated      PilotState = "designated"       // 列入试点
	PlanAgreed      PilotState = "plan_agreed"      // 方案确定
	Building        PilotState = "building"         // 建设中
	SelfAssessed    PilotState = "self_assessed"    // 园区自评
	DistrictChecked PilotState = "district_checked" // 区核查
	Accredited      PilotState = "accredited"       // 认定通过
	SentBack        PilotState = "returned"         // 退回整改
	Lapsed          PilotState = "lapsed"           // 取消
)

// PilotStates are all, in the order of a park's life in the pilot.
func PilotStates() []PilotState {
	return []PilotState{Nominated, Designated, PlanAgreed, Building, SelfAssessed, DistrictChecked, Accredited, SentBack, Lapsed}
}

// Name is the state in words.
func (s PilotState) Name() fault.Text {
	switch s {
	case Nominated:
		return fault.T("区推荐")
	case Designated:
		return fault.T("列入试点")
	case PlanAgreed:
		return fault.T("方案确定")
	case Building:
		return fault.T("建设中")
	case SelfAssessed:
		return fault.T("园区自评")
	case DistrictChecked:
		return fault.T("区核查")
	case Accredited:
		return fault.T("认定通过")
	case SentBack:
		return fault.T("退回整改")
	case Lapsed:
		return fault.T("取消试点")
	default:
		return fault.T("没有列入")
	}
}

// pilotFrom says from which states each is reached.
var pilotFrom = map[PilotState][]PilotState{
	Nominated: {""}, Designated: {Nominated}, PlanAgreed: {Designated}, Building: {PlanAgreed}, SelfAssessed: {Building, SentBack},
	DistrictChecked: {SelfAssessed}, Accredited: {DistrictChecked}, SentBack: {SelfAssessed, DistrictChecked}, Lapsed: {Accredited},
}

// Pilot is the park's present state.
func (p Park) Pilot() PilotState { return PilotState(p.PilotState) }

// MayBecome reports whether the park can take the step to a state now.
func (p Park) MayBecome(to PilotState) bool { return slices.Contains(pilotFrom[to], p.Pilot()) }

// PilotStep is one step of a park's life in the pilot, with the day on which it took
// place. Inserted only.
type PilotStep struct {
	ID           models.ID `gorm:"primaryKey"`
	ParkID       models.ID
	FromState    PilotState
	ToState      PilotState
	Day          code.Day
	At           time.Time // recorded
	ActorID      models.ID
	ActorOrg     policies.Organisation
	Document     string // number of the document behind it
	Reason       string
	AssessmentID *models.ID // that moved the park
	ChangeID     models.ID
}

// TableName implements gorm's Tabler.
func (PilotStep) TableName() string { return "pilot_steps" }

// Scope implements models.Scoped: seen exactly when the park is.
func (PilotStep) Scope() models.Scope { return models.ChildRows("pilot_steps", "park_id", Park{}) }

// PilotInput is a step as people enter it.
type PilotInput struct {
	On       string `json:"on,omitempty" format:"date" doc:"发生的日期，默认今天；不早于上一步"`
	Document string `json:"document,omitempty" doc:"文号"`
	Reason   string `json:"reason,omitempty" doc:"原因；取消试点必填，至少 5 个字"`
}

// Parse checks everything before it answers.
func (in PilotInput) Parse() (PilotStep, error) {
	var c fault.Check
	s := PilotStep{Day: fault.Parse(&c, "/on", in.On, code.ParseDay), Document: fault.Parse(&c, "/document", in.Document, code.ParseText(80)),
		Reason: fault.Parse(&c, "/reason", in.Reason, code.ParseReason)}
	return s, c.Err()
}

// Step takes the park one step further: the park after it and the step that records
// it. before is the day of the step before, "" for none. Nothing is stored yet.
func (p Park) Step(s PilotStep, before code.Day, now time.Time) (Park, PilotStep, error) {
	if !p.MayBecome(s.ToState) {
		return p, s, fault.New(fault.Conflict, "试点目前处于“{{.State}}”，不能进入“{{.To}}”", "State", p.Pilot().Name(), "To", s.ToState.Name()).With("state", p.PilotState)
	}
	today := code.DayOf(now)
	if s.Day == "" {
		s.Day = today
	}
	var c fault.Check
	switch {
	case s.Day > today:
		c.Fail("/on", "future", "日期不能晚于今天，到那一天再办理")
	case s.Day < before:
		c.Cite("/on", "order", "", string(s.Day), "不能早于上一步的日期 {{.Day}}", "Day", string(before))
	case s.ToState == Designated && s.Day < firstList:
		c.Fail("/on", "minimum", "第一批试点名单印发于 {{.Day}}，不能更早", "Day", string(firstList))
	}
	if s.ToState == Lapsed && s.Reason == "" {
		c.Required("/reason", "")
	}
	if err := c.Err(); err != nil {
		return p, s, err
	}
	s.ID, s.ParkID, s.FromState, s.At = models.NewID(), p.ID, p.Pilot(), now
	p.PilotState, p.Edited = string(s.ToState), true
	if s.ToState == Designated {
		p.DesignatedOn = models.Ref(s.Day)
	}
	return p, s, nil
}

// StepPilot stores a step of a park that the caller has read in this transaction, by
// a permission that reaches it.
func StepPilot(tx *models.Tx, perm policies.Permission, park Park, s PilotStep) (Park, error) {
	if park.ClosedOn != nil {
		return park, park.Takes()
	}
	var last []PilotStep
	if err := tx.Visible(policies.ParkRead, &PilotStep{}).Where("park_id = ?", park.ID).Order("day DESC, id DESC").Limit(1).Find(&last).Error; err != nil {
		return park, err
	}
	before := code.Day("")
	if len(last) > 0 {
		before = last[0].Day
	}
	after, s, err := park.Step(s, before, tx.Now())
	if err != nil {
		return park, err
	}
	if err := loadPersonal(tx.Context(), tx.DB(), &after); err != nil {
		return park, err
	}
	return after, update(tx, perm, &park, &after, s.Reason, &s)
}

// ParkAt reads a park for a change that is based on a version: Absent outside the
// scope of perm, Stale when the version is another.
func ParkAt(tx *models.Tx, perm policies.Permission, id models.ID, version int64) (Park, error) {
	return forChange[Park](tx, perm, id, version)
}

var stepOrders = map[string]models.Order[PilotStep]{
	"-day": {Column: "pilot_steps.day", Desc: true, Key: func(s PilotStep) any { return string(s.Day) }},
}

// PilotSteps lists a park's steps, the newest first.
func (s *Service) PilotSteps(ctx context.Context, park models.ID, q models.Query) (models.Page[PilotStep], error) {
	if _, err := s.Park(ctx, park); err != nil {
		return models.Page[PilotStep]{}, err
	}
	rows := s.db.Visible(ctx, policies.ParkRead, &PilotStep{}).Where("pilot_steps.park_id = ?", park)
	return models.List(s.db, rows, q, stepOrders, "-day", func(s PilotStep) models.ID { return s.ID })
}

// Standing is where a park stood in the pilot at the end of a day.
type Standing struct {
	Park
	Then  PilotState // "" before its first step
	Since *code.Day
}

// Pilots are a page of parks on a day, as it was known at a number of the log.
type Pilots struct {
	models.Page[Standing]
	audit.Moment
}

// Pilots lists the parks of the caller with where each stood at the end of the day, by
// the steps that were known.
func (s *Service) Pilots(ctx context.Context, f ParkFilter, in audit.Question, q models.Query) (out Pilots, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context) error {
		if out.Moment, err = audit.New(s.db).Moment(ctx, in); err != nil {
			return err
		}
		out.Page, err = s.pilots(ctx, f, out.AsOf, out.Knowledge, q)
		return err
	})
	return out, err
}

func (s *Service) pilots(ctx context.Context, f ParkFilter, asOf code.Day, known audit.Knowledge, q models.Query) (models.Page[Standing], error) {
	var out models.Page[Standing]
	page, err := s.Parks(ctx, f, q)
	if err != nil {
		return out, err
	}
	ids := make([]models.ID, len(page.Items))
	for i, p := range page.Items {
		ids[i] = p.ID
	}
	var steps []PilotStep
	err = s.db.Visible(ctx, policies.ParkRead, &PilotStep{}).Where("park_id IN ? AND day <= ?", ids, asOf).
		Where("EXISTS (SELECT 1 FROM changes c WHERE c.id = pilot_steps.change_id AND c.seq <= ?)", known.Seq).Order("day, id").Find(&steps).Error
	last := make(map[models.ID]PilotStep, len(ids))
	for _, st := range steps {
		last[st.ParkID] = st
	}
	out.Next, out.Total = page.Next, page.Total
	for _, p := range page.Items {
		row := Standing{Park: p}
		if st, there := last[p.ID]; there {
			row.Then, row.Since = st.ToState, &st.Day
		}
		out.Items = append(out.Items, row)
	}
	return out, err
}

// unmoved refuses a state of the pilot that is typed in.
func unmoved(before, after Park) error {
	if before.PilotState == after.PilotState {
		return nil
	}
	return broken("/pilotState", "unexpected", "试点阶段按步骤办理，不直接填写")
}
