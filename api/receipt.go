package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/negotiation"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/proof"
	"parkregistry/models/report"
)

type receiptAPI struct {
	svc *ledger.Receipts
	// page is the printable form and its content security policy; nil where the program has no pages.
	page    func(lang words.Lang, r ledger.Receipt) (page []byte, policy string, err error)
	reports reportAPI // as a workbook
}

// receiptView is a receipt file: what format names is proven, statement is the leaf
// read out, ledger is for people.
type receiptView struct {
	Format     string         `json:"format" doc:"park.receipt.v1"`
	LeafIndex  *int64         `json:"leafIndex" nullable:"true" doc:"在存证日志中的序号；编号之前为 null，按 Retry-After 再取"`
	Leaf       *string        `json:"leaf" nullable:"true" doc:"存证内容，base64"`
	Path       []string       `json:"path" doc:"RFC 6962 §2.1.1 的包含证明，base64"`
	Checkpoint *string        `json:"checkpoint" nullable:"true" doc:"签名的检查点"`
	PublicKey  *string        `json:"publicKey" nullable:"true" doc:"签名的公钥，应当与另行取得的公钥相同"`
	Payload    string         `json:"payload" doc:"报送的原文，逐字节；其 SHA-256 在存证内容之中"`
	Judged     string         `json:"judged" doc:"报送时对监测值的判定，逐字节；其 SHA-256 在存证内容之中（facts.judged）。没有监测值的为空"`
	Statement  *statementView `json:"statement,omitempty" doc:"由存证内容读出；编号之前没有"`
	Ledger     receiptLedger  `json:"ledger" doc:"供阅读；名称不在证明之内"`
	Page       string         `json:"page" doc:"可打印的回执页：同一地址，以 Accept: text/html 读取"`
}

type statementView struct {
	ChangeID     models.ID       `json:"changeId"`
	At           string          `json:"at" format:"date-time"`
	ActorID      models.ID       `json:"actorId"`
	Action       string          `json:"action"`
	ObjectKind   string          `json:"objectKind"`
	ObjectID     models.ID       `json:"objectId"`
	ParkID       string          `json:"parkId"`
	Jurisdiction string          `json:"jurisdiction"`
	EnterpriseID string          `json:"enterpriseId"`
	AboutOn      code.Day        `json:"aboutOn" format:"date"`
	Counts       json.RawMessage `json:"counts"`
	Facts        json.RawMessage `json:"facts"`
}

type receiptLedger struct {
	ID          models.ID       `json:"id" format:"uuid"`
	Number      string          `json:"number"`
	Class       string          `json:"class"`
	ClassTitle  string          `json:"classTitle"`
	Day         code.Day        `json:"day" format:"date"`
	Slot        string          `json:"slot"`
	State       string          `json:"state"`
	Park        string          `json:"park"`
	Enterprise  string          `json:"enterprise"`
	Filing      int             `json:"filing" doc:"第几次报送"`
	FiledAt     string          `json:"filedAt" format:"date-time"`
	FiledBy     models.ID       `json:"filedBy"`
	FiledByName string          `json:"filedByName" doc:"报送人的账号；操作留痕中没有为空"`
	FiledAs     string          `json:"filedAs"`
	Late        bool            `json:"late"`
	Backfilled  bool            `json:"backfilled"`
	SHA256      string          `json:"sha256"`
	Judgements  []judgementView `json:"judgements" doc:"由 judged 读出，加上判定时的候选限值"`
}

type receiptInput struct {
	IDParam
	Accept string `header:"Accept" doc:"text/html：可打印的回执页，一个文件 · the receipt as a page to print"`
	Filing int    `query:"filing" minimum:"1" maximum:"10000" doc:"第几次报送；不填为最近一次"`
}

// paperOutput is what can be printed, in the form that was asked for: its view, or the
// bytes of the page.
type paperOutput struct {
	RetryAfter  string `header:"Retry-After"`
	Vary        string `header:"Vary"`
	ContentType string `header:"Content-Type"`
	Policy      string `header:"Content-Security-Policy"`
	Body        any
}

