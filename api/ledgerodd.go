package api

import (
	"context"

	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/ledger/screen"
)

type oddityView struct {
	Rule    string `json:"rule" doc:"规则代号，见 GET /odd-rules"`
	Pointer string `json:"pointer" doc:"内容中的位置（JSON 指针），空为整条记录"`
	Detail  string `json:"detail"`
}

func odditiesOf(lang words.Lang, all []ledger.Oddity) []oddityView {
	out := make([]oddityView, len(all))
	for i, o := range all {
		out[i] = oddityView{o.Rule, o.Pointer, words.Render(lang, o.Says())}
	}
	return out
}

type oddRuleView struct {
	ID      string   `json:"id" doc:"规则代号，也是 warnings 中的 code"`
	Version int      `json:"version" doc:"规则集的版本"`
	Title   string   `json:"title"`
	Why     string   `json:"why" doc:"怎样判断，什么情况下会提示"`
	Basis   string   `json:"basis" doc:"依据"`
	Classes []string `json:"classes" doc:"适用的台账类别"`
}

func (h ledgerAPI) listOddRules(ctx context.Context, _ *none) (*list[oddRuleView], error) {
	lang, rules := requestOf(ctx).lang, ledger.OddRules()
	return listOf(models.Page[screen.Rule]{Items: rules.All}, func(r screen.Rule) oddRuleView {
		return oddRuleView{r.ID, rules.Version, Labels{r.TitleZh, r.TitleEn}.in(lang), Labels{r.WhyZh, r.WhyEn}.in(lang), Labels{r.BasisZh, r.BasisEn}.in(lang), r.Classes}
	}), nil
}
