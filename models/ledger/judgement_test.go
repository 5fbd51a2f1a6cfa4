package ledger_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// plates lets the firm of a place be an electroplater of 2018 in the register.
func (w world) plates(t testing.TB, o registry.Outlet) registry.Outlet {
	t.Helper()
	return ok(w.Registry.UpdateOutlet(w.Program(), o.ID, o.Version, func(in registry.OutletInput) (registry.OutletInput, error) {
		in.Production, in.EIANumber, in.EIAApprovedOn = []string{"plating"}, "深环批〔2018〕1号", "2018-05-10"
		return in, nil
	}))(t)
}

// sample is a monitoring record of one of the firm's outlets on a day.
func (w world) sample(o registry.Outlet, day code.Day, pairs ...string) ledger.Input {
	*w.slots++
	members := map[string]json.RawMessage{}
	for name, text := range map[string]string{"point": "车间排放口", "method": "HJ 776-2015", "frequency": "1次/日", "instrument": "ICP-OES", "sampling": "混合样，4 个", "productionCondition": "90%"} {
		members[name] = json.RawMessage(strconv.Quote(text))
	}
	members["sampledAt"] = json.RawMessage(`"2026-11-20T10:00:00+08:00"`)
	for i := 0; i+1 < len(pairs); i += 2 {
		members[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	payload := ok(json.Marshal(members))(w.t)
	return ledger.Input{ParkID: string(o.ParkID), OutletID: string(o.ID), Class: "monitoring.manual", Day: string(day), Slot: fmt.Sprintf("批次%d", *w.slots), Payload: payload}
}

// workshop registers a workshop outlet of the firm of BaoanA, an electroplater of 2018
// unless changed.
func (w world) workshop(t testing.TB, change func(*registry.OutletInput)) registry.Outlet {
	t.Helper()
	p := w.BaoanA
	in := registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: "DW002", Kind: "workshop", Regime: "direct", ReceivingWater: "示例河", WaterClass: "V",
		Production: []string{"plating"}, EIANumber: "深环批〔2018〕1号", EIAApprovedOn: "2018-05-10"}
	change(&in)
	return ok(w.Registry.CreateOutlet(w.Program(), "", in))(t)
}

func (w world) filed(t testing.TB, in ledger.Input) ledger.Record {
	t.Helper()
	firm := w.Firm(w.BaoanA)
	return ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
}

// judgedAt is the judgement of one reading of the record.
func judgedAt(t testing.TB, all []ledger.Judged, path string) ledger.Judged {
	t.Helper()
	i := slices.IndexFunc(all, func(j ledger.Judged) bool { return j.Path == path })
	if i < 0 {
		t.Fatalf("%s is not judged: %+v", path, all)
	}
	return all[i]
}

// found says verdict, limit and ratio of a reading of the record.
func found(t testing.TB, all []ledger.Judged, path string) string {
	t.Helper()
	j := judgedAt(t, all, path)
	return strings.TrimSpace(strings.Join([]string{string(j.Verdict), j.Maximum, j.Ratio}, " "))
}

// TestWorkedExample is section 8 of the domain guide, filed and read back: 300 m³ on
// a day on which 1,000 m² were plated in several layers, nickel at 0.09 mg/L.
func TestWorkedExample(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		o := w.workshop(t, func(*registry.OutletInput) {})
		const made = `[{"product":"multilayerPlating","quantity":"1000"}]`
		r := w.filed(t, w.sample(o, "2026-11-20", "readings", `[{"pollutant":"w20121","value":"0.09"}]`, "products", made, "dayDrainage", `"300"`))
		j := judgedAt(t, ok(w.svc.Get(w.Inspector("baoan"), r.ID))(t).Judgements, "/readings/0/value")
		if j.Verdict != discharge.Exceeded || j.Value != "0.108" || j.Conversion == nil || j.Conversion.Benchmark != "250" || j.Conversion.Ratio != "1.2" || j.Rules != discharge.Rules() {
			t.Errorf("found %+v", j)
		}
		const says = "总镍的日均值 0.09 mg/L，按基准排水量换算（300 m³ ÷ 250 m³ = 1.2）为 0.108 mg/L，超过限值 0.1 mg/L，是限值的 1.08 倍；依据 DB44/1597-2015 表 2（珠三角，2012-09-01 起批复环评）"
		if got := j.Sentence().String(); got != says {
			t.Errorf("it says\n%s, want\n%s", got, says)
		}
		if v := at(t, r.Warnings, "/payload/readings/0/value"); v.Code != "exceeded" || v.Detail.String() != says {
			t.Errorf("the filer is told %v", v)
		}
		// With the water that the products may take, or without a word of either, the
		// measured value stands.
		for name, more := range map[string][]string{"at the benchmark": {"products", made, "dayDrainage", `"250"`}, "below it": {"products", made, "dayDrainage", `"10"`},
			"no products": {"dayDrainage", `"300"`}, "no drainage": {"products", made}} {
			r := w.filed(t, w.sample(o, "2026-11-20", append([]string{"readings", `[{"pollutant":"w20121","value":"0.09"}]`}, more...)...))
			if got := found(t, r.Judgements, "/readings/0/value"); got != "within 0.1 0.9" {
				t.Errorf("%s: %s", name, got)
			}
			told := slices.ContainsFunc(r.Warnings, func(v fault.Violation) bool { return v.Pointer == "/payload/dayDrainage" })
			if told != (name == "no drainage") {
				t.Errorf("%s: it warns %v", name, r.Warnings)
			}
		}
		// The same water and product, approved before 2012-09-01: Table 1.
		old := w.workshop(t, func(in *registry.OutletInput) { in.Code, in.EIAApprovedOn = "DW003", "2009-01-01" })
		r = w.filed(t, w.sample(old, "2026-11-20", "readings", `[{"pollutant":"w20121","value":"0.09"}]`, "products", made, "dayDrainage", `"300"`))
		if got := found(t, r.Judgements, "/readings/0/value"); got != "within 0.5 0.216" {
			t.Errorf("by Table 1: %s", got)
		}
		// A board of several layers says how many, or it cannot be converted.
		r = w.filed(t, w.sample(o, "2026-11-20", "readings", `[{"pollutant":"w20121","value":"0.09"}]`, "products", `[{"product":"pcbHDI","quantity":"10"}]`, "dayDrainage", `"300"`))
		at(t, r.Warnings, "/payload/products/0/layers")
	})
}

