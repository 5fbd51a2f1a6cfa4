package seed_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/task"
	"parkregistry/policies"
	"parkregistry/seed"
)

const (
	// anchor is the day of the demonstration city in tests; the clock stands at its noon.
	anchor   code.Day = "2026-11-24"
	password          = "示例城市的口令 2026"
	tiny              = 0.05
)

func noon() time.Time { return anchor.Start().Add(12 * time.Hour) }

func accounts(db *models.DB) *account.Service {
	return account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile())
}

func store(t *testing.T) *files.Store {
	t.Helper()
	s, err := files.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func demo(t *testing.T, db *models.DB, day code.Day) seed.Made {
	t.Helper()
	began := time.Now()
	made, err := seed.Demo(context.Background(), db, seed.Options{Anchor: day, Password: password, Accounts: accounts(db), Files: store(t), Scale: tiny})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries, %d changes in %s", made.Entries, made.Changes, time.Since(began).Round(time.Millisecond))
	return made
}

// eachCity runs fn with a small demonstration city on each engine.
func eachCity(t *testing.T, fn func(t *testing.T, db *models.DB)) {
	dbtest.EachWith(t, dbtest.Options{Clock: noon}, func(t *testing.T, db *models.DB) {
		demo(t, db, anchor)
		fn(t, db)
	})
}

// all reads every row of a table as the program itself.
func all[T models.Scoped](t *testing.T, db *models.DB) []T {
	t.Helper()
	var rows []T
	err := db.Write(program(db), func(tx *models.Tx) error { return tx.Program().Find(&rows).Error })
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		t.Fatalf("no row in %T", *new(T))
	}
	return rows
}

// business are the tables whose rows the same anchor makes the same, with their
// order. Users are left out: their passwords are hashed with a salt of the moment.
var business = map[string]string{"parks": "id", "phases": "id", "enterprises": "id", "enterprise_names": "id", "sites": "id", "tenancies": "id", "permits": "id",
	"facilities": "id", "outlets": "id", "outlet_limits": "id", "streams": "id", "shutdowns": "id", "registry_versions": "id", "personal_fields": "object_id, field",
	"ledger_entries": "id", "ledger_filings": "id", "ledger_steps": "id", "ledger_items": "filing_id, path", "ledger_limit_sets": "id", "ledger_exceedances": "id", "waste_batches": "id", "patrols": "id", "patrol_events": "id", "findings": "id", "attachments": "id",
	"finding_steps": "id", "pilot_steps": "id", "assessments": "id", "assessment_steps": "id", "assessment_marks": "id", "grades": "id", "grade_steps": "id", "programmes": "id", "tasks": "id", "task_steps": "id", "draws": "id", "draw_tasks": "draw_id, site_id", "park_day_counts": "park_id, measure, about_on, known_on", "park_period_counts": "span, about_in, known_in, park_id, measure", "numbers": "kind, year", "changes": "seq"}

