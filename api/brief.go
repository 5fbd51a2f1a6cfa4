package api

import (
	"context"
	"encoding/json"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models/progress"
)

type briefView struct {
	AsOf     code.Day `json:"asOf"`
	KnownSeq int64    `json:"knownSeq"`
	Zh       string   `json:"zh" doc:"可以直接粘贴的一段话"`
	En       string   `json:"en" doc:"the same in English"`
	Report   string   `json:"report" format:"uri-reference" doc:"这些数所在的报告"`
}

type briefOutput struct{ Body briefView }

func (h progressAPI) brief(ctx context.Context, in *ProgressParams) (*briefOutput, error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Report(ctx, q)
	if err != nil {
		return nil, err
	}
	text := r.Brief()
	return &briefOutput{briefView{r.AsOf, r.KnownSeq, words.Render(words.Chinese, text), words.Render(words.English, text), reportHref(r.AsOf, r.KnownSeq)}}, nil
}

func reportHref(asOf code.Day, seq int64) string {
	return base + "/progress?asOf=" + string(asOf) + "&knownSeq=" + strconv.FormatInt(seq, 10)
}

type figureView struct {
	ID         string      `json:"id"`
	What       string      `json:"what"`
	Value      json.Number `json:"value" doc:"2021 年复函的数"`
	Unit       string      `json:"unit"`
	Period     string      `json:"period" doc:"这个数所说的时间，复函没有写明的为空"`
	Owner      string      `json:"owner" doc:"提供这个数的部门"`
	Source     string      `json:"source"`
	Confidence string      `json:"confidence"`
	Today      *int        `json:"today" nullable:"true" doc:"本系统在报告日期的数；没有登记这类对象的为 null"`
	TodayOf    string      `json:"todayOf" doc:"today 数的是什么；复函的数多为全市的，本系统只有试点园区的"`
}

type baselineOutput struct {
	Body struct {
		AsOf     code.Day     `json:"asOf"`
		KnownSeq int64        `json:"knownSeq"`
		Document string       `json:"document" doc:"这些数的出处"`
		Items    []figureView `json:"items"`
	}
}

func (h progressAPI) baseline(ctx context.Context, in *ProgressParams) (*baselineOutput, error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	r, figures, err := h.svc.Baseline(ctx, q)
	if err != nil {
		return nil, err
	}
	out, lang := new(baselineOutput), requestOf(ctx).lang
	out.Body.AsOf, out.Body.KnownSeq, out.Body.Document, out.Body.Items = r.AsOf, r.KnownSeq, words.Render(lang, progress.Document), make([]figureView, len(figures))
	for i, f := range figures {
		out.Body.Items[i] = figureView{f.Code, words.Render(lang, f.Name()), f.Value, words.Render(lang, f.Unit), words.Render(lang, f.Period), f.Owner, f.Source, f.Confidence, f.Today, words.Render(lang, f.Of)}
	}
	return out, nil
}
