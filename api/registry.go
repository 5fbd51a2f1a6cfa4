package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type registryAPI struct {
	svc   *registry.Service
	today func() code.Day
}

// NewID is the id that a client may choose, so that a lost answer can be looked up.
type NewID struct {
	ID string `json:"id,omitempty" format:"uuid" doc:"可由客户端生成（UUID），用于重试"`
}

func (n NewID) id() models.ID {
	id, _ := models.ParseID(n.ID) // the schema has checked its form
	return id
}

// Stamp is what every row of the register says about itself.
type Stamp struct {
	Warned
	ID           models.ID `json:"id" format:"uuid"`
	Version      int64     `json:"version" doc:"版本，每次修改加 1"`
	CreatedAt    string    `json:"createdAt" format:"date-time"`
	UpdatedAt    string    `json:"updatedAt" format:"date-time"`
	ClosedOn     *code.Day `json:"closedOn" nullable:"true" doc:"终止日期"`
	ClosedReason string    `json:"closedReason,omitempty"`
	Demo         bool      `json:"demo,omitempty" doc:"示例数据"`
}

func stampOf(v models.Versioned, c registry.Closing, demo bool) Stamp {
	return Stamp{Warned{}, v.ID, v.Version, instant(v.CreatedAt), instant(v.UpdatedAt), c.ClosedOn, c.ClosedReason, demo}
}

// orNull shows an empty value as null.
func orNull(s string) *string { return models.Ref(s) }

type parkView struct {
	Warned
	ID                models.ID `json:"id" format:"uuid"`
	Code              string    `json:"code"`
	Name              *string   `json:"name" nullable:"true" doc:"名称尚未公开时为 null"`
	NameKnown         bool      `json:"nameKnown" doc:"名称是否已知"`
	PilotConfirmed    bool      `json:"pilotConfirmed" doc:"市局是否已确认列入试点名单"`
	Jurisdiction      *string   `json:"jurisdiction" nullable:"true" doc:"属地代号，区划表的代号，不由行政区划代码推出"`
	JurisdictionName  *string   `json:"jurisdictionName" nullable:"true"`
	Aliases           []string  `json:"aliases"`
	StreetCode        *string   `json:"streetCode" nullable:"true"`
	Address           string    `json:"address"`
	AreaKm2           string    `json:"areaKm2" doc:"km²"`
	Longitude         string    `json:"longitude"`
	Latitude          string    `json:"latitude"`
	Datum             string    `json:"datum" doc:"WGS-84 或 GCJ-02"`
	Basin             string    `json:"basin"`
	ControlUnits      []string  `json:"controlUnits"`
	Sectors           []string  `json:"sectors"`
	PilotBatch        string    `json:"pilotBatch"`
	PilotState        string    `json:"pilotState"`
	DesignatedOn      *code.Day `json:"designatedOn" nullable:"true"`
	OperatorName      string    `json:"operatorName"`
	OperatorCode      string    `json:"operatorCreditCode"`
	BodyName          string    `json:"bodyName" doc:"园区环境管理机构"`
	Head              string    `json:"head,omitempty" doc:"负责人，仅在单个园区的详情中给出"`
	BodyStaff         *int      `json:"bodyStaff" nullable:"true"`
	PlanEIANo         string    `json:"planEiaNo"`
	PlanEIAOn         *code.Day `json:"planEiaOn" nullable:"true"`
	TrackingOn        *code.Day `json:"trackingOn" nullable:"true"`
	EmergencyPlanNo   string    `json:"emergencyPlanNo"`
	EmergencyFiledOn  *code.Day `json:"emergencyFiledOn" nullable:"true"`
	EmergencyReviewOn *code.Day `json:"emergencyReviewOn" nullable:"true" doc:"备案满 3 年"`
	Source            string    `json:"source" doc:"依据"`
	Confidence        string    `json:"confidence" doc:"confirmed、memory、seed、derived、absent"`
	Version           int64     `json:"version"`
	UpdatedAt         string    `json:"updatedAt" format:"date-time"`
	ClosedOn          *code.Day `json:"closedOn" nullable:"true"`
	ClosedReason      string    `json:"closedReason,omitempty"`
	Demo              bool      `json:"demo,omitempty" doc:"示例数据"`
}

