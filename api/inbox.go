package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inbox"
)

type inboxAPI struct{ svc *inbox.Service }

type waitingView struct {
	What         string     `json:"what" doc:"等待办理的事项：notice 发通知，acknowledgement 签收，rectification 整改，review 复查，referral 决定是否移交，task 抽到的现场检查，round 轮到的巡查，report 报送任务完成情况，verification 核验任务，filing 重新报送退回的台账，submission 重新提交退回的评估，completion 核查园区自评，accreditation 决定试点认定，rating 评级，rectification-order 责令限期整改，reassessment 整改复查，notification 告知信用初评，decision 评定信用"`
	Kind         string     `json:"kind" enum:"finding,draw,patrol,task,ledger,assessment,grade,park"`
	ID           models.ID  `json:"id" format:"uuid"`
	Number       string     `json:"number"`
	ParkID       *models.ID `json:"parkId" format:"uuid" nullable:"true" doc:"不属于一个园区的为 null"`
	SiteID       *models.ID `json:"siteId" nullable:"true"`
	EnterpriseID *models.ID `json:"enterpriseId" nullable:"true"`
	DueOn        *code.Day  `json:"dueOn" nullable:"true" doc:"期限"`
	Overdue      bool       `json:"overdue"`
	Href         string     `json:"href" format:"uri-reference"`
}

type reminderView struct {
	At      string `json:"at" format:"date-time"`
	Waiting int    `json:"waiting" doc:"当时等待办理的事项"`
	Overdue int    `json:"overdue" doc:"其中逾期的"`
}

type inboxView struct {
	AsOf     code.Day      `json:"asOf" format:"date"`
	Items    []waitingView `json:"items" doc:"期限早的在前"`
	More     bool          `json:"more" doc:"还有更多，没有全部列出"`
	Reminder *reminderView `json:"reminder,omitempty" doc:"今天的提醒，每人每天至多一次；还没有提醒的没有这一项"`
}

type inboxOutput struct{ Body inboxView }

func (h inboxAPI) get(ctx context.Context, _ *struct{}) (*inboxOutput, error) {
	b, err := h.svc.Box(ctx)
	if err != nil {
		return nil, err
	}
	v := inboxView{AsOf: b.AsOf, Items: make([]waitingView, len(b.Items)), More: b.More}
	for i, w := range b.Items {
		v.Items[i] = waitingView{w.What, w.Kind, w.ID, w.Number, w.ParkID, w.SiteID, w.EnterpriseID, w.DueOn, w.Overdue, placeOf(w)}
	}
	r, err := h.svc.Today(ctx)
	if r != nil {
		v.Reminder = &reminderView{instant(r.At), r.Waiting, r.Overdue}
	}
	return &inboxOutput{v}, err
}

// placeOf is the address of what waits.
func placeOf(w inbox.Item) string {
	switch w.Kind {
	case inbox.KindPatrol:
		return base + "/parks/" + string(models.Deref(w.ParkID)) + "/planned-patrols"
	default:
		return base + "/" + w.Kind + "s/" + string(w.ID)
	}
}
