package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	tasks "parkregistry/models/task"
	"parkregistry/policies"
	"parkregistry/seed"
)

// verified is the size of the demonstration city that is verified: four times the usual
// one has more than 100,000 leaves, each with the rows behind it.
const verified = 4

// verifyRounds is how often each of the two goes over the city.
const verifyRounds = 3

// verification makes a city of its own and re-checks all of it, as `park verify` does.
// The reference reads every row that verify looks at once, as its table has it, and puts
// its bytes through SHA-256: what any check of everything has to do at least.
func verification(ctx context.Context, o options, dir string) (err error) {
	if !o.wanted("verify") {
		return nil
	}
	if o.engine != "postgres" {
		if err := verifies(ctx, o, "sqlite:"+filepath.Join(dir, "verify.db")); err != nil {
			return err
		}
	}
	if o.engine == "sqlite" {
		return nil
	}
	address, drop, err := makePostgres(ctx, o.postgres)
	if err != nil || address == "" {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	return verifies(ctx, o, address)
}

// onlyVerify reports whether nothing else is asked for.
func onlyVerify(o options) bool { return o.only.String() == "^verify" }

func verifies(ctx context.Context, o options, address string) (err error) {
	db, err := models.Open(ctx, models.Config{URL: named(address, "verify"), PoolSize: 4})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	accounts := account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile())
	data, err := os.MkdirTemp("", "park-bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	store, err := files.Open(data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	made, err := seed.Demo(ctx, db, seed.Options{Accounts: accounts, Files: store, Password: "bench-password", Scale: verified})
	if err != nil {
		return err
	}
	bare, err := openBare(ctx, named(address, "bare"))
	if err != nil {
		return err
	}
	m, err := newMeter(ctx, db)
	if err != nil {
		return err
	}
	stop, err := profile(o.profile, "verify-"+string(db.Engine))
	if err != nil {
		return err
	}
	defer stop()
	var report audit.Report
	var ours, theirs []effort
	for range verifyRounds {
		one, err := m.spent(ctx, "verify", func() (err error) {
			report, err = verifyOnce(ctx, db)
			return err
		})
		if err != nil {
			return err
		}
		two, err := m.spent(ctx, "bare", func() error { return readOnce(ctx, bare, report) })
		if err != nil {
			return err
		}
		ours, theirs = append(ours, one), append(theirs, two)
	}
	rows := int64(0)
	for _, n := range report.Rows {
		rows += n
	}
	a, b := middle(ours), middle(theirs)
	_, err = fmt.Fprintf(o.out, "\n%s, verify: %d leaves (%d entries) with %d rows behind them: %.1f s, %.1f s of CPU; the same rows read and hashed: %.1f s, %.1f s of CPU; ratio of CPU %.2f\n",
		db.Engine, report.Changes, made.Entries, rows, a.wall.Seconds(), a.cpu.Seconds(), b.wall.Seconds(), b.cpu.Seconds(), a.cpu.Seconds()/b.cpu.Seconds())
	return err
}

func verifyOnce(ctx context.Context, db *models.DB) (audit.Report, error) {
	sources := slices.Concat(registry.Verifiable(), ledger.Verifiable(), inspection.Verifiable(), assessment.Verifiable(), grade.Verifiable(), tasks.Verifiable(), account.Verifiable(), files.Verifiable(nil))
	r, err := audit.Verify(policies.With(ctx, db.Policy.Program("bench")), db, audit.Against{Sources: sources})
	if err == nil && r.Bad != nil {
		err = fmt.Errorf("verify names %s %s: %s", r.Bad.Table, r.Bad.ID, r.Bad.Detail.Key)
	}
	return r, err
}

// readOnce reads the tables that verify has reported, and the log.
func readOnce(ctx context.Context, bare engine, r audit.Report) error {
	h := sha256.New()
	for _, table := range append(slices.Sorted(maps.Keys(r.Rows)), "changes", "log_hashes") {
		rs, err := bare.query(ctx, "SELECT * FROM "+table)
		if err != nil {
			return err
		}
		if err := hashRows(rs, h); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
	}
	return nil
}

// hashRows puts rows through h as the driver has them.
func hashRows(rs rows, h hash.Hash) error {
	if r, ok := rs.(pgx.Rows); ok {
		defer r.Close()
		for r.Next() {
			for _, v := range r.RawValues() {
				_, _ = h.Write(v) // a hash never fails
			}
		}
		return r.Err()
	}
	r, ok := rs.(*sql.Rows)
	if !ok {
		return fmt.Errorf("rows of type %T", rs)
	}
	defer func() { _ = r.Close() }()
	names, err := r.Columns()
	if err != nil {
		return err
	}
	values, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
	for i := range into {
		into[i] = &values[i]
	}
	for r.Next() {
		if err := r.Scan(into...); err != nil {
			return err
		}
		for _, v := range values {
			_, _ = h.Write(v)
		}
	}
	return r.Err()
}

// effort is what a piece of work took.
type effort struct{ wall, cpu time.Duration }

// spent is what this process and the database's processes for a name spend on work.
func (m meter) spent(ctx context.Context, name string, work func() error) (effort, error) {
	read := func() (used, error) {
		u := used{}
		var err error
		if u[os.Getpid()], err = processCPU(os.Getpid()); err != nil {
			return nil, err
		}
		return u, m.readBackends(ctx, name, u)
	}
	before, err := read()
	if err != nil {
		return effort{}, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return effort{}, err
	}
	wall := time.Since(began)
	after, err := read()
	return effort{wall, after.since(before)}, err
}

// middle is the effort with the middle CPU time.
func middle(all []effort) effort {
	slices.SortFunc(all, func(a, b effort) int { return int(a.cpu - b.cpu) })
	return all[len(all)/2]
}
