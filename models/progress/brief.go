package progress

import (
	"math/big"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Brief is a report as one paragraph that can be pasted, from the numbers of the
// report and nothing else. Scores have one decimal, as everywhere.
func (r Report) Brief() fault.Text {
	reached, under, open := 0, 0, 0
	for _, p := range r.Parks {
		switch {
		case p.Overall == nil:
			open++
		case p.Overall.Cmp(big.NewRat(onTarget, 1)) >= 0:
			reached++
		default:
			under++
		}
	}
	c := r.Totals.Counts
	return fault.T("截至{{.Day}}（{{.Known}}），{{.Parks}} 个园区合计得分 {{.Score}}：达到 {{.Target}} 分的 {{.Reached}} 个，不足的 {{.Under}} 个，还没有可计算项目的 {{.Open}} 个。台账有效 {{.Filed}} 条，其中最近 {{.Window}} 天的 {{.Recent}} 条，迟报 {{.Late}} 条；另有退回待重报 {{.Returned}} 条。发现问题 {{.Opened}} 项，已销号 {{.Closed}} 项，未销号 {{.Standing}} 项，其中整改逾期 {{.Overdue}} 项；移交执法 {{.Referred}} 项。巡查 {{.Patrols}} 次，现场检查 {{.Inspections}} 次。",
		"Day", dayInWords(r.AsOf), "Known", r.counted(), "Parks", len(r.Parks), "Score", scoreText(r.Totals.Overall), "Target", onTarget, "Reached", reached, "Under", under, "Open", open,
		"Filed", c.LedgersFiled, "Window", Window, "Recent", c.LedgersFiledRecent, "Late", c.LedgersLate, "Returned", c.LedgersReturned, "Opened", c.FindingsOpened, "Closed", c.FindingsClosed,
		"Standing", c.FindingsOpen, "Overdue", c.FindingsOverdue, "Referred", c.FindingsReferred, "Patrols", c.Patrols, "Inspections", c.Inspections)
}

// onTarget is the score from which a park is on target (达标).
const onTarget = 90

// scoreText is a score with one decimal.
func scoreText(r *big.Rat) fault.Text {
	if r == nil {
		return fault.T("暂无")
	}
	return fault.Named(r.FloatString(1), r.FloatString(1))
}

// dayInWords is a day as letters write it.
func dayInWords(d code.Day) fault.Text {
	return fault.Named(d.Start().Format("2006年1月2日"), d.Start().Format("2 January 2006"))
}

// counted says up to which number of the log the report knows.
func (r Report) counted() fault.Text {
	if r.KnownSeq < 0 {
		return fault.T("没有已编号的变更")
	}
	return fault.T("计入变更序号 {{.Seq}}", "Seq", r.KnownSeq)
}
