package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/task"
)

// inboxPage is what templates/inbox.html shows: what waits for the visitor, whichever room
// knows of it.
type inboxPage struct {
	Shell   shell
	Day     string
	Count   string
	Overdue int
	More    bool // there is more than is looked at
	Lines   []waitingLine
	First   string // way back to the first page, "" on it
	Next    string
}

// waitingLine is one thing that waits.
type waitingLine struct {
	inbox.Item
	Name fault.Text
	Park string
	Firm string
	Path string // where it is done
	Due  string
}

// About says in one line what it is about.
func (l waitingLine) About() string {
	parts := slices.DeleteFunc([]string{l.Number, l.Park, l.Firm}, func(s string) bool { return s == "" })
	return strings.Join(parts, " · ")
}

// inbox shows a page of what waits.
func (p *Pages) inbox(v *visit) error {
	b, err := p.options.Inbox.Box(v.ctx)
	if err != nil {
		return err
	}
	page := inboxPage{Shell: p.shell(v, fault.T("待办")), Day: dayOf(v.lang, b.AsOf), Count: strconv.Itoa(len(b.Items)), Overdue: b.Overdue(), More: b.More}
	rest, err := portion(v, b.Items, &page.First, &page.Next)
	if err != nil {
		return err
	}
	if page.Lines, err = p.waitingLines(v, rest, b.AsOf); err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "inbox.html", page)
}

func (p *Pages) waitingLines(v *visit, all []inbox.Item, today code.Day) ([]waitingLine, error) {
	if len(all) == 0 {
		return nil, nil
	}
	parks, err := p.parkNames(v)
	if err != nil {
		return nil, err
	}
	firms, err := firmsOf(p, v, all, func(i inbox.Item) *models.ID { return i.EnterpriseID })
	if err != nil {
		return nil, err
	}
	lines := make([]waitingLine, len(all))
	for n, i := range all {
		l := waitingLine{Item: i, Name: waitingName(i), Park: parks[string(models.Deref(i.ParkID))], Firm: named(firms, i.EnterpriseID), Path: waitingPath(tierOf(v.actor), i)}
		switch {
		case i.Overdue:
			l.Due = "over"
		case i.DueOn != nil:
			if l.Due = dueIn(*i.DueOn, today); l.Due == "over" { // what is late is said by its room
				l.Due = "today"
			}
		}
		lines[n] = l
	}
	return lines, nil
}

// waitingName is the move that is waited for, as people call it.
func waitingName(i inbox.Item) fault.Text {
	switch i.Kind {
	case inbox.KindFinding:
		if i.What == string(inspection.MoveAcknowledgement) { // still to be done
			return fault.Text{Key: "签收", English: "Acknowledge the notice"}
		}
		return moveName(inspection.Move(i.What))
	case inbox.KindDraw:
		return fault.T("抽到的现场检查")
	case inbox.KindPatrol:
		return fault.T("轮到的巡查")
	case inbox.KindTask:
		return taskMoveName(task.Move(i.What))
	case inbox.KindLedger:
		return fault.T("重新报送退回的台账")
	case inbox.KindGrade:
		return gradeMoveName(grade.Move(i.What))
	case inbox.KindPark:
		return fault.T("决定试点认定")
	}
	if i.What == "submission" {
		return fault.T("重新提交退回的评估")
	}
	return fault.T("核查园区自评")
}

// waitingPath is the page on which it is done.
func waitingPath(t tier, i inbox.Item) string {
	id := string(i.ID)
	switch i.Kind {
	case inbox.KindPatrol:
		return string(t) + "/rounds?parkId=" + string(models.Deref(i.ParkID))
	case inbox.KindAssessment:
		return "/six/" + id
	}
	return "/" + i.Kind + "/" + id
}
