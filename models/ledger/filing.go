package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger/screen"
	"parkregistry/policies"
)

// File files a draft (报送), or a returned entry again, as it stands. What is
// missing or impossible is Invalid; what is over a limit only warns. Filing an
// amendment takes the place of the entry that it amends in the same change.
// Conflict while the day is locked.
// version 0 files whatever stands.
func (s *Service) File(ctx context.Context, id models.ID, version int64) (Record, error) {
	return s.FileWith(ctx, id, version, FilingInput{})
}

// FileWith is File with what the filer says beside the content: why it comes late, which
// stays in the step.
func (s *Service) FileWith(ctx context.Context, id models.ID, version int64, in FilingInput) (Record, error) {
	var r Record
	if err := policies.Require(ctx, policies.LedgerFile); err != nil {
		return r, err
	}
	reason, err := in.Parse()
	if err != nil {
		return r, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		e, err := reach(tx, policies.LedgerFile, id, version)
		if err != nil {
			return err
		}
		if e.State != Draft && e.State != Returned {
			return notNow(e)
		}
		if err := unlockedFor(tx, policies.LedgerFile, e); err != nil {
			return err
		}
		payload, err := s.working(tx, e)
		if err != nil {
			return err
		}
		class, err := s.classes.of(e)
		if err != nil {
			return err
		}
		content, err := class.Complete(json.RawMessage(payload))
		if err != nil {
			var c fault.Check
			c.Within("/payload", err)
			return c.Err()
		}
		o, err := locate(tx, e.parsed(class))
		if err != nil {
			return err
		}
		as, err := organisation(tx.Context(), policies.LedgerFile, e, "")
		if err != nil {
			return err
		}
		judged, err := newJudge(tx.Context(), tx.DB()).readings(e.Day, e.Slot, o, content)
		if err != nil {
			return err
		}
		attached, err := attachedOf(tx, e)
		if err != nil {
			return err
		}
		odd, err := s.screened(tx, class, e, o, content, judged)
		if err != nil {
			return err
		}
		filed, err := s.file(tx, e, as, toFile{payload, class, content, o, attached, judged, odd, reason})
		if err != nil {
			return err
		}
		return s.said(tx, &r, filed, class, o, content, judged)
	})
	return r, err
}

// parsed is the head as an input that has been read.
func (e Entry) parsed(class Class) parsed {
	return parsed{class: class, park: e.ParkID, site: e.SiteID, facility: e.FacilityID, outlet: e.OutletID, day: e.Day, slot: e.Slot}
}

// with adds what the register said at this moment.
func (c Content) with(o object) []Item {
	if capacity := o.capacity(); capacity != nil {
		return append(c.Items, *capacity)
	}
	return c.Items
}

// toFile is what is being filed, as it was read.
type toFile struct {
	payload  string
	class    Class
	content  Content
	object   object
	attached []files.Fixed
	judged   []Judged
	odd      []screen.Hit
	reason   string // why it comes late
}

