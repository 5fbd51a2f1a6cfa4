package discharge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
)

const today code.Day = "2026-11-23"

// plating is a dedicated electroplater approved after 2012-09-01; the others differ from it.
func plating(kind string, change ...func(*discharge.Situation)) discharge.Situation {
	s := discharge.Situation{Kind: kind, Regime: discharge.Indirect, Production: []string{"plating"}, EIANumber: "深环批〔2018〕100号", EIAOn: "2018-05-10", Jurisdiction: "baoan"}
	for _, c := range change {
		c(&s)
	}
	return s
}

func direct(s *discharge.Situation)   { s.Regime = discharge.Direct }
func special(s *discharge.Situation)  { s.Special = true }
func park(s *discharge.Situation)     { s.Receiver = discharge.ParkWorks }
func shenshan(s *discharge.Situation) { s.Jurisdiction = "shenshan" }
func approved(d code.Day) func(*discharge.Situation) {
	return func(s *discharge.Situation) { s.EIAOn = d }
}
func makes(kinds ...string) func(*discharge.Situation) {
	return func(s *discharge.Situation) { s.Production = kinds }
}
func water(class string) func(*discharge.Situation) {
	return func(s *discharge.Situation) { s.Regime, s.WaterClass = discharge.Direct, class }
}
func named(standards ...string) func(*discharge.Situation) {
	return func(s *discharge.Situation) { s.Standards = standards }
}

func permit(pollutant, minimum, maximum string) discharge.Candidate {
	return discharge.Candidate{Basis: "permit", Standard: "许可证", Pollutant: pollutant, Minimum: minimum, Maximum: maximum, Unit: "mg/L", Averaging: "daily"}
}

// inForce is the limit in force as "table: lower–upper", several joined; "" when none is.
func inForce(s discharge.Set) string {
	var out []string
	for _, c := range s.Candidates {
		if c.InForce {
			out = append(out, c.Basis+" "+c.Table+" "+c.Minimum+"–"+c.Maximum)
		}
	}
	return strings.Join(out, "; ")
}

