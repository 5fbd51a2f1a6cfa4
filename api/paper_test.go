package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/sheets"
)

// cellsOf are all cells of a workbook, worksheet by worksheet, row by row.
func cellsOf(t *testing.T, raw []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			out = append(out, sheet+": "+strings.Join(r, "|"))
		}
	}
	return strings.Join(out, "\n")
}

// TestPapers: a receipt and a notice come as workbooks too, with the words and figures of
// their pages, to whoever may read them; that they were taken out is recorded.
func TestPapers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		draft := w.want(w.call("firm-a", "POST", "/ledgers", entryBody(place{Place: w.BaoanA}, "2026-01-02")), 201, "a draft")
		receipt := "/ledgers/" + draft.text("id") + "/receipt"
		w.want(w.call("firm-a", "GET", receipt+"/workbook", nil), 409, "before it is filed")
		filed := w.want(w.call("firm-a", "POST", "/ledgers/"+draft.text("id")+"/filing", nil), 200, "file")
		w.seal()
		found := w.want(w.call("baoan-1", "POST", "/findings", findingBody(place{Place: w.BaoanA})), 201, "a finding")
		notice := "/findings/" + found.text("id") + "/notice"
		w.want(w.call("baoan-1", "POST", notice, map[string]any{"text": "补填台账"}), 200, "notice")
		letter := w.want(w.call("firm-a", "GET", notice, nil), 200, "the notice")
		proven := w.want(w.call("firm-a", "GET", receipt, nil), 200, "the receipt")
		for path, says := range map[string][]string{
			receipt + "/workbook": {filed.text("number"), "废水处理量|", "|m³", proven.text("ledger.sha256"), proven.text("checkpoint"), "台账报送回执"},
			notice + "/workbook":  {found.text("number"), "限期整改通知书", letter.text("paragraphs.0"), letter.text("paragraphs.2"), letter.text("sha256")},
		} {
			for who, status := range map[string]int{"firm-a": 200, "park-a": 200, "park-b": 404, "longgang": 404, "auditor": 200, "admin": 403, "": 401} {
				got := w.want(w.call(who, "GET", path, nil), status, path+" as "+who)
				if status != http.StatusOK {
					continue
				}
				cells := cellsOf(t, got.raw)
				for _, want := range says {
					if got.header.Get("Content-Type") != sheets.MediaType || !strings.Contains(cells, want) {
						t.Errorf("%s as %s does not say %q:\n%s", path, who, want, cells)
					}
				}
			}
		}
		for _, number := range []string{filed.text("number"), found.text("number")} {
			if trail := w.want(w.call("auditor", "GET", "/audit-records?action=export", nil), 200, "the trail"); !strings.Contains(string(trail.raw), "of="+number+" ") {
				t.Errorf("the trail has no %s: %s", number, trail.raw)
			}
		}
	})
}
