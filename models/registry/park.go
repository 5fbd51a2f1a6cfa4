package registry

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Park is an industrial park (工业园区). A pilot place whose name is not public
// has no name, jurisdiction or operator yet; only city reach sees it.
type Park struct {
	models.Versioned
	Code               string  // SZ-01 … SZ-31 for the pilot places; opaque
	Name               *string // nil while not public
	NameSort           string  // collation key of the name
	Search             string  // lower-case name, aliases, code and initials
	Aliases            models.Texts
	Jurisdiction       *string // slug of the district list; never derived from a code
	StreetCode         *string // 9 digits, of that jurisdiction
	Address            string
	AreaKm2            string `gorm:"column:area_km2"` // km2, up to 3 decimals, as entered
	Longitude          string // decimal degrees in Datum
	Latitude           string
	Datum              string       // WGS-84 or GCJ-02
	Basin              string       // slug of the five basins
	ControlUnits       models.Texts // ZH4403…
	Sectors            models.Texts
	PilotBatch         string
	PilotState         string    // nominated … accredited, lapsed
	PilotConfirmed     bool      // false until the bureau confirms that it is among the 31
	DesignatedOn       *code.Day // not before 2021-07-14 for the first list
	OperatorName       string
	OperatorCreditCode string
	BodyName           string // environmental management body (园区环境管理机构)
	BodyStaff          *int
	PlanEIANo          string    `gorm:"column:plan_eia_no"`
	PlanEIAOn          *code.Day `gorm:"column:plan_eia_on"`
	TrackingOn         *code.Day
	EmergencyPlanNo    string
	EmergencyFiledOn   *code.Day
	Source             string
	Confidence         string
	Demo               bool
	Edited             bool // a person changed it: the seed leaves it alone
	Closing            `gorm:"embedded"`
	Head               string `gorm:"-"` // person in charge of the body; kept apart as personal data
}

// TableName implements gorm's Tabler.
func (Park) TableName() string { return "parks" }

// Scope implements models.Scoped.
func (Park) Scope() models.Scope {
	return models.ParkOnlyRows("parks", "id", "park", "assessment", "progress")
}

// Owner implements models.Owned.
func (p Park) Owner() policies.Row { return p.where().Owner() }

func (p *Park) kind() string            { return "park" }
func (p *Park) meta() *models.Versioned { return &p.Versioned }
func (p *Park) where() models.Placed {
	return models.Placed{ParkID: p.ID, Jurisdiction: p.Jurisdiction}
}
func (p *Park) closing() *Closing               { return &p.Closing }
func (p *Park) personal() map[string]string     { return map[string]string{"head": p.Head} }
func (p *Park) setPersonal(v map[string]string) { p.Head = v["head"] }
func (p *Park) input() any {
	in := p.Input()
	in.Head = ""
	return in
}

