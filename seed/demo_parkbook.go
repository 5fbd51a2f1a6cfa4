package seed

import (
	"fmt"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models/registry"
)

const (
	suppliesClass = "park.emergencySupplies"
	drillClass    = "park.emergencyDrill"
	trainingClass = "park.training"

	centralClass    = "park.centralFacility"
	collectionClass = "park.solidWasteCollection"
	transferClass   = "park.solidWasteTransfer"
)

type suppliesPayload struct {
	CheckedOn string   `json:"checkedOn"`
	Supplies  []supply `json:"supplies"`
	Handler   string   `json:"handler"`
}

type supply struct {
	Name     string `json:"name"`
	Quantity string `json:"quantity"`
	Unit     string `json:"unit"`
	Location string `json:"location"`
}

type drillPayload struct {
	StartAt      string `json:"startAt"`
	EndAt        string `json:"endAt"`
	Scenario     string `json:"scenario"`
	Organiser    string `json:"organiser"`
	Participants int    `json:"participants"`
	Findings     string `json:"findings"`
	Improvement  string `json:"improvement"`
}

type trainingPayload struct {
	StartAt      string `json:"startAt"`
	EndAt        string `json:"endAt"`
	Topic        string `json:"topic"`
	Trainer      string `json:"trainer"`
	Audience     string `json:"audience"`
	Participants int    `json:"participants"`
}

// parkLedger writes what a park's body records about itself: its emergency supplies
// month by month, a drill a year, and training each quarter.
func (c *city) parkLedger(p *registry.Park, d *desk) {
	drill := c.between(0, 11)
	for i, last := range c.monthEnds(c.start) {
		if c.chance(d.habit.missing) {
			continue
		}
		day := last.Add(-c.between(2, 6))
		c.about(d, suppliesClass, day, suppliesPayload{string(day), []supply{{"吸油毡", fmt.Sprint(c.between(40, 120)), "张", "示例应急物资库"}, {"围油栏", fmt.Sprint(c.between(50, 200)), "米", "示例应急物资库"},
			{"防护服", fmt.Sprint(c.between(4, 20)), "套", "示例应急物资库"}}, c.person()})
		if i == drill {
			c.about(d, drillClass, last.Add(-9), drillPayload{clock(last.Add(-9), 14), clock(last.Add(-9), 16), "示例：电镀废液泄漏", *p.Name, c.between(12, 60), "示例：围堵用时偏长", "示例：增设沙袋存放点，下季度复练"})
		}
		if i%3 == 1 {
			c.about(d, trainingClass, last.Add(-12), trainingPayload{clock(last.Add(-12), 9), clock(last.Add(-12), 11), "台账记录和异常情况报告", "示例讲师", "入驻企业环保专员", c.between(8, 50)})
		}
	}
}

// centralPayload is P3: how the park's own works ran.
type centralPayload struct {
	StartAt       string    `json:"startAt"`
	EndAt         string    `json:"endAt"`
	Connected     int       `json:"connectedEnterprises"`
	Inflow        string    `json:"inflow"`
	Treated       string    `json:"treated"`
	Reused        string    `json:"reused"`
	Discharged    string    `json:"discharged"`
	SludgeQty     string    `json:"sludgeQuantity"`
	SludgeDestiny string    `json:"sludgeDestination"`
	Reagents      []reagent `json:"reagents"`
	Electricity   string    `json:"electricity"`
}

// central writes the park's own record of a day of its works beside the one that the
// works has as a treatment facility: of the same day and the same water.
func (c *city) central(w *works, day code.Day, said dailyPayload, filed time.Time) {
	c.write(&w.desk, sheet{class: centralClass, facility: w.facility, day: day}, filed.Add(11*time.Minute), centralPayload{said.StartAt, said.EndAt, 6 + w.capacity/400, said.Inflow, said.Treated, said.Reused,
		said.Discharged, said.SludgeQuantity, said.SludgeDestiny, said.Reagents, milli(int(c.scaled(said.Treated)) * 9 / 10)})
}

// collectionPayload and transferPayload are P5: what the park's store took in, and
// what left it.
type collectionPayload struct {
	WasteCode   string `json:"wasteCode"`
	WasteName   string `json:"wasteName"`
	CollectedAt string `json:"collectedAt"`
	Source      string `json:"sourceEnterprise"`
	Quantity    string `json:"quantity"`
	Storage     string `json:"storage"`
	Handler     string `json:"handler"`
}

type transferPayload struct {
	WasteCode string `json:"wasteCode"`
	WasteName string `json:"wasteName"`
	LeftAt    string `json:"leftAt"`
	Quantity  string `json:"quantity"`
	Carrier   string `json:"carrier"`
	Receiver  string `json:"receiver"`
	Handler   string `json:"handler"`
}

// wasteBook writes the park's own book of general waste: each month two firms bring
// theirs to the park's store, and at its end what is there leaves it.
func (c *city) wasteBook(d *desk) {
	for _, last := range c.monthEnds(c.start) {
		total := 0
		for n, day := range []code.Day{last.Add(-20), last.Add(-8)} {
			made := c.between(300, 2500) * 10
			total += made
			c.batchOf(d, collectionClass, day, n, collectionPayload{"900-005-S17", "废包装纸", clock(day, 10), fmt.Sprintf("示例入驻企业%d", n+1), milli(made), "示例园区固体废物贮存点", c.person()})
		}
		c.batchOf(d, transferClass, last, 0, transferPayload{"900-005-S17", "废包装纸", clock(last, 15), milli(total), "示例运输有限公司", "示例再生资源有限公司", c.person()})
	}
}

// batchOf files an entry about one batch of the park's waste.
func (c *city) batchOf(d *desk, class string, day code.Day, n int, payload any) {
	c.write(d, sheet{class: class, day: day, slot: fmt.Sprint(n + 1)}, c.filedAt(day, d.habit), payload)
}

// about files an entry about the park as a whole.
func (c *city) about(d *desk, class string, day code.Day, payload any) {
	c.write(d, sheet{class: class, day: day}, c.filedAt(day, d.habit), payload)
}
