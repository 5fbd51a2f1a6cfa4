package api

import (
	"bytes"
	"context"
	"net/http"
	"path"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

type importAPI struct {
	svc    *exchange.Service
	ledger *ledger.Service
}

// ImportView is an import without what was found row by row.
type ImportView struct {
	Warned
	PlaceView
	ID           models.ID `json:"id" format:"uuid"`
	Class        string    `json:"class"`
	Title        string    `json:"title" doc:"台账类别"`
	Name         string    `json:"name" doc:"文件名"`
	Size         int64     `json:"size" doc:"字节"`
	SHA256       string    `json:"sha256" doc:"文件的散列，十六进制；同一文件再次上传不产生变化"`
	File         string    `json:"file" format:"uri-reference" doc:"下载上传的文件"`
	State        string    `json:"state" enum:"checked,committing,committed,undone" doc:"committing：后台正在写入，全部写完才生效；稍后再读"`
	Checks       int       `json:"checks" doc:"核对过几次"`
	Rows         int       `json:"rows" doc:"文件中有几条记录"`
	Good         int       `json:"good" doc:"可以导入的"`
	Bad          int       `json:"bad" doc:"有错误、不会导入的"`
	Unchanged    int       `json:"unchanged" doc:"已经有相同记录、自动跳过的"`
	FaultCount   int       `json:"faultCount" doc:"错误总数；faults 详列前 1000 处"`
	WarningCount int       `json:"warningCount" doc:"需要留意、可以导入的处数"`
	Selection    string    `json:"selection" enum:",all,good" doc:"导入了哪些行"`
	Filed        bool      `json:"filed" doc:"true：导入时报送；false：存为草稿"`
	Entries      int       `json:"entries" doc:"写入了几条台账；后台写入时为已写的条数"`
	CreatedAt    string    `json:"createdAt" format:"date-time"`
	CreatedBy    models.ID `json:"createdBy"`
	CommittedAt  *string   `json:"committedAt" nullable:"true" format:"date-time"`
	UndoUntil    *string   `json:"undoUntil" nullable:"true" format:"date-time" doc:"在此之前可以整批撤销"`
	UndoneAt     *string   `json:"undoneAt" nullable:"true" format:"date-time"`
}

func (h importAPI) view(lang words.Lang) func(exchange.Import) ImportView {
	return func(i exchange.Import) ImportView {
		class, _ := h.svc.ClassAt(i.Class, i.ClassVersion)
		v := ImportView{PlaceView: placeView0(i.Placed), ID: i.ID, Class: i.Class, Title: Labels{class.TitleZh, class.TitleEn}.in(lang), Name: i.Name, Size: i.Size, SHA256: i.Sum(),
			File: base + "/attachments/" + string(i.FileID) + "/content", State: string(i.Stage()), Checks: i.Checks, Rows: i.Rows, Good: i.Good, Bad: i.Bad, Unchanged: i.Unchanged,
			FaultCount: i.Faults, WarningCount: i.Warnings, Selection: string(i.Selection), Filed: i.Filed, Entries: i.Entries,
			CreatedAt: instant(i.CreatedAt), CreatedBy: i.CreatedBy, CommittedAt: instantOrNull(i.CommittedAt), UndoneAt: instantOrNull(i.UndoneAt)}
		if i.Stage() == exchange.Committing {
			v.Entries = h.svc.Written(i.ID)
		}
		if until := i.UndoUntil(); !until.IsZero() {
			v.UndoUntil = instantOrNull(&until)
		}
		return v
	}
}

type noteView struct {
	Cell       string `json:"cell" doc:"单元格，行号列号与文件一致，例 B8"`
	Row        int    `json:"row" doc:"这条记录的第一行"`
	Kind       string `json:"kind" enum:"day,firm,object,number,required,code,other,standing,odd" doc:"问题类型"`
	Code       string `json:"code" doc:"规则，不随语言变化"`
	Rule       string `json:"rule" doc:"依据的标准，可能为空"`
	Detail     string `json:"detail" doc:"应当怎样、怎样改正"`
	Text       string `json:"text" doc:"单元格现在的内容"`
	Suggestion string `json:"suggestion,omitempty" doc:"建议改成的内容；没有建议的不给出"`
}

type correctionView struct {
	Cell   string    `json:"cell"`
	Before string    `json:"before" doc:"文件中的原值"`
	After  string    `json:"after"`
	At     string    `json:"at" format:"date-time"`
	By     models.ID `json:"by"`
}

type checkedView struct {
	ImportView
	Sheet       string           `json:"sheet" doc:"工作表"`
	Unmatched   []string         `json:"unmatched" doc:"没有用到的列"`
	Refused     []int            `json:"refused" doc:"有错误的行，全部列出"`
	Faults      []noteView       `json:"faults" doc:"前 1000 处错误"`
	Duplicates  []noteView       `json:"duplicates" doc:"已经有相同记录、自动跳过的行"`
	Corrections []correctionView `json:"corrections" doc:"在线更正的单元格"`
	Returned    bool             `json:"returned" doc:"true：后台写入没有成功，什么都没有写入；原因见 faults"`
}

func (h importAPI) checkedOf(lang words.Lang, k exchange.Checked) checkedView {
	v := checkedView{ImportView: h.view(lang)(k.Import), Sheet: k.Report.Name, Unmatched: list0(k.Report.Unmatched), Refused: list0(k.Report.Refused), Returned: k.Refused,
		Faults: []noteView{}, Duplicates: []noteView{}, Corrections: []correctionView{}}
	worth := []ProblemItem{}
	for _, l := range k.Report.Lines {
		for _, n := range l.Notes {
			view := noteView{n.Cell, l.Row, string(n.Kind), n.Code, n.Rule, words.Render(lang, fault.Text(n.Detail)), l.Cells[n.Cell], n.Suggestion}
			switch n.Grave {
			case exchange.Fault:
				v.Faults = append(v.Faults, view)
			case exchange.Hint:
				v.Duplicates = append(v.Duplicates, view)
			default:
				worth = append(worth, items(lang, []fault.Violation{{Pointer: "/" + n.Cell, Code: n.Code, Rule: n.Rule, Detail: fault.Text(n.Detail)}})...)
			}
		}
	}
	v.warn(worth)
	for _, c := range k.Cells {
		v.Corrections = append(v.Corrections, correctionView{c.Cell, c.Before, c.After, instant(c.At), c.ActorID})
	}
	return v
}

type listImportsInput struct {
	ListParams
	ParkID string `query:"parkId" format:"uuid"`
	Class  string `query:"class" maxLength:"100" doc:"台账类别"`
	State  string `query:"state" enum:"checked,committing,committed,undone"`
}

func (h importAPI) list(ctx context.Context, in *listImportsInput) (*list[ImportView], error) {
	page, err := h.svc.List(ctx, exchange.Filter{ParkID: in.ParkID, Class: in.Class, State: in.State}, in.query("", map[string]string{"r": "imports", "p": in.ParkID, "c": in.Class, "s": in.State}))
	return listOf(page, h.view(requestOf(ctx).lang)), err
}

type importInput struct {
	ParkID string `query:"parkId" format:"uuid" doc:"园区；表单中写在表单里，下同"`
	SiteID string `query:"siteId" format:"uuid" doc:"企业场所；园区的，以及企业在园区只有一处的，可以不填"`
	Class  string `query:"class" maxLength:"100" doc:"台账类别，见 GET /ledger-classes；名录为 register.enterprises（企业）、register.facilities（设施）、register.permits（许可证）、inspection.findings（问题）"`
	Name   string `query:"name" maxLength:"300" doc:"文件名，仅供显示；表单中为文件自己的名称"`
}

// create checks a file; what is wrong with its rows is the answer, not a refusal.
func (h importAPI) create(ctx context.Context, in *importInput) (*one[checkedView], error) {
	u := uploadOf(ctx)
	field := func(name, query string) string {
		if v, ok := u.fields[name]; ok {
			return v
		}
		return query
	}
	k, err := h.svc.Check(ctx, exchange.Upload{ParkID: field("parkId", in.ParkID), SiteID: field("siteId", in.SiteID), Class: field("class", in.Class), File: u.file})
	return h.answer(ctx, k, err)
}

func (h importAPI) answer(ctx context.Context, k exchange.Checked, err error) (*one[checkedView], error) {
	if err != nil {
		return nil, err
	}
	return &one[checkedView]{etag(k.ID, k.Version), h.checkedOf(requestOf(ctx).lang, k)}, nil
}

func (h importAPI) get(ctx context.Context, in *IDParam) (*one[checkedView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	k, err := h.svc.Get(ctx, id)
	return h.answer(ctx, k, err)
}

type correctInput struct {
	IDParam
	Payload[exchange.CorrectInput]
}

func (h importAPI) correct(ctx context.Context, in *correctInput) (*one[checkedView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	k, err := h.svc.Correct(ctx, id, in.Body)
	return h.answer(ctx, k, err)
}

type commitInput struct {
	IDParam
	Payload[exchange.CommitInput]
}

// committed is the answer to a commit: done, or left to a job.
type committed struct {
	Status     int
	ETag       string `header:"ETag"`
	Location   string `header:"Location"`
	RetryAfter string `header:"Retry-After"`
	Body       ImportView
}

// background documents that the answer may be that a job does it.
func background(op *huma.Operation) {
	op.Responses = map[string]*huma.Response{"202": {Description: "行数较多，后台写入；稍后读取 Location · many rows, written in the background",
		Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/ImportView"}}}}}
}

func (h importAPI) commit(ctx context.Context, in *commitInput) (*committed, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	i, err := h.svc.Ask(ctx, id, in.Body)
	done, err := h.head(ctx, i, err)
	if err != nil {
		return nil, err
	}
	out := &committed{Status: http.StatusOK, ETag: done.ETag, Body: done.Body}
	if i.Stage() == exchange.Committing {
		out.Status, out.Location, out.RetryAfter = http.StatusAccepted, base+"/imports/"+string(i.ID), "3"
	}
	return out, nil
}

func (h importAPI) undo(ctx context.Context, in *IDParam) (*one[ImportView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	i, err := h.svc.Undo(ctx, id)
	return h.head(ctx, i, err)
}

func (h importAPI) head(ctx context.Context, i exchange.Import, err error) (*one[ImportView], error) {
	if err != nil {
		return nil, err
	}
	return answer(i.ID, i.Version, h.view(requestOf(ctx).lang)(i)), nil
}

// marked gives the sender's own file back with its faults marked.
func (h importAPI) marked(ctx context.Context, in *IDParam) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	k, file, err := h.svc.File(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	class, known := h.svc.ClassAt(k.Class, k.ClassVersion)
	if !known {
		return nil, fault.Absent()
	}
	var whole bytes.Buffer
	if err := sheets.MarkImport(&whole, k, class, file, requestOf(ctx).lang); err != nil {
		return nil, err
	}
	return workbook(strings.TrimSuffix(k.Name, path.Ext(k.Name)), whole.Bytes()), nil
}

type templateInput struct {
	Code   string `path:"code" maxLength:"100" doc:"台账类别，例 treatmentFacility.wastewater；名录为 register.enterprises（企业）、register.facilities（设施）、register.permits（许可证）、inspection.findings（问题）"`
	ParkID string `query:"parkId" required:"true" format:"uuid" doc:"园区，下拉选项取自它的登记"`
	SiteID string `query:"siteId" format:"uuid" doc:"企业场所；园区的，以及企业在园区只有一处的，可以不填"`
}

// table documents an answer that is a workbook.
func table(op *huma.Operation) {
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{sheets.MediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
}

func (h importAPI) template(ctx context.Context, in *templateInput) (*huma.StreamResponse, error) {
	class, known := h.svc.Class(in.Code)
	if !known {
		return nil, fault.Absent()
	}
	objects, err := h.svc.Objects(ctx, class, in.ParkID, in.SiteID)
	if err != nil {
		return nil, err
	}
	var whole bytes.Buffer
	lang := requestOf(ctx).lang
	if err := sheets.LedgerTemplate(&whole, class, sheets.ObjectsOf(objects), lang); err != nil {
		return nil, err
	}
	return workbook(sheets.TemplateName(class, lang), whole.Bytes()), nil
}

// workbook answers a workbook that the program made.
func workbook(name string, content []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		w := humagin.Unwrap(hc).Writer
		w.Header().Set("Content-Type", sheets.MediaType)
		w.Header().Set("Content-Disposition", disposition(strings.TrimSuffix(name, ".xlsx")+".xlsx"))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(content) // a client that has gone is no error of ours
	}}
}
