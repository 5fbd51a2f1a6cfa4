package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// PeriodLock is a period that the bureau locked (锁定期): of one park, of a
// jurisdiction, or of the whole city when neither is named. What was filed about
// its days stands as it is until the lock is lifted. A lock is lifted once; a new
// one may cover the same days.
type PeriodLock struct {
	models.Versioned
	Number       string // PL-2026-000012
	FromOn       code.Day
	ToOn         code.Day // inclusive
	ParkID       *models.ID
	Jurisdiction *string // of the park, or locked as a whole
	Reason       string
	LockedBy     models.ID
	UnlockedAt   *time.Time // nil while it stands
}

// TableName implements gorm's Tabler.
func (PeriodLock) TableName() string { return "period_locks" }

// Scope implements models.Scoped. Who moves an entry sees the locks that keep it.
func (PeriodLock) Scope() models.Scope { return models.AreaRows("period_locks", "period", "ledger") }

// place is where the lock's changes belong.
func (l PeriodLock) place() models.Placed {
	return models.Placed{ParkID: models.Deref(l.ParkID), Jurisdiction: l.Jurisdiction}
}

// Owner implements models.Owned.
func (l PeriodLock) Owner() policies.Row { return l.place().Owner() }

// PeriodStep is one move of a lock.
type PeriodStep struct {
	ID       models.ID `gorm:"primaryKey"`
	LockID   models.ID
	Kind     string // locked, unlocked
	At       time.Time
	ActorID  models.ID
	Reason   string
	ChangeID models.ID
}

// TableName implements gorm's Tabler.
func (PeriodStep) TableName() string { return "period_lock_steps" }

// Scope implements models.Scoped.
func (PeriodStep) Scope() models.Scope {
	return models.ChildRows("period_lock_steps", "lock_id", PeriodLock{})
}

// The kinds of a step.
const (
	locked   = "locked"
	unlocked = "unlocked"
)

// PeriodInput locks a period.
type PeriodInput struct {
	From         string `json:"from" format:"date" doc:"起始日期（含）"`
	To           string `json:"to" format:"date" doc:"截止日期（含），不晚于今天"`
	ParkID       string `json:"parkId,omitempty" format:"uuid" doc:"只锁定一个园区"`
	Jurisdiction string `json:"jurisdiction,omitempty" doc:"锁定一个属地的全部园区；园区和属地都不填为全市"`
	Reason       string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks everything that needs no register and no clock.
func (in PeriodInput) Parse() (PeriodLock, error) {
	var c fault.Check
	l := PeriodLock{
		FromOn: fault.Must(&c, "/from", in.From, code.ParseDay),
		ToOn:   fault.Must(&c, "/to", in.To, code.ParseDay),
		ParkID: models.Ref(fault.Parse(&c, "/parkId", in.ParkID, models.ParseID)),
		Reason: fault.Must(&c, "/reason", in.Reason, code.ParseReason),
	}
	if j := fault.Parse(&c, "/jurisdiction", in.Jurisdiction, code.ParseJurisdiction); j != "" {
		l.Jurisdiction = models.Ref(string(j))
	}
	if in.ParkID != "" && in.Jurisdiction != "" {
		c.Fail("/jurisdiction", "oneOf", "园区和属地只填一项，都不填为全市")
	}
	if c.OK() && l.ToOn < l.FromOn {
		c.Fail("/to", "order", "截止日期不能早于起始日期")
	}
	return l, c.Err()
}

// periodLatch: a filing shares it, a lock is alone with it. So a lock waits for the
// filings that have begun, and no filing that begins later can miss the lock.
const periodLatch models.Latch = 0x706c636b

// LockPeriod locks a period (锁定). A repeated creation under the same id answers
// the lock as it stands. Conflict when the id is taken by another one.
func (s *Service) LockPeriod(ctx context.Context, id models.ID, in PeriodInput) (PeriodLock, error) {
	if err := policies.Require(ctx, policies.PeriodLock); err != nil {
		return PeriodLock{}, err
	}
	l, err := in.Parse()
	if err != nil {
		return l, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if err := tx.Alone(periodLatch); err != nil {
			return err
		}
		if l.ToOn > tx.Today() {
			var c fault.Check
			c.Fail("/to", "future", "只能锁定到今天为止的日期")
			return c.Err()
		}
		if l.ParkID != nil {
			var park registry.Park
			if err := models.One(tx.Visible(policies.ParkRead, &park).Where("id = ?", *l.ParkID), &park); err != nil {
				return err
			}
			l.Jurisdiction = park.Jurisdiction
		}
		if id == "" {
			id = models.NewID()
		}
		now := tx.Now()
		l.Versioned = models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}
		l.LockedBy = by(tx)
		var err error
		if l.Number, err = tx.Number(models.PeriodLockNumber); err != nil {
			return err
		}
		if stored, err := tx.CreateNew(policies.PeriodLock, &l); err != nil {
			return err
		} else if !stored {
			return again(tx, &l)
		}
		return l.step(tx, policies.PeriodLock, locked, l.Reason)
	})
	return l, err
}