func parkOf(p registry.Park) parkView {
	v := parkView{ID: p.ID, Code: p.Code, Name: p.Name, NameKnown: p.Name != nil, PilotConfirmed: p.PilotConfirmed, Jurisdiction: p.Jurisdiction,
		Aliases: list0(p.Aliases), StreetCode: p.StreetCode, Address: p.Address, AreaKm2: p.AreaKm2, Longitude: p.Longitude, Latitude: p.Latitude, Datum: p.Datum,
		Basin: p.Basin, ControlUnits: list0(p.ControlUnits), Sectors: list0(p.Sectors), PilotBatch: p.PilotBatch, PilotState: p.PilotState, DesignatedOn: p.DesignatedOn,
		OperatorName: p.OperatorName, OperatorCode: p.OperatorCreditCode, BodyName: p.BodyName, Head: p.Head, BodyStaff: p.BodyStaff, PlanEIANo: p.PlanEIANo,
		PlanEIAOn: p.PlanEIAOn, TrackingOn: p.TrackingOn, EmergencyPlanNo: p.EmergencyPlanNo, EmergencyFiledOn: p.EmergencyFiledOn,
		EmergencyReviewOn: p.EmergencyReviewOn(), Source: p.Source, Confidence: p.Confidence, Version: p.Version, UpdatedAt: instant(p.UpdatedAt),
		ClosedOn: p.ClosedOn, ClosedReason: p.ClosedReason, Demo: p.Demo}
	if p.Jurisdiction != nil {
		v.JurisdictionName = orNull(code.Jurisdiction(*p.Jurisdiction).Name())
	}
	return v
}

func list0[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

type listParksInput struct {
	ListParams
	Sort         string `query:"sort" enum:"code,-code,name,-name" doc:"排序，名称按拼音"`
	Q            string `query:"q" maxLength:"100" doc:"名称、别名、编码或者拼音首字母的一部分"`
	Code         string `query:"code" maxLength:"20"`
	Jurisdiction string `query:"jurisdiction" maxLength:"40"`
	PilotState   string `query:"pilotState" maxLength:"40"`
}

func (h registryAPI) listParks(ctx context.Context, in *listParksInput) (*list[parkView], error) {
	f := registry.ParkFilter{Q: in.Q, Code: in.Code, Jurisdiction: in.Jurisdiction, PilotState: in.PilotState}
	page, err := h.svc.Parks(ctx, f, in.query(in.Sort, map[string]string{"r": "parks", "q": in.Q, "c": in.Code, "j": in.Jurisdiction, "s": in.PilotState}))
	if err != nil {
		return nil, err
	}
	return listOf(page, parkOf), nil
}

func (h registryAPI) getPark(ctx context.Context, in *IDParam) (*one[parkView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Park(ctx, id)
	return &one[parkView]{etag(p.ID, p.Version), parkOf(p)}, err
}

type newPark struct {
	NewID
	registry.ParkInput
}

func (h registryAPI) createPark(ctx context.Context, in *Payload[newPark]) (*one[parkView], error) {
	p, err := h.svc.CreatePark(ctx, in.Body.id(), in.Body.ParkInput)
	return answer(p.ID, p.Version, parkOf(p)), err
}

func (h registryAPI) updatePark(ctx context.Context, in *patchInput[registry.ParkInput]) (*one[parkView], error) {
	return change(ctx, in, h.svc.UpdatePark, func(p registry.Park) *one[parkView] { return answer(p.ID, p.Version, parkOf(p)) })
}

type closeInput struct {
	IDParam
	MatchParam
	Payload[registry.CloseInput]
}

func (h registryAPI) closePark(ctx context.Context, in *closeInput) (*one[parkView], error) {
	return end(ctx, in, h.svc.ClosePark, func(p registry.Park) *one[parkView] { return answer(p.ID, p.Version, parkOf(p)) })
}

type phaseView struct {
	Stamp
	ParkID    models.ID `json:"parkId"`
	Number    string    `json:"number"`
	Name      string    `json:"name"`
	FloorArea string    `json:"floorArea" doc:"万 m²"`
	State     string    `json:"state"`
	TrialFrom *code.Day `json:"trialFrom" nullable:"true"`
}

func phaseOf(p registry.Phase) phaseView {
	return phaseView{stampOf(p.Versioned, p.Closing, false), p.ParkID, p.Number, p.Name, p.FloorArea, p.State, p.TrialFrom}
}

func (h registryAPI) listPhases(ctx context.Context, in *IDParam) (*list[phaseView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	all, err := h.svc.Phases(ctx, id)
	return listOf(models.Page[registry.Phase]{Items: all}, phaseOf), err
}

type newPhase struct {
	NewID
	registry.PhaseInput
}

type createPhaseInput struct {
	IDParam
	Payload[newPhase]
}

func (h registryAPI) createPhase(ctx context.Context, in *createPhaseInput) (*one[phaseView], error) {
	park, err := in.IDParam.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.CreatePhase(ctx, park, in.Body.id(), in.Body.PhaseInput)
	return answer(p.ID, p.Version, phaseOf(p)), err
}

type bodyView struct {
	Name  string `json:"name" doc:"园区环境管理机构"`
	Head  string `json:"head" doc:"负责人"`
	Staff *int   `json:"staff" nullable:"true"`
}

func (h registryAPI) managementBody(ctx context.Context, in *IDParam) (*one[bodyView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Park(ctx, id)
	return &one[bodyView]{etag(p.ID, p.Version), bodyView{p.BodyName, p.Head, p.BodyStaff}}, err
}
