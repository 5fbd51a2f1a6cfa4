package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
)

// rows follows a link to its last page and counts what it lists.
func (w *world) rows(who, href string) (n int) {
	w.t.Helper()
	seen, limit := map[string]bool{}, "&limit=4"
	if strings.Contains(href, "/progress/") {
		limit = "&limit=30" // each page is computed anew
	}
	for cursor := ""; ; {
		page := w.want(w.call(who, "GET", strings.TrimPrefix(href, "/api/v1")+limit+cursor, nil), http.StatusOK, who+" follows "+href)
		for _, item := range page.body["items"].([]any) {
			id := identity(item.(map[string]any))
			if seen[id] {
				w.t.Fatalf("%s lists %s twice", href, id)
			}
			seen[id] = true
		}
		next, more := page.body["next"].(string)
		if !more {
			return len(seen)
		}
		cursor = "&cursor=" + next
	}
}

// takenOut takes the rows behind each number of a standing out as a file, and says how
// many there were.
func (w *world) takenOut(who string, standing map[string]any) (all float64) {
	w.t.Helper()
	links := standing["links"].(map[string]any)
	for name, n := range standing["counts"].(map[string]any) {
		href, err := url.Parse(links[name].(string))
		if err != nil {
			w.t.Fatal(err)
		}
		narrow := map[string]any{}
		for filter, values := range href.Query() {
			narrow[filter] = values[0]
		}
		made := w.want(w.call(who, "POST", "/exports", map[string]any{"list": path.Base(href.Path), "format": "csv", "filters": narrow}), http.StatusCreated, who+" takes out "+href.String())
		if made.at("rows") != n {
			w.t.Errorf("%s: %s is %v, its file has %v rows: %s", who, name, n, made.at("rows"), href)
		}
		all += n.(float64)
	}
	return all
}

// identity is what tells a row of a list from the others.
func identity(row map[string]any) string {
	return jsonOf([]any{row["id"], row["day"], row["parkId"], row["item"]})
}

// dimensions walks met, required and pending of the six areas, and gives the sum of them.
func (w *world) dimensions(who string, standing map[string]any) (sum float64) {
	w.t.Helper()
	for _, d := range standing["dimensions"].([]any) {
		dimension := d.(map[string]any)
		links := dimension["links"].(map[string]any)
		for name, link := range links {
			n := dimension[name].(float64)
			if got := w.rows(who, link.(string)); float64(got) != n {
				w.t.Errorf("%s: %s of dimension %v is %v, its link lists %d: %s", who, name, dimension["dimension"], n, got, link)
			}
			sum += n
		}
		if len(links) != 3 {
			w.t.Errorf("a dimension with the links %v", links)
		}
	}
	return sum
}

// ratios walks numerator and denominator of every computed item of a park.
func (w *world) ratios(who string, park map[string]any) (seen map[string]float64) {
	w.t.Helper()
	seen = map[string]float64{}
	for _, d := range park["dimensions"].([]any) {
		reasons := w.want(w.call(who, "GET", strings.TrimPrefix(d.(map[string]any)["reasons"].(string), "/api/v1"), nil), http.StatusOK, who+" asks why")
		for _, i := range reasons.body["items"].([]any) {
			item := i.(map[string]any)
			links, computed := item["links"].(map[string]any)
			if computed != (item["state"] == "computed" || item["state"] == "notApplicable") {
				w.t.Errorf("%s of %v is %v and has the links %v", item["item"], park["code"], item["state"], links)
			}
			for name, link := range links {
				n, _ := item[name].(float64) // null: nothing to measure
				if got := w.rows(who, link.(string)); float64(got) != n {
					w.t.Errorf("%s: the %s of %s is %v, its link lists %d: %s", who, name, item["item"], n, got, link)
				}
				seen[item["item"].(string)] += n
			}
		}
	}
	return seen
}

// numbers walks every count of one standing.
func (w *world) numbers(who string, standing map[string]any) (walked int, counted float64) {
	w.t.Helper()
	links := standing["links"].(map[string]any)
	for name, n := range standing["counts"].(map[string]any) {
		if got := w.rows(who, links[name].(string)); float64(got) != n.(float64) {
			w.t.Errorf("%s: %s is %v, its link lists %d: %s", who, name, n, got, links[name])
		}
		walked, counted = walked+1, counted+n.(float64)
	}
	if walked != len(links) {
		w.t.Errorf("%d numbers, %d links", walked, len(links))
	}
	return walked, counted
}

