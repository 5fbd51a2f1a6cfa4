package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/jobs"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

func queue(t *testing.T, db *models.DB, o jobs.Options) *jobs.Service {
	t.Helper()
	s, err := jobs.New(db, slog.New(slog.DiscardHandler), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func as(db *models.DB, role policies.Role) context.Context {
	return policies.With(context.Background(), db.Policy.Actor("u", "u", []policies.Assignment{{User: "u", Role: role, From: "2020-01-01"}}, db.Today()))
}

func program(db *models.DB) context.Context {
	return policies.With(context.Background(), db.Policy.Program("test"))
}

func start(t *testing.T, s *jobs.Service) {
	t.Helper()
	if err := s.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
}

func stop(t *testing.T, s *jobs.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// until waits for a job of that kind in that state.
func until(t *testing.T, s *jobs.Service, db *models.DB, kind, state string) jobs.Job {
	t.Helper()
	for range 400 {
		page, err := s.List(as(db, policies.Admin), jobs.Filter{Kind: kind, State: state}, models.Query{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > 0 {
			return page.Items[0]
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("no job %s became %s", kind, state)
	return jobs.Job{}
}

func migrated(t *testing.T, db *models.DB) {
	t.Helper()
	if err := jobs.Current(t.Context(), db); err == nil {
		t.Fatal("a database without the queue's tables counts as current")
	}
	for range 2 { // the second time there is nothing to do
		if err := jobs.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	if err := jobs.Current(t.Context(), db); err != nil {
		t.Fatal(err)
	}
}

// TestJobSurvivesRestart: enqueued with its cause, the process ends, the next one does it.
func TestJobSurvivesRestart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		migrated(t, db)
		city := dbtest.NewCity(t, db)
		first := queue(t, db, jobs.Options{})
		ctx, park := city.Program(), city.BaoanA.Park
		streets := code.StreetsOf("longgang")
		_, err := registry.New(db, first).UpdatePark(ctx, park.ID, park.Version, func(in registry.ParkInput) (registry.ParkInput, error) {
			in.Jurisdiction, in.StreetCode = "longgang", string(streets[0])
			return in, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := until(t, first, db, "rewrite_jurisdiction", "available"); got.Attempt != 0 {
			t.Fatalf("tried %d times before anything works", got.Attempt)
		}
		second := queue(t, db, jobs.Options{})
		start(t, second)
		if j := until(t, second, db, "rewrite_jurisdiction", "completed"); j.FinalizedAt == nil || j.Attempt != 1 {
			t.Errorf("the job ended as %+v", j)
		}
		site, err := city.Registry.Site(ctx, city.BaoanA.Site.ID)
		if err != nil || models.Deref(site.Jurisdiction) != "longgang" {
			t.Errorf("the site's jurisdiction is %q after the move, %v", models.Deref(site.Jurisdiction), err)
		}
	})
}

// TestJobRollsBack: what is undone causes nothing.
func TestJobRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		migrated(t, db)
		s := queue(t, db, jobs.Options{})
		undone := errors.New("undone")
		err := db.Write(program(db), func(tx *models.Tx) error {
			if err := s.RewriteJurisdiction(tx, models.NewID()); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		page, err := s.List(as(db, policies.Admin), jobs.Filter{}, models.Query{Limit: 50})
		if err != nil || len(page.Items) != 0 {
			t.Fatalf("%d jobs left of a transaction that was undone, %v", len(page.Items), err)
		}
	})
}

// TestInterruptedJobRunsAgain: SIGKILL is a normal way to stop (S-OP4).
func TestInterruptedJobRunsAgain(t *testing.T) {
	db := open(t, dbtest.SQLite(t))
	migrated(t, db)
	s := queue(t, db, jobs.Options{})
	err := db.Write(program(db), func(tx *models.Tx) error { return s.RewriteJurisdiction(tx, models.NewID()) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL().Exec("UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP"); err != nil {
		t.Fatal(err)
	}
	start(t, s)
	if j := until(t, s, db, "rewrite_jurisdiction", "completed"); j.Attempt != 2 {
		t.Errorf("done at try %d, want 2", j.Attempt)
	}
}

func open(t *testing.T, address string) *models.DB {
	t.Helper()
	db, err := models.Open(t.Context(), models.Config{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestPeriodicWork: the sweep runs at start, a checkpoint and a backup where one is
// wanted, and a failure is counted and tried again.
func TestPeriodicWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		migrated(t, db)
		var tries, signed atomic.Int32
		s := queue(t, db, jobs.Options{SignEvery: time.Hour, Sign: func(context.Context) error { signed.Add(1); return nil }, BackupEvery: time.Hour, Backup: func(ctx context.Context) error {
			if a, ok := policies.ActorFrom(ctx); !ok || !a.Holds(policies.System) {
				return errors.New("not the program")
			}
			if tries.Add(1) == 1 {
				return errors.New("the disk is full at /secret/path")
			}
			return nil
		}})
		start(t, s)
		until(t, s, db, "sweep", "completed")
		if until(t, s, db, "checkpoint", "completed"); signed.Load() != 1 {
			t.Errorf("signed %d times at the start", signed.Load())
		}
		j := until(t, s, db, "backup", "completed")
		if j.Failures != 1 || j.Attempt != 2 || j.MaxAttempts != 3 {
			t.Errorf("the backup ended as %+v, want one failure and two tries of three", j)
		}
	})
}

// TestWritersAndJobsShareTheWriter: jobs that write and requests that write never lock each other out.
func TestWritersAndJobsShareTheWriter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		migrated(t, db)
		s := queue(t, db, jobs.Options{})
		start(t, s)
		const n = 40
		done := make(chan error, n)
		for range n {
			go func() {
				done <- db.Write(program(db), func(tx *models.Tx) error { return s.RewriteJurisdiction(tx, models.NewID()) })
			}()
		}
		for range n {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		for range 400 {
			page, err := s.List(as(db, policies.Admin), jobs.Filter{Kind: "rewrite_jurisdiction", State: "completed"}, models.Query{Limit: 200})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) == n {
				return
			}
			time.Sleep(25 * time.Millisecond)
		}
		t.Error("not all jobs were done")
	})
}

func TestListIsForThoseWhoMay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		migrated(t, db)
		s := queue(t, db, jobs.Options{})
		err := db.Write(program(db), func(tx *models.Tx) error {
			for range 5 {
				if err := s.RewriteJurisdiction(tx, models.NewID()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for role, want := range map[policies.Role]fault.Code{
			policies.Admin: "", policies.Auditor: "", policies.BureauAdmin: "",
			policies.BureauAnalyst: fault.Denied, policies.DistrictInspector: fault.Denied, policies.SecurityAdmin: fault.Denied,
		} {
			page, err := s.List(as(db, role), jobs.Filter{}, models.Query{Limit: 50})
			if fault.CodeOf(err) != want || want == "" && len(page.Items) != 5 {
				t.Errorf("%s: %d jobs, %v; want code %q", role, len(page.Items), err, want)
			}
		}
		if _, err := s.List(context.Background(), jobs.Filter{}, models.Query{Limit: 50}); fault.CodeOf(err) != fault.Unauthenticated {
			t.Errorf("nobody lists jobs: %v", err)
		}
		page, err := s.List(as(db, policies.Admin), jobs.Filter{Kind: "rewrite_jurisdiction"}, models.Query{Limit: 1, Exact: true})
		if err != nil || page.Total == nil || *page.Total != 5 {
			t.Errorf("counted exactly: %v, %v; want 5", page.Total, err)
		}
		// Page by page, every job once, newest first and oldest first.
		for _, sort := range []string{"-id", "id"} {
			seen := map[int64]bool{}
			q := models.Query{Limit: 2, Sort: sort}
			for {
				page, err := s.List(as(db, policies.Admin), jobs.Filter{}, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, j := range page.Items {
					if seen[j.ID] {
						t.Errorf("%s: job %d twice", sort, j.ID)
					}
					seen[j.ID] = true
				}
				if q.Cursor = page.Next; page.Next == "" {
					break
				}
			}
			if len(seen) != 5 {
				t.Errorf("%s: %d of 5 jobs", sort, len(seen))
			}
		}
	})
}
