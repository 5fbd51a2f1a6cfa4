package exchange_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

const wastewater = "treatmentFacility.wastewater"

// lines is a codec for files of this package's tests: a head, and rows of day, slot,
// facility and inflow between commas, in the columns A to D. What real files look like
// is the business of package sheets.
type lines struct{}

func (lines) Open(file io.ReaderAt, size int64, _ string) (exchange.Book, error) {
	return &book{file: io.NewSectionReader(file, 0, size)}, nil
}

type book struct {
	file  *io.SectionReader
	cells map[string]string
}

func (b *book) Correct(cells map[string]string) { b.cells = cells }
func (b *book) Close() error                    { return nil }

var pointers = map[string]string{"A": "/day", "B": "/slot", "C": "/facilityId", "D": "/payload/inflow"}

func (b *book) Each(class ledger.Class, park models.ID, objects exchange.Objects, do func(exchange.Line) error) (exchange.Sheet, error) {
	sheet := exchange.Sheet{Name: "台账", HeadRow: 1, Columns: []exchange.Column{{Letter: "A", Text: "日期"}, {Letter: "B", Text: "班次"}, {Letter: "C", Text: "设施"}, {Letter: "D", Text: "进水量"}}}
	if _, err := b.file.Seek(0, io.SeekStart); err != nil {
		return sheet, err
	}
	rows := bufio.NewScanner(b.file)
	for n := 1; rows.Scan(); n++ {
		if n == 1 {
			continue
		}
		if err := do(b.line(n, strings.Split(rows.Text(), ","), class, park, objects)); err != nil {
			return sheet, err
		}
	}
	return sheet, rows.Err()
}

func (b *book) line(n int, cells []string, class ledger.Class, park models.ID, objects exchange.Objects) exchange.Line {
	texts := map[string]string{}
	l := exchange.Line{Row: n, Texts: func() map[string]string { return texts }, Suggestions: map[string]string{}}
	for i, letter := range []string{"A", "B", "C", "D"} {
		cell := fmt.Sprintf("%s%d", letter, n)
		texts[cell] = cells[i]
		if text, corrected := b.cells[cell]; corrected {
			texts[cell] = text
		}
	}
	said := func(letter string) string { return texts[fmt.Sprintf("%s%d", letter, n)] }
	l.Input = ledger.Input{ParkID: string(park), Class: class.Code, Day: said("A"), Slot: said("B"), Payload: content("inflow", said("D"))}
	for _, f := range objects.Facilities {
		if f.Code == said("C") {
			l.Input.FacilityID = string(f.ID)
			l.Input.SiteID = string(models.Deref(f.SiteID))
		}
	}
	if l.Input.FacilityID == "" {
		cell := fmt.Sprintf("C%d", n)
		l.Faults = []fault.Violation{{Pointer: cell, Code: "unknown", Detail: fault.T("园区没有登记这个编码，核对编码或者先登记")}}
		l.Suggestions[cell] = "TW001"
	}
	l.At = func(pointer string) string {
		for letter, p := range pointers {
			if p == pointer {
				return fmt.Sprintf("%s%d", letter, n)
			}
		}
		return fmt.Sprintf("A%d", n)
	}
	l.Of = func(cell string) string { return pointers[cell[:1]] }
	return l
}

// content is a complete payload of a day on which nothing was wrong.
func content(name, value string) json.RawMessage {
	typed := ledger.Typed{"/normal": "true", "/startAt": "2026-11-20T00:00", "/endAt": "2026-11-20T23:59", "/inflow": "412.5", "/treated": "10", "/reused": "2", "/discharged": "8",
		"/readings/0/pollutant": "w01001", "/readings/0/value": "7.2", "/sludgeQuantity": "1.2", "/sludgeDestination": "示例处置公司", "/drainDestination": "sewagePlant"}
	typed["/"+name] = value
	class, _ := ledger.ClassOf(wastewater)
	payload, _ := class.Payload(typed)
	return payload
}

type world struct {
	dbtest.City
	t     *testing.T
	svc   *exchange.Service
	led   *ledger.Service
	files *files.Service
	now   *time.Time
}

var start = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

func each(t *testing.T, fn func(t *testing.T, w world)) {
	t.Helper()
	now := start
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	dbtest.EachWith(t, dbtest.Options{Clock: clock}, func(t *testing.T, db *models.DB) {
		now = start
		store := ok(files.Open(t.TempDir()))(t)
		t.Cleanup(func() { _ = store.Close() })
		led, kept := ledger.New(db), files.New(db, store)
		fn(t, world{City: dbtest.NewCity(t, db), t: t, led: led, files: kept, svc: exchange.New(db, led, kept, lines{}), now: &now})
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

func want(t testing.TB, err error, expected fault.Code) *fault.Error {
	t.Helper()
	if got := fault.CodeOf(err); got != expected {
		t.Fatalf("answered %q (%v), want %q", got, err, expected)
	}
	f, _ := err.(*fault.Error)
	return f
}

// file is a table with these rows below its head.
func file(rows ...string) string {
	return "日期,班次,设施,进水量\n" + strings.Join(rows, "\n") + "\n"
}

// days are rows about the firm's works, one a day.
func days(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf("%s,早班,TW001,4%d.5", code.Day("2025-01-01").Add(i), i)
	}
	return rows
}

// check uploads a file as the firm of a place.
func (w world) check(ctx context.Context, p dbtest.Place, text string) (exchange.Checked, error) {
	in, err := w.files.ReceiveTable(ctx, strings.NewReader(text), "十一月.csv")
	if err != nil {
		return exchange.Checked{}, err
	}
	defer in.Discard()
	return w.svc.Check(ctx, exchange.Upload{ParkID: string(p.Park.ID), Class: wastewater, File: in})
}

// counts are how many rows of what matters there are, to see that nothing was written.
func (w world) counts(t testing.TB) [4]int64 {
	t.Helper()
	var n [4]int64
	for i, of := range []struct {
		perm  policies.Permission
		model models.Scoped
	}{{policies.LedgerRead, &ledger.Entry{}}, {policies.LedgerRead, &ledger.Filing{}}, {policies.ChangeRead, &audit.Change{}}, {policies.LedgerRead, &ledger.WasteBatch{}}} {
		if err := w.DB.Visible(w.Program(), of.perm, of.model).Count(&n[i]).Error; err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// states are the entries of the ledger by their state.
func (w world) states(t testing.TB) map[ledger.State]int {
	t.Helper()
	var all []ledger.Entry
	if err := w.DB.Visible(w.Program(), policies.LedgerRead, &ledger.Entry{}).Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	by := map[ledger.State]int{}
	for _, e := range all {
		by[e.State]++
	}
	return by
}

// note is what a report says of a cell; the test fails when it says nothing.
func note(t testing.TB, r exchange.Report, cell string) exchange.Note {
	t.Helper()
	for _, l := range r.Lines {
		for _, n := range l.Notes {
			if n.Cell == cell {
				return n
			}
		}
	}
	t.Fatalf("nothing is said about %s: %+v", cell, r.Lines)
	return exchange.Note{}
}

// verified fails the test when what is stored is not what the leaves say.
func (w world) verified(t testing.TB) {
	t.Helper()
	w.Seal(t)
	report := ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: append(append(ledger.Verifiable(), exchange.Verifiable()...), files.Verifiable(nil)...)}))(t)
	if report.Bad != nil {
		t.Errorf("verify: %+v", report.Bad)
	}
}
