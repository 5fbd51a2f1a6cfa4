package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/policies"
)

func sum(payload string) []byte {
	d := sha256.Sum256([]byte(payload))
	return d[:]
}

// Create starts a draft. The same id again with the same content answers the
// entry as it stands, so that a client may repeat what it got no answer to; with
// other content it is a Conflict. Conflict too when an entry about the same
// object, class, day and slot is there already.
func (s *Service) Create(ctx context.Context, id models.ID, in Input) (Record, error) {
	var r Record
	if err := policies.Require(ctx, policies.LedgerCreate); err != nil {
		return r, err
	}
	p, err := in.parse(s.classes.Newest)
	if err != nil {
		return r, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if again, err := s.repeated(tx, policies.LedgerCreate, id, in.digest(), &r); again || err != nil {
			return err
		}
		o, err := locate(tx, p)
		if err != nil {
			return err
		}
		e := p.entry(tx, id, o)
		e.Digest = in.digest()
		if stored, err := insert(tx, policies.LedgerCreate, &e); err != nil {
			return err
		} else if !stored {
			if again, err := s.repeated(tx, policies.LedgerCreate, id, e.Digest, &r); again || err != nil {
				return err
			}
			return taken(tx, e)
		}
		if _, err := files.Attach(tx, policies.LedgerCreate, e.attachable(nil), p.attachments); err != nil {
			return err
		}
		if err := logDraft(tx, policies.LedgerCreate, e, nil); err != nil {
			return err
		}
		return s.answer(tx, &r, e, p.class, o, p.content)
	})
	return r, err
}

// entry is the head of a new draft.
func (p parsed) entry(tx *models.Tx, id models.ID, o object) Entry {
	if id == "" {
		id = models.NewID()
	}
	now := tx.Now()
	actor, _ := policies.ActorFrom(tx.Context())
	e := Entry{Versioned: models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}, Placed: o.place,
		Class: p.class.Code, ClassVersion: p.class.Version, Condition: p.class.Condition, FacilityID: p.facility, OutletID: p.outlet,
		Day: p.day, Slot: p.slot, State: Draft, Draft: string(p.payload), Attachments: p.attached(), OccurredAt: p.occurred, RecordedAt: now, ReceivedAt: now, CreatedBy: models.ID(actor.User)}
	if p.recorded != nil {
		e.RecordedAt = *p.recorded
	}
	return e
}

// attached are the ids of what is attached, as the head keeps them.
func (p parsed) attached() models.Texts {
	ids := make(models.Texts, len(p.attachments))
	for i, id := range p.attachments {
		ids[i] = string(id)
	}
	return ids
}

// attachable is the entry as what attachments are attached to; also are those of the
// entry that it amends.
func (e Entry) attachable(also []models.ID) files.Owner {
	return files.Owner{Kind: "ledger", ID: e.ID, Place: e.Placed, Also: also}
}

// attach ties what a changed draft names to it.
func attach(tx *models.Tx, e Entry, ids []models.ID) error {
	var also []models.ID
	if e.Supersedes != nil && len(ids) > 0 {
		old, err := reach(tx, policies.LedgerUpdate, *e.Supersedes, 0)
		if err != nil {
			return err
		}
		also = old.attached()
	}
	_, err := files.Attach(tx, policies.LedgerUpdate, e.attachable(also), ids)
	return err
}

// attached are the ids of what is attached.
func (e Entry) attached() []models.ID {
	ids := make([]models.ID, len(e.Attachments))
	for i, id := range e.Attachments {
		ids[i] = models.ID(id)
	}
	return ids
}

// insert gives the entry its number and stores it; false when a unique key is taken.
func insert(tx *models.Tx, perm policies.Permission, e *Entry) (bool, error) {
	if err := tx.Covers(perm, e.Owner()); err != nil {
		return false, err
	}
	var err error
	if e.Number, err = tx.Number(models.LedgerNumber); err != nil {
		return false, err
	}
	return tx.CreateNew(perm, e)
}

// repeated answers a creation that has been made before under the same id.
func (s *Service) repeated(tx *models.Tx, perm policies.Permission, id models.ID, digest []byte, r *Record) (bool, error) {
	var found []Entry
	if id == "" {
		return false, nil
	}
	if err := tx.Visible(perm, &Entry{}).Where("id = ?", id).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return false, err
	}
	if !bytes.Equal(found[0].Digest, digest) {
		return false, fault.New(fault.Conflict, "这个编号已经用于另一条台账记录，换一个编号")
	}
	var err error
	*r, err = s.whole(tx.Context(), found[0])
	r.Warnings = []fault.Violation{}
	return true, err
}

