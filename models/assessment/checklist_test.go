package assessment_test

import (
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
)

// TestDraft: the version that comes with the program is what the sources propose: 49
// items in six dimensions, 100 points, five vetoes, and it is marked as no official text.
func TestDraft(t *testing.T) {
	c := assessment.Draft()
	per := map[int]int{}
	for _, i := range c.Items {
		per[i.Dimension]++
	}
	if len(c.Items) != 49 || len(per) != 6 || len(c.VetoItems) != 5 || c.Official || !strings.Contains(c.Source, "自拟") {
		t.Errorf("%d items in %v, %d vetoes, official %v, source %q", len(c.Items), per, len(c.VetoItems), c.Official, c.Source)
	}
	computed := 0
	for _, i := range c.Items {
		if i.Computed() {
			computed++
		}
	}
	if computed != len(assessment.Metrics()) {
		t.Errorf("%d items are computed, %d ratios can be", computed, len(assessment.Metrics()))
	}
}

// TestChecklistRules: each rule of a version is told by its pointer, all at once.
func TestChecklistRules(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(*assessment.ChecklistInput)
		want  []string // pointers
	}{
		"lawful":              {func(*assessment.ChecklistInput) {}, nil},
		"99 points":           {func(c *assessment.ChecklistInput) { c.Items[0].Points = "1" }, []string{"/items"}},
		"an empty dimension":  {func(c *assessment.ChecklistInput) { move(c, 6, 5) }, []string{"/items"}},
		"a seventh dimension": {func(c *assessment.ChecklistInput) { c.Items[3].Dimension = 7 }, []string{"/items/3/dimension"}},
		"an item twice":       {func(c *assessment.ChecklistInput) { c.Items[1].ID = c.Items[0].ID }, []string{"/items/1/id"}},
		"no veto":             {func(c *assessment.ChecklistInput) { c.VetoItems = nil }, []string{"/vetoes"}},
		"a veto like an item": {func(c *assessment.ChecklistInput) { c.VetoItems[2].ID = "A1" }, []string{"/vetoes/2/id"}},
		"an unknown ratio":    {func(c *assessment.ChecklistInput) { c.Items[6].Metric = "happiness" }, []string{"/items/6/metric"}},
		"a ratio unscored":    {func(c *assessment.ChecklistInput) { c.Items[6].Scoring = "" }, []string{"/items/6/scoring"}},
		"steps upside down":   {func(c *assessment.ChecklistInput) { c.Items[6].FullPercent = 80 }, []string{"/items/6/fullPercent"}},
		"levels upside down":  {func(c *assessment.ChecklistInput) { c.Levels[1].From = "95" }, []string{"/levels/1/from"}},
		"nothing under 60":    {func(c *assessment.ChecklistInput) { c.Levels = c.Levels[:3] }, []string{"/levels"}},
		"three decimals":      {func(c *assessment.ChecklistInput) { c.PassMark = "79.999" }, []string{"/passMark"}},
		"two faults":          {func(c *assessment.ChecklistInput) { c.Title, c.Source = "", "" }, []string{"/source", "/title"}},
	} {
		in := assessment.Draft().ChecklistInput
		in.Items, in.VetoItems, in.Levels = slices.Clone(in.Items), slices.Clone(in.VetoItems), slices.Clone(in.Levels)
		x.spoil(&in)
		_, err := in.Parse()
		if got := pointers(err); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
}

func move(c *assessment.ChecklistInput, from, to int) {
	for i := range c.Items {
		if c.Items[i].Dimension == from {
			c.Items[i].Dimension = to
		}
	}
}

// pointers of the violations of err, in order, each once.
func pointers(err error) []string {
	var all []string
	if e, ok := err.(*fault.Error); ok {
		for _, v := range e.Violations {
			all = append(all, v.Pointer)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
