package ledger

import (
	"context"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// stateWords are the states as people say them.
var stateWords = map[State]fault.Text{Draft: fault.T("草稿"), Filed: fault.T("已报送"), Returned: fault.T("已退回"),
	Accepted: fault.T("已确认"), Superseded: fault.T("已更正"), Voided: fault.T("已作废")}

// Word is the state as people say it.
func (s State) Word() fault.Text { return stateWords[s] }

func notNow(e Entry) error {
	return fault.New(fault.Conflict, "这条台账记录已经是“{{.State}}”，不能这样操作", "State", stateWords[e.State]).With("state", string(e.State))
}

// organisation is for whom the caller does perm to the entry: wanted when that
// is among them, otherwise the first.
func organisation(ctx context.Context, perm policies.Permission, e Entry, wanted policies.Organisation) (policies.Organisation, error) {
	actor, _ := policies.ActorFrom(ctx)
	acting, err := actor.ActingFor(perm, e.Owner())
	if err != nil {
		return "", err
	}
	if slices.Contains(acting, wanted) {
		return wanted, nil
	}
	if len(acting) == 0 {
		return "", fault.Absent()
	}
	return acting[0], nil
}

// reviewer is who accepts: the park what an enterprise filed, the district what
// the park itself filed, for its own or on behalf of a firm (decision 11).
func (e Entry) reviewer() (policies.Organisation, fault.Text) {
	park := policies.ParkBody(string(e.ParkID))
	if e.SiteID != nil && policies.Organisation(e.FiledAs) != park {
		return park, fault.T("园区管理机构")
	}
	return policies.DistrictBureau(models.Deref(e.Jurisdiction)), fault.T("区管理局")
}

// apart refuses who filed and whoever belongs to the organisation that filed (S-AZ11).
func apart(ctx context.Context, e Entry) error {
	actor, _ := policies.ActorFrom(ctx)
	if models.Deref(e.FiledBy) == models.ID(actor.User) || slices.Contains(actor.Organisations(), policies.Organisation(e.FiledAs)) {
		return fault.New(fault.Conflict, "报送的人和报送的单位不能确认或者退回自己的记录")
	}
	return nil
}

// Accept confirms a filed entry (确认). Conflict for who filed it and for who is
// not its reviewer.
func (s *Service) Accept(ctx context.Context, id models.ID, version int64) (Record, error) {
	return s.move(ctx, acceptance, id, version, "")
}

// Return gives a filed entry back with a reason (退回): by its reviewer or by the district. Conflict while the day is locked.
func (s *Service) Return(ctx context.Context, id models.ID, version int64, in ReasonInput) (Record, error) {
	return s.because(ctx, returning, id, version, in)
}

// Void takes a draft or a filed entry out with a reason (作废). It stays readable.
// Conflict for a filed one while the day is locked.
func (s *Service) Void(ctx context.Context, id models.ID, version int64, in ReasonInput) (Record, error) {
	return s.because(ctx, voiding, id, version, in)
}

// move is one line of the table of moves that write no filing.
type move struct {
	perm policies.Permission
	from []State
	to   State
}

// The moves that change no content.
var (
	acceptance = move{perm: policies.LedgerAccept, from: []State{Filed}, to: Accepted}
	returning  = move{perm: policies.LedgerReturn, from: []State{Filed}, to: Returned}
	voiding    = move{perm: policies.LedgerVoid, from: []State{Draft, Filed}, to: Voided}
)

// Allowed are the states into which the caller may move the entry now, of those that
// take no new content. What only the moment of the move can tell, a locked day or a
// batch that was drawn on, is told then.
func (s *Service) Allowed(ctx context.Context, e Entry) ([]State, error) {
	var allowed []State
	for _, m := range []move{acceptance, returning, voiding} {
		switch err := m.open(ctx, e); fault.CodeOf(err) {
		case "":
			allowed = append(allowed, m.to)
		case fault.Conflict, fault.NotFound, fault.Denied:
		default:
			return nil, err
		}
	}
	return allowed, nil
}

// Returnable is why the caller may not give the entry back now, as far as Allowed can
// tell; nil when nothing speaks against it.
func (s *Service) Returnable(ctx context.Context, e Entry) error { return returning.open(ctx, e) }

// open refuses a move that is not the caller's to make, or not now.
func (m move) open(ctx context.Context, e Entry) error {
	if err := policies.Require(ctx, m.perm); err != nil {
		return err
	}
	if !slices.Contains(m.from, e.State) {
		return notNow(e)
	}
	_, err := m.by(ctx, e)
	return err
}

func (s *Service) because(ctx context.Context, m move, id models.ID, version int64, in ReasonInput) (Record, error) {
	if err := policies.Require(ctx, m.perm); err != nil {
		return Record{}, err
	}
	reason, err := in.Parse()
	if err != nil {
		return Record{}, err
	}
	return s.move(ctx, m, id, version, reason)
}

func (s *Service) move(ctx context.Context, m move, id models.ID, version int64, reason string) (Record, error) {
	var r Record
	if err := policies.Require(ctx, m.perm); err != nil {
		return r, err
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		e, err := reach(tx, m.perm, id, version)
		if err != nil {
			return err
		}
		if !slices.Contains(m.from, e.State) {
			return notNow(e)
		}
		as, err := m.by(tx.Context(), e)
		if err != nil {
			return err
		}
		if m.unsettles(e) {
			if err := unlockedFor(tx, m.perm, e); err != nil {
				return err
			}
			if err := s.unbalance(tx, m.perm, e, m.to); err != nil {
				return err
			}
		}
		after, step, ev := m.made(tx, e, as, reason)
		if _, err := audit.Log(tx, ev); err != nil {
			return err
		}
		res := tx.Visible(m.perm, &Entry{}).Where("id = ? AND version = ?", e.ID, e.Version).
			Updates(map[string]any{"state": m.to, "version": after.Version, "updated_at": tx.Now()})
		if err := models.Changed(res, fault.New(fault.Conflict, "这条台账记录刚刚被别人处理，重新读取后再操作")); err != nil {
			return err
		}
		if err := tx.Append(&step); err != nil {
			return err
		}
		r, err = s.whole(tx.Context(), after)
		r.Warnings = []fault.Violation{}
		return err
	})
	return r, err
}

