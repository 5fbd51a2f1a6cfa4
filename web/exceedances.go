package web

import (
	"net/http"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// exceedancesPage is what templates/exceedances.html shows: readings over their limits.
type exceedancesPage struct {
	Shell shell
	Head  listHead
	Lines []exceedanceLine
}

// exceedanceLine is one reading, with the entry that explains it.
type exceedanceLine struct {
	ledger.ExceedanceRecord
	Park  string
	Firm  string
	Class string
	Mark  band
	Name  fault.Text // by how much
	Says  fault.Text
}

func (p *Pages) exceedances(v *visit) error {
	h, names, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	if !h.Narrow { // a month, unless something else is asked for
		h.From = string(p.options.Today().Add(-29))
	}
	f := ledger.ExceedanceFilter{ParkID: v.c.Query("parkId"), EnterpriseID: v.c.Query("enterpriseId"), From: code.Day(h.From), To: code.Day(h.To)}
	found, err := p.options.Ledger.Exceedances(v.ctx, f, h.page("-day"))
	if err != nil {
		return err
	}
	turn(&h, found)
	h.jumps()
	firms, err := firmsOf(p, v, found.Items, func(x ledger.ExceedanceRecord) *models.ID { return x.Entry.EnterpriseID })
	if err != nil {
		return err
	}
	h.exports(v, "exceedances", "")
	page := exceedancesPage{Shell: p.listed(v, fault.T("超标记录")), Head: h}
	for _, x := range found.Items {
		l := exceedanceLineOf(v, x)
		l.Park, l.Firm = h.place(names[string(x.Entry.ParkID)], named(firms, x.Entry.EnterpriseID))
		page.Lines = append(page.Lines, l)
	}
	return p.show(v, http.StatusOK, "exceedances.html", page)
}

func exceedanceLineOf(v *visit, x ledger.ExceedanceRecord) exceedanceLine {
	return exceedanceLine{ExceedanceRecord: x, Class: nameOf(v.lang, x.Entry.TitleZh, x.Entry.TitleEn), Mark: behind, Name: x.Finding.Times(), Says: x.Finding.Sentence()}
}
