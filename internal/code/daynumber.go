package code

// A calendar is walked day by day by the hundred thousand: numbers are added and
// compared at a hundredth of the cost of dates.

// Number counts the days since 1970-01-01 in the proleptic Gregorian calendar; 0
// for what is not a day. DayNumber leads back.
func (d Day) Number() int {
	if len(d) != len(dayLayout) {
		return 0
	}
	return NumberOf(decimalOf(d[0:4]), decimalOf(d[5:7]), decimalOf(d[8:10]))
}

// daysBefore1970 are the days from 0000-03-01 to 1970-01-01.
const daysBefore1970 = 719468

// DayNumber is the nth day after 1970-01-01, from the year 0 on.
func DayNumber(n int) Day {
	year, month, day := CivilOf(n)
	return Day([]byte{'0' + byte(year/1000%10), '0' + byte(year/100%10), '0' + byte(year/10%10), '0' + byte(year%10), '-', '0' + byte(month/10), '0' + byte(month%10), '-', '0' + byte(day/10), '0' + byte(day%10)})
}

// CivilOf is the date of the nth day after 1970-01-01.
func CivilOf(n int) (year, month, day int) {
	n += daysBefore1970
	era := n / 146097
	inEra := n - era*146097
	yearOfEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	inYear := inEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	march := (5*inYear + 2) / 153
	year, month, day = yearOfEra+era*400, march+3, inYear-(153*march+2)/5+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// NumberOf is the day number of a date; month may lie outside 1 to 12.
func NumberOf(year, month, day int) int {
	year, month = year+floor(month-1, 12), month-12*floor(month-1, 12)
	if month <= 2 { // the year begins in March, so that the leap day is its last
		year--
		month += 12
	}
	century := year / 100
	return 365*year + year/4 - century + century/4 + (153*(month-3)+2)/5 + day - 1 - daysBefore1970
}

func floor(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func decimalOf(s Day) int {
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}
