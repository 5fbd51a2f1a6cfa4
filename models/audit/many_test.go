package audit_test

import (
	"context"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Many rows at once go to PostgreSQL another way than one: every text, each kind of value
// and what is not there are stored as they would be alone, and the log is whole.
func TestLogAllStoresEveryText(t *testing.T) {
	texts := []string{"", "园区", "tab\there", "two\nlines", "return\rhere", `back\slash`, `\N`, `\.`, "\\\t\\", "a quote ' and \"", "😀 \u00a0", "\x7f"}
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		var ids []models.ID
		err := db.Write(c.Program(), func(tx *models.Tx) (err error) {
			var events []audit.Event
			for n := range 4 * len(texts) {
				e := event(c.BaoanA, "", nil)
				e.Reason, e.Before, e.After = texts[n%len(texts)], map[string]any{"text": texts[n%len(texts)], "n": n}, nil
				events = append(events, e)
			}
			ids, err = audit.LogAll(tx, events)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for n, id := range ids {
			r := recordOf(t, c.Program(), db, id)
			if want := texts[n%len(texts)]; r.Reason != want {
				t.Errorf("the reason is %q, not %q", r.Reason, want)
			}
			if r.AfterValues != "" || r.EnterpriseID != nil {
				t.Errorf("what is not there reads %q and %v", r.AfterValues, r.EnterpriseID)
			}
		}
		if err := audit.NewSequencer(db, quiet).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r, err := audit.Verify(c.Program(), db, audit.Against{}); err != nil || r.Bad != nil {
			t.Errorf("verification: %+v, %v", r.Bad, err)
		}
	})
}

func recordOf(t *testing.T, ctx context.Context, db *models.DB, change models.ID) audit.Record {
	t.Helper()
	var r audit.Record
	if err := models.One(db.Visible(ctx, policies.AuditRead, &r).Where("change_id = ?", change), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