// live narrows to what stands about the same object, class, day and slot.
func live(q *gorm.DB, e Entry) *gorm.DB {
	q = q.Where("park_id = ? AND day = ? AND class = ? AND slot = ? AND id <> ?", e.ParkID, e.Day, e.Class, e.Slot, e.ID).
		Where("state NOT IN ? AND (supersedes IS NULL OR filings > 0)", []State{Superseded, Voided})
	switch {
	case e.FacilityID != nil:
		return q.Where("facility_id = ?", *e.FacilityID)
	case e.OutletID != nil:
		return q.Where("facility_id IS NULL AND outlet_id = ?", *e.OutletID)
	}
	return q.Where("facility_id IS NULL AND outlet_id IS NULL AND COALESCE(site_id, park_id) = ?", owner(e))
}

func owner(e Entry) models.ID {
	if e.SiteID != nil {
		return *e.SiteID
	}
	return e.ParkID
}

// standing is what only one entry that stands can have: the key of the index
// ledger_entries_live as one text.
func (e Entry) standing() string {
	object := owner(e)
	switch {
	case e.FacilityID != nil:
		object = *e.FacilityID
	case e.OutletID != nil:
		object = *e.OutletID
	}
	return strings.Join([]string{string(e.ParkID), string(e.Day), e.Class, string(object), e.Slot}, "\x00")
}

// taken says by which entry the place of e is taken, as far as the caller may see it.
func taken(tx *models.Tx, e Entry) error {
	var number []string
	if err := live(tx.Visible(policies.LedgerRead, &Entry{}), e).Limit(1).Pluck("number", &number).Error; err != nil {
		return err
	}
	if len(number) == 0 {
		return fault.New(fault.Conflict, "同一对象、同一天的这类台账已经有一条，不能重复填报")
	}
	return fault.New(fault.Conflict, "同一对象、同一天的这类台账已经有一条（{{.Number}}）；内容有误的，在那一条上修改或者更正", "Number", number[0]).With("number", number[0])
}

// logDraft records a write of a draft.
func logDraft(tx *models.Tx, perm policies.Permission, e Entry, before *Entry) error {
	_, err := audit.Log(tx, draftEvent(perm, e, before))
	return err
}

// draftEvent is the write of a draft. The audit trail keeps what it said: no filing does.
func draftEvent(perm policies.Permission, e Entry, before *Entry) audit.Event {
	ev := event(perm, e, e.Reason)
	ev.Facts["sha256"] = hex.EncodeToString(sum(e.Draft))
	if e.Supersedes != nil {
		ev.Facts["supersedes"] = *e.Supersedes
	}
	ev.After = e.revision(e.Draft)
	if before != nil {
		ev.Before = before.revision(before.Draft)
	}
	return ev
}

// answer fills in what a write of a draft answers.
func (s *Service) answer(tx *models.Tx, r *Record, e Entry, class Class, o object, content Content) error {
	judged, err := newJudge(tx.Context(), tx.DB()).readings(e.Day, e.Slot, o, content)
	if err != nil {
		return err
	}
	return s.said(tx, r, e, class, o, content, judged)
}

// said is the entry as a write answers it, with everything that is worth a second look.
func (s *Service) said(tx *models.Tx, r *Record, e Entry, class Class, o object, content Content, judged []Judged) error {
	var err error
	if *r, err = s.whole(tx.Context(), e); err != nil {
		return err
	}
	if r.Warnings, err = warnings(tx, class, e, o, content, judged); err != nil {
		return err
	}
	odd, err := s.oddly(tx, class, e, o, content, judged)
	if err != nil {
		return err
	}
	r.Warnings = append(append(r.Warnings, clocks(e)...), odd...)
	if e.State == Draft || e.State == Returned {
		missing, err := short(tx, e, class, content)
		if err != nil {
			return err
		}
		r.Warnings = append(r.Warnings, missing...)
	}
	locks, err := standing(tx, policies.LedgerRead, e.Day, e.Day)
	r.Warnings = append(r.Warnings, warned(locks, e)...)
	return err
}

// Update changes a draft, or the content of a returned entry before it is filed
// again. Stale when somebody changed it since version.
func (s *Service) Update(ctx context.Context, id models.ID, version int64, patch func(Revision) (Revision, error)) (Record, error) {
	var r Record
	if err := policies.Require(ctx, policies.LedgerUpdate); err != nil {
		return r, err
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		before, err := reach(tx, policies.LedgerUpdate, id, version)
		if err != nil {
			return err
		}
		if before.State != Draft && before.State != Returned {
			return notNow(before)
		}
		now, err := s.working(tx, before)
		if err != nil {
			return err
		}
		in, err := patch(before.revision(now))
		if err != nil {
			return err
		}
		if err := fixed(before, &in); err != nil {
			return err
		}
		p, err := s.again(before, in.Input, before.Filings > 0 || before.Supersedes != nil)
		if err != nil {
			return err
		}
		o, err := locate(tx, p)
		if err != nil {
			return err
		}
		after := before.with(p, o, tx)
		after.Reason = in.Reason
		if err := s.store(tx, before, after); err != nil {
			return err
		}
		if err := attach(tx, after, p.attachments); err != nil {
			return err
		}
		before.Draft = now
		if err := logDraft(tx, policies.LedgerUpdate, after, &before); err != nil {
			return err
		}
		return s.answer(tx, &r, after, p.class, o, p.content)
	})
	return r, err
}

