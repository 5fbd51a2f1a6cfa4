package web

import (
	"encoding/json"
	"net/http"
	"net/url"

	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
)

// loadPage is what templates/loadlist.html shows: the file of another version of the
// checklist of assessments, first checked, then stored.
type loadPage struct {
	Shell   shell
	Content string     // as it came, "" before
	Checked *setupList // what it says, when it may be stored
	Against string     // the version that it is compared with
	Changes []setupChange
	Newest  string // address of the file to begin with
	Failure Failure
	// For the error summary that the forms share.
	Forms []moveForm
	Kept  []saidLine
}

func (p *Pages) loadForm(v *visit) error { return p.showLoad(v, http.StatusOK, loadPage{}) }

func (p *Pages) showLoad(v *visit, status int, page loadPage) error {
	lists, err := p.options.Assessments.Checklists(v.ctx)
	if err != nil {
		return err
	}
	page.Shell = p.shell(v, fault.T("装入评估检查表"))
	page.Shell.Failed = page.Failure.Detail != ""
	page.Against = lists[0].Version // those of the program are always there
	page.Newest = "/c/setup/file?checklist=" + url.QueryEscape(page.Against)
	if page.Checked != nil {
		page.Changes = itemChanges(v, lists[0], page.Checked.Checklist)
	}
	return p.show(v, status, "loadlist.html", page)
}

// loadChecklist checks the file of the form, and stores it when it was seen checked. What
// came is kept through every refusal.
func (p *Pages) loadChecklist(v *visit) error {
	page := loadPage{Content: v.field("content")}
	in, err := assessment.ReadFile([]byte(page.Content))
	if err == nil && v.field("do") == "load" {
		var made assessment.Checklist
		if made, err = p.options.Assessments.Load(v.ctx, in); err == nil {
			v.to("/c/setup?checklist=" + url.QueryEscape(made.Version))
			return nil
		}
	} else if err == nil {
		var list assessment.Checklist
		if list, err = p.options.Assessments.Check(v.ctx, in); err == nil {
			page.Checked = &setupList{Checklist: list, Name: wordsOf(v, list.Title, list.TitleEn)}
			page.Checked.items(v)
			return p.showLoad(v, http.StatusOK, page)
		}
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page.Failure = f
	return p.showLoad(v, f.Status, page)
}

// itemChanges are how the items of a checklist differ from those of another: new, gone, or
// of other words, other worth or another way to be marked.
func itemChanges(v *visit, before, after assessment.Checklist) (all []setupChange) {
	for _, i := range after.Items {
		old, there := before.Item(i.ID)
		change := setupChange{Name: fault.T("新增"), Label: wordsOf(v, i.Name, i.NameEn), Path: i.ID}
		if there {
			change.Name = fault.T("改动")
			change.reads(v, fault.T("名称"), fault.Label{Zh: old.Name, En: old.NameEn}, fault.Label{Zh: i.Name, En: i.NameEn})
			change.differ(v, fault.T("分值"), old.ItemInput.Points, i.ItemInput.Points)
			change.reads(v, fault.T("满分的条件"), fault.Label{Zh: old.Full, En: old.FullEn}, fault.Label{Zh: i.Full, En: i.FullEn})
			change.reads(v, fault.T("部分得分的条件"), fault.Label{Zh: old.Partial, En: old.PartialEn}, fault.Label{Zh: i.Partial, En: i.PartialEn})
			change.differ(v, fault.T("由登记数据计算的比例"), old.Metric, i.Metric)
			if len(change.Said) == 0 {
				continue
			}
		}
		all = append(all, change)
	}
	for _, i := range before.Items {
		if _, there := after.Item(i.ID); !there {
			all = append(all, setupChange{Name: fault.T("删去"), Label: wordsOf(v, i.Name, i.NameEn), Path: i.ID})
		}
	}
	return all
}

// sendChecklist sends a version of the checklist, the newest unless one is asked for, as
// the file that loads one.
func (p *Pages) sendChecklist(v *visit) error {
	all, err := p.options.Assessments.Checklists(v.ctx)
	if err != nil {
		return err
	}
	list := all[0] // those of the program are always there
	if asked := v.c.Query("checklist"); asked != "" {
		if list, err = p.options.Assessments.Checklist(v.ctx, asked); err != nil {
			return err
		}
	}
	content, err := json.MarshalIndent(list.ChecklistInput, "", "  ")
	if err != nil {
		return err
	}
	v.c.Header("Content-Disposition", `attachment; filename="checklist.json"; filename*=UTF-8''`+url.PathEscape(list.Version)+".json")
	v.c.Header("X-Content-Type-Options", "nosniff")
	v.c.Data(http.StatusOK, "application/json; charset=utf-8", append(content, '\n'))
	return nil
}