// digests are the tables' contents, each as one hash.
func digests(t *testing.T, db *models.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for table, order := range business {
		where := ""
		if table == "changes" {
			where = " WHERE seq IS NOT NULL" // the others are those of the accounts
		}
		rows, err := db.SQL().QueryContext(t.Context(), "SELECT * FROM "+table+where+" ORDER BY "+order)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		sum, n := sha256.New(), 0
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		for rows.Next() {
			n++
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			for _, c := range cells {
				fmt.Fprintf(sum, "%v|", *c.(*any))
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		if n == 0 {
			t.Errorf("%s is empty", table)
		}
		out[table] = hex.EncodeToString(sum.Sum(nil))
	}
	return out
}

// A city costs seconds to make: the one that a second start must leave alone is one of
// those that are compared.
func TestDemoIsTheSameEachTime(t *testing.T) {
	made := map[string]map[string]string{}
	for _, run := range []struct {
		name string
		day  code.Day
	}{{"first", anchor}, {"second", anchor}, {"other day", anchor.Add(1)}} {
		dbtest.EachWith(t, dbtest.Options{Clock: noon}, func(t *testing.T, db *models.DB) {
			demo(t, db, run.day)
			made[run.name+string(db.Engine)] = digests(t, db)
			if run.name == "second" {
				twice(t, db)
				for table, digest := range digests(t, db) {
					if digest != made[run.name+string(db.Engine)][table] {
						t.Errorf("a second start changed %s", table)
					}
				}
			}
		})
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		first, second, other := made["first"+engine], made["second"+engine], made["other day"+engine]
		for table := range first {
			if first[table] != second[table] {
				t.Errorf("%s: two runs with one anchor made different rows of %s", engine, table)
			}
			if first[table] == other[table] && table != "numbers" {
				t.Errorf("%s: another anchor made the same rows of %s", engine, table)
			}
		}
	}
}

// twice starts the demonstration where one already is, on a later day.
func twice(t *testing.T, db *models.DB) {
	again, err := seed.Demo(context.Background(), db, seed.Options{Anchor: anchor.Add(9), Password: password, Accounts: accounts(db), Files: store(t), Scale: tiny})
	if err != nil || !again.Already || again.Anchor != anchor || len(again.Usernames) != 11 {
		t.Fatalf("a second start answers %+v: %v", again, err)
	}
}

func TestDemoRefusesRealRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		reference(t, db)
		places(t, db)
		_, err := seed.Demo(context.Background(), db, seed.Options{Password: password, Accounts: accounts(db), Files: store(t), Scale: tiny})
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("a database with real places answers %v, want conflict", err)
		}
		var demos int64
		if err := db.Visible(program(db), policies.ParkRead, &registry.Park{}).Where("demo = ?", true).Count(&demos).Error; err != nil || demos != 0 {
			t.Errorf("%d made-up parks beside real ones: %v", demos, err)
		}
	})
}

// TestDemo looks at one city of each engine from every side.
func TestDemo(t *testing.T) {
	eachCity(t, func(t *testing.T, db *models.DB) {
		for name, look := range map[string]func(*testing.T, *models.DB){"marked": isMarked, "rules": obeysTheRules, "log": agreesWithItsLog, "accounts": letsAccountsIn, "progress": hasGoodAndBadParks, "baseline": hasBaseline, "reviews": hasReviews, "screen": isNotOdd, "limits": isJudged, "dues": isMostlyInTime} {
			t.Run(name, func(t *testing.T) { look(t, db) })
		}
		t.Run("move", func(t *testing.T) { movesWhole(t, db) })
	})
}