func TestWhichLimitIsInForce(t *testing.T) {
	ni, cu, cod, ph := "w20121", "w20122", "w01018", "w01001"
	workshop, total := discharge.Workshop, discharge.Total
	for _, c := range []struct {
		name      string
		s         discharge.Situation
		pollutant string
		day       code.Day
		want      string
		why       string // code of a candidate that is not in force
	}{
		{"nickel before 2012-09-01: Table 1", plating(workshop, direct, approved("2012-08-31")), ni, today, "local db44-1597-t1 –0.5", "approvalOther"},
		{"nickel on 2012-09-01: Table 2", plating(workshop, direct, approved("2012-09-01")), ni, today, "local db44-1597-t2 –0.1", "yields"},
		{"copper, direct, Table 1", plating(total, direct, approved("2010-01-01")), cu, today, "local db44-1597-t1 –0.5", "yields"},
		{"copper, direct, Table 2", plating(total, direct), cu, today, "local db44-1597-t2 –0.3", "approvalOther"},
		{"special limits: Table 3", plating(total, direct, special), cod, today, "local db44-1597-t3 –50", "yields"},
		{"COD to a sewer: 200 % of Table 1, however new", plating(total), cod, today, "local db44-1597-427 –160", "yields"},
		{"copper to a sewer: 200 %", plating(total), cu, today, "local db44-1597-427 –1.0", "yields"},
		{"nickel to a sewer: never relaxed", plating(workshop), ni, today, "local db44-1597-427-t2 –0.1", "approvalOther"},
		{"nickel to a sewer, old: Table 1, never relaxed", plating(workshop, approved("2009-03-02")), ni, today, "local db44-1597-427-t1 –0.5", "approvalOther"},
		{"pH to a sewer: 6.5 of the sewer's standard, 9 of the other", plating(total), ph, today, "local db44-1597-427 6–9; sewer gbt31962-b 6.5–9.5", "yields"},
		{"to the park's works the sewer's standard is not asked", plating(total, park), ph, today, "local db44-1597-427 6–9", "receiver"},
		{"nickel at the total outlet: 4.2.6 only", plating(total), ni, today, "local db44-1597-427-t2 –0.1", "workshop"},
		{"COD at the workshop: nowhere judged", plating(workshop), cod, today, "", "total"},
		{"without the day of approval no table is chosen", plating(workshop, direct, approved("")), ni, today, "national gb21900-t2 –0.5", "approvalUnknown"},
		{"before the local standard was in force", plating(workshop, direct, approved("2010-07-01")), ni, "2015-08-19", "national gb21900-t2 –0.5", "before"},
		{"the day it came into force", plating(workshop, direct, approved("2010-07-01")), ni, "2015-08-20", "local db44-1597-t1 –0.5", "yields"},
		{"Shenshan: both halves, the stricter", plating(workshop, direct, shenshan), ni, today, "local db44-1597-t2 –0.1", "yields"},
		{"circuit boards, direct, level 1 of the province is stricter", plating(total, makes("pcb"), water("III")), cod, today, "general db44-26-l1 –90", "yields"},
		{"circuit boards, direct, level 2 is laxer", plating(total, makes("pcb"), water("V")), cod, today, "national gb39731-direct –100", "yields"},
		{"circuit boards, direct, class of the water unknown", plating(total, makes("pcb"), direct), cod, today, "national gb39731-direct –100", "waterClass"},
		{"circuit boards that plate: the stricter of two industries", plating(total, makes("pcb", "platingProcess"), direct), cu, today, "local db44-1597-t2 –0.3", "yields"},
		{"GB 39731 is new in 2021", plating(total, makes("pcb"), approved("2021-07-01")), cu, "2022-01-01", "national gb39731-indirect –2.0", "yields"},
		{"and old ones have until 2024", plating(total, makes("pcb")), cu, "2023-12-31", "general db44-26-l3 –2.0", "before"},
		{"zinc is not for circuit boards in GB 39731", plating(total, makes("pcb")), "w20123", today, "general db44-26-l3 –5.0", ""},
		{"but for components", plating(total, makes("electronicComponent")), "w20123", today, "national gb39731-indirect –1.5", "yields"},
		{"terminal products without plating have no metals", plating(workshop, makes("terminal")), ni, today, "general db44-26-t1 –1.0", ""},
		{"with plating they have", plating(workshop, makes("terminal", "platingProcess")), "w20126", today, "local db44-1597-427-t2 –0.1", "approvalOther"},
		{"dyeing to a sewer", plating(total, makes("dyeing")), cod, today, "national gb4287-t2-indirect –200", "yields"},
		{"ammonia of dyeing", plating(total, makes("dyeing"), direct), "w21003", today, "national gb4287-t2-direct –10", "waterClass"},
		{"ammonia of wax printing", plating(total, makes("waxPrinting"), water("V")), "w21003", today, "national gb4287-t2-direct –15", "yields"},
		{"hexavalent chromium of dyeing is not detectable", plating(workshop, makes("dyeing"), direct), "w20117", today, "national gb4287-t2-direct –ND", "yields"},
		{"an old drug maker is not in the table", plating(total, makes("bioPharma"), water("V"), approved("2005-01-01")), cod, today, "general db44-26-l2 –200", "onlyNew"},
		{"a sewage plant needs its grade named", plating(total, makes("sewagePlant"), direct, named("gb18918-1a")), "w21003", today, "national gb18918-1a –5", "waterClass"},
		{"in cold water the value in brackets", plating(total, makes("sewagePlant"), direct, named("gb18918-1a"), func(s *discharge.Situation) { s.Cold = true }), "w21003", today, "national gb18918-1a –8", "waterClass"},
		{"an old plant", plating(total, makes("sewagePlant"), direct, named("gb18918-1b"), approved("2005-12-31")), "w21011", today, "national gb18918-1b –1.5", ""},
		{"no production recorded: what asks for it does not apply", plating(total, makes(), water("III")), cod, today, "", "production"},
		{"the rain outlet has none", plating(discharge.Rain), cod, today, "", ""},
		{"nothing leaves", plating(total, func(s *discharge.Situation) { s.Regime = "none" }), cod, today, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := discharge.Decide(c.s, c.pollutant, c.day, nil)
			if got := inForce(set); got != c.want {
				t.Errorf("in force: %q, want %q", got, c.want)
			}
			if c.why != "" && !slices.ContainsFunc(set.Candidates, func(x discharge.Candidate) bool { return !x.InForce && x.Why.Code == c.why }) {
				t.Errorf("no candidate is left out by %q: %+v", c.why, set.Candidates)
			}
			for _, x := range set.Candidates {
				if set.Text(x).String() == "" {
					t.Errorf("no words for %q", x.Why.Code)
				}
			}
		})
	}
}

