package ledger

import (
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// warnings is everything that is worth a second look and keeps nobody from
// filing. Pointers start at the root of the entry.
func warnings(tx *models.Tx, class Class, e Entry, o object, content Content, judged []Judged) ([]fault.Violation, error) {
	out := []fault.Violation{}
	add := func(prefix string, all ...fault.Violation) {
		for _, v := range all {
			v.Pointer = prefix + v.Pointer
			out = append(out, v)
		}
	}
	for _, v := range content.Missing {
		v.Detail = fault.T("报送前需要填写")
		add("/payload", v)
	}
	add("/payload", content.Advice...)
	timely, err := inTime(tx, e.Day, o)
	if err != nil {
		return nil, err
	}
	add("", timely...)
	add("/payload", exceedances(class, content, judged)...)
	if class.has("dayDrainage") {
		add("/payload", unconverted(content, e.Slot)...)
	}
	if slices.ContainsFunc(judged, func(j Judged) bool { return j.Reason == "severalOutlets" }) {
		add("", one("/outletId", "several", fault.T("设施之后有多个排放口，填写排放口后才能对照限值"))...)
	}
	return out, nil
}

// inTime compares the day with the life of what the entry is about.
func inTime(tx *models.Tx, day code.Day, o object) ([]fault.Violation, error) {
	var out []fault.Violation
	if f := o.facility; f != nil {
		if f.BuiltOn != nil && day < *f.BuiltOn {
			out = append(out, one("/day", "beforeBuilt", fault.T("设施 {{.Day}} 才建成，核对日期", "Day", *f.BuiltOn))...)
		}
		if f.ClosedOn != nil && day > *f.ClosedOn {
			out = append(out, one("/day", "afterClosed", fault.T("设施已于 {{.Day}} 停用，核对日期", "Day", *f.ClosedOn))...)
		}
	}
	if o.place.SiteID == nil {
		return out, nil
	}
	if o.left != nil && day > *o.left {
		return append(out, movedOut(*o.left)...), nil
	}
	units, err := o.units(tx)
	if err != nil || len(units) == 0 {
		return out, err
	}
	return append(out, resident(units, day)...), nil
}

// resident warns of a day on which the firm has none of its units.
func resident(units []registry.Tenancy, day code.Day) []fault.Violation {
	last := code.Day("")
	for _, t := range units {
		ended := t.ToOn != nil && *t.ToOn < day
		switch {
		case t.FromOn <= day && !ended:
			return nil
		case !ended: // begins later
			return one("/day", "notResident", fault.T("按入驻登记，企业这一天不在园区（最早入驻日期 {{.Day}}），核对日期", "Day", units[0].FromOn))
		}
		last = max(last, *t.ToOn)
	}
	return movedOut(last)
}

// movedOut warns and does not refuse: what happened until then may be filed for years,
// and the register may not know yet that the firm stayed.
func movedOut(last code.Day) []fault.Violation {
	return one("/day", "movedOut", fault.T("按入驻登记，企业已于 {{.Day}} 迁出，核对日期", "Day", last))
}

// exceedances are the judgements that somebody should look at again. What is over
// its limit never keeps anybody from filing: it asks for cause, measures and
// whether it was reported.
func exceedances(class Class, content Content, judged []Judged) []fault.Violation {
	var out []fault.Violation
	over := false
	for _, j := range judged {
		code := ""
		switch {
		case j.Verdict == discharge.Exceeded:
			code, over = "exceeded", true
		case j.Verdict == discharge.Undecided && j.Reason == "range":
			code = "notJudged"
		case j.Verdict == discharge.Undecided:
			code = j.Reason // detectionLimit, noDetectionLimit
		default:
			continue
		}
		out = append(out, fault.Violation{Pointer: j.Path, Code: code, Rule: j.Standard, Value: j.Raw, Detail: j.Sentence()})
	}
	if !over {
		return out
	}
	for _, f := range []struct {
		name   string
		detail fault.Text
	}{
		{"cause", fault.T("有监测值超过限值，写明原因")},
		{"measure", fault.T("有监测值超过限值，写明应对措施")},
		{"reported", fault.T("有监测值超过限值，写明是否已经报告")},
	} {
		if class.has(f.name) && !content.gives(f.name) {
			out = append(out, one("/"+f.name, "expected", f.detail)...)
		}
	}
	return out
}

// has reports whether the class has a field of that name at its top.
func (c Class) has(name string) bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.Name == name })
}

// unconverted says what is missing for the conversion by benchmark drainage when
// products were entered for it.
func unconverted(c Content, slot string) []fault.Violation {
	var out []fault.Violation
	made := c.outputs()
	for n, o := range made {
		if o.NeedsLayers() {
			out = append(out, one("/products/"+strconv.Itoa(n)+"/layers", "expected", fault.T("按基准排水量换算需要层数，多层板不少于 3 层"))...)
		}
	}
	if len(made) > 0 && c.drainage(slot) == nil {
		out = append(out, one("/dayDrainage", "expected", fault.T("填写了产品产量，没有填写当日总排水量，不能按基准排水量换算"))...)
	}
	return out
}
