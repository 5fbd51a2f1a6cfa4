package seed

import (
	"context"
	"fmt"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
)

// References says what Reference did, by table.
type References struct {
	Districts Counts `json:"districts"`
	Streets   Counts `json:"streets"`
	Items     Counts `json:"items"`
}

// Reference loads districts, streets and every other reference list. A row that
// a person changed stays as it is; a row of ours whose file has changed follows
// the file; a row that the files no longer have stays, since something may refer
// to it.
func Reference(ctx context.Context, db *models.DB) (References, error) {
	all, err := items()
	if err != nil {
		return References{}, err
	}
	var done References
	err = db.Write(program(ctx, db), func(tx *models.Tx) error {
		done = References{}
		if err := districts(tx, &done.Districts); err != nil {
			return fmt.Errorf("seed districts: %w", err)
		}
		if err := streets(tx, &done.Streets); err != nil {
			return fmt.Errorf("seed streets: %w", err)
		}
		if err := lists(tx, all, &done.Items); err != nil {
			return fmt.Errorf("seed reference lists: %w", err)
		}
		n := done.Districts.Added + done.Districts.Updated + done.Streets.Added + done.Streets.Updated + done.Items.Added + done.Items.Updated
		if n == 0 {
			return nil
		}
		return audit.Write(tx, audit.Note{Action: "seed.reference", Outcome: audit.Done, Kind: "reference", Reason: fmt.Sprintf("%d rows", n)})
	})
	return done, err
}

func districts(tx *models.Tx, n *Counts) error {
	rows, err := code.ReadTable(code.Tables, "data/districts.csv")
	if err != nil {
		return err
	}
	want := make([]registry.District, len(rows))
	for i, r := range rows {
		want[i] = registry.District{Slug: r["jurisdiction"], NameZh: r["name_zh"], NameEn: r["name_en"], GB2260: r["gb2260"], Kind: r["kind"],
			BranchZh: r["bureau_branch_zh"], Note: r["note"], Position: i, Source: r["source"], Confidence: r["confidence"]}
	}
	return follow(tx, n, want, func(d registry.District) string { return d.Slug }, "slug")
}

func streets(tx *models.Tx, n *Counts) error {
	rows, err := code.ReadTable(code.Tables, "data/streets.csv")
	if err != nil {
		return err
	}
	want := make([]registry.Street, len(rows))
	for i, r := range rows {
		want[i] = registry.Street{Code: r["code"], NameZh: r["name_zh"], GB2260: r["gb2260"], Jurisdiction: r["jurisdiction"], Kind: r["kind"],
			Source: r["source"], Confidence: r["confidence"]}
	}
	return follow(tx, n, want, func(s registry.Street) string { return s.Code }, "code")
}

// follow makes a table of plain rows say what its file says.
func follow[T interface {
	comparable
	models.Scoped
}](tx *models.Tx, n *Counts, want []T, key func(T) string, column string) error {
	var have []T
	if err := tx.Program().Find(&have).Error; err != nil {
		return err
	}
	by := map[string]T{}
	for _, r := range have {
		by[key(r)] = r
	}
	var fresh []T
	for _, r := range want {
		old, there := by[key(r)]
		switch {
		case !there:
			fresh = append(fresh, r)
			n.count(added)
		case old != r:
			if err := tx.Program().Model(&r).Where(column+" = ?", key(r)).Select("*").Omit(column).Updates(&r).Error; err != nil {
				return err
			}
			n.count(updated)
		default:
			n.count(unchanged)
		}
	}
	return models.Load(tx, fresh)
}

// itemKey names a reference item.
type itemKey struct{ list, code string }

func lists(tx *models.Tx, want []registry.ReferenceItem, n *Counts) error {
	var have []registry.ReferenceItem
	if err := tx.Program().Select("list", "code", "digest", "edited").Find(&have).Error; err != nil {
		return err
	}
	by := make(map[itemKey]registry.ReferenceItem, len(have))
	for _, r := range have {
		by[itemKey{r.List, r.Code}] = r
	}
	var fresh []registry.ReferenceItem
	for _, r := range want {
		old, there := by[itemKey{r.List, r.Code}]
		switch {
		case !there:
			fresh = append(fresh, r)
			n.count(added)
		case old.Edited:
			n.count(kept)
		case old.Digest != r.Digest:
			err := tx.Program().Model(&registry.ReferenceItem{}).Where("list = ? AND code = ? AND edited = ?", r.List, r.Code, false).
				Select("*").Omit("list", "code", "edited").Updates(&r).Error
			if err != nil {
				return err
			}
			n.count(updated)
		default:
			n.count(unchanged)
		}
	}
	return models.Load(tx, fresh)
}