// again answers a creation that was made before under the same id.
func again(tx *models.Tx, l *PeriodLock) error {
	var there PeriodLock
	if err := models.One(tx.Visible(policies.PeriodLock, &there).Where("id = ?", l.ID), &there); err != nil {
		return err
	}
	if there.FromOn != l.FromOn || there.ToOn != l.ToOn || there.Reason != l.Reason || there.area() != l.area() {
		return fault.New(fault.Conflict, "这个编号已经用于另一次锁定，换一个编号")
	}
	*l = there
	return nil
}

// UnlockPeriod lifts a lock with a reason (解锁). Conflict when it is lifted already.
func (s *Service) UnlockPeriod(ctx context.Context, id models.ID, version int64, in ReasonInput) (PeriodLock, error) {
	var l PeriodLock
	if err := policies.Require(ctx, policies.PeriodUnlock); err != nil {
		return l, err
	}
	reason, err := in.Parse()
	if err != nil {
		return l, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		l = PeriodLock{}
		if err := models.One(tx.Visible(policies.PeriodUnlock, &l).Where("id = ?", id), &l); err != nil {
			return err
		}
		if version != 0 && l.Version != version {
			return stale()
		}
		now := tx.Now()
		res := tx.Visible(policies.PeriodUnlock, &PeriodLock{}).Where("id = ? AND unlocked_at IS NULL", id).
			Updates(map[string]any{"unlocked_at": now, "version": l.Version + 1, "updated_at": now})
		if err := models.Changed(res, fault.New(fault.Conflict, "{{.Number}} 已经解锁", "Number", l.Number)); err != nil {
			return err
		}
		l.UnlockedAt, l.UpdatedAt, l.Version = &now, now, l.Version+1
		return l.step(tx, policies.PeriodUnlock, unlocked, reason)
	})
	return l, err
}

// step records a move of the lock: change, audit record and step.
func (l PeriodLock) step(tx *models.Tx, perm policies.Permission, kind, reason string) error {
	s := PeriodStep{ID: models.NewID(), LockID: l.ID, Kind: kind, At: tx.Now(), ActorID: by(tx), Reason: reason, ChangeID: models.NewID()}
	_, err := audit.Log(tx, audit.Event{Action: perm, Kind: "period", ID: l.ID, Place: l.place(), About: l.FromOn, Reason: reason, Change: s.ChangeID,
		Facts: l.facts(kind, reason), Wrote: []audit.Wrote{{Object: l.ID, Head: l, Rows: []any{s}}},
		After: map[string]any{"number": l.Number, "from": l.FromOn, "to": l.ToOn, "step": kind}})
	if err != nil {
		return err
	}
	return tx.Append(&s)
}

// facts are what the leaf of a step commits to.
func (l PeriodLock) facts(kind, reason string) map[string]any {
	d := sha256.Sum256([]byte(reason))
	return map[string]any{"step": kind, "number": l.Number, "from": l.FromOn, "to": l.ToOn, "area": l.area(), "reason": hex.EncodeToString(d[:])}
}

// area is what the lock covers: park:<id>, district:<slug> or city. A park that
// changes its jurisdiction stays locked as the park that it is.
func (l PeriodLock) area() string {
	switch {
	case l.ParkID != nil:
		return "park:" + string(*l.ParkID)
	case l.Jurisdiction != nil:
		return "district:" + *l.Jurisdiction
	}
	return "city"
}

// standing are the locks over any of the days that perm reaches. All of them are
// read: a list that ends too early would let a filing through.
func standing(tx *models.Tx, perm policies.Permission, from, to code.Day) (locks []PeriodLock, err error) {
	err = tx.Visible(perm, &PeriodLock{}).Where("unlocked_at IS NULL AND from_on <= ? AND to_on >= ?", to, from).Order("from_on, id").Find(&locks).Error
	return locks, err
}