// twoForms documents the answer, whose type Go cannot tell.
func twoForms[View any](m *mount) option {
	return func(op *huma.Operation) {
		view := huma.SchemaFromType(m.api.OpenAPI().Components.Schemas, reflect.TypeFor[View]())
		op.Responses = map[string]*huma.Response{"200": {Content: map[string]*huma.MediaType{
			"application/json": {Schema: view}, "text/html": {Schema: &huma.Schema{Type: "string"}}}}}
	}
}

// wantsPage reports whether the page is preferred to JSON.
func wantsPage(accept string) bool {
	return negotiation.SelectQValue(accept, []string{"application/json", "text/html"}) == "text/html"
}

func (h receiptAPI) get(ctx context.Context, in *receiptInput) (*paperOutput, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Of(ctx, id, in.Filing)
	if err != nil {
		return nil, err
	}
	out := &paperOutput{Vary: "Accept, Accept-Language"}
	if r.Proof == nil {
		out.RetryAfter = "1"
	}
	lang := requestOf(ctx).lang
	if h.page != nil && wantsPage(in.Accept) {
		out.ContentType = "text/html; charset=utf-8"
		out.Body, out.Policy, err = h.page(lang, r)
		return out, err
	}
	v := receiptView{Format: proof.ReceiptFormat, Path: []string{}, Payload: r.Filing.Payload, Judged: r.Filing.Judged, Ledger: receiptLedgerOf(lang, r),
		Page: base + "/ledgers/" + string(id) + "/receipt?filing=" + strconv.Itoa(r.Filing.Number)}
	if r.Proof != nil {
		err = v.prove(*r.Proof)
	}
	out.Body = v
	return out, err
}

type receiptBookInput struct {
	IDParam
	Filing int `query:"filing" minimum:"1" maximum:"10000" doc:"第几次报送；不填为最近一次"`
}

func (h receiptAPI) workbook(ctx context.Context, in *receiptBookInput) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Of(ctx, id, in.Filing)
	if err != nil {
		return nil, err
	}
	book, err := report.Receipt(r)
	if err != nil {
		return nil, err
	}
	return h.reports.send(ctx, book, r.Entry.Number)
}

func receiptLedgerOf(lang words.Lang, r ledger.Receipt) receiptLedger {
	f := r.Filing
	return receiptLedger{r.Entry.ID, r.Entry.Number, r.Entry.Class, Labels{r.Class.TitleZh, r.Class.TitleEn}.in(lang), r.Entry.Day, r.Entry.Slot, string(r.Entry.State),
		r.Park, r.Firm, f.Number, instant(f.FiledAt), f.FiledBy, r.Filer, f.FiledAs, f.Late(), f.Backfilled(), hex.EncodeToString(f.Digest), judgementsOf(lang, f.Judgements)}
}

// prove adds the proof and reads the leaf out.
func (v *receiptView) prove(p proof.Receipt) error {
	leaf, ok := proof.DecodeLeaf(p.Leaf)
	at, err := strconv.ParseInt(leaf.At, 10, 64)
	if !ok || err != nil {
		return fault.New(fault.Internal, "存证内容读不懂")
	}
	v.LeafIndex, v.Leaf = &p.LeafIndex, ptr(base64.StdEncoding.EncodeToString(p.Leaf))
	for _, h := range p.Path {
		v.Path = append(v.Path, base64.StdEncoding.EncodeToString(h))
	}
	v.Checkpoint, v.PublicKey = &p.Checkpoint, &p.PublicKey
	v.Statement = &statementView{models.ID(leaf.ID), instant(time.Unix(at, 0)), models.ID(leaf.Actor), leaf.Action, leaf.Kind, models.ID(leaf.Object), leaf.Park,
		leaf.Jurisdiction, leaf.Enterprise, code.Day(leaf.About), json.RawMessage(leaf.Counts), json.RawMessage(leaf.Facts)}
	return nil
}
