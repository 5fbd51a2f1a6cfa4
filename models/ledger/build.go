package ledger

import (
	"encoding/hex"
	"encoding/json"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// Built is what one filing writes. The same function makes it for a person's
// filing and for history that is loaded in bulk.
type Built struct {
	Entry     Entry
	Filing    Filing
	Step      Step
	Items     []Item
	LimitSets []LimitSet     // that its readings were judged by; most are kept already
	Facts     map[string]any // what the leaf of the change commits to
	Counts    map[string]int // how the measures move
}

// SetNumber gives the entry its number where that is known last of all, in a batch:
// the leaf says it too.
func (b *Built) SetNumber(number string) { b.Entry.Number, b.Facts["number"] = number, number }

// seal names the change that the rows were written with.
func (b *Built) seal(change models.ID) {
	b.Entry.ChangeID, b.Filing.ChangeID, b.Step.ChangeID = &change, change, change
}

// correct lets an amendment count as kept when what it amends was; nil is none.
func (b *Built) correct(amended *Entry) {
	if amended != nil {
		b.Entry.KeptAt = amended.kept()
	}
}

// wrote is what the leaf of the filing commits to, with what the screen found.
func (b Built) wrote(odd []Oddity) audit.Wrote {
	return b.Entry.Wrote(audit.AllOf(audit.AllOf(audit.AllOf([]any{b.Filing, b.Step}, b.Items), odd), b.Exceedances())...)
}

// Wrote is what a leaf commits to of the entry: as it stands after a write, and the
// rows stored with that write.
func (e Entry) Wrote(rows ...any) audit.Wrote {
	return audit.Wrote{Object: e.ID, Head: e, Rows: rows}
}

// after is what the audit record of a filing says of it.
func (b Built) after() map[string]any {
	return map[string]any{"state": b.Entry.State, "filing": b.Filing.Number, "sha256": hex.EncodeToString(b.Filing.Digest)}
}

// fileAs is the entry filed at an instant. It reads no clock and no database.
func (e Entry) fileAs(at time.Time, person models.ID, as policies.Organisation, payload string, items []Item, attached []files.Fixed) Built {
	e.State, e.Draft, e.Filings, e.Version, e.UpdatedAt = Filed, "", e.Filings+1, e.Version+1, at
	e.FiledAt, e.FiledBy, e.FiledAs = &at, &person, string(as)
	f := Filing{ID: models.NewID(), EntryID: e.ID, Number: e.Filings, Payload: payload, Digest: sum(payload), OccurredAt: e.OccurredAt,
		RecordedAt: e.RecordedAt, ReceivedAt: e.ReceivedAt, FiledAt: at, FiledBy: person, FiledAs: string(as), Attachments: models.JSON[[]files.Fixed]{V: attached}}
	own := make([]Item, len(items))
	for n, i := range items {
		i.FilingID, i.EntryID, i.ParkID, i.Day = f.ID, e.ID, e.ParkID, e.Day
		own[n] = i
	}
	facts := map[string]any{"state": e.State, "version": e.Version, "number": e.Number, "class": e.Class, "classVersion": e.ClassVersion, "condition": e.Condition,
		"slot": e.Slot, "filing": f.Number, "filedAs": f.FiledAs, "sha256": hex.EncodeToString(f.Digest)}
	for name, at := range map[string]*time.Time{"occurredAt": f.OccurredAt, "recordedAt": &f.RecordedAt, "receivedAt": &f.ReceivedAt} {
		if at != nil {
			facts[name] = at.UTC().Format(time.RFC3339)
		}
	}
	for name, id := range map[string]*models.ID{"site": e.SiteID, "facility": e.FacilityID, "outlet": e.OutletID, "supersedes": e.Supersedes} {
		if id != nil {
			facts[name] = *id
		}
	}
	if len(attached) > 0 {
		facts["attachments"] = files.Sums(attached)
	}
	return Built{Entry: e, Filing: f, Items: own, Facts: facts,
		Step: Step{ID: models.NewID(), EntryID: e.ID, Kind: string(Filed), At: at, ActorID: person, ActedAs: string(as)}}
}

// Bulk is one filed entry of history, for the seed.
type Bulk struct {
	ID           models.ID // of the entry
	FilingID     models.ID // "" makes one, and so for StepID; the demo city gives its own, so that a seed gives the same ids
	StepID       models.ID
	ChangeID     models.ID
	Number       string
	Class        string
	Place        models.Placed
	FacilityID   *models.ID
	OutletID     *models.ID
	Day          code.Day
	Slot         string
	Payload      json.RawMessage
	Capacity     string // of the facility as the register has it
	CapacityUnit string
	RecordedAt   time.Time // by the device
	ReceivedAt   time.Time // by the server, when the draft was first seen
	FiledAt      time.Time
	Person       models.ID
	As           policies.Organisation
	Grounds      Grounds // what its readings are judged by
	Demo         bool
}

// Build makes the rows of one filed entry from what a person would have entered:
// the payload is read by its class as it is for everybody. The caller stores
// the rows, and a change with Facts and Counts under ChangeID.
func Build(in Bulk) (Built, error) {
	class, ok := ClassOf(in.Class)
	if !ok {
		return Built{}, fault.New(fault.Invalid, "没有这个台账类别，可用的类别见 /ledger-classes")
	}
	content, err := class.Complete(in.Payload)
	if err != nil {
		return Built{}, err
	}
	if name := class.Slot.Field; name != "" {
		in.Slot = content.Texts["/"+name]
	}
	items := content.Items
	if c := CapacityItem(in.Capacity, in.CapacityUnit); c != nil {
		items = append(items, *c)
	}
	e := Entry{Versioned: models.Versioned{ID: in.ID, Version: 1, CreatedAt: in.ReceivedAt, UpdatedAt: in.ReceivedAt}, Placed: in.Place,
		Number: in.Number, Class: class.Code, ClassVersion: class.Version, Condition: class.Condition, FacilityID: in.FacilityID, OutletID: in.OutletID,
		Day: in.Day, Slot: in.Slot, State: Draft, Attachments: models.Texts{}, RecordedAt: in.RecordedAt, ReceivedAt: in.ReceivedAt, CreatedBy: in.Person, Demo: in.Demo}
	e.Digest = e.input(string(in.Payload)).digest()
	b := e.fileAs(in.FiledAt, in.Person, in.As, string(in.Payload), items, []files.Fixed{})
	if in.FilingID != "" {
		b.Filing.ID = in.FilingID
		for i := range b.Items {
			b.Items[i].FilingID = in.FilingID
		}
	}
	if in.StepID != "" {
		b.Step.ID = in.StepID
	}
	judged, err := in.Grounds.Judge(in.Day, in.Slot, content)
	if err != nil {
		return b, err
	}
	if err := b.judged(judged); err != nil {
		return b, err
	}
	b.Counts = filingCounts(e, b.Entry, nil)
	b.seal(in.ChangeID)
	return b, nil
}
