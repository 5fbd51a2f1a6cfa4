package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// entryContent is a complete payload of a day on which nothing was wrong.
func entryContent() map[string]any {
	return map[string]any{"normal": true, "startAt": "2026-01-02T00:00:00+08:00", "endAt": "2026-01-02T23:00:00+08:00", "inflow": "412.50", "treated": "410",
		"reused": "100", "discharged": "310", "readings": []any{map[string]any{"pollutant": "w01018", "value": "38.0"}}, "sludgeQuantity": "1.2",
		"sludgeDestination": "示例处置公司", "drainDestination": "sewagePlant"}
}

func entryBody(p place, day string) map[string]any {
	return map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "facilityId": p.Facility.ID, "class": "treatmentFacility.wastewater", "day": day, "payload": entryContent()}
}

// draft stores a draft of the firm of a place.
func (w *world) draft(p place) string {
	w.t.Helper()
	payload, err := json.Marshal(entryContent())
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := ledger.New(w.DB).Create(w.Program(), "", ledger.Input{ParkID: string(p.Park.ID), FacilityID: string(p.Facility.ID), Class: "treatmentFacility.wastewater",
		Day: "2026-01-01", Payload: payload})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(r.ID)
}

// lock locks a day of the park of a place, long ago.
func (w *world) lock(p place) string {
	w.t.Helper()
	l, err := ledger.New(w.DB).LockPeriod(w.Bureau(), "", ledger.PeriodInput{From: "2020-01-01", To: "2020-01-01", ParkID: string(p.Park.ID), Reason: "这一天已经核查完毕"})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(l.ID)
}

