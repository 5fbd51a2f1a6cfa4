package inspection

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Recorded is a sending of events as part of history that is loaded in bulk: the
// patrol after it, the events with their change, and the write as the log records it.
func (p Patrol) Recorded(events []Event, change models.ID, at time.Time) (Patrol, []Event, audit.Event) {
	all := slices.SortedFunc(slices.Values(events), func(x, y Event) int { return bytes.Compare([]byte(x.ID), []byte(y.ID)) })
	sum := sha256.New()
	for i := range all {
		all[i].ChangeID = change
		sum.Write([]byte(all[i].ID))
		sum.Write(all[i].Digest)
	}
	before, after := p.Walk(nil), p.Walk(all)
	p.Version, p.UpdatedAt = p.Version+1, at
	return p, all, audit.Event{Action: policies.PatrolRecord, Kind: "patrol", ID: p.ID, Place: p.Placed, About: p.Day(), Counts: p.completion(before, after),
		Facts: map[string]any{"events": len(all), "sha256": hex.EncodeToString(sum.Sum(nil)), "version": p.Version}}
}
