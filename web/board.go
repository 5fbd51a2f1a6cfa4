package web

import (
	"net/http"
	"net/url"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// boardPage is what templates/board.html shows: the findings of the list in the columns
// of their states (看板). A card moves by what is done on its own page, never by dragging.
type boardPage struct {
	Shell   shell
	Head    listHead
	List    string // the same findings as a list
	Columns []boardColumn
}

type boardColumn struct {
	Name  fault.Text
	Mark  band
	Total int64
	More  bool // than are shown
	Lines []findingLine
	List  string // all of the column
}

// boardStates are the columns; referred and withdrawn findings have left the way that
// they show, and stand in the list.
var boardStates = []struct {
	state inspection.State
	name  fault.Text
	sort  string
}{{inspection.Open, fault.T("待交办"), "dueOn"}, {inspection.Notified, fault.T("整改中"), "dueOn"}, {inspection.Submitted, fault.T("待复查"), "dueOn"},
	{inspection.Returned, fault.T("已退回"), "dueOn"}, {inspection.Closed, fault.Text{Key: "已销号", English: "Closed"}, "-openedOn"}}

// mostCards is how many a column shows; the rest is a link away.
const mostCards = 12

func (p *Pages) board(v *visit) error {
	h, names, f, err := p.findingsAsked(v)
	if err != nil {
		return err
	}
	page := boardPage{Shell: p.shell(v, fault.T("问题整改")), List: h.seenAt("")}
	page.Shell.Style = p.viewStyle
	var all []inspection.Finding
	asked := f.State
	for _, c := range boardStates {
		column := boardColumn{Name: c.name, Mark: findingBand(c.state), List: h.column(c.state)}
		if asked == "" || asked == c.state {
			f.State = c.state
			q := h.page(c.sort)
			q.Limit, q.Cursor = mostCards, ""
			found, err := p.options.Inspection.Findings(v.ctx, f, q)
			if err != nil {
				return err
			}
			if found.Total != nil {
				column.Total = *found.Total
			}
			column.More = found.Next != ""
			for _, x := range found.Items {
				column.Lines = append(column.Lines, findingLineOf(x, names, p.options.Today()))
			}
			all = append(all, found.Items...)
		}
		h.Total += column.Total
		page.Columns = append(page.Columns, column)
	}
	firms, err := firmsOf(p, v, all, func(f inspection.Finding) *models.ID { return f.EnterpriseID })
	if err != nil {
		return err
	}
	for _, c := range page.Columns {
		for i, l := range c.Lines {
			c.Lines[i].Park, c.Lines[i].Firm = h.place(l.Park, named(firms, l.EnterpriseID))
		}
	}
	page.Head = h
	return p.show(v, http.StatusOK, "board.html", page)
}

// seenAt is the other way of seeing what the address asks for, in full: below the list,
// or the list itself.
func (h listHead) seenAt(below string) string {
	return h.with(strings.TrimSuffix(h.Path, "/board")+below, "")
}

// column is the list of one column.
func (h listHead) column(s inspection.State) string {
	return h.with(strings.TrimSuffix(h.Path, "/board"), string(s))
}

func (h listHead) with(path, state string) string {
	q := url.Values{}
	for k, values := range h.query {
		if !isPlace(k) && values[0] != "" {
			q[k] = values
		}
	}
	if state != "" {
		q["state"] = []string{state}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
