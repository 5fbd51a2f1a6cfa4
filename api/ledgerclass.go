package api

import (
	"context"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// Labels are a name in both languages.
type Labels struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

func (l Labels) in(lang words.Lang) string {
	if lang == words.English {
		return l.En
	}
	return l.Zh
}

type classView struct {
	Code          string       `json:"code"`
	Version       int          `json:"version" doc:"定义的版本，记录按报送时的版本解读"`
	Group         string       `json:"group"`
	Condition     string       `json:"condition" enum:"normal,abnormal" doc:"正常、异常"`
	Title         string       `json:"title"`
	Titles        Labels       `json:"titles"`
	Frequency     string       `json:"frequency" doc:"标准规定的记录频次，许可证另有规定的从其规定"`
	Frequencies   Labels       `json:"frequencies"`
	Slot          slotView     `json:"slot"`
	Facility      string       `json:"facility" enum:"required,optional,none" doc:"是否填写 facilityId"`
	FacilityKinds []string     `json:"facilityKinds" doc:"适用的设施种类"`
	Medium        string       `json:"medium" doc:"适用设施的要素：water、air 等，空为不限"`
	Outlet        string       `json:"outlet" enum:"required,optional,none" doc:"是否填写 outletId"`
	Source        string       `json:"source" doc:"依据"`
	Confidence    string       `json:"confidence"`
	Fields        []fieldView  `json:"fields" doc:"payload 的各项"`
	Outputs       []outputView `json:"outputs" doc:"由程序算出、不填写的值"`
}

type slotView struct {
	Kind     string `json:"kind" enum:"shift,batch,event" doc:"同一天多条记录以什么区分"`
	Required bool   `json:"required"`
	Label    string `json:"label"`
}

type fieldView struct {
	Name       string       `json:"name"`
	Type       string       `json:"type" doc:"text、decimal、integer、bool、day、instant、enum、code:pollutant、list<record>"`
	Label      string       `json:"label"`
	Labels     Labels       `json:"labels"`
	Required   bool         `json:"required" doc:"报送时必须填写；草稿可以缺"`
	Unit       string       `json:"unit"`
	Minimum    *string      `json:"minimum" nullable:"true" doc:"可能的最小值；超过限值不属于此列"`
	Maximum    *string      `json:"maximum" nullable:"true"`
	Decimals   *int         `json:"decimals" nullable:"true" doc:"至多几位小数"`
	Reading    bool         `json:"reading" doc:"监测值：还可以填 <0.05 或 ND"`
	MaxLength  *int         `json:"maxLength" nullable:"true"`
	Multiline  bool         `json:"multiline"`
	Enum       []string     `json:"enum" doc:"可选的值"`
	Options    []optionView `json:"options" doc:"可选的值和名称"`
	Fields     []fieldView  `json:"fields" doc:"list<record> 每一条的各项"`
	Source     string       `json:"source"`
	Confidence string       `json:"confidence"`
}

type optionView struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Labels Labels `json:"labels"`
}

type outputView struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Labels Labels `json:"labels"`
	Unit   string `json:"unit"`
}

func classOf(lang words.Lang) func(ledger.Class) classView {
	return func(c ledger.Class) classView {
		titles, rhythm := Labels{c.TitleZh, c.TitleEn}, Labels{c.FrequencyZh, c.FrequencyEn}
		v := classView{Code: c.Code, Version: c.Version, Group: c.Group, Condition: c.Condition, Title: titles.in(lang), Titles: titles,
			Frequency: rhythm.in(lang), Frequencies: rhythm, Slot: slotView{c.Slot.Kind, c.Slot.Required, Labels{c.Slot.LabelZh, c.Slot.LabelEn}.in(lang)},
			Facility: string(c.Facility), FacilityKinds: list0(c.FacilityKinds), Medium: c.Medium, Outlet: string(c.Outlet), Source: c.Source, Confidence: c.Confidence,
			Fields: fieldsOf(lang, c.Fields), Outputs: []outputView{}}
		for _, o := range c.Outputs {
			labels := Labels{o.LabelZh, o.LabelEn}
			v.Outputs = append(v.Outputs, outputView{o.Name, labels.in(lang), labels, o.Unit})
		}
		return v
	}
}

func fieldsOf(lang words.Lang, fields []ledger.Field) []fieldView {
	out := make([]fieldView, len(fields))
	for i, f := range fields {
		labels := Labels{f.LabelZh, f.LabelEn}
		out[i] = fieldView{Name: f.Name, Type: f.Type, Label: labels.in(lang), Labels: labels, Required: f.Required, Unit: f.Unit,
			Minimum: orNull(f.Minimum), Maximum: orNull(f.Maximum), Reading: f.Reading, Multiline: f.Multiline, Enum: []string{}, Options: []optionView{},
			Fields: fieldsOf(lang, f.Fields), Source: f.Source, Confidence: f.Confidence}
		switch f.Type {
		case "decimal":
			out[i].Decimals = &f.Decimals
		case "text":
			out[i].MaxLength = &f.MaxLength
		}
		for _, o := range f.Enum {
			labels := Labels{o.LabelZh, o.LabelEn}
			out[i].Enum = append(out[i].Enum, o.Value)
			out[i].Options = append(out[i].Options, optionView{o.Value, labels.in(lang), labels})
		}
	}
	return out
}

// listClasses answers all classes at once: they are few, and part of the program.
func (h ledgerAPI) listClasses(ctx context.Context, _ *none) (*list[classView], error) {
	return listOf(models.Page[ledger.Class]{Items: h.svc.Catalogue().Classes()}, classOf(requestOf(ctx).lang)), nil
}

type classInput struct {
	Code    string `path:"code" maxLength:"100" doc:"台账类别，例 treatmentFacility.wastewater"`
	Version int    `query:"version" minimum:"1" maximum:"10000" doc:"定义的版本；不填为最新"`
}

type classOutput struct{ Body classView }

func (h ledgerAPI) getClass(ctx context.Context, in *classInput) (*classOutput, error) {
	c, ok := h.svc.Catalogue().Newest(in.Code)
	if in.Version != 0 {
		c, ok = h.svc.Catalogue().At(in.Code, in.Version)
	}
	if !ok {
		return nil, fault.Absent()
	}
	return &classOutput{classOf(requestOf(ctx).lang)(c)}, nil
}