func TestPermitAndApproval(t *testing.T) {
	s := plating(discharge.Total)
	eia := func(maximum string) discharge.Candidate {
		return discharge.Candidate{Basis: "eia", Standard: "深环批〔2018〕100号", Pollutant: "w01018", Maximum: maximum, Unit: "mg/L"}
	}
	dated := permit("w01018", "", "10")
	dated.To = today.Add(-1)
	ug := discharge.Candidate{Basis: "permit", Standard: "许可证", Pollutant: "w01018", Maximum: "40000", Unit: "ug/L"}
	strange := discharge.Candidate{Basis: "permit", Standard: "许可证", Pollutant: "w01018", Maximum: "1", Unit: "kg/d"}
	for _, c := range []struct {
		name string
		all  []discharge.Candidate
		want string
	}{
		{"a stricter permit", []discharge.Candidate{permit("w01018", "", "80")}, "permit  –80"},
		{"a laxer permit changes nothing", []discharge.Candidate{permit("w01018", "", "200")}, "local db44-1597-427 –160"},
		{"the approval is stricter still", []discharge.Candidate{permit("w01018", "", "80"), eia("50")}, "eia  –50"},
		{"equal ones: the permit comes first", []discharge.Candidate{eia("80"), permit("w01018", "", "80.0")}, "permit  –80.0"},
		{"an expired one", []discharge.Candidate{dated}, "local db44-1597-427 –160"},
		{"another unit of the same thing", []discharge.Candidate{ug}, "permit  –40000"},
		{"a unit of another thing", []discharge.Candidate{strange}, "local db44-1597-427 –160"},
	} {
		set := discharge.Decide(s, "w01018", today, c.all)
		if got := inForce(set); got != c.want {
			t.Errorf("%s: in force %q, want %q", c.name, got, c.want)
		}
		if len(set.Candidates) != len(c.all)+5 {
			t.Errorf("%s: %d candidates are kept, want all %d", c.name, len(set.Candidates), len(c.all)+5)
		}
	}
	recorded := discharge.Candidate{Basis: "local", Standard: "DB44/1597-2015", Pollutant: "w20121", Maximum: "0.1", Unit: "mg/L"}
	if set := discharge.Decide(plating(discharge.Total, makes("other")), "w20121", today, []discharge.Candidate{recorded}); inForce(set) != "" {
		t.Errorf("a class-I limit that somebody recorded at the total outlet is in force: %q", inForce(set))
	}
}

func value(t testing.TB, pollutant, raw, kind, detection string) discharge.Reading {
	t.Helper()
	q, err := code.ParseReading(raw)
	if err != nil {
		t.Fatal(err)
	}
	return discharge.Reading{Pollutant: pollutant, Value: q, Unit: code.Pollutant(pollutant).Unit(), Kind: kind, DetectionLimit: detection}
}

// TestWorkedExample is the example of the domain guide, section 8: Table 2, 300 m³
// for 1,000 m² of multilayer plating, nickel 0.09 mg/L.
func TestWorkedExample(t *testing.T) {
	set := discharge.Decide(plating(discharge.Workshop, direct), "w20121", today, nil)
	r := value(t, "w20121", "0.09", "", "")
	day := func(total string) *discharge.Drainage {
		return &discharge.Drainage{Total: total, Outputs: []discharge.Output{{Product: "multilayerPlating", Quantity: "1000"}}}
	}
	j := set.Judge(r, nil, day("300"))
	if j.Verdict != discharge.Exceeded || j.Value != "0.108" || j.Maximum != "0.1" || j.Ratio != "1.08" || j.Conversion == nil || j.Conversion.Benchmark != "250" || j.Conversion.Ratio != "1.2" {
		t.Errorf("the worked example gives %+v, %+v", j, j.Conversion)
	}
	if want := "总镍的日均值 0.09 mg/L，按基准排水量换算（300 m³ ÷ 250 m³ = 1.2）为 0.108 mg/L，超过限值 0.1 mg/L，是限值的 1.08 倍；依据 DB44/1597-2015 表 2（珠三角，2012-09-01 起批复环评）"; j.Sentence().String() != want {
		t.Errorf("it says\n%s, want\n%s", j.Sentence(), want)
	}
	for total, want := range map[string]discharge.Verdict{"250": discharge.Within, "249.9": discharge.Within, "0": discharge.Within, "277.777777": discharge.Within, "277.777778": discharge.Exceeded} {
		if j := set.Judge(r, nil, day(total)); j.Verdict != want || (j.Conversion != nil) != (total > "250" && total != "0") {
			t.Errorf("with %s m³ of 250: %s, converted %v, want %s", total, j.Verdict, j.Conversion, want)
		}
	}
}

