package inspection

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Officer is somebody on the patrol. Name and papers are personal data: they stand
// in the mutable head only, so that they can be erased.
type Officer struct {
	UserID      string `json:"userId,omitempty" format:"uuid" doc:"账号；有账号的人员可以上传记录。现场检查中只能是当天在该园区有现场检查权限的人员"`
	Name        string `json:"name" doc:"姓名"`
	Certificate string `json:"certificate,omitempty" doc:"执法证号；现场检查必填，每人一个"`
}

func parseOfficers(c *fault.Check, raw []Officer, nature Nature) []Officer {
	all, papers, people := []Officer{}, map[string]bool{}, map[string]bool{}
	for i, o := range raw {
		at := "/officers/" + strconv.Itoa(i)
		o.UserID = string(fault.Parse(c, at+"/userId", o.UserID, models.ParseID))
		o.Name = fault.Must(c, at+"/name", o.Name, code.ParseText(40))
		o.Certificate = fault.Parse(c, at+"/certificate", o.Certificate, code.ParseText(40))
		if nature == NatureInspection {
			c.Required(at+"/certificate", o.Certificate)
			if once(papers, bare(o.Certificate)) {
				c.Fail(at+"/certificate", "doubled", "同一个执法证号出现了两次")
			}
			if once(people, o.UserID) {
				c.Fail(at+"/userId", "doubled", "同一个账号出现了两次，两名执法人员应当是两个人")
			}
		}
		all = append(all, o)
	}
	switch {
	case nature == NatureInspection && len(raw) < 2:
		c.Cite("/officers", "twoOfficers", "行政处罚法 art. 42", nil, "现场检查至少两名执法人员，并注明执法证号；只有一人时登记为巡查")
	case len(raw) > 20:
		c.Fail("/officers", "maxItems", "不能超过 {{.Max}} 项", "Max", 20)
	}
	return all
}

// once notes a word and reports whether it was there before; "" never was.
func once(seen map[string]bool, word string) bool {
	before := seen[word] && word != ""
	seen[word] = true
	return before
}

// bare is the number of a paper without what people write differently: spaces, signs
// between the parts, full width and case.
func bare(certificate string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, width.Fold.String(certificate))
}

// mayInspect holds an inspection to officers who may inspect there on its day: whoever
// is named with an account has the permission by an assignment of that day.
func (s *Service) mayInspect(tx *models.Tx, p Patrol) error {
	if p.Nature != NatureInspection || !slices.ContainsFunc(p.Officers.V, func(o Officer) bool { return o.UserID != "" }) {
		return nil
	}
	day := p.happens(tx.Now())
	held, err := s.accounts.Inspectors(tx.Context(), models.Deref(p.Jurisdiction), day)
	if err != nil {
		return err
	}
	of := map[string][]policies.Assignment{}
	for _, a := range held {
		of[a.User] = append(of[a.User], a)
	}
	var c fault.Check
	for i, o := range p.Officers.V {
		if o.UserID == "" {
			continue
		}
		orgs, err := tx.DB().Policy.Actor(o.UserID, "", of[o.UserID], day).ActingFor(policies.PatrolInspect, p.Owner())
		if err != nil {
			return err
		}
		if len(orgs) == 0 {
			c.Fail("/officers/"+strconv.Itoa(i)+"/userId", "mayNotInspect", "这个账号当天在该园区没有现场检查的权限，核对账号；没有账号的人员只填姓名和执法证号")
		}
	}
	return c.Err()
}

// happens is the day for which officers are asked: the start as claimed, the day of the
// plan when that is past, today otherwise.
func (p Patrol) happens(now time.Time) code.Day {
	day := code.DayOf(now)
	switch {
	case p.StartedAt != nil:
		return min(day, code.DayOf(*p.StartedAt))
	case p.PlannedOn != nil:
		return min(day, *p.PlannedOn)
	}
	return day
}

// named reports whether a person is one of the patrol's own: who logged it and the
// officers. Whether he may record is for the permission to say.
func (p Patrol) named(user models.ID) bool {
	return p.CreatedBy == user || slices.ContainsFunc(p.Officers.V, func(o Officer) bool { return o.UserID == string(user) })
}
