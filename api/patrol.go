package api

import (
	"context"
	"net/http"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

type patrolCounts struct {
	Events        int `json:"events" doc:"有效记录数"`
	Answers       int `json:"answers" doc:"已答检查项"`
	NotAsRequired int `json:"notAsRequired" doc:"不符合项"`
	Photos        int `json:"photos" doc:"照片，内容相同的只算一张"`
	Copies        int `json:"photoCopies" doc:"与另一张照片内容逐字节相同的照片"`
	Findings      int `json:"findings" doc:"登记的问题"`
	Voided        int `json:"voided" doc:"作废的记录"`
}

type patrolView struct {
	Warned
	PlaceView
	ID          models.ID            `json:"id" format:"uuid"`
	Number      string               `json:"number" doc:"例 PT-2026-000123"`
	Nature      inspection.Nature    `json:"nature" enum:"patrol,inspection" doc:"巡查、现场检查"`
	Kind        string               `json:"kind"`
	PlannedOn   *code.Day            `json:"plannedOn" nullable:"true"`
	State       string               `json:"state" enum:"planned,in_progress,completed,cancelled" doc:"由记录算出，不保存"`
	StartedAt   *string              `json:"startedAt" format:"date-time" nullable:"true" doc:"设备时间"`
	EndedAt     *string              `json:"endedAt" format:"date-time" nullable:"true" doc:"设备时间"`
	Missing     []string             `json:"missing" doc:"已经结束却不算完成的原因：start 没有开始，answer 没有检查项，endOrder 结束早于开始，explanation 不符合项没有原因，也没有已经登记的问题"`
	Counts      patrolCounts         `json:"counts"`
	Officers    []inspection.Officer `json:"officers"`
	Weather     string               `json:"weather"`
	Checklist   string               `json:"checklist" doc:"检查单版本"`
	Events      string               `json:"events" format:"uri-reference" doc:"记录的地址"`
	CreatedBy   models.ID            `json:"createdBy" format:"uuid"`
	CreatedByOf string               `json:"createdByOrganisation" doc:"例 district:baoan、park:<编号>"`
	Version     int64                `json:"version"`
	CreatedAt   string               `json:"createdAt" format:"date-time"`
	UpdatedAt   string               `json:"updatedAt" format:"date-time"`
	Demo        bool                 `json:"demo,omitempty" doc:"示例数据"`
}

func patrolOf(p inspection.Patrol, w inspection.Walk) patrolView {
	return patrolView{PlaceView: placeView0(p.Placed), ID: p.ID, Number: p.Number, Nature: p.Nature, Kind: p.Kind, PlannedOn: p.PlannedOn, State: string(w.State),
		StartedAt: instantOrNull(w.StartedAt), EndedAt: instantOrNull(w.EndedAt), Missing: list0(w.Missing),
		Counts:   patrolCounts{w.Events, w.Answers, w.Deviating, w.Photos, w.Copies, w.Findings, w.Voided},
		Officers: list0(p.Officers.V), Weather: p.Weather, Checklist: p.Checklist, Events: base + "/patrols/" + string(p.ID) + "/events",
		CreatedBy: p.CreatedBy, CreatedByOf: string(p.CreatedOrg), Version: p.Version, CreatedAt: instant(p.CreatedAt), UpdatedAt: instant(p.UpdatedAt), Demo: p.Demo}
}

type listPatrolsInput struct {
	ListParams
	Sort         string   `query:"sort" enum:"-createdAt,createdAt"`
	ParkID       string   `query:"parkId" format:"uuid"`
	EnterpriseID string   `query:"enterpriseId" format:"uuid"`
	Nature       string   `query:"nature" enum:"patrol,inspection"`
	From         code.Day `query:"from" format:"date" doc:"登记日期起（含）"`
	To           code.Day `query:"to" format:"date" doc:"登记日期止（含）"`
	Counted      string   `query:"counted" enum:"patrols,inspections" doc:"只要进展报告的这个数所计的巡查"`
	CountedParams
}

func (h inspectionAPI) listPatrols(ctx context.Context, in *listPatrolsInput) (*list[patrolView], error) {
	of, err := in.counted(ctx, h.districts, in.Counted)
	if err != nil {
		return nil, err
	}
	f := inspection.PatrolFilter{Counted: of, ParkID: in.ParkID, EnterpriseID: in.EnterpriseID, Nature: inspection.Nature(in.Nature), From: in.From, To: in.To}
	page, err := h.svc.Patrols(ctx, f, in.query(in.Sort, map[string]string{"r": "patrols", "p": in.ParkID, "e": in.EnterpriseID, "n": in.Nature, "from": string(in.From), "to": string(in.To), "a": in.AsOf, "k": in.KnownSeq, "di": in.Jurisdiction, "c": in.Counted}))
	if err != nil {
		return nil, err
	}
	walks, err := h.svc.Walks(ctx, page.Items)
	return listOf(page, func(p inspection.Patrol) patrolView { return patrolOf(p, walks[p.ID]) }), err
}

func (h inspectionAPI) getPatrol(ctx context.Context, in *IDParam) (*one[patrolView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Patrol(ctx, id)
	if err != nil {
		return nil, err
	}
	walks, err := h.svc.Walks(ctx, []inspection.Patrol{p})
	return &one[patrolView]{etag(p.ID, p.Version), patrolOf(p, walks[p.ID])}, err
}

type newPatrol struct {
	NewID
	inspection.PatrolInput
}

func (h inspectionAPI) createPatrol(ctx context.Context, in *Payload[newPatrol]) (*one[patrolView], error) {
	p, err := h.svc.LogPatrol(ctx, in.Body.id(), in.Body.PatrolInput)
	if err != nil {
		return nil, err
	}
	walks, err := h.svc.Walks(ctx, []inspection.Patrol{p})
	return answer(p.ID, p.Version, patrolOf(p, walks[p.ID])), err
}

type positionView struct {
	Longitude string `json:"longitude" doc:"十进制度，原样"`
	Latitude  string `json:"latitude"`
	AccuracyM string `json:"accuracyM" doc:"精度半径，m"`
	Datum     string `json:"datum" enum:"WGS-84,GCJ-02" doc:"坐标系，与登记的一致"`
	// Two devices may use two systems; whoever compares or draws them asks for one.
	WGS84 [2]string `json:"wgs84" doc:"换算成 WGS-84 的经度和纬度，供比较；登记为 WGS-84 的原样给出"`
	GCJ02 [2]string `json:"gcj02" doc:"换算成 GCJ-02 的经度和纬度，供在国内公开地图上显示；登记为 GCJ-02 的原样给出"`
}

func positionOf(p inspection.Position) (*positionView, error) {
	at, err := p.Located()
	if err != nil {
		return nil, err
	}
	w, g := at.WGS84(), at.GCJ02()
	return &positionView{p.Longitude, p.Latitude, p.AccuracyM, p.Datum, [2]string{w.Longitude.Raw, w.Latitude.Raw}, [2]string{g.Longitude.Raw, g.Latitude.Raw}}, nil
}

type eventView struct {
	ID           models.ID     `json:"id" format:"uuid"`
	Type         string        `json:"type"`
	At           string        `json:"at" format:"date-time" doc:"设备时间，仅供参考"`
	ElapsedMs    *int64        `json:"elapsedMs" nullable:"true"`
	ServerAt     *string       `json:"serverAt" format:"date-time" nullable:"true"`
	ReceivedAt   string        `json:"receivedAt" format:"date-time" doc:"服务器收到的时间"`
	ClockErrorMs *int64        `json:"clockErrorMs" nullable:"true" doc:"设备时钟快了多少毫秒；无法判断为 null"`
	ActorID      models.ID     `json:"actorId" format:"uuid"`
	Position     *positionView `json:"position,omitempty" doc:"没有位置的不给出"`
	Item         string        `json:"item,omitempty"`
	Result       string        `json:"result,omitempty"`
	Quantity     string        `json:"quantity,omitempty"`
	Value        string        `json:"value,omitempty"`
	Unit         string        `json:"unit,omitempty"`
	Object       string        `json:"object,omitempty"`
	ObjectID     models.ID     `json:"objectId,omitempty"`
	FindingID    models.ID     `json:"findingId,omitempty"`
	SHA256       string        `json:"sha256,omitempty"`
	Text         string        `json:"text,omitempty"`
	Reason       string        `json:"reason,omitempty"`
	Voids        models.ID     `json:"voids,omitempty"`
}

func eventOf(e inspection.Event, places map[models.ID]inspection.Position) (eventView, error) {
	b := e.Body.V
	v := eventView{ID: e.ID, Type: string(e.Type), At: instant(e.At), ElapsedMs: e.ElapsedMs, ServerAt: instantOrNull(e.ServerAt), ReceivedAt: instant(e.ReceivedAt),
		ClockErrorMs: e.ClockErrorMs, ActorID: e.ActorID, Item: b.Item, Result: b.Result, Quantity: b.Quantity, Value: b.Value, Unit: b.Unit, Object: b.Object,
		ObjectID: b.ObjectID, FindingID: b.FindingID, SHA256: b.SHA256, Text: b.Text, Reason: b.Reason, Voids: b.Voids}
	p, there := places[e.ID]
	if !there {
		return v, nil
	}
	at, err := positionOf(p)
	v.Position = at
	return v, err
}

type listEventsInput struct {
	IDParam
	ListParams
	Sort string `query:"sort" enum:"at"`
}

func (h inspectionAPI) listEvents(ctx context.Context, in *listEventsInput) (*list[eventView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	page, places, err := h.svc.Events(ctx, id, in.query(in.Sort, map[string]string{"r": "events", "p": string(id)}))
	if err != nil {
		return nil, err
	}
	return listOf(page, func(e inspection.Event) (v eventView) {
		if err == nil {
			v, err = eventOf(e, places)
		}
		return v
	}), err
}

type eventResult struct {
	ID      string        `json:"id" doc:"上传时的编号"`
	Outcome string        `json:"outcome" enum:"stored,repeated,refused" doc:"已保存、已有相同的、没有保存"`
	Status  int           `json:"status" doc:"这一条单独上传时的状态码：201、200、409、422"`
	Errors  []ProblemItem `json:"errors,omitempty" doc:"没有保存的原因"`
}

type recordedView struct {
	Warned
	Results []eventResult `json:"results" doc:"逐条回答，次序与上传相同"`
	Patrol  patrolView    `json:"patrol"`
}

type recordInput struct {
	IDParam
	Payload[inspection.BatchInput]
}

func (h inspectionAPI) recordEvents(ctx context.Context, in *recordInput) (*one[recordedView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Record(ctx, id, in.Body)
	if err != nil {
		return nil, err
	}
	v := recordedView{Results: make([]eventResult, len(a.Results)), Patrol: patrolOf(a.Patrol, a.Walk)}
	for i, r := range a.Results {
		v.Results[i] = resultOf(requestOf(ctx).lang, r)
	}
	return answer(a.Patrol.ID, a.Patrol.Version, v), nil
}

func resultOf(lang words.Lang, r inspection.EventResult) eventResult {
	v := eventResult{ID: r.ID, Outcome: r.Outcome, Errors: items(lang, r.Violations)}
	switch {
	case r.Outcome == inspection.EventStored:
		v.Status = http.StatusCreated
	case r.Outcome == inspection.EventRepeated:
		v.Status = http.StatusOK
	default:
		v.Status = kinds[r.Code].status
	}
	return v
}

type checklistItemView struct {
	ID         string `json:"id"`
	Object     string `json:"object" doc:"检查对象的种类"`
	Name       string `json:"name"`
	Check      string `json:"check" doc:"看什么"`
	Answer     string `json:"answer" enum:"yesNo,value,yesNoValue"`
	Severity   string `json:"severity" doc:"不符合时通常的严重程度"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
}

type checklistView struct {
	Version   string              `json:"version"`
	ValidFrom code.Day            `json:"validFrom"`
	Items     []checklistItemView `json:"items"`
}

func (h inspectionAPI) listChecklists(ctx context.Context, _ *struct{}) (*list[checklistView], error) {
	english := requestOf(ctx).lang == words.English
	return listOf(models.Page[inspection.Checklist]{Items: inspection.Checklists()}, func(l inspection.Checklist) checklistView {
		v := checklistView{Version: l.Version, ValidFrom: l.ValidFrom, Items: make([]checklistItemView, len(l.Items))}
		for i, it := range l.Items {
			check := it.CheckZh
			if english {
				check = it.CheckEn
			}
			v.Items[i] = checklistItemView{it.ID, it.Object, it.NameZh, check, it.Answer, string(it.Severity), it.Source, it.Confidence}
		}
		return v
	}), nil
}
