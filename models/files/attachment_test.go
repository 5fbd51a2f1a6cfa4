package files_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// world is the test city with a store.
type world struct {
	dbtest.City
	t     *testing.T
	svc   *files.Service
	store *files.Store
	data  string
	now   *time.Time
}

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	var now time.Time
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	dbtest.EachWith(t, dbtest.Options{Clock: clock}, func(t *testing.T, db *models.DB) {
		now = time.Now() // the disk keeps the time of the machine
		w := world{City: dbtest.NewCity(t, db), t: t, data: t.TempDir(), now: &now}
		w.store = ok(files.Open(w.data))(t)
		t.Cleanup(func() { _ = w.store.Close() })
		w.svc = files.New(db, w.store)
		fn(t, w)
	})
}

func ok[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func want(t testing.TB, err error, expected fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != expected {
		t.Errorf("answered %q (%v), want %q", got, err, expected)
	}
}

// screenshot is a picture of its own for each n.
func screenshot(n int) []byte {
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = uint8(n * (i + 1))
	}
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// upload brings a picture for the firm's site in place p.
func (w world) upload(ctx context.Context, p dbtest.Place, id models.ID, content []byte) (files.Attachment, error) {
	w.t.Helper()
	in, err := w.svc.Receive(ctx, bytes.NewReader(content), "截图.png", "image/png")
	if err != nil {
		return files.Attachment{}, err
	}
	defer in.Discard()
	return w.svc.Upload(ctx, id, files.UploadInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID)}, in)
}

// attach ties attachments to a row of the ledger in place p.
func (w world) attach(ctx context.Context, p dbtest.Place, row models.ID, ids ...models.ID) error {
	return w.DB.Write(ctx, func(tx *models.Tx) error {
		_, err := files.Attach(tx, policies.LedgerCreate, files.Owner{Kind: "ledger", ID: row, Place: p.Site.Place()}, ids)
		return err
	})
}

