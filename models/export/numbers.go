package export

import (
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/progress"
)

// The rows that a number of a progress report is made of, as its link lists them: which
// number, the day and the number of the log of the report, and of which jurisdiction.

// besideNumber are the conditions that say nothing without the number.
var besideNumber = []string{"asOf", "knownSeq", "jurisdiction"}

// byNumber narrows a list to the rows of a number, one of those that are made of its rows.
func byNumber(all []string, name func(string) fault.Text) []Filter {
	return []Filter{
		oneOf("counted", fault.T("进展报告的数"), all, name),
		{"asOf", fault.T("报告的截止日期"), models.IsDay, asItIs},
		{"knownSeq", fault.T("报告计到的变更序号"), audit.IsSeq, asItIs},
		{"jurisdiction", fault.T("报告归入的辖区"), isDistrict, district},
	}
}

func isDistrict(s string) error {
	if s == progress.NoDistrict {
		return nil
	}
	return isJurisdiction(s)
}

func district(_ *reading, slug string) Cell {
	if slug == progress.NoDistrict {
		return fault.T("辖区还没有公布")
	}
	return code.AreaName(slug)
}

// counted is the number whose rows are asked for, if one is.
func (r *reading) counted() (c audit.Counted, err error) {
	c = audit.Counted{What: r.has("counted"), AsOf: code.Day(r.has("asOf"))}
	if seq, err := strconv.ParseInt(r.has("knownSeq"), 10, 64); err == nil {
		c.Seq = &seq
	}
	if slug := r.has("jurisdiction"); slug != "" {
		c.Parks, err = r.Progress.ParksIn(r.ctx, slug, progress.Question{AsOf: c.AsOf, KnownSeq: c.Seq})
	}
	return c, err
}
