package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/backup"
)

// backupOptions are those of the settings.
func backupOptions(cfg config.Config) backup.Options {
	o := backup.Options{Folder: cfg.BackupFolder(), Data: cfg.Data, Address: owner(cfg), Version: version}
	if path, ok := strings.CutPrefix(cfg.Database, "sqlite:"); ok {
		o.Database = path
	}
	return o
}

// owner is the address of the role that owns the tables.
func owner(cfg config.Config) string {
	if cfg.MigrateDatabase != "" {
		return cfg.MigrateDatabase
	}
	return cfg.Database
}

// backup is `park backup`.
func (p *program) backup() *cobra.Command {
	return withSettings(p.withJSON(&cobra.Command{
		Use: "backup", Short: "在线备份数据库和文件 · back up database and files while running", Args: none,
		Long: "把数据库、附件和密钥复制到备份目录下的一个新文件夹，附清单（SHA-256 和各表行数）；程序可以照常运行。PostgreSQL 需要 pg_dump。\n" +
			"Copies database, files and keys into a new folder with a manifest (SHA-256, rows of each table). The program may go on serving. PostgreSQL needs pg_dump.\n" +
			"备份不加密，放在加密的磁盘上 · not encrypted: keep it on a disk that is.",
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
			busy := p.busy("copying")
			m, dir, err := makeBackup(asProgram(cmd.Context(), db, "backup"), db, cfg)
			busy()
			if err != nil {
				return err
			}
			return p.print(made{dir, m}, func(w io.Writer) { _, _ = fmt.Fprintf(w, "%s\n%s\n", dir, summary(m)) })
		},
	}))
}

// makeBackup makes one and leaves a record of it (S-PI4).
func makeBackup(ctx context.Context, db *models.DB, cfg config.Config) (backup.Manifest, string, error) {
	m, dir, err := backup.Make(ctx, db, backupOptions(cfg))
	if err != nil {
		return m, dir, err
	}
	return m, dir, db.Write(ctx, func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: "backup", Outcome: audit.Done, Kind: "backup", Object: filepath.Base(dir)})
	})
}

// made is a backup and where it is.
type made struct {
	Folder   string          `json:"folder"`
	Manifest backup.Manifest `json:"manifest"`
}

func summary(m backup.Manifest) string {
	var rows, size int64
	for _, n := range m.Counts {
		rows += n
	}
	for _, f := range m.Files {
		size += f.Size
	}
	return fmt.Sprintf("%s, %d rows in %d tables, %d files, %.1f MB, %d leaves", m.Engine, rows, len(m.Counts), len(m.Files), float64(size)/1e6, m.Leaves)
}
