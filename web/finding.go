package web

import (
	"encoding/json"
	"net/http"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
)

// findingPage is what templates/finding.html shows: one finding, what the visitor may do
// with it now, and what happened to it.
type findingPage struct {
	Shell   shell
	Line    findingLine
	Opened  string
	Stages  []stage
	Forms   []moveForm
	Steps   []stepLine
	Failure Failure
	Kept    []saidLine // what was entered into a form that is no longer open
	Done    fault.Text
	last    inspection.Move
	bases   []inspection.Basis
}

// stage is one of the six steps of a finding's way.
type stage struct {
	Name fault.Text
	Done bool
	Now  bool
}

// moveNames are the moves as people call them.
func moveName(m inspection.Move) fault.Text {
	switch m {
	case inspection.MoveNotice:
		return fault.T("发整改通知")
	case inspection.MoveAcknowledgement:
		return fault.T("签收")
	case inspection.MoveRectification:
		return fault.T("提交整改")
	case inspection.MoveReview:
		return fault.T("复查")
	case inspection.MoveExtension:
		return fault.T("延期")
	case inspection.MoveReferralRequest:
		return fault.T("提请移交")
	case inspection.MoveReferral:
		return fault.T("移交执法")
	}
	return fault.T("撤销")
}

// saidOf is what somebody entered with a step, as far as it is there for others to read.
func saidOf(s inspection.Step, again map[models.ID]int) []saidLine {
	var body struct {
		Text, Note, Measure, Cost, DoneOn, Opinion, CaseResult, CaseNumber string
		Attachments                                                        []files.Fixed
	}
	if json.Unmarshal([]byte(s.Body), &body) != nil {
		return nil // of another shape: the step itself still tells what happened
	}
	note := fault.T("签收说明")
	if s.Kind == inspection.StepKind(inspection.MoveRectification) {
		note = fault.T("佐证说明")
	}
	all := []saidLine{{Label: fault.T("整改要求"), Value: body.Text}, {Label: fault.T("整改措施"), Value: body.Measure}, {Label: fault.T("完成日期"), Value: body.DoneOn},
		{Label: fault.T("费用（元）"), Value: body.Cost}, {Label: note, Value: body.Note}}
	for _, a := range body.Attachments {
		label := fault.T("佐证照片、文件")
		if n := again[a.ID]; n > 0 {
			label = fault.T("佐证照片、文件（第 {{.N}} 次提交时已经用过）", "N", n)
		}
		all = append(all, saidLine{label, "SHA-256 " + groups(a.SHA256), "/api/v1/attachments/" + string(a.ID) + "/content"})
	}
	all = append(all, saidLine{Label: fault.T("复查意见"), Value: body.Opinion}, saidLine{Label: fault.T("移交执法后的处理结果"), Value: body.CaseResult}, saidLine{Label: fault.T("案号"), Value: body.CaseNumber})
	return slices.DeleteFunc(all, func(l saidLine) bool { return l.Value == "" })
}

// basisName is a ground for a referral in words.
func basisName(b inspection.Basis) fault.Text {
	switch b {
	case inspection.SecondReturn:
		return fault.T("第二次退回")
	case inspection.Refusal:
		return fault.T("拒不整改")
	default:
		return fault.T("涉嫌违法")
	}
}

