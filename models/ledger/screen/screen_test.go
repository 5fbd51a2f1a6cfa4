package screen_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models/ledger/screen"
)

const (
	works  = "treatmentFacility.wastewater"
	sample = "monitoring.manual"
	last   = code.Day("2026-06-30")
)

// value is one number: name and what was entered; a pollutant's is a reading.
func value(name, raw string) screen.Value {
	q, err := code.ParseReading(raw)
	if err != nil {
		panic(err)
	}
	_, err = code.ParsePollutant(name)
	return screen.Value{Pointer: "/" + name, Name: name, Reading: err == nil, Raw: raw, Scaled: q.Scaled, Exact: q.Qualifier == ""}
}

// row is an ordinary day n days before the last, with values put in place of its own.
func row(n int, change ...string) screen.Row {
	treated, reused := 300+(n*37)%90, 60+(n*13)%30
	all := []screen.Value{value("inflow", fmt.Sprintf("%d.4", treated+3)), value("treated", fmt.Sprintf("%d.1", treated)), value("reused", fmt.Sprintf("%d.3", reused)),
		value("discharged", fmt.Sprintf("%d.8", treated-reused-1)), value("w01001", fmt.Sprintf("7.%d", n%10)), value("w01018", fmt.Sprintf("3%d.%d", n%9, n%7)),
		value("sludgeQuantity", fmt.Sprintf("0.3%d", 10+n)), value("reagents.quantity", fmt.Sprintf("%d.6", treated/9))}
	for i := 0; i+1 < len(change); i += 2 {
		at := slices.IndexFunc(all, func(v screen.Value) bool { return v.Name == change[i] })
		if at < 0 {
			all, at = append(all, screen.Value{}), len(all)
		}
		all[at] = value(change[i], change[i+1])
	}
	return screen.Row{ID: fmt.Sprint(n), Number: fmt.Sprintf("LG-%d", n), Day: last.Add(-n), Entered: last.Add(-n).Start().Add(20 * time.Hour), Length: 24 * time.Hour, Values: all}
}

// sheet is the last day with thirty ordinary ones before it.
func sheet(change ...string) screen.Sheet {
	s := screen.Sheet{Row: row(0, change...), Class: works, Capacity: 500 * code.QuantityScale}
	for n := 1; n <= screen.Days; n++ {
		s.Earlier = append(s.Earlier, row(n))
	}
	return s
}

func with(change func(*screen.Sheet)) screen.Sheet {
	s := sheet()
	change(&s)
	return s
}

// shifts are the rows of one day in so many shifts.
func shifts(n int, hours time.Duration, apart time.Duration) screen.Sheet {
	return with(func(s *screen.Sheet) {
		s.Length = hours
		for i := 1; i < n; i++ {
			r := row(0, "treated", fmt.Sprintf("12%d.5", i))
			r.Length, r.Entered = hours, s.Entered.Add(time.Duration(i)*apart)
			s.Beside = append(s.Beside, r)
		}
	})
}

// days changes a value on the first n days before the last, and on the last.
func days(n int, name, raw string) screen.Sheet {
	s := sheet(name, raw)
	for i := range n {
		s.Earlier[i] = row(i+1, name, raw)
	}
	return s
}

func sampled(name, raw string) func(*screen.Sheet) {
	return func(s *screen.Sheet) {
		s.Against = []screen.Row{{Number: "LG-9", Values: []screen.Value{value(name, raw)}}}
	}
}

