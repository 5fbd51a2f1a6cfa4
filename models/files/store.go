package files

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"parkregistry/internal/fault"
)

// Store keeps contents in one folder under the SHA-256 of their bytes: the same
// content is there once, whoever brought it. Nothing outside the folder can be
// named through it.
type Store struct{ root *os.Root }

// The folders of a store.
const (
	incoming = "incoming" // what is still arriving, under names made up here
	kept     = "sha256"   // by the first two digits of the sum
)

// Open opens the store below the data folder, and makes it when it is not there.
func Open(data string) (*Store, error) {
	dir := filepath.Join(data, "files")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	for _, sub := range []string{incoming, kept} {
		if err := root.MkdirAll(sub, 0o700); err != nil {
			return nil, errors.Join(fmt.Errorf("make the folder of files: %w", err), root.Close())
		}
	}
	return &Store{root}, nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// place is where the content with that sum is kept.
func place(sum []byte) string {
	h := hex.EncodeToString(sum)
	return path.Join(kept, h[:2], h)
}

// arrival is a content that is being received or has been, under a name of its own.
type arrival struct {
	store *Store
	name  string
	file  *os.File
	size  int64
	sum   []byte
}

// receive writes what r gives to the disk, up to limit bytes: TooLarge beyond. When
// it returns, the bytes are durable, and nobody finds them by their sum yet.
func (s *Store) receive(r io.Reader, limit int64) (_ *arrival, err error) {
	name := path.Join(incoming, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, full(err)
	}
	a := &arrival{store: s, name: name, file: f}
	defer func() {
		if err != nil {
			a.discard()
		}
	}()
	h := sha256.New()
	a.size, err = io.Copy(&both{f, h}, io.LimitReader(r, limit+1))
	if err == nil && a.size > limit {
		return nil, fault.New(fault.TooLarge, "文件不能超过 {{.MiB}} MiB", "MiB", limit>>20)
	}
	if err != nil {
		return nil, full(err)
	}
	if err := f.Sync(); err != nil {
		return nil, full(err)
	}
	a.sum = h.Sum(nil)
	return a, nil
}

// both writes to the file and to the hash, which never fails.
type both struct {
	file io.Writer
	hash hash.Hash
}

func (b *both) Write(p []byte) (int, error) {
	n, err := b.file.Write(p)
	_, _ = b.hash.Write(p[:n])
	if err != nil {
		err = &writeError{err}
	}
	return n, err
}

// writeError is a failure of our own disk, not of whoever sends.
type writeError struct{ cause error }

func (e *writeError) Error() string { return "write an attachment: " + e.cause.Error() }
func (e *writeError) Unwrap() error { return e.cause }

// full turns a full disk into a fault, and what the sender broke off into another.
func full(err error) error {
	var own *writeError
	var f *fault.Error
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		f := fault.Wrap(err, fault.Unavailable, "存放附件的磁盘已满，稍后再试")
		f.RetryAfter = 60
		return f
	case errors.As(err, &own), errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrClosed):
		return err
	}
	return fault.Wrap(err, fault.Malformed, "内容没有传完")
}

// discard forgets the arrival; nothing happens when it is kept already.
func (a *arrival) discard() {
	_ = a.file.Close()
	_ = a.store.root.Remove(a.name) // what cannot be removed now is swept later
}

// keep puts the arrival under its sum, durably. Where the same content is kept
// already, this copy takes its place: so it is as young as its last row, and a
// damaged one is whole again. Doing it twice does no harm.
func (a *arrival) keep() error {
	to := place(a.sum)
	dir := path.Dir(to)
	if err := a.store.root.Mkdir(dir, 0o700); err == nil {
		if err := a.store.sync(kept); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return full(&writeError{err})
	}
	if err := a.store.root.Rename(a.name, to); err != nil {
		if _, there := a.store.root.Stat(to); there != nil || !errors.Is(err, fs.ErrNotExist) {
			return full(&writeError{err})
		}
	}
	return a.store.sync(dir)
}

// sync makes the names in a folder durable.
func (s *Store) sync(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("make a folder of files durable: %w", err)
	}
	return nil
}

// open opens the content with that sum.
func (s *Store) open(sum []byte) (*os.File, error) { return s.root.Open(place(sum)) }

// sound reports whether the content with that sum is there, whole. An error means
// that it could not be read.
func (s *Store) sound(sum []byte, size int64) (bool, error) {
	f, err := s.open(sum)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n == size && string(h.Sum(nil)) == string(sum), err
}

// touch makes the content with that sum young, so that it is not swept for a day.
func (s *Store) touch(sum []byte, now time.Time) error {
	err := s.root.Chtimes(place(sum), now, now)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

var sumName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// older names what lies in one folder of the store since before an instant.
func (s *Store) older(dir string, than time.Time) ([]string, error) {
	entries, err := fs.ReadDir(s.root.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.ModTime().Before(than) {
			names = append(names, e.Name())
		}
	}
	return names, err
}
