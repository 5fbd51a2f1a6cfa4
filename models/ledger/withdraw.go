package ledger

import (
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Left is an entry in the version in which it was left.
type Left struct {
	ID      models.ID `json:"id"`
	Version int64     `json:"version"`
}

// Withdraw voids entries of one class that nobody has touched since they were left:
// what a file brought in. It answers, by their places in all, what keeps some from it;
// then nothing must be kept of what it did.
func (s *Service) Withdraw(tx *models.Tx, all []Left, in ReasonInput) (map[int]error, error) {
	if err := policies.Require(tx.Context(), voiding.perm); err != nil {
		return nil, err
	}
	reason, err := in.Parse()
	if err != nil {
		return nil, err
	}
	if err := tx.Share(periodLatch); err != nil {
		return nil, err
	}
	kept := map[int]error{}
	// The last first: a step of hazardous waste that took from an earlier one gives back before that one goes.
	for end := len(all); end > 0; end -= MaxStretch {
		begin := max(0, end-MaxStretch)
		w := withdrawal{s: s, tx: tx, reason: reason}
		if err := w.read(all[begin:end]); err != nil {
			return nil, err
		}
		for i := end - 1; i >= begin; i-- {
			switch err := w.one(all[i]); fault.CodeOf(err) {
			case "":
			case fault.NotFound, fault.Conflict, fault.Invalid:
				kept[i] = err
			default:
				return nil, err
			}
		}
		if len(kept) == 0 {
			if err := w.write(); err != nil {
				return nil, err
			}
		}
	}
	return kept, nil
}

// withdrawal is one stretch of entries that are voided.
type withdrawal struct {
	s      *Service
	tx     *models.Tx
	reason string
	heads  map[models.ID]Entry
	locks  []PeriodLock
	events []audit.Event
	steps  []Step
	ids    map[int64][]models.ID // by the version in which they are left
}

func (w *withdrawal) read(all []Left) error {
	ids := make([]models.ID, len(all))
	for i, l := range all {
		ids[i] = l.ID
	}
	var heads []Entry
	if err := w.tx.Visible(voiding.perm, &Entry{}).Where("id IN ?", ids).Find(&heads).Error; err != nil || len(heads) == 0 {
		return err
	}
	w.heads, w.ids = make(map[models.ID]Entry, len(heads)), map[int64][]models.ID{}
	from, to := heads[0].Day, heads[0].Day
	for _, e := range heads {
		w.heads[e.ID] = e
		from, to = min(from, e.Day), max(to, e.Day)
	}
	var err error
	w.locks, err = standing(w.tx, voiding.perm, from, to)
	return err
}

// one prepares the voiding of an entry, in the order of move.
func (w *withdrawal) one(l Left) error {
	e, there := w.heads[l.ID]
	switch {
	case !there:
		return fault.Absent()
	case !slices.Contains(voiding.from, e.State):
		return notNow(e)
	case e.Version != l.Version:
		return fault.New(fault.Conflict, "台账 {{.Number}} 后来改过，单独处理", "Number", e.Number)
	}
	as, err := voiding.by(w.tx.Context(), e)
	if err != nil {
		return err
	}
	if voiding.unsettles(e) {
		if err := refuse(w.locks, e); err != nil {
			return err
		}
		if err := w.s.unbalance(w.tx, voiding.perm, e, voiding.to); err != nil {
			return err
		}
	}
	_, step, ev := voiding.made(w.tx, e, as, w.reason)
	w.events, w.steps = append(w.events, ev), append(w.steps, step)
	w.ids[e.Version] = append(w.ids[e.Version], e.ID)
	return nil
}

func (w *withdrawal) write() error {
	if _, err := audit.LogAll(w.tx, w.events); err != nil {
		return err
	}
	for version, ids := range w.ids {
		res := w.tx.Visible(voiding.perm, &Entry{}).Where("id IN ? AND version = ?", ids, version).
			Updates(map[string]any{"state": voiding.to, "version": version + 1, "updated_at": w.tx.Now()})
		if res.Error == nil && res.RowsAffected != int64(len(ids)) {
			return fault.New(fault.Conflict, "这条台账记录刚刚被别人处理，重新读取后再操作")
		}
		if res.Error != nil {
			return res.Error
		}
	}
	return models.AppendAll(w.tx, w.steps)
}
