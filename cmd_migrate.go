package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/jobs"
)

// migrate is `park migrate`.
func (p *program) migrate() *cobra.Command {
	var status bool
	cmd := &cobra.Command{
		Use: "migrate", Short: "把数据库升级到本程序的结构 · bring the schema to this program's version", Args: none,
		Long: "依次执行尚未执行的升级；比本程序新的结构不动，报错退出。PARK_MIGRATE_DATABASE 指定表的所有者时以其身份执行。\n" +
			"Runs the steps that are missing, as the role of PARK_MIGRATE_DATABASE where it is set. A schema newer than the program is refused.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			var steps []models.Migration
			if status {
				steps, err = p.steps(cmd.Context(), cfg)
			} else {
				steps, err = migrateAll(cmd.Context(), cfg)
			}
			if err != nil {
				return err
			}
			if steps == nil {
				steps = []models.Migration{}
			}
			return p.print(steps, func(w io.Writer) {
				for _, s := range steps {
					state := "pending"
					if s.Applied {
						state = "applied"
					}
					_, _ = fmt.Fprintf(w, "%04d  %-8s %s\n", s.Version, state, s.Name)
				}
				if !status {
					_, _ = fmt.Fprintf(w, "%d step(s) taken, the schema is current\n", len(steps))
				}
			})
		},
	}
	cmd.Flags().BoolVar(&status, "status", false, "只列出各步骤 · list the steps, change nothing")
	return withSettings(p.withJSON(cmd))
}

func (p *program) steps(ctx context.Context, cfg config.Config) ([]models.Migration, error) {
	db, err := models.Open(ctx, models.Config{URL: cfg.Database, PoolSize: 2})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	return db.Migrations(ctx)
}

// migrateAll brings our schema and the job queue's to this program's version, as
// the role that owns the tables, whose connections are closed again (decision 18).
func migrateAll(ctx context.Context, cfg config.Config) ([]models.Migration, error) {
	db, err := models.Open(ctx, models.Config{URL: owner(cfg), PoolSize: 2})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	steps, err := db.Migrate(ctx)
	if err != nil {
		return nil, err
	}
	if err := jobs.Migrate(ctx, db); err != nil {
		return nil, err
	}
	return steps, audit.CatchUp(ctx, db) // changes that were numbered before the log kept hashes
}
