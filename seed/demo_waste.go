package seed

import (
	"fmt"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models/registry"
)

const (
	gasClass       = "treatmentFacility.gas"
	generalClass   = "generalWaste.monthly"
	generatedClass = "hazardousWaste.generated"
	sentOutClass   = "hazardousWaste.sentOut"
)

// gasWorks is a facility for waste gas.
type gasWorks struct {
	desk
	facility *registry.Facility
	outlet   *registry.Outlet
	since    code.Day
}

type gasPayload struct {
	Normal       bool      `json:"normal"`
	StartAt      string    `json:"startAt"`
	EndAt        string    `json:"endAt"`
	RunningHours string    `json:"runningHours"`
	Emissions    []reading `json:"emissions"`
	Electricity  string    `json:"electricity"`
	Consumables  []replace `json:"consumables,omitempty"`
	Cause        string    `json:"cause,omitempty"`
	Measure      string    `json:"measure,omitempty"`
	Reported     *bool     `json:"reported,omitempty"`
}

const (
	hydrocarbons = "a24088" // non-methane hydrocarbons
	// gasLimit is what the made-up permits allow of them, as an hour's mean in mg/m3. It
	// is of no standard: the tables have none for gas.
	gasLimit = 60
)

// emitted is what was measured on a day, in mg/m3 × 1000: mostly well below the limit,
// on one day in nineteen above it.
func (w *gasWorks) emitted(day code.Day) int {
	n := day.Number()*7919 + int(w.facility.ID[len(w.facility.ID)-1])*31
	if n%19 == 0 {
		return gasLimit*1000 + 1000 + n%9000
	}
	return 8000 + n%31_000
}

type replace struct {
	Name        string `json:"name"`
	ReplacedAt  string `json:"replacedAt"`
	Quantity    string `json:"quantity"`
	Destination string `json:"destination"`
}

// gasLedger writes one record a week, on Friday; in the first week on the last day
// of it when the facility came later.
func (c *city) gasLedger(w *gasWorks) {
	for day := w.since; day < c.anchor; day = day.Add(1) {
		weekday := (day.Number() + 3) % 7 // 0 is Monday: 1970-01-01 was a Thursday
		if weekday != 4 && (weekday != 6 || day.Add(-2) >= w.since) || c.chance(w.habit.missing) {
			continue
		}
		hours := c.between(6, 10)
		p := gasPayload{Normal: true, StartAt: clock(day, 8), EndAt: clock(day, 8+hours), RunningHours: fmt.Sprint(hours), Electricity: milli(c.between(20_000, 90_000))}
		value := w.emitted(day)
		p.Emissions = []reading{{hydrocarbons, milli(value)}}
		if value > gasLimit*1000 {
			p.Cause, p.Measure, p.Reported = "示例：活性炭吸附饱和", "示例：停产更换活性炭，复测达标后恢复", new(true)
		}
		if c.chance(12) {
			p.Consumables = []replace{{"活性炭", clock(day, 15), milli(c.between(80, 400) * 1000), "示例危险废物经营单位"}}
		}
		c.write(&w.desk, sheet{class: gasClass, facility: w.facility, outlet: w.outlet, day: day}, c.filedAt(day, w.habit), p)
	}
}

type generalPayload struct {
	Month string        `json:"month"`
	Flows []generalFlow `json:"flows"`
}

type generalFlow struct {
	WasteCode     string `json:"wasteCode"`
	WasteName     string `json:"wasteName"`
	WasteClass    string `json:"wasteClass"`
	Generated     string `json:"generated"`
	Stored        string `json:"stored"`
	StoredTotal   string `json:"storedTotal"`
	Method        string `json:"entrustedUseMethod"`
	EntrustedUsed string `json:"entrustedUsed"`
}

