package ledger_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/ledger"
)

// TestCodesStayAsEntered: an 18-digit code and a value below a detection limit come
// back byte for byte, and a code that came as a number is refused, never rounded.
func TestCodesStayAsEntered(t *testing.T) {
	basic := `{"unitName":"示例公司","siteAddress":"示例路 1 号","industryCode":"3982","legalRepresentative":"甲","creditCode":"914403001922038216",
		"products":[{"product":"电路板","scale":"012.50","unit":"万m2/a"}],"process":"蚀刻","eiaApprovalNumber":"示例〔2020〕1 号","permitNumber":"914403001922038216001P",
		"facilities":[{"name":"蚀刻线","code":"MF0001","specification":"定制","designValue":"10 t/d"}]}`
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		entry := func(payload string) ledger.Input {
			return ledger.Input{ParkID: string(w.BaoanA.Park.ID), SiteID: string(w.BaoanA.Site.ID), Class: "basicInformation", Day: "2026-11-23", Payload: json.RawMessage(payload)}
		}
		_, err := w.svc.Create(firm, "", entry(strings.Replace(basic, `"creditCode":"914403001922038216"`, `"creditCode":914403001922038216`, 1)))
		if v := at(t, violations(t, err), "/payload/creditCode"); v.Code != "type" {
			t.Errorf("a code as a number is refused as %s", v.Code)
		}
		_, err = w.svc.Create(firm, "", entry(strings.Replace(basic, `"permitNumber":"914403001922038216001P"`, `"permitNumber":"91130200699229617X001P"`, 1)))
		if v := at(t, violations(t, err), "/payload/permitNumber"); v.Code != "holder" {
			t.Errorf("another holder's permit is refused as %s", v.Code)
		}
		r := ok(w.svc.Create(firm, "", entry(basic)))(t)
		r = ok(w.svc.File(firm, r.ID, 0))(t)
		if string(ok(w.svc.Get(firm, r.ID))(t).Payload) != basic {
			t.Errorf("came back as %s", r.Payload)
		}
		below := content("readings", `[{"pollutant":"w20121","value":"<0.05"},{"pollutant":"w20122","value":"ND"}]`)
		r = ok(w.svc.Create(firm, "", w.input(w.BaoanA, below)))(t)
		ok(w.svc.File(firm, r.ID, 0))(t)
		if got := ok(w.svc.Get(firm, r.ID))(t); string(got.Payload) != string(below) {
			t.Errorf("came back as %s", got.Payload)
		}
	})
}

// TestLargePayload: a payload of nearly a megabyte that keeps every rule is filed
// as it is; one that breaks rules everywhere is answered whole and leaves the draft
// as it was.
func TestLargePayload(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		large := json.RawMessage(strings.Replace(string(content()), "{", "{"+strings.Repeat(" ", 1_000_000), 1))
		r := ok(w.svc.Create(firm, "", w.input(w.BaoanA, large)))(t)
		r = ok(w.svc.File(firm, r.ID, 0))(t)
		if got := ok(w.svc.Get(firm, r.ID))(t); string(got.Payload) != string(large) {
			t.Errorf("of %d bytes %d came back", len(large), len(got.Payload))
		}
		d := ok(w.svc.Create(firm, "", w.input(w.BaoanA, content())))(t)
		bad := `[` + strings.TrimSuffix(strings.Repeat(`{"reagent":"`+strings.Repeat("药", 101)+`","quantity":"-1"},`, 500), ",") + `]`
		_, err := w.svc.Update(firm, d.ID, d.Version, func(in ledger.Revision) (ledger.Revision, error) {
			in.Payload = content("reagents", bad)
			return in, nil
		})
		want(t, err, fault.Invalid)
		if n := len(violations(t, err)); n != 1000 {
			t.Errorf("%d faults are named, want two in each of 500 records", n)
		}
		if got := ok(w.svc.Get(firm, d.ID))(t); string(got.Payload) != string(content()) || got.Version != d.Version {
			t.Errorf("the refusal changed the draft: %s", got.Payload)
		}
	})
}