// TestDayOfItsOwn: an entry of the wastewater works about the whole day gives the
// day's drainage itself, one about a shift does not.
func TestDayOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.plates(t, w.BaoanA.Outlet)
		payload := content("readings", `[{"pollutant":"w20122","value":"0.9"}]`, "products", `[{"product":"multilayerPlating","quantity":"1000"}]`, "discharged", `"310"`)
		in := w.input(w.BaoanA, payload)
		in.Slot = ""
		if j := judgedAt(t, w.filed(t, in).Judgements, "/readings/0/value"); j.Verdict != discharge.Exceeded || j.Conversion == nil || j.Conversion.Total != "310" {
			t.Errorf("the whole day: %+v", j)
		}
		if got := found(t, w.filed(t, w.input(w.BaoanA, payload)).Judgements, "/readings/0/value"); got != "within 1.0 0.9" {
			t.Errorf("a shift: %s", got)
		}
	})
}

// TestJudgedByKind: what a value is decides what it is compared with.
func TestJudgedByKind(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		at2018 := w.workshop(t, func(*registry.OutletInput) {})
		total := w.plates(t, w.BaoanA.Outlet) // to a public sewer: 200 % of Table 1, class I as it is
		river := w.workshop(t, func(in *registry.OutletInput) { in.Code, in.Kind = "DW003", "total" })
		dyer := w.workshop(t, func(in *registry.OutletInput) { in.Code, in.Production = "DW004", []string{"dyeing"} })
		plant := w.workshop(t, func(in *registry.OutletInput) {
			in.Code, in.Kind, in.Production, in.Standards = "DW006", "total", nil, []string{"gb18918-1b"}
		})
		unknown := w.workshop(t, func(in *registry.OutletInput) { in.Code, in.EIAApprovedOn = "DW005", "" })
		rain := w.workshop(t, func(in *registry.OutletInput) { in.Code, in.Kind = "YS001", "rain" })
		const first, second = "/readings/0/value", "/readings/1/value"
		for name, c := range map[string]struct {
			outlet   registry.Outlet
			readings string
			path     string
			want     string
			reason   string
		}{
			"met":                        {at2018, `[{"pollutant":"w20121","value":"0.1"}]`, first, "within 0.1 1", ""},
			"exceeded by the last digit": {at2018, `[{"pollutant":"w20121","value":"0.100001"}]`, first, "exceeded 0.1 1", ""},
			"in another unit":            {at2018, `[{"pollutant":"w20121","value":"100.1","unit":"µg/L"}]`, first, "exceeded 0.1 1.001", ""},
			"below a detection limit below the limit":  {at2018, `[{"pollutant":"w20121","value":"<0.05"}]`, first, "within 0.1", ""},
			"below a detection limit above the limit":  {at2018, `[{"pollutant":"w20121","value":"<0.2"}]`, first, "undecided 0.1", "detectionLimit"},
			"ND with its detection limit":              {at2018, `[{"pollutant":"w20121","value":"ND","detectionLimit":"0.02"}]`, first, "within 0.1", ""},
			"ND with a detection limit too high":       {at2018, `[{"pollutant":"w20121","value":"ND","detectionLimit":"0.2"}]`, first, "undecided 0.1", "detectionLimit"},
			"pH inside":                                {river, `[{"pollutant":"w01001","value":"6"}]`, first, "within 9", ""},
			"pH below":                                 {river, `[{"pollutant":"w01001","value":"5.9"}]`, first, "exceeded 9", ""},
			"pH above":                                 {river, `[{"pollutant":"w01001","value":"9.1"}]`, first, "exceeded 9", ""},
			"each pH by itself":                        {river, `[{"pollutant":"w01001","value":"5","kind":"instant"},{"pollutant":"w01001","value":"9","kind":"instant"}]`, first, "exceeded 9", ""},
			"copper in a sewer, relaxed":               {total, `[{"pollutant":"w20122","value":"1.0"}]`, first, "within 1.0 1", ""},
			"nickel in a sewer, not relaxed":           {total, `[{"pollutant":"w20121","value":"0.11"}]`, first, "exceeded 0.1 1.1", ""},
			"nickel below it, but not where it counts": {total, `[{"pollutant":"w20121","value":"0.05"}]`, first, "notJudged", "workshop"},
			"copper at the workshop":                   {at2018, `[{"pollutant":"w20122","value":"9"}]`, first, "notJudged", "total"},
			"ammonia in water of 13 degrees":           {plant, `[{"pollutant":"w21003","value":"10"},{"pollutant":"w01010","value":"13"}]`, first, "exceeded 8 1.25", ""},
			"ammonia in cold water":                    {plant, `[{"pollutant":"w21003","value":"10"},{"pollutant":"w01010","value":"12"}]`, first, "within 15 0.667", ""},
			"one instant value":                        {total, `[{"pollutant":"w20122","value":"1.1","kind":"instant"}]`, first, "notJudged", "single"},
			"two of them, by their mean":               {total, `[{"pollutant":"w20122","value":"1.1","kind":"instant"},{"pollutant":"w20122","value":"0.8","kind":"hourMean"}]`, second, "within 1.0 0.95", ""},
			"an inspector's, by itself":                {total, `[{"pollutant":"w20122","value":"1.1","kind":"inspection"},{"pollutant":"w20122","value":"0.8","kind":"instant"}]`, first, "exceeded 1.0 1.1", ""},
			"no limit":                                 {rain, `[{"pollutant":"w20121","value":"5"}]`, first, "notJudged", "none"},
			"the day of approval is not known":         {unknown, `[{"pollutant":"w20121","value":"0.3"}]`, first, "within 0.5 0.6", ""},
			"not detectable, found":                    {dyer, `[{"pollutant":"w20117","value":"0.05","detectionLimit":"0.004"}]`, first, "exceeded ND", "detected"},
			"not detectable, not found":                {dyer, `[{"pollutant":"w20117","value":"ND","detectionLimit":"0.004"}]`, first, "within ND", "notDetected"},
			"not detectable, by a method unnamed":      {dyer, `[{"pollutant":"w20117","value":"ND"}]`, first, "undecided ND", "noDetectionLimit"},
		} {
			r := w.filed(t, w.sample(c.outlet, "2026-11-20", "readings", c.readings))
			j := judgedAt(t, r.Judgements, c.path)
			if got := found(t, r.Judgements, c.path); got != c.want || j.Reason != c.reason && c.reason != "" {
				t.Errorf("%s: %q, %q, want %q, %q: %s", name, got, j.Reason, c.want, c.reason, j.Sentence())
			}
			if j.Verdict == discharge.NotJudged && !strings.Contains(j.Sentence().String(), "没有判定：") {
				t.Errorf("%s says %s", name, j.Sentence())
			}
		}
	})
}

