package audit

import (
	"encoding/json"
	"maps"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// Change is one business write: the leaf of the log. Seq is its number, given
// after commit by the sequencer without gaps: leaf index, cursor of the change
// feed and known time at once.
type Change struct {
	ID           models.ID `gorm:"primaryKey"`
	At           time.Time
	ActorID      models.ID
	Action       string
	ObjectKind   string
	ObjectID     models.ID
	ParkID       *models.ID
	Jurisdiction *string
	EnterpriseID *models.ID
	AboutOn      code.Day
	Counts       models.JSON[map[string]int]
	Leaf         []byte
	LeafHash     []byte
	Algorithm    string
	Seq          *int64
	SealedAt     *time.Time
}

// TableName implements gorm's Tabler.
func (Change) TableName() string { return "changes" }

// Scope implements models.Scoped.
func (Change) Scope() models.Scope { return models.LogRows("changes", "change") }

// newChange is the change of a write in tx before it is sealed.
func newChange(tx *models.Tx, e Event) Change {
	actor, _ := policies.ActorFrom(tx.Context())
	id := e.Change
	if id == "" {
		id = models.NewID()
	}
	return unsealed(e, id, models.ID(actor.User), tx.Now())
}

// ChangeOf is the change row that e leaves when actor makes the write at an
// instant: not numbered, not stored. The seed makes history with it.
func ChangeOf(e Event, id, actor models.ID, at time.Time) (Change, error) {
	c := unsealed(e, id, actor, at)
	facts, err := e.facts()
	if err != nil {
		return c, err
	}
	return c, c.Seal(facts)
}

func unsealed(e Event, id, actor models.ID, at time.Time) Change {
	c := Change{ID: id, At: at, ActorID: actor, Action: string(e.Action),
		ObjectKind: e.Kind, ObjectID: e.ID, ParkID: models.Ref(e.Place.ParkID), Jurisdiction: e.Place.Jurisdiction,
		EnterpriseID: e.Place.EnterpriseID, AboutOn: e.About, Algorithm: proof.Algorithm}
	if c.AboutOn == "" {
		c.AboutOn = code.DayOf(at)
	}
	c.Counts.V = e.Counts
	if c.Counts.V == nil {
		c.Counts.V = map[string]int{}
	}
	return c
}

// facts are those of the leaf, the digests of what was written among them.
func (e Event) facts() (map[string]any, error) {
	facts := map[string]any{}
	maps.Copy(facts, e.Facts)
	wrote := make(map[models.ID]written, len(e.Wrote))
	for _, w := range e.Wrote {
		var err error
		if wrote[w.Object], err = w.written(); err != nil {
			return nil, err
		}
	}
	if len(wrote) > 0 {
		facts[wroteFact] = wrote
	}
	return facts, nil
}

// Seal encodes the leaf from the row and the facts, and hashes it.
func (c *Change) Seal(facts map[string]any) error {
	counts, err := json.Marshal(c.Counts.V) // keys in order
	if err != nil {
		return err
	}
	if facts == nil {
		facts = map[string]any{}
	}
	f, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	c.Leaf = c.encode(string(counts), string(f))
	c.LeafHash = proof.LeafHash(c.Leaf)
	return nil
}

// encode is the canonical encoding of the row with its facts as JSON text.
func (c *Change) encode(counts, facts string) []byte {
	return proof.Leaf{ID: string(c.ID), At: strconv.FormatInt(c.At.Unix(), 10), Actor: string(c.ActorID), Action: c.Action, Kind: c.ObjectKind, Object: string(c.ObjectID),
		Park: string(models.Deref(c.ParkID)), Jurisdiction: models.Deref(c.Jurisdiction), Enterprise: string(models.Deref(c.EnterpriseID)), About: string(c.AboutOn),
		Counts: counts, Facts: facts}.Encode()
}
