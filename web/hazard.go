package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// hazardPage is what templates/hazard.html shows: the stock of hazardous waste (危险废物),
// by store and waste, or the batches of one of these.
type hazardPage struct {
	Shell   shell
	Head    listHead
	Lines   []stockLine
	Batches []batchLine
	Of      string // the store whose batches are shown, "" for the stock
	Held    string // t, of all
	Over    lainCount
	Near    lainCount
	Cut     bool // there are more stores and wastes than are told
	Records bool // the visitor may file
}

// stockLine is what one store holds of one waste.
type stockLine struct {
	ledger.Stock
	Park, Firm, Store string
	Amount            string
	Path              string // of its batches
	lain
}

// batchLine is one batch in a store.
type batchLine struct {
	ledger.Stored
	In, Out, Amount string
	lain
}

// lain is how long something has lain in a store, against the limit.
type lain struct {
	Days  int
	Until code.Day
	Due   string // over, soon, later
}

// lainCount is how many have lain so long, with the way to them.
type lainCount struct {
	N    int
	Path string
}

// lainNames are what the stock can be narrowed to.
var lainNames = map[string]fault.Text{"over": fault.T("贮存超过 1 年"), "soon": fault.T("30 天内满 1 年")}

// nearLimit is how many days before its end the limit of storage is pointed out.
const nearLimit = 30

func lainOf(from, until, today code.Day) lain {
	l := lain{today.Sub(from), until, "later"}
	switch {
	case until < today:
		l.Due = "over"
	case until <= today.Add(nearLimit):
		l.Due = "soon"
	}
	return l
}

func (p *Pages) hazard(v *visit) error {
	h, parks, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	h.Undated = true
	q := v.c.Query
	f := ledger.StockFilter{ParkID: q("parkId"), EnterpriseID: q("enterpriseId"), FacilityID: q("facilityId"), WasteCode: q("wasteCode")}
	all, err := p.options.Ledger.Stocks(v.ctx, f)
	if err != nil {
		return err
	}
	page := hazardPage{Shell: p.listed(v, fault.T("危险废物")), Cut: len(all) == ledger.MaxStock, Records: v.may(policies.LedgerCreate)}
	today := p.options.Today()
	due := func(s ledger.Stock) string { return lainOf(s.Oldest, s.LastDay(), today).Due }
	page.Over, page.Near = lainCount{Path: h.narrowed("lain", "over")}, lainCount{Path: h.narrowed("lain", "soon")}
	for _, s := range all {
		switch due(s) {
		case "over":
			page.Over.N++
		case "soon":
			page.Near.N++
		}
	}
	if asked := q("lain"); asked != "" {
		all = slices.DeleteFunc(all, func(s ledger.Stock) bool { return due(s) != asked })
	}
	var held int64
	for _, s := range all {
		held += s.Held
	}
	page.Held = code.Decimal(held)
	if f.FacilityID != "" && f.WasteCode != "" {
		err = p.hazardBatches(v, &page, &h, f)
	} else {
		err = p.hazardStock(v, &page, &h, all, parks)
	}
	page.Head = h
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "hazard.html", page)
}

// hazardStock shows a page of the stock.
func (p *Pages) hazardStock(v *visit, page *hazardPage, h *listHead, all []ledger.Stock, parks map[string]string) error {
	h.Total, h.Counted = int64(len(all)), !page.Cut
	shown, err := portion(v, all, &h.First, &h.Next)
	if err != nil {
		return err
	}
	ids := make([]models.ID, len(shown))
	for i, s := range shown {
		ids[i] = s.FacilityID
	}
	stores, err := p.options.Registry.FacilitiesNamed(v.ctx, ids)
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, shown, func(s ledger.Stock) *models.ID { return s.EnterpriseID })
	if err != nil {
		return err
	}
	for _, s := range shown {
		l := stockLine{Stock: s, Store: stores[s.FacilityID], Amount: code.Decimal(s.Held), lain: lainOf(s.Oldest, s.LastDay(), p.options.Today())}
		l.Park, l.Firm = h.place(parks[string(s.ParkID)], named(firms, s.EnterpriseID))
		l.Path = h.Path + "?" + url.Values{"facilityId": {string(s.FacilityID)}, "wasteCode": {s.WasteCode}}.Encode()
		page.Lines = append(page.Lines, l)
	}
	return nil
}

// hazardBatches shows the batches of one waste in one store.
func (p *Pages) hazardBatches(v *visit, page *hazardPage, h *listHead, f ledger.StockFilter) error {
	found, err := p.options.Ledger.StoredBatches(v.ctx, f, h.page("day"))
	if err != nil {
		return err
	}
	turn(h, found)
	stores, err := p.options.Registry.FacilitiesNamed(v.ctx, []models.ID{models.ID(f.FacilityID)})
	page.Of = stores[models.ID(f.FacilityID)]
	for _, b := range found.Items {
		page.Batches = append(page.Batches, batchLine{b, code.Decimal(b.Quantity), code.Decimal(b.Taken), code.Decimal(b.Left()), lainOf(b.Day, b.LastDay(), p.options.Today())})
	}
	return err
}

// portion is one page of what was read whole: from where the address says, with the ways to
// the first page and to the next.
func portion[T any](v *visit, all []T, first, next *string) ([]T, error) {
	q := v.c.Request.URL.Query()
	q.Del("lang")
	asked := q.Get("skip")
	skip, err := strconv.Atoi(asked)
	if asked != "" && (err != nil || skip < 0) {
		return nil, strange("skip", asked)
	}
	at := func(skip int) string {
		q.Del("skip")
		if skip > 0 {
			q.Set("skip", strconv.Itoa(skip))
		}
		if len(q) == 0 {
			return v.c.Request.URL.Path
		}
		return v.c.Request.URL.Path + "?" + q.Encode()
	}
	if skip > 0 {
		*first = at(0)
	}
	all = all[min(skip, len(all)):]
	if size := sizeIn(q); len(all) > size {
		*next = at(skip + size)
		all = all[:size]
	}
	return all, nil
}
