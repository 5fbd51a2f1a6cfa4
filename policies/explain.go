package policies

import (
	"slices"
	"strings"

	"parkregistry/internal/fault"
)

// Verdict is what one line of the policy says about one row for one assignment.
type Verdict struct {
	Line    Line
	Matched bool       // the row lies in the reach of the line
	Why     fault.Text // what the row has and what the assignment names
}

// Explanation is the decision about one row for one assignment, with its reasons.
type Explanation struct {
	Allowed bool      // casbin's own decision
	Lines   []Verdict // every line that gives the role this permission; none when the role lacks it
}

// Text is the line as it stands in policy.csv.
func (l Line) Text() string {
	return strings.Join([]string{"p", string(l.Role), l.Permission.Resource(), l.Permission.Action(), string(l.Reach)}, ", ")
}

// Explain is Enforce with its reasons. It judges the row only: whether the
// assignment is valid on a day is Assignment.On.
func (p *Policy) Explain(who Assignment, perm Permission, row Row) (Explanation, error) {
	var e Explanation
	for _, reach := range Reaches() {
		if !p.lines[line{who.Role, perm, reach}] {
			continue
		}
		matched, err := reaches(reach, who, row)
		if err != nil {
			return e, err
		}
		e.Lines = append(e.Lines, Verdict{Line{who.Role, perm, reach}, matched, why(reach, matched, who, row)})
	}
	allowed, _, err := p.Enforce(who, perm, row)
	e.Allowed = allowed
	return e, err
}

// why says in words what reaches compared.
func why(reach Reach, matched bool, who Assignment, row Row) fault.Text {
	switch {
	case reach == City:
		return fault.T("范围是全市，包括每一条记录")
	case reach == Jurisdiction:
		return compared(matched, fault.T("属地"), row.Jurisdictions, who.Jurisdiction)
	case reach == Park:
		return compared(matched, fault.T("园区"), row.Parks, who.Park)
	case reach == Enterprise:
		return compared(matched, fault.T("企业"), row.Enterprises, who.Enterprise)
	case matched:
		return fault.T("这条记录是本人的")
	}
	return fault.T("这条记录不是本人的")
}

func compared(matched bool, what fault.Text, has []string, holds string) fault.Text {
	has = slices.DeleteFunc(slices.Clone(has), func(v string) bool { return v == "" })
	slices.Sort(has)
	has = slices.Compact(has)
	switch {
	case holds == "":
		return fault.T("任职没有写明{{.What}}，这条规则不起作用", "What", what)
	case len(has) == 0:
		return fault.T("记录不属于任何{{.What}}，任职的{{.What}}是 {{.Holds}}", "What", what, "Holds", holds)
	case matched:
		return fault.T("记录在任职的{{.What}} {{.Holds}} 之内", "What", what, "Holds", holds)
	}
	return fault.T("记录的{{.What}}是 {{.Has}}，任职的{{.What}}是 {{.Holds}}", "What", what, "Has", strings.Join(has, ", "), "Holds", holds)
}

// Reached lists the reaches with which each role has perm: who can see a row is
// every valid assignment of these roles that names what the reach asks for.
func (p *Policy) Reached(perm Permission) map[Role][]Reach {
	out := map[Role][]Reach{}
	for _, l := range p.Lines() {
		if l.Permission == perm {
			out[l.Role] = append(out[l.Role], l.Reach)
		}
	}
	return out
}