// districts walks the counts of each district: they add up to the totals.
func (w *world) districts(who string, report map[string]any, total float64) {
	w.t.Helper()
	parks := 0.0
	for _, d := range report["districts"].([]any) {
		district := d.(map[string]any)
		_, sum := w.numbers(who, district)
		w.dimensions(who, district)
		total, parks = total-sum, parks+district["parks"].(float64)
	}
	if total != 0 || int(parks) != len(report["parks"].([]any)) {
		w.t.Errorf("%s: the districts miss %v of the totals, with %v parks", who, total, parks)
	}
}

// TestEveryNumberHasItsRows: each number of each role's overview, of every park and
// district, in total and by month, today and on past days, known now and known then,
// is the length of the list behind its link: counts, items of the six areas, and both
// numbers of each ratio.
func TestEveryNumberHasItsRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		a := place{Place: w.BaoanA}
		w.busy(w.BaoanA)
		w.visit(a)
		w.visit(place{Place: w.Longgang}) // begun by nobody: counts nowhere
		w.walked(a)
		undone, start := w.walked(a)
		w.want(w.call("baoan-1", "POST", "/findings", map[string]any{"parkId": a.Park.ID, "dimension": 2, "description": "调节池无盖板，有异味", "severity": "minor", "dueOn": db.Today()}), http.StatusCreated, "a finding due today")
		w.seal()
		early, err := audit.New(db).Known(w.Bureau())
		if err != nil {
			t.Fatal(err)
		}
		// What comes later is not in what was known: entries returned, findings closed.
		w.correct(a)
		void := map[string]any{"id": models.NewID(), "type": "void", "at": db.Now(), "voids": start, "reason": "走错了园区"}
		if sent := w.want(w.call("baoan-1", "POST", undone, map[string]any{"events": []any{void}}), http.StatusOK, "take back"); sent.text("patrol.state") == "completed" {
			t.Fatalf("taken back: %s", sent.raw)
		}
		w.seal()
		for ask, want := range map[string]float64{"/progress": 1, "/progress?knownSeq=" + jsonOf(early): 2, "/progress?asOf=" + string(db.Today().Add(-1)): 0} {
			if r := w.want(w.call("bureau", "GET", ask, nil), http.StatusOK, ask); r.at("totals.counts.patrols") != want {
				t.Errorf("%s counts %v patrols, want %v: those that were walked", ask, r.at("totals.counts.patrols"), want)
			}
		}
		today := db.Today()
		walked, counted, seen := 0, 0.0, map[string]float64{}
		for _, who := range []string{"bureau", "analyst", "auditor", "baoan-1", "longgang", "dapeng", "park-a", "park-b"} {
			asks := []string{"/progress", "/progress?asOf=" + string(today.Add(-3)), "/progress?knownSeq=" + jsonOf(early), "/progress?asOf=" + string(today.Add(-3)) + "&knownSeq=" + jsonOf(early)}
			if who != "bureau" && who != "park-a" {
				asks = asks[:1]
			}
			for _, ask := range asks {
				report := w.want(w.call(who, "GET", ask, nil), http.StatusOK, who+" reads "+ask)
				n, sum := w.numbers(who, report.body["totals"].(map[string]any))
				walked, counted = walked+n, counted+sum
				items := w.dimensions(who, report.body["totals"].(map[string]any))
				for _, p := range report.body["parks"].([]any) {
					park := p.(map[string]any)
					n, _ := w.numbers(who, park)
					walked += n + 18
					items -= w.dimensions(who, park)
					if park["assessment"] == nil {
						for item, n := range w.ratios(who, park) {
							seen[item] += n
						}
					}
				}
				w.districts(who, report.body, sum)
				if who == "bureau" && ask != "/progress" || who == "baoan-1" { // what holds today and for all could be there without the conditions
					files := w.takenOut(who, report.body["totals"].(map[string]any)) + w.takenOut(who, report.body["districts"].([]any)[0].(map[string]any))
					if strings.Contains(ask, "knownSeq") && files == 0 {
						t.Errorf("%s: no row was taken out", ask)
					}
				}
				if months := report.body["trend"].([]any); who == "bureau" {
					n, _ := w.numbers(who, months[len(months)-1].(map[string]any))
					m, _ := w.numbers(who, months[len(months)-2].(map[string]any))
					walked += n + m
				}
				if items != 0 {
					t.Errorf("%s: the items of the parks and those of the totals differ by %v", who, items)
				}
			}
		}
		if counted < 60 {
			t.Errorf("only %v rows are counted in all: too few to show anything", counted)
		}
		for _, item := range []string{"A7", "C4", "D1", "D2", "D3"} {
			if seen[item] == 0 {
				t.Errorf("no row of %s was seen", item)
			}
		}
		t.Logf("%d numbers walked, %v rows in the totals, ratios %v", walked, counted, seen)
		for _, who := range []string{"bureau", "park-a"} {
			brief := w.want(w.call(who, "GET", "/progress/brief?knownSeq="+jsonOf(early), nil), http.StatusOK, "the paragraph")
			report := w.want(w.call(who, "GET", strings.TrimPrefix(brief.text("report"), "/api/v1"), nil), http.StatusOK, "its report")
			for _, n := range []string{"ledgersFiled", "findingsOpen", "findingsOverdue"} {
				want := jsonOf(report.at("totals.counts." + n))
				alone := regexp.MustCompile(`(^|[^0-9.])` + want + `([^0-9.]|\.(\D|$)|$)`) // no part of another number
				if !alone.MatchString(brief.text("zh")) || !alone.MatchString(brief.text("en")) {
					t.Errorf("%s: %s is %s, the paragraph says: %s %s", who, n, want, brief.text("zh"), brief.text("en"))
				}
			}
		}
		w.want(w.call("bureau", "GET", "/progress/baseline", nil), http.StatusOK, "the letter's figures")
		w.want(w.call("bureau", "GET", "/ledgers?asOf="+string(today), nil), http.StatusUnprocessableEntity, "a day without a number")
		w.want(w.call("bureau", "GET", "/findings?counted=findingsOpen&asOf="+string(today.Add(2)), nil), http.StatusUnprocessableEntity, "a day to come")
		for filter, value := range map[string]string{"asOf": string(today), "jurisdiction": "baoan", "knownSeq": "x"} {
			w.want(w.call("bureau", "POST", "/exports", map[string]any{"list": "findings", "filters": map[string]any{filter: value}}), http.StatusUnprocessableEntity, filter+" without a number")
		}
		w.want(w.call("bureau", "POST", "/exports", map[string]any{"list": "findings", "filters": map[string]any{"counted": "patrols"}}), http.StatusUnprocessableEntity, "a number that is not made of findings")
	})
}

