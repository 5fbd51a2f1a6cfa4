package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// classClient knows of the ledger what GET /ledger-classes answers, and the
// objects of one park: what anybody's program would know.
type classClient struct {
	*world
	classes    map[string]map[string]any
	facilities []registry.Facility
	outlets    []registry.Outlet
	day        code.Day
	made       int // payloads, so that batch codes and slots differ
}

func newClassClient(w *world) *classClient {
	w.t.Helper()
	c := &classClient{world: w, classes: map[string]map[string]any{}, day: w.DB.Today().Add(-1)}
	for _, one := range w.want(w.call("firm-a", "GET", "/ledger-classes", nil), 200, "the classes").items() {
		class := one.(map[string]any)
		c.classes[class["code"].(string)] = class
	}
	site, park := string(w.BaoanA.Site.ID), string(w.BaoanA.Park.ID)
	c.facilities = []registry.Facility{w.BaoanA.Facility, w.BaoanA.Own}
	for _, in := range []registry.FacilityInput{{Code: "MF0001", Kind: "production", Name: "电镀线", Capacity: "10", CapacityUnit: "t/d"},
		{Code: "TA001", Kind: "treatment", Name: "酸雾塔", Capacity: "1000", CapacityUnit: "m3/h"}, {Code: "TS001", Kind: "store", Name: "危废贮存库", Capacity: "20", CapacityUnit: "t"}} {
		in.ParkID, in.SiteID, in.InUse = park, site, true
		f, err := w.Registry.CreateFacility(w.Program(), "", in)
		if err != nil {
			w.t.Fatal(err)
		}
		c.facilities = append(c.facilities, f)
	}
	air, err := w.Registry.CreateOutlet(w.Program(), "", registry.OutletInput{ParkID: park, SiteID: site, Code: "DA001", Kind: "air", Regime: "direct"})
	if err != nil {
		w.t.Fatal(err)
	}
	c.outlets = []registry.Outlet{w.BaoanA.Outlet, air}
	return c
}

func texts(v any) (out []string) {
	for _, s := range v.([]any) {
		out = append(out, s.(string))
	}
	return out
}

func records(v any) (out []map[string]any) {
	for _, m := range v.([]any) {
		out = append(out, m.(map[string]any))
	}
	return out
}

// entry is everything of an entry of a class: all fields, or the required ones.
func (c *classClient) entry(class map[string]any, full bool) map[string]any {
	c.made++
	e := map[string]any{"parkId": c.BaoanA.Park.ID, "class": class["code"], "day": c.day, "payload": c.payload(class, full)}
	if slot := class["slot"].(map[string]any); slot["field"] == nil && (full || slot["required"] == true) {
		e["slot"] = fmt.Sprint(c.made)
	}
	own := class["site"] == "none"
	if kinds := texts(class["facilityKinds"]); class["facility"] == "required" || full && !own && class["facility"] == "optional" {
		i := slices.IndexFunc(c.facilities, func(f registry.Facility) bool {
			return slices.Contains(kinds, f.Kind) && (class["medium"] == "" || class["medium"] == f.Medium)
		})
		if i < 0 {
			c.t.Fatalf("%s: no facility for it", class["code"])
		}
		own = own || c.facilities[i].SiteID == nil
		e["facilityId"] = c.facilities[i].ID
	}
	if kinds := texts(class["outletKinds"]); class["outlet"] == "required" {
		i := slices.IndexFunc(c.outlets, func(o registry.Outlet) bool { return len(kinds) == 0 || slices.Contains(kinds, o.Kind) })
		e["outletId"] = c.outlets[i].ID
	}
	if !own {
		e["siteId"] = c.BaoanA.Site.ID
	}
	return e
}