// movesWhole: a park that goes to another district takes its rows with it, of every table
// that says where a row stands, and the log still agrees with all of them.
func movesWhole(t *testing.T, db *models.DB) {
	const to = "pingshan"
	bureau := policies.With(context.Background(), db.Policy.Actor("0190a000-0000-7000-8000-00000000b0b0", "bureau", []policies.Assignment{{User: "0190a000-0000-7000-8000-00000000b0b0", Role: policies.BureauAdmin, From: "2020-01-01"}}, db.Today()))
	parks := all[registry.Park](t, db)
	park := parks[slices.IndexFunc(parks, func(p registry.Park) bool { return p.Code == "SZ-01" })]
	if _, err := inspection.New(db, accounts(db)).PublishDraw(bureau, "", inspection.DrawInput{ParkID: string(park.ID), Count: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.New(db).LockPeriod(bureau, "", ledger.PeriodInput{From: "2026-09-01", To: "2026-09-30", ParkID: string(park.ID), Reason: "九月已经核对"}); err != nil {
		t.Fatal(err)
	}
	_, err := registry.New(db, noJobs{}).UpdatePark(bureau, park.ID, park.Version, func(in registry.ParkInput) (registry.ParkInput, error) {
		in.Jurisdiction, in.StreetCode = to, string(code.StreetsOf(to)[0])
		return in, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(program(db), func(tx *models.Tx) error { return registry.RewriteJurisdiction(tx, park.ID) }); err != nil {
		t.Fatal(err)
	}
	for _, table := range registry.Following() {
		var rows, left int
		err := db.SQL().QueryRowContext(t.Context(), "SELECT COUNT(*), COALESCE(SUM(CASE WHEN jurisdiction = '"+to+"' THEN 0 ELSE 1 END), 0) FROM "+table+" WHERE park_id = '"+string(park.ID)+"'").Scan(&rows, &left)
		if err != nil || rows == 0 && table != "imports" || left > 0 { // nobody imports in the demonstration
			t.Errorf("%s: %d of %d rows stayed in the old district, %v", table, left, rows, err)
		}
	}
	holds(t, db)
}

// isJudged: every reading at an outlet was judged when it was filed, some were over
// their limit, and permits, approvals and tables all decide somewhere.
func isJudged(t *testing.T, db *models.DB) {
	verdicts, bases := map[discharge.Verdict]int{}, map[string]int{}
	for _, f := range all[ledger.Filing](t, db) {
		var judged []ledger.Judged
		if strings.Contains(f.Payload, `"pollutant"`) {
			if err := json.Unmarshal([]byte(f.Judged), &judged); err != nil || len(judged) == 0 {
				t.Fatalf("filing %s is judged %q: %v", f.ID, f.Judged, err)
			}
		}
		for _, j := range judged {
			verdicts[j.Verdict]++
			bases[j.Basis]++
		}
	}
	if len(verdicts) != 2 || verdicts[discharge.Within] < 50*verdicts[discharge.Exceeded] || verdicts[discharge.Exceeded] == 0 {
		t.Errorf("the verdicts are %v", verdicts)
	}
	for _, basis := range []string{"permit", "eia", "local"} {
		if bases[basis] == 0 {
			t.Errorf("no reading is judged by %s: %v", basis, bases)
		}
	}
}

// hasBaseline: the letter's figures, with today's number where both count the same.
func hasBaseline(t *testing.T, db *models.DB) {
	if _, err := seed.Reference(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	_, figures, err := progress.New(db, audit.New(db), registry.New(db, noJobs{})).Baseline(program(db), progress.Question{})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"pilot_parks": "31", "jiangbi_applied": "21", "jiangbi_passed": "14", "jewellery_firms": "200", "biopharma_firms": "74", "permits": "4191", "drainage_households": "376700",
		"estates_done": "18355", "estates_left": "209", "cp_firms": "81", "closures": "21", "cases": "9896", "fines": "8.13", "criminal": "119", "subsidy_upgrade": "1000", "subsidy_renewal": "500",
		"subsidy_move": "50", "sinopec_stations": "118"}
	for _, f := range figures {
		var data struct{ Value json.Number }
		if err := json.Unmarshal([]byte(f.Data), &data); err != nil || f.Source == "" {
			t.Errorf("%s: %v, source %q", f.Code, err, f.Source)
		}
		if want, asked := values[f.Code]; asked && string(data.Value) != want {
			t.Errorf("%s is %s, the letter says %s", f.Code, data.Value, want)
		}
		if f.NameZh == "" || f.NameEn == "" {
			t.Errorf("%s is named %q and %q", f.Code, f.NameZh, f.NameEn)
		}
		if counted := f.Code == "permits" || f.Code == "jewellery_firms" || f.Code == "biopharma_firms"; counted && (f.Today == nil || *f.Today == 0 || f.Of.Key == "") {
			t.Errorf("%s today: %v of %q", f.Code, f.Today, f.Of.Key)
		}
		if f.Code == "pilot_parks" && (f.Today == nil || *f.Today != 31) || f.Code == "fines" && f.Today != nil {
			t.Errorf("%s today: %v", f.Code, f.Today)
		}
		delete(values, f.Code)
	}
	if len(values) > 0 {
		t.Errorf("figures of the letter that are missing: %v", values)
	}
}

// hasGoodAndBadParks: a report in which every park gets the same says nothing.
func hasGoodAndBadParks(t *testing.T, db *models.DB) {
	report, err := progress.New(db, audit.New(db), registry.New(db, noJobs{})).Report(program(db), progress.Question{})
	if err != nil {
		t.Fatal(err)
	}
	points := map[string]map[string]int{}
	for _, p := range report.Parks {
		for _, r := range p.Results {
			if points[r.Item.ID] == nil {
				points[r.Item.ID] = map[string]int{}
			}
			if r.Applies() {
				points[r.Item.ID][r.Earned.FloatString(1)]++
			}
		}
	}
	for _, item := range []string{"A7", "C4", "D3"} {
		if len(points[item]) < 2 {
			t.Errorf("%s is worth the same in every park: %v", item, points[item])
		}
	}
}

// isMostlyInTime: what the permits of the city ask for is mostly filed in time, some
// late or long afterwards, some not at all, some excused by a shut-down; not every
// park keeps its ledger equally well.
func isMostlyInTime(t *testing.T, db *models.DB) {
	ctx := program(db)
	svc := obligation.New(db, registry.New(db, noJobs{}), ledger.New(db), audit.New(db))
	area, err := svc.Summary(ctx, obligation.Filter{From: anchor.Add(-89)}, obligation.MomentInput{})
	if err != nil {
		t.Fatal(err)
	}
	owed := func(c obligation.Counts) int64 {
		return c[obligation.OnTime] + c[obligation.Late] + c[obligation.Backfilled] + c[obligation.Missing]
	}
	all := owed(area.Totals)
	for _, want := range []struct {
		state     obligation.State
		low, high int64 // thousandths of what was owed
	}{{obligation.OnTime, 800, 950}, {obligation.Late, 20, 100}, {obligation.Backfilled, 5, 50}, {obligation.Missing, 20, 100}, {obligation.Unclear, 0, 20}} {
		if n := area.Totals[want.state]; n*1000 < want.low*all || n*1000 > want.high*all {
			t.Errorf("%d of %d are %s: not between %d and %d of a thousand", n, all, want.state, want.low, want.high)
		}
	}
	t.Logf("of %d owed in 90 days: %v", all, area.Totals)
	if area.Totals[obligation.Due] == 0 || area.Totals[obligation.EventDriven] == 0 {
		t.Errorf("nothing is due, or nothing goes by the batch: %v", area.Totals)
	}
	good, bad := 0, 0
	for _, p := range area.Parks {
		switch missing := p.Totals[obligation.Missing]; {
		case owed(p.Totals) < 10:
		case missing*100 < 3*owed(p.Totals):
			good++
		case missing*100 > 8*owed(p.Totals):
			bad++
		}
	}
	if good == 0 || bad == 0 {
		t.Errorf("%d parks miss less than three of a hundred, %d more than eight: none differs", good, bad)
	}
	stopped, err := svc.List(ctx, obligation.Filter{State: obligation.Excused, Class: "treatmentFacility.wastewater", From: anchor.Add(-360)}, obligation.MomentInput{}, models.Query{Limit: 200})
	if err != nil || !slices.ContainsFunc(stopped.Items, func(o obligation.Obligation) bool {
		return o.Reason == obligation.ShutDown && strings.Contains(o.Stop.Reason, "示例")
	}) {
		t.Errorf("nothing is excused by a shut-down: %v", err)
	}
}

// isNotOdd: nothing in the city was made to be odd, so that each rule of the screen
// that speaks is wrong; it may be in one of a hundred.
func isNotOdd(t *testing.T, db *models.DB) {
	report, err := ledger.New(db).Screen(program(db), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Rules {
		t.Logf("%-17s of %5d entries speaks about %d", r.Rule, r.Looked, r.Hits)
		if r.Hits*100 > r.Looked {
			t.Errorf("%s speaks about %d of %d entries: %v", r.Rule, r.Hits, r.Looked, r.Examples)
		}
		if r.Looked == 0 {
			t.Errorf("%s had nothing to look at", r.Rule)
		}
	}
}

// isMarked holds that nobody can take a made-up row for a real one.
func isMarked(t *testing.T, db *models.DB) {
	marked := func(what, name string, demo bool) {
		if !strings.Contains(name, "示例") || !demo {
			t.Errorf("%s %q is not marked", what, name)
		}
	}
	parks := all[registry.Park](t, db)
	if len(parks) != 31 {
		t.Errorf("%d parks", len(parks))
	}
	states := map[string]bool{}
	jurisdictions := map[string]int{}
	for _, p := range parks {
		marked("park", models.Deref(p.Name), p.Demo)
		if p.PilotConfirmed || p.Confidence != "derived" || !strings.Contains(p.Source, "示例") {
			t.Errorf("%s: confirmed, or a source that says something else than made up: %s", p.Code, p.Source)
		}
		states[p.PilotState] = true
		jurisdictions[models.Deref(p.Jurisdiction)]++
	}
	if len(states) != 9 || len(jurisdictions) != len(code.Jurisdictions()) || min(jurisdictions["baoan"], jurisdictions["longgang"], jurisdictions["dapeng"]) < 2 {
		t.Errorf("pilot stages %v, jurisdictions %v", states, jurisdictions)
	}
	for _, e := range all[registry.Enterprise](t, db) {
		marked("enterprise", e.Name, e.Demo)
	}
	for _, f := range all[registry.Facility](t, db) {
		marked("facility", f.Name, f.Demo)
	}
	for _, o := range all[registry.Outlet](t, db) {
		marked("outlet", o.Name, o.Demo)
	}
	for _, s := range all[registry.Shutdown](t, db) {
		marked("shut-down", s.Reason, s.Demo)
	}
	for _, e := range all[ledger.Entry](t, db) {
		marked("entry", "示例", e.Demo)
	}
	for _, f := range all[inspection.Finding](t, db) {
		marked("finding", f.Description, f.Demo)
	}
	for _, u := range all[account.User](t, db) {
		marked("user", u.DisplayName, u.Demo)
	}
}

// obeysTheRules reads every row back through the parser of its own kind.
func obeysTheRules(t *testing.T, db *models.DB) {
	holds := func(what string, id models.ID, err error) {
		if err != nil {
			t.Errorf("%s %s: %v", what, id, err)
		}
	}
	ctx := program(db)
	svc := registry.New(db, noJobs{})
	for _, r := range all[registry.Park](t, db) {
		_, err := r.Input().Parse()
		holds("park", r.ID, err)
	}
	for _, r := range all[registry.Enterprise](t, db) {
		whole, err := svc.Enterprise(ctx, r.ID)
		holds("enterprise", r.ID, err)
		_, err = whole.Input().Parse()
		holds("enterprise", r.ID, err)
		_, err = code.ParseCreditCode(r.CreditCode)
		holds("credit code", r.ID, err)
	}
	holders := map[models.ID]string{}
	for _, r := range all[registry.Enterprise](t, db) {
		holders[r.ID] = r.CreditCode
	}
	for _, r := range all[registry.Permit](t, db) {
		_, err := r.Input().Parse()
		holds("permit", r.ID, err)
		if r.Number[:18] != holders[models.Deref(r.EnterpriseID)] {
			t.Errorf("permit %s is not its holder's", r.Number)
		}
	}
	for _, r := range all[registry.Facility](t, db) {
		_, err := r.Input().Parse()
		holds("facility", r.ID, err)
	}
	for _, r := range all[registry.Outlet](t, db) {
		_, err := r.Input().Parse()
		holds("outlet", r.ID, err)
	}
	for _, r := range all[registry.Stream](t, db) {
		_, err := r.Input().Parse()
		holds("stream", r.ID, err)
	}
	for _, r := range all[registry.Shutdown](t, db) {
		_, err := r.Input().Parse()
		holds("shut-down", r.ID, err)
	}
	classes := map[models.ID]string{}
	for _, e := range all[ledger.Entry](t, db) {
		classes[e.ID] = e.Class
	}
	met, batches := map[string]bool{}, map[string]bool{}
	for _, r := range all[ledger.Filing](t, db) {
		class, ok := ledger.ClassOf(classes[r.EntryID])
		if !ok {
			t.Fatal("no class", classes[r.EntryID])
		}
		_, err := class.Complete([]byte(r.Payload))
		holds("filing", r.ID, err)
		met[class.Code] = true
		for _, b := range regexp.MustCompile(`"batchCode":"(HW[^"]*)"`).FindAllStringSubmatch(r.Payload, -1) {
			batches[class.Code+b[1][:4]] = true
		}
	}
	for _, class := range []string{"treatmentFacility.wastewater", "treatmentFacility.gas", "monitoring.manual", "hazardousWaste.generated", "hazardousWaste.sentOut", "generalWaste.monthly",
		"park.emergencySupplies", "park.emergencyDrill", "park.training",
		"park.centralFacility", "park.solidWasteCollection", "park.solidWasteTransfer"} {
		if !met[class] {
			t.Errorf("nothing is filed in %s", class)
		}
	}
	if !batches["hazardousWaste.sentOutHWCS"] {
		t.Error("no batch that was sent out says what it was made of")
	}
}

// agreesWithItsLog holds that the log is without gaps and in the order of
// time, and that the summary says what the rows say.
func agreesWithItsLog(t *testing.T, db *models.DB) {
	sums := map[string]int64{}
	var numbered int64
	var before time.Time
	err := db.Write(program(db), func(tx *models.Tx) error {
		var changes []audit.Change
		if err := tx.Program().Where("seq IS NOT NULL").Order("seq").Find(&changes).Error; err != nil {
			return err
		}
		for _, c := range changes {
			if *c.Seq != numbered || c.At.Before(before) || !c.SealedAt.Equal(c.At) || code.DayOf(c.At) >= anchor {
				t.Fatalf("change %d at %s comes after number %d at %s", *c.Seq, c.At, numbered-1, before)
			}
			numbered, before = numbered+1, c.At
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all[audit.DayCount](t, db) {
		sums[c.Measure] += c.N
		ripens := slices.Contains([]string{inspection.MeasureDue, inspection.MeasureInTime, inspection.MeasureOverdue}, c.Measure) // on a day to come
		if c.KnownOn < c.AboutOn && !ripens || c.KnownOn >= anchor {
			t.Errorf("%s about %s is known on %s", c.Measure, c.AboutOn, c.KnownOn)
		}
	}
	rows := map[string]int64{}
	states := map[ledger.State]bool{}
	numbers := map[string]bool{}
	for _, e := range all[ledger.Entry](t, db) {
		states[e.State] = true
		if numbers[e.Number] || e.Number == "" {
			t.Errorf("number %q stands twice", e.Number)
		}
		numbers[e.Number] = true
		switch e.State {
		case ledger.Accepted:
			rows[ledger.MeasureAccepted]++
			fallthrough
		case ledger.Filed:
			rows[ledger.MeasureFiled]++
			if e.Late() {
				rows[ledger.MeasureLate]++
			}
		case ledger.Returned:
			rows[ledger.MeasureReturned]++
		case ledger.Voided:
			rows[ledger.MeasureVoided]++
		}
	}
	met := map[inspection.State]bool{}
	for _, f := range all[inspection.Finding](t, db) {
		met[f.State] = true
		rows[inspection.MeasureOpened]++
		if f.State != inspection.Closed && f.State != inspection.Withdrawn {
			rows[inspection.MeasureOpen]++
		}
	}
	for measure, want := range rows {
		if sums[measure] != want {
			t.Errorf("the summary says %s %d, the rows %d", measure, sums[measure], want)
		}
	}
	if len(met) != len(inspection.States()) {
		t.Errorf("findings are in the states %v only", met)
	}
	for _, s := range []ledger.State{ledger.Filed, ledger.Accepted} {
		if !states[s] {
			t.Errorf("no entry is %s", s)
		}
	}
	holds(t, db)
	var next string
	err = db.Write(program(db), func(tx *models.Tx) error { var err error; next, err = tx.Number(models.LedgerNumber); return err })
	if err != nil || numbers[next] {
		t.Errorf("the next number %s is taken: %v", next, err)
	}
}

// holds verifies the log and every row that it speaks of.
func holds(t *testing.T, db *models.DB) {
	t.Helper()
	report, err := audit.Verify(program(db), db, audit.Against{Sources: slices.Concat(registry.Verifiable(), ledger.Verifiable(), inspection.Verifiable(), assessment.Verifiable(), grade.Verifiable(), task.Verifiable(), account.Verifiable(), files.Verifiable(nil))})
	if err != nil || report.Bad != nil {
		t.Errorf("the log does not hold: %+v, %v", report.Bad, err)
	}
}

// letsAccountsIn signs in as each and looks at what it sees.
func letsAccountsIn(t *testing.T, db *models.DB) {
	want := map[string]int{"bureau": 31, "analyst": 31, "auditor": 31, "district-baoan": 5, "district-baoan-2": 5, "district-longgang": 6, "district-dapeng": 3,
		"park-jiangbi": 1, "park-zhonghe": 1, "enterprise-demo": 1, "admin": 0}
	svc := registry.New(db, noJobs{})
	users := all[account.User](t, db)
	for _, u := range users {
		parks, known := want[u.Username]
		if !known {
			if u.DisabledAt == nil {
				t.Errorf("%s could sign in", u.Username)
			}
			continue
		}
		delete(want, u.Username)
		var held []policies.Assignment
		for _, a := range all[account.Assignment](t, db) {
			if a.UserID == u.ID {
				role, _ := policies.RoleOf(a.Role)
				held = append(held, policies.Assignment{ID: string(a.ID), User: string(u.ID), Role: role, Jurisdiction: models.Deref(a.Jurisdiction), Park: string(models.Deref(a.ParkID)),
					Enterprise: string(models.Deref(a.EnterpriseID)), From: a.StartsOn})
			}
		}
		ctx := policies.With(context.Background(), db.Policy.Actor(string(u.ID), u.Username, held, db.Today()))
		page, err := svc.Parks(ctx, registry.ParkFilter{}, models.Query{Limit: 200})
		if u.Username == "admin" {
			if !fault.Is(err, fault.Denied) && len(page.Items) > 0 {
				t.Errorf("admin sees %d parks: %v", len(page.Items), err)
			}
			continue
		}
		if err != nil || len(page.Items) != parks {
			t.Errorf("%s sees %d parks, want %d: %v", u.Username, len(page.Items), parks, err)
		}
	}
	if len(want) > 0 {
		t.Errorf("missing accounts %v", want)
	}
}

// hasReviews: every list of the pilot, of assessments and of grades has rows in each
// of its states; parks stand where their last step led; and what an assessment took
// from the register is what the register says of that day.
func hasReviews(t *testing.T, db *models.DB) {
	last := map[models.ID]registry.PilotStep{}
	for _, s := range all[registry.PilotStep](t, db) {
		if l, there := last[s.ParkID]; !there || l.At.Before(s.At) {
			last[s.ParkID] = s
		}
	}
	for _, p := range all[registry.Park](t, db) {
		if last[p.ID].ToState != p.Pilot() || p.DesignatedOn == nil != (p.Pilot() == registry.Nominated) {
			t.Errorf("%s is %s, its last step led to %s", p.Code, p.PilotState, last[p.ID].ToState)
		}
	}
	heads, states := map[models.ID]assessment.Assessment{}, map[assessment.State]int{}
	for _, a := range all[assessment.Assessment](t, db) {
		heads[a.ID] = a
		states[a.State]++
	}
	for _, s := range assessment.States() {
		if states[s] == 0 {
			t.Errorf("no assessment is %s: %v", s, states)
		}
	}
	reg, trail := registry.New(db, noJobs{}), audit.New(db)
	measures := progress.Measures{Reports: progress.New(db, trail, reg), Duties: obligation.New(db, reg, ledger.New(db), trail), Walks: inspection.New(db, alone{})}
	sides, compared := map[assessment.Side]int{}, 0
	for _, m := range all[assessment.Mark](t, db) {
		sides[m.Side]++
		item, _ := assessment.Draft().Item(m.Item)
		r, computed := m.Ratio()
		if !computed || item.Metric != assessment.MetricPermits && item.Metric != assessment.MetricFiles && item.Metric != assessment.MetricOutlets {
			continue // the others count what was filed and closed since then
		}
		now, err := measures.Measure(program(db), heads[m.AssessmentID].ParkID, code.DayOf(m.At))
		if compared++; err != nil || now[item.Metric] != r {
			t.Errorf("%s of %s: %v then, the register says %v: %v", m.Item, heads[m.AssessmentID].ParkID, r, now[item.Metric], err)
		}
	}
	if compared == 0 || len(sides) != 3 {
		t.Errorf("%d ratios compared, sides %v", compared, sides)
	}
	hasTasks(t, db)
	graded := map[string]bool{}
	for _, g := range all[grade.Grade](t, db) {
		graded[string(g.Kind)+string(g.State)] = true
	}
	if len(graded) < 6 { // a small city
		t.Errorf("grades are %v", graded)
	}
}

// hasTasks: draws that come out again, and one that waits; a table with each state, and goals that the registry judges both ways, one
// of them overridden.
func hasTasks(t *testing.T, db *models.DB) {
	t.Helper()
	ask := policies.With(context.Background(), db.Policy.Actor("x", "bureau", []policies.Assignment{{User: "x", Role: policies.BureauAdmin, From: "2020-01-01"}}, db.Today()))
	table, err := task.New(db, progress.New(db, audit.New(db), registry.New(db, noJobs{})), nil).List(ask, task.Filter{}, progress.Question{}, models.Query{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	states, judged, overridden, delayed := map[task.State]bool{}, map[bool]bool{}, false, false
	for _, s := range table.Items {
		states[s.State] = true
		if s.Figure != nil {
			judged[s.Figure.Met] = true
		}
		overridden, delayed = overridden || s.Override != "", delayed || s.Delayed
	}
	drawn := map[bool]bool{}
	for _, d := range all[inspection.Draw](t, db) {
		r, err := inspection.New(db, nil).DrawOf(ask, d.ID)
		if err != nil || !r.Agrees {
			t.Errorf("%s does not come out again: %v", d.Number, err)
		}
		drawn[d.DrawnAt != nil] = true
	}
	walked := map[inspection.RoundState]int{}
	for _, p := range all[registry.Park](t, db) { // in no order: PostgreSQL moves a row that was changed
		if p.Code != "SZ-01" && p.Code != "SZ-02" {
			continue
		}
		a, err := inspection.New(db, alone{}).Rounds(ask, p.ID, inspection.RoundsQuestion{})
		if err != nil {
			t.Fatal(err)
		}
		for state, n := range a.Count {
			walked[state] += n
		}
	}
	if walked[inspection.RoundDone] == 0 || walked[inspection.RoundMissed] == 0 || walked[inspection.RoundDue] == 0 {
		t.Errorf("planned patrols: %v", walked)
	}
	if len(drawn) != 2 {
		t.Errorf("draws that are drawn: %v", drawn)
	}
	if len(states) != len(task.States()) || len(judged) != 2 || !overridden || !delayed {
		t.Errorf("the task table of the city: states %v, judged %v, overridden %v, delayed %v", states, judged, overridden, delayed)
	}
}

// alone stands for the accounts where nobody's turn is asked for.
type alone struct{ inspection.Accounts }

// Members implements inspection.Accounts.
func (alone) Members(context.Context, policies.Organisation) ([]models.ID, error) { return nil, nil }