// ParkInput is a park as people enter it. While the place is not confirmed only
// the code has to be there; from confirmation on the fields marked so are required.
type ParkInput struct {
	Code               string   `json:"code" doc:"园区编码，自编，例 SZ-07"`
	Name               string   `json:"name,omitempty" doc:"园区名称（确认后必填）"`
	Aliases            []string `json:"aliases,omitempty" maxItems:"20" doc:"别名"`
	Jurisdiction       string   `json:"jurisdiction,omitempty" doc:"属地（确认后必填），区划表中的代号，例 baoan"`
	StreetCode         string   `json:"streetCode,omitempty" doc:"街道代码 9 位（确认后必填），须属于该属地"`
	Address            string   `json:"address,omitempty" doc:"地址（确认后必填）"`
	AreaKm2            string   `json:"areaKm2,omitempty" doc:"面积，km²，至多 3 位小数"`
	Longitude          string   `json:"longitude,omitempty" doc:"经度，十进制度"`
	Latitude           string   `json:"latitude,omitempty" doc:"纬度，十进制度"`
	Datum              string   `json:"datum,omitempty" enum:"WGS-84,GCJ-02" doc:"坐标系，有坐标时必填"`
	Basin              string   `json:"basin,omitempty" doc:"流域代号（确认后必填）"`
	ControlUnits       []string `json:"controlUnits,omitempty" maxItems:"20" doc:"环境管控单元编码"`
	Sectors            []string `json:"sectors,omitempty" maxItems:"20" doc:"主导行业（确认后必填）"`
	PilotBatch         string   `json:"pilotBatch,omitempty" doc:"试点批次"`
	PilotState         string   `json:"pilotState,omitempty" enum:"nominated,designated,plan_agreed,building,self_assessed,district_checked,accredited,returned,lapsed" doc:"试点阶段，只读：按步骤办理，见 /parks/{id}/pilot-steps"`
	PilotConfirmed     bool     `json:"pilotConfirmed,omitempty" doc:"市局已确认列入试点名单"`
	DesignatedOn       string   `json:"designatedOn,omitempty" format:"date" doc:"列入试点日期"`
	OperatorName       string   `json:"operatorName,omitempty" doc:"园区管理单位（确认后必填）"`
	OperatorCreditCode string   `json:"operatorCreditCode,omitempty" doc:"园区管理单位统一社会信用代码（确认后必填）"`
	BodyName           string   `json:"bodyName,omitempty" doc:"园区环境管理机构"`
	Head               string   `json:"head,omitempty" doc:"环境管理机构负责人（确认后必填）"`
	BodyStaff          *int     `json:"bodyStaff,omitempty" minimum:"0" maximum:"10000" doc:"环境管理人员数（确认后必填）"`
	PlanEIANo          string   `json:"planEiaNo,omitempty" doc:"规划环评文号"`
	PlanEIAOn          string   `json:"planEiaOn,omitempty" format:"date" doc:"规划环评日期"`
	TrackingOn         string   `json:"trackingOn,omitempty" format:"date" doc:"跟踪评价日期"`
	EmergencyPlanNo    string   `json:"emergencyPlanNo,omitempty" doc:"应急预案备案编号（确认后必填）"`
	EmergencyFiledOn   string   `json:"emergencyFiledOn,omitempty" format:"date" doc:"应急预案备案日期（确认后必填）"`
}

// firstList is the day of the first pilot list.
const firstList code.Day = "2021-07-14"

// Parse checks everything before it answers.
func (in ParkInput) Parse() (Park, error) {
	var c fault.Check
	p := Park{
		Code:         fault.Must(&c, "/code", in.Code, code.ParseParkCode),
		Name:         models.Ref(fault.Parse(&c, "/name", in.Name, code.ParseName)),
		Aliases:      texts(&c, "/aliases", in.Aliases, code.ParseName),
		Jurisdiction: models.Ref(string(fault.Parse(&c, "/jurisdiction", in.Jurisdiction, code.ParseJurisdiction))),
		Address:      fault.Parse(&c, "/address", in.Address, code.ParseText(200)),
		AreaKm2:      fault.Parse(&c, "/areaKm2", in.AreaKm2, code.ParsePositive(3)),
		Basin:        fault.Parse(&c, "/basin", in.Basin, code.ParseBasin),
		ControlUnits: texts(&c, "/controlUnits", in.ControlUnits, code.ParseControlUnit),
		Sectors:      texts(&c, "/sectors", in.Sectors, code.ParseText(40)),
		PilotBatch:   fault.Parse(&c, "/pilotBatch", in.PilotBatch, code.ParseText(40)),
		PilotState:   in.PilotState, PilotConfirmed: in.PilotConfirmed,
		OperatorName:       fault.Parse(&c, "/operatorName", in.OperatorName, code.ParseName),
		OperatorCreditCode: string(fault.Parse(&c, "/operatorCreditCode", in.OperatorCreditCode, code.ParseCreditCode)),
		BodyName:           fault.Parse(&c, "/bodyName", in.BodyName, code.ParseName),
		Head:               fault.Parse(&c, "/head", in.Head, code.ParseText(50)),
		BodyStaff:          in.BodyStaff,
		PlanEIANo:          fault.Parse(&c, "/planEiaNo", in.PlanEIANo, code.ParseText(80)),
		PlanEIAOn:          optionalDay(&c, "/planEiaOn", in.PlanEIAOn),
		TrackingOn:         optionalDay(&c, "/trackingOn", in.TrackingOn),
		EmergencyPlanNo:    fault.Parse(&c, "/emergencyPlanNo", in.EmergencyPlanNo, code.ParseText(40)),
		EmergencyFiledOn:   optionalDay(&c, "/emergencyFiledOn", in.EmergencyFiledOn),
		DesignatedOn:       optionalDay(&c, "/designatedOn", in.DesignatedOn),
	}
	p.Longitude, p.Latitude, p.Datum = position(&c, in.Longitude, in.Latitude, in.Datum)
	street := fault.Parse(&c, "/streetCode", in.StreetCode, code.ParseStreet)
	p.StreetCode = models.Ref(string(street))
	if street != "" && p.Jurisdiction != nil && string(street.Jurisdiction()) != *p.Jurisdiction {
		c.Cite("/streetCode", "jurisdiction", "", in.StreetCode, "这个街道属于{{.Has}}，与所填属地不一致", "Has", street.Jurisdiction().Name())
	}
	if p.DesignatedOn != nil && *p.DesignatedOn < firstList {
		c.Fail("/designatedOn", "minimum", "第一批试点名单印发于 {{.Day}}，不能更早", "Day", string(firstList))
	}
	if in.PilotConfirmed {
		for pointer, value := range map[string]string{"/name": in.Name, "/jurisdiction": in.Jurisdiction, "/streetCode": in.StreetCode, "/address": in.Address,
			"/basin": in.Basin, "/operatorName": in.OperatorName, "/operatorCreditCode": in.OperatorCreditCode, "/head": in.Head,
			"/emergencyPlanNo": in.EmergencyPlanNo, "/emergencyFiledOn": in.EmergencyFiledOn} {
			if value == "" {
				c.Fail(pointer, "required", "确认列入试点后必须填写")
			}
		}
		if len(in.Sectors) == 0 {
			c.Fail("/sectors", "required", "确认列入试点后必须填写")
		}
		if in.BodyStaff == nil {
			c.Fail("/bodyStaff", "required", "确认列入试点后必须填写")
		}
	}
	p.NameSort, p.Search = sortKey(in.Name), searchText(append([]string{in.Name, in.Code, in.OperatorName}, in.Aliases...)...)
	return p, c.Err()
}