// payload fills in the fields and keeps the rules that the class states.
func (c *classClient) payload(class map[string]any, full bool) map[string]any {
	clock := 0
	var record func(at string, fields []map[string]any) map[string]any
	asked := func(list, name string) bool { // by a rule that blocks a filing
		for _, r := range records(class["rules"]) {
			switch r["name"] {
			case "requiredUnless":
				if r["in"] == list && slices.Contains(texts(r["fields"]), name) {
					return true
				}
			case "anyOf":
				if r["in"] == list && texts(r["fields"])[0] == name {
					return true
				}
			}
		}
		return false
	}
	record = func(list string, fields []map[string]any) map[string]any {
		out := map[string]any{}
		for _, f := range fields {
			name := f["name"].(string)
			if !full && f["required"] != true && !asked(list, name) {
				continue
			}
			if f["type"] == "list<record>" {
				out[name] = []any{record(name, records(f["fields"]))}
				continue
			}
			clock++
			out[name] = c.value(f, clock)
		}
		return out
	}
	p := record("", records(class["fields"]))
	for _, r := range records(class["rules"]) {
		by, first := r["by"].(string), texts(r["fields"])[0]
		switch {
		case r["in"] != "":
		case r["name"] == "notAbove":
			p[by] = "10"
		case r["name"] == "sums" && p[by] != nil && !strings.Contains(first, "/"):
			p[by] = p[first]
		}
	}
	if b, is := class["waste"].(map[string]any); is {
		name := b["batch"].(string)
		p[name] = regexp.MustCompile(`\d{3}$`).ReplaceAllString(p[name].(string), fmt.Sprintf("%03d", c.made))
		if list, takes := b["sources"].(string); takes {
			source := c.file(c.entry(c.classes[texts(b["from"])[0]], false))
			named := c.classes[texts(b["from"])[0]]["waste"].(map[string]any)["batch"].(string)
			p[list] = []any{map[string]any{"batchCode": source.text("payload." + named), "quantity": p[b["quantity"].(string)]}}
		}
	}
	return p
}

// value is a lawful value of a field that is no list.
func (c *classClient) value(f map[string]any, clock int) any {
	if example, has := f["example"].(string); has {
		return example
	}
	switch f["type"] {
	case "bool":
		return true
	case "integer":
		return 1
	case "decimal":
		if low, has := f["minimum"].(string); has && low != "0" {
			return low
		}
		return "1"
	case "day":
		return c.day
	case "instant":
		return fmt.Sprintf("%sT08:%02d:00+08:00", c.day, clock)
	case "enum":
		return f["enum"].([]any)[0]
	default:
		return "示例"
	}
}

// who files: the firm its own, the park its own.
func (c *classClient) who(e map[string]any) string {
	if e["siteId"] == nil {
		return "park-a"
	}
	return "firm-a"
}

// file sends an entry and files it.
func (c *classClient) file(e map[string]any) answer {
	c.t.Helper()
	made := c.want(c.call(c.who(e), "POST", "/ledgers", e), 201, fmt.Sprintf("a draft of %s", e["class"]))
	return c.want(c.call(c.who(e), "POST", "/ledgers/"+made.text("id")+"/filing", nil), 200, fmt.Sprintf("filing %s", e["class"]))
}

