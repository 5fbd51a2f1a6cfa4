package seed

import (
	"parkregistry/internal/code"
	"parkregistry/models/registry"
)

const monitoringClass = "monitoring.manual"

// sampleDay is the earliest day of the month on which a laboratory comes.
const sampleDay = "-12"

type samplePayload struct {
	SampledAt           string    `json:"sampledAt"`
	Point               string    `json:"point"`
	Readings            []reading `json:"readings"`
	Method              string    `json:"method"`
	Frequency           string    `json:"frequency"`
	Instrument          string    `json:"instrument"`
	Sampling            string    `json:"sampling"`
	ProductionCondition string    `json:"productionCondition"`
	Laboratory          string    `json:"laboratory"`
}

// sample writes what a laboratory found on its monthly visit: at the total outlet
// near what the works says of the same day, as a grab sample is near a daily mean,
// and at the workshop's below its limit.
func (c *city) sample(w *works, day code.Day, said []reading) {
	c.sampleAt(w, w.outlet, day, c.grabbed(said))
	if w.workshop == nil {
		return
	}
	metal := w.sector.metal
	c.sampleAt(w, w.workshop, day, []reading{{metal, milli(int(c.scaled(w.limits[metal].Maximum)) * c.between(20, 80) / 100)}})
}

func (c *city) sampleAt(w *works, outlet *registry.Outlet, day code.Day, found []reading) {
	c.write(&w.desk, sheet{class: monitoringClass, outlet: outlet, day: day, slot: "1"}, c.filedAt(day, w.habit), samplePayload{SampledAt: clock(day, 10), Point: outlet.Name, Readings: found,
		Method: "按标准方法", Frequency: "1次/月", Instrument: "示例仪器", Sampling: "瞬时采样 3 个", ProductionCondition: "正常生产", Laboratory: "示例检测有限公司"})
}

// grabbed are readings of the same water at another moment.
func (c *city) grabbed(said []reading) []reading {
	found := make([]reading, len(said))
	for i, r := range said {
		thousandths := int(c.scaled(r.Value))
		if r.Pollutant == acidity {
			thousandths += c.between(-3, 3) * 100
		} else {
			thousandths = thousandths * c.between(70, 110) / 100
		}
		found[i] = reading{r.Pollutant, milli(thousandths)}
	}
	return found
}

// scaled is a decimal in thousandths.
func (c *city) scaled(s string) int64 {
	q, err := code.ParseQuantity(s)
	c.fail("reading", err)
	return q.Scaled / (code.QuantityScale / 1000)
}
