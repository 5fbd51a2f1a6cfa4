package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/report"
)

type noticeView struct {
	FindingID  models.ID `json:"findingId" format:"uuid"`
	Number     string    `json:"number" doc:"问题编号"`
	Official   bool      `json:"official" doc:"true：区管理局的限期整改通知书；false：园区管理机构的整改告知书，依据园区管理约定，不是行政机关的决定"`
	Title      string    `json:"title"`
	Issuer     string    `json:"issuer" doc:"落款"`
	Recipient  string    `json:"recipient" doc:"抬头"`
	Paragraphs []string  `json:"paragraphs" doc:"正文，中文"`
	IssuedOn   code.Day  `json:"issuedOn" format:"date"`
	DueOn      code.Day  `json:"dueOn" format:"date" doc:"通知给出的期限；延期见 extendedTo"`
	ExtendedTo *code.Day `json:"extendedTo" nullable:"true"`
	Officers   string    `json:"officers" doc:"检查人员；没有查看巡查的权限时为空"`
	Photos     int       `json:"photos" doc:"巡查中拍摄这个问题的照片；没有查看巡查的权限时为 0"`
	SHA256     string    `json:"sha256" doc:"发出通知这一步的摘要，与存证内容中的相同"`
	Page       string    `json:"page" doc:"可打印的通知：同一地址，以 Accept: text/html 读取"`
	Demo       bool      `json:"demo,omitempty" doc:"示例数据"`
}

type noticePaperInput struct {
	IDParam
	Accept string `header:"Accept" doc:"text/html：A4 打印页，一个文件 · the notice as a page to print"`
}

func (h inspectionAPI) getNotice(ctx context.Context, in *noticePaperInput) (*paperOutput, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Paper(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &paperOutput{Vary: "Accept"}
	if h.notice != nil && wantsPage(in.Accept) {
		out.ContentType = "text/html; charset=utf-8"
		out.Body, out.Policy, err = h.notice(p)
		return out, err
	}
	f := p.Finding
	v := noticeView{FindingID: f.ID, Number: f.Number, Official: p.Official, Title: p.Title, Issuer: p.Issuer, Recipient: p.Recipient,
		Paragraphs: []string{p.Intro, f.Description, p.Ask + p.Due + p.AskMore, p.Close}, IssuedOn: *f.NotifiedOn, DueOn: p.DueOn,
		Officers: p.Officers, Photos: p.Photos, SHA256: p.Digest, Page: base + "/findings/" + string(id) + "/notice", Demo: f.Demo}
	if p.ExtendedTo != "" {
		v.ExtendedTo = f.DueOn
	}
	out.Body = v
	return out, nil
}

func (h inspectionAPI) noticeBook(ctx context.Context, in *IDParam) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := h.svc.Paper(ctx, id)
	if err != nil {
		return nil, err
	}
	return h.reports.send(ctx, report.Notice(p), p.Finding.Number)
}