// working is the payload that is being worked on: the draft, or the last filing.
func (s *Service) working(tx *models.Tx, e Entry) (string, error) {
	if e.Draft != "" || e.Filings == 0 {
		return e.Draft, nil
	}
	f, err := s.filing(tx.Context(), e, e.Filings)
	return f.Payload, err
}

// fixed refuses to change what an entry is about once something was filed under
// it, or when it amends another; its park never changes. Why it amends can be said better
// until it is filed.
func fixed(e Entry, in *Revision) error {
	var c fault.Check
	was := e.input("")
	switch {
	case in.Reason == e.Reason:
	case e.Supersedes == nil:
		c.Fail("/reason", "unused", "只有更正填写更正原因")
	case e.Filings > 0:
		c.Fail("/reason", "fixed", "更正已经报送，更正原因不能改")
	default:
		in.Reason = fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	}
	same := func(pointer, before, after string) {
		if before != after {
			c.Fail(pointer, "fixed", "记录所属的对象和日期不能改；填错的，作废后重新填报")
		}
	}
	same("/parkId", was.ParkID, in.ParkID)
	if e.Filings > 0 || e.Supersedes != nil {
		same("/class", was.Class, in.Class)
		same("/siteId", was.SiteID, in.SiteID)
		same("/facilityId", was.FacilityID, in.FacilityID)
		same("/outletId", was.OutletID, in.OutletID)
		same("/day", was.Day, in.Day)
		same("/slot", was.Slot, in.Slot)
	}
	return c.Err()
}

// again parses what the entry says now. A slot that follows from the payload is
// the payload's, unless it is fixed.
func (s *Service) again(e Entry, in Input, fixed bool) (parsed, error) {
	if class, ok := s.reads(e)(in.Class); ok && class.Slot.Field != "" && in.Slot == e.Slot {
		in.Slot = ""
	}
	p, err := in.parse(s.reads(e))
	if err == nil && fixed && p.class.Slot.Field != "" && p.slot != e.Slot {
		var c fault.Check
		c.Fail("/payload/"+p.class.Slot.Field, "fixed", "记录所属的对象和日期不能改；填错的，作废后重新填报")
		err = c.Err()
	}
	return p, err
}

// reads finds the class that the entry is read by: the version under which it was
// begun, drafts and amendments included; the newest of another class.
func (s *Service) reads(e Entry) func(string) (Class, bool) {
	return func(classCode string) (Class, bool) {
		if classCode == e.Class {
			return s.classes.At(e.Class, e.ClassVersion)
		}
		return s.classes.Newest(classCode)
	}
}

// with is the entry after an update.
func (e Entry) with(p parsed, o object, tx *models.Tx) Entry {
	e.Placed, e.Condition = o.place, p.class.Condition
	e.Class, e.ClassVersion, e.FacilityID, e.OutletID, e.Day, e.Slot = p.class.Code, p.class.Version, p.facility, p.outlet, p.day, p.slot
	e.Draft, e.Attachments, e.OccurredAt = string(p.payload), p.attached(), p.occurred
	if p.recorded != nil {
		e.RecordedAt = *p.recorded
	}
	e.Version, e.UpdatedAt = e.Version+1, tx.Now()
	return e
}

func (s *Service) store(tx *models.Tx, before, after Entry) error {
	if after.Supersedes == nil {
		var twins int64
		if err := live(tx.Visible(policies.LedgerRead, &Entry{}), after).Count(&twins).Error; err != nil {
			return err
		}
		if twins > 0 {
			return taken(tx, after)
		}
	}
	if err := tx.Covers(policies.LedgerUpdate, after.Owner()); err != nil {
		return err
	}
	res := tx.Visible(policies.LedgerUpdate, &Entry{}).Where("id = ? AND version = ?", before.ID, before.Version).
		Select("*").Omit("id", "created_at").Updates(&after)
	if models.Duplicate(res.Error) {
		return fault.Wrap(res.Error, fault.Conflict, "同一对象、同一天的这类台账已经有一条，不能重复填报")
	}
	return models.Changed(res, stale())
}

// reach reads the head that a move is about: Absent outside the scope, Stale
// when a version is named and it is another.
func reach(tx *models.Tx, perm policies.Permission, id models.ID, version int64) (Entry, error) {
	var e Entry
	if err := models.One(tx.Visible(perm, &e).Where("id = ?", id), &e); err != nil {
		return e, err
	}
	if version != 0 && e.Version != version {
		return e, stale()
	}
	return e, nil
}

func stale() error { return fault.New(fault.Stale, "内容已经被修改，重新读取后再保存") }
