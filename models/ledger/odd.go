package ledger

import (
	"context"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger/screen"
	"parkregistry/policies"
)

// Oddity is what the screen found when an entry was filed. It is kept because its
// neighbours move on: the filer was told this, and the district sees the same.
type Oddity struct {
	EntryID models.ID `gorm:"primaryKey"`
	Filing  int       `gorm:"primaryKey;autoIncrement:false"` // number of the filing
	Rule    string    `gorm:"primaryKey"`
	Pointer string    `gorm:"primaryKey"` // in the payload, "" for the whole of it
	Rules   int       // version of the rules
	Args    models.JSON[map[string]string]
}

// TableName implements gorm's Tabler.
func (Oddity) TableName() string { return "ledger_oddities" }

// Scope implements models.Scoped.
func (Oddity) Scope() models.Scope { return models.ChildRows("ledger_oddities", "entry_id", Entry{}) }

// Says is the sentence about it.
func (o Oddity) Says() fault.Text {
	return screen.Embedded().Says(screen.Hit{Rule: o.Rule, Pointer: o.Pointer, Args: o.Args.V})
}

// OddRules are the rules of the screen.
func OddRules() screen.Rules { return screen.Embedded() }

// oddities are the hits as rows of a filing.
func oddities(e Entry, hits []screen.Hit) []Oddity {
	rows := make([]Oddity, len(hits))
	for i, h := range hits {
		rows[i] = Oddity{EntryID: e.ID, Filing: e.Filings, Rule: h.Rule, Pointer: h.Pointer, Rules: screen.Embedded().Version, Args: models.JSON[map[string]string]{V: h.Args}}
	}
	return rows
}

// oddly is what the screen has to say about an entry as it stands: what was found
// when it was filed, or what would be found now.
func (s *Service) oddly(tx *models.Tx, class Class, e Entry, o object, content Content, judged []Judged) ([]fault.Violation, error) {
	var hits []screen.Hit
	var err error
	switch {
	case e.State == Draft, e.State == Returned:
		hits, err = s.screened(tx, class, e, o, content, judged)
	case e.Odd:
		var rows []Oddity
		err = tx.Visible(policies.LedgerRead, &Oddity{}).Where("entry_id = ? AND filing = ?", e.ID, e.Filings).Order("rule, pointer").Limit(maxItems).Find(&rows).Error
		for _, r := range rows {
			hits = append(hits, screen.Hit{Rule: r.Rule, Pointer: r.Pointer, Args: r.Args.V})
		}
	}
	return said(hits), err
}

// said are the hits as warnings.
func said(hits []screen.Hit) []fault.Violation {
	out := make([]fault.Violation, len(hits))
	for i, h := range hits {
		out[i] = fault.Violation{Pointer: "/payload" + h.Pointer, Code: h.Rule, Detail: screen.Embedded().Says(h)}
	}
	return out
}

// odd fills in what was found in the last filing of each record that had something.
func (s *Service) odd(ctx context.Context, records []Record) error {
	ids := []models.ID{}
	for _, r := range records {
		if r.Odd {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []Oddity
	if err := s.db.Visible(ctx, policies.LedgerRead, &Oddity{}).Where("entry_id IN ?", ids).Order("entry_id, rule, pointer").Find(&rows).Error; err != nil {
		return err
	}
	of := make(map[models.ID][]Oddity, len(ids))
	for _, o := range rows {
		of[o.EntryID] = append(of[o.EntryID], o)
	}
	for i, r := range records {
		records[i].Oddities = slices.DeleteFunc(of[r.ID], func(o Oddity) bool { return o.Filing != r.Filings })
	}
	return nil
}