// fieldsOf are what a move asks for; bases are the grounds for a referral that there are.
func fieldsOf(v *visit, m inspection.Move, bases []inspection.Basis) []formField {
	reason := formField{Name: "reason", Label: fault.T("原因，至少 5 个字"), Kind: "area", Required: true}
	choice := func(name string, label fault.Text, options ...option) formField {
		return formField{Name: name, Label: label, Kind: "select", Required: true, Options: options}
	}
	switch m {
	case inspection.MoveNotice:
		return []formField{{Name: "text", Label: fault.T("整改要求"), Kind: "area"}, {Name: "dueOn", Label: fault.T("整改期限，不填按严重程度推算"), Kind: "date"}}
	case inspection.MoveAcknowledgement:
		return []formField{{Name: "note", Label: fault.T("签收说明"), Kind: "area"}}
	case inspection.MoveRectification:
		return []formField{{Name: "measure", Label: fault.T("整改措施"), Kind: "area", Required: true}, {Name: "doneOn", Label: fault.T("完成日期"), Kind: "date", Required: true},
			{Name: "cost", Label: fault.T("费用（元），没有花费的填 0"), Kind: "text", Required: true}, {Name: "attachments", Label: fault.T("佐证照片、文件，可选多个：JPEG、PNG、PDF、XLSX"), Kind: "files", Required: true},
			{Name: "note", Label: fault.T("佐证说明"), Kind: "area"}}
	case inspection.MoveReview:
		return []formField{choice("result", fault.T("结论"), option{Value: "close", Name: say(v, fault.T("通过，销号"))}, option{Value: "return", Name: say(v, fault.T("不通过，退回"))}),
			{Name: "opinion", Label: fault.T("复查意见"), Kind: "area"}, {Name: "reason", Label: fault.T("退回的原因，至少 5 个字"), Kind: "area"}, {Name: "dueOn", Label: fault.T("退回后的新期限"), Kind: "date"},
			{Name: "caseResult", Label: fault.T("移交执法后的处理结果"), Kind: "area"}, {Name: "caseNumber", Label: fault.T("案号"), Kind: "text"}}
	case inspection.MoveExtension:
		return []formField{{Name: "dueOn", Label: fault.T("新的整改期限"), Kind: "date", Required: true}, reason}
	case inspection.MoveReferralRequest, inspection.MoveReferral:
		grounds := make([]option, len(bases))
		for i, b := range bases {
			grounds[i] = option{Value: string(b), Name: say(v, basisName(b))}
		}
		return []formField{choice("basis", fault.T("依据"), grounds...), reason, {Name: "caseNumber", Label: fault.T("案号"), Kind: "text"}}
	case inspection.MoveWithdrawal:
		return []formField{choice("cause", fault.T("依据"), option{Value: string(inspection.Mistaken), Name: say(v, fault.T("误报"))}, option{Value: string(inspection.Duplicate), Name: say(v, fault.T("重复登记"))}), reason}
	}
	return nil
}

// make carries a move out with what the form says.
func (p *Pages) make(v *visit, m inspection.Move, id models.ID) error {
	svc, f := p.options.Inspection, v.field
	var err error
	switch m {
	case inspection.MoveNotice:
		_, err = svc.Notify(v.ctx, id, inspection.NoticeInput{Text: f("text"), DueOn: f("dueOn")})
	case inspection.MoveAcknowledgement:
		_, err = svc.Acknowledge(v.ctx, id, inspection.AcknowledgementInput{Note: f("note")})
	case inspection.MoveRectification:
		err = p.rectify(v, id)
	case inspection.MoveReview:
		_, err = svc.ReviewFinding(v.ctx, id, inspection.ReviewInput{Result: f("result"), Opinion: f("opinion"), Reason: f("reason"), DueOn: f("dueOn"), CaseResult: f("caseResult"), CaseNumber: f("caseNumber")})
	case inspection.MoveExtension:
		_, err = svc.Extend(v.ctx, id, inspection.ExtensionInput{DueOn: f("dueOn"), Reason: f("reason")})
	case inspection.MoveReferralRequest:
		_, err = svc.RequestReferral(v.ctx, id, inspection.ReferralInput{Basis: inspection.Basis(f("basis")), Reason: f("reason"), CaseNumber: f("caseNumber")})
	case inspection.MoveReferral:
		_, err = svc.Refer(v.ctx, id, inspection.ReferralInput{Basis: inspection.Basis(f("basis")), Reason: f("reason"), CaseNumber: f("caseNumber")})
	case inspection.MoveWithdrawal:
		_, err = svc.Withdraw(v.ctx, id, inspection.WithdrawalInput{Cause: inspection.Cause(f("cause")), Reason: f("reason")})
	default:
		return fault.Absent()
	}
	return err
}

