package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type limitView struct {
	Warned
	ID        models.ID `json:"id"`
	Pollutant string    `json:"pollutant"`
	Name      string    `json:"name" doc:"污染物名称"`
	Minimum   string    `json:"minimum"`
	Maximum   string    `json:"maximum"`
	Unit      string    `json:"unit"`
	Basis     string    `json:"basis"`
	Standard  string    `json:"standard"`
	ValidFrom code.Day  `json:"validFrom"`
	ValidTo   *code.Day `json:"validTo" nullable:"true"`
}

func limitOf(l registry.OutletLimit) limitView {
	return limitView{Warned{}, l.ID, l.Pollutant, code.Pollutant(l.Pollutant).Name(), l.Minimum, l.Maximum, l.Unit, l.Basis, l.Standard, l.ValidFrom, l.ValidTo}
}

// candidateView is a limit that may apply at an outlet, and whether and why it does.
type candidateView struct {
	ID         *string   `json:"id" nullable:"true" doc:"登记的限值或者许可证的编号；官方限值表的为 null"`
	Pollutant  string    `json:"pollutant" doc:"HJ 525 代码；没有代码的为英文代号"`
	Name       string    `json:"name" doc:"污染物名称"`
	Minimum    string    `json:"minimum"`
	Maximum    string    `json:"maximum" doc:"上限，或者 ND（不得检出）"`
	Unit       string    `json:"unit"`
	Basis      string    `json:"basis" enum:"permit,eia,local,national,general,sewer" doc:"许可证、环评批复、地方标准、行业标准、综合标准、纳管标准"`
	Standard   string    `json:"standard" doc:"标准、许可证或者批复的编号"`
	Title      string    `json:"title" doc:"标准中的哪一张表"`
	Row        string    `json:"row" doc:"限值表的行，见 /references/discharge_limits"`
	Averaging  string    `json:"averaging" doc:"daily、hourly、instant；空为按标准规定（日均值，执法监测单次判定）"`
	Point      string    `json:"point" doc:"监控位置：total、workshop"`
	ValidFrom  *code.Day `json:"validFrom" nullable:"true" format:"date"`
	ValidTo    *code.Day `json:"validTo" nullable:"true" format:"date"`
	Note       string    `json:"note" doc:"适用条件"`
	Source     string    `json:"source"`
	Confidence string    `json:"confidence" doc:"confirmed 已核对原文，memory 凭记忆"`
	Applies    bool      `json:"applies" doc:"这一天在这个排放口是否适用"`
	InForce    bool      `json:"inForce" doc:"是否按它判定：适用的限值中最严"`
	Reason     string    `json:"reason" doc:"为什么适用或者不适用"`
}

func candidateOf(lang words.Lang, set *discharge.Set, c discharge.Candidate) candidateView {
	return candidateView{textOrNull(c.ID), c.Pollutant, words.Name(lang, discharge.Name(c.Pollutant)), c.Minimum, c.Maximum, c.Unit, c.Basis, c.Standard, words.Name(lang, c.Title), c.Row,
		c.Averaging, c.Point, dayOrNull(c.From), dayOrNull(c.To), words.Name(lang, c.Note), c.Source, c.Confidence, c.Applies, c.InForce, words.Render(lang, set.Text(c))}
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func dayOrNull(d code.Day) *code.Day {
	if d == "" {
		return nil
	}
	return &d
}

type listLimitsInput struct {
	IDParam
	Day       code.Day `query:"day" format:"date" doc:"哪一天，默认今天"`
	Pollutant string   `query:"pollutant" maxLength:"10" doc:"污染物代码（HJ 525），默认全部"`
}

func (h registryAPI) listLimits(ctx context.Context, in *listLimitsInput) (*list[candidateView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	sets, err := h.svc.Limits(ctx, id, in.Day, in.Pollutant)
	if err != nil {
		return nil, err
	}
	lang, all := requestOf(ctx).lang, []candidateView{}
	for i := range sets {
		for _, c := range sets[i].Candidates {
			all = append(all, candidateOf(lang, &sets[i], c))
		}
	}
	return listOf(models.Page[candidateView]{Items: all}, func(v candidateView) candidateView { return v }), nil
}

type createLimitInput struct {
	IDParam
	Payload[registry.LimitInput]
}

func (h registryAPI) createLimit(ctx context.Context, in *createLimitInput) (*one[limitView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	l, err := h.svc.AddLimit(ctx, id, in.Body)
	return answer(l.ID, 1, limitOf(l)), err
}
