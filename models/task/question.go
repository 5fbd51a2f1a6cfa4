package task

import (
	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
)

// Question is what a bound goal asks of the registry, as a sentence with its target.
func (b Binding) Question() fault.Text {
	switch b.Query {
	case ParksOnTarget:
		if b.Dimension > 0 {
			return fault.T("“{{.Area}}”得分达到 {{.Score}} 的园区，至少 {{.Target}} 个", "Area", assessment.Dimensions()[b.Dimension-1].Name, "Score", b.Score, "Target", b.Target)
		}
		return fault.T("合计得分达到 {{.Score}} 的园区，至少 {{.Target}} 个", "Score", b.Score, "Target", b.Target)
	case ParksVerified:
		return fault.T("区已核定评估的园区，至少 {{.Target}} 个", "Target", b.Target)
	case ParksReached:
		return fault.T("到达“{{.Stage}}”阶段的园区，至少 {{.Target}} 个", "Stage", b.Stage.Name(), "Target", b.Target)
	case Ratio:
		return fault.T("{{.Metric}}，至少 {{.Target}} %", "Metric", MetricName(b.Metric), "Target", b.Target)
	case Count:
		if b.From != "" {
			return fault.T("{{.Day}} 起的{{.Measure}}，至少 {{.Target}}", "Day", b.From, "Measure", MeasureName(b.Measure), "Target", b.Target)
		}
		return fault.T("{{.Measure}}，至少 {{.Target}}", "Measure", MeasureName(b.Measure), "Target", b.Target)
	default:
		return fault.T("逾期未整改的问题，至多 {{.Target}} 项", "Target", b.Target)
	}
}

// answer is the figure beside the target.
func (b Binding) answer(f Figure) fault.Text {
	switch {
	case b.Query == Overdue:
		return fault.T("现有 {{.N}} 项，目标至多 {{.Target}} 项", "N", f.N, "Target", b.Target)
	case b.Query == Ratio && f.D == 0:
		return fault.T("没有可计的对象")
	case b.Query == Ratio:
		return fault.T("现为 {{.N}} / {{.D}}，目标 {{.Target}} %", "N", f.N, "D", f.D, "Target", b.Target)
	}
	return fault.T("现为 {{.N}}，目标 {{.Target}}", "N", f.N, "Target", b.Target)
}

// MetricName is a ratio that the registry computes, in words.
func MetricName(metric string) fault.Text {
	switch metric {
	case assessment.MetricFindings:
		return fault.T("到期问题中按期销号的比例")
	case assessment.MetricPermits:
		return fault.T("排污单位中持证或者登记的比例")
	case assessment.MetricFiles:
		return fault.T("排污单位中档案齐全的比例")
	case assessment.MetricOutlets:
		return fault.T("排放口中已编码的比例")
	default:
		return fault.T("每日台账中已报送的比例")
	}
}

// MeasureName is what a goal counts, in words.
func MeasureName(measure string) fault.Text {
	switch measure {
	case "ledgersFiled":
		return fault.T("已报送台账数")
	case "findingsClosed":
		return fault.T("已销号问题数")
	case "patrols":
		return fault.T("巡查次数")
	default:
		return fault.T("现场检查次数")
	}
}
