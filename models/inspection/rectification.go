package inspection

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Evidence is one piece of proof. A photograph or a document is named by the
// SHA-256 of its bytes as they were taken; a note is words.
type Evidence struct {
	Kind   string `json:"kind" enum:"photo,document,note" doc:"照片、文件、文字说明"`
	SHA256 string `json:"sha256,omitempty" doc:"照片或者文件的 SHA-256，64 位十六进制"`
	Text   string `json:"text,omitempty" doc:"说明；文字说明必填"`
}

func (e Evidence) parse(c *fault.Check, at string) Evidence {
	e.Text = fault.Parse(c, at+"/text", e.Text, code.ParseLongText(1000))
	e.SHA256 = fault.Parse(c, at+"/sha256", e.SHA256, parseSHA256)
	if !c.Required(at+"/kind", e.Kind) {
		return e
	}
	oneOf(c, at+"/kind", e.Kind, []string{"photo", "document", "note"})
	switch {
	case e.Kind == "note" && e.Text == "" && !c.Has(at+"/text"):
		c.Required(at+"/text", "")
	case e.Kind != "note" && e.SHA256 == "" && !c.Has(at+"/sha256"):
		c.Required(at+"/sha256", "")
	}
	return e
}

// parseSHA256 takes a SHA-256 in hex.
func parseSHA256(s string) (string, error) {
	s = strings.ToLower(s)
	if b, err := hex.DecodeString(s); err != nil || len(b) != 32 {
		return "", fault.Broken("pattern", "GB/T 18238.3", "SHA-256 应当是 64 位十六进制")
	}
	return s, nil
}

// RectificationInput is what was done (整改).
type RectificationInput struct {
	Measure  string     `json:"measure" doc:"整改措施"`
	Cost     string     `json:"cost,omitempty" doc:"费用，元，至多 2 位小数"`
	DoneOn   string     `json:"doneOn" format:"date" doc:"完成日期，不早于发现日期，不晚于今天"`
	Evidence []Evidence `json:"evidence" doc:"佐证，至少一项"`
}

// Parse checks everything before it answers.
func (in RectificationInput) Parse() (RectificationInput, error) {
	var c fault.Check
	in.Measure = fault.Must(&c, "/measure", in.Measure, code.ParseLongText(2000))
	in.Cost = fault.Parse(&c, "/cost", in.Cost, code.ParsePositive(2))
	fault.Must(&c, "/doneOn", in.DoneOn, code.ParseDay)
	switch n := len(in.Evidence); {
	case n == 0:
		c.Fail("/evidence", "required", "至少提供一项佐证：照片、文件或者文字说明")
	case n > 50:
		c.Fail("/evidence", "maxItems", "不能超过 {{.Max}} 项", "Max", 50)
	}
	all := make([]Evidence, len(in.Evidence))
	for i, e := range in.Evidence {
		all[i] = e.parse(&c, "/evidence/"+strconv.Itoa(i))
	}
	in.Evidence = all
	return in, c.Err()
}

// Rectification hands in what was done, the first time or after a return.
func (f Finding) Rectification(in RectificationInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveRectification, by, now, in)
	if err != nil {
		return a, err
	}
	if done := code.Day(in.DoneOn); done < f.OpenedOn || done > a.About {
		var c fault.Check
		c.Fail("/doneOn", "range", "完成日期应当在发现日期 {{.From}} 至今天之间", "From", string(f.OpenedOn))
		return Advance{}, c.Err()
	}
	a.After.State, a.After.SubmittedBy, a.After.SubmittedOrg, a.After.SubmittedOn = Submitted, models.Ref(by.User), by.Org, models.Ref(a.About)
	a.Counts[MeasureSubmitted] = 1
	if f.Overdue(a.About) {
		a.warn("/doneOn", "late", "已经超过整改期限 {{.Due}}", "Due", string(*f.DueOn))
	}
	only := true
	for _, e := range in.Evidence {
		only = only && e.Kind == "note"
	}
	if only {
		a.warn("/evidence", "noteOnly", "佐证中没有照片或者文件，复查时可能退回")
	}
	return a, nil
}

