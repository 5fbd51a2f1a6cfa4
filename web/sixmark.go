package web

import (
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
)

// itemForm is the form of one item, or veto, in the column of the visitor; it begins with
// what the column says already.
func (page *sixPage) itemForm(v *visit, i sixItem) moveForm {
	m, there := page.whole.Sheet[page.writes][i.ID]
	form := newMove(v, "/six/"+string(page.Line.ID), page.Writes, columnWord(page.writes), page.itemFields(i, m, there))
	form.Hidden = append(versionOf(page.Line.Version), option{Name: "item", Value: i.ID}, option{Name: "dim", Value: strconv.Itoa(page.Area.Number)})
	form.Brings = page.writes == assessment.Self && page.Area.Number != vetoArea
	return form
}

func (page *sixPage) itemFields(i sixItem, m assessment.Mark, there bool) []formField {
	if page.Area.Number == vetoArea {
		return []formField{{Name: "found", Label: fault.T("存在这种情形"), Kind: "check", Value: ticked(m.Veto)},
			{Name: "reason", Label: fault.T("情况说明，存在时必填，至少 5 个字"), Kind: "area", Value: m.Reason}}
	}
	points := formField{Name: "points", Label: fault.T("得分，0 至 {{.Points}}", "Points", i.Points), Kind: "text"}
	item, _ := page.List.Item(i.ID)
	switch {
	case item.Computed():
		points.Label = fault.T("得分，不填取计算结果；只能改低")
	case page.writes != assessment.Self:
		points.Label = fault.T("得分，0 至 {{.Points}}；不填取前一栏的得分", "Points", i.Points)
	}
	if there && m.Applies && (!item.Computed() || m.Override(item)) {
		points.Value = i.cell(page.writes).Says
	}
	fields := []formField{points, {Name: "notApplicable", Label: fault.T("不适用，不计入分母"), Kind: "check", Value: ticked(there && !m.Applies && !item.Computed())},
		{Name: "reason", Label: fault.T("原因，至少 5 个字；不适用、低于计算结果、与前一栏不同时必填"), Kind: "area", Value: m.Reason},
		{Name: "evidence", Label: fault.T("佐证的文字说明"), Kind: "area", Value: m.Evidence}}
	if page.writes != assessment.Self {
		return fields
	}
	files := formField{Name: "attachments", Label: fault.T("佐证照片、文件，可选多个：JPEG、PNG、PDF、XLSX"), Kind: "files"}
	for _, f := range i.cell(page.writes).Files {
		files.Kept = append(files.Kept, option{Value: f.Value, Name: f.Name, Chosen: true})
	}
	return append(fields, formField{Name: "evidenceOn", Label: fault.T("佐证的日期，在评估年度内"), Kind: "date", Value: string(models.Deref(m.EvidenceOn))}, files)
}

