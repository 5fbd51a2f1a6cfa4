package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// readings is a list of measured values as the table that people know: beside each its
// value of yesterday, its week, its month, its limit, and how it was judged.
type readings struct {
	Title string
	Extra []string // heads of what is seldom said
	Rows  []readingRow
}

type readingRow struct {
	Name      string // of the pollutant, "" for one that is still to be named
	Code      string
	Offered   string // pointer of a row that the form offers of itself
	Item      inputField
	Values    []inputField // the value, then what is seldom said
	Yesterday string
	Mean      string
	Line      *spark
	Limit     fault.Text
	Source    fault.Text
	Verdict   verdict
	Failed    bool
}

// verdict is how a value was judged.
type verdict struct {
	Name fault.Text
	Mark band
	Said fault.Text
}

func verdictOf(j ledger.Judged) verdict {
	switch j.Verdict {
	case "exceeded":
		return verdict{fault.T("超标"), behind, j.Sentence()}
	case "within":
		return verdict{fault.T("符合限值"), onTarget, j.Sentence()}
	}
	return verdict{fault.T("未判定"), noScore, j.Sentence()}
}

// readings draws the list: what was typed, then what is usual and not there yet, but
// for a correction of what was filed, then a row to name another.
func (d *drawing) readings(pointer string, list, value ledger.Field) *readings {
	t := &readings{Title: labelOf(d.lang, list)}
	there, next := map[string]bool{}, 0
	open := false
	for _, n := range d.typed.Rows(pointer) {
		at := pointer + "/" + strconv.Itoa(n)
		item := d.typed[at+"/"+value.ItemBy]
		there[item] = true
		open = open || item == ""
		t.Rows = append(t.Rows, d.reading(at, list, value, item))
		next = n + 1
	}
	for _, p := range d.near.Usual {
		if !there[p] && !d.corrects {
			at := pointer + "/" + strconv.Itoa(next)
			r := d.reading(at, list, value, p)
			r.Offered = at
			t.Rows = append(t.Rows, r)
			next++
		}
	}
	slices.SortStableFunc(t.Rows, func(a, b readingRow) int { return cmp.Compare(d.rank(a.Code), d.rank(b.Code)) })
	if !open {
		t.Rows = append(t.Rows, d.reading(pointer+"/"+strconv.Itoa(next), list, value, ""))
	}
	if d.wide {
		for _, f := range list.Fields {
			if f.Name != value.Name && f.Name != value.ItemBy {
				t.Extra = append(t.Extra, labelOf(d.lang, f))
			}
		}
	}
	return t
}

// rank keeps the rows in the order in which they are usually filled in.
func (d *drawing) rank(item string) int {
	if i := slices.Index(d.near.Usual, item); i >= 0 {
		return i
	}
	return len(d.near.Usual)
}

func (d *drawing) reading(at string, list, value ledger.Field, item string) readingRow {
	r := readingRow{Code: item, Verdict: d.judged[at+"/"+value.Name]}
	unit := ""
	if p, err := code.ParsePollutant(item); err == nil && item != "" && d.faults[at+"/"+value.ItemBy] == "" {
		r.Name, unit = words.Name(d.lang, p.Label()), p.Unit()
	}
	if own := d.typed[at+"/unit"]; own != "" {
		unit = own
	}
	for _, f := range list.Fields {
		in := d.field(at+"/"+f.Name, f)
		switch {
		case f.Name == value.ItemBy:
			in.Required = false // of the row, which may be left blank
			r.Item, r.Failed = in, r.Failed || in.Failure != ""
			continue
		case f.Name == value.Name:
			in.Unit = unitOf(d.lang, strings.Replace(unit, "dimensionless", "", 1))
			in.Hint = ""
		case !d.wide && in.Failure == "":
			continue
		default:
			in.Hint = ""
		}
		if r.Name != "" {
			in.Label = r.Name + " " + in.Label
			if in.Failure != "" {
				in.Failure = r.Name + " " + in.Failure
			}
		}
		r.Failed = r.Failed || in.Failure != ""
		in.Required = false
		r.Values = append(r.Values, in.described())
	}
	b := d.near.By[item]
	r.Yesterday, r.Mean, r.Limit, r.Source = b.Yesterday, b.Mean, b.Limit, b.Source
	r.Line = sparkOf(b)
	return r
}
