package inspection

import (
	"bytes"
	"context"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the inspections: each patrol with its events
// and the positions that they commit to, each finding with its steps.
func Verifiable() []audit.Source {
	return []audit.Source{
		audit.SourceOf[Patrol]("patrol", policies.PatrolRead, eventRows),
		audit.SourceOf[Draw]("draw", policies.DrawRead, drawRows),
		audit.SourceOf[Finding]("finding", policies.FindingRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
			return audit.AddRows[Step](f, db.Visible(ctx, policies.FindingRead, &Step{}), "finding_id")
		}),
	}
}

func eventRows(ctx context.Context, db *models.DB, f *audit.Found) error {
	var events []Event
	if err := db.Visible(ctx, policies.PatrolRead, &Event{}).Where(f.Of("patrol_id")).Find(&events).Error; err != nil {
		return err
	}
	type key struct{ patrol, event models.ID }
	promised := make(map[key]string, len(events))
	for _, e := range events {
		if err := f.Add(e.PatrolID, e.ChangeID, e); err != nil {
			return err
		}
		if !bytes.Equal(e.Digest, e.digest()) {
			f.Wrong(e.PatrolID, "巡查记录与其摘要不一致")
		}
		promised[key{e.PatrolID, e.ID}] = e.Body.V.Position
	}
	var places []Position
	err := db.Visible(ctx, policies.PatrolRead, &Position{}).Where(f.Of("patrol_id")).Find(&places).Error
	for _, p := range places { // one that has been erased is not missed
		if promised[key{p.PatrolID, p.EventID}] != p.commitment() {
			f.Wrong(p.PatrolID, "位置与巡查记录中的承诺值不一致")
		}
	}
	return err
}