// Input is the park as it would be entered.
func (p Park) Input() ParkInput {
	return ParkInput{Code: p.Code, Name: models.Deref(p.Name), Aliases: p.Aliases, Jurisdiction: models.Deref(p.Jurisdiction), StreetCode: models.Deref(p.StreetCode),
		Address: p.Address, AreaKm2: p.AreaKm2, Longitude: p.Longitude, Latitude: p.Latitude, Datum: p.Datum, Basin: p.Basin, ControlUnits: p.ControlUnits,
		Sectors: p.Sectors, PilotBatch: p.PilotBatch, PilotState: p.PilotState, PilotConfirmed: p.PilotConfirmed, DesignatedOn: dayText(p.DesignatedOn),
		OperatorName: p.OperatorName, OperatorCreditCode: p.OperatorCreditCode, BodyName: p.BodyName, Head: p.Head, BodyStaff: p.BodyStaff,
		PlanEIANo: p.PlanEIANo, PlanEIAOn: dayText(p.PlanEIAOn), TrackingOn: dayText(p.TrackingOn), EmergencyPlanNo: p.EmergencyPlanNo, EmergencyFiledOn: dayText(p.EmergencyFiledOn)}
}

// Place is where rows of the park stand.
func (p Park) Place() models.Placed { return models.Placed{ParkID: p.ID, Jurisdiction: p.Jurisdiction} }

// Takes is nil where something new can begin: in a park that has a name and a
// jurisdiction and that is not closed.
func (p Park) Takes() error {
	switch {
	case p.Jurisdiction == nil:
		return fault.New(fault.Conflict, "这个试点位置还没有确认名称和属地，确认后才能登记")
	case p.ClosedOn != nil:
		return fault.New(fault.Conflict, "这个园区已经终止登记")
	}
	return nil
}

// Label is the name that people read: the code while the name is not public.
func (p Park) Label() string {
	if p.Name == nil {
		return p.Code
	}
	return *p.Name
}

// EmergencyReviewOn is when the plan is due for review: three years after filing.
func (p Park) EmergencyReviewOn() *code.Day {
	if p.EmergencyFiledOn == nil {
		return nil
	}
	d := p.EmergencyFiledOn.AddYears(3)
	return &d
}

var parkOrders = map[string]models.Order[Park]{
	"code":  {Column: "parks.code", Key: func(p Park) any { return p.Code }},
	"-code": {Column: "parks.code", Desc: true, Key: func(p Park) any { return p.Code }},
	"name":  {Column: "parks.name_sort", Key: func(p Park) any { return p.NameSort }},
	"-name": {Column: "parks.name_sort", Desc: true, Key: func(p Park) any { return p.NameSort }},
}

