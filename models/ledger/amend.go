package ledger

import (
	"context"
	"encoding/json"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// Amend starts an amendment (更正) of a filed or accepted entry: a draft about
// the same thing that takes its place when it is filed. Without a payload the
// draft says what the old entry says. Conflict while another amendment of the
// entry stands, and while the day is locked.
func (s *Service) Amend(ctx context.Context, id, newID models.ID, version int64, in AmendInput) (Record, error) {
	var r Record
	if err := policies.Require(ctx, policies.LedgerAmend); err != nil {
		return r, err
	}
	reason, err := in.Parse()
	if err != nil {
		return r, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		old, err := reach(tx, policies.LedgerAmend, id, version)
		if err != nil {
			return err
		}
		if again, err := s.repeated(tx, policies.LedgerAmend, newID, in.digest(id), &r); again || err != nil {
			return err
		}
		if old.State != Filed && old.State != Accepted {
			return notNow(old)
		}
		if err := unlockedFor(tx, policies.LedgerAmend, old); err != nil {
			return err
		}
		p, err := s.amendment(tx, old, in)
		if err != nil {
			return err
		}
		o, err := locate(tx, p)
		if err != nil {
			return err
		}
		e := p.entry(tx, newID, o)
		e.Placed = old.Placed
		e.Supersedes, e.Reason, e.Digest, e.Demo = &old.ID, reason, in.digest(id), old.Demo
		if stored, err := insert(tx, policies.LedgerAmend, &e); err != nil {
			return err
		} else if !stored {
			if again, err := s.repeated(tx, policies.LedgerAmend, newID, e.Digest, &r); again || err != nil {
				return err
			}
			return amending(tx, old)
		}
		if _, err := files.Attach(tx, policies.LedgerAmend, e.attachable(old.attached()), p.attachments); err != nil {
			return err
		}
		if err := logDraft(tx, policies.LedgerAmend, e, nil); err != nil {
			return err
		}
		return s.answer(tx, &r, e, p.class, o, p.content)
	})
	return r, err
}

// amendment is the new draft. It says the same thing again, so that it is read
// by the version of the class by which the old entry is read, and the two compare
// field by field.
func (s *Service) amendment(tx *models.Tx, old Entry, in AmendInput) (parsed, error) {
	payload := string(in.Payload)
	if null(in.Payload) {
		f, err := s.filing(tx.Context(), old, old.Filings)
		if err != nil {
			return parsed{}, err
		}
		payload = f.Payload
	}
	full := old.input(payload)
	full.Payload, full.RecordedAt = json.RawMessage(payload), in.RecordedAt
	if in.OccurredAt != "" {
		full.OccurredAt = in.OccurredAt
	}
	if in.Attachments != nil {
		full.Attachments = in.Attachments
	}
	return s.again(old, full, true)
}

// amending says which amendment of old stands already, as far as the caller may see it.
func amending(tx *models.Tx, old Entry) error {
	var number []string
	err := tx.Visible(policies.LedgerRead, &Entry{}).Where("supersedes = ? AND state <> ?", old.ID, Voided).Limit(1).Pluck("number", &number).Error
	if err != nil {
		return err
	}
	if len(number) == 0 {
		return fault.New(fault.Conflict, "这个编号已经用于另一条台账记录，换一个编号")
	}
	return fault.New(fault.Conflict, "这条记录已经有一份更正（{{.Number}}），在那一份上继续，或者先作废它", "Number", number[0]).With("number", number[0])
}