// TestGasIsJudged: a record of a works for gas and one of a laboratory are judged by the
// limits that the register has at the outlet, an hour's mean unless it says otherwise;
// what has no code is kept and not judged, and a code of water is refused.
func TestGasIsJudged(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		p := w.BaoanA
		works := ok(w.Registry.CreateFacility(w.Program(), "", registry.FacilityInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: "TA001", Kind: "treatment", Name: "废气治理", Capacity: "9000", CapacityUnit: "m3/h", Process: "活性炭吸附", BuiltOn: "2020-01-01", InUse: true}))(t)
		stack := ok(w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: string(works.ID), Code: "DA001", Kind: "air", Regime: "none"}))(t)
		limit := registry.LimitInput{Pollutant: "a24088", Maximum: "60", Unit: "mg/m3", Basis: "eia", Standard: "深环批〔2018〕1号", ValidFrom: "2020-01-01"}
		ok(w.Registry.AddLimit(w.Program(), stack.ID, limit))(t)
		limit.Pollutant, limit.Unit = "w01018", "mg/L"
		_, err := w.Registry.AddLimit(w.Program(), stack.ID, limit) // of water, at a stack
		at(t, violations(t, err), "/pollutant")

		run := func(more string) ledger.Input {
			*w.slots++
			payload := `{"normal":true,"startAt":"2026-11-20T08:00:00+08:00","endAt":"2026-11-20T18:00:00+08:00"` + more + `}`
			return ledger.Input{ParkID: string(p.Park.ID), FacilityID: string(works.ID), Class: "treatmentFacility.gas", Day: "2026-11-20", Slot: fmt.Sprintf("班%d", *w.slots), Payload: json.RawMessage(payload)}
		}
		r := w.filed(t, run(`,"emissions":[{"pollutant":"a24088","value":"60"},{"pollutant":"a24088","value":"66","kind":"inspection"},{"pollutant":"a21026","value":"5"}],"others":[{"name":"臭气浓度","value":"300","unit":"无量纲"}]`))
		for path, want := range map[string]string{"/emissions/0/value": "within 60 1", "/emissions/1/value": "exceeded 60 1.1", "/emissions/2/value": "notJudged"} {
			if got := found(t, r.Judgements, path); got != want {
				t.Errorf("%s: %s, want %s", path, got, want)
			}
		}
		if len(r.Judgements) != 3 || len(judgedAt(t, r.Judgements, "/emissions/0/value").Set.Candidates) != 1 {
			t.Errorf("%d readings are judged, want the three that have codes, by the one limit there is", len(r.Judgements))
		}
		for _, pointer := range []string{"/payload/emissions/1/value", "/payload/cause", "/payload/measure", "/payload/reported"} {
			at(t, r.Warnings, pointer)
		}
		_, err = w.svc.Create(w.Firm(p), "", run(`,"emissions":[{"pollutant":"w01018","value":"5"}]`))
		at(t, violations(t, err), "/payload/emissions/0/pollutant")

		lab := w.sample(stack, "2026-11-20", "results", `[{"pollutant":"a24088","value":"70.5","unit":"mg/Nm3"}]`)
		lab.Class = "monitoring.manualGas"
		if got := found(t, w.filed(t, lab).Judgements, "/results/0/value"); got != "exceeded 60 1.175" {
			t.Errorf("the laboratory's value: %s", got)
		}
		lab = w.sample(stack, "2026-11-20")
		lab.Class = "monitoring.manualGas"
		firm := w.Firm(p)
		_, err = w.svc.File(firm, ok(w.svc.Create(firm, "", lab))(t).ID, 0)
		at(t, violations(t, err), "/payload/results")
	})
}

