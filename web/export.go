package web

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/export"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// exportForm asks for a list as it is narrowed on its page.
type exportForm struct {
	List   string
	Rows   string   // a list of the same filters that has all of each row; "" for none
	Fields []option // Name is the filter
}

// exports offers the list to be taken out exactly as it is narrowed: with the days and
// the state that hold where the address names none.
func (h *listHead) exports(v *visit, list string, state string) {
	if !v.may(policies.ExportCreate) {
		return
	}
	h.Export = &exportForm{List: list}
	narrow := map[string]string{"from": h.From, "to": h.To, "state": state}
	if h.Undated {
		delete(narrow, "from")
		delete(narrow, "to")
	}
	for name, values := range h.query {
		if _, set := narrow[name]; !set && name != "cursor" {
			narrow[name] = values[0]
		}
	}
	if slug, there := narrow["district"]; there { // as lists of the API call it
		narrow["jurisdiction"] = slug
	}
	of, _ := export.Find(list)
	for name, value := range narrow {
		if value != "" && slices.ContainsFunc(of.Filters, func(f export.Filter) bool { return f.Name == name }) {
			h.Export.Fields = append(h.Export.Fields, option{Name: name, Value: value})
		}
	}
	slices.SortFunc(h.Export.Fields, func(a, b option) int { return strings.Compare(a.Name, b.Name) })
}

// exportsRows is exports with a list of the same filters that has all of each row, "" for none.
func (h *listHead) exportsRows(v *visit, list, state, rows string) {
	if h.exports(v, list, state); h.Export != nil {
		h.Export.Rows = rows
	}
}

// export sends a list at once, or has a large one written in the background.
func (p *Pages) export(v *visit) error {
	ask := export.Ask{List: v.c.Param("list"), Format: export.Format(v.field("format")), Lang: string(v.lang), Filters: map[string]string{}}
	for name := range v.c.Request.PostForm {
		if name != "form" && name != "format" && name != "number" {
			ask.Filters[name] = v.field(name)
		}
	}
	if _, picks := v.c.Request.PostForm["number"]; picks {
		numbers, err := v.picked()
		if err != nil {
			return err
		}
		ask.Filters["number"] = strings.Join(numbers, ",")
	}
	var file bytes.Buffer // of as many rows as somebody waits for at most
	name, err := p.options.Exports.Take(v.ctx, &file, ask)
	if fault.Is(err, fault.Conflict) {
		if _, err := p.options.Exports.Create(v.ctx, ask); err != nil {
			return err
		}
		v.to("/exports")
		return nil
	}
	if err != nil {
		return err
	}
	v.sendFile(name, ask.Format, file.Len(), &file)
	return nil
}

// sendFile answers a table that is kept, never shown.
func (v *visit) sendFile(name string, format export.Format, size int, content io.Reader) {
	kind := sheets.MediaType
	if format == export.CSV {
		kind = "text/csv; charset=utf-8"
	}
	v.c.DataFromReader(http.StatusOK, int64(size), kind, content, map[string]string{
		"Content-Disposition":    `attachment; filename="export.` + string(format) + `"; filename*=UTF-8''` + strings.ReplaceAll(url.PathEscape(name), "'", "%27"),
		"X-Content-Type-Options": "nosniff",
	})
}

// exportsPage is what templates/exports.html shows: the visitor's own exports.
type exportsPage struct {
	Shell   shell
	Head    listHead
	Lines   []exportLine
	Waiting bool
	Lists   []exportPlace
}

// exportPlace is a list that can be taken out, with the page whose button does it.
type exportPlace struct {
	Title fault.Text
	Page  string
}

// places are the lists that the visitor may take out, each with its page; permits and
// outlets have none of their own and come out by the API.
func (p *Pages) places(v *visit, tier string) []exportPlace {
	pages := map[string]string{"ledgers": "/ledger", "obligations": "/due", "exceedances": "/exceedances", "findings": "/findings", "patrols": "/patrols", "planned-patrols": "/rounds", "draws": "/draws", "parks": "/parks",
		"enterprises": "/firms", "facilities": "/facilities", "assessments": "/six", "grades": "/grades", "tasks": "/tasks"}
	whole := map[string]string{"users": "/users", "audit-records": "/c/audit"} // of no workplace
	served := map[string]bool{}
	for _, l := range p.table() {
		served[l.path] = true
	}
	var all []exportPlace
	for _, l := range p.options.Exports.Lists(v.ctx) {
		page := whole[l.Name]
		if page == "" {
			page = tier + pages[l.Name]
		}
		if pages[l.Name]+whole[l.Name] != "" && served[page] {
			all = append(all, exportPlace{l.Title, page})
		}
	}
	return all
}

// exportLine is one export.
type exportLine struct {
	export.Export
	Name  fault.Text
	Mark  band
	Asked string
	Until string
	Link  string // where the file is, "" where there is none
}

func (p *Pages) exported(v *visit) error {
	h, _, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	q := h.page("")
	q.Exact = false
	found, err := p.options.Exports.List(v.ctx, q)
	if err != nil {
		return err
	}
	turn(&h, found)
	page := exportsPage{Shell: p.listed(v, fault.T("导出文件")), Head: h}
	page.Lists = p.places(v, string(page.Shell.Tier))
	for _, e := range found.Items {
		l := exportLine{Export: e, Name: e.State.Word(), Mark: halfway, Asked: moment(e.CreatedAt), Until: momentOr(e.ExpiresAt)}
		switch {
		case e.Gone(p.options.Now()):
			l.Name, l.Mark = fault.T("已过期，需要时重新导出"), noScore
		case e.State == export.Ready:
			l.Mark, l.Link = onTarget, "/exports/"+string(e.ID)
		case e.State == export.Failed:
			l.Mark = behind
		default:
			page.Waiting = true
		}
		page.Lines = append(page.Lines, l)
	}
	return p.show(v, http.StatusOK, "exports.html", page)
}

// sendExport sends a written export.
func (p *Pages) sendExport(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	e, file, err := p.options.Exports.Open(v.ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	v.sendFile(e.Name, e.Format, int(e.Size), file)
	return nil
}
