package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"parkregistry/models"
	"parkregistry/seed"
)

// seeded is what a run of the seed did.
type seeded struct {
	References seed.References `json:"references"`
	Places     seed.Counts     `json:"places"`
}

// seed is `park seed`.
func (p *program) seed() *cobra.Command {
	return withSettings(p.withJSON(&cobra.Command{
		Use: "seed", Short: "载入基础数据和 31 个试点位 · load the reference lists and the 31 pilot places", Args: none,
		Long: "可重复执行：新增缺少的行，更新来源文件改过的行，保留人工改过的行。\n" +
			"Safe to repeat: adds what is missing, follows the files, keeps what a person has changed.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			db, err := p.open(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			done, err := reference(cmd.Context(), db)
			if err != nil {
				return err
			}
			return p.print(done, func(w io.Writer) {
				for _, l := range []struct {
					name string
					n    seed.Counts
				}{{"districts", done.References.Districts}, {"streets", done.References.Streets}, {"reference items", done.References.Items}, {"pilot places", done.Places}} {
					_, _ = fmt.Fprintf(w, "%-16s added %d, updated %d, unchanged %d, kept %d\n", l.name, l.n.Added, l.n.Updated, l.n.Unchanged, l.n.Kept)
				}
			})
		},
	}))
}

// reference loads what production starts with.
func reference(ctx context.Context, db *models.DB) (done seeded, err error) {
	if done.References, err = seed.Reference(ctx, db); err != nil {
		return done, err
	}
	done.Places, err = seed.Places(ctx, db)
	return done, err
}