// TestPermitOfTheDay: the permit that was in force on the entry's day decides where it
// is the strictest, and its limits for single values are held against those.
func TestPermitOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.plates(t, w.BaoanA.Outlet)
		ok(w.Registry.CreatePermit(w.Program(), "", registry.PermitInput{SiteID: string(w.BaoanA.Site.ID), Number: w.BaoanA.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key",
			IssuedOn: "2024-01-01", ValidTo: "2026-11-20", Authority: "市生态环境局", Limits: []registry.PermitLimit{{Outlet: "DW001", Pollutant: "w20122", Maximum: "0.8", Unit: "mg/L", Kind: "daily"},
				{Outlet: "DW001", Pollutant: "w20122", Maximum: "1.2", Unit: "mg/L", Kind: "instant"}, {Outlet: "DW001", Pollutant: "w01018", Maximum: "500", Unit: "mg/L", Kind: "daily"}}}))(t)
		for name, c := range map[string]struct{ day, readings, want string }{
			"the permit's":                      {"2026-11-20", `[{"pollutant":"w20122","value":"0.9"}]`, "exceeded 0.8 1.125 permit"},
			"after it":                          {"2026-11-21", `[{"pollutant":"w20122","value":"0.9"}]`, "within 1.0 0.9 local"},
			"the permit is wider than the law":  {"2026-11-20", `[{"pollutant":"w01018","value":"170"}]`, "exceeded 160 1.063 local"},
			"a single value over its own limit": {"2026-11-20", `[{"pollutant":"w20122","value":"1.3","kind":"instant"}]`, "exceeded 1.2 1.083 permit"},
			"a single value within it":          {"2026-11-20", `[{"pollutant":"w20122","value":"1.1","kind":"instant"}]`, "within 1.2 0.917 permit"},
		} {
			r := w.filed(t, w.sample(w.BaoanA.Outlet, code.Day(c.day), "readings", c.readings))
			if got := found(t, r.Judgements, "/readings/0/value") + " " + r.Judgements[0].Basis; got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		}
		// A batch asks the register once, and still judges each day by its own limits.
		var batch ledger.EntriesInput
		for _, day := range []code.Day{"2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22"} {
			batch.Entries = append(batch.Entries, ledger.EntryInput{Input: w.sample(w.BaoanA.Outlet, day, "readings", `[{"pollutant":"w20122","value":"0.9"}]`), File: true})
		}
		var got []string
		for _, r := range ok(w.svc.Batch(w.Firm(w.BaoanA), batch))(t) {
			got = append(got, found(t, ok(w.svc.Get(w.Firm(w.BaoanA), r.Record.ID))(t).Judgements, "/readings/0/value"))
		}
		if want := []string{"exceeded 0.8 1.125", "exceeded 0.8 1.125", "within 1.0 0.9", "within 1.0 0.9"}; !slices.Equal(got, want) {
			t.Errorf("the batch finds %v, want %v", got, want)
		}
	})
}

