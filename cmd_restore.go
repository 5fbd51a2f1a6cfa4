package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/backup"
)

// restored is what a restore, or a drill of one, found.
type restored struct {
	Folder  string          `json:"folder"`
	Drill   bool            `json:"drill"`
	Backup  backup.Manifest `json:"manifest"`
	Verify  audit.Report    `json:"verify"`
	Seconds float64         `json:"seconds"`
}

// restore is `park restore`.
func (p *program) restore() *cobra.Command {
	var drill, replace bool
	cmd := &cobra.Command{
		Use: "restore FOLDER", Short: "恢复备份，或用 --drill 演练 · put a backup back, or rehearse it", Args: exactly("FOLDER"),
		Long: "把备份恢复到空的数据库和数据目录，核对行数并执行 verify。目标不是空的就拒绝：加 --replace 才会替换，SQLite 的原文件留在旁边。\n" +
			"Restores into an empty database and data folder, compares the counts, runs verify. A target that is not empty is refused; with --replace it is replaced, and a SQLite file is kept beside.\n" +
			"--drill 恢复到临时的地方，核对、verify、报告用时，然后删除 · restores to a scratch place, checks, reports the time, removes it.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if drill && replace {
				return usageError{errors.New("--drill replaces nothing: leave --replace out")}
			}
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			began := time.Now()
			r := restored{Folder: args[0], Drill: drill}
			busy := p.busy("restoring")
			err = p.runRestore(cmd.Context(), cfg, &r, replace)
			busy()
			if err != nil {
				return err
			}
			r.Seconds = time.Since(began).Seconds()
			err = p.print(r, func(w io.Writer) {
				what := "restored"
				if drill {
					what = "drill"
				}
				_, _ = fmt.Fprintf(w, "%s: %s\nverify: %s\n%.1f minutes (%.1f s)\n", what, summary(r.Backup), p.verdict(r.Verify), r.Seconds/60, r.Seconds)
			})
			if err == nil && r.Verify.Bad != nil {
				return errSaid
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&drill, "drill", false, "演练：恢复到临时的地方再删除 · restore to a scratch place and remove it")
	cmd.Flags().BoolVar(&replace, "replace", false, "替换目标中的一切，账号也在内 · replace what is there, accounts included")
	return withSettings(p.withJSON(cmd))
}

func (p *program) runRestore(ctx context.Context, cfg config.Config, r *restored, replace bool) (err error) {
	data := cfg.Data
	to := backup.Target{Address: owner(cfg), Data: cfg.Data, Replace: replace}
	if r.Drill {
		address, remove, err := backup.Scratch(ctx, to.Address)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, remove()) }()
		cfg.Database, cfg.MigrateDatabase = address, ""
		to.Address, to.Data = address, ""
		data = filepath.Join(r.Folder, "files") // the files stay where they are in the backup
	}
	if r.Backup, err = backup.Restore(ctx, r.Folder, to); err != nil {
		return err
	}
	// An older backup is brought to this program's schema; the rights on the log tables are taken again.
	if _, err := migrateAll(ctx, cfg); err != nil {
		return err
	}
	db, err := models.Open(ctx, models.Config{URL: cfg.Database, PoolSize: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if r.Verify, err = p.verifyRestored(ctx, db, cfg, data); err != nil {
		return err
	}
	if r.Verify.Bad == nil && r.Verify.Digest != r.Backup.Digest {
		return fault.New(fault.Internal, "恢复之后的行数或者存证与清单不符：{{.Table}}", "Table", "changes")
	}
	if r.Drill {
		return nil
	}
	return db.Write(asProgram(ctx, db, "restore"), func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: "restore", Outcome: audit.Done, Kind: "backup", Object: r.Folder})
	})
}