// stored are the files below the store, without what has not arrived.
func (w world) stored(t testing.TB) (all []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(w.data, "files"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestUpload(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		id := models.NewID()
		a := ok(w.upload(firm, w.BaoanA, id, screenshot(1)))(t)
		if a.ID != id || a.MediaType != "image/png" || a.Name != "截图.png" || a.Width != 8 || a.Size != int64(len(screenshot(1))) || a.Algorithm != "sha256" ||
			models.Deref(a.EnterpriseID) != w.BaoanA.Enterprise.ID || a.OwnerID != nil {
			t.Errorf("the attachment is %+v", a)
		}
		path := filepath.Join(w.data, "files", "sha256", a.Sum()[:2], a.Sum())
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 || !slices.Equal(w.stored(t), []string{path}) {
			t.Errorf("the content is %v, %v; stored: %v", info, err, w.stored(t))
		}
		// Once more: the same answer, nothing new.
		if again := ok(w.upload(firm, w.BaoanA, id, screenshot(1)))(t); again.ChangeID != a.ChangeID {
			t.Errorf("repeated, it is another one: %+v", again)
		}
		_, err = w.upload(firm, w.BaoanA, id, screenshot(2))
		want(t, err, fault.Conflict)
		// The same content brought by somebody else is a row of its own and the same file.
		b := ok(w.upload(w.ParkManager(w.BaoanA), w.BaoanA, "", screenshot(1)))(t)
		if b.ID == a.ID || b.Sum() != a.Sum() || !slices.Contains(w.stored(t), path) || len(w.stored(t)) != 2 {
			t.Errorf("stored: %v", w.stored(t)) // the two are screenshot 1 and the refused one, which is swept
		}
		for _, c := range []struct {
			name string
			ctx  context.Context
			code fault.Code
		}{
			{"another firm", w.Firm(w.Longgang), fault.NotFound}, {"another park", w.ParkManager(w.BaoanB), fault.NotFound},
			{"the bureau", w.Bureau(), fault.Denied}, {"the auditor", w.Auditor(), fault.Denied}, {"nobody", context.Background(), fault.Unauthenticated},
		} {
			_, err := w.upload(c.ctx, w.BaoanA, "", screenshot(3))
			if got := fault.CodeOf(err); got != c.code {
				t.Errorf("%s is answered %v, want %s", c.name, err, c.code)
			}
		}
		_, err = w.svc.Receive(firm, io.MultiReader(bytes.NewReader(screenshot(1)), broken{}), "", "")
		want(t, err, fault.Malformed)
		_, err = w.svc.Receive(firm, io.LimitReader(zeros{}, files.MaxSize+1), "", "")
		want(t, err, fault.TooLarge)
		if left, err := os.ReadDir(filepath.Join(w.data, "files", "incoming")); err != nil || len(left) != 0 {
			t.Errorf("%d arrivals are left, %v", len(left), err)
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestWhoReads: nobody but who brought it, until it is attached; then whoever reads the row.
func TestWhoReads(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		a := ok(w.upload(firm, w.BaoanA, "", screenshot(1)))(t)
		who := map[string]context.Context{"firm": firm, "colleague": w.As("colleague", policies.EnterpriseUser, string(w.BaoanA.Enterprise.ID)), "park": w.ParkManager(w.BaoanA),
			"district": w.Inspector("baoan"), "bureau": w.Bureau(), "analyst": w.Analyst(), "auditor": w.Auditor(),
			"other park": w.ParkManager(w.BaoanB), "other firm": w.Firm(w.Longgang), "other district": w.Inspector("longgang"), "admin": w.Admin()}
		read := func(id models.ID, readers ...string) {
			t.Helper()
			for name, ctx := range who {
				expected := fault.NotFound
				switch {
				case slices.Contains(readers, name):
					expected = ""
				case name == "admin":
					expected = fault.Denied
				}
				if _, err := w.svc.Get(ctx, id); fault.CodeOf(err) != expected {
					t.Errorf("%s is answered %v, want %q", name, err, expected)
				}
				c, err := w.svc.Open(ctx, id)
				if fault.CodeOf(err) != expected {
					t.Errorf("%s opening it is answered %v, want %q", name, err, expected)
				}
				if err != nil {
					continue
				}
				var b bytes.Buffer
				if _, err := c.WriteTo(&b); err != nil || !bytes.HasPrefix(b.Bytes(), []byte("\x89PNG")) {
					t.Errorf("%s reads %d bytes, %v", name, b.Len(), err)
				}
				_ = c.Close()
			}
		}
		read(a.ID, "firm")
		if err := w.attach(firm, w.BaoanA, models.NewID(), a.ID); err != nil {
			t.Fatal(err)
		}
		read(a.ID, "firm", "colleague", "park", "district", "bureau", "analyst", "auditor")

		// The bytes as captured are another right, and each look is recorded.
		records := func() (n int64) {
			err := w.DB.Visible(w.Auditor(), policies.AuditRead, &audit.Record{}).Where("action = ? AND object_id = ?", "attachment.original", a.ID).Count(&n).Error
			if err != nil {
				t.Error(err)
			}
			return n
		}
		for name, expected := range map[string]fault.Code{"firm": "", "park": "", "district": "", "bureau": "", "analyst": fault.Denied, "auditor": fault.Denied,
			"other park": fault.NotFound, "other district": fault.NotFound} {
			before := records()
			_, f, err := w.svc.Original(who[name], a.ID)
			want(t, err, expected)
			if err == nil {
				b := ok(io.ReadAll(f))(t)
				_ = f.Close()
				if !bytes.Equal(b, screenshot(1)) {
					t.Errorf("%s is given other bytes", name)
				}
			}
			if n := records() - before; (n == 1) != (err == nil) {
				t.Errorf("%s left %d records", name, n)
			}
		}
	})
}

// TestAttachOnce: by who brought it, in its own place, to one row (S-AZ7).
func TestAttachOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		a := ok(w.upload(firm, w.BaoanA, "", screenshot(1)))(t)
		row := models.NewID()
		want(t, w.attach(park, w.BaoanA, row, a.ID), fault.Invalid)                 // somebody else's
		want(t, w.attach(w.Firm(w.Longgang), w.Longgang, row, a.ID), fault.Invalid) // out of reach
		want(t, w.attach(firm, w.BaoanA, row, models.NewID()), fault.Invalid)       // absent
		elsewhere := w.BaoanA
		elsewhere.Site = w.Second // the same firm in another park
		want(t, w.attach(firm, elsewhere, row, a.ID), fault.Invalid)
		want(t, w.attach(firm, w.BaoanA, row, a.ID), "")
		want(t, w.attach(firm, w.BaoanA, row, a.ID), "") // named again by its own row
		want(t, w.attach(firm, w.BaoanA, models.NewID(), a.ID), fault.Invalid)
		err := w.DB.Write(firm, func(tx *models.Tx) error { // a row that takes its place
			_, err := files.Attach(tx, policies.LedgerCreate, files.Owner{Kind: "ledger", ID: models.NewID(), Place: w.BaoanA.Site.Place(), Also: []models.ID{a.ID}}, []models.ID{a.ID})
			return err
		})
		want(t, err, "")

		b := ok(w.upload(firm, w.BaoanA, "", screenshot(2)))(t)
		errs := make([]error, 2)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = w.attach(firm, w.BaoanA, models.NewID(), b.ID) })
		}
		all.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("two rows at once are answered %v", errs)
		}
		for _, statement := range []string{"DELETE FROM attachments", "UPDATE attachments SET name = 'x'", "UPDATE attachments SET owner_id = NULL, owner_kind = ''",
			"UPDATE attachments SET size = 1"} {
			if _, err := w.DB.SQL().Exec(statement); !fault.Is(models.Fault(err), fault.Conflict) {
				t.Errorf("%s answered %v, want a refusal by the database", statement, err)
			}
		}
	})
}

