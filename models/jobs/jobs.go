// Package jobs is the background work of the program: enqueued in the
// transaction of what causes it, kept in the database, taken up again after a
// restart. It alone knows the job library.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"parkregistry/models"
)

// Options are what the work needs from the program.
type Options struct {
	Backup      func(context.Context) error                              // makes one backup; nil when none is wanted
	BackupEvery time.Duration                                            // how often, 0 is never
	Sign        func(context.Context) error                              // signs a checkpoint where the log has grown; nil for none
	SignEvery   time.Duration                                            // how often, 0 is never
	Remind      func(context.Context) error                              // reminds people of what waits, each hour; nil for none
	SweepFiles  func(context.Context) error                              // removes files that nothing points to, each hour; nil for none
	Export      func(context.Context, models.ID) error                   // writes an export that waits; nil for none
	Import      func(ctx context.Context, id models.ID, last bool) error // commits an import; nil for none
}

// Service holds the queue. Enqueueing needs no Start; working does.
type Service struct {
	db     *models.DB
	client *river.Client[*sql.Tx]
}

const (
	workers    = 4
	jobTimeout = 5 * time.Minute
	// rescueAfter is when a job of a node that died is taken up by another.
	rescueAfter = 10 * time.Minute
	// poll is how long a job waits at most. Both engines are asked, never listened
	// to: LISTEN does not pass poolers and does not exist in all of the family. On
	// SQLite one empty question holds the writer for a fraction of a millisecond.
	poll = time.Second
)

// New makes the queue over the database's writing pool.
func New(db *models.DB, log *slog.Logger, o Options) (*Service, error) {
	s := &Service{db: db}
	known := river.NewWorkers()
	register(known, db, o)
	client, err := river.NewClient(driver(db), &river.Config{
		Logger:  slog.New(quiet{log.Handler()}),
		Workers: known, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, MaxAttempts: 10,
		FetchPollInterval: poll, PollOnly: true,
		PeriodicJobs: periodic(o),
		// Reindexing wants the owner of the tables; the role that serves owns none.
		ReindexerIndexNames: []string{},
	})
	if err != nil {
		return nil, fmt.Errorf("make the job queue: %w", err)
	}
	s.client = client
	return s, nil
}

func driver(db *models.DB) riverdriver.Driver[*sql.Tx] {
	if db.Engine == models.SQLite {
		return riversqlite.New(db.SQL())
	}
	return riverdatabasesql.New(db.SQL())
}

// Migrate brings the library's own tables to its version. It runs after
// models.DB.Migrate, as the same role.
func Migrate(ctx context.Context, db *models.DB) error {
	m, err := rivermigrate.New(driver(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("read the migrations of the job queue: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		// Two starters at once: the second finds the work done when it looks again.
		if again := Current(ctx, db); again == nil {
			return nil
		}
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

// Current is nil when the library's tables are at the version that this program needs.
func Current(ctx context.Context, db *models.DB) error {
	m, err := rivermigrate.New(driver(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	res, err := m.Validate(ctx, nil)
	if err != nil {
		return fmt.Errorf("read the version of the job queue: %w", err)
	}
	if !res.OK {
		return errors.New("the job queue's tables are older than the program: run migrate (" + strings.Join(res.Messages, "; ") + ")")
	}
	return nil
}

// Start begins to work. It returns at once; Stop ends it.
func (s *Service) Start(ctx context.Context) error {
	if s.db.Engine == models.SQLite {
		if err := s.adopt(ctx); err != nil {
			return err
		}
	}
	if err := s.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// adopt takes up what was running when the process was killed. A SQLite file has
// one process that works, so nothing there can still be running at its start; on
// PostgreSQL another node may be at it, and rescueAfter decides.
func (s *Service) adopt(ctx context.Context) error {
	_, err := s.db.SQL().ExecContext(ctx, `UPDATE river_job SET
		state = CASE WHEN attempt >= max_attempts THEN 'discarded' ELSE 'available' END,
		finalized_at = CASE WHEN attempt >= max_attempts THEN CURRENT_TIMESTAMP END
		WHERE state = 'running'`)
	if err != nil {
		return fmt.Errorf("take up interrupted jobs: %w", err)
	}
	return nil
}

// Stop lets running jobs finish until ctx ends, then cancels them; what was
// cancelled is tried again after the next start.
func (s *Service) Stop(ctx context.Context) error {
	err := s.client.Stop(ctx)
	if err == nil || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return s.client.StopAndCancel(last)
}

// enqueue adds a job in the transaction of what causes it. Only this way: the
// library's own pool is the one writer of SQLite, which the transaction holds.
func (s *Service) enqueue(tx *models.Tx, args river.JobArgs) error {
	if _, err := s.client.InsertTx(tx.Context(), tx.SQL(), args, nil); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// quiet passes warnings and errors of the library on, and none of its chatter.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Handle implements slog.Handler. What was broken off because the program ends, or who
// asked has gone, is no fault of anybody.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
