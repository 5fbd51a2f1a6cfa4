package web

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// importPage is what templates/import.html shows: the first two steps of an import, the
// template and the file, and the imports before.
type importPage struct {
	Shell   shell
	Home    string // the page of the visitor's workplace
	Ledgers bool   // the visitor may bring ledgers in
	Groups  []classGroup
	Parks   []option
	Sites   []option // of who files for several firms in the park; none otherwise
	Class   option   // chosen; its name is "" for none
	Out     string   // the list in which what stands goes out in the same columns; "" for none
	Version int
	Park    option
	Site    string
	Recent  []recentImport
	Failure Failure
}

// recentImport is one line of the imports before.
type recentImport struct {
	ID      models.ID
	File    string
	State   exchange.State
	Entries int
	Class   string
	At      string
	Name    fault.Text
}

func importBand(s exchange.State) band {
	switch s {
	case exchange.Committed:
		return onTarget
	case exchange.Undone:
		return noScore
	default:
		return halfway
	}
}

// startImport asks for class and park, then gives the template and takes the file.
func (p *Pages) startImport(v *visit) error {
	return p.showImport(v, http.StatusOK, v.c.Request.URL.Query(), Failure{})
}

func (p *Pages) showImport(v *visit, status int, asked url.Values, failed Failure) error {
	page := importPage{Shell: p.shell(v, fault.T("Excel 导入")), Home: importHome(v), Ledgers: v.may(policies.LedgerCreate) && v.may(policies.LedgerFile), Site: asked.Get("siteId"), Failure: failed}
	page.Shell.Style, page.Shell.Failed = p.importStyle, failed.Detail != ""
	class, known := p.options.Imports.Class(asked.Get("class"))
	if known {
		page.Class, page.Version = option{Value: class.Code, Name: nameOf(v.lang, class.TitleZh, class.TitleEn)}, class.Version
	}
	if v.may(policies.ExportCreate) {
		for _, l := range p.options.Exports.Lists(v.ctx) {
			if known && l.Brings == class.Code {
				page.Out = l.Name
			}
		}
	}
	if page.Ledgers {
		page.Groups = p.classGroups(v, func(c ledger.Class) string { return c.Code })
	}
	if lists := p.options.Imports.Lists(v.ctx); len(lists) > 0 {
		group := classGroup{Name: say(v, fault.T("登记资料"))}
		for _, c := range lists {
			group.Classes = append(group.Classes, option{Value: c.Code, Name: nameOf(v.lang, c.TitleZh, c.TitleEn)})
		}
		page.Groups = append(page.Groups, group)
	}
	if err := p.importPlaces(v, &page, asked.Get("parkId")); err != nil {
		return err
	}
	var err error
	if page.Recent, err = p.recentImports(v, ""); err != nil {
		return err
	}
	return p.show(v, status, "import.html", page)
}

// importPlaces are the parks that the visitor may file in, and the firms where there are
// several of its own. Who has one park is not asked.
func (p *Pages) importPlaces(v *visit, page *importPage, asked string) error {
	all := models.Query{Limit: models.MaxPage}
	parks, err := p.options.Registry.Parks(v.ctx, registry.ParkFilter{}, all)
	if err != nil {
		return err
	}
	for _, park := range parks.Items {
		o := option{string(park.ID), parkName(park), string(park.ID) == asked || len(parks.Items) == 1}
		page.Parks = append(page.Parks, o)
		if o.Chosen {
			page.Park = o
		}
	}
	if page.Park.Value == "" || !v.actor.Holds(policies.EnterpriseUser) {
		return nil
	}
	sites, err := p.options.Registry.Sites(v.ctx, registry.SiteFilter{ParkID: page.Park.Value}, all)
	if err != nil || len(sites.Items) < 2 {
		return err
	}
	firms, err := firmsOf(p, v, sites.Items, func(s registry.Site) *models.ID { return s.EnterpriseID })
	for _, s := range sites.Items {
		page.Sites = append(page.Sites, option{string(s.ID), named(firms, s.EnterpriseID), string(s.ID) == page.Site})
	}
	return err
}

// recentImports are the newest imports but one.
func (p *Pages) recentImports(v *visit, but models.ID) ([]recentImport, error) {
	found, err := p.options.Imports.List(v.ctx, exchange.Filter{}, models.Query{Limit: 6})
	var out []recentImport
	for _, i := range found.Items {
		if i.ID == but || len(out) == 5 {
			continue
		}
		out = append(out, recentImport{i.ID, i.Name, i.Stage(), i.Entries, p.className(v, i), moment(i.CreatedAt)[:16], i.Stage().Word()})
	}
	return out, err
}

func (p *Pages) className(v *visit, i exchange.Import) string {
	class, _ := p.options.Imports.ClassAt(i.Class, i.ClassVersion)
	return nameOf(v.lang, class.TitleZh, class.TitleEn)
}

// sendTemplate gives the workbook to fill in.
func (p *Pages) sendTemplate(v *visit) error {
	class, known := p.options.Imports.Class(v.c.Param("class"))
	if !known {
		return fault.Absent()
	}
	var page importPage
	if err := p.importPlaces(v, &page, v.c.Query("parkId")); err != nil {
		return err
	}
	objects, err := p.options.Imports.Objects(v.ctx, class, page.Park.Value, v.c.Query("siteId"))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := sheets.LedgerTemplate(&b, class, sheets.ObjectsOf(objects), v.lang); err != nil {
		return err
	}
	v.sendWorkbook(sheets.TemplateName(class, v.lang), b.Bytes())
	return nil
}

// sendWorkbook answers a workbook that is kept, never shown.
func (v *visit) sendWorkbook(name string, content []byte) {
	name = strings.TrimSuffix(name, path.Ext(name)) + ".xlsx"
	v.c.Header("Content-Disposition", `attachment; filename="import.xlsx"; filename*=UTF-8''`+strings.ReplaceAll(url.PathEscape(name), "'", "%27"))
	v.c.Header("X-Content-Type-Options", "nosniff")
	v.c.Data(http.StatusOK, sheets.MediaType, content)
}

// bringImport takes the file and checks it.
func (p *Pages) bringImport(v *visit) error {
	i := slices.IndexFunc(v.brought, func(b brought) bool { return b.file != nil || b.err != nil })
	if i < 0 {
		return p.refuseImport(v, fault.New(fault.Invalid, "先选择要上传的文件"))
	}
	if err := v.brought[i].err; err != nil {
		return p.refuseImport(v, err)
	}
	k, err := p.options.Imports.Check(v.ctx, exchange.Upload{ParkID: v.field("parkId"), SiteID: v.field("siteId"), Class: v.field("class"), File: v.brought[i].file})
	if err != nil {
		return p.refuseImport(v, err)
	}
	v.to(importPath(k.ID))
	return nil
}

// refuseImport shows the form again with what keeps the file from being read.
func (p *Pages) refuseImport(v *visit, err error) error {
	f := p.options.Explain(v.ctx, err)
	if f.Status >= http.StatusInternalServerError || f.Status == http.StatusForbidden || f.Status == http.StatusNotFound {
		return err
	}
	return p.showImport(v, f.Status, v.c.Request.PostForm, f)
}

func importPath(id models.ID) string { return "/import/" + string(id) }

// importHome is where imports begin in the workplace of the visitor.
func importHome(v *visit) string { return string(tierOf(v.actor)) + "/import" }
