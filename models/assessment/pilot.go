package assessment

import (
	"context"
	"math/big"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// pilotMoves say by which permission people take a park to a state. What is not here
// follows from an assessment.
var pilotMoves = map[registry.PilotState]policies.Permission{
	registry.Nominated: policies.ParkNominate, registry.Designated: policies.ParkDesignate, registry.PlanAgreed: policies.ParkPlan,
	registry.Building: policies.ParkBuild, registry.Accredited: policies.ParkAccredit, registry.Lapsed: policies.ParkAccredit,
}

// MovePilot takes a park one step further in the pilot (试点). Accreditation asks for
// an assessment that the district has checked, at or above the pass mark and without
// a veto.
func (s *Service) MovePilot(ctx context.Context, to registry.PilotState, park models.ID, version int64, in registry.PilotInput) (registry.Park, error) {
	var after registry.Park
	perm := pilotMoves[to]
	if err := policies.Require(ctx, perm); err != nil {
		return after, err
	}
	step, err := in.Parse()
	if err != nil {
		return after, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := registry.ParkAt(tx, perm, park, version)
		if err != nil {
			return err
		}
		by, err := acting(tx.Context(), perm, before.Owner())
		if err != nil {
			return err
		}
		step.ToState, step.ActorID, step.ActorOrg = to, by.User, by.Org
		if to == registry.Accredited && before.MayBecome(to) {
			if step.AssessmentID, err = s.passed(tx, park); err != nil {
				return err
			}
		}
		after, err = registry.StepPilot(tx, perm, before, step)
		return err
	})
	return after, err
}

// PilotMoves are the states to which the caller may take the park now, in the order of a
// park's life in the pilot.
func (s *Service) PilotMoves(ctx context.Context, park registry.Park) ([]registry.PilotState, error) {
	var out []registry.PilotState
	for _, to := range registry.PilotStates() {
		perm, byPeople := pilotMoves[to]
		if !byPeople || !park.MayBecome(to) {
			continue
		}
		if _, err := acting(ctx, perm, park.Owner()); err == nil {
			out = append(out, to)
		} else if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return out, nil
}

// passed is the newest assessment of a park, when it is good enough to be accredited.
// Where the bureau has sampled, its own finding counts in place of the district's.
func (s *Service) passed(tx *models.Tx, park models.ID) (*models.ID, error) {
	var all []Assessment
	if err := tx.Visible(policies.AssessmentRead, &Assessment{}).Where("park_id = ?", park).Order("year DESC").Limit(1).Find(&all).Error; err != nil {
		return nil, err
	}
	if len(all) == 0 || all[0].State != Checked || all[0].Score == nil {
		return nil, fault.New(fault.Conflict, "最近一次评估还没有经区核查，不能认定")
	}
	a := all[0]
	list, sheet, err := s.sheet(tx.Context(), a)
	if err != nil {
		return nil, err
	}
	verified, sampled := big.NewRat(*a.Score, code.QuantityScale), sheet.sampled(list, a.Round)
	score := sampled.Sum(list, 0).Percent()
	switch {
	case a.Vetoed:
		return nil, fault.New(fault.Conflict, "评估中存在否决情形，不能认定")
	case verified.Cmp(list.PassMark) < 0:
		return nil, fault.New(fault.Conflict, "核定得分 {{.Score}} 低于认定分数线 {{.Mark}}", "Score", code.Decimal(*a.Score), "Mark", list.ChecklistInput.PassMark)
	case len(sampled.Vetoes) > 0:
		return nil, fault.New(fault.Conflict, "市局抽查发现否决情形（{{.Vetoes}}），不能认定，可以退回整改", "Vetoes", strings.Join(sampled.Vetoes, "、"))
	case score == nil || score.Cmp(list.PassMark) < 0:
		return nil, fault.New(fault.Conflict, "计入市局抽查后得分 {{.Score}}，低于认定分数线 {{.Mark}}", "Score", percentText(score), "Mark", list.ChecklistInput.PassMark)
	}
	return &a.ID, nil
}

// moves says to which state of the pilot a write of an assessment takes its park.
var moves = map[StepKind]registry.PilotState{StepSubmission: registry.SelfAssessed, StepCompletion: registry.DistrictChecked, StepReturn: registry.SentBack}

// carry takes the park along: a pilot park that is ready for the step makes it, an
// accredited park that is assessed again stays accredited, and one that has not begun
// to build, or that has lapsed, submits nothing.
func carry(tx *models.Tx, perm policies.Permission, a Advance) error {
	to, moving := moves[a.Step.Kind]
	if !moving {
		return nil
	}
	var park registry.Park
	if err := models.One(tx.Visible(perm, &park).Where("parks.id = ?", a.After.ParkID), &park); err != nil {
		return err
	}
	if !park.MayBecome(to) {
		switch park.Pilot() {
		case registry.Nominated, registry.Designated, registry.PlanAgreed, registry.Lapsed:
			return fault.New(fault.Conflict, "试点目前处于“{{.State}}”，不能进入“{{.To}}”", "State", park.Pilot().Name(), "To", to.Name()).With("state", park.PilotState)
		}
		return nil
	}
	_, err := registry.StepPilot(tx, perm, park, registry.PilotStep{ToState: to, Day: a.Step.Day, ActorID: a.Step.ActorID, ActorOrg: a.Step.ActorOrg, Reason: a.Step.Reason, AssessmentID: &a.After.ID})
	return err
}
