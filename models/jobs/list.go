package jobs

import (
	"context"
	"strconv"
	"time"

	"parkregistry/models"
	"parkregistry/policies"
)

// Job is one piece of background work as people see it. What went wrong is in
// the log only: an error's text may name what a reader may not see (S-OUT1).
type Job struct {
	ID          int64
	Kind        string // sweep, remind, checkpoint, backup, rewrite_jurisdiction, export, import
	State       string // available, scheduled, running, retryable, completed, discarded, cancelled, pending
	Attempt     int    // tries so far
	MaxAttempts int
	Failures    int       // tries that failed
	CreatedAt   time.Time // UTC
	ScheduledAt time.Time // when it is due
	AttemptedAt *time.Time
	FinalizedAt *time.Time
}

// TableName implements gorm's Tabler.
func (Job) TableName() string { return "river_job" }

// Scope implements models.Scoped: the whole list or nothing, by job.read.
func (Job) Scope() models.Scope { return models.ReferenceRows("river_job", "job") }

// Filter narrows the list; "" is all.
type Filter struct {
	State string
	Kind  string
}

func number(j Job) any { return j.ID }

var orders = map[string]models.Order[Job]{
	"-id": {Column: "river_job.id", Desc: true, Key: number},
	"id":  {Column: "river_job.id", Key: number},
}

// List gives the jobs, newest first. Denied without job.read.
func (s *Service) List(ctx context.Context, f Filter, query models.Query) (models.Page[Job], error) {
	if err := policies.Require(ctx, policies.JobRead); err != nil {
		return models.Page[Job]{}, err
	}
	// Counted by the database, since the engines keep the errors differently.
	failures := "COALESCE(cardinality(errors), 0)"
	if s.db.Engine == models.SQLite {
		failures = "COALESCE(json_array_length(errors), 0)"
	}
	q := s.db.Visible(ctx, policies.JobRead, &Job{}).Select("id, kind, state, attempt, max_attempts, " + failures +
		" AS failures, created_at, scheduled_at, attempted_at, finalized_at")
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	return models.List(s.db, q, query, orders, "-id", func(j Job) models.ID { return models.ID(strconv.FormatInt(j.ID, 10)) })
}
