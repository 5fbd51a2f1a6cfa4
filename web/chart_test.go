package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var (
	flowRow   = regexp.MustCompile(`<tr><th scope="row">(\d{4}-\d{2})</th><td class="num">(\d+)</td><td class="num">([^<]+)</td><td class="num">([^<]+)</td></tr>`)
	seenScore = regexp.MustCompile(`<b>(--|\d+\.\d)</b></span></td></tr>`)
)

// testCharts: what the pictures of the overview say as a table is the trend of the report,
// month by month, on today and on a past day, and the comparison has every district in
// each of the six areas.
func testCharts(t *testing.T, w *world) {
	w.token = w.bearer("baoan")
	if got := w.send("POST", "/api/v1/findings", fmt.Sprintf(`{"parkId":%q,"dimension":2,"severity":"minor","description":"图表要数到的一项"}`, w.BaoanA.Park.ID)); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	w.numbered()
	w.token = w.bearer("bureau")
	b := w.browser().signIn("bureau")
	drawn := 0
	for _, day := range []string{"", "?asOf=2026-01-03"} {
		var r struct {
			Trend []struct {
				Month  string
				Counts struct{ FindingsOpen, FindingsOpened, FindingsClosed int64 }
			}
			Districts []struct{ Dimensions []struct{ Score *float64 } }
		}
		must(t, json.Unmarshal(w.send("GET", "/api/v1/progress"+day, "").raw, &r))
		page := b.get("/c" + day)
		rows := flowRow.FindAllStringSubmatch(page.text, -1)
		if last := r.Trend[len(r.Trend)-1]; last.Counts.FindingsOpened == 0 {
			if len(rows) > 0 {
				t.Errorf("/c%s draws findings that there are not: %q", day, rows)
			}
		} else if len(rows) != len(r.Trend) {
			t.Errorf("/c%s has %d months of %d", day, len(rows), len(r.Trend))
		}
		for i, m := range rows {
			now := r.Trend[i].Counts
			want := []string{r.Trend[i].Month, fmt.Sprint(now.FindingsOpen), "--", "--"}
			if i > 0 {
				before := r.Trend[i-1].Counts
				want[2], want[3] = fmt.Sprint(now.FindingsOpened-before.FindingsOpened), fmt.Sprint(now.FindingsClosed-before.FindingsClosed)
			}
			if got := strings.Join(m[1:], " "); got != strings.Join(want, " ") {
				t.Errorf("/c%s shows %q for %q", day, got, want)
			}
			drawn++
		}
		if n := strings.Count(page.text, `<li class="at-`); n != 11 {
			t.Errorf("/c%s maps %d districts", day, n)
		}
		compared := b.get("/c/compare" + day)
		var shown []string
		for _, m := range seenScore.FindAllStringSubmatch(compared.text, -1) {
			shown = append(shown, m[1])
		}
		if len(shown) != 6*len(r.Districts) {
			t.Fatalf("/c/compare%s has %d bars for %d districts", day, len(shown), len(r.Districts))
		}
		for area := range 6 {
			for i, d := range r.Districts {
				want := "--"
				if s := d.Dimensions[area].Score; s != nil {
					want = fmt.Sprintf("%.1f", *s)
				}
				if got := shown[area*len(r.Districts)+i]; got != want {
					t.Errorf("/c/compare%s: area %d of district %d is %s for %s", day, area+1, i, got, want)
				}
			}
		}
	}
	if drawn == 0 {
		t.Error("nothing was drawn")
	}
	if got := w.browser().signIn("baoan").get("/c/compare"); got.status != http.StatusOK || strings.Contains(got.text, "龙岗区") {
		t.Errorf("a district's comparison: %d, or it shows another district", got.status)
	}
}
