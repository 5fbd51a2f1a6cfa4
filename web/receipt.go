package web

import (
	"encoding/hex"
	"encoding/json"
	"html/template"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
	"parkregistry/models/proof"
)

// receiptPage is what templates/receipt.html shows: one filing on paper.
type receiptPage struct {
	Lang          words.Lang
	Style         template.CSS // ours, as embedded
	Script        template.JS  // ours, as embedded
	Receipt       ledger.Receipt
	Class         string
	Reporter      string // the organisation by its name
	State         fault.Text
	Day           string
	Slot          string // what tells the entries of a day apart: shift, batch, event
	FiledAs       fault.Text
	Timeliness    fault.Text
	FiledAt       string
	OccurredAt    string
	RecordedAt    string
	ReceivedAt    string
	Content       [][]said    // by lines
	Proof         *provenPage // nil while the filing waits for its number
	VerifyAddress string
}

// provenPage is the proof on paper.
type provenPage struct {
	File      json.RawMessage // the receipt itself: a saved page can be verified
	Index     int64
	Size      int64
	LeafHash  string
	Digest    string
	Root      string
	SignedAt  string
	KeyID     string
	Note      string  // the checkpoint as it was signed
	Code      *qrCode // nil where the leaf is longer than a code holds
	Scannable bool    // the code is a link that a phone opens
}

const printScript = `document.getElementById("print").addEventListener("click",()=>print())`

// Receipt makes the printable form of a receipt and the content security policy that
// goes with it. It is one file without anything beside it, so that it can be saved,
// sent and printed years later.
func (p *Pages) Receipt(lang words.Lang, r ledger.Receipt) (page []byte, policy string, err error) {
	style, err := static("receipt.css")
	if err != nil {
		return nil, "", err
	}
	f := r.Filing
	v := receiptPage{Lang: lang, Style: template.CSS(style), Script: template.JS(printScript), Receipt: r, //nolint:gosec // both are part of the program
		Reporter: reporterOf(r), Class: words.Name(lang, fault.Label{Zh: r.Class.TitleZh, En: r.Class.TitleEn}), State: r.Entry.State.Word(), Day: dayOf(lang, r.Entry.Day),
		Slot: nameOf(lang, r.Class.Slot.LabelZh, r.Class.Slot.LabelEn), FiledAs: filedAs(f.FiledAs),
		Timeliness: timeliness(f), FiledAt: moment(f.FiledAt), OccurredAt: momentOr(f.OccurredAt), RecordedAt: moment(f.RecordedAt), ReceivedAt: moment(f.ReceivedAt)}
	if v.Content, err = contentOf(lang, r.Class, f.Payload); err != nil {
		return nil, "", err
	}
	if r.Proof != nil {
		if v.Proof, err = provenOf(*r.Proof); err != nil {
			return nil, "", err
		}
		compact, err := r.Proof.Compact()
		if err != nil {
			return nil, "", err
		}
		v.VerifyAddress = p.verifyLink(compact)
		if code, err := qrCodeOf(v.VerifyAddress); err == nil {
			v.Proof.Code = &code
		}
		v.Proof.Scannable = p.options.Public != ""
	}
	page, err = p.render(lang, "receipt.html", v)
	return page, strictPolicy(style), err
}

// verifyLink is the verifier with a receipt behind #, which a browser keeps to itself.
func (p *Pages) verifyLink(compact string) string { return p.options.Public + "/verify/#" + compact }

// provenOf reads a proof out, after checking it: what does not hold is not printed.
func provenOf(r proof.Receipt) (*provenPage, error) {
	keys, err := proof.ReadKeys(r.PublicKey)
	if err != nil {
		return nil, err
	}
	said, err := r.Open(keys)
	if err != nil {
		return nil, err
	}
	file, err := json.Marshal(r)
	return &provenPage{File: file, Index: r.LeafIndex, Size: said.Checkpoint.Size, LeafHash: groups(hex.EncodeToString(proof.LeafHash(r.Leaf))), Digest: groups(said.Digest),
		Root: groups(hex.EncodeToString(said.Checkpoint.Root[:])), SignedAt: moment(said.Checkpoint.At), KeyID: said.KeyID, Note: r.Checkpoint}, err
}

// groups makes a long hash readable aloud: eight digits at a time.
func groups(digits string) string {
	var b strings.Builder
	for i := range digits {
		if i > 0 && i%8 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

func momentOr(at *time.Time) string {
	if at == nil {
		return "--"
	}
	return moment(*at)
}

// timeliness is how the filing stands to its day; what was in time needs no word of praise.
func timeliness(f ledger.FilingRecord) fault.Text {
	switch {
	case f.Backfilled():
		return fault.T("补报")
	case f.Late():
		return fault.T("迟报")
	}
	return fault.T("按时")
}

// reporterOf is the name of whom a filing was made for.
func reporterOf(r ledger.Receipt) string {
	if strings.HasPrefix(r.Filing.FiledAs, "enterprise:") {
		return r.Firm
	}
	return r.Park
}

// filedAs says for whom a filing was made.
func filedAs(organisation string) fault.Text {
	kind, _, _ := strings.Cut(organisation, ":")
	switch kind {
	case "park":
		return fault.T("园区管理机构")
	case "enterprise":
		return fault.T("企业")
	}
	return fault.Text{Key: organisation}
}

var weekdays = []fault.Text{fault.T("周日"), fault.T("周一"), fault.T("周二"), fault.T("周三"), fault.T("周四"), fault.T("周五"), fault.T("周六")}

// dayOf is a civil day with its weekday.
func dayOf(lang words.Lang, d code.Day) string {
	weekday := words.Render(lang, weekdays[d.Weekday()])
	if lang == words.English {
		return string(d) + " (" + weekday + ")"
	}
	return string(d) + "（" + weekday + "）"
}
