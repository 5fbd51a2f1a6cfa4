package ledger

import (
	"bytes"
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the ledgers: each entry with its filings, their
// numbers, what the screen found in them, and its steps; each lock with its steps. The
// batches of hazardous waste follow from the entries.
func Verifiable() []audit.Source {
	entries := audit.SourceOf[Entry]("ledger", policies.LedgerRead, entryRows)
	entries.Derived = []audit.Derived{{Table: "waste_batches", Compare: derivedBatches}}
	return []audit.Source{
		entries,
		audit.SourceOf[PeriodLock]("period", policies.PeriodRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
			var steps []PeriodStep
			err := db.Visible(ctx, policies.PeriodRead, &PeriodStep{}).Where("lock_id IN ?", f.IDs).Find(&steps).Error
			for _, s := range steps {
				f.Add(s.LockID, s.ChangeID, s)
			}
			return err
		}),
	}
}

func entryRows(ctx context.Context, db *models.DB, f *audit.Found) error {
	var filings []Filing
	if err := db.Visible(ctx, policies.LedgerRead, &Filing{}).Where("entry_id IN ?", f.IDs).Find(&filings).Error; err != nil {
		return err
	}
	type numbered struct {
		entry  models.ID
		number int
	}
	judged, err := soundJudgements(ctx, db, filings)
	if err != nil {
		return err
	}
	byID, byNumber, ids := make(map[models.ID]Filing, len(filings)), make(map[numbered]models.ID, len(filings)), make([]models.ID, len(filings))
	for i, row := range filings {
		f.Add(row.EntryID, row.ChangeID, row)
		if !bytes.Equal(row.Digest, sum(row.Payload)) {
			f.Wrong(row.EntryID, "报送内容与其摘要不一致")
		}
		if !judged[i] {
			f.Wrong(row.EntryID, "评判所依据的限值缺失，或者与其编号不符")
		}
		byID[row.ID], byNumber[numbered{row.EntryID, row.Number}], ids[i] = row, row.ChangeID, row.ID
	}
	var steps []Step
	if err := db.Visible(ctx, policies.LedgerRead, &Step{}).Where("entry_id IN ?", f.IDs).Find(&steps).Error; err != nil {
		return err
	}
	for _, s := range steps {
		f.Add(s.EntryID, s.ChangeID, s)
	}
	// By the filing, not by the entry that they name: a number that was given to another
	// entry is missed here.
	var items []Item
	if err := db.Visible(ctx, policies.LedgerRead, &Item{}).Where("filing_id IN ?", ids).Find(&items).Error; err != nil {
		return err
	}
	for _, i := range items {
		f.Add(byID[i.FilingID].EntryID, byID[i.FilingID].ChangeID, i)
	}
	var odd []Oddity
	err = db.Visible(ctx, policies.LedgerRead, &Oddity{}).Where("entry_id IN ?", f.IDs).Find(&odd).Error
	for _, o := range odd {
		f.Add(o.EntryID, byNumber[numbered{o.EntryID, o.Filing}], o)
	}
	return err
}
