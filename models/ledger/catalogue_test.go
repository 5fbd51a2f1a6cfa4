package ledger_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/internal/golden"
	"parkregistry/internal/rhythm"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// rain is the first version of a class that the program does not have.
const rain = `{"code": "rainBasin", "version": 1, "condition": "normal", "titleZh": "初期雨水池记录", "titleEn": "First-flush basin", "frequencyZh": "每次降雨 1 次",
	"frequencyEn": "Once per rain", "slot": {"kind": "event", "labelZh": "事件", "labelEn": "Event"}, "facility": "none", "outlet": "none", "fields": [
	{"name": "collected", "type": "decimal", "labelZh": "收集量", "labelEn": "Collected", "required": true, "unit": "m3", "minimum": "0", "decimals": 2},
	{"name": "volume", "type": "decimal", "labelZh": "池容", "labelEn": "Volume", "unit": "m3", "minimum": "0", "decimals": 2},
	{"name": "note", "type": "text", "labelZh": "备注", "labelEn": "Note", "maxLength": 50}],
	"outputs": [{"name": "fillPercent", "labelZh": "充满度", "labelEn": "Fill", "unit": "%", "numerator": "collected", "denominator": "volume"}]}`

// later is its second version: one field renamed, one removed, one added.
var later = strings.NewReplacer(`"version": 1`, `"version": 2`, "初期雨水池记录", "初期雨水收集记录", `"collected", "type"`, `"collectedVolume", "type"`,
	`{"name": "note", "type": "text", "labelZh": "备注", "labelEn": "Note", "maxLength": 50}`,
	`{"name": "rainfall", "type": "decimal", "labelZh": "降雨量", "labelEn": "Rainfall", "required": true, "unit": "mm", "minimum": "0", "decimals": 1}`,
	`"numerator": "collected"`, `"numerator": "collectedVolume"`).Replace(rain)

func catalogue(classes ...string) fstest.MapFS {
	return fstest.MapFS{"ranges.json": {Data: []byte(`{}`)},
		"classes/1_rain.json": {Data: []byte(`{"group": "rain", "groupZh": "雨水", "groupEn": "Rain water", "source": "test", "confidence": "derived",
			"retention": {"years": 5, "basisZh": "试验", "basisEn": "test"}, "classes": [` + strings.Join(classes, ",") + `]}`)}}
}

