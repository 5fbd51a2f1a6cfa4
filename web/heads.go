package web

import (
	"maps"
	"slices"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
)

// colFilter is a filter in the head of its column: what the field above the list offers,
// as links, so that it needs no script and no second form.
type colFilter struct {
	Label   fault.Text
	All     string   // address of the list without the filter
	Set     bool     // it narrows the list now
	Choices []option // their values are addresses; none where they are many
	Field   string   // id of the field above the list that has the many
}

// shortList is up to how many choices a head shows itself; more are looked for in the
// field above, where typing finds them.
const shortList = 12

// filterOf is the filter of a column by the name of its parameter, nil where there is
// nothing to choose.
func (h listHead) filterOf(name string) *colFilter {
	var of []option
	var label fault.Text
	switch name {
	case "parkId":
		if label = fault.T("园区"); len(h.Parks) > 1 {
			of = h.Parks
		}
	case "state":
		label, of = fault.T("状态"), h.States
	default:
		if i := slices.IndexFunc(h.Lists, func(c choice) bool { return c.Name == name }); i >= 0 {
			label, of = h.Lists[i].Label, h.Lists[i].Options
		}
	}
	if len(of) == 0 {
		return nil
	}
	c := colFilter{Label: label, All: h.only(name, ""), Set: slices.ContainsFunc(of, func(o option) bool { return o.Chosen })}
	if len(of) > shortList {
		if c.Field = "f-" + name; name == "parkId" {
			c.Field = "f-park"
		}
		return &c
	}
	for _, o := range of {
		c.Choices = append(c.Choices, option{Value: h.only(name, o.Value), Name: o.Name, Chosen: o.Chosen})
	}
	return &c
}

// columnOf is what a template asks for the filter of a column: of the head of a list, or
// of a table that is none.
func columnOf(head any, name string) *colFilter {
	if h, is := head.(listHead); is {
		return h.filterOf(name)
	}
	return nil
}

// tabled is a table that stands both on a page of its own, with a head, and among others.
func tabled(head, lines any) map[string]any { return map[string]any{"Head": head, "Lines": lines} }

// only is the address with another value of one filter, from the first page; the days
// that hold without being asked for go on holding.
func (h listHead) only(name, value string) string {
	q := maps.Clone(h.query)
	for k := range q {
		if isPlace(k) && k != "size" {
			q.Del(k)
		}
	}
	for k, day := range map[string]string{"from": h.From, "to": h.To} {
		if day != "" && !h.Undated {
			q.Set(k, day)
		}
	}
	if q.Set(name, value); value == "" && name != "state" { // that every state is asked for is a filter too
		q.Del(name)
	}
	return h.Path + "?" + q.Encode()
}

// areas picks one of the six areas.
func areas(v *visit) choice {
	c := choice{Name: "dimension", Label: fault.T("方面")}
	for _, a := range assessment.Dimensions() {
		n := strconv.Itoa(a.Number)
		c.Options = append(c.Options, option{n, say(v, a.Name), n == v.c.Query("dimension")})
	}
	return c
}