// waste files a batch of hazardous waste of a place and gives its row.
func (w *world) waste(p place) string {
	w.t.Helper()
	svc := ledger.New(w.DB)
	r, err := svc.Create(w.Program(), "", ledger.Input{ParkID: string(p.Park.ID), FacilityID: string(p.Facility.ID), Class: "hazardousWaste.generated", Day: "2026-01-01",
		Payload: json.RawMessage(`{"batchCode":"HWCS20260101001","generatedAt":"2026-01-01T08:00:00+08:00","tradeName":"含镍污泥","listName":"示例","category":"HW17",
			"wasteCode":"336-054-17","listEdition":"2025","quantity":"1.2500","containerType":"pipe","handler":"甲","destination":"store"}`)})
	if err == nil {
		r, err = svc.File(w.Program(), r.ID, 0)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := svc.WasteBatches(w.Program(), ledger.WasteFilter{ParkID: string(r.ParkID)}, models.Query{Limit: 1})
	if err != nil || len(page.Items) != 1 {
		w.t.Fatal(len(page.Items), err)
	}
	return string(page.Items[0].ID)
}

// exceeds files a reading over its limit in a place, and gives the row that a list has of it.
func (w *world) exceeds(p place) string {
	w.t.Helper()
	_, err := w.Registry.AddLimit(w.Program(), p.Outlet.ID, registry.LimitInput{Pollutant: "w01018", Maximum: "50", Unit: "mg/L", Basis: "eia", Standard: "深环批〔2018〕1号", ValidFrom: "2020-01-01"})
	if err != nil {
		w.t.Fatal(err)
	}
	content := entryContent()
	content["readings"] = []any{map[string]any{"pollutant": "w01018", "value": "60"}}
	payload, err := json.Marshal(content)
	if err != nil {
		w.t.Fatal(err)
	}
	svc := ledger.New(w.DB)
	r, err := svc.Create(w.Program(), "", ledger.Input{ParkID: string(p.Park.ID), FacilityID: string(p.Facility.ID), OutletID: string(p.Outlet.ID), Class: "treatmentFacility.wastewater", Day: "2026-01-03", Payload: payload})
	if err == nil {
		r, err = svc.File(w.Program(), r.ID, 0)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := svc.Exceedances(w.Program(), ledger.ExceedanceFilter{ParkID: string(r.ParkID), FacilityID: string(p.Facility.ID)}, models.Query{Limit: 2})
	if err != nil || len(page.Items) != 1 || page.Items[0].Entry.ID != r.ID {
		w.t.Fatal(len(page.Items), err)
	}
	return string(page.Items[0].ID)
}

func TestLedgerClasses(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db)
	all := w.want(w.call("firm-a", "GET", "/ledger-classes", nil), 200, "the classes")
	if len(all.items()) != len(ledger.Classes()) {
		t.Errorf("%d classes are listed, want %d", len(all.items()), len(ledger.Classes()))
	}
	zh := w.want(w.call("firm-a", "GET", "/ledger-classes/treatmentFacility.wastewater", nil), 200, "a class")
	en := w.want(w.call("firm-a", "GET", "/ledger-classes/treatmentFacility.wastewater", nil, "Accept-Language", "en"), 200, "a class in English")
	if zh.text("title") != "废水治理设施运行记录" || en.text("title") != "Wastewater treatment facility operation" || en.text("fields.0.label") != "Running normally" {
		t.Errorf("titles %q and %q", zh.text("title"), en.text("title"))
	}
	w.want(w.call("firm-a", "GET", "/ledger-classes/nothing", nil), 404, "no such class")
	if one := w.want(w.call("firm-a", "GET", "/ledger-classes/treatmentFacility.wastewater?version=1", nil), 200, "its first version"); one.at("version") != 1.0 {
		t.Errorf("version %v", one.at("version"))
	}
	w.want(w.call("firm-a", "GET", "/ledger-classes/treatmentFacility.wastewater?version=99", nil), 404, "no such version")
}

// TestLedgerOverHTTP is the main path of an entry at the edge: what was entered,
// what is answered, and each kind of refusal with its status.
func TestLedgerOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		p := place{Place: w.BaoanA}
		day := string(db.Today().Add(-1))
		id := string(models.NewID())
		body := entryBody(p, day)
		body["id"] = id
		made := w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "a draft")
		if made.text("id") != id || made.text("state") != "draft" || !strings.HasPrefix(made.text("number"), "LG-") || made.text("payload.inflow") != "412.50" || made.at("warnings") == nil {
			t.Errorf("the draft is %s", made.raw)
		}
		w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "the same creation again")
		body["slot"] = "夜班"
		w.want(w.call("firm-a", "POST", "/ledgers", body), 409, "another entry under the same id")
		delete(body, "id")
		delete(body, "slot")
		if taken := w.want(w.call("park-a", "POST", "/ledgers", body), 409, "the same day twice"); !strings.Contains(taken.text("detail"), made.text("number")) {
			t.Errorf("the refusal does not name the entry: %s", taken.raw)
		}

		body["slot"], body["occurredAt"], body["recordedAt"] = "三班", "2035-01-01T00:00:00Z", "2035-01-01T00:00:00Z"
		if ahead := w.want(w.call("firm-a", "POST", "/ledgers", body), 422, "an event years ahead"); ahead.text("errors.0.pointer") != "/occurredAt" {
			t.Errorf("the refusal of an event years ahead is %s", ahead.raw)
		}
		delete(body, "occurredAt")
		fast := w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "a clock years fast")
		off, _ := w.want(w.call("park-a", "GET", "/ledgers/"+fast.text("id"), nil), 200, "reading it").at("clockOff").(float64)
		if fast.text("warnings.0.pointer") != "/recordedAt" || fast.text("recordedAt") != "2035-01-01T08:00:00+08:00" || off < 365*24*3600 {
			t.Errorf("off by %v: %s", off, fast.raw)
		}
		delete(body, "recordedAt")
		delete(body, "slot")

		wrong := entryContent()
		wrong["inflow"], wrong["treated"], wrong["readings"] = "-1", 5, []any{map[string]any{"pollutant": "w01001", "value": "17"}}
		body["payload"], body["day"], body["colour"] = wrong, "2026-02-30", "red"
		unknown := w.want(w.call("firm-a", "POST", "/ledgers", body), 400, "an unknown member")
		delete(body, "colour")
		invalid := w.want(w.call("firm-a", "POST", "/ledgers", body), 422, "several faults")
		for _, a := range []answer{unknown, invalid} { // the shape and the rule of a day both see that it is none
			if n := strings.Count(string(a.raw), `"pointer":"/day"`); n != 1 || !strings.Contains(string(a.raw), "2026-01-31") {
				t.Errorf("the day is told %d times, want once and with an example: %s", n, a.raw)
			}
		}
		for _, pointer := range []string{"/payload/inflow", "/payload/treated", "/payload/readings/0/value", "/day"} {
			if !strings.Contains(string(invalid.raw), `"pointer":"`+pointer+`"`) || !strings.Contains(string(unknown.raw), `"pointer":"`+pointer+`"`) {
				t.Errorf("%s is not among the faults: %s", pointer, invalid.raw)
			}
		}
		wrong["inflow"], wrong["treated"], wrong["readings"], wrong["tint"], body["day"] = "1", "1", []any{}, 1, day
		if a := w.want(w.call("firm-a", "POST", "/ledgers", body), 400, "an unknown field of the class"); !strings.Contains(string(a.raw), `"/payload/tint"`) {
			t.Errorf("the unknown field is not named: %s", a.raw)
		}

		path := "/ledgers/" + id
		w.want(w.call("firm-a", "PATCH", path, map[string]any{"payload": map[string]any{"inflow": "413"}}), 428, "a change without If-Match")
		patched := w.want(w.call("firm-a", "PATCH", path, map[string]any{"payload": map[string]any{"inflow": "413", "treated": "640"}}, "If-Match", made.header.Get("ETag")), 200, "a change")
		if patched.text("payload.inflow") != "413" || patched.text("warnings.0.pointer") != "/payload/treated" {
			t.Errorf("the change answers %s", patched.raw)
		}
		w.want(w.call("firm-a", "PATCH", path, map[string]any{"slot": "x"}, "If-Match", made.header.Get("ETag")), 412, "a change of an old version")
		strict := w.want(w.call("firm-a", "POST", path+"/filing", nil, "Prefer", "handling=strict"), 422, "strictly, a warning refuses")
		if !strings.Contains(string(strict.raw), `"/payload/treated"`) {
			t.Errorf("the warning is not named: %s", strict.raw)
		}
		w.want(w.call("firm-a", "POST", path+"/filing", nil, "If-Match", made.header.Get("ETag")), 412, "filing an old version")
		key := []string{"Idempotency-Key", "filing-of-a-day"}
		filed := w.want(w.call("firm-a", "POST", path+"/filing", nil, key...), 200, "filing")
		if filed.text("state") != "filed" || filed.at("late") != false || filed.at("leafIndex") != nil || filed.text("computed.loadPercent") != "128.0" {
			t.Errorf("filed: %s", filed.raw)
		}
		if again := w.want(w.call("firm-a", "POST", path+"/filing", nil, key...), 200, "the same key"); again.header.Get("Idempotent-Replayed") != "true" {
			t.Error("the same key filed a second time")
		}
		w.want(w.call("firm-a", "POST", path+"/filing", nil), 409, "filing twice")
		w.want(w.call("baoan-1", "POST", path+"/acceptance", nil), 409, "the district does not accept a firm's entry")
		w.want(w.call("park-b", "POST", path+"/acceptance", nil), 404, "another park")
		w.want(w.call("park-a", "POST", path+"/return", map[string]any{"reason": "不对"}), 422, "a short reason")
		w.want(w.call("park-a", "POST", path+"/return", map[string]any{"reason": "进水量与抄表记录不符"}), 200, "returning")
		current := w.want(w.call("firm-a", "GET", path, nil), 200, "reading")
		w.want(w.call("firm-a", "PATCH", path, map[string]any{"payload": map[string]any{"treated": "410"}}, "If-Match", current.header.Get("ETag")), 200, "mending")
		if short := w.want(w.call("firm-a", "POST", path+"/filing", map[string]any{"reason": "忘了"}), 422, "a short reason for being late"); !strings.Contains(string(short.raw), `"/reason"`) {
			t.Errorf("the reason is not named: %s", short.raw)
		}
		w.want(w.call("firm-a", "POST", path+"/filing", map[string]any{"reason": "停电两天，补报"}), 200, "filing again")
		if d := w.want(w.call("park-a", "GET", path+"/difference", nil), 200, "the difference"); len(d.items()) != 1 || d.text("items.0.label") != "废水处理量" || d.text("items.0.before") != "640" || d.text("items.0.after") != "410" {
			t.Errorf("the difference is %s", d.raw)
		}
		w.want(w.call("park-a", "GET", path+"/difference?from=1&to=9", nil), 404, "a filing that is not there")
		w.want(w.call("park-a", "POST", path+"/acceptance", nil), 200, "acceptance")
		amended := w.want(w.call("firm-a", "POST", path+"/amendment", map[string]any{"reason": "化验室更正了结果"}), 201, "an amendment")
		if better := w.want(w.call("firm-a", "PATCH", "/ledgers/"+amended.text("id"), map[string]any{"reason": "化验室重新出具了报告"}, "If-Match", amended.header.Get("ETag")), 200, "a better reason"); better.text("reason") != "化验室重新出具了报告" {
			t.Errorf("the reason is %s", better.raw)
		}
		w.want(w.call("firm-a", "POST", "/ledgers/"+amended.text("id")+"/filing", nil), 200, "filing the amendment")
		chain := w.want(w.call("analyst", "GET", "/ledgers/"+amended.text("id")+"/difference?from=1&fromEntry="+id, nil), 200, "the first filing beside the amendment")
		if len(chain.items()) != 1 || chain.text("items.0.in") != "payload" || chain.text("items.0.before") != "640" || chain.text("items.0.after") != "410" {
			t.Errorf("from the first filing to the amendment: %s", chain.raw)
		}
		w.want(w.call("analyst", "GET", path+"/difference?fromEntry=x", nil), 400, "no entry")
		if old := w.want(w.call("analyst", "GET", path, nil), 200, "the old entry"); old.text("state") != "superseded" || old.text("supersededBy") != amended.text("id") {
			t.Errorf("the old entry is %s", old.raw)
		}
		if steps := w.want(w.call("analyst", "GET", path+"/steps", nil), 200, "the steps"); len(steps.items()) != 5 {
			t.Errorf("%d steps, want 5: %s", len(steps.items()), steps.raw)
		} else if steps.text("items.0.reason") != "" || steps.text("items.2.reason") != "停电两天，补报" {
			t.Errorf("the reason of a filing is not in its step: %s", steps.raw)
		}
		if filings := w.want(w.call("analyst", "GET", path+"/filings", nil), 200, "the filings"); len(filings.items()) != 2 || filings.text("items.0.payload.treated") != "640" {
			t.Errorf("the filings are %s", filings.raw)
		}
		w.want(w.call("firm-a", "POST", "/ledgers/"+amended.text("id")+"/voiding", map[string]any{"reason": "更正本身填错了日期"}), 200, "voiding")
		listed := w.want(w.call("bureau", "GET", "/ledgers?state=voided&from="+day+"&to="+day+"&parkId="+string(w.BaoanA.Park.ID), nil), 200, "the list")
		if len(listed.items()) != 1 || listed.at("items.0.payload") != nil {
			t.Errorf("the list is %s", listed.raw)
		}
		w.want(w.call("bureau", "GET", "/ledgers?from=yesterday", nil), 400, "a day that is none")
		w.want(w.call("bureau", "GET", "/ledgers?from=0000-01-01", nil), 400, "a day out of range")
	})
}

