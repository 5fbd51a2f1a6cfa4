// Package ledger keeps the environmental management ledger (环境管理台账): classes
// as data, entries whose heads move while every filing and step is inserted
// only, and the rules by which an entry is filed, returned, accepted, amended
// and voided.
package ledger

import (
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Class is one version of one group of the ledger under one condition: what an
// entry says and about what (decision 12). It drives parsing, forms and sheets;
// adding a class is adding data.
type Class struct {
	Code          string     `json:"code"` // treatmentFacility.wastewater
	Version       int        `json:"version"`
	Group         string     `json:"-"` // of its file
	GroupZh       string     `json:"-"`
	GroupEn       string     `json:"-"`
	Condition     string     `json:"condition"` // normal, abnormal
	TitleZh       string     `json:"titleZh"`
	TitleEn       string     `json:"titleEn"`
	FrequencyZh   string     `json:"frequencyZh"` // the standard's default; the permit decides
	FrequencyEn   string     `json:"frequencyEn"`
	Part          string     `json:"part"`      // of the park's own ledger: P1 to P7
	Undated       bool       `json:"undated"`   // of a list of the register: its rows are of no day
	View          string     `json:"view"`      // where the register already says it; nothing is filed then
	Voluntary     bool       `json:"voluntary"` // no rule demands it
	Slot          Slot       `json:"slot"`
	Site          Need       `json:"site"` // "" is optional; none is the park's own
	Facility      Need       `json:"facility"`
	FacilityKinds []string   `json:"facilityKinds"`
	Medium        string     `json:"medium"` // of the facility; "" is any
	Outlet        Need       `json:"outlet"`
	OutletKinds   []string   `json:"outletKinds"` // none is any
	Rules         []Rule     `json:"rules"`
	Waste         *WasteStep `json:"waste"`
	Retention     Retention  `json:"retention"`
	Source        string     `json:"source"`
	Confidence    string     `json:"confidence"`
	Fields        []Field    `json:"fields"`
	Outputs       []Output   `json:"outputs"`

	ranges map[string]span // of the catalogue
}

// Need says whether an entry of a class names an object.
type Need string

// Whether an object is named.
const (
	Required Need = "required"
	Optional Need = "optional"
	None     Need = "none"
)

// WasteStep says that an entry is a step of hazardous waste (HJ 1259-2022 App. B):
// which fields name its batch and the batches that it takes from.
type WasteStep struct {
	Batch        string   `json:"batch"`    // field with the code of the batch
	Code         string   `json:"code"`     // field with the waste code
	Quantity     string   `json:"quantity"` // field with the quantity, in t
	Sources      string   `json:"sources"`  // a list of batchCode and quantity; "" for waste that arises
	From         []string `json:"from"`     // classes whose batches may be taken from
	SameFacility bool     `json:"sameFacility"`
}

// Retention is how long entries of a class have to be kept, and by which rule.
type Retention struct {
	Years   int    `json:"years"`
	BasisZh string `json:"basisZh"`
	BasisEn string `json:"basisEn"`
}

// Slot is what tells apart several entries of one day: a shift, a batch, an event.
type Slot struct {
	Kind     string `json:"kind"`  // shift, batch, event; none for a view
	Field    string `json:"field"` // the field of the payload that says it; "" is entered beside it
	Required bool   `json:"required"`
	LabelZh  string `json:"labelZh"`
	LabelEn  string `json:"labelEn"`
}

// Field is one thing that an entry says. Type is one of text, decimal, integer,
// bool, day, instant, enum, code:<kind>, list<record>. Decimals are exact and
// travel as text; Minimum and Maximum are what is possible, not what is allowed.
type Field struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	LabelZh    string   `json:"labelZh"`
	LabelEn    string   `json:"labelEn"`
	Required   bool     `json:"required"` // when filing; a draft may leave it out
	Unit       string   `json:"unit"`
	Minimum    string   `json:"minimum"`
	Maximum    string   `json:"maximum"`
	Decimals   int      `json:"decimals"`
	Reading    bool     `json:"reading"` // also takes <0.05 and ND
	ItemBy     string   `json:"itemBy"`  // the sibling that names the item: a pollutant code
	MaxLength  int      `json:"maxLength"`
	Multiline  bool     `json:"multiline"`
	Personal   bool     `json:"personal"` // about a person: kept apart, and in no report (docs/adr/0009)
	Example    string   `json:"example"`  // "" for a code is that of its kind
	Enum       []Option `json:"enum"`
	Fields     []Field  `json:"fields"` // of a list<record>
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
}

// PersonalAt reports whether the field that a pointer into a payload names is about a person.
func (c Class) PersonalAt(pointer string) bool { return c.field(pointer).Personal }

// TypeAt is the type of the field that a pointer into a payload names, "" for none.
func (c Class) TypeAt(pointer string) string { return c.field(pointer).Type }

// pollutant reports whether the field holds the code of one, of water or of gas.
func (f Field) pollutant() bool { return f.Type == "code:pollutant" || f.Type == "code:airPollutant" }

// form is how a code is read; false for a field of another type.
func (f Field) form() (code.Form, bool) {
	kind, is := strings.CutPrefix(f.Type, "code:")
	if !is {
		return code.Form{}, false
	}
	form, known := code.FormOf(kind)
	if f.Example != "" {
		form.Example = f.Example
	}
	return form, known
}

// Form is what a client has to know about a field that holds a code.
func (f Field) Form() (pattern, example string) {
	if form, is := f.form(); is {
		return form.Pattern, form.Example
	}
	return "", f.Example
}

// Option is one value of an enum.
type Option struct {
	Value   string `json:"value"`
	LabelZh string `json:"labelZh"`
	LabelEn string `json:"labelEn"`
}

// Output is a value that follows from others and is never entered: numerator /
// denominator × 100, in percent with one decimal.
type Output struct {
	Name        string `json:"name"`
	LabelZh     string `json:"labelZh"`
	LabelEn     string `json:"labelEn"`
	Unit        string `json:"unit"`
	Numerator   string `json:"numerator"`
	Denominator string `json:"denominator"`
}

// ShortTitle is the title of a class without what explains it, as lists have it.
func ShortTitle(zh, en string) fault.Text {
	zh, _, _ = strings.Cut(zh, "，")
	en, _, _ = strings.Cut(en, ";")
	return fault.Named(zh, en)
}
