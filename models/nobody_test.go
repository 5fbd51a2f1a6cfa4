package models_test

import (
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// measures are parts of names of columns that would count a person's way, rank, streak
// or hours.
var measures = []string{"mileage", "distance", "kilometre", "track", "rank", "streak", "score", "online", "duration", "elapsed_total", "seconds", "minutes", "hours", "speed", "steps_count", "points",
	"leader", "badge", "last_seen", "active_time", "visits"}

// measured are columns with such a name that measure no person, and what they measure.
var measured = map[string]string{
	"grades.score":            "environmental credit of a firm",
	"grade_steps.score":       "as grades.score",
	"assessments.score":       "what a park reached",
	"parks.tracking_on":       "the EIA of the plan looked at again (跟踪评价)",
	"sessions.last_seen_at":   "an idle sign-in ends; forgotten with the session",
	"assessment_marks.points": "an item of the checklist of a park",
	"facilities.cycle_hours":  "a cycle of production",
}

// TestNobodyIsMeasured: no table, whichever room it belongs to, counts a person's way,
// rank, streak or hours.
func TestNobodyIsMeasured(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		met, tables := map[string]bool{}, 0
		for table, has := range columns(t, db) {
			tables++
			for column := range has {
				for _, m := range measures {
					if name := table + "." + column; strings.Contains(column, m) {
						if met[name] = true; measured[name] == "" {
							t.Errorf("%s keeps %s", name, m)
						}
					}
				}
			}
		}
		if tables < 40 {
			t.Errorf("only %d tables were looked at", tables)
		}
		for name, what := range measured {
			if !met[name] {
				t.Errorf("%s (%s) is named, and is not there", name, what)
			}
		}
	})
}
