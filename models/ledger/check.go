package ledger

import (
	"context"
	"encoding/json"
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Checked is a draft as its filing would find it.
type Checked struct {
	Record
	Missing []fault.Violation // what has to be filled in first
}

// Check reads a draft, or a returned entry, as its filing would, and writes nothing:
// what is missing, how each reading is judged, and what is worth a second look.
func (s *Service) Check(ctx context.Context, id models.ID) (Checked, error) {
	var k Checked
	if err := policies.Require(ctx, policies.LedgerFile); err != nil {
		return k, err
	}
	return k, s.looking(ctx, func(tx *models.Tx) error {
		e, err := reach(tx, policies.LedgerFile, id, 0)
		if err != nil {
			return err
		}
		if e.State != Draft && e.State != Returned {
			return notNow(e)
		}
		payload, err := s.working(tx, e)
		if err != nil {
			return err
		}
		class, err := s.classes.of(e)
		if err != nil {
			return err
		}
		content, err := class.Read(json.RawMessage(payload))
		if err != nil {
			return err
		}
		o, err := locate(tx, e.parsed(class))
		if err != nil {
			return err
		}
		judged, err := newJudge(tx.Context(), tx.DB()).readings(e.Day, e.Slot, o, content)
		if err != nil {
			return err
		}
		if err := s.said(tx, &k.Record, e, class, o, content, judged); err != nil {
			return err
		}
		k.Payload, k.Judgements = json.RawMessage(payload), judged
		for _, v := range content.Missing {
			v.Pointer = "/payload" + v.Pointer
			k.Missing = append(k.Missing, v)
		}
		k.Warnings = slices.DeleteFunc(k.Warnings, func(v fault.Violation) bool {
			return slices.ContainsFunc(k.Missing, func(m fault.Violation) bool { return m.Pointer == v.Pointer && m.Code == v.Code })
		})
		return nil
	})
}

// looking runs the reads of a write where nothing can be written, all of one state of
// the database: a write joins the transaction that its context carries.
func (s *Service) looking(ctx context.Context, fn func(tx *models.Tx) error) error {
	return s.db.Snapshot(ctx, func(ctx context.Context) error { return s.db.Write(ctx, fn) })
}

// Writable reports what the caller may write of the entry now: a draft or a returned
// entry is changed (and filed), a filed or accepted one is amended.
func (s *Service) Writable(ctx context.Context, e Entry) (change, amend bool, err error) {
	for _, w := range []struct {
		perm policies.Permission
		in   []State
		may  *bool
	}{{policies.LedgerUpdate, []State{Draft, Returned}, &change}, {policies.LedgerAmend, []State{Filed, Accepted}, &amend}} {
		if policies.Require(ctx, w.perm) != nil || !slices.Contains(w.in, e.State) {
			continue
		}
		switch _, err := organisation(ctx, w.perm, e, ""); {
		case err == nil:
			*w.may = true
		case !fault.Is(err, fault.NotFound):
			return false, false, err
		}
	}
	return change, amend, nil
}

// Receiver is who confirms the entry when the caller has filed it.
func (s *Service) Receiver(ctx context.Context, e Entry) (fault.Text, error) {
	as, err := organisation(ctx, policies.LedgerFile, e, "")
	if err != nil {
		return fault.Text{}, err
	}
	e.FiledAs = string(as)
	_, who := e.reviewer()
	return who, nil
}
