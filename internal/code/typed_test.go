package code_test

import (
	"testing"

	"parkregistry/internal/code"
)

// TestTyped: what an input method and a spreadsheet make of a value becomes the spelling
// that the parsers take; what could mean two things, or nothing, stays.
func TestTyped(t *testing.T) {
	for _, c := range []struct {
		spell      func(string) string
		typed, out string
	}{
		{code.TypedNumber, "12.5", "12.5"}, {code.TypedNumber, "１２．５", "12.5"}, {code.TypedNumber, "12。5", "12.5"}, {code.TypedNumber, "12，5", "12.5"},
		{code.TypedNumber, "0，125", "0.125"}, {code.TypedNumber, " 4 12.50　", "412.50"}, {code.TypedNumber, "＜０。０５", "<0.05"}, {code.TypedNumber, "ＮＤ", "ND"},
		{code.TypedNumber, "1,486", "1486"}, {code.TypedNumber, "1,234,567.80", "1234567.80"}, {code.TypedNumber, "−3", "-3"},
		{code.TypedNumber, "1，486", "1，486"}, {code.TypedNumber, "1,48", "1,48"}, {code.TypedNumber, "1，4，8", "1，4，8"}, {code.TypedNumber, "1.2，5", "1.2，5"}, {code.TypedNumber, "约 3", "约3"},
		{code.TypedDay, "2026/1/5", "2026-01-05"}, {code.TypedDay, "2026.01.05", "2026-01-05"}, {code.TypedDay, "２０２６年１月５日", "2026-01-05"}, {code.TypedDay, "20260105", "2026-01-05"}, {code.TypedDay, "1月5日", "1月5日"}, {code.TypedDay, "2026-02-30", "2026-02-30"},
		{code.TypedInstant, "2026-01-05T08:30", "2026-01-05T08:30:00+08:00"}, {code.TypedInstant, "2026/1/5 8:30:09", "2026-01-05T08:30:09+08:00"},
		{code.TypedInstant, "2026年1月5日8时30分", "2026-01-05T08:30:00+08:00"}, {code.TypedInstant, "2026/1/5 24:00", "2026-01-06T00:00:00+08:00"}, {code.TypedInstant, "2026-12-31 24:00", "2027-01-01T00:00:00+08:00"},
		{code.TypedInstant, "2026/1/5 25:00", "2026/1/5 25:00"}, {code.TypedInstant, "2026-01-05T08:30:00Z", "2026-01-05T08:30:00Z"}, {code.TypedInstant, "昨天 8 点", "昨天 8 点"},
		{code.TypedCode, " ｗ01018", "w01018"},
	} {
		if got := c.spell(c.typed); got != c.out {
			t.Errorf("%q becomes %q, want %q", c.typed, got, c.out)
		}
	}
}
