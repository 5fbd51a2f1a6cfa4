package api

import (
	"cmp"
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
	Code          string        `json:"code"`
	Version       int           `json:"version" doc:"定义的版本，记录按报送时的版本解读"`
	Group         string        `json:"group"`
	GroupTitle    string        `json:"groupTitle"`
	Part          string        `json:"part" doc:"园区自己的台账的部分：P1 至 P7；其他为空"`
	View          *string       `json:"view" nullable:"true" doc:"由登记资料给出、不填报的部分：它的地址（RFC 6570 模板，parkId）；为 null 的填报"`
	Mandatory     bool          `json:"mandatory" doc:"是否必须记录；false 为可选"`
	Condition     string        `json:"condition" enum:"normal,abnormal" doc:"正常、异常"`
	Title         string        `json:"title"`
	Titles        Labels        `json:"titles"`
	Frequency     string        `json:"frequency" doc:"标准规定的记录频次，许可证另有规定的从其规定"`
	Frequencies   Labels        `json:"frequencies"`
	Slot          slotView      `json:"slot"`
	Site          string        `json:"site" enum:"required,optional,none" doc:"是否填写 siteId；none 为园区自己的台账"`
	Facility      string        `json:"facility" enum:"required,optional,none" doc:"是否填写 facilityId"`
	FacilityKinds []string      `json:"facilityKinds" doc:"适用的设施种类"`
	Medium        string        `json:"medium" doc:"适用设施的要素：water、air 等，空为不限"`
	Outlet        string        `json:"outlet" enum:"required,optional,none" doc:"是否填写 outletId"`
	OutletKinds   []string      `json:"outletKinds" doc:"适用的排放口种类，空为不限"`
	Retention     retentionView `json:"retention"`
	Rules         []ruleView    `json:"rules" doc:"各项之间的要求"`
	Waste         *wasteView    `json:"waste,omitempty" doc:"危险废物的一个环节：批次从哪里来；其他类别没有这一项"`
	Source        string        `json:"source" doc:"依据"`
	Confidence    string        `json:"confidence"`
	Fields        []fieldView   `json:"fields" doc:"payload 的各项"`
	Outputs       []outputView  `json:"outputs" doc:"由程序算出、不填写的值"`
}

type retentionView struct {
	Years int    `json:"years" doc:"至少保存的年数"`
	Basis string `json:"basis" doc:"依据"`
	Bases Labels `json:"bases"`
}

type ruleView struct {
	Name   string   `json:"name" enum:"order,within,notAbove,sums,category,holder,prefix,requiredUnless,anyOf,readings" doc:"规则的稳定代号"`
	In     string   `json:"in" doc:"list<record> 的名称：对每一条分别检查；空为整个内容"`
	Fields []string `json:"fields" doc:"涉及的各项；list/field 为列表每一条的这一项"`
	By     string   `json:"by" doc:"与之比较的一项"`
	Values []string `json:"values"`
	Hours  int      `json:"hours"`
	Blocks bool     `json:"blocks" doc:"false 为仅提示"`
	Says   string   `json:"says" doc:"规则的含义"`
}

type wasteView struct {
	Batch        string   `json:"batch" doc:"批次编码所在的项"`
	Code         string   `json:"code" doc:"废物代码所在的项"`
	Quantity     string   `json:"quantity" doc:"数量所在的项"`
	Sources      *string  `json:"sources" nullable:"true" doc:"取自哪些批次：list<record>，每条 batchCode 和 quantity；产生环节为 null"`
	From         []string `json:"from" doc:"可以取自这些类别的批次"`
	SameFacility bool     `json:"sameFacility" doc:"只能取自同一贮存设施的批次"`
}

type slotView struct {
	Kind     string  `json:"kind" enum:"shift,batch,event,none" doc:"同一天多条记录以什么区分；none 为不填报"`
	Field    *string `json:"field" nullable:"true" doc:"由内容的这一项给出，不另填 slot"`
	Required bool    `json:"required"`
	Label    string  `json:"label"`
}

type fieldView struct {
	Name       string       `json:"name"`
	Type       string       `json:"type" doc:"text、decimal、integer、bool、day、instant、enum、code:pollutant、code:airPollutant、list<record>，以及 code:种类"`
	Pattern    *string      `json:"pattern" nullable:"true" doc:"代码的样式（正则表达式）；另有校验位或者代码表的，不符合仍会退回"`
	Example    *string      `json:"example" nullable:"true" doc:"例子，符合全部规则"`
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
		bases := Labels{c.Retention.BasisZh, c.Retention.BasisEn}
		v := classView{Code: c.Code, Version: c.Version, Group: c.Group, GroupTitle: Labels{c.GroupZh, c.GroupEn}.in(lang), Part: c.Part, View: orNull(c.View), Mandatory: !c.Voluntary,
			Condition: c.Condition, Title: titles.in(lang), Titles: titles, Frequency: rhythm.in(lang), Frequencies: rhythm,
			Slot: slotView{c.Slot.Kind, orNull(c.Slot.Field), c.Slot.Required, Labels{c.Slot.LabelZh, c.Slot.LabelEn}.in(lang)},
			Site: cmp.Or(string(c.Site), string(ledger.Optional)), Facility: string(c.Facility), FacilityKinds: list0(c.FacilityKinds), Medium: c.Medium,
			Outlet: string(c.Outlet), OutletKinds: list0(c.OutletKinds), Retention: retentionView{c.Retention.Years, bases.in(lang), bases}, Rules: []ruleView{},
			Source: c.Source, Confidence: c.Confidence, Fields: fieldsOf(lang, c.Fields), Outputs: []outputView{}}
		for _, r := range c.Rules {
			v.Rules = append(v.Rules, ruleView{r.Name, r.In, r.Fields, r.By, list0(r.Values), r.Hours, !r.Advice, words.Render(lang, r.Says())})
		}
		if s := c.Waste; s != nil {
			v.Waste = &wasteView{s.Batch, s.Code, s.Quantity, orNull(s.Sources), list0(s.From), s.SameFacility}
		}
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
		pattern, example := f.Form()
		out[i].Pattern, out[i].Example = orNull(pattern), orNull(example)
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
