package report

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// Period is what a declaration is about.
type Period string

// The periods of declarations.
const (
	Month   Period = "month"
	Quarter Period = "quarter"
	Year    Period = "year"
)

// Name is what people call it.
func (p Period) Name() fault.Text {
	switch p {
	case Month:
		return fault.T("月")
	case Year:
		return fault.T("年")
	}
	return fault.T("季度")
}

// around is the period in which the day lies: its first and its last day.
func (p Period) around(day code.Day) (from, to code.Day) {
	start := day.Start()
	month, months := start.Month(), 1
	switch p {
	case Quarter:
		month, months = month-(month-1)%3, 3
	case Year:
		month, months = time.January, 12
	}
	first := time.Date(start.Year(), month, 1, 0, 0, 0, 0, start.Location())
	return code.DayOf(first), code.DayOf(first.AddDate(0, months, 0)).Add(-1)
}

// Before is the last day of the period before the one in which the day lies.
func (p Period) Before(day code.Day) code.Day {
	from, _ := p.around(day)
	return from.Add(-1)
}

// declared is what declarations are filled from: the ledger of a firm, or of the firms
// of a park, over a period, and the register, both as they were known.
type declared struct {
	*Service
	ctx      context.Context
	asOf     code.Day
	known    audit.Knowledge
	from, to code.Day
	about    []export.Said
	entries  []ledger.Stood // of the period
	before   []ledger.Stood // what went into and out of the stores of hazardous waste before it
	months   []ledger.Stood // summaries of general waste, about the months of the period among others
	firms    map[models.ID]registry.FirmFields
	objects  map[models.ID]string // facilities and outlets
	permits  []registry.Telling[registry.PermitInput]
}

// declare reads what a declaration is filled from. Absent for a firm or a park that the
// caller may not see.
func (s *Service) declare(ctx context.Context, q Question, classes []string) (*declared, error) {
	m, err := s.rooms.Audit.Moment(ctx, audit.Question{AsOf: q.AsOf, KnownAsOf: q.KnownAsOf, KnownSeq: q.KnownSeq})
	if err != nil {
		return nil, err
	}
	d := &declared{Service: s, ctx: ctx, asOf: m.AsOf, known: m.Knowledge, firms: map[models.ID]registry.FirmFields{}, objects: map[models.ID]string{}}
	d.from, d.to = q.Period.around(m.AsOf)
	d.to = min(d.to, m.AsOf)
	asked, err := d.place(q)
	if err != nil {
		return nil, err
	}
	if err := d.register(q); err != nil {
		return nil, err
	}
	for _, read := range []struct {
		into     *[]ledger.Stood
		classes  []string
		from, to code.Day
	}{{&d.entries, classes, d.from, d.to}, {&d.before, storeClasses(), "", d.from.Add(-1)}, {&d.months, []string{flowClass}, d.from, d.to.Add(flowLateDays)}} {
		*read.into, err = s.rooms.Ledger.Standing(ctx, ledger.StandingFilter{ParkID: q.ParkID, EnterpriseID: q.EnterpriseID, Classes: read.classes, From: read.from, To: read.to}, d.known)
		if err != nil {
			return nil, err
		}
	}
	if err := d.names(asked); err != nil {
		return nil, err
	}
	if firm, one := d.firms[models.ID(q.EnterpriseID)]; one {
		d.about = append(d.about, export.Said{What: fault.T("企业名称"), Is: plain(firm.Name)}, export.Said{What: fault.T("统一社会信用代码"), Is: plain(firm.CreditCode)})
	}
	d.about = append(d.about, export.Said{What: fault.T("期间"), Is: fault.T("{{.From}} 至 {{.To}}", "From", string(d.from), "To", string(d.to))},
		export.Said{What: fault.T("台账"), Is: fault.T("{{.N}} 条", "N", len(d.entries))})
	return d, nil
}

// place looks the park and the firm up under the caller's rights, and gives the firm.
func (d *declared) place(q Question) (firms []models.ID, err error) {
	if q.ParkID != "" {
		p, err := d.rooms.Registry.Park(d.ctx, models.ID(q.ParkID))
		if err != nil {
			return nil, err
		}
		d.about = append(d.about, export.Said{What: fault.T("园区编码"), Is: plain(p.Code)}) // which never changes
	}
	if q.EnterpriseID == "" {
		return nil, nil
	}
	_, err = d.rooms.Registry.Enterprise(d.ctx, models.ID(q.EnterpriseID))
	return []models.ID{models.ID(q.EnterpriseID)}, err
}

// register reads facilities, outlets and permits as they were known.
func (d *declared) register(q Question) error {
	h, err := d.rooms.Registry.Histories(d.ctx, registry.HistoryFilter{ParkID: q.ParkID, EnterpriseID: q.EnterpriseID}, &d.known.Seq)
	if err != nil {
		return err
	}
	for _, x := range h.Facilities { // the newest of each comes last
		d.objects[x.ID] = x.Fields.Code + " " + x.Fields.Name
	}
	for _, x := range h.Outlets {
		d.objects[x.ID] = strings.TrimSpace(x.Fields.Code + " " + x.Fields.Name)
	}
	for i, x := range h.Permits {
		newest := i+1 == len(h.Permits) || h.Permits[i+1].ID != x.ID
		if newest && x.ClosedOn == "" && x.Fields.IssuedOn <= string(d.to) {
			d.permits = append(d.permits, x)
		}
	}
	return nil
}

// names reads what the firms are called whose entries are counted.
func (d *declared) names(asked []models.ID) error {
	ids := map[models.ID]bool{}
	for _, id := range asked {
		ids[id] = true
	}
	for _, e := range slices.Concat(d.entries, d.before, d.months) {
		ids[models.Deref(e.EnterpriseID)] = true
	}
	for _, p := range d.permits {
		ids[models.Deref(p.Place.EnterpriseID)] = true
	}
	delete(ids, "")
	told, err := d.rooms.Registry.Firms(d.ctx, slices.Sorted(maps.Keys(ids)), &d.known.Seq)
	for _, t := range told { // the newest comes last
		d.firms[t.ID] = t.Fields
	}
	return err
}

// firm is the name of the firm, "" for the park's own.
func (d *declared) firm(id *models.ID) string { return d.firms[models.Deref(id)].Name }

// who is a firm in a cell.
func who(firm string) export.Cell {
	if firm == "" {
		return fault.T("园区自有")
	}
	return plain(firm)
}

// object is the facility or outlet, "" for none.
func (d *declared) object(id *models.ID) string { return d.objects[models.Deref(id)] }

// option is the label of the option that the entry chose.
func (d *declared) option(e ledger.Stood, pointer string) value {
	class, _ := d.rooms.Ledger.Catalogue().At(e.Class, e.ClassVersion)
	return quoted(e, pointer, class.Word(pointer, e.Text(pointer)))
}

// report is the declaration with its tables.
func (d *declared) report(tables ...Table) Report {
	missing := 0
	for _, t := range tables {
		for _, row := range t.Rows {
			for _, c := range row {
				if c.Key == unsourced().Key {
					missing++
				}
			}
		}
	}
	return Report{AsOf: d.asOf, KnownSeq: &d.known.Seq, Wide: true, About: d.about, Tables: tables, Said: []fault.Text{
		fault.T("各数由已报送、已接受的台账逐条相加，每个单元格取自哪几条台账写在工作簿的隐藏工作表“来源”中；标“无来源”的 {{.N}} 个单元格没有台账可以取数，由填报人补填。", "N", missing)}}
}
