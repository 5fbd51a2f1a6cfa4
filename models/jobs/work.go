package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/models/replay"
	"parkregistry/policies"
)

// rewriteArgs name the park whose rows follow its new jurisdiction. The job has
// no uniqueness: a change made while an older job runs needs one of its own, and
// doing it twice changes nothing.
type rewriteArgs struct {
	Park models.ID `json:"park"`
}

// Kind implements river.JobArgs.
func (rewriteArgs) Kind() string { return "rewrite_jurisdiction" }

// RewriteJurisdiction implements registry.Rewriter.
func (s *Service) RewriteJurisdiction(tx *models.Tx, park models.ID) error {
	return s.enqueue(tx, rewriteArgs{park})
}

// sweepArgs is the hourly forgetting of what is kept for a while only.
type sweepArgs struct{}

// Kind implements river.JobArgs.
func (sweepArgs) Kind() string { return "sweep" }

// InsertOpts implements river.JobArgsWithInsertOpts: one an hour, however many nodes ask.
func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: sweepEvery}}
}

const sweepEvery = time.Hour

// backupArgs is one scheduled backup.
type backupArgs struct{}

// Kind implements river.JobArgs.
func (backupArgs) Kind() string { return "backup" }

// checkpointArgs is one scheduled checkpoint.
type checkpointArgs struct{}

// Kind implements river.JobArgs.
func (checkpointArgs) Kind() string { return "checkpoint" }

// remindArgs is one round of reminders.
type remindArgs struct{}

// Kind implements river.JobArgs.
func (remindArgs) Kind() string { return "remind" }

// remindEvery is how often it is looked whether anybody is to be reminded. That nobody
// is reminded twice a day is the table's affair, not the queue's.
const remindEvery = time.Hour

// backupTimeout is the longest that a backup may take.
const backupTimeout = 2 * time.Hour

// exportArgs name an export that is to be written.
type exportArgs struct {
	Export models.ID `json:"export"`
}

// Kind implements river.JobArgs.
func (exportArgs) Kind() string { return "export" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (exportArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 5} }

// WriteExport implements export.Queue.
func (s *Service) WriteExport(tx *models.Tx, id models.ID) error {
	return s.enqueue(tx, exportArgs{id})
}

// importArgs name an import that is to be committed.
type importArgs struct {
	Import models.ID `json:"import" river:"unique"`
}

// Kind implements river.JobArgs.
func (importArgs) Kind() string { return "import" }

// InsertOpts implements river.JobArgsWithInsertOpts: one at a time for an import.
func (importArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 5, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
}

// CommitImport implements exchange.Queue.
func (s *Service) CommitImport(tx *models.Tx, id models.ID) error {
	return s.enqueue(tx, importArgs{id})
}

// importTimeout is the longest that a commit of a file may take.
const importTimeout = 2 * time.Hour

// importWorker gives a commit more time than other jobs have, and says which try is the last.
type importWorker struct {
	river.WorkerDefaults[importArgs]
	db     *models.DB
	commit func(ctx context.Context, id models.ID, last bool) error
}

// Timeout implements river.Worker.
func (importWorker) Timeout(*river.Job[importArgs]) time.Duration { return importTimeout }

// Work implements river.Worker.
func (w importWorker) Work(ctx context.Context, job *river.Job[importArgs]) error {
	if w.commit == nil { // enqueued by a node that commits
		return nil
	}
	return w.commit(asProgram(ctx, w.db), job.Args.Import, job.Attempt >= job.MaxAttempts)
}

// work runs do as the program itself, in one transaction.
func work(ctx context.Context, db *models.DB, do func(tx *models.Tx) error) error {
	return db.Write(asProgram(ctx, db), do)
}

func asProgram(ctx context.Context, db *models.DB) context.Context {
	return audit.From(policies.With(ctx, db.Policy.Program("jobs")), audit.Origin{Via: "job"})
}

// backupWorker gives a backup more time than other jobs have.
type backupWorker struct {
	river.WorkerDefaults[backupArgs]
	db   *models.DB
	make func(context.Context) error
}

// Timeout implements river.Worker.
func (backupWorker) Timeout(*river.Job[backupArgs]) time.Duration { return backupTimeout }

// Work implements river.Worker.
func (w backupWorker) Work(ctx context.Context, _ *river.Job[backupArgs]) error {
	if w.make == nil { // enqueued before backups were switched off
		return nil
	}
	return w.make(asProgram(ctx, w.db))
}

// register names every kind of work there is.
func register(all *river.Workers, db *models.DB, o Options) {
	river.AddWorker(all, river.WorkFunc(func(ctx context.Context, job *river.Job[rewriteArgs]) error {
		return work(ctx, db, func(tx *models.Tx) error { return registry.RewriteJurisdiction(tx, job.Args.Park) })
	}))
	river.AddWorker(all, river.WorkFunc(func(ctx context.Context, _ *river.Job[sweepArgs]) error {
		err := work(ctx, db, func(tx *models.Tx) error {
			if _, err := replay.Sweep(tx); err != nil {
				return err
			}
			return account.SweepAttempts(tx)
		})
		if err != nil || o.SweepFiles == nil {
			return err
		}
		return o.SweepFiles(asProgram(ctx, db))
	}))
	river.AddWorker(all, river.WorkFunc(func(ctx context.Context, _ *river.Job[remindArgs]) error {
		if o.Remind == nil { // enqueued by a node that reminds
			return nil
		}
		return o.Remind(asProgram(ctx, db))
	}))
	river.AddWorker(all, river.WorkFunc(func(ctx context.Context, job *river.Job[exportArgs]) error {
		if o.Export == nil { // enqueued by a node that writes them
			return nil
		}
		return o.Export(asProgram(ctx, db), job.Args.Export)
	}))
	river.AddWorker(all, importWorker{db: db, commit: o.Import})
	river.AddWorker(all, backupWorker{db: db, make: o.Backup})
	river.AddWorker(all, river.WorkFunc(func(ctx context.Context, _ *river.Job[checkpointArgs]) error {
		if o.Sign == nil { // enqueued by a node that signs
			return nil
		}
		return o.Sign(asProgram(ctx, db))
	}))
}

func periodic(o Options) []*river.PeriodicJob {
	all := []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(sweepEvery),
		func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil }, &river.PeriodicJobOpts{ID: "sweep", RunOnStart: true})}
	if o.Remind != nil {
		all = append(all, river.NewPeriodicJob(river.PeriodicInterval(remindEvery), func() (river.JobArgs, *river.InsertOpts) {
			return remindArgs{}, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: remindEvery}}
		}, &river.PeriodicJobOpts{ID: "remind", RunOnStart: true}))
	}
	if o.Backup != nil && o.BackupEvery > 0 {
		all = append(all, river.NewPeriodicJob(river.PeriodicInterval(o.BackupEvery), func() (river.JobArgs, *river.InsertOpts) {
			return backupArgs{}, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: o.BackupEvery}}
		}, &river.PeriodicJobOpts{ID: "backup", RunOnStart: true}))
	}
	if o.Sign != nil && o.SignEvery > 0 {
		all = append(all, river.NewPeriodicJob(river.PeriodicInterval(o.SignEvery), func() (river.JobArgs, *river.InsertOpts) {
			return checkpointArgs{}, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: o.SignEvery}}
		}, &river.PeriodicJobOpts{ID: "checkpoint", RunOnStart: true}))
	}
	return all
}