func (s *Service) file(tx *models.Tx, e Entry, as policies.Organisation, in toFile) (Entry, error) {
	b := e.fileAs(tx.Now(), by(tx), as, in.payload, in.content.with(in.object), in.attached)
	if err := b.judged(in.judged); err != nil {
		return e, err
	}
	b.Entry.Odd, b.Step.Reason = len(in.odd) > 0, in.reason
	b.seal(models.NewID())
	found := oddities(b.Entry, in.odd)
	amended, err := amendedBy(tx, e)
	if err != nil {
		return e, err
	}
	b.correct(amended)
	if err := s.balance(tx, b.Entry, amended, in.class, in.content); err != nil {
		return e, err
	}
	ev := event(policies.LedgerFile, b.Entry, cmp.Or(in.reason, e.Reason))
	ev.Counts = filingCounts(e, b.Entry, amended)
	for name, fact := range b.Facts {
		ev.Facts[name] = fact
	}
	ev.Before, ev.After = map[string]any{"state": e.State}, b.after()
	ev.Change, ev.Wrote = b.Filing.ChangeID, []audit.Wrote{b.wrote(found)}
	steps := []Step{b.Step}
	if amended != nil {
		old, step := amended.superseded(b, models.NewID())
		ev.Wrote = append(ev.Wrote, old.Wrote(step))
		if err := supersede(tx, *amended, old); err != nil {
			return e, err
		}
		steps = append(steps, step)
	}
	if _, err := audit.Log(tx, ev); err != nil {
		return e, err
	}
	res := tx.Visible(policies.LedgerFile, &Entry{}).Where("id = ? AND version = ?", e.ID, e.Version).
		Updates(map[string]any{"state": Filed, "draft": "", "filed_at": b.Entry.FiledAt, "filed_by": b.Entry.FiledBy, "filed_as": b.Entry.FiledAs,
			"kept_at": b.Entry.KeptAt, "filings": b.Entry.Filings, "odd": b.Entry.Odd, "change_id": b.Entry.ChangeID, "version": b.Entry.Version, "updated_at": tx.Now()})
	if err := models.Changed(res, fault.New(fault.Conflict, "这条台账记录刚刚被别人处理，重新读取后再操作")); err != nil {
		return e, err
	}
	if err := tx.Append(&b.Filing); err != nil {
		return e, err
	}
	if err := models.AppendAll(tx, steps); err != nil {
		return e, err
	}
	if err := models.AppendAll(tx, b.Items); err != nil {
		return e, err
	}
	if err := keepSets(tx, b.LimitSets); err != nil {
		return e, err
	}
	if err := models.AppendAll(tx, b.Exceedances()); err != nil {
		return e, err
	}
	return b.Entry, models.AppendAll(tx, found)
}

// attachedOf reads the digests of what is attached to the entry.
func attachedOf(tx *models.Tx, e Entry) ([]files.Fixed, error) {
	rows, err := files.Named(tx.Context(), tx.DB(), policies.LedgerFile, e.attached())
	if err == nil && len(rows) != len(e.Attachments) {
		return nil, fmt.Errorf("entry %s names %d attachments and %d are there", e.ID, len(e.Attachments), len(rows))
	}
	return files.Fix(rows), err
}

// amendedBy is the entry that the first filing of e takes the place of; nil for
// any other filing.
func amendedBy(tx *models.Tx, e Entry) (*Entry, error) {
	if e.Supersedes == nil || e.Filings > 0 {
		return nil, nil
	}
	old, err := reach(tx, policies.LedgerFile, *e.Supersedes, 0)
	if err != nil {
		return nil, err
	}
	if old.State != Filed && old.State != Accepted {
		return nil, fault.New(fault.Conflict, "被更正的记录 {{.Number}} 已经是“{{.State}}”，这次更正不能报送", "Number", old.Number, "State", stateWords[old.State])
	}
	return &old, nil
}

// superseded is the entry whose place a filing took, and the step that says so.
func (e Entry) superseded(by Built, step models.ID) (Entry, Step) {
	f := by.Filing
	e.State, e.SupersededBy, e.Version, e.UpdatedAt = Superseded, &by.Entry.ID, e.Version+1, f.FiledAt
	return e, Step{ID: step, EntryID: e.ID, Kind: string(Superseded), At: f.FiledAt, ActorID: f.FiledBy, ActedAs: f.FiledAs, Reason: by.Entry.Reason, ChangeID: f.ChangeID}
}

func supersede(tx *models.Tx, before, after Entry) error {
	res := tx.Visible(policies.LedgerFile, &Entry{}).Where("id = ? AND version = ?", before.ID, before.Version).
		Updates(map[string]any{"state": after.State, "superseded_by": after.SupersededBy, "version": after.Version, "updated_at": after.UpdatedAt})
	return models.Changed(res, fault.New(fault.Conflict, "这条台账记录刚刚被别人处理，重新读取后再操作"))
}

// filingCounts is how the measures move: an amendment takes the place of what it
// amends, a returned entry stands again.
func filingCounts(before, after Entry, amended *Entry) counts {
	c := counts{}.stands(after, 1)
	if amended != nil {
		c.stands(*amended, -1).add(MeasureAmended, 1)
	}
	if before.State == Returned {
		c.add(MeasureReturned, -1)
	}
	return c
}

func by(tx *models.Tx) models.ID {
	actor, _ := policies.ActorFrom(tx.Context())
	return models.ID(actor.User)
}
