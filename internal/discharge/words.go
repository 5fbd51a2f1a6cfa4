package discharge

import (
	"strings"

	"parkregistry/internal/fault"
)

// Text is the reason as a sentence.
func (w Why) Text() fault.Text {
	switch w.Code {
	case "permit":
		return fault.T("排污许可证 {{.Number}} 载明", "Number", w.Args["Number"])
	case "eia":
		return fault.T("环评批复要求（{{.Number}}）", "Number", w.Args["Number"])
	case "recorded":
		return fault.T("登记在这个排放口（{{.Number}}）", "Number", w.Args["Number"])
	case "table":
		return fault.T("标准适用于这个排放口")
	case "approval":
		return fault.T("环评批复日期 {{.Day}}，执行这张表", "Day", w.Args["Day"])
	case "boundary":
		return fault.T("第一类污染物出厂界也不得超过这个限值（4.2.6），是否达标在车间排放口判定")
	case "approvalUnknown":
		return fault.T("没有登记环评批复日期，不能确定是否执行这张表")
	case "approvalOther":
		return fault.T("环评批复日期 {{.Day}}，执行另一张表", "Day", w.Args["Day"])
	case "onlyNew":
		return fault.T("只收录了 {{.Day}} 起批复的新建企业的限值", "Day", w.Args["Day"])
	case "before":
		return fault.T("{{.Day}} 起执行", "Day", w.Args["Day"])
	case "after":
		return fault.T("执行到 {{.Day}} 为止", "Day", w.Args["Day"])
	case "unit":
		return fault.T("单位 {{.Unit}} 不能换算成 {{.Expected}}，没有参与比较", "Unit", w.Args["Unit"], "Expected", w.Args["Expected"])
	case "production":
		return fault.T("没有登记生产类别，不能确定是否适用")
	case "receiver":
		return fault.T("只适用于排入城镇污水处理厂的废水，这里的废水进入园区集中处理设施")
	case "waterClass":
		return fault.T("没有登记受纳水体的水质类别，不能确定执行一级还是二级")
	case "workshop":
		return fault.T("第一类污染物在车间排放口判定，不在总排放口判定")
	case "total":
		return fault.T("这一项在总排放口判定，不在车间排放口判定")
	case "yields":
		return fault.T("这一项由 {{.Standard}} 规定，本标准不再执行", "Standard", w.Args["Standard"])
	}
	return fault.Text{}
}

// Text says of a candidate of a set why it applies, and whether it is in force.
func (s *Set) Text(c Candidate) fault.Text {
	several := 0
	for _, o := range s.Candidates {
		if o.Applies && o.group() == c.group() {
			several++
		}
	}
	switch {
	case !c.Applies || several < 2:
		return c.Why.Text()
	case c.InForce:
		return fault.T("{{.Why}}；在 {{.Count}} 个适用的限值中最严，按它判定", "Why", c.Why.Text(), "Count", several)
	}
	return fault.T("{{.Why}}；另有更严的限值，不按它判定", "Why", c.Why.Text())
}

// Limit is a limit in short: 0.1 mg/L, 6–9, 不得检出.
func Limit(minimum, maximum, unit string) fault.Text {
	if maximum == NotDetectable {
		return fault.T("不得检出")
	}
	if minimum != "" {
		maximum = minimum + "–" + maximum
	}
	if unit == "" || unit == "dimensionless" || unit == "无量纲" {
		return fault.T("{{.Limit}}", "Limit", maximum)
	}
	return fault.T("{{.Limit}} {{.Unit}}", "Limit", maximum, "Unit", unit)
}

// Sentence says what was found and why.
func (j Judgement) Sentence() fault.Text {
	measured := j.measured()
	if j.Verdict == NotJudged {
		return fault.T("{{.Measured}} 没有判定：{{.Reason}}", "Measured", measured, "Reason", j.silence())
	}
	return fault.T("{{.Finding}}；依据 {{.Source}}", "Finding", j.finding(measured, Limit(j.Minimum, j.Maximum, j.LimitUnit)), "Source", j.source())
}