func TestBenchmarks(t *testing.T) {
	ni := func(s discharge.Situation) discharge.Set { return discharge.Decide(s, "w20121", today, nil) }
	out := func(product, quantity string, layers int, flexible bool) discharge.Output {
		return discharge.Output{Product: product, Quantity: quantity, Layers: layers, Flexible: flexible}
	}
	pcb := plating(discharge.Workshop, makes("pcb"))
	for _, c := range []struct {
		name string
		s    discharge.Situation
		all  []discharge.Output
		want string // m³ at the benchmark; "" no conversion
	}{
		{"single and multilayer plating", plating(discharge.Workshop), []discharge.Output{out("multilayerPlating", "1000", 0, false), out("singlePlating", "500", 0, false)}, "300"},
		{"not a dedicated plater: by approval, not by the table", plating(discharge.Workshop, makes("platingProcess")), []discharge.Output{out("singlePlating", "500", 0, false)}, ""},
		{"boards of 2 layers", pcb, []discharge.Output{out("pcbDouble", "100", 0, false)}, "78"},
		{"boards of 6 layers: 0.78 + 4 × 0.39", pcb, []discharge.Output{out("pcbMultilayer", "100", 6, false)}, "234"},
		{"HDI of 8 layers: 0.85 + 6 × 0.59", pcb, []discharge.Output{out("pcbHDI", "100", 8, false)}, "439"},
		{"flexible boards get 35 % more", pcb, []discharge.Output{out("pcbDouble", "100", 0, true)}, "105.3"},
		{"layers missing", pcb, []discharge.Output{out("pcbMultilayer", "100", 0, false)}, ""},
		{"a product that the standard does not know", pcb, []discharge.Output{out("pcbDouble", "100", 0, false), out("silkFabric", "1", 0, false)}, ""},
		{"nothing made", pcb, []discharge.Output{out("pcbDouble", "0", 0, false)}, ""},
		{"no product", pcb, nil, ""},
	} {
		set := ni(c.s)
		j := set.Judge(value(t, "w20121", "0.01", "", ""), nil, &discharge.Drainage{Total: "100000", Outputs: c.all})
		if got := j.Conversion; (got == nil) != (c.want == "") || got != nil && got.Benchmark != c.want {
			t.Errorf("%s: %+v, want %q", c.name, got, c.want)
		}
	}
	// A permit's own limit is compared with the value that the standard converts.
	set := discharge.Decide(plating(discharge.Workshop), "w20121", today, []discharge.Candidate{permit("w20121", "", "0.095")})
	if j := set.Judge(value(t, "w20121", "0.09", "", ""), nil, &discharge.Drainage{Total: "300", Outputs: []discharge.Output{out("multilayerPlating", "1000", 0, false)}}); j.Basis != "permit" || j.Verdict != discharge.Exceeded || j.Value != "0.108" {
		t.Errorf("the permit's limit gives %+v", j)
	}
	// More water changes no pH.
	acid := discharge.Decide(plating(discharge.Total), "w01001", today, nil)
	if j := acid.Judge(value(t, "w01001", "8", "", ""), nil, &discharge.Drainage{Total: "3000", Outputs: []discharge.Output{out("multilayerPlating", "1000", 0, false)}}); j.Conversion != nil || j.Verdict != discharge.Within {
		t.Errorf("pH with much water gives %+v", j)
	}
}

