package ledger_test

import (
	"fmt"
	"maps"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// TestTyped: what people typed becomes the payload that the reader takes, blank records
// left out and found again; and a payload comes back as it was typed.
func TestTyped(t *testing.T) {
	class, _ := ledger.ClassOf(wastewater)
	payload, rows := class.Payload(ledger.Typed{"/normal": "true", "/inflow": "４12。50", "/startAt": "2026-11-20T00:00", "/cause": "一\r\n二 <b>", "/treated": " ",
		"/readings/0/pollutant": "", "/readings/0/value": " ", "/readings/3/pollutant": "化学需氧量", "/readings/3/value": "＜0.05",
		"/products/2/layers": "１2", "/products/2/flexible": "false", "/products/10/layers": "很多"})
	want := `{"normal":true,"startAt":"2026-11-20T00:00:00+08:00","inflow":"412.50","readings":[{"pollutant":"w01018","value":"<0.05"}],"cause":"一\n二 <b>",` +
		`"products":[{"layers":12,"flexible":false},{"layers":"很多"}]}`
	if string(payload) != want {
		t.Errorf("written as\n%s\nwant\n%s", payload, want)
	}
	if moved := map[string]string{"/readings/0": "/readings/3", "/products/0": "/products/2", "/products/1": "/products/10"}; !maps.Equal(rows, moved) {
		t.Errorf("the records came from %v", rows)
	}
	back := class.Typed(payload)
	if got, _ := class.Payload(back); string(got) != want || back["/startAt"] != "2026-11-20T00:00" || back["/products/0/layers"] != "12" {
		t.Errorf("comes back as %v, %s", back, got)
	}
	offered := ledger.Typed{"/readings/0/pollutant": "w01018", "/readings/0/value": "", "/readings/1/pollutant": "w21003", "/readings/1/value": "0"}
	offered.Forgo("/readings/0")
	offered.Forgo("/readings/1")
	if len(offered) != 2 || offered["/readings/1/value"] != "0" {
		t.Errorf("what was offered leaves %v", offered)
	}
}

// TestCheck: a draft is read as its filing would read it, and nothing is written.
func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		w.limit(t, "w01018", "", "50", "mg/L", "深环批〔2020〕1号")
		r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, content("inflow", "", "readings", `[{"pollutant":"w01018","value":"80"}]`))))(t)
		before := w.changes(t)
		k := ok(w.svc.Check(firm, r.ID))(t)
		at(t, k.Missing, "/payload/inflow")
		at(t, k.Warnings, "/payload/cause")
		if len(k.Judgements) != 1 || k.Judgements[0].Verdict != "exceeded" || k.Version != r.Version || w.changes(t) != before {
			t.Errorf("judged %v, version %d", k.Judgements, k.Version)
		}
		for _, v := range k.Warnings {
			if v.Pointer == "/payload/inflow" {
				t.Errorf("what is missing is told twice: %v", v)
			}
		}
		_, err := w.svc.Check(w.Firm(w.BaoanB), r.ID)
		want(t, err, fault.NotFound)
		_, err = w.svc.Check(w.Inspector("baoan"), r.ID)
		want(t, err, fault.Denied)
		filed := w.in(t, ledger.Filed)
		_, err = w.svc.Check(firm, filed.ID)
		want(t, err, fault.Conflict)
	})
}

// TestWritable: who may change or amend an entry now, and to whom a filing goes.
func TestWritable(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for state, c := range map[ledger.State][2]bool{ledger.Draft: {true, false}, ledger.Returned: {true, false}, ledger.Filed: {false, true}, ledger.Accepted: {false, true}, ledger.Superseded: {}, ledger.Voided: {}} {
			r := w.in(t, state)
			change, amend, err := w.svc.Writable(w.Firm(w.BaoanA), r.Entry)
			if err != nil || change != c[0] || amend != c[1] {
				t.Errorf("%s: change %v, amend %v, %v", state, change, amend, err)
			}
			change, amend, err = w.svc.Writable(w.Inspector("baoan"), r.Entry)
			other, also, err2 := w.svc.Writable(w.ParkManager(w.BaoanB), r.Entry)
			if err != nil || err2 != nil || change || amend || other || also {
				t.Errorf("%s: the district or another park may write: %v %v %v %v", state, change, amend, other, also)
			}
		}
		r := w.in(t, ledger.Draft)
		for who, say := range map[string]string{"firm": "园区管理机构", "park": "区管理局"} {
			ctx := w.Firm(w.BaoanA)
			if who == "park" {
				ctx = w.ParkManager(w.BaoanA)
			}
			if got := ok(w.svc.Receiver(ctx, r.Entry))(t); got.Key != say {
				t.Errorf("what the %s files goes to %q", who, got.Key)
			}
		}
	})
}

// TestBefore: beside a number stand yesterday's, the mean of the week and the limit, of
// what was filed about the same object and not of the entry itself.
func TestBefore(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		w.limit(t, "w01018", "", "50", "mg/L", "深环批〔2020〕1号")
		var last ledger.Record
		for n, day := range []string{"2026-11-15", "2026-11-16", "2026-11-22", "2026-11-23"} {
			in := w.input(w.BaoanA, content("inflow", fmt.Sprintf(`"%d.50"`, 100*(n+1)), "readings", fmt.Sprintf(`[{"pollutant":"w01018","value":"%d"},{"pollutant":"w20121","value":"<0.05"}]`, 10*(n+1))))
			in.Day, in.Slot = day, ""
			last = ok(w.svc.File(firm, ok(w.svc.Create(firm, "", in))(t).ID, 0))(t)
		}
		a := last.About()
		near := ok(w.svc.Before(firm, a))(t)
		if b := near.By["inflow"]; b.Yesterday != "300.50" || b.Mean != "250.50" || len(b.Days) != 3 {
			t.Errorf("inflow: %+v", b)
		}
		if b := near.By["w01018"]; b.Yesterday != "30" || b.Mean != "25" || b.Limit.String() != "50 mg/L" || b.Most == nil || *b.Most != 50_000_000 || b.Source.Key == "" {
			t.Errorf("COD: %+v", b)
		}
		if b := near.By["w20121"]; b.Yesterday != "<0.05" || b.Mean != "" || len(b.Days) != 0 {
			t.Errorf("below the detection limit: %+v", b)
		}
		if len(near.Usual) != 2 || near.Usual[0] != "w01018" {
			t.Errorf("offered: %v", near.Usual)
		}
		a.Entry, a.Day = "", "2026-11-24"
		if b := ok(w.svc.Before(firm, a))(t).By["inflow"]; b.Yesterday != "400.50" || b.Mean != "350.50" {
			t.Errorf("the day after: %+v", b)
		}
		own := ledger.About{Park: w.BaoanA.Park.ID, Facility: models.Ref(w.BaoanA.Own.ID), Class: wastewater, Day: "2026-11-24"}
		if got := ok(w.svc.Before(w.ParkManager(w.BaoanA), own))(t).By["inflow"]; got.Yesterday != "" {
			t.Errorf("another facility's: %+v", got)
		}
		_, err := w.svc.Before(w.Firm(w.BaoanB), a)
		want(t, err, fault.NotFound)
	})
}