// TestJudgementStays: what was found at filing is answered ever after, whatever
// becomes of limits; another filing is judged anew.
func TestJudgementStays(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		o := w.plates(t, w.BaoanA.Outlet)
		readings := content("readings", `[{"pollutant":"w01018","value":"120"},{"pollutant":"w20121","value":"0.05"},{"pollutant":"w20122","value":"1.1"}]`)
		r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, readings)))(t)
		if len(r.Judgements) != 0 {
			t.Errorf("a draft is judged: %+v", r.Judgements)
		}
		r = ok(w.svc.File(firm, r.ID, 0))(t)
		cod, ni, cu := "/readings/0/value", "/readings/1/value", "/readings/2/value"
		want := func(all []ledger.Judged, path, expected string) {
			t.Helper()
			if got := found(t, all, path); got != expected {
				t.Errorf("%s: %q, want %q", path, got, expected)
			}
		}
		want(r.Judgements, cod, "within 160 0.75")
		want(r.Judgements, ni, "notJudged")
		want(r.Judgements, cu, "exceeded 1.0 1.1")
		if j := r.Judgements[2]; j.Standard != "DB44/1597-2015" || j.Rules != discharge.Rules() || len(j.Set.Candidates) < 4 || j.Set.About.EIAOn != "2018-05-10" || *j.OutletID != o.ID {
			t.Errorf("kept as %+v", j)
		}
		if said := r.Judgements[2].Sentence().String(); said != at(t, r.Warnings, "/payload"+cu).Detail.String() || !strings.Contains(said, "4.2.7") {
			t.Errorf("the judgement says %q", said)
		}
		w.limit(t, "w01018", "", "50", "mg/L", "深环批〔2026〕9号")
		again := ok(w.svc.Get(firm, r.ID))(t)
		want(again.Judgements, cod, "within 160 0.75")

		ok(w.svc.Return(w.ParkManager(w.BaoanA), r.ID, 0, because))(t)
		r = ok(w.svc.File(firm, r.ID, 0))(t)
		want(r.Judgements, cod, "exceeded 50 2.4")
		both := ok(w.svc.Filings(firm, r.ID))(t)
		want(both[0].Judgements, cod, "within 160 0.75")
		want(both[1].Judgements, cod, "exceeded 50 2.4")

		for _, statement := range []string{"UPDATE ledger_filings SET judged = ''",
			"UPDATE ledger_limit_sets SET content = '{}'", "DELETE FROM ledger_limit_sets"} {
			if _, err := w.DB.SQL().Exec(statement); !fault.Is(models.Fault(err), fault.Conflict) {
				t.Errorf("%s answered %v, want a refusal by the database", statement, err)
			}
		}
	})
}