func TestVerdicts(t *testing.T) {
	nickel := discharge.Decide(plating(discharge.Workshop), "w20121", today, nil)
	cod := discharge.Decide(plating(discharge.Total), "w01018", today, nil)
	acid := discharge.Decide(plating(discharge.Total), "w01001", today, nil)
	chrome := discharge.Decide(plating(discharge.Workshop, makes("dyeing"), direct), "w20117", today, nil)
	outside := discharge.Decide(plating(discharge.Total), "w20121", today, nil)
	hourly := permit("w01018", "", "100")
	hourly.Averaging = "hourly"
	instant := permit("w01018", "", "120")
	instant.Averaging = "instant"
	timed := discharge.Decide(plating(discharge.Total), "w01018", today, []discharge.Candidate{hourly, instant})
	for _, c := range []struct {
		name      string
		set       discharge.Set
		raw       string
		kind      string
		detection string
		peers     []string
		want      discharge.Verdict
		says      string // part of the sentence
		ratio     string
	}{
		{"at the limit", nickel, "0.1", "", "", nil, discharge.Within, "符合限值 0.1 mg/L", "1"},
		{"a millionth above", nickel, "0.100001", "", "", nil, discharge.Exceeded, "超过限值 0.1 mg/L", "1"},
		{"three decimals of the ratio", nickel, "0.1337", "", "", nil, discharge.Exceeded, "是限值的 1.337 倍", "1.337"},
		{"below the detection limit", nickel, "<0.05", "", "", nil, discharge.Within, "符合限值", ""},
		{"a detection limit at the limit", nickel, "<0.1", "", "", nil, discharge.Within, "符合限值", ""},
		{"a detection limit above the limit", nickel, "<0.2", "", "", nil, discharge.Undecided, "检出限高于限值", ""},
		{"not detected", nickel, "ND", "", "", nil, discharge.Within, "符合限值", ""},
		{"not detected by a coarse method", nickel, "ND", "", "0.2", nil, discharge.Undecided, "检出限高于限值", ""},
		{"ten times over, a matter for the police", nickel, "1.1", "", "", nil, discharge.Exceeded, "刑事案件司法解释", "11"},
		{"exactly ten times", nickel, "1.0", "", "", nil, discharge.Exceeded, "是限值的 10 倍", "10"},
		{"not detectable: not detected", chrome, "ND", "", "0.004", nil, discharge.Within, "没有检出", ""},
		{"not detectable: below", chrome, "<0.004", "", "", nil, discharge.Within, "没有检出", ""},
		{"not detectable: detected", chrome, "0.004", "", "0.004", nil, discharge.Exceeded, "已经检出", ""},
		{"not detectable: under the detection limit", chrome, "0.003", "", "0.004", nil, discharge.Within, "没有检出", ""},
		{"not detectable, no detection limit", chrome, "ND", "", "", nil, discharge.Undecided, "填写方法检出限", ""},
		{"not detectable, a number and no detection limit", chrome, "0.01", "", "", nil, discharge.Undecided, "填写方法检出限", ""},
		{"pH inside", acid, "6.5", "", "", nil, discharge.Within, "符合限值", ""},
		{"pH too low", acid, "6.4", "", "", nil, discharge.Exceeded, "不在限值 6.5–9.5 之内", ""},
		{"pH too high", acid, "9.1", "", "", nil, discharge.Exceeded, "不在限值 6–9 之内", ""},
		{"a single pH is judged by itself", acid, "9.1", discharge.Instant, "", []string{"9.1"}, discharge.Exceeded, "瞬时值", ""},
		{"pH below a number", acid, "<7", "", "", nil, discharge.Undecided, "填写具体数值", ""},
		{"class I at the total outlet, within", outside, "0.09", "", "", nil, discharge.NotJudged, "在车间排放口判定", ""},
		{"class I at the total outlet, over: 4.2.6", outside, "0.11", "", "", nil, discharge.Exceeded, "超过限值 0.1 mg/L", "1.1"},
		{"one instant value is no mean", cod, "200", discharge.Instant, "", []string{"200"}, discharge.NotJudged, "不能代替", ""},
		{"the mean of two", cod, "200", discharge.Instant, "", []string{"200", "110"}, discharge.Within, "2 个值的均值 155 mg/L", "0.969"},
		{"the mean of three", cod, "110", discharge.HourMean, "", []string{"200", "110", "180"}, discharge.Exceeded, "3 个值的均值 163.333333 mg/L", "1.021"},
		{"a mean with one below its detection limit", cod, "310", discharge.Instant, "", []string{"310", "<20"}, discharge.Undecided, "检出限", ""},
		{"a mean that is over whatever the other was", cod, "330", discharge.Instant, "", []string{"330", "<20"}, discharge.Exceeded, "均值", ""},
		{"an inspector's sample counts alone", cod, "161", discharge.Inspection, "", []string{"161", "10"}, discharge.Exceeded, "执法监测值", "1.006"},
		{"an instant limit of the permit", timed, "121", discharge.Instant, "", []string{"121"}, discharge.Exceeded, "120 mg/L", "1.008"},
		{"an hourly limit of the permit", timed, "101", discharge.HourMean, "", []string{"101"}, discharge.Exceeded, "100 mg/L", "1.01"},
		{"a day's mean is not held against them", timed, "130", "", "", nil, discharge.Within, "160 mg/L", "0.813"},
		{"an inspector's sample is", timed, "110", discharge.Inspection, "", nil, discharge.Exceeded, "100 mg/L", "1.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var peers []discharge.Reading
			for _, raw := range c.peers {
				peers = append(peers, value(t, c.set.Pollutant, raw, c.kind, ""))
			}
			j := c.set.Judge(value(t, c.set.Pollutant, c.raw, c.kind, c.detection), peers, nil)
			if j.Verdict != c.want || j.Ratio != c.ratio {
				t.Errorf("%s, ratio %q, want %s, %q: %+v", j.Verdict, j.Ratio, c.want, c.ratio, j)
			}
			if got := j.Sentence().String(); !strings.Contains(got, c.says) || strings.Contains(got, "{{") {
				t.Errorf("it says %q, which lacks %q", got, c.says)
			}
		})
	}
	// A value in another unit is converted exactly.
	r := value(t, "w20121", "100.001", "", "")
	r.Unit = "µg/L"
	if j := nickel.Judge(r, nil, nil); j.Verdict != discharge.Exceeded || j.Value != "0.100001" || !strings.Contains(j.Sentence().String(), "100.001 µg/L") {
		t.Errorf("100.001 µg/L gives %+v", j)
	}
	r.Unit = "kg"
	if j := nickel.Judge(r, nil, nil); j.Verdict != discharge.NotJudged || j.Reason != "unit" {
		t.Errorf("kilograms give %+v", j)
	}
	if j := func() discharge.Judgement {
		s := discharge.Decide(plating(discharge.Rain), "w01018", today, nil)
		return s.Judge(value(t, "w01018", "99", "", ""), nil, nil)
	}(); j.Verdict != discharge.NotJudged || !strings.Contains(j.Sentence().String(), "没有适用的限值") {
		t.Errorf("at a rain outlet: %+v", j)
	}
}

