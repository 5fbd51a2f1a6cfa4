// Package ledger keeps the environmental management ledger (环境管理台账): classes
// as data, entries whose heads move while every filing and step is inserted
// only, and the rules by which an entry is filed, returned, accepted, amended
// and voided.
package ledger

import (
	_ "embed" // the classes are part of the program
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"parkregistry/internal/code"
)

//go:embed data/classes.json
var classesJSON []byte

// Class is one version of one group of the ledger under one condition: what an
// entry says and about what (decision 12). It drives parsing, forms and sheets;
// adding a class is adding data.
type Class struct {
	Code          string   `json:"code"` // treatmentFacility.wastewater
	Version       int      `json:"version"`
	Group         string   `json:"group"`
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

// span is the range of values that a pollutant can take at all.
type span struct {
	Minimum string `json:"minimum"`
	Maximum string `json:"maximum"`
}

type catalogue struct {
	Ranges  map[string]span `json:"ranges"`
	Classes []Class         `json:"classes"`
}

var loaded = sync.OnceValue(func() catalogue {
	c, err := readCatalogue(classesJSON)
	if err != nil {
		panic(err) // an embedded file that a test has read
	}
	return c
})

func readCatalogue(raw []byte) (catalogue, error) {
	var c catalogue
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("read the ledger classes: %w", err)
	}
	for _, class := range c.Classes {
		for _, name := range class.Rules {
			if rules[name] == nil {
				return c, fmt.Errorf("ledger class %s: unknown rule %s", class.Code, name)
			}
		}
		if err := checkFields(class.Fields); err != nil {
			return c, fmt.Errorf("ledger class %s: %w", class.Code, err)
		}
	}
	for p, r := range c.Ranges {
		if _, err := code.ParsePollutant(p); err != nil {
			return c, fmt.Errorf("range of %s: %w", p, err)
		}
		if err := decimals(r.Minimum, r.Maximum); err != nil {
			return c, fmt.Errorf("range of %s: %w", p, err)
		}
	}
	return c, nil
}

func checkFields(fields []Field) error {
	for _, f := range fields {
		if !slices.Contains(types, f.Type) {
			return fmt.Errorf("field %s: unknown type %s", f.Name, f.Type)
		}
		if err := decimals(f.Minimum, f.Maximum); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		if err := checkFields(f.Fields); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	return nil
}

func decimals(texts ...string) error {
	for _, s := range texts {
		if s == "" {
			continue
		}
		if _, err := code.ParseQuantity(s); err != nil {
			return err
		}
	}
	return nil
}

// Classes are the newest versions of all classes, in the order of the data.
func Classes() []Class {
	var out []Class
	for _, c := range loaded().Classes {
		if i := slices.IndexFunc(out, func(o Class) bool { return o.Code == c.Code }); i < 0 {
			out = append(out, c)
		} else if out[i].Version < c.Version {
			out[i] = c
		}
	}
	return out
}

// ClassOf is the newest version of a class; false when there is none of that code.
func ClassOf(classCode string) (Class, bool) {
	for _, c := range Classes() {
		if c.Code == classCode {
			return c, true
		}
	}
	return Class{}, false
}

// classAt is the version of a class under which an entry was written.
func classAt(classCode string, version int) (Class, error) {
	for _, c := range loaded().Classes {
		if c.Code == classCode && c.Version == version {
			return c, nil
		}
	}
	return Class{}, fmt.Errorf("ledger class %s has no version %d", classCode, version)
}
