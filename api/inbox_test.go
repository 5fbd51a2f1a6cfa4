package api_test

import (
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// TestInbox: everybody has an inbox, with what waits for them and where it is.
func TestInbox(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		f := w.want(w.call("baoan-1", "POST", "/findings", findingBody(place{Place: w.BaoanA})), 201, "log a finding")
		entry := w.draft(place{Place: w.BaoanA})
		w.want(w.call("park-a", "POST", "/ledgers/"+entry+"/filing", nil), 200, "file")
		w.want(w.call("baoan-1", "POST", "/ledgers/"+entry+"/return", map[string]any{"reason": "数值与原始记录不符"}), 200, "return")
		for who, n := range map[string]int{"baoan-1": 1, "firm-a": 1, "park-a": 1, "longgang": 0, "firm-l": 0, "park-b": 0, "bureau": 0, "auditor": 0, "admin": 0} {
			box := w.want(w.call(who, "GET", "/inbox", nil), 200, "inbox of "+who)
			if len(box.items()) != n || box.at("more") != false {
				t.Errorf("%s: %s", who, box.raw)
			}
		}
		box := w.call("baoan-1", "GET", "/inbox", nil)
		if box.text("items.0.what") != "notice" || box.text("items.0.href") != "/api/v1/findings/"+f.text("id") || box.text("items.0.number") != f.text("number") {
			t.Errorf("inbox: %s", box.raw)
		}
		if box := w.call("firm-a", "GET", "/inbox", nil); box.text("items.0.what") != "filing" || box.text("items.0.href") != "/api/v1/ledgers/"+entry {
			t.Errorf("inbox of the firm: %s", box.raw)
		}
		if _, reminded := w.call("firm-a", "GET", "/inbox", nil).body["reminder"]; reminded {
			t.Error("a reminder before any was made")
		}
		if err := w.inbox.Remind(w.Program()); err != nil {
			t.Fatal(err)
		}
		if early := db.Now().In(code.Zone).Hour() < 8; !early { // of the hours models/inbox has a clock of its own
			if box := w.want(w.call("firm-a", "GET", "/inbox", nil), 200, "reminded"); box.at("reminder.waiting") != 1.0 || box.at("reminder.overdue") != 0.0 {
				t.Errorf("the firm's reminder: %s", box.raw)
			}
		}
		w.want(w.call("", "GET", "/inbox", nil), 401, "nobody's inbox")
	})
}