// TestGas: the official tables here are of water, so that at an outlet of gas only what
// the register says applies; a limit without a kind of mean is an hour's.
func TestGas(t *testing.T) {
	const nmhc = "a24088"
	limit := func(maximum, unit, averaging string) discharge.Candidate {
		return discharge.Candidate{Basis: "permit", Standard: "许可证", Pollutant: nmhc, Maximum: maximum, Unit: unit, Averaging: averaging}
	}
	hourly, daily := limit("60", "mg/m3", ""), limit("40", "mg/m³", "daily")
	eia := discharge.Candidate{Basis: "eia", Standard: "深环批〔2018〕1号", Pollutant: nmhc, Maximum: "50", Unit: "mg/Nm3"}
	type readings []discharge.Reading
	for _, c := range []struct {
		name   string
		limits []discharge.Candidate
		all    readings
		want   string // verdict, limit, how many were averaged, reason of the first
	}{
		{"an hour's mean by default", []discharge.Candidate{hourly}, readings{value(t, nmhc, "60", "", "")}, "within 60 0 "},
		{"over it", []discharge.Candidate{hourly}, readings{value(t, nmhc, "60.01", "", "")}, "exceeded 60 0 "},
		{"the approval is stricter", []discharge.Candidate{hourly, eia}, readings{value(t, nmhc, "55", "hourMean", "")}, "exceeded 50 0 "},
		{"one instant", []discharge.Candidate{hourly}, readings{value(t, nmhc, "90", "instant", "")}, "notJudged  0 fewInstants"},
		{"two instants", []discharge.Candidate{hourly}, readings{value(t, nmhc, "90", "instant", ""), value(t, nmhc, "90", "instant", "")}, "notJudged  0 fewInstants"},
		{"three instants by their mean", []discharge.Candidate{hourly}, readings{value(t, nmhc, "90", "instant", ""), value(t, nmhc, "30", "instant", ""), value(t, nmhc, "30", "instant", "")}, "within 60 3 "},
		{"an hour's mean beside instants counts alone", []discharge.Candidate{hourly}, readings{value(t, nmhc, "61", "", ""), value(t, nmhc, "1", "instant", ""), value(t, nmhc, "1", "instant", "")}, "exceeded 60 0 "},
		{"a day's mean says nothing of an hour", []discharge.Candidate{hourly}, readings{value(t, nmhc, "30", "dayMean", "")}, "notJudged  0 averaging"},
		{"a daily limit by two hours", []discharge.Candidate{daily}, readings{value(t, nmhc, "50", "", ""), value(t, nmhc, "20", "", "")}, "within 40 2 "},
		{"a daily limit by instants", []discharge.Candidate{daily}, readings{value(t, nmhc, "50", "instant", ""), value(t, nmhc, "20", "instant", "")}, "notJudged  0 averaging"},
		{"an inspector's sample", []discharge.Candidate{hourly}, readings{value(t, nmhc, "70", "inspection", "")}, "exceeded 60 0 "},
		{"not detected", []discharge.Candidate{hourly}, readings{value(t, nmhc, "ND", "", "0.07")}, "within 60 0 "},
		{"no limit", nil, readings{value(t, nmhc, "70", "", "")}, "notJudged  0 none"},
	} {
		set := discharge.Decide(discharge.Situation{Kind: discharge.Air, Regime: "none", Production: []string{"plating"}, EIAOn: "2018-05-10"}, nmhc, today, c.limits)
		if len(set.Candidates) != len(c.limits) || set.Unit != "mg/m3" {
			t.Errorf("%s: %d candidates in %s, want the %d of the register in mg/m3", c.name, len(set.Candidates), set.Unit, len(c.limits))
		}
		j := set.Judge(c.all[0], c.all, nil)
		if got := fmt.Sprint(j.Verdict, " ", j.Maximum, " ", j.Averaged, " ", j.Reason); got != c.want {
			t.Errorf("%s: %q, want %q: %s", c.name, got, c.want, j.Sentence())
		}
	}
	set := discharge.Decide(discharge.Situation{Kind: discharge.Air}, nmhc, today, []discharge.Candidate{hourly})
	r := value(t, nmhc, "60001", "", "")
	r.Unit = "µg/m³"
	if j := set.Judge(r, nil, nil); j.Verdict != discharge.Exceeded || j.Value != "60.001" || j.Ratio != "1" {
		t.Errorf("60001 µg/m³ gives %+v", j)
	}
	if s := set.Judge(value(t, nmhc, "nd", "", "0.07"), nil, nil).Sentence().String(); !strings.Contains(s, "未检出") || strings.Contains(s, "不得检出") {
		t.Errorf("what was not detected is told as %s", s)
	}
	r.Unit = "mg/L"
	if j := set.Judge(r, nil, nil); j.Verdict != discharge.NotJudged || j.Reason != "unit" {
		t.Errorf("milligrams in a litre of gas give %+v", j)
	}
	if most, ok := set.Maximum(); !ok || most != 60_000_000 {
		t.Errorf("the upper limit is %d, %t", most, ok)
	}
	if set := discharge.Decide(discharge.Situation{Kind: discharge.Air}, nmhc, today, []discharge.Candidate{daily}); inForce(set) == "" {
		t.Error("a daily limit of gas is not in force")
	} else if _, ok := set.Maximum(); ok {
		t.Error("a day's limit is taken for the usual one of gas, which is an hour's")
	}
}

