package seed

import (
	"time"

	"parkregistry/internal/code"
)

const (
	monitoringClass = "monitoring.manual"
	phCode          = "w01001"
)

// sampleDay is the day of the month on which a laboratory comes.
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

// sample writes what a laboratory found once a month at the outlet: near what the
// works says of the same day, as a grab sample is near a daily mean.
func (c *city) sample(w *works, day code.Day, filed time.Time, said []reading) {
	if string(day[len(day)-len(sampleDay):]) != sampleDay {
		return
	}
	found := make([]reading, len(said))
	for i, r := range said {
		q, err := code.ParseQuantity(r.Value)
		c.fail("reading", err)
		thousandths := int(q.Scaled / (code.QuantityScale / 1000))
		if r.Pollutant == phCode {
			thousandths += c.between(-3, 3) * 100
		} else {
			thousandths = thousandths * c.between(70, 110) / 100
		}
		found[i] = reading{r.Pollutant, milli(thousandths)}
	}
	b, ok := c.file(w, monitoringClass, day, "1", filed.Add(20*time.Minute), encoded(c, samplePayload{SampledAt: clock(day, 10), Point: w.outlet.Name, Readings: found,
		Method: "按标准方法", Frequency: "1次/月", Instrument: "示例仪器", Sampling: "瞬时采样 3 个", ProductionCondition: "正常生产", Laboratory: "示例检测有限公司"}))
	if ok {
		c.keep(b.Entry, b)
	}
}
