// Package ledger keeps the environmental management ledger (环境管理台账): classes
// as data, entries whose heads move while every filing and step is inserted
// only, and the rules by which an entry is filed, returned, accepted, amended
// and voided.
package ledger

// Class is one version of one group of the ledger under one condition: what an
// entry says and about what (decision 12). It drives parsing, forms and sheets;
// adding a class is adding data.
type Class struct {
	Code          string   `json:"code"` // treatmentFacility.wastewater
	Version       int      `json:"version"`
	Group         string   `json:"-"` // of its file
	GroupZh       string   `json:"-"`
	GroupEn       string   `json:"-"`
	Condition     string   `json:"condition"` // normal, abnormal
	TitleZh       string   `json:"titleZh"`
	TitleEn       string   `json:"titleEn"`
	FrequencyZh   string   `json:"frequencyZh"` // the standard's default; the permit decides
	FrequencyEn   string   `json:"frequencyEn"`
	Slot          Slot     `json:"slot"`
	Facility      Need     `json:"facility"`
	FacilityKinds []string `json:"facilityKinds"`
	Medium        string   `json:"medium"` // of the facility; "" is any
	Outlet        Need     `json:"outlet"`
	Rules         []string `json:"rules"` // names of checks across fields, see rules.go
	Source        string   `json:"source"`
	Confidence    string   `json:"confidence"`
	Fields        []Field  `json:"fields"`
	Outputs       []Output `json:"outputs"`

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

// Slot is what tells apart several entries of one day: a shift, a batch, an event.
type Slot struct {
	Kind     string `json:"kind"`
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
	Enum       []Option `json:"enum"`
	Fields     []Field  `json:"fields"` // of a list<record>
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
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
