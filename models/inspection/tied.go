package inspection

import (
	"slices"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// tied are findings that events name, as far as they are there: what is not as required
// is explained by a finding, and not by a number that stands for none. A device may send
// the event before the finding.
type tied map[models.ID]Finding

// tiedTo reads, from the findings in reach, those that events name.
func tiedTo(findings *gorm.DB, events []Event, more ...models.ID) (tied, error) {
	ids := slices.Clone(more)
	for _, e := range events {
		ids = append(ids, e.Body.V.FindingID)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id models.ID) bool { return id == "" })
	if len(ids) == 0 {
		return nil, nil
	}
	var all []Finding
	err := findings.Select("id", "park_id", "patrol_id", "created_at").Where("findings.id IN ?", ids).Find(&all).Error
	out := make(tied, len(all))
	for _, f := range all {
		out[f.ID] = f
	}
	return out, err
}

// walk folds the events of a patrol. A finding counts in the park of the patrol, when it
// was logged of this patrol, or was there before the event came: so that a patrol becomes
// complete by an event of its own or by a finding of its own, and by nothing else.
func (t tied) walk(p Patrol, events []Event) Walk {
	return p.walk(events, func(e Event) bool {
		f, there := t[e.Body.V.FindingID]
		return there && f.ParkID == p.ParkID && (models.Deref(f.PatrolID) == p.ID || !f.CreatedAt.After(e.ReceivedAt))
	})
}

// completeBy completes the patrol of a finding that was just logged, where an event that
// names it had come before it.
func completeBy(tx *models.Tx, f Finding) error {
	rows := func() *gorm.DB {
		return tx.Visible(policies.PatrolRecord, &Patrol{}).Where("id = ?", *f.PatrolID)
	}
	// Sendings of the patrol take turns with this: whoever comes second sees both.
	if res := rows().UpdateColumn("version", gorm.Expr("version")); res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	var p Patrol
	if err := models.One(rows(), &p); err != nil {
		return err
	}
	var events []Event
	if err := tx.Visible(policies.PatrolRecord, &Event{}).Where("patrol_id = ?", p.ID).Find(&events).Error; err != nil {
		return err
	}
	if !slices.ContainsFunc(events, func(e Event) bool { return e.Body.V.FindingID == f.ID }) {
		return nil
	}
	there, err := tiedTo(tx.Visible(policies.PatrolRecord, &Finding{}), events)
	if err != nil {
		return err
	}
	after := there.walk(p, events)
	delete(there, f.ID)
	before := there.walk(p, events)
	if before.State == after.State {
		return nil
	}
	p.Version, p.UpdatedAt = p.Version+1, tx.Now()
	if err := rows().Updates(map[string]any{"version": p.Version, "updated_at": p.UpdatedAt}).Error; err != nil {
		return err
	}
	e := p.recorded(nil, models.NewID(), before, after)
	e.Facts["finding"] = f.ID
	e.Before, e.After = map[string]any{"state": before.State}, map[string]any{"state": after.State, "finding": f.Number}
	_, err = audit.Log(tx, e)
	return err
}
