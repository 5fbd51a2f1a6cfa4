package api

import (
	"bytes"
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/export"
	"parkregistry/models/report"
	"parkregistry/policies"
	"parkregistry/sheets"
)

type reportAPI struct {
	svc *report.Service
	now func() time.Time
}

type reportKindView struct {
	Name  string `json:"name" doc:"报表，例 monthly"`
	Title string `json:"title"`
	For   string `json:"for" doc:"用途"`
	Park  bool   `json:"park" doc:"按园区出，要有 parkId"`
	Past  bool   `json:"past" doc:"可以按 asOf、knownAsOf、knownSeq 出"`
	Firm  bool   `json:"firm" doc:"由台账预填的申报表，要有 enterpriseId 或者 parkId"`
	// Over is empty for what is not about a period.
	Over []report.Period `json:"over" doc:"可以出的期间，第一个是默认的"`
}

type reportListOutput struct {
	Body struct {
		Items []reportKindView `json:"items"`
	}
}

func (h reportAPI) list(ctx context.Context, _ *struct{}) (*reportListOutput, error) {
	lang, out := requestOf(ctx).lang, new(reportListOutput)
	out.Body.Items = []reportKindView{}
	for _, k := range h.svc.Kinds(ctx) {
		out.Body.Items = append(out.Body.Items, reportKindView{k.Name, words.Render(lang, k.Title), words.Render(lang, k.For), k.Park, k.Past, k.Firm, list0(k.Over)})
	}
	return out, nil
}

type reportInput struct {
	Name      string `path:"name" maxLength:"60" doc:"报表，见 GET /reports"`
	ParkID    string `query:"parkId" format:"uuid" doc:"按园区出的报表必填"`
	Firm      string `query:"enterpriseId" format:"uuid" doc:"申报表按企业出；与 parkId 至少填一个"`
	Period    string `query:"period" enum:"month,quarter,year" doc:"申报表的期间，取截止日期所在的一个，不填为 over 的第一个"`
	AsOf      string `query:"asOf" format:"date" doc:"截止日期，不填为今天"`
	KnownAsOf string `query:"knownAsOf" doc:"按哪一天、哪一时刻的登记，不填为最新"`
	KnownSeq  string `query:"knownSeq" maxLength:"19" doc:"按变更序号，与 knownAsOf 二选一"`
}

func (in *reportInput) question() (report.Question, error) {
	var c fault.Check
	q := report.Question{AsOf: code.Day(in.AsOf), KnownAsOf: in.KnownAsOf, ParkID: in.ParkID, EnterpriseID: in.Firm, Period: report.Period(in.Period), KnownSeq: knownSeq(&c, in.KnownSeq)}
	return q, c.Err()
}

// ReportView is a report as the API writes it.
type ReportView struct {
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	AsOf     code.Day          `json:"asOf" format:"date"`
	KnownSeq *int64            `json:"knownSeq" nullable:"true" doc:"计入的最新变更序号；按现状出的报表为 null"`
	SHA256   string            `json:"sha256" doc:"数据部分的摘要，与工作簿封面上的相同"`
	About    []reportSaidView  `json:"about"`
	Said     []string          `json:"said" doc:"摘要，逐段"`
	Tables   []reportTableView `json:"tables"`
}

type reportSaidView struct {
	What string `json:"what"`
	Is   string `json:"is"`
}

type reportTableView struct {
	Title   string       `json:"title"`
	Columns []string     `json:"columns"`
	Rows    [][]string   `json:"rows" doc:"各行，与 columns 同序；空为没有"`
	Sources []sourceView `json:"sources" doc:"申报表各单元格取自哪些记录；其他报表为空"`
}

// sourceView is one record that a cell is made of.
type sourceView struct {
	Row    int      `json:"row" doc:"单元格的行，从 0 起"`
	Column int      `json:"column" doc:"单元格的列，从 0 起"`
	Record string   `json:"record" doc:"台账或许可证编号"`
	Day    code.Day `json:"day,omitempty" format:"date" doc:"台账的日期；许可证没有"`
	Path   string   `json:"path" doc:"内容中的位置，JSON 指针"`
	Raw    string   `json:"raw" doc:"填报的内容；负号表示减去"`
	Unit   string   `json:"unit"`
}

type reportOutput struct {
	Body ReportView
}

func (h reportAPI) get(ctx context.Context, in *reportInput) (*reportOutput, error) {
	r, err := h.made(ctx, in)
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	say := func(t fault.Text) string { return words.Render(lang, t) }
	v := ReportView{Name: r.Name, Title: say(r.Title), AsOf: r.AsOf, KnownSeq: r.KnownSeq, SHA256: r.Digest(), About: []reportSaidView{}, Said: list0(mapped(r.Said, say)), Tables: []reportTableView{}}
	for _, a := range r.About {
		v.About = append(v.About, reportSaidView{say(a.What), say(a.Is)})
	}
	for _, t := range r.Tables {
		rows := [][]string{}
		for _, row := range t.Rows {
			rows = append(rows, mapped(row, say))
		}
		v.Tables = append(v.Tables, reportTableView{say(t.Title), mapped(t.Columns, func(c export.Column) string { return say(c.Title) }), rows, list0(mapped(t.Sources, func(x report.Source) sourceView { return sourceView(x) }))})
	}
	return &reportOutput{v}, nil
}

func (h reportAPI) made(ctx context.Context, in *reportInput) (report.Report, error) {
	q, err := in.question()
	if err != nil {
		return report.Report{}, err
	}
	return h.svc.Make(ctx, in.Name, q)
}

func (h reportAPI) workbook(ctx context.Context, in *reportInput) (*huma.StreamResponse, error) {
	r, err := h.made(ctx, in)
	if err != nil {
		return nil, err
	}
	return h.send(ctx, r, string(r.AsOf))
}

// send answers a report as a workbook and records that it was taken out; name tells it
// from others of its title.
func (h reportAPI) send(ctx context.Context, r report.Report, name string) (*huma.StreamResponse, error) {
	actor, _ := policies.ActorFrom(ctx)
	lang := requestOf(ctx).lang
	var whole bytes.Buffer
	if err := sheets.Report(&whole, r, sheets.Cover{By: actor.Username, At: h.now()}, lang); err != nil {
		return nil, err
	}
	if err := h.svc.Note(ctx, r, "xlsx"); err != nil {
		return nil, err
	}
	return workbook(words.Render(lang, r.Title)+"_"+name, whole.Bytes()), nil
}
