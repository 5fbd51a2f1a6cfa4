package sheets_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/words"
	"parkregistry/models/exchange"
	"parkregistry/sheets"
)

// TestSample: the sample row of a template is about one firm, the first that has what the
// class names.
func TestSample(t *testing.T) {
	objects := sheets.Objects{
		Firms: []sheets.Firm{{Site: "1", CreditCode: "91440300MA5T00010L", Name: "乙公司"}, {Site: "2", CreditCode: "91440300MA5T00037C", Name: "甲公司"}},
		Facilities: []sheets.Object{{Site: "", Code: "TW001", Kind: "treatment", Medium: "water"}, {Site: "2", Code: "TW007", Kind: "treatment", Medium: "water"}, {Site: "2", Code: "TW001", Kind: "production", Medium: "water"},
			{Site: "2", Code: "TA002", Kind: "treatment", Medium: "air"}},
		Outlets: []sheets.Object{{Site: "1", Code: "DW009", Kind: "total"}},
	}
	for class, want := range map[string][]string{
		"treatmentFacility.wastewater": {"甲公司", "TW007"},
		"treatmentFacility.gas":        {"甲公司", "TA002"},
		"monitoring.manual":            {"乙公司", "DW009"},
		"register.facilities":          {"乙公司", "TW001"}, // of which it has none
		"register.permits":             {"乙公司", "91440300MA5T00010L001P", "DW009"},
	} {
		c, known := exchange.ClassOf(class)
		var b bytes.Buffer
		if err := sheets.LedgerTemplate(&b, c, objects, words.Chinese); err != nil || !known {
			t.Fatal(class, err)
		}
		book, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && strings.HasPrefix(r[0], "示例：") })
		sample := strings.Join(rows[i], "|")
		for _, said := range want {
			if !strings.Contains(sample, said) {
				t.Errorf("%s: %s does not name %s", class, sample, said)
			}
		}
	}
}
