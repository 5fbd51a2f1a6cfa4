package api

import (
	"context"
	"encoding/hex"
	"fmt"

	"parkregistry/models"
	"parkregistry/models/inspection"
)

// DrawView is a draw; exported, since drawnView embeds it.
type DrawView struct {
	Warned
	ID           models.ID  `json:"id" format:"uuid"`
	Number       string     `json:"number" doc:"例 DR-2026-000001"`
	Jurisdiction *string    `json:"jurisdiction" nullable:"true" doc:"全市的抽查为 null"`
	ParkID       *models.ID `json:"parkId" nullable:"true"`
	Quarter      string     `json:"quarter" doc:"例 2026-Q4"`
	State        string     `json:"state" enum:"published,drawn" doc:"名单已公布、已抽取"`
	Count        int        `json:"count" doc:"抽取的单位数"`
	Units        int        `json:"units" doc:"名单上的单位数"`
	Officers     int        `json:"officers" doc:"名单上的人员数"`
	ListsSHA256  string     `json:"listsSha256" doc:"名单的 SHA-256，先于种子公布"`
	Seed         *string    `json:"seed" nullable:"true"`
	SeedSource   *string    `json:"seedSource" nullable:"true" doc:"entered 填写的公开数值，random 系统随机产生"`
	PublishedAt  string     `json:"publishedAt" format:"date-time"`
	PublishedBy  models.ID  `json:"publishedBy"`
	DrawnAt      *string    `json:"drawnAt" format:"date-time" nullable:"true"`
	DrawnBy      *models.ID `json:"drawnBy" nullable:"true"`
	Version      int64      `json:"version"`
}

func drawOf(d inspection.Draw) DrawView {
	l := d.Lists.V
	v := DrawView{ID: d.ID, Number: d.Number, Jurisdiction: d.Jurisdiction, ParkID: d.ParkID, Quarter: d.Quarter, State: "published", Count: l.Count, Units: len(l.Units),
		Officers: len(l.Officers), ListsSHA256: hex.EncodeToString(d.Digest), Seed: orNull(d.Seed), SeedSource: orNull(d.SeedSource),
		PublishedAt: instant(d.CreatedAt), PublishedBy: d.CreatedBy, DrawnAt: instantOrNull(d.DrawnAt), DrawnBy: d.DrawnBy, Version: d.Version}
	if d.DrawnAt != nil {
		v.State = "drawn"
	}
	return v
}

// drawnView is a draw with all that is needed to repeat it.
type drawnView struct {
	DrawView
	Lists  inspection.Lists `json:"lists" doc:"名单；listsSha256 是它的 JSON（无空格）的 SHA-256"`
	Tasks  []drawTaskView   `json:"tasks"`
	Agrees bool             `json:"agrees" doc:"用名单和种子重新抽取，与保存的结果一致"`
}

type drawTaskView struct {
	Place        int         `json:"place" doc:"第几个抽到"`
	SiteID       models.ID   `json:"siteId"`
	EnterpriseID models.ID   `json:"enterpriseId"`
	ParkID       models.ID   `json:"parkId"`
	Officers     []models.ID `json:"officers" doc:"两名执法人员"`
	Done         bool        `json:"done" doc:"两人的随机现场检查已经完成"`
	PatrolID     *models.ID  `json:"patrolId" nullable:"true" doc:"对应的现场检查"`
}

type listDrawsInput struct {
	ListParams
	Quarter string `query:"quarter" pattern:"^[0-9]{4}-Q[1-4]$" doc:"例 2026-Q4"`
}

func (h inspectionAPI) listDraws(ctx context.Context, in *listDrawsInput) (*list[DrawView], error) {
	page, err := h.svc.Draws(ctx, inspection.DrawFilter{Quarter: in.Quarter}, in.query("", map[string]string{"r": "draws", "q": in.Quarter}))
	return listOf(page, drawOf), err
}

type newDraw struct {
	NewID
	inspection.DrawInput
}

func (h inspectionAPI) publishDraw(ctx context.Context, in *Payload[newDraw]) (*one[DrawView], error) {
	d, err := h.svc.PublishDraw(ctx, in.Body.id(), in.Body.DrawInput)
	out := answer(d.ID, d.Version, drawOf(d))
	if crowded := d.Crowded(); err == nil && len(crowded) > 0 {
		out.Body.warn(items(requestOf(ctx).lang, crowded))
	}
	return out, err
}

func (h inspectionAPI) getDraw(ctx context.Context, in *IDParam) (*one[drawnView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.DrawOf(ctx, id)
	if err != nil {
		return nil, err
	}
	return &one[drawnView]{etag(r.Draw.ID, r.Draw.Version), drawnOf(r)}, nil
}

func drawnOf(r inspection.DrawResult) drawnView {
	v := drawnView{DrawView: drawOf(r.Draw), Lists: r.Draw.Lists.V, Tasks: make([]drawTaskView, len(r.Tasks)), Agrees: r.Agrees}
	for i, t := range r.Tasks {
		v.Tasks[i] = drawTaskView{t.Place, t.SiteID, t.EnterpriseID, t.ParkID, []models.ID{t.FirstOfficer, t.SecondOfficer}, t.Done, t.PatrolID}
	}
	return v
}

type runDrawInput struct {
	IDParam
	Payload[inspection.SeedInput]
}

func (h inspectionAPI) runDraw(ctx context.Context, in *runDrawInput) (*one[DrawView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	d, err := h.svc.RunDraw(ctx, id, in.Body)
	return &one[DrawView]{etag(d.ID, d.Version), drawOf(d)}, err
}

type quotaView struct {
	Level        string  `json:"level" enum:"city,district"`
	Jurisdiction *string `json:"jurisdiction" nullable:"true"`
	KeyUnits     int     `json:"keyUnits" doc:"重点管理单位：分母"`
	KeyDrawn     int     `json:"keyDrawn" doc:"本季度已抽到的重点管理单位：分子"`
	Share        int     `json:"share" doc:"至少应抽的比例，%"`
	Required     int     `json:"required" doc:"至少应抽的单位数，进一"`
	Met          bool    `json:"met"`
	Units        int     `json:"units" doc:"本季度抽到的全部单位"`
	Officers     int     `json:"officers" doc:"本季度抽到的人员"`
	PerOfficer   string  `json:"unitsPerOfficer" doc:"每名人员的单位数，一位小数"`
	Usual        int     `json:"usualUnitsPerOfficer" doc:"人员与单位一般约为 1 比这个数"`
}

type quotasInput struct {
	Quarter string `query:"quarter" pattern:"^[0-9]{4}-Q[1-4]$" doc:"例 2026-Q4；不填为本季度"`
}

func (h inspectionAPI) listQuotas(ctx context.Context, in *quotasInput) (*list[quotaView], error) {
	all, err := h.svc.Quotas(ctx, in.Quarter)
	return listOf(models.Page[inspection.Quota]{Items: all}, func(q inspection.Quota) quotaView {
		level := "district"
		if q.Jurisdiction == "" {
			level = "city"
		}
		return quotaView{level, orNull(q.Jurisdiction), q.KeyUnits, q.KeyDrawn, q.Share, q.Required, q.Met(), q.Units, q.Officers, fmt.Sprintf("%d.%d", q.PerOfficer()/10, q.PerOfficer()%10), inspection.UnitsPerOfficer}
	}), err
}