// TestSweep: what arrived half-way, what has no row, what nobody attached; never
// what is attached, and nothing young (S-LG2).
func TestSweep(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, began := w.Firm(w.BaoanA), *w.now
		path := func(a files.Attachment) string { return filepath.Join(w.data, "files", "sha256", a.Sum()[:2], a.Sum()) }
		attached := ok(w.upload(firm, w.BaoanA, "", screenshot(1)))(t)
		want(t, w.attach(firm, w.BaoanA, models.NewID(), attached.ID), "")
		unused := ok(w.upload(firm, w.BaoanA, "", screenshot(2)))(t)
		shared := ok(w.upload(firm, w.BaoanA, "", screenshot(1)))(t) // the same content, never attached
		stray := filepath.Join(w.data, "files", "sha256", "00", strings.Repeat("00", 32))
		half := filepath.Join(w.data, "files", "incoming", "HALF")
		foreign := filepath.Join(w.data, "files", "sha256", "00", "README")
		if err := os.MkdirAll(filepath.Dir(stray), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{stray, half, foreign} {
			if err := os.WriteFile(p, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		there := func(p string) bool { _, err := os.Stat(p); return err == nil }
		want(t, second(w.svc.Sweep(w.Bureau())), fault.Denied)
		sweep := func(after time.Duration, removed int) {
			t.Helper()
			*w.now = began.Add(after)
			if n := ok(w.svc.SweepDay(w.Program()))(t); n != removed {
				t.Errorf("%d contents are removed, want %d", n, removed)
			}
		}
		sweep(23*time.Hour, 0)
		if !there(stray) || !there(half) {
			t.Error("what is young was removed")
		}
		sweep(25*time.Hour, 1)
		if there(stray) || there(half) || !there(path(unused)) || !there(path(attached)) || !there(foreign) {
			t.Errorf("a day later: %v", w.stored(t))
		}
		before := *w.now
		sweep(7*24*time.Hour+time.Hour, 0) // given up now, and young for another day
		if ok(w.svc.Get(firm, attached.ID))(t); !there(path(unused)) {
			t.Error("a content went at once")
		}
		want(t, second(w.svc.Get(firm, unused.ID)), fault.NotFound)
		want(t, w.attach(firm, w.BaoanA, models.NewID(), unused.ID), fault.Invalid)
		want(t, w.attach(firm, w.BaoanA, models.NewID(), shared.ID), fault.Invalid)
		sweep(8*24*time.Hour+2*time.Hour, 1)
		if there(path(unused)) || !there(path(attached)) {
			t.Errorf("eight days after %s: %v", before, w.stored(t))
		}
		if bad := ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: files.Verifiable(w.store)}))(t).Bad; bad != nil {
			t.Errorf("after sweeping, %+v is bad", bad)
		}
		// Brought again, it is there again.
		ok(w.upload(firm, w.BaoanA, "", screenshot(2)))(t)
		if !there(path(unused)) {
			t.Error("a content that was swept cannot be brought again")
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestSweepMeetsUpload: a content without a row is about to go when somebody brings it
// again. Whoever is first, the row has its content.
func TestSweepMeetsUpload(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		for n := range 6 {
			sum := sha256.Sum256(screenshot(n + 1))
			h := hex.EncodeToString(sum[:])
			path := filepath.Join(w.data, "files", "sha256", h[:2], h)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, screenshot(n+1), 0o600),
				os.Chtimes(path, w.now.Add(-48*time.Hour), w.now.Add(-48*time.Hour))); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			all.Go(func() { _, err := w.svc.SweepDay(w.Program()); want(t, err, "") })
			all.Go(func() { _, err := w.upload(firm, w.BaoanA, "", screenshot(n+1)); want(t, err, "") })
			all.Wait()
			if _, err := os.Stat(path); err != nil {
				t.Errorf("the row points to a missing file: %v", err)
			}
		}
		if bad := ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: files.Verifiable(w.store)}))(t).Bad; bad != nil {
			t.Errorf("%+v is bad", bad)
		}
	})
}