// Rectify is Rectification of the caller: notified or returned → submitted.
func (s *Service) Rectify(ctx context.Context, id models.ID, in RectificationInput) (Outcome, error) {
	if err := policies.Require(ctx, policies.FindingRectify); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, MoveRectification, func(tx *models.Tx, f Finding, by By) (Advance, error) {
		return f.Rectification(in, by, tx.Now())
	})
}

// Results of a review.
const (
	ResultClose  = "close"  // 销号
	ResultReturn = "return" // 复查不通过
)

// ReviewInput is the result of a review (复查).
type ReviewInput struct {
	Result     string `json:"result" enum:"close,return" doc:"销号、退回"`
	Opinion    string `json:"opinion,omitempty" doc:"复查意见"`
	Reason     string `json:"reason,omitempty" doc:"退回的原因，至少 5 个字"`
	DueOn      string `json:"dueOn,omitempty" format:"date" doc:"退回后的新期限"`
	CaseResult string `json:"caseResult,omitempty" doc:"移交执法后的处理结果；已移交的问题销号时必填"`
	CaseNumber string `json:"caseNumber,omitempty" doc:"案号"`
}

// Parse checks everything before it answers.
func (in ReviewInput) Parse() (ReviewInput, error) {
	var c fault.Check
	in.Opinion = fault.Parse(&c, "/opinion", in.Opinion, code.ParseLongText(2000))
	in.CaseResult = fault.Parse(&c, "/caseResult", in.CaseResult, code.ParseLongText(1000))
	in.CaseNumber = fault.Parse(&c, "/caseNumber", in.CaseNumber, code.ParseText(100))
	if c.Required("/result", in.Result) {
		oneOf(&c, "/result", in.Result, []string{ResultClose, ResultReturn})
	}
	if in.Result == ResultReturn {
		in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
		fault.Must(&c, "/dueOn", in.DueOn, code.ParseDay)
		return in, c.Err()
	}
	in.Reason = fault.Parse(&c, "/reason", in.Reason, code.ParseReason)
	if in.DueOn != "" {
		c.Fail("/dueOn", "unexpected", "只有退回时填写新的期限")
	}
	return in, c.Err()
}

// Review closes a rectification or sends it back; a finding that went to
// enforcement it closes with the result of the case.
func (f Finding) Review(in ReviewInput, by By, now time.Time) (Advance, error) {
	a, err := f.advance(MoveReview, by, now, in)
	if err != nil {
		return a, err
	}
	var c fault.Check
	switch {
	case f.State == Referred && in.Result == ResultReturn:
		c.Fail("/result", "referred", "已移交执法的问题只能按处理结果销号")
	case f.State == Referred:
		c.Required("/caseResult", in.CaseResult)
	case in.Result == ResultReturn && code.Day(in.DueOn) < a.About:
		c.Fail("/dueOn", "order", "新的期限不能早于今天")
	}
	if f.State == Submitted && in.CaseResult+in.CaseNumber != "" {
		c.Fail("/caseResult", "unexpected", "没有移交执法的问题不填处理结果")
	}
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	a.Step.Reason = in.Reason
	if in.Result == ResultClose {
		a.closed(Closed, MeasureClosed)
		return a, nil
	}
	due := code.Day(in.DueOn)
	a.After.State, a.After.DueOn, a.After.Returns = Returned, &due, f.Returns+1
	a.Step.DueOn = &due
	a.Counts[MeasureReturned] = 1
	a.warnDayOff("/dueOn", &due)
	if a.After.Returns >= secondReturn {
		a.warn("/result", "secondReturn", "已经第 {{.Count}} 次退回，可以移交执法", "Count", a.After.Returns)
	}
	return a, nil
}

// ReviewFinding is Review of the caller: submitted → closed or returned.
func (s *Service) ReviewFinding(ctx context.Context, id models.ID, in ReviewInput) (Outcome, error) {
	if err := policies.Require(ctx, policies.FindingReview); err != nil {
		return Outcome{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Outcome{}, err
	}
	return s.move(ctx, id, MoveReview, func(tx *models.Tx, f Finding, by By) (Advance, error) { return f.Review(in, by, tx.Now()) })
}
