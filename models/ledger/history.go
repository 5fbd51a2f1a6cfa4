package ledger

import (
	"fmt"
	"slices"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Past is who did something to an entry in history that is loaded in bulk, and
// under which ids it is kept.
type Past struct {
	At       time.Time
	Person   models.ID
	As       policies.Organisation
	StepID   models.ID
	ChangeID models.ID
}

// Moved is Accept, Return or Void as part of history: the entry after it, the
// step, and the write as the log records it. The rules are those of the moves.
func (e Entry) Moved(to State, reason string, by Past) (Entry, Step, audit.Event, error) {
	m, ok := map[State]move{
		Accepted: {perm: policies.LedgerAccept, from: []State{Filed}, to: Accepted},
		Returned: {perm: policies.LedgerReturn, from: []State{Filed}, to: Returned},
		Voided:   {perm: policies.LedgerVoid, from: []State{Draft, Filed}, to: Voided},
	}[to]
	if !ok || !slices.Contains(m.from, e.State) {
		return e, Step{}, audit.Event{}, notNow(e)
	}
	reviewer, _ := e.reviewer()
	if to != Voided && (by.As != reviewer || by.Person == models.Deref(e.FiledBy)) {
		return e, Step{}, audit.Event{}, fault.New(fault.Conflict, "这条台账记录由{{.Who}}办理", "Who", string(reviewer))
	}
	after := e
	after.State, after.Version, after.UpdatedAt = to, e.Version+1, by.At
	step := Step{ID: by.StepID, EntryID: e.ID, Kind: string(to), At: by.At, ActorID: by.Person, ActedAs: string(by.As), Reason: reason, ChangeID: by.ChangeID}
	return after, step, m.event(e, after, step), nil
}

// Refile is a second filing of a returned entry as part of history.
func (b Built) Refile(filing models.ID, by Past) (Built, error) {
	if b.Entry.State != Returned {
		return b, notNow(b.Entry)
	}
	again := b.Entry.fileAs(by.At, by.Person, by.As, b.Filing.Payload, b.Items, b.Filing.Attachments.V)
	again.Filing.ID, again.Step.ID = filing, by.StepID
	for i := range again.Items {
		again.Items[i].FilingID = filing
	}
	again.judgedAs(b.Filing.Judged)
	again.Counts = filingCounts(b.Entry, again.Entry, nil)
	again.seal(by.ChangeID)
	return again, nil
}

// BuildAmendment is Build for an entry that takes the place of old: besides its
// own rows, old as it stands afterwards and the step that says so.
func BuildAmendment(in Bulk, old Entry, reason string, step models.ID) (Built, Entry, Step, error) {
	if old.State != Filed && old.State != Accepted {
		return Built{}, old, Step{}, notNow(old)
	}
	b, err := Build(in)
	if err != nil {
		return b, old, Step{}, fmt.Errorf("amend %s: %w", old.Number, err)
	}
	b.Entry.Supersedes, b.Entry.Reason = &old.ID, reason
	b.correct(&old)
	b.Facts["supersedes"] = old.ID
	b.Counts = filingCounts(Entry{}, b.Entry, &old)
	old, superseded := old.superseded(b, step)
	return b, old, superseded, nil
}

// Filed is the write of a filing as the log records it. odd is what the screen found,
// also what else the write moved: the entry that an amendment takes the place of.
func (b Built) Filed(perm policies.Permission, odd []Oddity, also ...audit.Wrote) audit.Event {
	return audit.Event{Action: perm, Kind: "ledger", ID: b.Entry.ID, Place: b.Entry.Placed, About: b.Entry.Day, Counts: b.Counts, Facts: b.Facts,
		Wrote: append([]audit.Wrote{b.wrote(odd)}, also...), Change: b.Filing.ChangeID}
}