func (j Judgement) finding(measured, limit fault.Text) fault.Text {
	switch {
	case j.Verdict == Within && j.Maximum == NotDetectable:
		return fault.T("{{.Measured}}，没有检出，符合限值“不得检出”", "Measured", measured)
	case j.Verdict == Within:
		return fault.T("{{.Measured}}，符合限值 {{.Limit}}", "Measured", measured, "Limit", limit)
	case j.Reason == "noDetectionLimit":
		return fault.T("{{.Measured}}，限值是“不得检出”，填写方法检出限后才能判定", "Measured", measured)
	case j.Reason == "range":
		return fault.T("{{.Measured}}，限值是范围 {{.Limit}}，填写具体数值后才能判定", "Measured", measured, "Limit", limit)
	case j.Verdict == Undecided:
		return fault.T("{{.Measured}}，检出限高于限值 {{.Limit}}，不能判定是否达标", "Measured", measured, "Limit", limit)
	case j.Maximum == NotDetectable:
		return fault.T("{{.Measured}}，已经检出，限值是“不得检出”", "Measured", measured)
	case j.Minimum != "":
		return fault.T("{{.Measured}}，不在限值 {{.Limit}} 之内", "Measured", measured, "Limit", limit)
	case j.Grave && j.Ratio != "":
		return fault.T("{{.Measured}}，超过限值 {{.Limit}}，是限值的 {{.Ratio}} 倍，达到环境污染刑事案件司法解释（2023）第一条的倍数，应当立即报告", "Measured", measured, "Limit", limit, "Ratio", j.Ratio)
	case j.Ratio != "" && j.Ratio != "1": // rounded, it would say that the limit is kept
		return fault.T("{{.Measured}}，超过限值 {{.Limit}}，是限值的 {{.Ratio}} 倍", "Measured", measured, "Limit", limit, "Ratio", j.Ratio)
	}
	return fault.T("{{.Measured}}，超过限值 {{.Limit}}", "Measured", measured, "Limit", limit)
}

// source is where the limit that decided comes from.
func (j Judgement) source() fault.Text { return cited(j.Basis, j.Standard, j.Title) }

// Cited is where the limit comes from.
func (c Candidate) Cited() fault.Text { return cited(c.Basis, c.Standard, c.Title) }

func cited(basis, number string, title fault.Label) fault.Text {
	switch {
	case basis == "permit":
		return fault.T("排污许可证 {{.Number}}", "Number", number)
	case basis == "eia":
		return fault.T("环评批复 {{.Number}}", "Number", number)
	case title.Zh == "":
		return fault.T("{{.Number}}", "Number", number)
	}
	return fault.T("{{.Number}} {{.Title}}", "Number", number, "Title", title)
}

// measured is the value as it was compared, and how it came about.
func (j Judgement) measured() fault.Text {
	t := fault.T("{{.Name}}的{{.Kind}} {{.Value}}", "Name", Name(j.Pollutant), "Value", j.entered(), "Kind", KindName(j.Kind))
	if j.Averaged > 0 {
		t = fault.T("{{.Name}} 当日 {{.Count}} 个值的均值", "Name", Name(j.Pollutant), "Count", j.Averaged)
		if j.Value != "" && j.Conversion == nil {
			t = fault.T("{{.Measured}} {{.Value}}", "Measured", t, "Value", Limit("", j.Value, j.Unit))
		}
	}
	if c := j.Conversion; c != nil && j.Value != "" {
		t = fault.T("{{.Measured}}，按基准排水量换算（{{.Total}} m³ ÷ {{.Benchmark}} m³ = {{.Ratio}}）为 {{.Value}}", "Measured", t,
			"Total", c.Total, "Benchmark", c.Benchmark, "Ratio", c.Ratio, "Value", Limit("", j.Value, j.Unit))
	}
	return t
}

// entered is the value as it was given.
func (j Judgement) entered() fault.Text {
	if strings.EqualFold(strings.TrimSpace(j.Raw), NotDetectable) {
		return fault.T("未检出")
	}
	return Limit("", j.Raw, j.RawUnit)
}

// silence is why there is no verdict.
func (j Judgement) silence() fault.Text {
	switch j.Reason {
	case "unit":
		return fault.T("单位不能换算成限值的单位 {{.Unit}}", "Unit", j.Unit)
	case "averaging":
		return fault.T("适用的限值是另一种时段的值")
	case "single":
		return fault.T("限值是日均值，一个瞬时值或者小时均值不能代替；同一天有两个以上的值时按均值判定")
	case "fewInstants":
		return fault.T("限值是小时均值，瞬时值的个数不够，不能按均值判定")
	case "none":
		return fault.T("这个排放口没有适用的限值")
	case "noOutlet":
		return fault.T("设施之后没有登记排放口")
	case "severalOutlets":
		return fault.T("设施之后有多个排放口，没有填写是哪一个")
	}
	return Why{Code: j.Reason}.Text()
}

// Times is by how much a reading is over its limit; without a ratio, or with one that
// rounds to its limit, only that it is.
func (j Judgement) Times() fault.Text {
	if j.Ratio == "" || j.Ratio == "1" {
		return fault.T("超标")
	}
	return fault.T("限值的 {{.Ratio}} 倍", "Ratio", j.Ratio)
}
