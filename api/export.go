package api

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"parkregistry/internal/words"
	"parkregistry/models/export"
	"parkregistry/sheets"
)

type exportAPI struct{ svc *export.Service }

type exportListView struct {
	Name    string             `json:"name" doc:"清单，例 ledgers"`
	Title   string             `json:"title"`
	Columns []string           `json:"columns" doc:"各列的标题；enterprise-rows、facility-rows、permit-rows、finding-rows 先是导入模板的各列，再是系统的列"`
	Filters []exportFilterView `json:"filters"`
	Must    string             `json:"must" doc:"必须给出的条件；没有为空。ledger-rows 的列随 class 而定，columns 之前是这类台账导入模板的各列"`
}

type exportFilterView struct {
	Name  string `json:"name" doc:"与这份清单的查询参数同名"`
	Title string `json:"title"`
}

type exportListsOutput struct {
	Body struct {
		Items []exportListView `json:"items"`
	}
}

func (h exportAPI) lists(ctx context.Context, _ *struct{}) (*exportListsOutput, error) {
	lang, out := requestOf(ctx).lang, new(exportListsOutput)
	out.Body.Items = []exportListView{}
	for _, l := range h.svc.Lists(ctx) {
		v := exportListView{Name: l.Name, Title: words.Render(lang, l.Title), Columns: []string{}, Filters: []exportFilterView{}, Must: l.Must}
		for _, c := range l.Columns {
			v.Columns = append(v.Columns, words.Render(lang, c.Title))
		}
		for _, f := range l.Filters {
			v.Filters = append(v.Filters, exportFilterView{f.Name, words.Render(lang, f.Title)})
		}
		out.Body.Items = append(out.Body.Items, v)
	}
	return out, nil
}

// ExportView is an export as the API writes it.
type ExportView struct {
	Warned
	ID        string            `json:"id"`
	List      string            `json:"list"`
	Format    string            `json:"format" enum:"xlsx,csv"`
	Filters   map[string]string `json:"filters"`
	State     string            `json:"state" enum:"waiting,ready,failed" doc:"waiting：在后台导出，稍后再查询"`
	Expected  int64             `json:"expected" doc:"提出时的行数"`
	Rows      int               `json:"rows" doc:"写入文件的行数"`
	Size      int64             `json:"size" doc:"字节"`
	Name      string            `json:"name" doc:"文件名，写完以后才有"`
	CreatedAt string            `json:"createdAt" format:"date-time"`
	ReadyAt   *string           `json:"readyAt" format:"date-time" nullable:"true"`
	ExpiresAt *string           `json:"expiresAt" format:"date-time" nullable:"true" doc:"此后不再保留"`
	Content   string            `json:"content" doc:"下载的地址"`
}

func exportOf(e export.Export) ExportView {
	filters := e.Filters.V
	if filters == nil {
		filters = map[string]string{}
	}
	return ExportView{ID: string(e.ID), List: e.List, Format: string(e.Format), Filters: filters, State: string(e.State), Expected: e.Expected, Rows: e.Rows, Size: e.Size, Name: e.Name,
		CreatedAt: instant(e.CreatedAt), ReadyAt: instantOrNull(e.ReadyAt), ExpiresAt: instantOrNull(e.ExpiresAt), Content: base + "/exports/" + string(e.ID) + "/content"}
}

type listExportsInput struct{ ListParams }

func (h exportAPI) list(ctx context.Context, in *listExportsInput) (*list[ExportView], error) {
	page, err := h.svc.List(ctx, in.query("", map[string]string{"r": "exports"}))
	return listOf(page, exportOf), err
}

type createExportInput struct {
	Body struct {
		List    string            `json:"list" maxLength:"60" doc:"见 GET /export-lists"`
		Format  string            `json:"format,omitempty" enum:"xlsx,csv" default:"xlsx"`
		Filters map[string]string `json:"filters,omitempty" doc:"与这份清单的查询参数同名，例 {\"from\": \"2021-11-01\"}"`
	}
}

func (h exportAPI) create(ctx context.Context, in *createExportInput) (*one[ExportView], error) {
	e, err := h.svc.Create(ctx, export.Ask{List: in.Body.List, Format: export.Format(in.Body.Format), Lang: string(requestOf(ctx).lang), Filters: in.Body.Filters})
	if err != nil {
		return nil, err
	}
	v := exportOf(e)
	v.warn([]ProblemItem{})
	return answer(e.ID, e.Version, v), nil
}

func (h exportAPI) get(ctx context.Context, in *IDParam) (*one[ExportView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	e, err := h.svc.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return answer(e.ID, e.Version, exportOf(e)), nil
}

// exported documents an answer that is a written list.
func exported(op *huma.Operation) {
	content := map[string]*huma.MediaType{}
	for _, kind := range []string{sheets.MediaType, "text/csv"} {
		content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
}

func (h exportAPI) content(ctx context.Context, in *IDParam) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	e, file, err := h.svc.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = file.Close() }()
		w := humagin.Unwrap(hc).Writer
		w.Header().Set("Content-Type", sheets.MediaType)
		if e.Format == export.CSV {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		}
		w.Header().Set("Content-Disposition", disposition(e.Name))
		w.Header().Set("Content-Length", strconv.FormatInt(e.Size, 10))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(http.StatusOK)
		_, _ = io.Copy(w, file) // a client that has gone is no error of ours
	}}, nil
}
