package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Balance derives the batches of hazardous waste from the entries and what they have
// filed: what each batch is, whether it stands, and how much of it later steps have
// taken. verify compares the stored ones with it, and history that is loaded in bulk
// gets its batches from it.
type Balance struct {
	classes *Catalogue
	batches map[batchKey]*derived
}

// batchKey names a batch: codes are unique within their owner.
type batchKey struct {
	owner models.ID
	code  string
}

type derived struct {
	batch WasteBatch
	said  Filing // that said so, without its content; none while only others take from it
	taken int64
}

// NewBalance is the balance of no entries.
func NewBalance() *Balance { return &Balance{Embedded(), map[batchKey]*derived{}} }

// Add brings an entry with its last filing into the balance. Entries come in any order.
func (b *Balance) Add(e Entry, f Filing) error {
	class, err := b.classes.of(e)
	if err != nil || class.Waste == nil {
		return err
	}
	content, err := class.Complete([]byte(f.Payload))
	if err != nil {
		return err
	}
	s, _ := stepOf(e, class, content)
	stands := e.State == Filed || e.State == Accepted
	if e.State != Superseded { // whose batch has become that of the amendment
		b.at(s.batch, e).put(s, f, stands)
	}
	if stands {
		for _, from := range s.sources {
			b.at(from.code, e).taken += from.amount
		}
	}
	return nil
}

func (b *Balance) at(batch string, e Entry) *derived {
	key := batchKey{owner(e), batch}
	if b.batches[key] == nil {
		b.batches[key] = &derived{}
	}
	return b.batches[key]
}

// put is the batch as the step makes it, unless another entry has it: one that stands,
// or else the one that was filed last, since the code of a voided entry is free again.
func (d *derived) put(s step, f Filing, stands bool) {
	if d.said.ID != "" && (d.batch.Live || !stands && cmp.Or(d.said.FiledAt.Compare(f.FiledAt), cmp.Compare(d.said.ID, f.ID)) > 0) {
		return
	}
	d.batch = s.row(f.FiledAt)
	d.batch.Live = stands
	d.said = Filing{ID: f.ID, FiledAt: f.FiledAt}
}

// Batches are the rows, in the order of owners and codes; newID names each.
func (b *Balance) Batches(newID func() models.ID) []WasteBatch {
	keys := slices.SortedFunc(maps.Keys(b.batches), func(x, y batchKey) int {
		return cmp.Or(cmp.Compare(x.owner, y.owner), cmp.Compare(x.code, y.code))
	})
	rows := make([]WasteBatch, 0, len(keys))
	for _, key := range keys {
		row := b.batches[key].batch
		row.ID, row.Taken = newID(), b.batches[key].taken
		rows = append(rows, row)
	}
	return rows
}

// Why a stored batch is not what follows from the filings.
const (
	batchAltered = "危险废物批次与台账推算的不一致"
	batchStray   = "这个危险废物批次在台账中没有对应的记录"
	batchMissing = "台账中有这个危险废物批次，批次表中却没有"
)

// take takes a stored batch out of the balance and says what is wrong with it, "" for nothing.
func (b *Balance) take(row WasteBatch) string {
	key := batchKey{row.OwnerID, row.Code}
	d := b.batches[key]
	if d == nil || d.said.ID == "" {
		return batchStray
	}
	delete(b.batches, key)
	want := d.batch
	want.Taken = d.taken
	for _, pair := range [][2]*models.ID{{want.SiteID, row.SiteID}, {want.EnterpriseID, row.EnterpriseID}, {want.FacilityID, row.FacilityID}} {
		if !same(pair[0], pair[1]) {
			return batchAltered
		}
	}
	if !same(want.Jurisdiction, row.Jurisdiction) {
		return batchAltered
	}
	want.Placed, want.FacilityID = row.Placed, row.FacilityID // but for the park these are pointers, compared above
	want.ParkID = d.batch.ParkID
	want.ID, want.UpdatedAt = row.ID, row.UpdatedAt // a name, and the moment of the last attempt
	if want != row {
		return batchAltered
	}
	return ""
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// derivedBatches is how verify derives the batches again.
func derivedBatches(ctx context.Context, db *models.DB) (rows int64, wrong *audit.Wrong, err error) {
	b := NewBalance()
	if err := b.read(ctx, db); err != nil {
		return 0, nil, err
	}
	stored := func() *gorm.DB { return db.Visible(ctx, policies.LedgerRead, &WasteBatch{}) }
	err = audit.Pages(stored, "waste_batches.id", func(w WasteBatch) models.ID { return w.ID }, func(page []WasteBatch) error {
		for _, row := range page {
			if sentence := b.take(row); sentence != "" && wrong == nil {
				wrong = &audit.Wrong{ID: row.ID, Sentence: sentence}
			}
		}
		rows += int64(len(page))
		return nil
	})
	for _, d := range b.batches {
		if wrong == nil || wrong.Sentence == batchMissing && d.batch.EntryID < wrong.ID {
			wrong = &audit.Wrong{ID: d.batch.EntryID, Sentence: batchMissing}
		}
	}
	return rows, wrong, err
}

// read adds every entry of hazardous waste that was filed.
func (b *Balance) read(ctx context.Context, db *models.DB) error {
	var codes []string
	for key, class := range b.classes.all {
		if class.Waste != nil {
			codes = append(codes, key.code)
		}
	}
	filed := func() *gorm.DB {
		return db.Visible(ctx, policies.LedgerRead, &Entry{}).Where("ledger_entries.class IN ? AND ledger_entries.filings > 0", codes)
	}
	return audit.Pages(filed, "ledger_entries.id", func(e Entry) models.ID { return e.ID }, func(page []Entry) error {
		by, ids := make(map[models.ID]Entry, len(page)), make([]models.ID, len(page))
		for i, e := range page {
			by[e.ID], ids[i] = e, e.ID
		}
		var filings []Filing
		if err := db.Visible(ctx, policies.LedgerRead, &Filing{}).Where("entry_id IN ?", ids).Find(&filings).Error; err != nil {
			return err
		}
		for _, f := range filings {
			if e := by[f.EntryID]; f.Number == e.Filings {
				if err := b.Add(e, f); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
