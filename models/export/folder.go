package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"parkregistry/models"
)

// Folder keeps written exports for a while, each under the id of its row.
type Folder struct{ root *os.Root }

// OpenFolder opens the folder below the data folder, and makes it when it is not there.
func OpenFolder(data string) (*Folder, error) {
	dir := filepath.Join(data, "exports")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of exports: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of exports: %w", err)
	}
	return &Folder{root}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// put writes a file that is there only when it is complete.
func (f *Folder) put(id models.ID, write func(io.Writer) error) (size int64, err error) {
	partial := string(id) + ".partial"
	file, err := f.root.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if info, statErr := file.Stat(); statErr == nil {
		size = info.Size()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return 0, errors.Join(err, f.root.Remove(partial))
	}
	return size, f.root.Rename(partial, string(id))
}

func (f *Folder) open(id models.ID) (*os.File, error) { return f.root.Open(string(id)) }

// sweep removes what is older than before.
func (f *Folder) sweep(before time.Time) error {
	dir, err := f.root.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	entries, err := dir.ReadDir(-1)
	for _, e := range entries {
		info, statErr := e.Info()
		if statErr != nil || !info.ModTime().Before(before) {
			continue
		}
		if gone := f.root.Remove(e.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
