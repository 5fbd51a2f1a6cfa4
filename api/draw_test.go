package api_test

import (
	"context"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// staffed are the accounts with two more inspectors in a jurisdiction.
type staffed struct {
	inspection.Accounts
	jurisdiction string
}

func (s staffed) Inspectors(context.Context, string, code.Day) ([]policies.Assignment, error) {
	return []policies.Assignment{{User: string(models.NewID()), Role: policies.DistrictInspector, Jurisdiction: s.jurisdiction},
		{User: string(models.NewID()), Role: policies.DistrictInspector, Jurisdiction: s.jurisdiction}}, nil
}

// published is a draw of a place whose lists are published.
func (w *world) published(p place) string {
	w.t.Helper()
	j := models.Deref(p.Park.Jurisdiction)
	d, err := inspection.New(w.DB, staffed{w.accounts, j}).PublishDraw(w.Inspector(j), "", inspection.DrawInput{ParkID: string(p.Park.ID), Count: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(d.ID)
}

// TestDraws is a draw over HTTP: lists, seed, result, quota.
func TestDraws(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		bad := w.want(w.call("baoan-1", "POST", "/draws", map[string]any{"jurisdiction": "baoan", "count": 50}), 422, "more than there are")
		if bad.text("errors.0.pointer") != "/count" {
			t.Errorf("more than there are: %s", bad.raw)
		}
		w.want(w.call("baoan-1", "POST", "/draws", map[string]any{"count": 1}), 404, "a district draws for the city")
		w.want(w.call("baoan-1", "POST", "/draws", map[string]any{"jurisdiction": "longgang", "count": 1}), 404, "a district draws for another")
		d := w.want(w.call("baoan-1", "POST", "/draws", map[string]any{"jurisdiction": "baoan", "count": 2}), 201, "publish")
		if d.text("state") != "published" || d.at("seed") != nil || len(d.text("listsSha256")) != 64 || d.at("officers") != 2.0 {
			t.Errorf("published: %s", d.raw)
		}
		at := "/draws/" + d.text("id")
		w.want(w.call("baoan-2", "POST", at+"/drawing", map[string]any{"seed": "09 17"}), 422, "a short seed")
		w.want(w.call("analyst", "POST", at+"/drawing", map[string]any{}), 403, "a reader draws")
		w.want(w.call("longgang", "POST", at+"/drawing", map[string]any{}), 404, "another district draws")
		w.want(w.call("baoan-2", "POST", at+"/drawing", map[string]any{"seed": "排列五 2026-11-24 41907"}), 200, "draw")
		w.want(w.call("baoan-2", "POST", at+"/drawing", map[string]any{}), 409, "draw again")
		r := w.want(w.call("auditor", "GET", at, nil), 200, "the draw")
		if r.at("agrees") != true || len(r.at("tasks").([]any)) != 2 || r.text("seedSource") != "entered" || r.at("tasks.0.officers.0") == r.at("tasks.0.officers.1") || r.text("lists.units.0.siteId") == "" {
			t.Errorf("drawn: %s", r.raw)
		}
		q := w.want(w.call("baoan-1", "GET", "/draw-quotas", nil), 200, "quota")
		if len(q.items()) != 1 || q.text("items.0.jurisdiction") != "baoan" || q.at("items.0.keyDrawn") != 2.0 || q.at("items.0.met") != true || q.at("items.0.share") != 25.0 ||
			q.text("items.0.unitsPerOfficer") != "1.0" || q.at("items.0.usualUnitsPerOfficer") != 5.0 {
			t.Errorf("quota: %s", q.raw)
		}
		if q := w.want(w.call("bureau", "GET", "/draw-quotas", nil), 200, "quota of the city"); q.text("items.0.level") != "city" || q.at("items.0.keyDrawn") != 0.0 || len(q.items()) < 10 {
			t.Errorf("quota of the city: %s", q.raw)
		}
		w.want(w.call("park-a", "GET", "/draws", nil), 403, "a park looks who will come")
	})
}
