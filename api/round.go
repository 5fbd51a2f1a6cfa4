package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

type plannedView struct {
	Rule       string                `json:"rule" doc:"频次规则"`
	RuleText   string                `json:"ruleText"`
	Confidence string                `json:"confidence" doc:"规则的可信度"`
	Kind       string                `json:"kind" enum:"facility,outlet,site" doc:"对象：园区设施、园区雨水排放口、企业场所"`
	ObjectID   models.ID             `json:"objectId" format:"uuid" doc:"巡查记录的 objectId 写这个编号，完成后就算到过"`
	Name       string                `json:"name"`
	From       code.Day              `json:"from" format:"date" doc:"周期的第一天"`
	DueOn      code.Day              `json:"dueOn" format:"date" doc:"周期的最后一天"`
	State      inspection.RoundState `json:"state" enum:"due,done,missed" doc:"待巡查、已完成、漏巡"`
	PatrolID   *models.ID            `json:"patrolId" nullable:"true" doc:"完成它的巡查"`
	PersonID   *models.ID            `json:"personId" nullable:"true" doc:"轮到的人员：园区现任人员按周期轮流"`
}

type plannedOutput struct {
	Body struct {
		From   code.Day      `json:"from" format:"date"`
		AsOf   code.Day      `json:"asOf" format:"date"`
		Due    int           `json:"due"`
		Done   int           `json:"done"`
		Missed int           `json:"missed"`
		Items  []plannedView `json:"items" doc:"期限早的在前"`
	}
}

type plannedInput struct {
	IDParam
	From code.Day `query:"from" format:"date" doc:"从哪一天起，默认截止日期之前 30 天，一次至多 92 天"`
	AsOf code.Day `query:"asOf" format:"date" doc:"截止日期，默认今天"`
}

// planned is the planned patrols of a park.
func (h inspectionAPI) planned(ctx context.Context, in *plannedInput) (*plannedOutput, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Rounds(ctx, id, in.From, in.AsOf)
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	out := &plannedOutput{}
	out.Body.From, out.Body.AsOf, out.Body.Items = a.From, a.AsOf, make([]plannedView, len(a.Rounds))
	out.Body.Due, out.Body.Done, out.Body.Missed = a.Count[inspection.RoundDue], a.Count[inspection.RoundDone], a.Count[inspection.RoundMissed]
	for i, r := range a.Rounds {
		out.Body.Items[i] = plannedView{r.Rule.ID, inLanguage(lang, r.Rule.Text, r.Rule.TextEn), r.Rule.Confidence, r.Object.Kind, r.Object.ID, r.Object.Name, r.From, r.To, r.State, models.Ref(r.Patrol), models.Ref(r.Person)}
	}
	return out, nil
}
