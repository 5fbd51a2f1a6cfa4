package audit

import (
	"context"
	"log/slog"
	"time"

	"parkregistry/models"
	"parkregistry/policies"
)

// Sequencer numbers committed changes, one process at a time; in the same
// transaction it adds their hashes to the log and folds their counts into the
// summary. Filers never wait for it.
type Sequencer struct {
	db   *models.DB
	log  *slog.Logger
	wake chan struct{}
}

// NewSequencer makes a sequencer; Run starts it.
func NewSequencer(db *models.DB, log *slog.Logger) *Sequencer {
	return &Sequencer{db: db, log: log, wake: make(chan struct{}, 1)}
}

// Wake asks for a round now.
func (s *Sequencer) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// sequencerPause bounds how long a receipt waits for its index.
const sequencerPause = 250 * time.Millisecond

// Run numbers changes until ctx ends; a failed round is logged and tried again.
func (s *Sequencer) Run(ctx context.Context) {
	t := time.NewTicker(sequencerPause)
	defer t.Stop()
	for {
		n, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "number changes", "error", err)
		}
		if n == batch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-t.C:
		}
	}
}

const batch = 2000

// One statement numbers a batch in the order of time and id. READ COMMITTED on
// PostgreSQL, one writer on SQLite: it sees committed changes only, and what
// commits later gets a later number.
const numberChanges = `WITH n AS (
    SELECT id, (SELECT COALESCE(MAX(seq), -1) FROM changes WHERE seq IS NOT NULL) + ROW_NUMBER() OVER (ORDER BY at, id) AS seq
    FROM changes WHERE seq IS NULL ORDER BY at, id LIMIT ?)
UPDATE changes SET seq = n.seq, sealed_at = ? FROM n WHERE changes.id = n.id
RETURNING changes.park_id, changes.jurisdiction, changes.about_on, changes.counts`

// Round numbers one batch and returns how many it numbered.
func (s *Sequencer) Round(ctx context.Context) (int, error) {
	var numbered []Change
	ctx = policies.With(ctx, s.db.Policy.Program("sequencer"))
	if waiting, err := s.waiting(ctx); err != nil || !waiting {
		return 0, err
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		if err := policies.Require(tx.Context(), policies.ChangeSeal); err != nil {
			return err
		}
		if mine, err := alone(tx); err != nil || !mine {
			return err
		}
		numbered = nil
		if err := tx.Program().Raw(numberChanges, batch, tx.Now()).Scan(&numbered).Error; err != nil {
			return err
		}
		if _, err := growLog(tx, batch); err != nil {
			return err
		}
		return Fold(tx, numbered, tx.Today())
	})
	return len(numbered), err
}

// Drain numbers everything that waits. A round may find the lock still held by a
// connection that was cut off: it is tried again until ctx ends.
func (s *Sequencer) Drain(ctx context.Context) error {
	program := policies.With(ctx, s.db.Policy.Program("sequencer"))
	for {
		n, err := s.Round(ctx)
		if err != nil {
			return err
		}
		if waits, err := s.waiting(program); err != nil || !waits {
			return err
		}
		if n == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
}

// waiting keeps an idle sequencer away from the one writer of SQLite.
func (s *Sequencer) waiting(ctx context.Context) (bool, error) {
	var ids []models.ID
	err := s.db.Visible(ctx, policies.ChangeSeal, &Change{}).Where("seq IS NULL").Limit(1).Pluck("id", &ids).Error
	return len(ids) > 0, err
}

// sequencerLock is the advisory lock that one process holds on PostgreSQL.
const sequencerLock = 0x7061726b // "park"

func alone(tx *models.Tx) (bool, error) { return locked(tx, sequencerLock) }

// locked takes an advisory lock of one process on PostgreSQL, if nobody holds it.
func locked(tx *models.Tx, lock int64) (bool, error) {
	if tx.DB().Engine != models.Postgres {
		return true, nil
	}
	var mine bool
	err := tx.Program().Raw("SELECT pg_try_advisory_xact_lock(?)", lock).Scan(&mine).Error
	return mine, err
}
