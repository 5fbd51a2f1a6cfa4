package api

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
)

type auditAPI struct{ svc *audit.Service }

type recordView struct {
	ID           models.ID       `json:"id" format:"uuid"`
	At           string          `json:"at" format:"date-time"`
	ActorID      *models.ID      `json:"actorId" nullable:"true" doc:"没有登录时为 null"`
	ActorName    string          `json:"actorName"`
	Via          string          `json:"via" doc:"session、token、job、command"`
	Address      string          `json:"address" doc:"来源地址"`
	UserAgent    string          `json:"userAgent"`
	RequestID    string          `json:"requestId"`
	Action       string          `json:"action" doc:"权限名称，或者 signin、signout、refusal 等"`
	Outcome      string          `json:"outcome" doc:"done、refused、failed"`
	ObjectKind   string          `json:"objectKind"`
	ObjectID     string          `json:"objectId"`
	ParkID       *models.ID      `json:"parkId" nullable:"true"`
	Jurisdiction *string         `json:"jurisdiction" nullable:"true"`
	EnterpriseID *models.ID      `json:"enterpriseId" nullable:"true"`
	Reason       string          `json:"reason"`
	Before       json.RawMessage `json:"before" doc:"修改前的内容，新建时为 null"`
	After        json.RawMessage `json:"after"`
	ChangeID     *models.ID      `json:"changeId" nullable:"true"`
}

func recordOf(r audit.Record) recordView {
	return recordView{r.ID, instant(r.At), r.ActorID, r.ActorName, r.Via, r.RemoteAddr, r.UserAgent, r.RequestID, r.Action, r.Outcome, r.ObjectKind, r.ObjectID,
		r.ParkID, r.Jurisdiction, r.EnterpriseID, r.Reason, rawOrNull(r.BeforeValues), rawOrNull(r.AfterValues), r.ChangeID}
}

func rawOrNull(s string) json.RawMessage {
	if s == "" {
		return json.RawMessage("null")
	}
	return json.RawMessage(s)
}

type listRecordsInput struct {
	ListParams
	Sort     string   `query:"sort" enum:"-at,at"`
	ActorID  string   `query:"actorId" format:"uuid"`
	ObjectID string   `query:"objectId" maxLength:"64"`
	ParkID   string   `query:"parkId" format:"uuid"`
	Action   string   `query:"action" maxLength:"60"`
	Outcome  string   `query:"outcome" enum:"done,refused,failed"`
	From     code.Day `query:"from" format:"date" doc:"起始日期（含）"`
	To       code.Day `query:"to" format:"date" doc:"截止日期（含）"`
}

func (h auditAPI) listRecords(ctx context.Context, in *listRecordsInput) (*list[recordView], error) {
	f := audit.RecordFilter{ActorID: in.ActorID, ObjectID: in.ObjectID, ParkID: in.ParkID, Action: in.Action, Outcome: in.Outcome, From: in.From, To: in.To}
	page, err := h.svc.Records(ctx, f, in.query(in.Sort, map[string]string{"r": "audit", "a": in.ActorID, "o": in.ObjectID, "p": in.ParkID, "c": in.Action, "u": in.Outcome, "f": string(in.From), "t": string(in.To)}))
	return listOf(page, recordOf), err
}

type changeView struct {
	Seq          int64          `json:"seq" doc:"提交后编的号，从 0 起没有空号；也是存证日志的叶序号"`
	ID           models.ID      `json:"id" format:"uuid"`
	At           string         `json:"at" format:"date-time"`
	ActorID      models.ID      `json:"actorId"`
	Action       string         `json:"action"`
	ObjectKind   string         `json:"objectKind"`
	ObjectID     models.ID      `json:"objectId"`
	ParkID       *models.ID     `json:"parkId" nullable:"true"`
	EnterpriseID *models.ID     `json:"enterpriseId" nullable:"true"`
	AboutOn      code.Day       `json:"aboutOn" doc:"这次变更说的是哪一天的事"`
	Counts       map[string]int `json:"counts" doc:"对园区各项计数的增减"`
	LeafHash     string         `json:"leafHash" doc:"RFC 6962 叶散列，十六进制"`
	Algorithm    string         `json:"algorithm"`
}

func changeOf(c audit.Change) changeView {
	return changeView{*c.Seq, c.ID, instant(c.At), c.ActorID, c.Action, c.ObjectKind, c.ObjectID, c.ParkID, c.EnterpriseID, c.AboutOn, c.Counts.V, hex.EncodeToString(c.LeafHash), c.Algorithm}
}

type listChangesInput struct {
	ListParams
	ParkID     string `query:"parkId" format:"uuid"`
	ObjectKind string `query:"objectKind" maxLength:"40"`
	ObjectID   string `query:"objectId" format:"uuid"`
	Follow     string `query:"follow" enum:"true" doc:"最后一页也给出 next，以后从那里接着读 · the last page has a next as well, to go on from later"`
}

func (h auditAPI) listChanges(ctx context.Context, in *listChangesInput) (*list[changeView], error) {
	f := audit.ChangeFilter{ParkID: in.ParkID, ObjectKind: in.ObjectKind, ObjectID: in.ObjectID}
	q := in.query("", map[string]string{"r": "changes", "p": in.ParkID, "k": in.ObjectKind, "o": in.ObjectID})
	q.Follow = in.Follow == "true"
	page, err := h.svc.Changes(ctx, f, q)
	return listOf(page, changeOf), err
}