// TestWhichOutlet: readings belong to the outlet named, or to the only one behind
// the facility; otherwise the judgement says what is missing.
func TestWhichOutlet(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, p := w.Firm(w.BaoanA), w.BaoanA
		w.plates(t, p.Outlet)
		file := func(change func(*ledger.Input)) ledger.Record {
			in := w.input(p, content("readings", `[{"pollutant":"w20121","value":"0.2"},{"pollutant":"w01010","value":"25"}]`))
			change(&in)
			return ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
		}
		if r := file(func(*ledger.Input) {}); found(t, r.Judgements, "/readings/0/value") != "exceeded 0.1 2" || len(r.Judgements) != 1 {
			t.Errorf("at the total outlet: %+v", r.Judgements)
		}
		workshop := ok(w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: string(p.Facility.ID), Code: "DW002",
			Kind: "workshop", Regime: "indirect", ReceivingPlant: "厂内综合处理", Production: []string{"plating"}, EIAApprovedOn: "2009-01-01"}))(t)
		r := file(func(*ledger.Input) {})
		if j := r.Judgements[0]; j.Verdict != "notJudged" || j.Reason != "severalOutlets" || j.OutletID != nil || !strings.Contains(j.Sentence().String(), "多个排放口") {
			t.Errorf("with two outlets: %+v", j)
		}
		at(t, r.Warnings, "/outletId")
		if r := file(func(in *ledger.Input) { in.OutletID = string(workshop.ID) }); found(t, r.Judgements, "/readings/0/value") != "within 0.5 0.4" {
			t.Errorf("at the workshop outlet of 2009: %+v", r.Judgements)
		}
		ok(w.Registry.CloseOutlet(w.ParkManager(p), workshop.ID, workshop.Version, registry.CloseInput{On: "2026-11-22", Reason: "车间已经拆除"}))(t)
		if r := file(func(*ledger.Input) {}); found(t, r.Judgements, "/readings/0/value") != "exceeded 0.1 2" {
			t.Errorf("with the workshop's closed the day before: %+v", r.Judgements)
		}
		own := w.own(p)
		own.Payload = content("readings", `[{"pollutant":"w20121","value":"0.2"}]`)
		park := w.ParkManager(p)
		r = ok(w.svc.File(park, ok(w.svc.Create(park, "", own))(t).ID, 0))(t)
		if j := r.Judgements[0]; j.Reason != "noOutlet" {
			t.Errorf("without an outlet: %+v", j)
		}
	})
}

