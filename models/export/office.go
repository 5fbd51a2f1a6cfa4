package export

import (
	"fmt"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/progress"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// officeLists are the lists of the office: tasks, accounts, the trail.
func officeLists() []List {
	return []List{
		{Name: "tasks", Title: fault.T("任务进度表"), Need: policies.TaskRead, sort: "dueOn", read: tasks,
			Columns: []Column{text(fault.T("编号")), text(fault.T("任务")), text(fault.T("目标")), text(fault.T("责任单位")), text(fault.T("责任人")), text(fault.T("登记数据")), text(fault.T("状态")), text(fault.T("滞后")), text(fault.T("期限"))},
			Filters: []Filter{byPark(), {"programmeId", fault.T("文件"), models.IsID, asItIs}, oneOf("state", fault.T("状态"), task.States(), task.State.Name)}},
		{Name: "users", Title: fault.T("单位与用户"), Need: policies.AssignmentRead, sort: "username", read: users,
			Columns: []Column{text(fault.T("登录名")), text(fault.T("姓名")), text(fault.T("单位")), text(fault.T("动态口令")), text(fault.T("建立时间")), text(fault.T("状态"))},
			Filters: []Filter{words(), oneOf("state", fault.T("状态"), []string{"active", "disabled"}, accountState)}},
		{Name: "audit-records", Title: fault.T("操作留痕"), Need: policies.AuditRead, sort: "-at", read: records,
			Columns: []Column{text(fault.T("时间")), text(fault.T("操作人")), text(fault.T("方式")), text(fault.T("动作")), text(fault.T("对象")), text(fault.T("变更前")), text(fault.T("变更后")), text(fault.T("原因")), text(fault.T("来源")), text(fault.T("结果"))},
			Filters: []Filter{byPark(), oneOf("outcome", fault.T("结果"), []string{audit.Done, audit.Refused, audit.Failed}, audit.OutcomeName), identified("objectId", fault.T("一个对象")),
				{"actorId", fault.T("一个人"), models.IsID, asItIs}, from(), until()}},
	}
}

func tasks(r *reading, q models.Query) (batch, error) {
	answer, err := r.Tasks.List(r.ctx, task.Filter{ParkID: r.has("parkId"), ProgrammeID: r.has("programmeId"), State: task.State(r.has("state"))}, progress.Question{}, q)
	if err != nil {
		return batch{}, err
	}
	var people []models.ID
	for _, t := range answer.Items {
		people = append(people, t.PersonID)
	}
	if r.people, err = r.Accounts.Names(r.ctx, people); err != nil {
		return batch{}, err
	}
	return rows(r, answer.Page, nobody, r.task)
}

func (r *reading) task(t task.Standing) []Cell {
	figure := Cell{}
	if t.Figure != nil {
		figure = plain(fmt.Sprint(t.Figure.N))
		if t.Binding.V.Query.Shares() {
			figure = plain(fmt.Sprintf("%d / %d", t.Figure.N, t.Figure.D))
		}
	}
	unit := fault.T("市生态环境局")
	switch {
	case t.ParkID != nil:
		unit = plain(r.park(*t.ParkID))
	case t.Jurisdiction != nil:
		unit = code.Jurisdiction(*t.Jurisdiction).Branch()
	}
	return []Cell{plain(t.Number), plain(t.Title), plain(t.Goal), unit, plain(r.people[t.PersonID]), figure, t.StateName(), is(t.Delayed), plain(string(t.DueOn))}
}

func accountState(state string) Cell {
	if state == "disabled" {
		return fault.T("已停用")
	}
	return fault.T("在用")
}

func users(r *reading, q models.Query) (batch, error) {
	page, err := r.Accounts.Users(r.ctx, account.UserFilter{Q: r.has("q"), State: r.has("state")}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, nobody, func(u account.User) []Cell {
		factor, state := fault.T("没有启用"), accountState("active")
		if u.FactorSince != nil {
			factor = fault.T("已启用")
		}
		if u.DisabledAt != nil {
			state = accountState("disabled")
		}
		return []Cell{plain(u.Username), plain(u.DisplayName), plain(u.Organisation), factor, plain(code.ClockTime(u.CreatedAt)), state}
	})
}

func records(r *reading, q models.Query) (batch, error) {
	page, err := r.Audit.Records(r.ctx, audit.RecordFilter{ParkID: r.has("parkId"), Outcome: r.has("outcome"), ObjectID: r.has("objectId"), ActorID: r.has("actorId"),
		From: code.Day(r.has("from")), To: code.Day(r.has("to"))}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, nobody, func(x audit.Record) []Cell {
		return []Cell{plain(code.ClockTime(x.At)), plain(x.ActorName), plain(x.Via), audit.VerbName(x.Action), audit.ObjectName(x.ObjectKind), plain(x.BeforeValues), plain(x.AfterValues),
			plain(strings.TrimSpace(x.Reason)), plain(x.RemoteAddr), audit.OutcomeName(x.Outcome)}
	})
}
