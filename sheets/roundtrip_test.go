package sheets_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/export"
	"parkregistry/models/ledger"
	"parkregistry/sheets"
)

// Texts that spreadsheets and readers of tables like to change.
var delicate = []string{"001234567890123456", "1-2", "2026/1/5", "=1+1", "'quoted", "+86 755", "@name", "12,5", "1e5", "TRUE", "是", "一\n二", "\t制表", "a\"b,c;d", "０１２", "示例处置公司", "🏭 10 t", "NaN", "<0.05", "12.50 m3"}

// generated is a payload of a class as somebody could have typed it, the same for the same seed.
func generated(r *rand.Rand, c ledger.Class) ledger.Typed {
	t := ledger.Typed{}
	generate(r, t, "", c.Fields)
	return t
}

func generate(r *rand.Rand, t ledger.Typed, at string, fields []ledger.Field) {
	for _, f := range fields {
		here := at + "/" + f.Name
		switch {
		case len(f.Fields) > 0:
			for n := range r.IntN(4) {
				generate(r, t, here+"/"+strconv.Itoa(n), f.Fields)
			}
		case !f.Required && r.IntN(3) == 0: // left blank
		case f.Type == "bool":
			t[here] = strconv.FormatBool(r.IntN(2) == 0)
		case f.Type == "integer":
			t[here] = strconv.Itoa(r.IntN(100000))
		case f.Type == "decimal" && f.Reading && r.IntN(4) == 0:
			t[here] = []string{"ND", "<0.05", "<0.050"}[r.IntN(3)]
		case f.Type == "decimal":
			t[here] = fmt.Sprintf("%d.%0*d", r.Int64N(1_000_000_000_000), max(f.Decimals, 1), r.IntN(10))
		case f.Type == "day":
			t[here] = fmt.Sprintf("20%02d-%02d-%02d", r.IntN(90)+10, r.IntN(12)+1, r.IntN(28)+1)
		case f.Type == "instant":
			t[here] = fmt.Sprintf("2026-%02d-%02dT%02d:%02d", r.IntN(12)+1, r.IntN(28)+1, r.IntN(24), r.IntN(60))
		case f.Type == "enum":
			t[here] = f.Enum[r.IntN(len(f.Enum))].Value
		case len(f.Pollutants()) > 0:
			t[here] = string(f.Pollutants()[r.IntN(len(f.Pollutants()))])
		case strings.HasPrefix(f.Type, "code:"):
			_, t[here] = f.Form()
		default:
			t[here] = delicate[r.IntN(len(delicate))]
		}
	}
}

// TestOutAndIn: entries that are taken out in the columns of their class and brought in
// again say the same, in both kinds of file and both languages, whatever they say.
func TestOutAndIn(t *testing.T) {
	const each = 25 // entries of each class, kind and language; PARK_TEST_ROUND_TRIP asks for more
	number := each
	if n, err := strconv.Atoi(os.Getenv("PARK_TEST_ROUND_TRIP")); err == nil {
		number = n
	}
	entries, lines := 0, 0
	for _, c := range ledger.Embedded().Classes() {
		if c.View != "" {
			continue
		}
		r := rand.New(rand.NewPCG(7, uint64(len(c.Code))))
		for _, format := range export.Formats() {
			for _, lang := range []words.Lang{words.Chinese, words.English} {
				n := roundTrip(t, r, c, format, lang, number)
				entries, lines = entries+number, lines+n
			}
		}
	}
	t.Logf("%d entries, %d rows, came in as they went out", entries, lines)
}

func roundTrip(t *testing.T, r *rand.Rand, c ledger.Class, format export.Format, lang words.Lang, number int) (lines int) {
	t.Helper()
	columns := c.Columns()
	head := export.Head{Title: fault.Named("台账明细", "Rows")}
	for _, x := range columns {
		head.Columns = append(head.Columns, export.Column{Title: x.Title(), Number: x.Number()})
	}
	head.Columns = append(head.Columns, export.Column{Title: fault.Named("台账编号", "Number of the entry")})
	firm := sheets.Firm{Site: models.NewID(), CreditCode: "914403001922038216", Name: "示例 001 号（深圳）有限公司"}
	objects := sheets.Objects{Firms: []sheets.Firm{firm}}
	kind := func(all []string) string { return append(all, "")[0] }
	site := firm.Site
	if c.Site == ledger.None {
		site = ""
	}
	work, outlet := sheets.Object{ID: models.NewID(), Site: site, Code: "TW001", Name: "治理设施", Kind: kind(c.FacilityKinds), Medium: c.Medium}, sheets.Object{ID: models.NewID(), Site: site, Code: "DW001", Name: "排放口", Kind: kind(c.OutletKinds)}
	objects.Facilities, objects.Outlets = []sheets.Object{work}, []sheets.Object{outlet}
	keys := map[string]string{ledger.FirmColumn: firm.Name, ledger.FacilityColumn: work.Code, ledger.OutletColumn: outlet.Code}

	var file bytes.Buffer
	sheet, err := sheets.Lists{}.Begin(&file, format, string(lang), head)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range number {
		typed := generated(r, c)
		slot := fmt.Sprintf("班次 %d", i)
		keys[ledger.DayColumn], keys[ledger.SlotColumn] = fmt.Sprintf("2026-%02d-%02d", i/28%12+1, i%28+1), slot
		if c.Slot.Field != "" {
			typed["/"+c.Slot.Field] = slot
			slot = ""
		}
		payload, _ := c.Payload(typed)
		want = append(want, fmt.Sprint(keys[ledger.DayColumn], " ", slot, " ", string(payload)))
		for _, line := range c.Lines(columns, keys, payload) {
			if err := sheet.Row(append(line, fault.Named("LG-2026-000001", "LG-2026-000001"))); err != nil {
				t.Fatal(err)
			}
			lines++
		}
	}
	if err := sheet.Close(); err != nil {
		t.Fatal(err)
	}
	got := 0
	book := open(t, file.Bytes())
	back, err := book.LedgerLines(c, models.NewID(), objects)
	if err != nil {
		t.Fatalf("%s as %s in %s: %v", c.Code, format, lang, err)
	}
	for l, err := range back.All() {
		if err != nil {
			t.Fatal(err)
		}
		in := l.Input
		said := fmt.Sprint(in.Day, " ", in.Slot, " ", string(in.Payload))
		if len(l.Faults) > 0 || got >= len(want) || said != want[got] || in.SiteID != string(site) || c.Facility == ledger.Required && in.FacilityID != string(work.ID) || c.Outlet == ledger.Required && in.OutletID != string(outlet.ID) {
			t.Fatalf("%s as %s in %s, entry %d:\nwent out %s\ncame in  %s %s\nfaults %v", c.Code, format, lang, got, want[min(got, len(want)-1)], said, in.SiteID, l.Faults)
		}
		got++
	}
	if got != number {
		t.Errorf("%s as %s in %s: %d entries went out, %d came in", c.Code, format, lang, number, got)
	}
	return lines
}