// generalWaste writes a firm's general industrial solid waste month by month.
func (c *city) generalWaste(f *firm) {
	d := &f.desk
	stored := 0
	for _, last := range c.monthEnds(max(f.from, c.start)) {
		made := c.between(800, 9000)
		used := (stored + made) * c.between(80, 100) / 100
		was := stored
		stored += made - used
		if c.chance(d.habit.missing) {
			continue
		}
		c.write(d, sheet{class: generalClass, day: last}, c.filedAt(last, d.habit), generalPayload{string(last[:len("2026-01")]), []generalFlow{{"900-005-S17", "废包装纸", "SW17", milli(made),
			milli(max(0, stored-was)), milli(stored), "综合利用", milli(used)}}})
	}
}

// monthEnds are the last days of the months from the one that a day is in.
func (c *city) monthEnds(from code.Day) []code.Day {
	var out []code.Day
	for day := from; day < c.anchor; day = day.Add(1) {
		if strings.HasSuffix(string(day.Add(1)), "-01") {
			out = append(out, day)
		}
	}
	return out
}

// hazardous are the fields that all records of hazardous waste have.
type hazardous struct {
	BatchCode      string `json:"batchCode"`
	TradeName      string `json:"tradeName"`
	ListName       string `json:"listName"`
	Category       string `json:"category"`
	WasteCode      string `json:"wasteCode"`
	ListEdition    string `json:"listEdition"`
	Quantity       string `json:"quantity"`
	ContainerCode  string `json:"containerCode"`
	ContainerType  string `json:"containerType"`
	ContainerCount int    `json:"containerCount"`
}

type generatedPayload struct {
	hazardous
	GeneratedAt string `json:"generatedAt"`
	Handler     string `json:"handler"`
	Destination string `json:"destination"`
}

type sentOutPayload struct {
	hazardous
	LeftAt           string  `json:"leftAt"`
	MethodCode       string  `json:"methodCode"`
	ReceiverKind     string  `json:"receiverKind"`
	ReceiverName     string  `json:"receiverName"`
	LicenceNumber    string  `json:"licenceNumber"`
	ManifestNumber   string  `json:"manifestNumber"`
	ReceivedQuantity string  `json:"receivedQuantity"`
	ConfirmedOn      string  `json:"confirmedOn"`
	FromBatches      []batch `json:"fromBatches"`
}

type batch struct {
	BatchCode string `json:"batchCode"`
	Quantity  string `json:"quantity"`
}

// sludge writes the hazardous sludge of a works: a batch every ten days or so, and
// what has gathered by the end of the month is sent out under one manifest. One works in
// four has some of its first and of its last month still lying there.
func (c *city) sludge(w *works) {
	day := w.since
	ends := c.monthEnds(w.since)
	for i, last := range ends {
		var sources []batch
		total := 0
		for ; day < last; day = day.Add(c.between(8, 12)) {
			if w.stopped.inside(day) {
				continue
			}
			n := c.between(300, 2400)
			h := c.nickelSludge("HWCS"+compact(day)+"001", n)
			b, ok := c.file(&w.desk, sheet{class: generatedClass, facility: w.facility, day: day}, c.at(day, 17), generatedPayload{h, clock(day, 16), c.person(), "sendOut"})
			if !ok {
				continue
			}
			c.keep(b.Entry, b)
			sources, total = append(sources, batch{h.BatchCode, h.Quantity}), total+n
		}
		if total == 0 || w.capacity%40 == 0 && (i == 0 || i == len(ends)-1) {
			continue
		}
		c.write(&w.desk, sheet{class: sentOutClass, day: last}, c.at(last, 17), sentOutPayload{c.nickelSludge("HWWWCZ"+compact(last)+"001", total), clock(last, 15), "D9", "licensed", "示例危险废物经营单位",
			"示例经营许可证", fmt.Sprintf("%s44%08d", last[:4], c.rng.IntN(100_000_000)), milli(total), string(last), sources})
	}
}

func (c *city) nickelSludge(batchCode string, thousandths int) hazardous {
	return hazardous{batchCode, "含镍污泥", "镀镍产生的槽渣和废水处理污泥", "HW17", "336-054-17", "2025", milli(thousandths), "示例容器" + batchCode[len(batchCode)-11:], "tonBag", 1 + thousandths/1000}
}

// compact is a day as batch codes have it.
func compact(d code.Day) string { return strings.ReplaceAll(string(d), "-", "") }