func ticked(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// cell is the column of a side.
func (i sixItem) cell(side assessment.Side) sixCell {
	for n, s := range sides() {
		if s.Side == side {
			return i.Cells[n]
		}
	}
	return sixCell{}
}

// moveSix makes the move of the address and shows the assessment again; what was refused
// is told in the form, with everything as it was entered.
func (p *Pages) moveSix(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	move := v.c.Param("move")
	svc := p.options.Assessments
	switch side, column := columnMoves[move]; {
	case column:
		err = p.markSix(v, side, id, version)
	case move == string(assessment.StepSubmission):
		_, err = svc.Submit(v.ctx, id, version)
	case move == string(assessment.StepCompletion):
		_, err = svc.Complete(v.ctx, id, version)
	case move == string(assessment.StepReturn):
		_, err = svc.Return(v.ctx, id, version, assessment.ReturnInput{Reason: v.field("reason")})
	default:
		return fault.Absent()
	}
	if err == nil {
		return p.sixAfter(v, id, move)
	}
	return p.sixRefused(v, id, move, err)
}

// markSix writes the item of the form, or the ones that were ticked as the column before
// has them.
func (p *Pages) markSix(v *visit, side assessment.Side, id models.ID, version int64) error {
	in, err := p.marksSent(v, side, id)
	if err == nil {
		_, err = p.options.Assessments.Mark(v.ctx, side, id, version, in)
	}
	return err
}

func (p *Pages) marksSent(v *visit, side assessment.Side, id models.ID) (assessment.MarksInput, error) {
	var in assessment.MarksInput
	item, f := v.field("item"), v.field
	veto := f("dim") == strconv.Itoa(vetoArea)
	if veto && item != "" {
		in.Vetoes = []assessment.VetoMarkInput{{Veto: item, Found: f("found") == "true", Reason: f("reason")}}
		return in, nil
	}
	for _, same := range v.c.Request.PostForm["same"] {
		if veto {
			in.Vetoes = append(in.Vetoes, assessment.VetoMarkInput{Veto: same})
		} else {
			in.Items = append(in.Items, assessment.MarkInput{Item: same})
		}
	}
	if item == "" {
		return in, nil
	}
	if err := p.keepSix(v, side, id); err != nil {
		return in, err
	}
	in.Items = []assessment.MarkInput{{Item: item, NotApplicable: f("notApplicable") == "true", Points: f("points"), Reason: f("reason"), Evidence: f("evidence"), EvidenceOn: f("evidenceOn"),
		Attachments: v.c.Request.PostForm["attachments"]}}
	return in, nil
}

// keepSix takes the evidence that came with the form, where the visitor may write the
// column; otherwise nothing is taken and the service says why.
func (p *Pages) keepSix(v *visit, side assessment.Side, id models.ID) error {
	if len(v.brought) == 0 {
		return nil
	}
	a, err := p.options.Assessments.Get(v.ctx, id)
	if err != nil {
		return err
	}
	moves, err := p.options.Assessments.Allowed(v.ctx, a)
	if err != nil || !slices.ContainsFunc(moves, func(m string) bool { s, is := columnMoves[m]; return is && s == side }) {
		return err
	}
	err = p.keepBrought(v, a.ParkID, nil)
	var c fault.Check
	c.Within("/items/0", err)
	if fault.CodeOf(err) == fault.Invalid {
		return c.Err()
	}
	return err
}

// sixAfter leads on: after an item to the next one of its area that waits, after a move to
// the assessment.
func (p *Pages) sixAfter(v *visit, id models.ID, move string) error {
	item := v.field("item")
	if item == "" {
		to := "/six/" + string(id) + "?done=" + move
		if dim := v.field("dim"); dim != "" {
			to += "&dim=" + dim
		}
		v.to(to)
		return nil
	}
	page, err := p.sixOf(v, v.field)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(page.Items, func(i sixItem) bool { return i.ID == item })
	for _, i := range slices.Concat(page.Items[at+1:], page.Items[:at+1]) {
		x, _ := page.List.Item(i.ID)
		if page.waits(i.ID, x.Computed()) && (page.Area.Number != vetoArea || page.writes == assessment.District) {
			v.to(itemAddress(id, page.List, i.ID))
			return nil
		}
	}
	v.to("/six/" + string(id) + "?dim=" + strconv.Itoa(page.Area.Number) + "#" + item)
	return nil
}

// sixRefused shows the assessment with what was said of the form.
func (p *Pages) sixRefused(v *visit, id models.ID, move string, err error) error {
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.sixOf(v, v.field)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	if page.Form != nil && page.Form.Move == move {
		p.itemRefused(v, page.Form, f)
	} else {
		page.Kept = p.refused(v, page.Forms, move, sixFields(move), f)
		page.Missing = waitedFor(v, page.List, id, f, v.c.Request.PostForm["same"])
	}
	return p.show(v, f.Status, "six.html", page)
}

// itemRefused puts what was entered for an item, and what was said of it, into its form.
func (p *Pages) itemRefused(v *visit, form *moveForm, f Failure) {
	form.Failed = true
	for i := range form.Fields {
		field := &form.Fields[i]
		field.Value = v.field(field.Name)
		for _, at := range []string{"/items/0/", "/vetoes/0/"} {
			if said := f.of(at + field.Name); said != "" {
				field.Failure = said
			}
		}
		if field.Kind == "files" {
			field.Kept = p.keptFiles(v)
		}
	}
}

// waitedFor are the items that a refusal names, each with the way to it: by its id where a
// move waits for it, by its place among those that were ticked.
func waitedFor(v *visit, list assessment.Checklist, id models.ID, f Failure, same []string) (all []missing) {
	for _, e := range f.Errors {
		parts := strings.Split(e.Pointer, "/")
		if len(parts) < 3 || parts[1] != "items" && parts[1] != "vetoes" {
			continue
		}
		item := parts[2]
		if n, err := strconv.Atoi(item); err == nil && n < len(same) {
			item = same[n]
		}
		name := ""
		if i, known := list.Item(item); known {
			name = wordsOf(v, i.Name, i.NameEn)
		}
		for _, x := range list.VetoItems {
			if x.ID == item {
				name = wordsOf(v, x.Name, x.NameEn)
			}
		}
		if name != "" {
			all = append(all, missing{item + " " + name, itemAddress(id, list, item), e.Detail})
		}
	}
	return all
}