// rectify takes what came with the form and hands it in with what was entered. Where
// the visitor may not, nothing is taken and the service says why.
func (p *Pages) rectify(v *visit, id models.ID) error {
	f, err := p.options.Inspection.Finding(v.ctx, id)
	if err != nil {
		return err
	}
	moves, err := p.options.Inspection.Allowed(v.ctx, f)
	if err != nil {
		return err
	}
	if slices.Contains(moves, inspection.MoveRectification) {
		if err := p.keepBrought(v, f.ParkID, f.SiteID); err != nil {
			return err
		}
	}
	_, err = p.options.Inspection.Rectify(v.ctx, id, inspection.RectificationInput{Measure: v.field("measure"), DoneOn: v.field("doneOn"), Cost: v.field("cost"),
		Attachments: v.c.Request.PostForm["attachments"], Note: v.field("note")})
	return err
}

func (p *Pages) finding(v *visit) error {
	page, err := p.findingOf(v)
	if err != nil {
		return err
	}
	if m := inspection.Move(v.c.Query("done")); m != "" && m == page.last { // it was the last thing that happened
		page.Done = moveName(m)
	}
	return p.show(v, http.StatusOK, "finding.html", page)
}

func (p *Pages) findingOf(v *visit) (findingPage, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return findingPage{}, fault.Absent()
	}
	f, err := p.options.Inspection.Finding(v.ctx, id)
	if err != nil {
		return findingPage{}, err
	}
	page := findingPage{Shell: p.shell(v, fault.T("问题 {{.Number}}", "Number", f.Number)), Line: findingLineOf(f, nil, p.options.Today()), Opened: dayOf(v.lang, f.OpenedOn), Stages: stagesOf(f), bases: f.Bases()}
	if page.Line.Park, page.Line.Firm, err = p.placeOf(v, f.Placed); err != nil {
		return page, err
	}
	moves, err := p.options.Inspection.Allowed(v.ctx, f)
	if err != nil {
		return page, err
	}
	for _, m := range moves {
		if fields := fieldsOf(v, m, page.bases); fields != nil {
			form := newMove(v, "/finding/"+string(id), string(m), moveName(m), fields)
			form.Brings = m == inspection.MoveRectification
			page.Forms = append(page.Forms, form)
		}
	}
	steps, err := p.options.Inspection.Steps(v.ctx, id)
	if len(steps) > 0 {
		page.last = inspection.Move(steps[len(steps)-1].Kind)
	}
	again := inspection.ShownAgain(steps)
	for _, s := range slices.Backward(steps) {
		name := fault.T("发现")
		if s.Kind != inspection.StepOpening {
			name = moveName(inspection.Move(s.Kind))
		}
		page.Steps = append(page.Steps, stepLine{Name: name, At: moment(s.At), By: bodyOf(string(s.ActorOrg)), Reason: s.Reason, DueOn: string(models.Deref(s.DueOn)), Said: saidOf(s, again[s.ID])})
	}
	return page, err
}

// stagesOf are the steps of the way, of a finding that goes it: what was referred or
// withdrawn has left it.
func stagesOf(f inspection.Finding) []stage {
	if f.State == inspection.Referred || f.State == inspection.Withdrawn {
		return nil
	}
	all := []stage{{Name: fault.T("发现")}, {Name: fault.T("交办")}, {Name: fault.T("签收")}, {Name: fault.T("整改")}, {Name: fault.T("复查")}, {Name: fault.T("销号")}}
	at := 0
	switch f.State {
	case inspection.Notified:
		at = 2
		if f.AcknowledgedAt != nil {
			at = 3
		}
	case inspection.Returned:
		at = 3
	case inspection.Submitted:
		at = 4
	case inspection.Closed:
		at = len(all)
	default:
		at = 1
	}
	for i := range all {
		all[i].Done, all[i].Now = i < at, i == at
	}
	return all
}

// moveFinding makes the move of the address and shows the finding again; what was
// refused is told in the form, with everything as it was entered.
func (p *Pages) moveFinding(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	m := inspection.Move(v.c.Param("move"))
	if err = p.make(v, m, id); err == nil {
		v.to("/finding/" + string(id) + "?done=" + string(m))
		return nil
	}
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError || f.Status == http.StatusNotFound {
		return err
	}
	page, err := p.findingOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, string(m), fieldsOf(v, m, page.bases), f)
	return p.show(v, f.Status, "finding.html", page)
}
