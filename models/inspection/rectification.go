package inspection

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// RectificationInput is what was done (整改), with its proof (佐证).
type RectificationInput struct {
	Measure     string   `json:"measure" doc:"整改措施"`
	Cost        string   `json:"cost" doc:"费用，元，至多 2 位小数；没有花费的填 0"`
	DoneOn      string   `json:"doneOn" format:"date" doc:"完成日期，不早于发现日期，不晚于今天"`
	Attachments []string `json:"attachments" format:"uuid" doc:"佐证照片、文件：本人为同一园区、同一企业场所上传的附件的编号，见 /attachments，1–50 个；再次提交时可以再写以前用过的"`
	Note        string   `json:"note,omitempty" doc:"佐证说明"`
}

// Parse checks everything before it answers.
func (in RectificationInput) Parse() (RectificationInput, error) {
	var c fault.Check
	in.Measure = fault.Must(&c, "/measure", in.Measure, code.ParseLongText(2000))
	in.Cost = fault.Must(&c, "/cost", in.Cost, code.ParseAmount(2))
	fault.Must(&c, "/doneOn", in.DoneOn, code.ParseDay)
	in.Note = fault.Parse(&c, "/note", in.Note, code.ParseLongText(1000))
	if len(in.Attachments) == 0 {
		c.Fail("/attachments", "required", "整改佐证至少一张照片或者一个文件：先上传附件，再写附件编号；只有文字说明不能提交")
	}
	named := files.ParseIDs(&c, "/attachments", in.Attachments)
	in.Attachments = make([]string, len(named))
	for i, id := range named {
		in.Attachments[i] = string(id)
	}
	return in, c.Err()
}

// Rectification hands in what was done, the first time or after a return.
func (f Finding) Rectification(in RectificationInput, proof Proof, by By, now time.Time) (Advance, error) {
	fixed := files.Fix(proof.Files)
	a, err := f.advance(MoveRectification, by, now, handedIn{in, fixed})
	if err != nil {
		return a, err
	}
	if done := code.Day(in.DoneOn); done < f.OpenedOn || done > a.About {
		var c fault.Check
		c.Fail("/doneOn", "range", "完成日期应当在发现日期 {{.From}} 至今天之间", "From", string(f.OpenedOn))
		return Advance{}, c.Err()
	}
	a.Proof = files.Sums(fixed)
	a.After.State, a.After.SubmittedBy, a.After.SubmittedOrg, a.After.SubmittedOn = Submitted, models.Ref(by.User), by.Org, models.Ref(a.About)
	a.Counts[MeasureSubmitted] = 1
	if f.Overdue(a.About) {
		a.warn("/doneOn", "late", "已经超过整改期限 {{.Due}}", "Due", string(*f.DueOn))
	}
	for _, at := range slices.Sorted(maps.Keys(proof.Doubled)) {
		a.warn("/attachments/"+strconv.Itoa(at), "sameFile", "与第 {{.First}} 个附件内容相同，只算一个", "First", proof.Doubled[at]+1)
	}
	for _, at := range slices.Sorted(maps.Keys(proof.Again)) {
		a.warn("/attachments/"+strconv.Itoa(at), "shownBefore", "第 {{.N}} 次提交整改时已经用过内容相同的附件，复查人也会看到", "N", proof.Again[at])
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
		named, err := files.Look(tx, policies.FindingRectify, files.Owner{Kind: "finding", ID: f.ID, Place: f.Placed}, idsOf(in.Attachments))
		if err != nil {
			return Advance{}, err
		}
		repeated, err := again(tx, f, named.All)
		if err != nil {
			return Advance{}, err
		}
		doubled := named.Once()
		a, err := f.Rectification(in, Proof{named.All, doubled, repeated}, by, tx.Now())
		if err != nil {
			return a, err
		}
		return a, named.Tie(tx)
	})
}

func idsOf(raw []string) []models.ID {
	ids := make([]models.ID, len(raw))
	for i, id := range raw {
		ids[i] = models.ID(id)
	}
	return ids
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