// TestAClientFilesEveryClass: what GET /ledger-classes answers is enough to write
// an entry of every class, with what is required and with everything.
func TestAClientFilesEveryClass(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := newClassClient(newWorld(t, db))
		views := 0
		for _, name := range slices.Sorted(maps.Keys(c.classes)) {
			class := c.classes[name]
			if view, is := class["view"].(string); is {
				views++
				c.want(c.call("park-a", "GET", strings.TrimPrefix(strings.ReplaceAll(view, "{parkId}", string(c.BaoanA.Park.ID)), "/api/v1"), nil), 200, name)
				refused := c.want(c.call("park-a", "POST", "/ledgers", map[string]any{"parkId": c.BaoanA.Park.ID, "class": name, "day": c.day, "payload": map[string]any{}}), 422, "filing a view")
				if !strings.Contains(refused.text("errors.0.detail"), view) || refused.text("errors.0.pointer") != "/class" {
					t.Errorf("%s: the refusal does not say where it is: %s", name, refused.raw)
				}
				continue
			}
			for _, full := range []bool{false, true} {
				filed := c.file(c.entry(class, full))
				if filed.text("state") != "filed" {
					t.Errorf("%s, full %v: %s", name, full, filed.raw)
				}
				for _, hint := range filed.at("warnings").([]any) {
					// The example holds the number 1 everywhere, which the screen remarks upon.
					if code := hint.(map[string]any)["code"]; code != "roundNumbers" {
						t.Errorf("%s, full %v warns of %v: %s", name, full, code, filed.raw)
					}
				}
			}
		}
		if views != 4 || len(c.classes) < 35 {
			t.Errorf("%d classes, %d of them views; want P1, P2, P4 and P6 as views", len(c.classes), views)
		}
	})
}

// TestWasteOverHTTP: what is left of a batch, and the refusal of a step that would
// take more, with its pointer.
func TestWasteOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := newClassClient(newWorld(t, db))
		stored := c.entry(c.classes["hazardousWaste.stored"], true)
		payload := stored["payload"].(map[string]any)
		source := payload["fromBatches"].([]any)[0].(map[string]any)
		source["quantity"], payload["quantity"] = "0.0002", "0.0002"
		made := c.want(c.call("firm-a", "POST", "/ledgers", stored), 201, "a draft")
		if made.text("warnings.0.pointer") != "/payload/fromBatches/0/quantity" {
			t.Errorf("the draft warns %v", made.at("warnings"))
		}
		refused := c.want(c.call("firm-a", "POST", "/ledgers/"+made.text("id")+"/filing", nil), 409, "more than there is")
		if refused.text("errors.0.pointer") != "/payload/fromBatches/0/quantity" || refused.text("errors.0.code") != "exceeds" || refused.text("errors.0.rule") != "HJ 1259-2022" {
			t.Errorf("the refusal is %s", refused.raw)
		}
		source["quantity"], payload["quantity"] = "0.0001", "0.0001"
		c.want(c.call("firm-a", "PATCH", "/ledgers/"+made.text("id"), map[string]any{"payload": payload}, "If-Match", made.header.Get("ETag")), 200, "less")
		c.want(c.call("firm-a", "POST", "/ledgers/"+made.text("id")+"/filing", nil), 200, "as much as there is")
		batch := "/waste-batches?code=" + source["batchCode"].(string)
		if b := c.want(c.call("park-a", "GET", batch, nil), 200, "the batch"); b.text("items.0.quantity") != "0.0001" || b.text("items.0.left") != "0" || b.text("items.0.wasteCode") != "336-054-17" {
			t.Errorf("the batch is %s", b.raw)
		}
		if b := c.want(c.call("park-a", "GET", batch+"&left=true", nil), 200, "what is left"); len(b.items()) != 0 {
			t.Errorf("left is %s", b.raw)
		}
		store := c.want(c.call("baoan-1", "GET", "/waste-batches?left=true&facilityId="+fmt.Sprint(stored["facilityId"]), nil), 200, "the stock of the store")
		if len(store.items()) != 1 || store.text("items.0.left") != "0.0001" {
			t.Errorf("the stock is %s", store.raw)
		}
		c.want(c.call("firm-a", "POST", "/ledgers/"+made.text("id")+"/voiding", map[string]any{"reason": "入库记录填错了贮存库"}), 200, "voiding")
		if b := c.want(c.call("park-a", "GET", batch, nil), 200, "the batch"); b.text("items.0.left") != "0.0001" {
			t.Errorf("after voiding, the batch is %s", b.raw)
		}
	})
}

