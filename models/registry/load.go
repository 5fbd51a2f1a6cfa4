package registry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Settled says what Settle did.
type Settled int

// What Settle did with a place: it was as wanted, is new, follows the file, or
// belongs to a person now and was left alone.
const (
	AsWanted Settled = iota
	Created
	Followed
	LeftAlone
)

// Settle makes a pilot place say what the seed knows of it: created when its
// code is missing, changed while nobody has edited it. A place that a person
// changed, one of the demonstration city, and a name that a person has given to
// another park are left alone.
func Settle(tx *models.Tx, want Park) (Settled, error) {
	var before Park
	err := models.One(tx.Visible(policies.ParkRead, &Park{}).Where("parks.code = ?", want.Code), &before)
	if fault.Is(err, fault.NotFound) {
		if want.Name != nil {
			var same int64
			if err := tx.Visible(policies.ParkRead, &Park{}).Where("parks.name = ?", *want.Name).Count(&same).Error; err != nil {
				return LeftAlone, err
			}
			if same > 0 {
				return LeftAlone, nil
			}
		}
		return Created, create(tx, policies.ParkCreate, &want, "")
	}
	if err != nil || before.Edited || before.Demo || before.ClosedOn != nil {
		return LeftAlone, err
	}
	now, err := json.Marshal(before.Input())
	if err != nil {
		return LeftAlone, err
	}
	then, err := json.Marshal(want.Input())
	if err != nil {
		return LeftAlone, err
	}
	if bytes.Equal(now, then) && before.Source == want.Source && before.Confidence == want.Confidence {
		return AsWanted, nil
	}
	return Followed, update(tx, policies.ParkUpdate, &before, &want, "")
}

// History collects what writes of the register that lie in the past leave beside
// the rows themselves: versions, people's fields and changes. The seed builds the
// demonstration city with it; a write of today goes through the Service.
type History struct {
	NewID   func() models.ID // of versions and changes
	Salt    func() []byte    // 16 bytes for a commitment
	Changes []audit.Change   // not numbered; to be stored before Store is called

	versions []Version
	personal []personalField
	kept     map[string]int // where in personal a field of an object stands
}

// Wrote adds one write of r, as it stood then: Version and the times of the row
// have to be set. The row itself is stored by the caller, and steps with it.
func (h *History) Wrote(r record, perm policies.Permission, actor models.ID, at time.Time, steps ...*PilotStep) error {
	commitments := map[string]string(nil)
	if values := r.personal(); values != nil {
		commitments = map[string]string{}
		for _, field := range slices.Sorted(maps.Keys(values)) {
			salt := h.Salt()
			commitments[field] = commitment(salt, values[field])
			h.keep(personalField{ObjectKind: r.kind(), ObjectID: r.meta().ID, Field: field, Value: values[field], Salt: salt, UpdatedAt: at})
		}
	}
	text, err := json.Marshal(snapshot(r, commitments))
	if err != nil {
		return err
	}
	digest := sha256.Sum256(text)
	v := Version{ID: h.NewID(), ObjectKind: r.kind(), ObjectID: r.meta().ID, Version: r.meta().Version, ValidFrom: at, ChangeID: h.NewID(), Data: string(text)}
	rows := []any{v}
	for _, s := range steps {
		s.ChangeID = v.ChangeID
		rows = append(rows, *s)
	}
	c, err := audit.ChangeOf(audit.Event{Action: perm, Kind: r.kind(), ID: r.meta().ID, Place: r.where(), Wrote: []audit.Wrote{{Object: v.ObjectID, Head: r, Rows: rows}},
		Facts: map[string]any{"version": r.meta().Version, "sha256": hex.EncodeToString(digest[:])}}, v.ChangeID, actor, at)
	if err != nil {
		return err
	}
	h.Changes, h.versions = append(h.Changes, c), append(h.versions, v)
	return nil
}

// keep puts a value in the place of the one before it: the last version commits to it.
func (h *History) keep(f personalField) {
	key := string(f.ObjectID) + f.Field
	if h.kept == nil {
		h.kept = map[string]int{}
	}
	if i, there := h.kept[key]; there {
		h.personal[i] = f
		return
	}
	h.kept[key] = len(h.personal)
	h.personal = append(h.personal, f)
}

// Store writes versions and people's fields; rows and changes have to be there.
func (h *History) Store(tx *models.Tx) error {
	if err := models.Load(tx, h.versions); err != nil {
		return err
	}
	return models.Load(tx, h.personal)
}