// TestPlanted: each kind of oddity is found by its rule and by no other, and what
// comes close is let pass.
func TestPlanted(t *testing.T) {
	limits := func(s screen.Sheet) screen.Sheet {
		s.Limits = map[string]int64{"w01018": 50 * code.QuantityScale}
		return s
	}
	for name, c := range map[string]struct {
		sheet screen.Sheet
		want  []string // rule and pointer
	}{
		"an ordinary day":              {sheet(), nil},
		"sums beyond every number":     {sheet("treated", "999999999999", "inflow", "999999999998.7", "discharged", "999999999999.3", "sludgeQuantity", "999999999991.7"), []string{"capacity /treated", "reagentBalance /reagents.quantity", "repeatedDigits /treated", "sludgeBalance /sludgeQuantity"}},
		"a day copied":                 {with(func(s *screen.Sheet) { s.Values = row(12).Values }), []string{"copiedPeriod "}},
		"all but one value copied":     {with(func(s *screen.Sheet) { s.Values = row(12, "treated", "351.2").Values }), nil},
		"a day without operation":      {days(3, "treated", "0"), nil},
		"one digit repeated":           {sheet("inflow", "333.33"), []string{"repeatedDigits /inflow"}},
		"digits upwards":               {sheet("inflow", "345.67"), []string{"repeatedDigits /inflow"}},
		"digits downwards":             {sheet("w01018", "54.321"), []string{"repeatedDigits /w01018"}},
		"four digits only":             {sheet("inflow", "333.3"), nil},
		"three shifts in a minute":     {shifts(3, 8*time.Hour, 20*time.Second), []string{"bulkEntry ", "capacity /treated"}},
		"three shifts in five minutes": {shifts(3, 8*time.Hour, 150*time.Second), []string{"capacity /treated"}},
		"two shifts, each of 13 hours": {shifts(2, 13*time.Hour, time.Hour), []string{"hoursOverDay "}},
		"two shifts of 12 hours":       {shifts(2, 12*time.Hour, time.Hour), nil},
		"hours run, not from start to end": {with(func(s *screen.Sheet) {
			*s = shifts(2, 13*time.Hour, time.Hour)
			s.Values = append(s.Values, value("runningHours", "10.9"))
		}), nil},
		"hours run, too many": {with(func(s *screen.Sheet) {
			*s = shifts(2, 12*time.Hour, time.Hour)
			s.Values = append(s.Values, value("runningHours", "12.1"))
		}), []string{"hoursOverDay "}},
		"days entered in a minute": {with(func(s *screen.Sheet) {
			s.Earlier[0].Entered, s.Earlier[4].Entered = s.Entered.Add(-40*time.Second), s.Entered
		}), []string{"bulkEntry "}},
		"more than the capacity":    {sheet("treated", "500.1", "inflow", "502", "discharged", "431.9"), []string{"capacity /treated"}},
		"just the capacity":         {sheet("treated", "500", "inflow", "502.2", "sludgeQuantity", "0.44", "discharged", "431.1"), nil},
		"no capacity known":         {with(func(s *screen.Sheet) { s.Capacity = 0; s.Values = row(0, "treated", "900.7").Values }), nil},
		"half of the water is lost": {sheet("discharged", "121.4"), []string{"waterBalance /discharged"}},
		"ten times the reagent":     {sheet("reagents.quantity", "333.6"), []string{"reagentBalance /reagents.quantity"}},
		"hardly any reagent":        {sheet("reagents.quantity", "2.1"), []string{"reagentBalance /reagents.quantity"}},
		"twice the reagent":         {sheet("reagents.quantity", "66.6"), nil},
		"ten times the sludge":      {sheet("sludgeQuantity", "3.3"), []string{"sludgeBalance /sludgeQuantity"}},
		"too few days for a median": {with(func(s *screen.Sheet) { s.Values, s.Earlier = row(0, "sludgeQuantity", "3.3").Values, s.Earlier[:9] }), nil},
		"sludge is drawn now and then": {with(func(s *screen.Sheet) {
			*s = days(25, "sludgeQuantity", "0")
			s.Values = row(0, "sludgeQuantity", "9.1").Values
		}), nil},
		"a sample of thrice the value":   {with(sampled("w01018", "90.5")), []string{"monitoringDiffers /w01018"}},
		"a sample of twice the value":    {with(sampled("w01018", "60.5")), nil},
		"a sample below detection":       {with(sampled("w01018", "<0.5")), nil},
		"pH off by 1.6":                  {with(sampled("w01001", "8.6")), []string{"monitoringDiffers /w01001"}},
		"pH off by 1.5":                  {with(sampled("w01001", "8.5")), nil},
		"the same for seven days":        {days(6, "w01018", "31.7"), []string{"constantValue /w01018"}},
		"the same for six days":          {days(5, "w01018", "31.7"), nil},
		"two digits, the same for days":  {days(20, "w01001", "7.2"), nil},
		"round numbers":                  {sheet("inflow", "400", "treated", "300", "reused", "50", "discharged", "300", "sludgeQuantity", "0.3"), []string{"roundNumbers "}},
		"one number of a meter":          {sheet("inflow", "400", "treated", "301", "reused", "50", "discharged", "300", "sludgeQuantity", "0.3"), nil},
		"at the limit for three days":    {limits(days(2, "w01018", "50.0")), []string{"exactlyAtLimit /w01018"}},
		"at the limit for two days":      {limits(days(1, "w01018", "50.0")), nil},
		"three days at another value":    {limits(days(2, "w01018", "49.0")), nil},
		"another class, nothing applies": {with(func(s *screen.Sheet) { s.Class, s.Values = "treatmentFacility.wastewater.abnormal", row(12).Values }), nil},
	} {
		var got []string
		rules := screen.Embedded()
		for _, h := range rules.Screen(c.sheet, nil) {
			got = append(got, h.Rule+" "+h.Pointer)
			if said := rules.Says(h).String(); strings.Contains(said, "{{") || said == "" {
				t.Errorf("%s: %q lacks a figure", name, said)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// TestLooked: a rule that lacks what it needs does not count the entry as judged.
func TestLooked(t *testing.T) {
	count := func(s screen.Sheet) []string {
		var all []string
		screen.Embedded().Screen(s, func(rule string) { all = append(all, rule) })
		slices.Sort(all)
		return all
	}
	if got := count(screen.Sheet{Class: works, Row: screen.Row{Day: last}}); !slices.Equal(got, []string{"bulkEntry"}) {
		t.Errorf("an empty entry was judged by %v", got)
	}
	whole := shifts(2, 8*time.Hour, time.Hour)
	sampled("w01018", "31.2")(&whole)
	whole.Values[0] = value("inflow", "312.45")
	if got := count(whole); len(got) != len(screen.Embedded().All) {
		t.Errorf("a whole day was judged by %v only", got)
	}
	if got := count(screen.Sheet{Class: sample, Row: row(0)}); slices.Contains(got, "monitoringDiffers") {
		t.Error("a sample alone was compared")
	}
}

// TestAsksLimits: the register is asked only when a reading came back.
func TestAsksLimits(t *testing.T) {
	rules := screen.Embedded()
	if rules.AsksLimits(days(1, "w01018", "50.0")) || !rules.AsksLimits(days(2, "w01018", "50.0")) {
		t.Error("limits are asked for at the wrong time")
	}
	if got := rules.Compared(works); !slices.Equal(got, []string{sample}) {
		t.Errorf("the works is compared with %v", got)
	}
	if !rules.Covers(sample) || rules.Covers("nothing") {
		t.Error("the rules cover the wrong classes")
	}
}

// TestReadRefuses: a rule that could find nothing is no rule.
func TestReadRefuses(t *testing.T) {
	whole := `"classes":["c"],"titleZh":"t","titleEn":"t","basisZh":"b","basisEn":"b","whyZh":"w","whyEn":"w"`
	for raw, says := range map[string]string{
		`{"rules":[{"id":"a","check":"nothing",` + whole + `}]}`:                                                                "no check",
		`{"rules":[{"id":"a","check":"copied","classes":["c"]}]}`:                                                               "words",
		`{"rules":[{"id":"a","check":"copied",` + whole + `}]}`:                                                                 "parameter",
		`{"rules":[{"id":"a","check":"ratio","fields":["x"],"by":"y","history":1,"low":90,"high":80,` + whole + `}]}`:           "parameter",
		`{"rules":[{"id":"a","check":"copied","values":1,` + whole + `},{"id":"a","check":"copied","values":1,` + whole + `}]}`: "twice",
		`{"rules":[{"id":"a","check":"copied","value":1,` + whole + `}]}`:                                                       "unknown field",
	} {
		if _, err := screen.Read([]byte(raw)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", raw, err, says)
		}
	}
	if n := len(screen.Embedded().All); n < 8 {
		t.Errorf("only %d rules", n)
	}
}