// TestTooLargeALedger: a body over a megabyte is 413, a value over its length 422
// with its pointer; the draft stays as it was.
func TestTooLargeALedger(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db)
	body := entryBody(place{Place: w.BaoanA}, string(db.Today().Add(-1)))
	made := w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "a draft")
	path := "/ledgers/" + made.text("id")
	etag := []string{"If-Match", made.header.Get("ETag")}
	w.want(w.call("firm-a", "PATCH", path, map[string]any{"payload": map[string]any{"cause": strings.Repeat("a", 1<<20)}}, etag...), 413, "over a megabyte")
	long := w.want(w.call("firm-a", "PATCH", path, map[string]any{"payload": map[string]any{"cause": strings.Repeat("长", 1001)}}, etag...), 422, "a long cause")
	if long.text("errors.0.pointer") != "/payload/cause" || long.text("errors.0.code") != "tooLong" {
		t.Errorf("the refusal is %s", long.raw)
	}
	if now := w.want(w.call("firm-a", "GET", path, nil), 200, "the draft"); now.header.Get("ETag") != made.header.Get("ETag") || now.at("payload.cause") != nil {
		t.Errorf("the draft is %s", now.raw)
	}
}

// TestWhatIsAnsweredIsWhatIsChecked: every bound, every required field and every
// option that GET /ledger-classes states is one that a payload is read by.
func TestWhatIsAnsweredIsWhatIsChecked(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := newClassClient(newWorld(t, db))
	checked := 0
	for name, class := range c.classes {
		if class["view"] != nil {
			continue
		}
		definition, _ := ledger.ClassOf(name)
		payload := c.payload(class, true)
		refused := func(pointer, why string) {
			t.Helper()
			checked++
			raw, err := json.Marshal(payload)
			if err != nil {
				t.Fatal(err)
			}
			_, err = definition.Complete(raw)
			f, is := err.(*fault.Error)
			if !is || !slices.ContainsFunc(f.Violations, func(v fault.Violation) bool { return v.Pointer == pointer && v.Code == why }) {
				t.Errorf("%s: %s should be refused as %s, answered %v", name, pointer, why, err)
			}
		}
		var walk func(at string, fields []map[string]any, record map[string]any)
		walk = func(at string, fields []map[string]any, record map[string]any) {
			for _, f := range fields {
				field, pointer, was := f["name"].(string), at+"/"+f["name"].(string), record[f["name"].(string)]
				try := func(v any, why string) { record[field] = v; refused(pointer, why); record[field] = was }
				if f["required"] == true {
					delete(record, field)
					refused(pointer, "required")
					record[field] = was
				}
				number := func(s string) any {
					if f["type"] == "integer" {
						return json.Number(s)
					}
					return s
				}
				for bound, beyond := range map[string]int64{"minimum": -1, "maximum": 1} {
					if s, has := f[bound].(string); has {
						q, err := code.ParseQuantity(s)
						if err != nil {
							t.Fatal(err)
						}
						step := int64(code.QuantityScale)
						if d, has := f["decimals"].(float64); has {
							for range int(d) {
								step /= 10
							}
						}
						try(number(code.Decimal(q.Scaled+beyond*step)), "range")
					}
				}
				switch f["type"] {
				case "decimal":
					try("1."+strings.Repeat("1", int(f["decimals"].(float64)+1)), "precision")
				case "enum":
					try("nothing of the kind", "enum")
				case "text":
					try(strings.Repeat("长", int(f["maxLength"].(float64))+1), "tooLong")
				case "bool", "integer":
					try("1", "type")
				case "instant":
					try("2026-01-01T00:00:00", "instant")
				case "day":
					try("2026-02-30", "day")
				case "list<record>":
					walk(pointer+"/0", records(f["fields"]), was.([]any)[0].(map[string]any))
				default:
					try(1, "type")
				}
			}
		}
		walk("", records(class["fields"]), payload)
		payload["nothingOfTheKind"] = "1"
		refused("/nothingOfTheKind", "unknown")
	}
	if checked < 800 {
		t.Errorf("only %d refusals were tried", checked)
	}
}
