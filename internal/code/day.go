package code

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"time"

	"parkregistry/internal/fault"
)

// Zone is the civil time of the registry: UTC+8, no daylight saving.
var Zone = time.FixedZone("UTC+8", 8*60*60)

// Day is a civil day at UTC+8 as YYYY-MM-DD; "" is absent. Days compare as text.
type Day string

const dayLayout = "2006-01-02"

// ParseDay takes a real day from 2000-01-01 to 2100-12-31.
func ParseDay(s string) (Day, error) { return dayFrom(2000, s) }

// ParseApprovalDay is ParseDay for an approval that may be older than the
// registry: from 1979-01-01, the year of the first environmental protection law.
func ParseApprovalDay(s string) (Day, error) { return dayFrom(1979, s) }

func dayFrom(year int, s string) (Day, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil {
		return "", fault.Broken("day", "", "日期应当写成 2026-01-31 的样子")
	}
	if y := t.Year(); y < year || y > 2100 {
		return "", fault.Broken("dayRange", "", "日期应当在 {{.From}} 至 2100-12-31 之间", "From", strconv.Itoa(year)+"-01-01")
	}
	return Day(s), nil
}

// DayOf is the civil day of an instant.
func DayOf(t time.Time) Day { return Day(t.In(Zone).Format(dayLayout)) }

func (d Day) time() time.Time {
	t, _ := time.ParseInLocation(dayLayout, string(d), Zone)
	return t
}

// Start is the first instant of the day.
func (d Day) Start() time.Time { return d.time() }

// End is the first instant after the day.
func (d Day) End() time.Time { return d.time().AddDate(0, 0, 1) }

// Add is the day n days later, or earlier when n is negative.
func (d Day) Add(n int) Day { return Day(d.time().AddDate(0, 0, n).Format(dayLayout)) }

// AddYears is the same day n years later; 29 February becomes 28 February.
func (d Day) AddYears(n int) Day {
	t := d.time()
	u := t.AddDate(n, 0, 0)
	if u.Month() != t.Month() {
		u = u.AddDate(0, 0, -u.Day())
	}
	return Day(u.Format(dayLayout))
}

// Sub is the number of days from e to d.
func (d Day) Sub(e Day) int { return int(d.time().Sub(e.time()).Hours() / 24) }

// Month is YYYY-MM.
func (d Day) Month() string {
	if len(d) < 7 {
		return ""
	}
	return string(d[:7])
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.time().Weekday() }

// Value implements driver.Valuer: NULL for an absent day.
func (d Day) Value() (driver.Value, error) {
	if d == "" {
		return nil, nil
	}
	return string(d), nil
}

// Scan implements sql.Scanner: text from SQLite, a date from PostgreSQL.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = ""
	case string:
		*d = Day(v)
	case []byte:
		*d = Day(v)
	case time.Time:
		*d = Day(v.Format(dayLayout))
	default:
		return fmt.Errorf("read a day from %T", src)
	}
	return nil
}

// ClockTime is an instant as people read it, by the clock of the registry's zone.
func ClockTime(at time.Time) string { return at.In(Zone).Format("2006-01-02 15:04:05") }