var gravity = map[discharge.Verdict]int{discharge.NotJudged: 0, discharge.Within: 1, discharge.Undecided: 2, discharge.Exceeded: 3}

// situations draws an outlet.
func situations() *rapid.Generator[discharge.Situation] {
	return rapid.Custom(func(t *rapid.T) discharge.Situation {
		return discharge.Situation{
			Kind: rapid.SampledFrom([]string{discharge.Total, discharge.Workshop}).Draw(t, "kind"), Regime: rapid.SampledFrom([]string{discharge.Direct, discharge.Indirect}).Draw(t, "regime"),
			WaterClass: rapid.SampledFrom([]string{"", "III", "V"}).Draw(t, "water"), Receiver: rapid.SampledFrom([]string{"", discharge.ParkWorks}).Draw(t, "receiver"),
			Production: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"plating", "pcb", "dyeing", "terminal", "bioPharma", "other"}), 0, 2, rapid.ID).Draw(t, "production"),
			EIAOn:      code.Day(rapid.SampledFrom([]string{"", "1999-05-01", "2010-01-01", "2012-09-01", "2022-01-01"}).Draw(t, "approved")),
			Special:    rapid.Bool().Draw(t, "special"), Jurisdiction: rapid.SampledFrom([]string{"baoan", "shenshan"}).Draw(t, "jurisdiction"),
		}
	})
}

func figure(t *rapid.T, name string) string {
	return code.Decimal(rapid.Int64Range(0, 500_000_000).Draw(t, name))
}

func drainages() *rapid.Generator[*discharge.Drainage] {
	return rapid.Custom(func(t *rapid.T) *discharge.Drainage {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		return &discharge.Drainage{Total: figure(t, "total"), Outputs: []discharge.Output{{Product: rapid.SampledFrom([]string{"multilayerPlating", "pcbDouble", "wovenFabric"}).Draw(t, "product"), Quantity: figure(t, "output")}}}
	})
}

func extras() *rapid.Generator[discharge.Candidate] {
	return rapid.Custom(func(t *rapid.T) discharge.Candidate {
		return discharge.Candidate{Basis: rapid.SampledFrom([]string{"permit", "eia", "local", "national", "general"}).Draw(t, "basis"), Standard: "x", Pollutant: rapid.SampledFrom(ofAll).Draw(t, "pollutant"),
			Maximum: rapid.OneOf(rapid.Custom(func(t *rapid.T) string { return figure(t, "maximum") }), rapid.Just(discharge.NotDetectable)).Draw(t, "limit"),
			Unit:    rapid.SampledFrom([]string{"mg/L", "ug/L", "kg"}).Draw(t, "unit"), Averaging: rapid.SampledFrom([]string{"", "daily", "hourly", "instant"}).Draw(t, "averaging")}
	})
}

var ofAll = []string{"w20121", "w01018", "w20117", "w21019"}

// TestMoreIsNeverBetter: raising a value never makes the verdict milder.
func TestMoreIsNeverBetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(ofAll).Draw(t, "p")
		set := discharge.Decide(situations().Draw(t, "outlet"), p, today, rapid.SliceOfN(extras(), 0, 3).Draw(t, "extras"))
		low := rapid.Int64Range(0, 200_000_000).Draw(t, "low")
		high := low + rapid.Int64Range(1, 200_000_000).Draw(t, "more")
		kind := rapid.SampledFrom([]string{"", discharge.Inspection, discharge.HourMean}).Draw(t, "kind")
		d := drainages().Draw(t, "drainage")
		detection := rapid.SampledFrom([]string{"", "0.5"}).Draw(t, "detection")
		judge := func(v int64) discharge.Judgement {
			r := discharge.Reading{Pollutant: p, Value: code.Quantity{Raw: code.Decimal(v), Scaled: v}, Unit: "mg/L", Kind: kind, DetectionLimit: detection}
			return set.Judge(r, []discharge.Reading{r, r}, d)
		}
		if a, b := judge(low), judge(high); gravity[b.Verdict] < gravity[a.Verdict] {
			t.Fatalf("%s is %s and %s is %s", a.Raw, a.Verdict, b.Raw, b.Verdict)
		}
	})
}

