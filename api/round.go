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
	State      inspection.RoundState `json:"state" enum:"due,done,missed,excused" doc:"待巡查、已完成、漏巡、停产停运免巡"`
	PatrolID   *models.ID            `json:"patrolId" nullable:"true" doc:"完成它的巡查"`
	ReceivedOn *code.Day             `json:"receivedOn" format:"date" nullable:"true" doc:"周期结束以后才收到记录的，写收到的日期；当天以后超过 7 天才收到的不算到过"`
	ShutdownID *models.ID            `json:"shutdownId" nullable:"true" doc:"免巡的停产停运登记：整个周期都在停产停运之内"`
	Reason     *string               `json:"reason" nullable:"true" doc:"停产停运的原因"`
	PersonID   *models.ID            `json:"personId" nullable:"true" doc:"轮到的人员：园区现任人员按周期轮流；问以前某一天或者当时所知的，为 null"`
}

type plannedOutput struct {
	Body struct {
		From     code.Day      `json:"from" format:"date"`
		AsOf     code.Day      `json:"asOf" format:"date"`
		KnownSeq int64         `json:"knownSeq" doc:"计入的最后一个变更序号，还没有为 -1"`
		Due      int           `json:"due"`
		Done     int           `json:"done"`
		Missed   int           `json:"missed"`
		Excused  int           `json:"excused"`
		Items    []plannedView `json:"items" doc:"期限早的在前"`
	}
}

type plannedInput struct {
	IDParam
	From code.Day `query:"from" format:"date" doc:"从哪一天起，默认截止日期之前 30 天，一次至多 92 天"`
	ProgressParams
}

// planned is the planned patrols of a park.
func (h inspectionAPI) planned(ctx context.Context, in *plannedInput) (*plannedOutput, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	asked, err := in.question()
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Rounds(ctx, id, inspection.RoundsQuestion{From: in.From, AsOf: asked.AsOf, KnownAsOf: asked.KnownAsOf, KnownSeq: asked.KnownSeq})
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	out := &plannedOutput{}
	body := &out.Body
	body.From, body.AsOf, body.KnownSeq, body.Items = a.From, a.AsOf, a.KnownSeq, make([]plannedView, len(a.Rounds))
	body.Due, body.Done, body.Missed, body.Excused = a.Count[inspection.RoundDue], a.Count[inspection.RoundDone], a.Count[inspection.RoundMissed], a.Count[inspection.RoundExcused]
	for i, r := range a.Rounds {
		v := plannedView{Rule: r.Rule.ID, RuleText: inLanguage(lang, r.Rule.Text, r.Rule.TextEn), Confidence: r.Rule.Confidence, Kind: r.Object.Kind, ObjectID: r.Object.ID, Name: r.Object.Name,
			From: r.From, DueOn: r.To, State: r.State, PatrolID: models.Ref(r.Patrol), ReceivedOn: models.Ref(r.Late), PersonID: models.Ref(r.Person)}
		if r.Stop != nil {
			v.ShutdownID, v.Reason = &r.Stop.ID, &r.Stop.Reason
		}
		body.Items[i] = v
	}
	return out, nil
}
