package ledger

import (
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// MostNumbers is how many entries are picked by their numbers at a time: two pages of the list.
const MostNumbers = 100

// ParseNumbers reads the numbers of entries as a filter has them, with commas between;
// none for "".
func ParseNumbers(raw string) ([]string, error) {
	if raw == "" {
		return nil, nil
	}
	var numbers []string
	for _, written := range strings.FieldsFunc(raw, func(r rune) bool { return r == ',' || r == '，' }) {
		kind, number, ok := models.ReadNumber(written)
		if !ok || kind != models.LedgerNumber {
			return nil, badNumbers(raw, fault.T("不是台账编号：{{.Number}}", "Number", written))
		}
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 || len(numbers) > MostNumbers {
		return nil, badNumbers(raw, fault.T("台账编号要有 1 至 {{.Max}} 个", "Max", MostNumbers))
	}
	return numbers, nil
}

func badNumbers(raw string, why fault.Text) error {
	return &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"), Violations: []fault.Violation{{Pointer: "/query/number", Code: "format", Detail: why, Value: raw}}}
}