// walked is a completed patrol: where its events are sent, and the event of its start.
func (w *world) walked(p place) (path, start string) {
	w.t.Helper()
	at, start := w.DB.Now(), string(models.NewID())
	v := w.want(w.call("baoan-1", "POST", "/patrols", map[string]any{"parkId": p.Park.ID, "kind": "daily"}), http.StatusCreated, "log a patrol")
	path = "/patrols/" + v.text("id") + "/events"
	sent := w.want(w.call("baoan-1", "POST", path, map[string]any{"events": []any{map[string]any{"id": start, "type": "start", "at": at},
		map[string]any{"id": models.NewID(), "type": "answer", "at": at, "item": "L1", "result": "asRequired"},
		map[string]any{"id": models.NewID(), "type": "end", "at": at}}}), http.StatusOK, "walk")
	if sent.text("patrol.state") != "completed" {
		w.t.Fatalf("walked: %s", sent.raw)
	}
	return path, start
}

// correct moves what the number of the log before does not know of.
func (w *world) correct(p place) {
	w.t.Helper()
	filed := w.want(w.call("park-a", "GET", "/ledgers?state=filed&parkId="+string(p.Park.ID), nil), 200, "what stands")
	for i, item := range filed.body["items"].([]any) {
		path := "/ledgers/" + item.(map[string]any)["id"].(string)
		switch i % 3 {
		case 0:
			w.call("park-a", "POST", path+"/return", map[string]any{"reason": "数值与原始记录不符"})
		case 1:
			w.call("park-a", "POST", path+"/acceptance", nil)
		}
	}
	open := w.want(w.call("baoan-1", "GET", "/findings?parkId="+string(p.Park.ID), nil), 200, "findings")
	for i, item := range open.body["items"].([]any) {
		path := "/findings/" + item.(map[string]any)["id"].(string)
		switch i % 3 {
		case 0:
			w.call("baoan-1", "POST", path+"/referral", map[string]any{"basis": "suspectedViolation", "reason": "疑似偷排废水"})
		case 1:
			w.call("baoan-1", "POST", path+"/notice", map[string]any{"recipient": "park"})
		default:
			w.call("baoan-2", "POST", path+"/review", map[string]any{"result": "close"})
		}
	}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