// TestVersionsOfAClass: adding a class is adding data, and a new version of it
// changes nothing about what was begun under an older one.
func TestVersionsOfAClass(t *testing.T) {
	old := ok(ledger.ReadCatalogue(catalogue(rain)))(t)
	both := ok(ledger.ReadCatalogue(catalogue(rain, later)))(t)
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		before, now := ledger.NewWith(w.DB, old), ledger.NewWith(w.DB, both)
		entry := func(slot, payload string) ledger.Input {
			return ledger.Input{ParkID: string(w.BaoanA.Park.ID), SiteID: string(w.BaoanA.Site.ID), Class: "rainBasin", Day: "2026-11-23", Slot: slot, Payload: json.RawMessage(payload)}
		}
		first := `{"collected":"12.50","volume":"50","note":"夜间降雨"}`
		r := ok(before.Create(firm, "", entry("1", first)))(t)
		r = ok(before.File(firm, r.ID, 0))(t)
		draft := ok(before.Create(firm, "", entry("2", first)))(t)

		r = ok(now.Get(firm, r.ID))(t)
		if r.ClassVersion != 1 || r.TitleZh != "初期雨水池记录" || r.Outputs["fillPercent"] != "25.0" || string(r.Payload) != first {
			t.Errorf("under the new catalogue the old entry reads version %d, %q, %v, %s", r.ClassVersion, r.TitleZh, r.Outputs, r.Payload)
		}
		// Begun under the first version, a draft is changed and filed under it.
		changed := ok(now.Update(firm, draft.ID, draft.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.Payload = json.RawMessage(`{"collected":"13","volume":"50"}`)
			return in, nil
		}))(t)
		if filed := ok(now.File(firm, changed.ID, 0))(t); filed.ClassVersion != 1 {
			t.Errorf("the draft was filed under version %d", filed.ClassVersion)
		}
		// So is what was returned.
		ok(now.Return(park, r.ID, 0, because))(t)
		back := ok(now.Get(firm, r.ID))(t)
		ok(now.Update(firm, r.ID, back.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.Payload = json.RawMessage(`{"collected":"12.6","volume":"50","note":"夜间降雨"}`)
			return in, nil
		}))(t)
		r = ok(now.File(firm, r.ID, 0))(t)
		if diff := ok(now.Compare(park, r.ID, ledger.Between{}))(t); len(diff) != 1 || diff[0].Pointer != "/collected" || diff[0].LabelZh != "收集量" {
			t.Errorf("the difference is %v", diff)
		}
		// And an amendment: it says the same thing again, in the words of that time.
		_, err := now.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: json.RawMessage(`{"collectedVolume":"14","rainfall":"3"}`)})
		want(t, err, fault.Malformed)
		at(t, violations(t, err), "/payload/collectedVolume")
		a := ok(now.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: because.Reason, Payload: json.RawMessage(`{"collected":"14","volume":"50","note":"补记"}`)}))(t)
		a = ok(now.File(firm, a.ID, 0))(t)
		diff := ok(now.Compare(park, a.ID, ledger.Between{}))(t)
		if a.ClassVersion != 1 || len(diff) != 2 || diff[0].LabelZh != "收集量" || diff[1].LabelEn != "Note" {
			t.Errorf("the amendment is of version %d, its difference %v", a.ClassVersion, diff)
		}
		// A new entry is of the new version.
		_, err = now.Create(firm, "", entry("3", first))
		want(t, err, fault.Malformed)
		r = ok(now.Create(firm, "", entry("3", `{"collectedVolume":"14","volume":"56","rainfall":"3.5"}`)))(t)
		r = ok(now.File(firm, r.ID, 0))(t)
		if r.ClassVersion != 2 || r.TitleZh != "初期雨水收集记录" || r.Outputs["fillPercent"] != "25.0" {
			t.Errorf("the new entry is of version %d, %q, %v", r.ClassVersion, r.TitleZh, r.Outputs)
		}
		page := ok(now.List(firm, ledger.Filter{Class: "rainBasin"}, models.Query{Limit: 50}))(t)
		titles := map[int]string{}
		for _, r := range page.Items {
			titles[r.ClassVersion] = r.TitleZh
		}
		if titles[1] != "初期雨水池记录" || titles[2] != "初期雨水收集记录" {
			t.Errorf("the list names them %v", titles)
		}
	})
}

