package code_test

import (
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// The days are those of the State Council's yearly notices.
func TestIsWorkday(t *testing.T) {
	for day, want := range map[code.Day]bool{
		"2021-09-18": true,  // Saturday, before Mid-Autumn
		"2022-10-09": true,  // Sunday, after the National Day
		"2023-01-27": false, // Friday of the Spring Festival
		"2023-09-29": false, // Mid-Autumn
		"2024-02-04": true,  // Sunday, before the Spring Festival
		"2024-02-09": true,  // New Year's Eve was not a statutory day off in 2024
		"2024-02-10": false, //
		"2024-02-17": false, // Saturday, off
		"2024-02-18": true,  // Sunday, worked
		"2025-01-26": true,  // Sunday, before the Spring Festival
		"2025-01-28": false, // New Year's Eve
		"2025-10-08": false, //
		"2025-10-11": true,  // Saturday, worked
		"2026-01-04": true,  // Sunday, after New Year
		"2026-02-14": true,  // Saturday, before the Spring Festival
		"2026-02-23": false, // Monday, the ninth day off
		"2026-09-20": true,  // Sunday, before the National Day
		"2026-10-10": true,  // Saturday, after it
		"2026-11-21": false, // an ordinary Saturday
		"2026-11-24": true,  // an ordinary Tuesday
	} {
		got, err := code.IsWorkday(day)
		if err != nil || got != want {
			t.Errorf("IsWorkday(%s) = %v, %v; want %v", day, got, err, want)
		}
	}
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		start code.Day
		n     int
		want  code.Day
	}{
		{"2026-11-24", 1, "2026-11-25"},
		{"2026-11-20", 1, "2026-11-23"},  // Friday + 1 is a Saturday: Monday
		{"2025-10-10", 1, "2025-10-11"},  // Friday + 1 is a Saturday that is worked
		{"2025-09-24", 7, "2025-10-09"},  // the National Day: the first day after it
		{"2026-02-07", 7, "2026-02-14"},  // ends on a Saturday that is worked
		{"2026-02-08", 7, "2026-02-24"},  // the Spring Festival
		{"2026-09-05", 15, "2026-09-20"}, // ends on a Sunday that is worked
		{"2026-11-01", 60, "2026-12-31"},
	} {
		got, err := code.Due(c.start, c.n)
		if err != nil || got != c.want {
			t.Errorf("Due(%s, %d) = %s, %v; want %s", c.start, c.n, got, err, c.want)
		}
	}
}

func TestAddWorkdays(t *testing.T) {
	for _, c := range []struct {
		start code.Day
		n     int
		want  code.Day
	}{
		{"2026-11-24", 5, "2026-12-01"},
		{"2026-02-13", 1, "2026-02-14"}, // a Saturday that is worked
		{"2026-02-14", 1, "2026-02-24"}, // the Spring Festival lies between
		{"2024-02-02", 5, "2024-02-08"}, // Sunday 4 February counts
	} {
		got, err := code.AddWorkdays(c.start, c.n)
		if err != nil || got != c.want {
			t.Errorf("AddWorkdays(%s, %d) = %s, %v; want %s", c.start, c.n, got, err, c.want)
		}
	}
}

// TestNoCalendar: a year without its notice is an error, never a guess.
func TestNoCalendar(t *testing.T) {
	for _, day := range []code.Day{"2020-12-31", "2027-01-04"} {
		if _, err := code.IsWorkday(day); !fault.Is(err, fault.Invalid) {
			t.Errorf("IsWorkday(%s): want a refusal, got %v", day, err)
		}
	}
	if d, err := code.Due("2026-12-01", 60); !fault.Is(err, fault.Invalid) {
		t.Errorf("a period into 2027: want a refusal, got %s, %v", d, err)
	}
	if d, err := code.AddWorkdays("2026-12-31", 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("a working day of 2027: want a refusal, got %s, %v", d, err)
	}
}