// TestSetsAreKeptOnce: many readings judged by the same candidates share one set,
// also when two people file the first of them at once.
func TestSetsAreKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		w.plates(t, w.BaoanA.Outlet)
		payload := content("readings", `[{"pollutant":"w01018","value":"60"},{"pollutant":"w21003","value":"5"},{"pollutant":"w20122","value":"0.1"}]`)
		var filings []func() error
		for range 4 {
			r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, payload)))(t)
			filings = append(filings, func() error { return second(w.svc.File(firm, r.ID, 0)) })
		}
		for _, err := range race(filings...) {
			want(t, err, "")
		}
		var sets int64
		if err := w.DB.Internal(w.Program(), &ledger.LimitSet{}).Count(&sets).Error; err != nil {
			t.Fatal(err)
		}
		if sets != 3 {
			t.Errorf("%d sets for 12 judgements by 3", sets)
		}
	})
}

// TestVerifyFindsJudgements: judgements or a set of limits changed past the triggers are found.
func TestVerifyFindsJudgements(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.plates(t, w.BaoanA.Outlet)
		w.in(t, ledger.Accepted)
		w.in(t, ledger.Filed)
		w.sequence(t)
		bad := func() string {
			t.Helper()
			if r := ok(audit.Verify(w.Program(), w.DB, audit.Against{Sources: ledger.Verifiable()}))(t); r.Bad != nil {
				return r.Bad.Table
			}
			return ""
		}
		if got := bad(); got != "" {
			t.Fatalf("untouched, something is bad in %s", got)
		}
		for table, triggers := range map[string][]string{"ledger_filings": nil, "ledger_limit_sets": nil} {
			triggers = []string{"ALTER TABLE " + table + " DISABLE TRIGGER USER"}
			if w.DB.Engine == models.SQLite {
				triggers = []string{"DROP TRIGGER " + table + "_update", "DROP TRIGGER " + table + "_delete"}
			}
			for _, s := range triggers {
				ok(w.DB.SQL().Exec(s))(t)
			}
		}
		for _, c := range [][2]string{
			{`UPDATE ledger_filings SET judged = replace(judged, '"within"', '"exceeded"')`, `UPDATE ledger_filings SET judged = replace(judged, '"exceeded"', '"within"')`},
			{`UPDATE ledger_filings SET judged = replace(judged, '"160"', '"161"')`, `UPDATE ledger_filings SET judged = replace(judged, '"161"', '"160"')`},
			{`UPDATE ledger_limit_sets SET content = replace(content, '"160"', '"600"')`, `UPDATE ledger_limit_sets SET content = replace(content, '"600"', '"160"')`},
			{`UPDATE ledger_filings SET judged = '[' || judged`, `UPDATE ledger_filings SET judged = substr(judged, 2)`},
			{`UPDATE ledger_limit_sets SET id = 'x' || id`, `UPDATE ledger_limit_sets SET id = substr(id, 2)`},
			{`UPDATE ledger_filings SET judged = ''`, ""},
		} {
			for n, statement := range c {
				if statement == "" {
					continue
				}
				if rows := ok(ok(w.DB.SQL().Exec(statement))(t).RowsAffected())(t); rows == 0 {
					t.Fatalf("%s changed nothing", statement)
				}
				if got := bad(); (got == "") != (n == 1) {
					t.Errorf("after %s: bad %q", statement, got)
				}
			}
		}
	})
}
