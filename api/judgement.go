package api

import (
	"parkregistry/internal/discharge"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// judgementView is what was found of one reading when it was filed.
type judgementView struct {
	Pointer    string          `json:"pointer" doc:"监测值在内容中的位置（JSON 指针）"`
	OutletID   *models.ID      `json:"outletId" nullable:"true" doc:"在哪个排放口判定；不能确定时为 null"`
	Pollutant  string          `json:"pollutant"`
	Name       string          `json:"name" doc:"污染物名称"`
	Kind       string          `json:"kind" enum:"dayMean,hourMean,instant,inspection" doc:"日均值、小时均值、瞬时值、执法监测值"`
	Verdict    string          `json:"verdict" enum:"within,exceeded,undecided,notJudged" doc:"达标、超标、不能判定、没有判定"`
	Reason     string          `json:"reason" doc:"没有判定或者不能判定的原因代码"`
	Sentence   string          `json:"sentence" doc:"判定结论和理由"`
	Raw        string          `json:"raw" doc:"填写的值"`
	RawUnit    string          `json:"rawUnit"`
	Value      string          `json:"value" doc:"与限值比较的值：换算单位、取均值、按基准排水量换算之后；至多 6 位小数"`
	Unit       string          `json:"unit"`
	Averaged   int             `json:"averaged" doc:"由几个值取均值；0 为单个值"`
	Minimum    string          `json:"minimum" doc:"执行的限值"`
	Maximum    string          `json:"maximum" doc:"执行的限值，或者 ND（不得检出）"`
	LimitUnit  string          `json:"limitUnit"`
	Basis      string          `json:"basis" doc:"限值出自许可证、环评批复、地方标准、行业标准、综合标准还是纳管标准"`
	Standard   string          `json:"standard"`
	Title      string          `json:"title"`
	Ratio      string          `json:"ratio" doc:"值与限值之比，至多 3 位小数；判定不以它为准"`
	Grave      bool            `json:"grave" doc:"超过排放标准达到环境污染刑事案件司法解释（2023）第一条的倍数"`
	Conversion *conversionView `json:"conversion,omitempty" doc:"按单位产品基准排水量的换算；没有换算时不给出"`
	Rules      string          `json:"rules" doc:"判定时规则和限值表的版本"`
	Candidates []candidateView `json:"candidates" doc:"判定时的全部候选限值"`
}

type conversionView struct {
	Standard  string `json:"standard"`
	Total     string `json:"total" doc:"当日总排水量，m³"`
	Benchmark string `json:"benchmark" doc:"按产品产量的基准排水量，m³"`
	Ratio     string `json:"ratio" doc:"两者之比"`
}

func judgementsOf(lang words.Lang, all []ledger.Judged) []judgementView {
	out := make([]judgementView, len(all))
	for n, j := range all {
		v := judgementView{Pointer: j.Path, OutletID: j.OutletID, Pollutant: j.Pollutant, Name: words.Name(lang, discharge.Name(j.Pollutant)), Kind: j.Kind,
			Verdict: string(j.Verdict), Reason: j.Reason, Sentence: words.Render(lang, j.Sentence()), Raw: j.Raw, RawUnit: j.RawUnit, Value: j.Value, Unit: j.Unit,
			Averaged: j.Averaged, Minimum: j.Minimum, Maximum: j.Maximum, LimitUnit: j.LimitUnit, Basis: j.Basis, Standard: j.Standard, Title: words.Name(lang, j.Title),
			Ratio: j.Ratio, Grave: j.Grave, Rules: j.Rules, Candidates: make([]candidateView, len(j.Set.Candidates))}
		if c := j.Conversion; c != nil {
			v.Conversion = &conversionView{c.Standard, c.Total, c.Benchmark, c.Ratio}
		}
		for i, c := range j.Set.Candidates {
			v.Candidates[i] = candidateOf(lang, &j.Set, c)
		}
		out[n] = v
	}
	return out
}
