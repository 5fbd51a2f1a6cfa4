package api_test

import (
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/proof"
)

// TestReceipt: who files gets a receipt that proves the filing with a public key
// alone; nobody gets that of a foreign row; each filing has its own.
func TestReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		id := w.draft(place{Place: w.BaoanA})
		at := "/ledgers/" + id + "/receipt"
		w.want(w.call("park-a", "GET", at, nil), 409, "the receipt of a draft")
		filed := w.want(w.call("park-a", "POST", "/ledgers/"+id+"/filing", nil), 200, "file")
		if filed.text("receipt") != "/api/v1"+at {
			t.Errorf("the entry names the receipt %q", filed.text("receipt"))
		}
		early := w.want(w.call("park-a", "GET", at, nil), 200, "before it has a number")
		if early.at("leafIndex") != nil || early.header.Get("Retry-After") != "1" || early.at("checkpoint") != nil {
			t.Errorf("before it has a number: %s", early.raw)
		}
		w.seal()
		a := w.want(w.call("park-a", "GET", at, nil), 200, "receipt")
		if a.header.Get("Retry-After") != "" {
			t.Error("a receipt that is ready asks to be fetched again")
		}
		keys, err := proof.ReadKeys(w.want(w.call("", "GET", "/checkpoints/key", nil), 200, "public key").text("publicKey"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := proof.ReadReceipt(a.raw)
		if err != nil {
			t.Fatal(err)
		}
		said, err := r.Open(keys)
		if err != nil || !said.Payload || said.Leaf.Object != id || said.Leaf.Action != "ledger.file" || said.Facts["number"] != a.text("ledger.number") ||
			said.Facts["filedAs"] != a.text("ledger.filedAs") || float64(said.Index) != a.at("leafIndex") || said.Facts["sha256"] != a.text("ledger.sha256") {
			t.Errorf("the receipt proves %+v, %v: %s", said, err, a.raw)
		}
		if a.text("statement.actorId") != said.Leaf.Actor || a.text("ledger.filedByName") != "park-a" || a.text("ledger.park") != "宝安甲园" || a.text("statement.facts.number") != a.text("ledger.number") {
			t.Errorf("for people it says %s", a.raw)
		}
		forged := strings.Replace(string(a.raw), `\"inflow\":\"412`, `\"inflow\":\"413`, 1)
		if forged == string(a.raw) {
			t.Fatalf("nothing to forge in %s", a.raw)
		}
		if f, err := proof.ReadReceipt([]byte(forged)); err != nil {
			t.Fatal(err)
		} else if _, err := f.Open(keys); err == nil {
			t.Error("a forged payload passes")
		}

		// Filed again after a return: a receipt each.
		w.want(w.call("baoan-1", "POST", "/ledgers/"+id+"/return", map[string]any{"reason": "数值与原始记录不符"}), 200, "return")
		w.want(w.call("park-a", "POST", "/ledgers/"+id+"/filing", nil), 200, "file again")
		w.seal()
		second := w.want(w.call("park-a", "GET", at, nil), 200, "second receipt")
		first := w.want(w.call("park-a", "GET", at+"?filing=1", nil), 200, "first receipt")
		if first.at("leafIndex") != a.at("leafIndex") || second.at("ledger.filing") != 2.0 || second.at("leafIndex").(float64) <= first.at("leafIndex").(float64) {
			t.Errorf("first %s\nsecond %s", first.raw, second.raw)
		}
		w.want(w.call("park-a", "GET", at+"?filing=3", nil), 404, "a filing that is not there")

		const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
		for who, status := range map[string]int{"park-b": 404, "firm-l": 404, "longgang": 404, "baoan-1": 200, "bureau": 200, "auditor": 200, "admin": 403, "": 401} {
			w.want(w.call(who, "GET", at, nil), status, "receipt as "+who)
			page := w.want(w.call(who, "GET", at, nil, "Accept", browser), status, "receipt to print as "+who)
			if kind := page.header.Get("Content-Type"); (status == 200) != strings.HasPrefix(kind, "text/html") {
				t.Errorf("%s is answered %d as %s", who, status, kind)
			}
		}
		for accept, html := range map[string]bool{"": false, "*/*": false, "application/json": false, "text/html": true, browser: true, "application/json, text/html": false,
			"text/html;q=0.5, application/json": false, "text/html, application/json;q=0.5": true} {
			r := w.want(w.call("park-a", "GET", at+"?filing=1", nil, "Accept", accept), 200, "receipt for "+accept)
			if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") != html {
				t.Errorf("Accept %q is answered as %s", accept, r.header.Get("Content-Type"))
			}
			if html && (!strings.Contains(string(r.raw), first.text("ledger.number")) || !strings.Contains(r.header.Get("Content-Security-Policy"), "default-src 'none'")) {
				t.Errorf("Accept %q: %s", accept, r.header.Get("Content-Security-Policy"))
			}
			if !html && r.text("page") != "/api/v1"+at+"?filing=1" {
				t.Errorf("the page is said to be at %q", r.text("page"))
			}
			if r.header.Get("Vary") != "Accept, Accept-Language" || r.header.Get("Cache-Control") != "no-store" {
				t.Errorf("Accept %q: %v", accept, r.header)
			}
		}
		w.want(w.call("park-b", "GET", "/ledgers/"+string(models.NewID())+"/receipt", nil), 404, "absent")
	})
}