// covers reports whether the entry is about a day and a place of the lock.
func (l PeriodLock) covers(e Entry) bool {
	if e.Day < l.FromOn || e.Day > l.ToOn {
		return false
	}
	if l.ParkID != nil {
		return *l.ParkID == e.ParkID
	}
	return l.Jurisdiction == nil || *l.Jurisdiction == models.Deref(e.Jurisdiction)
}

// refuse names the lock that stands over the entry; nil when none does.
func refuse(locks []PeriodLock, e Entry) error {
	i := slices.IndexFunc(locks, func(l PeriodLock) bool { return l.covers(e) })
	if i < 0 {
		return nil
	}
	l := locks[i]
	return fault.New(fault.Conflict, "{{.From}} 至 {{.To}} 已经锁定（{{.Number}}：{{.Reason}}），市局解锁后才能办理",
		"From", l.FromOn, "To", l.ToOn, "Number", l.Number, "Reason", l.Reason).With("lock", l.Number)
}

// warned tells who writes a draft that it cannot be filed as things stand.
func warned(locks []PeriodLock, e Entry) []fault.Violation {
	i := slices.IndexFunc(locks, func(l PeriodLock) bool { return l.covers(e) })
	if i < 0 || e.State != Draft && e.State != Returned {
		return nil
	}
	l := locks[i]
	return one("/day", "locked", fault.T("{{.From}} 至 {{.To}} 已经锁定（{{.Number}}），市局解锁后才能报送", "From", l.FromOn, "To", l.ToOn, "Number", l.Number))
}

// unlockedFor refuses a move that would change what stands about a locked day.
func unlockedFor(tx *models.Tx, perm policies.Permission, e Entry) error {
	if err := tx.Share(periodLatch); err != nil {
		return err
	}
	locks, err := standing(tx, perm, e.Day, e.Day)
	if err != nil {
		return err
	}
	return refuse(locks, e)
}

// PeriodFilter narrows the list of locks; what is empty does not.
type PeriodFilter struct {
	ParkID, Jurisdiction string
	On                   code.Day // locks over that day
	Standing             *bool
}

var periodOrders = map[string]models.Order[PeriodLock]{
	"-createdAt": {Column: "period_locks.created_at", Desc: true, Key: func(l PeriodLock) any { return l.CreatedAt }},
	"createdAt":  {Column: "period_locks.created_at", Key: func(l PeriodLock) any { return l.CreatedAt }},
}

// Periods lists the locks over places of the caller, newest first.
func (s *Service) Periods(ctx context.Context, f PeriodFilter, q models.Query) (models.Page[PeriodLock], error) {
	var c fault.Check
	fault.Parse(&c, "/query/on", string(f.On), code.ParseDay)
	if err := badQuery(c.Err()); err != nil {
		return models.Page[PeriodLock]{}, err
	}
	rows := s.db.Visible(ctx, policies.PeriodRead, &PeriodLock{})
	if f.ParkID != "" {
		rows = rows.Where("period_locks.park_id = ?", f.ParkID)
	}
	if f.Jurisdiction != "" {
		rows = rows.Where("period_locks.jurisdiction = ?", f.Jurisdiction)
	}
	if f.On != "" {
		rows = rows.Where("period_locks.from_on <= ? AND period_locks.to_on >= ?", f.On, f.On)
	}
	if f.Standing != nil {
		rows = rows.Where(map[bool]string{true: "period_locks.unlocked_at IS NULL", false: "period_locks.unlocked_at IS NOT NULL"}[*f.Standing])
	}
	return models.List(s.db, rows, q, periodOrders, "-createdAt", func(l PeriodLock) models.ID { return l.ID })
}

// Period reads one lock with its steps.
func (s *Service) Period(ctx context.Context, id models.ID) (PeriodLock, []PeriodStep, error) {
	var l PeriodLock
	if err := models.One(s.db.Visible(ctx, policies.PeriodRead, &l).Where("id = ?", id), &l); err != nil {
		return l, nil, err
	}
	var steps []PeriodStep
	return l, steps, s.db.Visible(ctx, policies.PeriodRead, &PeriodStep{}).Where("lock_id = ?", id).Order("at, id").Limit(2).Find(&steps).Error
}
