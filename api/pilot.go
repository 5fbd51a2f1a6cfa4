package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type pilotMoveInput struct {
	IDParam
	MatchParam
	Payload[registry.PilotInput]
}

// pilot is the handler of one step of a park in the pilot; it answers the park.
func (h assessmentAPI) pilot(to registry.PilotState) func(context.Context, *pilotMoveInput) (*one[parkView], error) {
	return func(ctx context.Context, in *pilotMoveInput) (*one[parkView], error) {
		id, version, err := target(in.IDParam, in.MatchParam)
		if err != nil {
			return nil, err
		}
		p, err := h.svc.MovePilot(ctx, to, id, version, in.Body)
		return answer(p.ID, p.Version, parkOf(p)), err
	}
}

type pilotStepView struct {
	ID           models.ID           `json:"id" format:"uuid"`
	From         registry.PilotState `json:"from" doc:"之前的阶段，空为没有列入"`
	To           registry.PilotState `json:"to"`
	ToName       string              `json:"toName" doc:"阶段的文字"`
	Day          code.Day            `json:"day" doc:"发生的日期"`
	At           string              `json:"at" format:"date-time" doc:"登记的时刻"`
	ActorID      models.ID           `json:"actorId" format:"uuid"`
	ActorOf      string              `json:"actorOrganisation" doc:"代表的单位"`
	Document     string              `json:"document" doc:"文号"`
	Reason       string              `json:"reason"`
	AssessmentID *models.ID          `json:"assessmentId" nullable:"true" doc:"由这份评估引起"`
}

type pilotStepsInput struct {
	IDParam
	ListParams
}

func (h registryAPI) pilotSteps(ctx context.Context, in *pilotStepsInput) (*list[pilotStepView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	page, err := h.svc.PilotSteps(ctx, id, in.query("", map[string]string{"r": "pilot-steps", "i": string(id)}))
	lang := requestOf(ctx).lang
	return listOf(page, func(s registry.PilotStep) pilotStepView {
		return pilotStepView{s.ID, s.FromState, s.ToState, words.Render(lang, s.ToState.Name()), s.Day, instant(s.At), s.ActorID, string(s.ActorOrg), s.Document, s.Reason, s.AssessmentID}
	}), err
}

type pilotView struct {
	ParkID       models.ID           `json:"parkId" format:"uuid"`
	Code         string              `json:"code"`
	Name         *string             `json:"name" nullable:"true"`
	Jurisdiction *string             `json:"jurisdiction" nullable:"true"`
	State        registry.PilotState `json:"state" doc:"那一天结束时的阶段，空为没有列入"`
	StateName    string              `json:"stateName"`
	Since        *code.Day           `json:"since" nullable:"true" doc:"进入这一阶段的日期"`
	Steps        string              `json:"steps" format:"uri-reference" doc:"历次步骤的地址"`
}

type listPilotsInput struct {
	ListParams
	Sort string `query:"sort" enum:"code,-code,name,-name"`
	ProgressParams
	Jurisdiction string `query:"jurisdiction" maxLength:"40"`
}

func (h registryAPI) listPilots(ctx context.Context, in *listPilotsInput) (*momentList[pilotView], error) {
	asked, err := in.question()
	if err != nil {
		return nil, err
	}
	q := in.query(in.Sort, map[string]string{"r": "pilots", "a": in.AsOf, "ka": in.KnownAsOf, "k": in.KnownSeq, "j": in.Jurisdiction})
	pilots, err := h.svc.Pilots(ctx, registry.ParkFilter{Jurisdiction: in.Jurisdiction}, asked, q)
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	return listOf(pilots.Page, func(p registry.Standing) pilotView {
		return pilotView{p.ID, p.Code, p.Name, p.Jurisdiction, p.Then, words.Render(lang, p.Then.Name()), p.Since, base + "/parks/" + string(p.ID) + "/pilot-steps"}
	}).at(&pilots.Moment), nil
}
