package ledger

import (
	"context"
	"slices"
	"strings"

	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Glance is what a list shows of an entry beside its head.
type Glance struct {
	Object  string   // code and name of the facility or the outlet; "" for what is about the whole park or firm
	Figure  *Figure  // nil where the class has none, or nothing was filed
	Verdict Verdict  // of the last filing's readings
	Over    []string // codes of the pollutants that are over their limits
}

// Verdict is the gravest judgement of an entry's readings; "" where it has none.
type Verdict = discharge.Verdict

// Figure is the one number that tells what an entry is about (主要指标).
type Figure struct {
	Label fault.Label
	Value string // in Unit, as filed
	Unit  string
}

// figures are the fields that stand for an entry of their class in a list. A choice of
// the list and not of the class: no version of a class says it, and the numbers of every
// version mean the same under it (TestFiguresOfClasses).
var figures = map[string]string{
	"treatmentFacility.wastewater": "treated", "treatmentFacility.gas": "gasVolume", "park.centralFacility": "treated",
	"productionFacility.load": "actualOutput", "productionFacility.energy": "electricity",
	"hazardousWaste.generated": "quantity", "hazardousWaste.stored": "quantity", "hazardousWaste.released": "quantity", "hazardousWaste.selfTreated": "quantity", "hazardousWaste.sentOut": "quantity",
	"generalWaste.dispatched": "quantity", "generalWaste.generated": "quantity", "generalWaste.stored": "quantity", "generalWaste.selfUsed": "quantity", "generalWaste.selfDisposed": "quantity",
	"park.solidWasteCollection": "quantity", "park.solidWasteTransfer": "quantity", "park.emergencyDrill": "participants", "park.training": "participants",
}

// Figure is the field that stands for the entries of the class; false when none does.
func (c Class) Figure() (Field, bool) {
	name, has := figures[c.Code]
	return c.field("/" + name), has
}

// Glances are what stands beside the heads of a page that the caller has read, by id.
func (s *Service) Glances(ctx context.Context, page []Record) (map[models.ID]Glance, error) {
	out := make(map[models.ID]Glance, len(page))
	var ids []models.ID
	for _, r := range page {
		if r.Filings > 0 {
			ids = append(ids, r.ID)
		}
	}
	filed, err := s.lastFilings(ctx, ids)
	if err != nil {
		return nil, err
	}
	numbers, err := s.figuresOf(ctx, filed)
	if err != nil {
		return nil, err
	}
	objects, err := s.Objects(ctx, page)
	if err != nil {
		return nil, err
	}
	for _, r := range page {
		var g Glance
		for _, id := range []*models.ID{r.FacilityID, r.OutletID} {
			if id != nil && g.Object == "" {
				g.Object = objects[*id].String()
			}
		}
		if f, was := filed[r.ID]; was {
			all, err := f.judgements()
			if err != nil {
				return nil, err
			}
			g.judged(all)
			class, _ := s.classes.At(r.Class, r.ClassVersion)
			if field, has := class.Figure(); has && numbers[f.ID] != "" {
				g.Figure = &Figure{fault.Label{Zh: field.LabelZh, En: field.LabelEn}, numbers[f.ID], field.Unit}
			}
		}
		out[r.ID] = g
	}
	return out, nil
}

// judged takes the gravest of the judgements.
func (g *Glance) judged(all []Judged) {
	for _, j := range all {
		if j.Verdict.Graver(g.Verdict) {
			g.Verdict = j.Verdict
		}
		if j.Verdict == discharge.Exceeded && !slices.Contains(g.Over, j.Pollutant) {
			g.Over = append(g.Over, j.Pollutant)
		}
	}
}

// lastFilings are the last filings of entries, by the entry, without what they say.
func (s *Service) lastFilings(ctx context.Context, entries []models.ID) (map[models.ID]Filing, error) {
	out := make(map[models.ID]Filing, len(entries))
	if len(entries) == 0 {
		return out, nil
	}
	var all []Filing
	err := s.db.Visible(ctx, policies.LedgerRead, &Filing{}).Select("id, entry_id, judged").Where("entry_id IN ?", entries).
		Where(lastOfEntry).Find(&all).Error
	for _, f := range all {
		out[f.EntryID] = f
	}
	return out, err
}

// figuresOf are the figures of filings, by the filing: as entered.
func (s *Service) figuresOf(ctx context.Context, filed map[models.ID]Filing) (map[models.ID]string, error) {
	out := make(map[models.ID]string, len(filed))
	if len(filed) == 0 {
		return out, nil
	}
	var ids []models.ID
	for _, f := range filed {
		ids = append(ids, f.ID)
	}
	var items []Item
	err := s.db.Visible(ctx, policies.LedgerRead, &Item{}).Select("filing_id, raw").Where("filing_id IN ?", ids).Where("path IN ?", figurePaths()).Find(&items).Error
	for _, i := range items {
		out[i.FilingID] = i.Raw
	}
	return out, err
}

func figurePaths() []string {
	var all []string
	for _, name := range figures {
		if !slices.Contains(all, "/"+name) {
			all = append(all, "/"+name)
		}
	}
	slices.Sort(all) // in one order, so that the database knows the statement
	return all
}

// Object is a facility or an outlet as it is called.
type Object struct{ Code, Name string }

func (o Object) String() string { return strings.TrimSpace(o.Code + " " + o.Name) }

// Objects are the facilities and outlets that the entries of a page name, as far as the
// caller may see them.
func (s *Service) Objects(ctx context.Context, page []Record) (map[models.ID]Object, error) {
	var works, outlets []models.ID
	for _, r := range page {
		if r.FacilityID != nil {
			works = append(works, *r.FacilityID)
		}
		if r.OutletID != nil {
			outlets = append(outlets, *r.OutletID)
		}
	}
	out := map[models.ID]Object{}
	if policies.Require(ctx, policies.FacilityRead) != nil {
		return out, nil // what it is about stays in the entry
	}
	if len(works) > 0 {
		var all []registry.Facility
		if err := s.db.Visible(ctx, policies.FacilityRead, &registry.Facility{}).Select("id, code, name").Where("id IN ?", works).Find(&all).Error; err != nil {
			return nil, err
		}
		for _, f := range all {
			out[f.ID] = Object{f.Code, f.Name}
		}
	}
	if len(outlets) > 0 {
		var all []registry.Outlet
		if err := s.db.Visible(ctx, policies.FacilityRead, &registry.Outlet{}).Select("id, code, name").Where("id IN ?", outlets).Find(&all).Error; err != nil {
			return nil, err
		}
		for _, o := range all {
			out[o.ID] = Object{o.Code, o.Name}
		}
	}
	return out, nil
}
