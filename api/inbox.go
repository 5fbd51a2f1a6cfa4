package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// inboxAPI gathers what waits for one person from the rooms that know it.
type inboxAPI struct {
	inspection *inspection.Service
	ledger     *ledger.Service
	tasks      *task.Service
}

type waitingView struct {
	What         string     `json:"what" doc:"等待办理的事项：notice 发通知，acknowledgement 签收，rectification 整改，review 复查，referral 决定是否移交，task 抽到的现场检查，round 轮到的巡查，report 报送任务完成情况，verification 核验任务，filing 重新报送退回的台账"`
	Kind         string     `json:"kind" enum:"finding,draw,patrol,task,ledger"`
	ID           models.ID  `json:"id" format:"uuid"`
	Number       string     `json:"number"`
	ParkID       *models.ID `json:"parkId" format:"uuid" nullable:"true" doc:"不属于一个园区的为 null"`
	SiteID       *models.ID `json:"siteId" nullable:"true"`
	EnterpriseID *models.ID `json:"enterpriseId" nullable:"true"`
	DueOn        *code.Day  `json:"dueOn" nullable:"true" doc:"期限"`
	Overdue      bool       `json:"overdue"`
	Href         string     `json:"href" format:"uri-reference"`
}

type inboxView struct {
	AsOf  code.Day      `json:"asOf" format:"date"`
	Items []waitingView `json:"items" doc:"期限早的在前"`
	More  bool          `json:"more" doc:"还有更多，没有全部列出"`
}

type inboxOutput struct{ Body inboxView }

func (h inboxAPI) get(ctx context.Context, _ *struct{}) (*inboxOutput, error) {
	all, more, err := h.inspection.Inbox(ctx)
	if err != nil {
		return nil, err
	}
	v := inboxView{AsOf: h.inspection.Today(), Items: []waitingView{}, More: more}
	for _, w := range all {
		kind := "finding"
		if w.What == inspection.WaitingTask {
			kind = "draw"
		}
		href := base + "/" + kind + "s/" + string(w.ID)
		if w.What == inspection.WaitingRound {
			kind, href = "patrol", base+"/parks/"+string(w.Place.ParkID)+"/planned-patrols"
		}
		v.Items = append(v.Items, waitingView{w.What, kind, w.ID, w.Number, models.Ref(w.Place.ParkID), w.Place.SiteID, w.Place.EnterpriseID, w.DueOn, w.Overdue, href})
	}
	tasks, err := h.tasks.Inbox(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range tasks {
		v.Items = append(v.Items, waitingView{string(w.What), "task", w.Task.ID, w.Task.Number, w.Task.ParkID, nil, nil, w.Due(), w.Overdue, base + "/tasks/" + string(w.Task.ID)})
	}
	if policies.Require(ctx, policies.LedgerFile) != nil {
		return &inboxOutput{v}, nil
	}
	page, err := h.ledger.List(ctx, ledger.Filter{State: string(ledger.Returned)}, models.Query{Limit: inspection.MaxWaiting})
	if err != nil {
		return nil, err
	}
	for _, e := range page.Items {
		v.Items = append(v.Items, waitingView{"filing", "ledger", e.ID, e.Number, models.Ref(e.ParkID), e.SiteID, e.EnterpriseID, nil, false, base + "/ledgers/" + string(e.ID)})
	}
	v.More = v.More || page.Next != ""
	return &inboxOutput{v}, nil
}
