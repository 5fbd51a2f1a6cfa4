package code

import (
	"sync"
	"time"

	"parkregistry/internal/fault"
)

// The working-day calendar of China (法定工作日): Monday to Friday, less the days
// off and plus the Saturdays and Sundays worked in their place (调休) that the State
// Council announces each year. data/holidays.csv holds the announced days; a year
// without any is a year whose notice has not been entered.
var announced = sync.OnceValues(func() (map[Day]bool, map[int]bool) {
	works, years := map[Day]bool{}, map[int]bool{}
	for _, r := range rows("holidays.csv") {
		d := Day(r["date"])
		works[d] = r["kind"] == "work"
		years[d.time().Year()] = true
	}
	return works, years
})

// IsWorkday reports whether d is worked. Invalid (code calendar) in a year whose
// notice is not in the table: the answer would be a guess.
func IsWorkday(d Day) (bool, error) {
	works, years := announced()
	if y := d.time().Year(); !years[y] {
		return false, fault.Broken("calendar", "国务院办公厅节假日安排", "{{.Year}} 年的放假调休安排还没有录入，直接填写日期", "Year", y)
	}
	if work, ok := works[d]; ok {
		return work, nil
	}
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday, nil
}

// Due is the last day of a period of n civil days that begins after start. A
// period that would end on a day off ends on the next working day (民法典 art. 203).
func Due(start Day, n int) (Day, error) {
	d := start.Add(n)
	for {
		work, err := IsWorkday(d)
		if err != nil {
			return "", err
		}
		if work {
			return d, nil
		}
		d = d.Add(1)
	}
}

// AddWorkdays is the nth working day after start.
func AddWorkdays(start Day, n int) (Day, error) {
	d := start
	for n > 0 {
		d = d.Add(1)
		work, err := IsWorkday(d)
		if err != nil {
			return "", err
		}
		if work {
			n--
		}
	}
	return d, nil
}
