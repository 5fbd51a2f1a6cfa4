package models

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migration is one numbered step of the schema.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	var opts []goose.ProviderOption
	if db.Engine == Postgres {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		// Two starters at once: the second waits for the first and finds nothing to do.
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db.writeSQL, files, append(opts, goose.WithVerbose(false))...)
}

// SchemaDigest names the schema that this program migrates to: a hash over every
// migration of both engines.
func SchemaDigest() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := migrations.ReadFile(name)
		if err == nil {
			_, _ = fmt.Fprintf(h, "%s %d\n%s", name, len(content), content)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// Migrate brings the schema to this program's version and returns the steps it
// took. A schema newer than the program is refused (S-OP5).
func (db *DB) Migrate(ctx context.Context) ([]Migration, error) {
	p, err := db.provider()
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	if err := db.notNewer(ctx, p); err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	if err := db.protectLogs(ctx); err != nil {
		return nil, err
	}
	var done []Migration
	for _, r := range results {
		done = append(done, Migration{Version: r.Source.Version, Name: r.Source.Path, Applied: true})
	}
	return done, nil
}

// Migrations lists every step with whether it is applied.
func (db *DB) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := db.provider()
	if err != nil {
		return nil, err
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the schema version: %w", err)
	}
	var all []Migration
	for _, s := range status {
		all = append(all, Migration{s.Source.Version, s.Source.Path, s.State == goose.StateApplied})
	}
	return all, nil
}

// Current is nil when the schema is exactly the one that this program was built for.
func (db *DB) Current(ctx context.Context) error {
	p, err := db.provider()
	if err != nil {
		return err
	}
	if err := db.notNewer(ctx, p); err != nil {
		return err
	}
	pending, err := p.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if pending {
		return errors.New("the schema is older than the program: run migrate")
	}
	return nil
}

func (db *DB) notNewer(ctx context.Context, p *goose.Provider) error {
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if have > want {
		return fmt.Errorf("the schema is at version %d, this program knows %d: install the newer program", have, want)
	}
	return nil
}