// ParkFilter narrows the list of parks; empty fields do not.
type ParkFilter struct {
	Q            string // part of the name, an alias, the code or initials
	Jurisdiction string
	PilotState   string
	Code         string
}

// Parks lists the parks that the caller may see.
func (s *Service) Parks(ctx context.Context, f ParkFilter, q models.Query) (models.Page[Park], error) {
	rows := s.db.Visible(ctx, policies.ParkRead, &Park{})
	rows = like(rows, "parks.search", f.Q)
	rows = equal(rows, "parks.jurisdiction", f.Jurisdiction)
	rows = equal(rows, "parks.pilot_state", f.PilotState)
	rows = equal(rows, "parks.code", f.Code)
	return models.List(s.db, rows, q, parkOrders, "code", func(p Park) models.ID { return p.ID })
}

// Park reads one park.
func (s *Service) Park(ctx context.Context, id models.ID) (Park, error) {
	return read[Park](ctx, s.db, policies.ParkRead, id)
}

// CreatePark registers a park.
func (s *Service) CreatePark(ctx context.Context, id models.ID, in ParkInput) (Park, error) {
	if err := policies.Require(ctx, policies.ParkCreate); err != nil {
		return Park{}, err
	}
	p, err := in.Parse()
	if err != nil {
		return p, err
	}
	if err := unmoved(Park{}, p); err != nil {
		return p, err
	}
	p.Source, p.Confidence, p.Edited = "登记", "confirmed", true
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		return duplicate(create(tx, policies.ParkCreate, &p, id), "园区编码或者名称已经登记")
	})
	return p, err
}

// UpdatePark changes a park. Naming and confirming a pilot place, and moving it
// to another jurisdiction, need park.confirm; the move rewrites the heads of the
// park's rows in one job.
func (s *Service) UpdatePark(ctx context.Context, id models.ID, version int64, patch func(ParkInput) (ParkInput, error)) (Park, error) {
	var after Park
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[Park](tx, policies.ParkUpdate, id, version)
		if err != nil {
			return err
		}
		in, err := patch(before.Input())
		if err != nil {
			return err
		}
		if after, err = in.Parse(); err != nil {
			return err
		}
		if err := unmoved(before, after); err != nil {
			return err
		}
		after.Source, after.Confidence, after.Demo, after.Closing, after.Edited = before.Source, before.Confidence, before.Demo, before.Closing, true
		moved := models.Deref(before.Jurisdiction) != models.Deref(after.Jurisdiction)
		if moved || after.PilotConfirmed != before.PilotConfirmed || models.Deref(after.Name) != models.Deref(before.Name) || after.Code != before.Code {
			if err := tx.Covers(policies.ParkConfirm, before.Owner()); err != nil {
				return err
			}
		}
		if err := duplicate(update(tx, policies.ParkUpdate, &before, &after, ""), "园区编码或者名称已经登记"); err != nil || !moved {
			return err
		}
		return s.jobs.RewriteJurisdiction(tx, id)
	})
	return after, err
}

// ClosePark ends a park; its rows stay.
func (s *Service) ClosePark(ctx context.Context, id models.ID, version int64, in CloseInput) (Park, error) {
	return closing[Park](ctx, s.db, policies.ParkClose, id, version, in)
}

// following are the tables whose rows stand where their park does. What is a log keeps
// what was so when it was written.
var following = []string{"phases", "sites", "tenancies", "permits", "facilities", "outlets", "streams", "shutdowns", "ledger_entries", "waste_batches", "period_locks",
	"patrols", "findings", "draws", "assessments", "tasks", "attachments", "imports", "park_day_counts", "park_period_counts"}

// Following are the tables whose rows RewriteJurisdiction moves.
func Following() []string { return slices.Clone(following) }

// RewriteJurisdiction brings the park's jurisdiction to the heads of all its
// rows. Run by the job that a move enqueued; running it again changes nothing.
func RewriteJurisdiction(tx *models.Tx, park models.ID) error {
	for _, table := range following {
		err := tx.Program().Exec("UPDATE "+table+" SET jurisdiction = (SELECT jurisdiction FROM parks WHERE parks.id = ?) WHERE park_id = ?", park, park).Error
		if err != nil {
			return err
		}
	}
	return nil
}