// TestClassesAreFixed: a version that was released never changes. What turns this
// red needs the next version number, unless the version is not released yet.
func TestClassesAreFixed(t *testing.T) {
	files, err := filepath.Glob("data/classes/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	codes := map[string]bool{}
	for _, name := range files {
		var file struct {
			Classes []map[string]any `json:"classes"`
		}
		if err := json.Unmarshal(ok(os.ReadFile(name))(t), &file); err != nil {
			t.Fatal(err)
		}
		for _, c := range file.Classes {
			canonical := ok(json.Marshal(c))(t)
			fmt.Fprintf(&out, "%s %v %x\n", c["code"], c["version"], sha256.Sum256(canonical))
			codes[c["code"].(string)] = true
		}
	}
	golden.Equal(t, "classes.golden", out.String())
	if len(codes) != len(ledger.Classes()) {
		t.Errorf("%d classes in the files, %d in the catalogue", len(codes), len(ledger.Classes()))
	}
}

// TestRetention: how long each ledger is kept is that of the rule cited for it.
func TestRetention(t *testing.T) {
	years := map[string]int{"hazardousWaste": 10}
	for _, c := range ledger.Classes() {
		want := years[c.Group]
		if want == 0 {
			want = 5
		}
		if c.Retention.Years != want || c.Retention.BasisZh == "" {
			t.Errorf("%s is kept %d years by %q, want %d", c.Code, c.Retention.Years, c.Retention.BasisZh, want)
		}
	}
	if c, _ := ledger.ClassOf("treatmentFacility.gas"); !strings.Contains(c.Retention.BasisZh, "3 年") {
		t.Errorf("the shorter rule on coatings is not named: %s", c.Retention.BasisZh)
	}
}

// TestFrequenciesAreRead: what a class says of its rhythm is wording that the
// program reads itself.
func TestFrequenciesAreRead(t *testing.T) {
	for _, c := range ledger.Classes() {
		if c.View == "" && len(rhythm.Parse(c.FrequencyZh).Clauses) == 0 {
			t.Errorf("%s: nobody can read %q", c.Code, c.FrequencyZh)
		}
	}
}

func TestCatalogueRefusesBrokenDefinitions(t *testing.T) {
	for name, broken := range map[string]string{
		"twice":                     rain + "," + rain,
		"unknown type":              strings.Replace(rain, `"decimal"`, `"number"`, 1),
		"unknown rule":              strings.Replace(rain, `"fields"`, `"rules": [{"name": "nothing", "fields": ["note"]}], "fields"`, 1),
		"unknown field of a rule":   strings.Replace(rain, `"fields"`, `"rules": [{"name": "anyOf", "fields": ["colour"]}], "fields"`, 1),
		"unknown kind of code":      strings.Replace(rain, `"text"`, `"code:nothing"`, 1),
		"no English":                strings.Replace(rain, `"labelEn": "Note"`, `"labelEn": ""`, 1),
		"no length":                 strings.Replace(rain, `, "maxLength": 50`, ``, 1),
		"abnormal without its name": strings.Replace(rain, `"normal"`, `"abnormal"`, 1),
		"facility without kinds":    strings.Replace(rain, `"facility": "none"`, `"facility": "required"`, 1),
		"bound":                     strings.Replace(rain, `"minimum": "0"`, `"minimum": "zero"`, 1),
		"misspelt member":           strings.Replace(rain, `"maxLength"`, `"maxlenght"`, 1),
	} {
		if _, err := ledger.ReadCatalogue(catalogue(broken)); err == nil {
			t.Errorf("%s: read without complaint", name)
		}
	}
}

// TestProductsOfTheBenchmarks: what a class lets people choose is what a benchmark
// drainage is stated for, and each kind of value is one that can be judged.
func TestProductsOfTheBenchmarks(t *testing.T) {
	found := 0
	for _, class := range ledger.Classes() {
		if !slices.ContainsFunc(class.Fields, func(f ledger.Field) bool { return f.Name == "readings" }) {
			continue
		}
		for _, f := range class.Fields {
			switch f.Name {
			case "products":
				found++
				known := discharge.Products()
				offered := f.Fields[0].Enum
				if len(offered) != len(known) {
					t.Fatalf("%s offers %d products of %d", class.Code, len(offered), len(known))
				}
				for i, o := range offered {
					if o.Value != known[i].ID || !strings.HasPrefix(o.LabelZh, known[i].Name.Zh) || !strings.HasPrefix(o.LabelEn, known[i].Name.En) {
						t.Errorf("%s offers %v, the table has %v", class.Code, o, known[i])
					}
				}
			case "readings":
				for _, inner := range f.Fields {
					for _, o := range inner.Enum {
						if name := discharge.KindName(o.Value); inner.Name == "kind" && name.String() != o.LabelZh {
							t.Errorf("%s offers %v, which is judged as %s", class.Code, o, name)
						}
					}
				}
			}
		}
	}
	if found != 2 {
		t.Errorf("%d classes ask for products", found)
	}
}
