package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"parkregistry/internal/discharge"
	"parkregistry/models"
)

// Judged is what was found of one reading when it was filed, with the limits that
// it was held against. Filing.Judged keeps it; whatever becomes of tables, permits
// and approvals afterwards, it is never made again.
type Judged struct {
	Path     string     `json:"path"`               // JSON pointer into the payload
	OutletID *models.ID `json:"outletId,omitempty"` // where it was judged; nil when that was open
	SetID    string     `json:"set,omitempty"`      // of the candidates; "" without an outlet
	discharge.Judgement
	Set discharge.Set `json:"-"`

	row LimitSet // of Set, when it has just been made
}

// LimitSet is every candidate limit for one pollutant at one outlet, as it was
// when readings were judged by it. Its id is the digest of its content, so that a
// year of readings keeps one set and not one for each, and a filing whose leaf
// binds the id binds every candidate.
type LimitSet struct {
	ID      string `gorm:"primaryKey"` // SHA-256 of Content, in hex
	Content string // JSON of a discharge.Set
}

// TableName implements gorm's Tabler.
func (LimitSet) TableName() string { return "ledger_limit_sets" }

// Scope implements models.Scoped: read beside a filing only.
func (LimitSet) Scope() models.Scope { return models.Closed("ledger_limit_sets") }

func limitSet(set discharge.Set) (LimitSet, error) {
	text, err := json.Marshal(set)
	return LimitSet{hexSum(string(text)), string(text)}, err
}

func hexSum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}

// judged adds to a filing what was found of its readings, and binds its leaf to it.
func (b *Built) judged(all []Judged) error {
	if len(all) == 0 {
		return nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return fmt.Errorf("encode the judgements of %s: %w", b.Entry.Number, err)
	}
	for _, j := range all {
		if j.SetID != "" && !slices.ContainsFunc(b.LimitSets, func(s LimitSet) bool { return s.ID == j.SetID }) {
			b.LimitSets = append(b.LimitSets, j.row)
		}
	}
	b.judgedAs(string(text))
	return nil
}

func (b *Built) judgedAs(text string) {
	b.Filing.Judged = text
	if fact := b.Filing.judgedFact(); fact != nil {
		b.Facts["judged"] = fact
	}
}

// judgedFact is what the leaf of a filing says of its judgements: their digest, or
// nothing where there are none.
func (f Filing) judgedFact() any {
	if f.Judged == "" {
		return nil
	}
	return hexSum(f.Judged)
}

// judgements reads what a filing keeps; the candidates are not filled in.
func (f Filing) judgements() ([]Judged, error) {
	if f.Judged == "" {
		return nil, nil
	}
	var all []Judged
	if err := json.Unmarshal([]byte(f.Judged), &all); err != nil {
		return nil, fmt.Errorf("judgements of filing %s: %w", f.ID, err)
	}
	return all, nil
}

// keepSets stores the sets that are not kept yet, in the order of their ids, so
// that two filings with the same new ones wait for each other and no more.
func keepSets(tx *models.Tx, sets []LimitSet) error {
	if len(sets) == 0 {
		return nil
	}
	sets = slices.SortedFunc(slices.Values(sets), func(a, b LimitSet) int { return strings.Compare(a.ID, b.ID) })
	sets = slices.CompactFunc(sets, func(a, b LimitSet) bool { return a.ID == b.ID })
	for part := range slices.Chunk(sets, setsAtOnce) {
		ids := make([]string, len(part))
		for i, s := range part {
			ids[i] = s.ID
		}
		var kept []string
		if err := tx.Internal(&LimitSet{}).Where("id IN ?", ids).Pluck("id", &kept).Error; err != nil {
			return err
		}
		part = slices.DeleteFunc(part, func(s LimitSet) bool { return slices.Contains(kept, s.ID) })
		if len(part) == 0 {
			continue
		}
		if err := tx.Internal(&LimitSet{}).Clauses(clause.OnConflict{DoNothing: true}).Create(&part).Error; err != nil {
			return err
		}
	}
	return nil
}

// setsAtOnce bounds the parameters of one statement.
const setsAtOnce = 500

// setsOf reads sets by their ids.
func setsOf(ctx context.Context, db *models.DB, ids []string) (map[string]LimitSet, error) {
	out := make(map[string]LimitSet, len(ids))
	for part := range slices.Chunk(ids, setsAtOnce) {
		var rows []LimitSet
		if err := db.Internal(ctx, &LimitSet{}).Where("id IN ?", part).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r
		}
	}
	return out, nil
}

// judgements are those of filings that the caller has reached, each with its
// candidates, by filing.
func (s *Service) judgements(ctx context.Context, filings ...Filing) (map[models.ID][]Judged, error) {
	out, ids := map[models.ID][]Judged{}, map[string]bool{}
	for _, f := range filings {
		all, err := f.judgements()
		if err != nil {
			return nil, err
		}
		out[f.ID] = all
		for _, j := range all {
			ids[j.SetID] = true
		}
	}
	delete(ids, "")
	rows, err := setsOf(ctx, s.db, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return nil, err
	}
	sets := make(map[string]discharge.Set, len(rows))
	for id, r := range rows {
		var set discharge.Set
		if err := json.Unmarshal([]byte(r.Content), &set); err != nil {
			return nil, fmt.Errorf("limit set %s: %w", id, err)
		}
		sets[id] = set
	}
	for _, all := range out {
		for i := range all {
			all[i].Set = sets[all[i].SetID]
		}
	}
	return out, nil
}
