package seed

import (
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// sector is a trade with what its firms are like.
type sector struct {
	slug       string
	industry   []string
	word       string   // in the names of its firms
	class      string   // permit class of most
	wet        bool     // industrial wastewater that is treated on the site
	production []string // as the discharge standards tell it apart
	measured   []string // pollutants at the total outlet
	metal      string   // class-I pollutant at the workshop outlet; "" is none
	streams    []registry.StreamInput
}

var (
	metals  = []string{acidity, "w01018", "w21003", "w20122"}
	organic = []string{acidity, "w01018", "w21003", "w01012"}
)

const (
	acidity = "w01001"
	nickel  = "w20121"
	silver  = "w20126"
)

var sectors = map[string]sector{
	"surface_treatment": {"surface_treatment", []string{"3360"}, "表面处理", "key", true, []string{"plating"}, metals, nickel, metalStreams},
	"pcb":               {"pcb", []string{"3982"}, "电路", "key", true, []string{"pcb", "platingProcess"}, metals, nickel, metalStreams},
	"dyeing":            {"dyeing", []string{"1713", "1752", "1762"}, "染整", "key", true, []string{"dyeing"}, organic, "", plainStreams},
	"biopharma":         {"biopharma", []string{"2761", "2720", "2710"}, "生物", "key", true, []string{"bioPharma"}, organic, "", plainStreams},
	"jewellery":         {"jewellery", []string{"2438"}, "珠宝", "simplified", true, []string{"plating"}, metals, silver, metalStreams[1:]},
	"electronics":       {"electronics", []string{"3973", "3974", "3981", "3985"}, "电子", "simplified", true, []string{"electronicComponent"}, metals, nickel, metalStreams[1:]},
	"printing":          {"printing", []string{"2319", "2311"}, "印刷", "simplified", false, nil, nil, "", nil},
	"packaging":         {"packaging", []string{"2231", "2926"}, "包装", "registration", false, nil, nil, "", nil},
	"furniture":         {"furniture", []string{"2110", "2130"}, "家具", "registration", false, nil, nil, "", nil},
	"medical_device":    {"medical_device", []string{"2770"}, "医疗", "registration", false, nil, nil, "", nil},
	"metal":             {"metal", []string{"3484", "3525"}, "精密", "registration", false, nil, nil, "", nil},
}

var (
	metalStreams = []registry.StreamInput{{Name: "含镍废水", Kind: "nickel", ClassOne: true}, {Name: "含铜综合废水", Kind: "complexed"}, {Name: "酸碱废水", Kind: "acid_alkali"}}
	plainStreams = []registry.StreamInput{{Name: "高浓度有机废水", Kind: "organic"}, {Name: "综合废水", Kind: "general"}}
)

// made is what the city makes up about a place: where it stands, what its firms
// do, how many there are, and how far the pilot has come.
type made struct {
	name, jurisdiction, basin, state string
	sectors                          []string
	firms                            int
}

// The first five keep their public names, with the mark behind; everything else
// about them here is made up, also where two of them stand: no source says it.
var madeUp = []made{
	{"宝安江碧环境产业园（示例）", "baoan", "maozhou", "self_assessed", []string{"surface_treatment", "pcb"}, 40},
	{"龙岗中和盛世珠宝文化创新创意产业园（示例）", "longgang", "longgang_river", "building", []string{"jewellery"}, 45},
	{"深圳国家生物医药产业基地（示例）", "pingshan", "pingshan_river", "district_checked", []string{"biopharma", "medical_device"}, 30},
	{"宏发高新产业园（示例）", "guangming", "maozhou", "plan_agreed", []string{"electronics", "packaging"}, 12},
	{"嶂背汉光科技园（示例）", "longgang", "longgang_river", "building", []string{"electronics", "metal"}, 12},
	{"示例海棠电镀产业园", "baoan", "maozhou", "accredited", []string{"surface_treatment"}, 14},
	{"示例木棉电子产业园", "baoan", "maozhou", "building", []string{"pcb", "electronics"}, 13},
	{"示例紫荆印刷包装园", "baoan", "maozhou", "returned", []string{"printing", "packaging"}, 9},
	{"示例簕杜鹃科技园", "baoan", "maozhou", "designated", []string{"electronics", "metal"}, 9},
	{"示例凤凰木工业园", "longgang", "longgang_river", "self_assessed", []string{"surface_treatment", "metal"}, 12},
	{"示例荔枝家具产业园", "longgang", "guanlan", "plan_agreed", []string{"furniture", "electronics"}, 9},
	{"示例榕树产业园", "longgang", "shenzhen_river", "accredited", []string{"pcb", "packaging"}, 11},
	{"示例蓝花楹工业园", "dapeng", "other", "building", []string{"pcb", "metal"}, 9},
	{"示例红树林产业园", "dapeng", "other", "designated", []string{"biopharma", "medical_device"}, 8},
	{"示例海桑科技园", "dapeng", "other", "nominated", []string{"electronics"}, 6},
	{"示例玉兰印染产业园", "longhua", "guanlan", "building", []string{"dyeing"}, 11},
	{"示例桂花电子园", "longhua", "guanlan", "district_checked", []string{"electronics", "pcb"}, 12},
	{"示例樟树工业园", "longhua", "guanlan", "plan_agreed", []string{"furniture", "electronics"}, 8},
	{"示例含笑科技园", "guangming", "maozhou", "self_assessed", []string{"pcb", "electronics"}, 13},
	{"示例茉莉医药园", "guangming", "maozhou", "nominated", []string{"biopharma"}, 7},
	{"示例丁香工业园", "pingshan", "longgang_river", "building", []string{"surface_treatment", "metal"}, 10},
	{"示例芙蓉新能源园", "pingshan", "pingshan_river", "designated", []string{"electronics"}, 8},
	{"示例蒲桃产业园", "luohu", "shenzhen_river", "building", []string{"jewellery"}, 12},
	{"示例石榴珠宝园", "luohu", "shenzhen_river", "designated", []string{"jewellery"}, 8},
	{"示例菩提产业园", "futian", "shenzhen_river", "nominated", []string{"electronics"}, 6},
	{"示例秋枫科技园", "nanshan", "other", "plan_agreed", []string{"electronics", "biopharma"}, 9},
	{"示例银杏产业园", "nanshan", "other", "lapsed", []string{"electronics", "printing"}, 6},
	{"示例海芋工业园", "yantian", "other", "designated", []string{"electronics", "metal"}, 7},
	{"示例竹柏工业园", "shenshan", "other", "building", []string{"pcb", "surface_treatment"}, 10},
	{"示例相思树产业园", "shenshan", "other", "nominated", []string{"electronics", "furniture"}, 6},
	{"示例九里香产业园", "longgang", "longgang_river", "returned", []string{"electronics", "printing"}, 8},
}

// makeParks makes the 31 places with their phases and, where most firms make
// wastewater, central works of the park itself.
func (c *city) makeParks() {
	known, err := places()
	if err != nil {
		c.fail("place", err)
		return
	}
	opened := c.start.Add(-40)
	for i, m := range madeUp {
		at := c.at(opened, 9).Add(time.Duration(i) * time.Second)
		street := pick(c, code.StreetsOf(code.Jurisdiction(m.jurisdiction)))
		in := registry.ParkInput{Code: known[i].Code, Name: m.name, Jurisdiction: m.jurisdiction, StreetCode: string(street), Address: fmt.Sprintf("%s示例路%d号", street.Name(), c.between(1, 99)),
			AreaKm2: fmt.Sprintf("%d.%02d", c.rng.IntN(2), c.between(10, 99)), Basin: m.basin, Sectors: m.sectors, PilotBatch: "第一批（示例）", PilotState: m.state, DesignatedOn: string(firstList),
			OperatorName: fmt.Sprintf("示例园区运营管理%s有限公司", known[i].Code[3:]), OperatorCreditCode: creditCode(90000 + i), BodyName: "示例园区环境管理办公室", Head: c.person(),
			BodyStaff: new(c.between(1, 6)), PlanEIANo: fmt.Sprintf("示例环审〔2022〕%d号", i+1), PlanEIAOn: "2022-05-10", EmergencyPlanNo: fmt.Sprintf("示例-4403-%03d-M", i+1),
			EmergencyFiledOn: string(c.anchor.Add(-c.between(60, 1130)))}
		if s := known[i].StreetCode; s != nil {
			in.StreetCode, in.Address = *s, fmt.Sprintf("%s示例路%d号", code.Street(*s).Name(), i+1)
		}
		if known[i].AreaKm2 != "" {
			in.AreaKm2 = known[i].AreaKm2
		}
		in.Aliases = known[i].Aliases
		p, err := in.Parse()
		c.fail("park", err)
		p.Versioned, p.Source, p.Confidence, p.Demo = c.fresh(at), demoSource, "derived", true
		if known[i].Name != nil {
			p.Source = "名称：" + known[i].Source + "；其余为" + demoSource
		}
		c.parks = append(c.parks, &p)
		p.PilotState, p.DesignatedOn = "", nil // its steps are made at the end
		c.fail("park", c.history.Wrote(&p, policies.ParkCreate, c.people.bureau, at))
		p.PilotState = m.state // how its people keep their books
		c.makePhases(&p, at)
		if sectors[m.sectors[0]].wet && m.firms >= 10 && len(c.works) < c.size(centralWorks) {
			c.makeCentral(&p, m, at)
		}
	}
}

// firstList is the day of the first pilot list.
const firstList code.Day = "2021-07-14"

func (c *city) makePhases(p *registry.Park, at time.Time) {
	states := []string{"operating", "trial", "building", "planned"}
	for n := range c.between(1, 2) {
		in := registry.PhaseInput{Number: fmt.Sprint(n + 1), Name: fmt.Sprintf("示例%d期", n+1), FloorArea: fmt.Sprintf("%d.%d", c.between(3, 30), c.rng.IntN(10)), State: states[min(3, n*c.between(1, 3))]}
		if in.State == "trial" || in.State == "operating" {
			in.TrialFrom = string(c.start.Add(-c.between(100, 1200)))
		}
		row, err := in.Parse()
		c.fail("phase", err)
		row.Versioned, row.ParkID, row.Jurisdiction = c.fresh(at), p.ID, p.Jurisdiction
		c.phases = append(c.phases, &row)
		c.fail("phase", c.history.Wrote(&row, policies.ParkUpdate, c.people.parkBody(p), at))
	}
}

// centralWorks is how many parks at most have works of their own.
const centralWorks = 12

// makeCentral makes the park's own works with their outlet.
func (c *city) makeCentral(p *registry.Park, m made, at time.Time) {
	capacity := c.between(8, 60) * 100
	in := registry.FacilityInput{ParkID: string(p.ID), Code: "TW900", Kind: "central", Name: "示例园区工业废水集中处理设施", Capacity: fmt.Sprint(capacity), CapacityUnit: "m3/d",
		Process: "分质预处理＋生化＋深度处理", Supplier: "示例环境工程有限公司", BuiltOn: string(c.start.Add(-c.between(200, 1500))), InUse: true, Operation: "continuous"}
	f, err := in.Parse()
	c.fail("facility", err)
	f.Versioned, f.Placed, f.Demo = c.fresh(at), p.Place(), true
	c.addFacility(&f, c.people.parkBody(p), at)
	trade := sectors[m.sectors[0]]
	o := c.addOutlet(registry.OutletInput{ParkID: string(p.ID), FacilityID: string(f.ID), Code: "DW900", Kind: discharge.Total, Name: "示例集中处理设施总排放口", Regime: discharge.Direct,
		Destination: "处理后排入河道", ReceivingWater: "示例河", WaterClass: "V", Production: trade.production, EIANumber: "示例环批〔2019〕900号", EIAApprovedOn: "2019-06-18"},
		p.Place(), c.people.parkBody(p), at)
	w := &works{desk: c.parkDesk(p), facility: &f, outlet: o, sector: trade, since: c.start, capacity: capacity}
	c.stop(w)
	c.works = append(c.works, w)
}

// person is a name that belongs to nobody.
func (c *city) person() string {
	return pick(c, []string{"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈"}) + mark
}

// phone is a number that no network gives out: local numbers never begin with 0.
func (c *city) phone() string { return fmt.Sprintf("0755-0000%04d", c.rng.IntN(10000)) }

func (c *city) addFacility(f *registry.Facility, actor models.ID, at time.Time) {
	c.facilities = append(c.facilities, f)
	c.fail("facility", c.history.Wrote(f, policies.FacilityCreate, actor, at))
}

func (c *city) addOutlet(in registry.OutletInput, place models.Placed, actor models.ID, at time.Time) *registry.Outlet {
	o, err := in.Parse()
	c.fail("outlet", err)
	o.Versioned, o.Placed, o.Demo = c.fresh(at), place, true
	c.outlets = append(c.outlets, &o)
	c.fail("outlet", c.history.Wrote(&o, policies.FacilityCreate, actor, at))
	return &o
}
