package code_test

import (
	"testing"
	"time"

	"parkregistry/internal/code"
)

// TestDayNumber walks every day that the registry takes beside the time package.
func TestDayNumber(t *testing.T) {
	first := code.Day("2000-01-01")
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := first.Number(); at.Year() <= 2100; n, at = n+1, at.AddDate(0, 0, 1) {
		d := code.Day(at.Format("2006-01-02"))
		if got := d.Number(); got != n || int64(n) != at.Unix()/86400 {
			t.Fatalf("%s is day %d, want %d", d, got, n)
		}
		if got := code.DayNumber(n); got != d {
			t.Fatalf("day %d is %s, want %s", n, got, d)
		}
	}
}

// TestNumberOfTakesAnyMonth counts months over the ends of years.
func TestNumberOfTakesAnyMonth(t *testing.T) {
	for month := -30; month <= 30; month++ {
		want := time.Date(2024, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Unix() / 86400
		if got := code.NumberOf(2024, month, 1); int64(got) != want {
			t.Errorf("month %d of 2024 begins on day %d, want %d", month, got, want)
		}
	}
	if got := code.Day("").Number(); got != 0 {
		t.Errorf("no day is day %d", got)
	}
}