// TestOneMoreNeverRelaxes: another candidate never makes the verdict milder, and
// every candidate is kept.
func TestOneMoreNeverRelaxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(ofAll).Draw(t, "p")
		s, all := situations().Draw(t, "outlet"), rapid.SliceOfN(extras(), 1, 4).Draw(t, "extras")
		r := discharge.Reading{Pollutant: p, Unit: "mg/L", Kind: rapid.SampledFrom([]string{"", discharge.Inspection, discharge.Instant}).Draw(t, "kind"), DetectionLimit: rapid.SampledFrom([]string{"", "0.5"}).Draw(t, "detection")}
		r.Value.Scaled = rapid.Int64Range(0, 200_000_000).Draw(t, "value")
		r.Value.Qualifier = rapid.SampledFrom([]string{"", "<", "ND"}).Draw(t, "qualifier")
		d := drainages().Draw(t, "drainage")
		few, many := discharge.Decide(s, p, today, all[:len(all)-1]), discharge.Decide(s, p, today, all)
		a, b := few.Judge(r, []discharge.Reading{r, r}, d), many.Judge(r, []discharge.Reading{r, r}, d)
		if gravity[b.Verdict] < gravity[a.Verdict] {
			t.Fatalf("%s became %s with %+v", a.Verdict, b.Verdict, all[len(all)-1])
		}
		if all[len(all)-1].Pollutant == p && len(many.Candidates) != len(few.Candidates)+1 {
			t.Fatalf("%d candidates of %d are kept", len(many.Candidates), len(few.Candidates)+1)
		}
		if again := many.Judge(r, []discharge.Reading{r, r}, d); !bytes.Equal(encoded(t, again), encoded(t, b)) {
			t.Fatal("judged twice, it came out differently")
		}
	})
}

func encoded(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTurns: between two turns the set is the same on every day.
func TestTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, p := situations().Draw(t, "outlet"), rapid.SampledFrom(ofAll).Draw(t, "p")
		dated := extras().Draw(t, "extra")
		dated.From, dated.To = "2016-03-01", "2021-09-30"
		turns := discharge.Turns(s, []discharge.Candidate{dated})
		day := code.Day("2000-01-01").Add(rapid.IntRange(0, 11_000).Draw(t, "day"))
		first := day
		for _, d := range turns {
			if d <= day {
				first = d
			}
		}
		if slices.IndexFunc(turns, func(d code.Day) bool { return d <= day }) < 0 {
			return
		}
		a, b := discharge.Decide(s, p, day, []discharge.Candidate{dated}), discharge.Decide(s, p, first, []discharge.Candidate{dated})
		if !bytes.Equal(encoded(t, a), encoded(t, b)) {
			t.Fatalf("%s and %s differ, and no turn lies between them", first, day)
		}
	})
}

// TestRangesAreIntervals: between two values that keep a range, every value keeps it.
func TestRangesAreIntervals(t *testing.T) {
	set := discharge.Decide(plating(discharge.Total), "w01001", today, nil)
	rapid.Check(t, func(t *rapid.T) {
		at := func(name string) int64 { return rapid.Int64Range(0, 14_000_000).Draw(t, name) }
		all := []int64{at("a"), at("b"), at("c")}
		slices.Sort(all)
		keeps := func(v int64) bool {
			r := discharge.Reading{Pollutant: "w01001", Value: code.Quantity{Scaled: v}}
			return set.Judge(r, nil, nil).Verdict == discharge.Within
		}
		if keeps(all[0]) && keeps(all[2]) && !keeps(all[1]) {
			t.Fatalf("of %v the middle one alone is outside", all)
		}
		if keeps(all[0]) != (all[0] >= 6_500_000 && all[0] <= 9_000_000) {
			t.Fatalf("%d is judged wrongly", all[0])
		}
	})
}

func TestMaximum(t *testing.T) {
	ug := permit("w20122", "", "250")
	ug.Unit = "ug/L"
	instant := permit("w20122", "", "0.1")
	instant.Averaging = "instant"
	for name, c := range map[string]struct {
		s    discharge.Situation
		p    string
		all  []discharge.Candidate
		want int64
		none bool
	}{
		"the table's":                    {plating(discharge.Total), "w20122", nil, 1_000_000, false},
		"a permit's in another unit":     {plating(discharge.Total), "w20122", []discharge.Candidate{ug}, 250_000, false},
		"an instant limit is for others": {plating(discharge.Total), "w20122", []discharge.Candidate{instant}, 1_000_000, false},
		"the lower of two ranges":        {plating(discharge.Total), "w01001", nil, 9_000_000, false},
		"not detectable is no number":    {plating(discharge.Workshop, makes("dyeing"), direct), "w20117", nil, 0, true},
		"nothing applies":                {plating(discharge.Rain), "w20122", nil, 0, true},
	} {
		set := discharge.Decide(c.s, c.p, today, c.all)
		if got, ok := set.Maximum(); got != c.want || ok == c.none {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	if got := discharge.Rescaled(250_000_001, "ug/L", "mg/L"); got != 250_000 {
		t.Errorf("250.000001 µg/L is %d × 10^-6 mg/L", got)
	}
	if got := discharge.Rescaled(5, "kg", "mg/L"); got != 5 {
		t.Errorf("what does not fit became %d", got)
	}
}
