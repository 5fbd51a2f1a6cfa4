package seed

import (
	"fmt"

	"parkregistry/internal/code"
	"parkregistry/models/registry"
)

const (
	suppliesClass = "park.emergencySupplies"
	drillClass    = "park.emergencyDrill"
	trainingClass = "park.training"
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

// about files an entry about the park as a whole.
func (c *city) about(d *desk, class string, day code.Day, payload any) {
	c.write(d, sheet{class: class, day: day}, c.filedAt(day, d.habit), payload)
}