// made is the entry after the move, with the step and what the log records of it.
func (m move) made(tx *models.Tx, e Entry, as policies.Organisation, reason string) (Entry, Step, audit.Event) {
	after := e
	after.State, after.Version, after.UpdatedAt = m.to, e.Version+1, tx.Now()
	step := Step{ID: models.NewID(), EntryID: e.ID, Kind: string(m.to), At: tx.Now(), ActorID: by(tx), ActedAs: string(as), Reason: reason, ChangeID: models.NewID()}
	ev := m.event(e, after, step)
	ev.Before, ev.After = map[string]any{"state": e.State}, map[string]any{"state": after.State}
	return after, step, ev
}

// event is the move as the log records it.
func (m move) event(before, after Entry, step Step) audit.Event {
	ev := event(m.perm, after, step.Reason)
	ev.Counts, ev.Change = m.counts(before), step.ChangeID
	ev.Wrote = []audit.Wrote{after.Wrote(step)}
	return ev
}

// unsettles reports whether the move changes what stands about the day, which a
// lock forbids: returning and voiding do. Accepting confirms what stands, and a
// draft stands for nothing.
func (m move) unsettles(e Entry) bool { return e.State == Filed && m.to != Accepted }

// by is for whom the caller makes the move, when it is theirs to make.
func (m move) by(ctx context.Context, e Entry) (policies.Organisation, error) {
	if m.to == Voided {
		return organisation(ctx, m.perm, e, policies.Organisation(e.FiledAs))
	}
	if err := apart(ctx, e); err != nil {
		return "", err
	}
	reviewer, words := e.reviewer()
	as, err := organisation(ctx, m.perm, e, reviewer)
	if err != nil || as == reviewer || m.to == Returned && as == policies.DistrictBureau(models.Deref(e.Jurisdiction)) {
		return as, err
	}
	return "", fault.New(fault.Conflict, "这条台账记录由{{.Who}}办理", "Who", words)
}

// counts is how the measures of the park move. A draft counts for nothing.
func (m move) counts(e Entry) counts {
	c := counts{}
	if e.State != Filed {
		return c
	}
	switch m.to {
	case Accepted:
		return c.add(MeasureAccepted, 1)
	case Returned:
		return c.stands(e, -1).add(MeasureReturned, 1)
	default:
		return c.stands(e, -1).add(MeasureVoided, 1)
	}
}
