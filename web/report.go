package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/export"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// reportsPage is what templates/reports.html shows: the reports that the visitor may have.
type reportsPage struct {
	Shell shell
	Today code.Day
	Kinds []report.Kind
	Parks []option
	Files bool // the visitor may take files out
	// Of declarations: the visitor's firm, when it is the only one, by its credit code; and
	// the last day of the quarter before this one, which is due now.
	Firm    string
	Quarter code.Day
}

func (p *Pages) reports(v *visit) error {
	page := reportsPage{Shell: p.shell(v, fault.T("报表与导出")), Today: p.options.Today(), Quarter: report.Quarter.Before(p.options.Today()), Kinds: p.options.Reports.Kinds(v.ctx), Files: v.may(policies.ExportCreate)}
	if v.may(policies.ParkRead) {
		parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, models.Query{Limit: models.MaxPage})
		if err != nil {
			return err
		}
		for _, park := range parks.Items {
			page.Parks = append(page.Parks, option{Value: string(park.ID), Name: park.Code + " " + parkName(park)})
		}
	}
	if v.may(policies.EnterpriseRead) {
		firms, err := p.options.Registry.Enterprises(v.ctx, registry.EnterpriseFilter{}, models.Query{Limit: 2})
		if err != nil {
			return err
		}
		if len(firms.Items) == 1 {
			page.Firm = firms.Items[0].CreditCode
		}
	}
	return p.show(v, http.StatusOK, "reports.html", page)
}

// reportPage is what templates/report.html shows: a report that a browser prints.
type reportPage struct {
	Shell  shell
	Report report.Report
	Day    string
	Seq    string // number of the newest change that is counted in, "" where it is told as it stands
	Again  string // address of the same report, whatever comes later; "" where it is told as it stands
	By     string
	At     string
	Digest string
}

// unbroken reports whether a text is a day, a code or a number, which a narrow column of a
// print may not break.
func unbroken(s string) bool {
	return s != "" && len(s) <= 20 && !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || r == ' ' })
}

// asked is the report that the address, or the form, asks for.
func (p *Pages) asked(v *visit, q url.Values) (report.Report, error) {
	ask := report.Question{AsOf: code.Day(q.Get("asOf")), KnownAsOf: q.Get("knownAsOf"), ParkID: q.Get("parkId"), EnterpriseID: q.Get("enterpriseId"), Period: report.Period(q.Get("period"))}
	if firm := q.Get("creditCode"); firm != "" {
		var c fault.Check
		id, err := p.options.Registry.FirmByCode(v.ctx, &c, "/query/creditCode", firm)
		if err := errors.Join(err, c.Err()); err != nil {
			return report.Report{}, err
		}
		ask.EnterpriseID = string(id)
	}
	if s := q.Get("knownSeq"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			var c fault.Check
			c.Cite("/query/knownSeq", "type", "", s, "变更序号应当是整数")
			return report.Report{}, c.Err()
		}
		ask.KnownSeq = &n
	}
	return p.options.Reports.Make(v.ctx, v.c.Param("name"), ask)
}

func (p *Pages) printReport(v *visit) error {
	r, err := p.asked(v, v.c.Request.URL.Query())
	if err != nil {
		return err
	}
	page := reportPage{Shell: p.shell(v, r.Title), Report: r, Day: dayOf(v.lang, r.AsOf), By: v.who.User.DisplayName, At: moment(p.options.Now()), Digest: groups(r.Digest())}
	page.Shell.Style = p.reportStyle
	if r.KnownSeq != nil {
		page.Seq = strconv.FormatInt(*r.KnownSeq, 10)
		again := url.Values{"asOf": {string(r.AsOf)}, "knownSeq": {page.Seq}}
		for _, name := range []string{"parkId", "enterpriseId", "creditCode", "period"} {
			if narrow := v.c.Query(name); narrow != "" {
				again.Set(name, narrow)
			}
		}
		page.Again = "/report/" + r.Name + "?" + again.Encode()
	}
	return p.show(v, http.StatusOK, "report.html", page)
}

// sendReport sends a report as a workbook.
func (p *Pages) sendReport(v *visit) error {
	r, err := p.asked(v, v.c.Request.PostForm)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := sheets.Report(&file, r, sheets.Cover{By: v.actor.Username, At: p.options.Now()}, v.lang); err != nil {
		return err
	}
	if err := p.options.Reports.Note(v.ctx, r, "xlsx"); err != nil {
		return err
	}
	v.sendFile(say(v, r.Title)+"_"+string(r.AsOf)+".xlsx", export.XLSX, file.Len(), &file)
	return nil
}