func TestVerifyFindsWhatTheDiskLost(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := ok(w.upload(w.Firm(w.BaoanA), w.BaoanA, "", screenshot(1)))(t)
		path := filepath.Join(w.data, "files", "sha256", a.Sum()[:2], a.Sum())
		verify := func(store *files.Store) *audit.Bad {
			t.Helper()
			return ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: files.Verifiable(store)}))(t).Bad
		}
		if bad := verify(w.store); bad != nil {
			t.Fatalf("untouched, %+v is bad", bad)
		}
		content := screenshot(1)
		content[40] ^= 1
		for name, harm := range map[string]func() error{
			"a flipped bit":  func() error { return os.WriteFile(path, content, 0o600) },
			"cut short":      func() error { return os.Truncate(path, 20) },
			"something more": func() error { return os.WriteFile(path, append(screenshot(1), 0), 0o600) },
			"a missing file": func() error { return os.Remove(path) },
		} {
			if err := harm(); err != nil {
				t.Fatal(err)
			}
			if bad := verify(w.store); bad == nil || bad.Table != "attachments" || bad.ID != a.ID {
				t.Errorf("%s: verify names %+v", name, bad)
			}
			if bad := verify(nil); bad != nil {
				t.Errorf("%s: without the files, verify names %+v", name, bad)
			}
			// Whoever brings the same content mends it.
			ok(w.upload(w.Firm(w.BaoanA), w.BaoanA, "", screenshot(1)))(t)
			if bad := verify(w.store); bad != nil {
				t.Errorf("%s, brought again: verify names %+v", name, bad)
			}
		}
		if _, err := w.DB.SQL().Exec("DROP TRIGGER attachments_" + map[models.Engine]string{models.SQLite: "update", models.Postgres: "kept ON attachments"}[w.DB.Engine]); err != nil {
			t.Fatal(err)
		}
		if _, err := w.DB.SQL().Exec("UPDATE attachments SET media_type = 'application/pdf' WHERE id = '" + string(a.ID) + "'"); err != nil {
			t.Fatal(err)
		}
		if bad := verify(nil); bad == nil || bad.ID != a.ID {
			t.Errorf("a row that says something else: verify names %+v", bad)
		}
	})
}
