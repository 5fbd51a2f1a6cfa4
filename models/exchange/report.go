package exchange

import (
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

// MostFaults is how many faults a report details; all are counted.
const MostFaults = 1000

// Report is what a check found.
type Report struct {
	Sheet
	Rows      int          `json:"rows"`
	Good      int          `json:"good"`
	Bad       int          `json:"bad"`
	Unchanged int          `json:"unchanged"`
	Faults    int          `json:"faults"`
	Warnings  int          `json:"warnings"`
	Kinds     map[Kind]int `json:"kinds"`   // rows that have something of the kind
	Refused   []int        `json:"refused"` // rows with a fault, all of them
	Lines     []Noted      `json:"lines"`   // what is detailed
	others    int
}

// Noted is a row about which something is said.
type Noted struct {
	Row       int               `json:"row"`
	Unchanged bool              `json:"unchanged,omitempty"`
	Cells     map[string]string `json:"cells"`
	Notes     []Note            `json:"notes"`
}

// Grave is how much a note matters.
type Grave string

// A fault keeps its row out, a warning does not, a hint says why nothing happens.
const (
	Fault   Grave = "fault"
	Warning Grave = "warning"
	Hint    Grave = "hint"
)

// Note is one thing that is said about a cell.
type Note struct {
	Cell       string `json:"cell"`
	Grave      Grave  `json:"grave"`
	Kind       Kind   `json:"kind"`
	Code       string `json:"code"`
	Rule       string `json:"rule,omitempty"`
	Detail     Said   `json:"detail"`
	Suggestion string `json:"suggestion,omitempty"`
}

// Kind is by what people sort what has to be looked at.
type Kind string

// The kinds, in the order in which they are offered.
const (
	KindDay      Kind = "day"
	KindFirm     Kind = "firm"
	KindObject   Kind = "object"
	KindNumber   Kind = "number"
	KindRequired Kind = "required"
	KindCode     Kind = "code"
	KindOther    Kind = "other"
	KindStanding Kind = "standing"
	KindOdd      Kind = "odd"
)

// Kinds are all kinds.
func Kinds() []Kind {
	return []Kind{KindDay, KindFirm, KindObject, KindNumber, KindRequired, KindCode, KindOther, KindStanding, KindOdd}
}

// Word is the kind as people say it.
func (k Kind) Word() fault.Text {
	switch k {
	case KindDay:
		return fault.T("日期时间不正确")
	case KindFirm:
		return fault.T("企业未登记")
	case KindObject:
		return fault.T("设施或者排放口对不上")
	case KindNumber:
		return fault.T("数值格式不对")
	case KindRequired:
		return fault.T("必填项为空")
	case KindCode:
		return fault.T("代码或者选项不对")
	case KindStanding:
		return fault.T("重复，或者与已有记录不同")
	case KindOdd:
		return fault.T("需要留意，可以导入")
	default:
		return fault.T("其他")
	}
}

// kindOf sorts what is said at a pointer of an input of the class.
func kindOf(class ledger.Class, pointer, code string) Kind {
	switch {
	case code == "required":
		return KindRequired
	case code == "standing", code == "differs", code == string(fault.Conflict):
		return KindStanding
	case pointer == "/day", pointer == "/occurredAt", pointer == "/recordedAt":
		return KindDay
	case pointer == "/siteId":
		return KindFirm
	case pointer == "/facilityId", pointer == "/outletId":
		return KindObject
	}
	switch t := class.TypeAt(strings.TrimPrefix(pointer, "/payload")); {
	case t == "day", t == "instant":
		return KindDay
	case t == "decimal", t == "integer":
		return KindNumber
	case t == "enum", t == "bool", strings.HasPrefix(t, "code:"):
		return KindCode
	}
	return KindOther
}

// concealed stands for what a cell says about a person: steps are kept for good, and
// nothing about people is kept where it cannot be erased (docs/adr/0009).
const concealed = "•••"

// shown are the texts of a line's cells as a report keeps them.
func shown(class ledger.Class, l Line) map[string]string {
	all := l.Texts()
	for cell := range all {
		if class.PersonalAt(strings.TrimPrefix(l.Of(cell), "/payload")) {
			all[cell] = concealed
		}
	}
	return all
}

// private reports whether a column is about people.
func (r *Report) private(letter string) bool {
	return slices.ContainsFunc(r.Columns, func(c Column) bool { return c.Letter == letter && c.Personal })
}

// add takes what was found of a line into the report.
func (r *Report) add(class ledger.Class, l Line, outcome string, notes []Note) {
	r.Rows++
	switch outcome {
	case ledger.EntryRefused:
		r.Bad++
		r.Refused = append(r.Refused, l.Row)
	case ledger.EntryUnchanged:
		r.Unchanged++
	default:
		r.Good++
	}
	var kinds []Kind
	n := Noted{Row: l.Row, Unchanged: outcome == ledger.EntryUnchanged}
	for _, note := range notes {
		kinds = append(kinds, note.Kind)
		most := &r.others
		switch note.Grave {
		case Fault:
			r.Faults++
			most = &r.Faults
		case Warning:
			r.Warnings++
			r.others++
		default:
			r.others++
		}
		if *most <= MostFaults {
			n.Notes = append(n.Notes, note)
		}
	}
	slices.Sort(kinds)
	for _, k := range slices.Compact(kinds) {
		r.Kinds[k]++
	}
	if len(n.Notes) > 0 {
		n.Cells = shown(class, l)
		r.Lines = append(r.Lines, n)
	}
}

// Full reports whether more was found than is detailed.
func (r *Report) Full() bool { return r.Faults > MostFaults }
