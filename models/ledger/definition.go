package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parkregistry/internal/code"
)

// check refuses a definition by which no payload could be read, or which says too
// little for somebody to fill one in.
func (c Class) check() error {
	if err := given(map[string]string{"code": c.Code, "titleZh": c.TitleZh, "titleEn": c.TitleEn, "frequencyZh": c.FrequencyZh, "frequencyEn": c.FrequencyEn,
		"slot": c.Slot.Kind, "source": c.Source, "confidence": c.Confidence, "retention": c.Retention.BasisZh, "retention in English": c.Retention.BasisEn}); err != nil {
		return err
	}
	switch {
	case c.Version < 1:
		return errors.New("versions begin with 1")
	case c.Retention.Years < 1:
		return errors.New("it says no years of retention")
	case strings.HasSuffix(c.Code, ".abnormal") != (c.Condition == "abnormal"), c.Condition != "abnormal" && c.Condition != "normal":
		return errors.New("the condition is normal, or abnormal and named so")
	case c.Condition == "abnormal" && !c.Slot.Required:
		return errors.New("an abnormal event has a number")
	case c.View != "" && len(c.Fields) > 0, c.View == "" && len(c.Fields) == 0:
		return errors.New("it has fields, or is a view")
	case c.Slot.Field != "" && c.field("/"+c.Slot.Field).Name == "":
		return fmt.Errorf("slot: there is no field %s", c.Slot.Field)
	case c.Facility == None && len(c.FacilityKinds) > 0, c.Facility != None && len(c.FacilityKinds) == 0:
		return errors.New("facility kinds are named where a facility is")
	}
	for _, need := range []Need{c.Facility, c.Outlet} {
		if !slices.Contains([]Need{Required, Optional, None}, need) {
			return fmt.Errorf("no such need: %q", need)
		}
	}
	if err := checkFields(c.Fields); err != nil {
		return err
	}
	for _, r := range c.Rules {
		if err := r.lawful(c); err != nil {
			return err
		}
	}
	for _, o := range c.Outputs {
		if err := given(map[string]string{"name": o.Name, "labelZh": o.LabelZh, "labelEn": o.LabelEn, "unit": o.Unit}); err != nil {
			return fmt.Errorf("output %s: %w", o.Name, err)
		}
	}
	return nil
}

func given(texts map[string]string) error {
	for name, text := range texts {
		if text == "" {
			return fmt.Errorf("it says no %s", name)
		}
	}
	return nil
}

func checkFields(fields []Field) error {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Name] {
			return fmt.Errorf("field %s stands twice", f.Name)
		}
		seen[f.Name] = true
		if err := f.check(fields); err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	return nil
}

func (f Field) check(siblings []Field) error {
	if err := given(map[string]string{"name": f.Name, "labelZh": f.LabelZh, "labelEn": f.LabelEn, "source": f.Source, "confidence": f.Confidence}); err != nil {
		return err
	}
	form, isCode := f.form()
	switch {
	case !isCode && !slices.Contains(types, f.Type):
		return fmt.Errorf("unknown type %s", f.Type)
	case (f.Type == "list<record>") != (len(f.Fields) > 0), (f.Type == "enum") != (len(f.Enum) > 0):
		return fmt.Errorf("a %s does not say so what it holds", f.Type)
	case (f.Type == "text") != (f.MaxLength > 0):
		return errors.New("a text has a length, nothing else has")
	case f.Decimals < 0 || f.Decimals > 6 || f.Decimals > 0 && f.Type != "decimal":
		return errors.New("decimals are those of a decimal, six at most")
	case f.ItemBy != "" && !slices.ContainsFunc(siblings, func(s Field) bool { return s.Name == f.ItemBy && s.pollutant() }):
		return fmt.Errorf("there is no pollutant %s beside it", f.ItemBy)
	}
	if isCode {
		if _, err := form.Parse(form.Example); err != nil {
			return fmt.Errorf("its example: %w", err)
		}
	}
	for _, o := range f.Enum {
		if err := given(map[string]string{"value": o.Value, "labelZh": o.LabelZh, "labelEn": o.LabelEn}); err != nil {
			return fmt.Errorf("option %s: %w", o.Value, err)
		}
	}
	if err := decimals(f.Minimum, f.Maximum); err != nil {
		return err
	}
	return checkFields(f.Fields)
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
