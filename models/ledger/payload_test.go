package ledger_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

func TestPayloadFaults(t *testing.T) {
	class, _ := ledger.ClassOf(wastewater)
	cases := []struct {
		name    string
		payload json.RawMessage
		code    fault.Code
		faults  map[string]string // pointer → code
	}{
		{"complete", content(), "", nil},
		{"several at once", content("inflow", `"-1"`, "normal", `"yes"`, "sludgeMoisture", `"101"`, "drainDestination", `"moon"`,
			"readings", `[{"pollutant":"w01018","value":"3"},{"pollutant":"w01001","value":"17"},{"pollutant":"w99999","value":"1"},{"pollutant":"w20121","value":"-0.1"},{"value":"x"},7]`),
			fault.Invalid, map[string]string{"/inflow": "range", "/normal": "type", "/sludgeMoisture": "range", "/drainDestination": "enum",
				"/readings/1/value": "range", "/readings/2/pollutant": "unknown", "/readings/3/value": "range", "/readings/4/pollutant": "required",
				"/readings/4/value": "decimal", "/readings/5": "type"}},
		{"numbers are text", content("inflow", `12.5`), fault.Invalid, map[string]string{"/inflow": "type"}},
		{"no thousands, no exponents", content("inflow", `"1,200"`, "treated", `"1e3"`), fault.Invalid, map[string]string{"/inflow": "decimal", "/treated": "decimal"}},
		{"below detection is for readings only", content("inflow", `"<5"`), fault.Invalid, map[string]string{"/inflow": "decimal"}},
		{"readings may be below detection", content("readings", `[{"pollutant":"w20121","value":"ND"},{"pollutant":"w20121","value":"<0.05","unit":"mg/L"}]`), "", nil},
		{"a unit that does not convert", content("readings", `[{"pollutant":"w20121","value":"50","unit":"kg"}]`), fault.Invalid, map[string]string{"/readings/0/unit": "unit"}},
		{"more than a day", content("runningHours", `"24.5"`, "endAt", `"2026-11-22T00:00:00+08:00"`), fault.Invalid, map[string]string{"/runningHours": "range", "/endAt": "range"}},
		{"a period of two days", content("endAt", `"2026-11-22T00:00:00+08:00"`), fault.Invalid, map[string]string{"/endAt": "range"}},
		{"ends before it starts", content("endAt", `"2026-11-19T00:00:00+08:00"`), fault.Invalid, map[string]string{"/endAt": "order"}},
		{"an instant without offset", content("startAt", `"2026-11-20T00:00:00"`), fault.Invalid, map[string]string{"/startAt": "instant"}},
		{"too precise", content("inflow", `"1.00001"`), fault.Invalid, map[string]string{"/inflow": "precision"}},
		{"missing", content("inflow", "", "readings", `[{"pollutant":"w01018"}]`), fault.Invalid, map[string]string{"/inflow": "required", "/readings/0/value": "required"}},
		{"null is missing", content("inflow", "null"), fault.Invalid, map[string]string{"/inflow": "required"}},
		{"unknown fields", content("inflow", `"-1"`, "a/b", "1", "readings", `[{"pollutant":"w01018","value":"1","limit":"2"}]`), fault.Malformed,
			map[string]string{"/a~1b": "unknown", "/readings/0/limit": "unknown", "/inflow": "range"}},
		{"no object", json.RawMessage(`[]`), fault.Invalid, map[string]string{"": "type"}},
		{"nothing", nil, fault.Invalid, map[string]string{"": "type"}},
		{"half an object", json.RawMessage(`{"inflow"`), fault.Invalid, map[string]string{"": "type"}},
		{"broken UTF-8", json.RawMessage("{\"inflow\":\"\xff\"}"), fault.Invalid, map[string]string{"": "encoding"}},
		{"control characters", content("sludgeDestination", `"a\u0000b"`), fault.Invalid, map[string]string{"/sludgeDestination": "characters"}},
		{"an endless list", content("reagents", "["+strings.TrimSuffix(strings.Repeat("{},", 501), ",")+"]"), fault.Invalid, map[string]string{"/reagents": "maxItems"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := class.Complete(c.payload)
			want(t, err, c.code)
			if err == nil {
				return
			}
			all := violations(t, err)
			if len(all) != len(c.faults) {
				t.Errorf("%d faults, want %d: %v", len(all), len(c.faults), err)
			}
			for pointer, code := range c.faults {
				if v := at(t, all, pointer); v.Code != code {
					t.Errorf("%s is %s, want %s", pointer, v.Code, code)
				}
			}
		})
	}
}

func TestItemsKeepWhatWasEntered(t *testing.T) {
	class, _ := ledger.ClassOf(wastewater)
	c, err := class.Complete(content("inflow", `"0412.50"`, "reagents", `[{"reagent":"PAC","addedAt":"2026-11-20T09:00:00+08:00","quantity":"25"}]`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, i := range c.Items {
		value := "nil"
		if i.Scaled != nil {
			value = fmt.Sprint(*i.Scaled)
		}
		got[i.Path] = strings.Join([]string{i.Item, i.Raw, i.Qualifier, value, i.Unit}, " ")
	}
	for path, expected := range map[string]string{
		"/inflow":              "inflow 0412.50  412500000 m3",
		"/readings/0/value":    "w01001 7.2  7200000 dimensionless",
		"/readings/2/value":    "w20121 <0.05 < 50000 mg/L",
		"/reagents/0/quantity": "reagents.quantity 25  25000000 kg",
	} {
		if got[path] != expected {
			t.Errorf("%s is %q, want %q", path, got[path], expected)
		}
	}
}

// FuzzPayload: whatever comes in, reading answers and never panics, and what a
// filing takes a draft takes too.
func FuzzPayload(f *testing.F) {
	f.Add([]byte(content()))
	f.Add([]byte(`{"readings":[{"pollutant":"w01001","value":"ND","unit":null},[],{"value":{}}],"reagents":{},"endAt":"x"}`))
	f.Add([]byte(`{"a~/b":1,"inflow":"<","normal":null}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, c := range ledger.Classes() {
			content, err := c.Complete(payload)
			if err == nil {
				if _, err := c.Read(payload); err != nil {
					t.Fatalf("%s takes as a filing what it refuses as a draft: %v", c.Code, err)
				}
			}
			for _, i := range content.Items {
				if !strings.HasPrefix(i.Path, "/") || i.Item == "" || i.Raw == "" || (i.Scaled == nil) != (i.Qualifier == "ND") {
					t.Fatalf("%s made the item %+v", c.Code, i)
				}
			}
		}
	})
}