// TestLockedPeriodOverHTTP: the refusal names the lock; the bureau lifts it.
func TestLockedPeriodOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		p := place{Place: w.BaoanA}
		day := string(db.Today().Add(-1))
		lock := w.want(w.call("bureau", "POST", "/period-locks", map[string]any{"from": day, "to": day, "jurisdiction": "baoan", "reason": "季度核查期间锁定"}), 201, "locking")
		if lock.text("state") != "locked" || lock.at("parkId") != nil || lock.at("warnings") == nil {
			t.Errorf("the lock is %s", lock.raw)
		}
		draft := w.want(w.call("firm-a", "POST", "/ledgers", entryBody(p, day)), 201, "a draft")
		if draft.text("warnings.0.code") != "locked" {
			t.Errorf("the draft warns %s", draft.raw)
		}
		filing := "/ledgers/" + draft.text("id") + "/filing"
		refused := w.want(w.call("firm-a", "POST", filing, nil), 409, "filing into the lock")
		if !strings.Contains(refused.text("detail"), lock.text("number")) || !strings.Contains(refused.text("detail"), "季度核查期间锁定") {
			t.Errorf("the refusal does not name the lock: %s", refused.raw)
		}
		path := "/period-locks/" + lock.text("id")
		w.want(w.call("bureau", "POST", path+"/unlocking", map[string]any{"reason": "企业补报"}), 422, "a short reason")
		w.want(w.call("bureau", "POST", path+"/unlocking", map[string]any{"reason": "企业补报遗漏的记录"}, "If-Match", lock.header.Get("ETag")), 200, "unlocking")
		w.want(w.call("bureau", "POST", path+"/unlocking", map[string]any{"reason": "企业补报遗漏的记录"}), 409, "unlocking twice")
		w.want(w.call("firm-a", "POST", filing, nil), 200, "filing after it")
		if one := w.want(w.call("firm-a", "GET", path, nil), 200, "the lock"); one.text("state") != "unlocked" || one.text("steps.1.kind") != "unlocked" {
			t.Errorf("the lock is %s", one.raw)
		}
		if open := w.want(w.call("park-a", "GET", "/period-locks?state=locked&on="+day, nil), 200, "the list"); len(open.items()) != 0 {
			t.Errorf("still listed: %s", open.raw)
		}
	})
}
