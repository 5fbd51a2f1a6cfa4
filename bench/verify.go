package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/seed"
)

// verified is the size of the demonstration city that is verified: three times the usual
// one has some 80,000 leaves, each with the rows behind it.
const verified = 3

// verification makes a city of its own and re-checks all of it, as `park verify` does.
// There is nothing to hold it against: no reference re-derives a log.
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
	db, err := models.Open(ctx, models.Config{URL: address, PoolSize: 4})
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
	sources := slices.Concat(registry.Verifiable(), ledger.Verifiable(), inspection.Verifiable(), assessment.Verifiable(), account.Verifiable(), files.Verifiable(nil))
	before, err := processCPU(os.Getpid())
	if err != nil {
		return err
	}
	began := time.Now()
	stop, err := profile(o.profile, "verify-"+string(db.Engine))
	if err != nil {
		return err
	}
	r, err := audit.Verify(policies.With(ctx, db.Policy.Program("bench")), db, audit.Against{Sources: sources})
	stop()
	if err != nil {
		return err
	}
	if r.Bad != nil {
		return fmt.Errorf("verify names %s %s: %s", r.Bad.Table, r.Bad.ID, r.Bad.Detail.Key)
	}
	wall := time.Since(began)
	after, err := processCPU(os.Getpid())
	rows := int64(0)
	for _, n := range r.Rows {
		rows += n
	}
	_, _ = fmt.Fprintf(o.out, "\n%s, verify: %d leaves (%d entries) with %d rows derived again in %.1f s, %.1f s of CPU without the database's\n", db.Engine, r.Changes, made.Entries, rows,
		wall.Seconds(), (after - before).Seconds())
	return err
}
