// Package backup copies a running database with its files and puts a copy back.
// A backup is a folder: the database as one file, the files of the data folder,
// the keys apart from both, and a manifest with the hash of each and the number
// of rows of every table. It is not encrypted: the folder is for the program's
// own account only (0700) and belongs on a disk that is.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// Options say what is copied and where to.
type Options struct {
	Folder   string // where backups are kept
	Data     string // the data folder
	Address  string // of the database, for pg_dump: a role that may read every table
	Database string // path of the SQLite file, "" on PostgreSQL; it is not copied a second time with the data folder
	Version  string // of the program
}

// File is one file of a backup.
type File struct {
	Path   string `json:"path"` // below the backup's folder, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Manifest describes a backup.
type Manifest struct {
	Format  int              `json:"format"`
	Engine  models.Engine    `json:"engine"`
	Version string           `json:"version"` // of the program
	Schema  string           `json:"schema"`  // models.SchemaDigest of the program
	At      time.Time        `json:"at"`      // when it was begun, UTC
	Files   []File           `json:"files"`
	Counts  map[string]int64 `json:"counts"` // rows by table, in the copy
	Leaves  int64            `json:"leaves"` // numbered changes
	Digest  string           `json:"digest"` // SHA-256 over their hashes, in order
}

// Names inside a backup.
const (
	manifestName = "manifest.json"
	sqliteName   = "database.sqlite"
	postgresName = "database.dump" // pg_dump's custom format
	filesFolder  = "files"
	keysFolder   = "keys"
	arriving     = "files/incoming" // of the data folder: uploads that have not come to their end
	format       = 1
)

// Make copies the database as it stands at one moment, while it is in use, and
// then the files. The folder appears under its name when it is complete. It
// returns the manifest and the folder.
func Make(ctx context.Context, db *models.DB, o Options) (Manifest, string, error) {
	m := Manifest{Format: format, Engine: db.Engine, Version: o.Version, At: db.Now()}
	var err error
	if m.Schema, err = models.SchemaDigest(); err != nil {
		return m, "", err
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return m, "", fmt.Errorf("make the folder of backups: %w", err)
	}
	name := "park-" + m.At.Format("20060102T150405Z")
	dir := filepath.Join(o.Folder, name)
	partial := dir + ".partial"
	if _, err := os.Stat(dir); err == nil {
		return m, "", fault.New(fault.Conflict, "这一秒已经有一份备份：{{.Path}}", "Path", dir)
	}
	if err := os.Mkdir(partial, 0o700); err != nil {
		return m, "", fmt.Errorf("make the folder of the backup: %w", err)
	}
	if err := fill(ctx, db, o, partial, &m); err != nil {
		return m, "", errors.Join(err, os.RemoveAll(partial))
	}
	if err := os.Rename(partial, dir); err != nil {
		return m, "", errors.Join(err, os.RemoveAll(partial))
	}
	return m, dir, syncFolder(o.Folder)
}

func fill(ctx context.Context, db *models.DB, o Options, dir string, m *Manifest) error {
	var err error
	if db.Engine == models.SQLite {
		err = dumpSQLite(ctx, db, filepath.Join(dir, sqliteName), m)
	} else {
		err = dumpPostgres(ctx, db, o.Address, filepath.Join(dir, postgresName), m)
	}
	if err != nil {
		return err
	}
	if err := copyData(o, dir); err != nil {
		return err
	}
	if m.Files, err = list(dir); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(dir, manifestName), strings.NewReader(string(text)+"\n")); err != nil {
		return err
	}
	return syncFolder(dir)
}

// copyData copies the data folder without databases and backups; keys go apart.
func copyData(o Options, dir string) error {
	return filepath.WalkDir(o.Data, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // a file that was removed meanwhile, or no data folder yet
		case err != nil:
			return err
		case d.IsDir() && (same(path, o.Folder) || same(path, filepath.Join(o.Data, arriving))):
			return fs.SkipDir
		case !d.Type().IsRegular() || isDatabase(path, o.Database):
			return nil
		}
		below, err := filepath.Rel(o.Data, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filesFolder, below)
		if top, _, _ := strings.Cut(filepath.ToSlash(below), "/"); top == keysFolder {
			to = filepath.Join(dir, below)
		}
		if err := copyFile(path, to); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil // removed since it was listed: the copy of the database knows nothing of it either
	})
}

func same(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}

// isDatabase reports whether path is a SQLite file or one of its companions.
func isDatabase(path, database string) bool {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		path = strings.TrimSuffix(path, suffix)
	}
	return strings.HasSuffix(path, ".db") || database != "" && same(path, database)
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	return writeSynced(to, in)
}

// writeSynced writes a new file that is on the disk when it returns.
func writeSynced(path string, content io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, content); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// list hashes every file below dir but the manifest.
func list(dir string) ([]File, error) {
	files := []File{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == filepath.Join(dir, manifestName) {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f, err := hashed(path)
		f.Path = filepath.ToSlash(below)
		files = append(files, f)
		return err
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, err
}

func hashed(path string) (File, error) {
	in, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = in.Close() }()
	h := sha256.New()
	n, err := io.Copy(h, in)
	return File{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}
