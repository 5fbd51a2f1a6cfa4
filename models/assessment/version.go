package assessment

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Version is a version of the checklist that the bureau loaded. Inserted only: what an
// assessment was judged by stays readable.
type Version struct {
	ID       models.ID `gorm:"primaryKey"`
	Name     string    // the checklist's version
	Content  string    // JSON of the ChecklistInput
	LoadedBy models.ID
	LoadedAt time.Time
	ChangeID models.ID
}

// TableName implements gorm's Tabler.
func (Version) TableName() string { return "assessment_checklists" }

// Scope implements models.Scoped.
func (Version) Scope() models.Scope {
	return models.ReferenceRows("assessment_checklists", "reference", "assessment")
}

// Owner implements models.Owned: the city's.
func (Version) Owner() policies.Row { return policies.Row{} }

// list is the checklist that the row holds. What was checked when it came is read
// back without a fault.
func (v Version) list() (Checklist, error) { return readChecklist([]byte(v.Content)) }

// Load stores a version of the checklist; assessments that begin from now on are
// judged by it. Conflict where there is one of that name.
func (s *Service) Load(ctx context.Context, in ChecklistInput) (Checklist, error) {
	if err := policies.Require(ctx, policies.AssessmentLoad); err != nil {
		return Checklist{}, err
	}
	list, err := in.Parse()
	if err != nil {
		return list, err
	}
	content, err := json.Marshal(in)
	if err != nil {
		return list, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		actor, _ := policies.ActorFrom(tx.Context())
		v := Version{ID: models.NewID(), Name: in.Version, Content: string(content), LoadedBy: models.ID(actor.User), LoadedAt: tx.Now(), ChangeID: models.NewID()}
		taken := versionTaken()
		if _, there := DraftNamed(v.Name); there {
			return taken
		}
		e := audit.Event{Action: policies.AssessmentLoad, Kind: "checklist", ID: v.ID, Change: v.ChangeID, Facts: map[string]any{"version": v.Name},
			Wrote: []audit.Wrote{{Object: v.ID, Head: v}}, After: map[string]any{"version": v.Name, "title": in.Title, "items": len(in.Items)}}
		if _, err := audit.Log(tx, e); err != nil {
			return err
		}
		stored, err := tx.CreateNew(policies.AssessmentLoad, &v)
		if err == nil && !stored {
			err = taken
		}
		return err
	})
	return list, err
}

// Checklists are all versions, the newest first; those of the program are the oldest.
func (s *Service) Checklists(ctx context.Context) ([]Checklist, error) {
	var rows []Version
	if err := s.db.Visible(ctx, policies.ReferenceRead, &Version{}).Order("loaded_at DESC, id DESC").Limit(200).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Checklist, 0, len(rows)+len(drafts()))
	for _, v := range rows {
		list, err := v.list()
		if err != nil {
			return nil, err
		}
		out = append(out, list)
	}
	for _, list := range slices.Backward(drafts()) {
		out = append(out, list)
	}
	return out, nil
}

// Checklist reads one version.
func (s *Service) Checklist(ctx context.Context, name string) (Checklist, error) {
	if err := policies.Require(ctx, policies.ReferenceRead); err != nil {
		return Checklist{}, err
	}
	return named(ctx, s.db, name)
}

// loaded are the versions for whoever has reached a row that is judged by one.
func loaded(ctx context.Context, db *models.DB) *gorm.DB {
	return db.Visible(policies.With(ctx, db.Policy.Program("checklist")), policies.ReferenceRead, &Version{})
}

func named(ctx context.Context, db *models.DB, name string) (Checklist, error) {
	if list, there := DraftNamed(name); there {
		return list, nil
	}
	var v Version
	if err := models.One(loaded(ctx, db).Where("name = ?", name), &v); err != nil {
		return Checklist{}, err
	}
	return v.list()
}

// newest is the version that an assessment of today begins with.
func newest(tx *models.Tx) (Checklist, error) {
	return first(loaded(tx.Context(), tx.DB()).Order("loaded_at DESC, id DESC"))
}

// newestKnown is the newest version that was known at a number of the log.
func newestKnown(ctx context.Context, db *models.DB, known int64) (Checklist, error) {
	return first(loaded(ctx, db).Select("assessment_checklists.*").Joins("JOIN changes ON changes.id = assessment_checklists.change_id").
		Where("changes.seq <= ?", known).Order("changes.seq DESC"))
}

// first is the first of the versions, the newest draft of the program where there is none.
func first(q *gorm.DB) (Checklist, error) {
	var rows []Version
	if err := q.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return Draft(), err
	}
	return rows[0].list()
}
