// Package screen looks for what is odd in a ledger entry beside its neighbours:
// copied days, invented numbers, quantities out of balance. It says so and blocks
// nothing. It reads no database: who calls it brings the neighbours. The rules
// are data; the checks that they name are here.
package screen

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Days is how far back the neighbours of an entry reach.
const Days = 30

// Row is one entry as the screen sees it.
type Row struct {
	ID      string
	Number  string // LG-2026-000123
	Outlet  string // that it names, "" for none
	Day     code.Day
	Slot    string
	Entered time.Time     // on the device
	Length  time.Duration // from start to end; 0 where it is not said
	Values  []Value

	parts []part // by Prepare
}

// Value is one number of an entry.
type Value struct {
	Pointer string // JSON pointer in the payload
	Name    string // of the field, or the code of the pollutant
	Reading bool   // a pollutant's
	Raw     string
	Scaled  int64 // × 10^6
	Exact   bool  // false below a detection limit
}

// Sheet is an entry with its neighbours.
type Sheet struct {
	Row
	Class    string
	Capacity int64            // of the facility in m3/d × 10^6; 0 where it is not known
	Earlier  []Row            // same object and class on the days before, newest first, up to Days
	Beside   []Row            // same object, class and day in other slots
	Against  []Row            // what else is recorded about the same water and day, of the classes that Compared names
	Limits   map[string]int64 // maximum × 10^6 by pollutant; nil where nobody asked (AsksLimits)
}

// Hit is what a rule found. It is kept without its sentence, which Says gives.
type Hit struct {
	Rule    string
	Pointer string            // in the payload, "" for the whole of it
	Args    map[string]string // figures of the sentence
}

// Rule is one rule as data. Which of the parameters count is the check's affair.
type Rule struct {
	ID      string   `json:"id"`
	Check   string   `json:"check"`
	Classes []string `json:"classes"`
	TitleZh string   `json:"titleZh"`
	TitleEn string   `json:"titleEn"`
	BasisZh string   `json:"basisZh"`
	BasisEn string   `json:"basisEn"`
	WhyZh   string   `json:"whyZh"` // how it judges, and what explains a hit
	WhyEn   string   `json:"whyEn"`

	Fields  []string `json:"fields"`  // numbers that are added up, or looked at
	By      string   `json:"by"`      // the number that they are divided by
	With    []string `json:"with"`    // classes whose entries of the same day are compared
	Values  int      `json:"values"`  // as many values at least
	Digits  int      `json:"digits"`  // significant digits
	Days    int      `json:"days"`    // records on end
	Rows    int      `json:"rows"`    // records
	Seconds int      `json:"seconds"` // between the first and the last
	Hours   int      `json:"hours"`
	History int      `json:"history"` // records before, for a median
	Low     int64    `json:"low"`     // percent
	High    int64    `json:"high"`    // percent
	Points  string   `json:"points"`  // of pH
}

// Rules are the rules of one version.
type Rules struct {
	Version int    `json:"version"`
	All     []Rule `json:"rules"`
}

//go:embed rules.json
var embedded []byte

// Embedded are the rules that are part of the program.
var Embedded = sync.OnceValue(func() Rules {
	r, err := Read(embedded)
	if err != nil {
		panic(err) // an embedded file that a test has read
	}
	return r
})

// Read reads rules and refuses those that could never find anything.
func Read(raw []byte) (Rules, error) {
	var r Rules
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, err
	}
	seen := map[string]bool{}
	for _, one := range r.All {
		c, known := checks[one.Check]
		switch {
		case !known:
			return r, fmt.Errorf("rule %s: there is no check %q", one.ID, one.Check)
		case seen[one.ID] || one.ID == "":
			return r, fmt.Errorf("rule %q stands twice, or has no name", one.ID)
		case len(one.Classes) == 0 || one.TitleZh == "" || one.TitleEn == "" || one.BasisZh == "" || one.BasisEn == "" || one.WhyZh == "" || one.WhyEn == "":
			return r, fmt.Errorf("rule %s lacks its classes or its words", one.ID)
		case !c.fits(one):
			return r, fmt.Errorf("rule %s lacks a parameter of check %q", one.ID, one.Check)
		}
		seen[one.ID] = true
	}
	return r, nil
}

// Rule is the rule of that id.
func (r Rules) Rule(id string) (Rule, bool) {
	i := slices.IndexFunc(r.All, func(one Rule) bool { return one.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return r.All[i], true
}

// Covers reports whether any rule looks at entries of the class.
func (r Rules) Covers(class string) bool {
	return slices.ContainsFunc(r.All, func(one Rule) bool { return slices.Contains(one.Classes, class) })
}

// Compared are the classes whose entries of the same day an entry of class is compared with.
func (r Rules) Compared(class string) []string {
	var all []string
	for _, one := range r.All {
		for _, with := range one.With {
			if slices.Contains(one.Classes, class) && with != class && !slices.Contains(all, with) {
				all = append(all, with)
			}
		}
	}
	return all
}

// AsksLimits reports whether a rule needs the limits of the outlet for this entry:
// only when a reading comes back often enough to matter.
func (r Rules) AsksLimits(s Sheet) bool {
	for i := range r.All { // not by value: it is asked of every row of a file
		one := &r.All[i]
		if one.Check == "limit" && slices.Contains(one.Classes, s.Class) &&
			slices.ContainsFunc(s.Values, func(v Value) bool { return s.same(v) >= one.Rows }) {
			return true
		}
	}
	return false
}

// Screen is what the rules find. looked, where given, is told every rule that
// had what it needs to judge.
func (r Rules) Screen(s Sheet, looked func(rule string)) []Hit {
	var out []Hit
	for _, one := range r.All {
		if !slices.Contains(one.Classes, s.Class) {
			continue
		}
		hits, could := checks[one.Check].find(one, s)
		if could && looked != nil {
			looked(one.ID)
		}
		for _, h := range hits {
			h.Rule = one.ID
			out = append(out, h)
		}
	}
	return out
}

// Says is the sentence about a hit; "" for a rule that is no more.
func (r Rules) Says(h Hit) fault.Text {
	one, ok := r.Rule(h.Rule)
	if !ok {
		return fault.Text{}
	}
	t := fault.Text{Key: checks[one.Check].says, Args: map[string]any{"Title": fault.Named(one.TitleZh, one.TitleEn)}}
	for name, arg := range h.Args {
		t.Args[name] = arg
	}
	return t
}
