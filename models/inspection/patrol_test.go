package inspection_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

func (w world) patrol() inspection.PatrolInput {
	return inspection.PatrolInput{ParkID: string(w.BaoanA.Park.ID), Kind: "daily", Officers: []inspection.Officer{{Name: "陈工"}}, Weather: "晴"}
}

func (w world) inspection() inspection.PatrolInput {
	in := w.patrol()
	in.Nature, in.Kind = inspection.NatureInspection, "random"
	in.Officers = []inspection.Officer{{Name: "陈工", Certificate: "粤B-001"}, {Name: "林工", Certificate: "粤B-002"}}
	return in
}

// event makes an event; edit may be nil.
func event(typ inspection.EventType, at string, edit func(*inspection.EventInput)) inspection.EventInput {
	e := inspection.EventInput{ID: string(models.NewID()), Type: typ, At: "2026-11-24T" + at + ":00+08:00"}
	if edit != nil {
		edit(&e)
	}
	return e
}

// wholeWalk is a patrol from start to end with one item that is not as required.
func wholeWalk() []inspection.EventInput {
	finding := string(models.NewID())
	return []inspection.EventInput{
		event(inspection.EventStart, "09:00", func(e *inspection.EventInput) {
			e.Position = &inspection.PositionInput{Longitude: "113.88", Latitude: "22.55", AccuracyM: "12.5", Datum: "GCJ-02"}
		}),
		event(inspection.EventArrive, "09:10", func(e *inspection.EventInput) { e.Object = "废水处理站" }),
		event(inspection.EventAnswer, "09:15", func(e *inspection.EventInput) { e.Item, e.Result = "T1", inspection.AsRequired }),
		event(inspection.EventAnswer, "09:20", func(e *inspection.EventInput) {
			e.Item, e.Result, e.Reason = "H1", inspection.NotAsRequired, "当场补贴标签"
		}),
		event(inspection.EventReading, "09:21", func(e *inspection.EventInput) { e.Quantity, e.Value = "pH", "6.8" }),
		event(inspection.EventPhoto, "09:22", func(e *inspection.EventInput) { e.SHA256, e.Item = strings.Repeat("0b", 32), "H1" }),
		event(inspection.EventFinding, "09:25", func(e *inspection.EventInput) { e.FindingID, e.Item = finding, "H1" }),
		event(inspection.EventNote, "09:30", func(e *inspection.EventInput) { e.Text = "企业陪同" }),
		event(inspection.EventEnd, "09:40", nil),
	}
}

func (w world) send(t testing.TB, ctx context.Context, id models.ID, events ...inspection.EventInput) inspection.BatchAnswer {
	t.Helper()
	return got(w.Record(ctx, id, inspection.BatchInput{Events: events}))(t)
}

func outcomes(a inspection.BatchAnswer) string {
	var all []string
	for _, r := range a.Results {
		all = append(all, r.Outcome)
	}
	return strings.Join(all, " ")
}

// TestNature: a park's patrol is never an inspection, and an inspection has two officers with papers.
func TestNature(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		one := w.inspection()
		one.Officers = one.Officers[:1]
		bare := w.inspection()
		bare.Officers[1].Certificate = ""
		twice := w.inspection()
		twice.Officers[1].Certificate = twice.Officers[0].Certificate
		alone := w.patrol()
		alone.Officers = nil
		for _, c := range []struct {
			name, who, pointer, rule string
			in                       inspection.PatrolInput
			code                     fault.Code
		}{
			{name: "a park patrols", who: "park", in: w.patrol()},
			{name: "a district patrols alone", who: "finder", in: alone},
			{name: "two officers inspect", who: "finder", in: w.inspection()},
			{name: "a park inspects", who: "park", in: w.inspection(), code: fault.Denied},
			{name: "one officer inspects", who: "finder", in: one, code: fault.Invalid, pointer: "/officers", rule: "twoOfficers"},
			{name: "an officer without papers", who: "finder", in: bare, code: fault.Invalid, pointer: "/officers/1/certificate", rule: "required"},
			{name: "one paper twice", who: "finder", in: twice, code: fault.Invalid, pointer: "/officers/1/certificate", rule: "doubled"},
			{name: "another district", who: "foreign district", in: w.patrol(), code: fault.NotFound},
			{name: "another park", who: "foreign park", in: w.patrol(), code: fault.NotFound},
			{name: "a firm", who: "firm", in: w.patrol(), code: fault.Denied},
			{name: "the bureau", who: "bureau", in: w.patrol(), code: fault.Denied},
		} {
			p, err := w.LogPatrol(w.people()[c.who], "", c.in)
			if fault.CodeOf(err) != c.code || c.pointer != "" && !breaks(err, c.pointer, c.rule) {
				t.Errorf("%s: %v, want %q", c.name, err, c.code)
			}
			if err == nil {
				if sum := w.counts(t, p.ID); len(sum) > 0 || !strings.HasPrefix(p.Number, "PT-2026-") {
					t.Errorf("%s: %s counts %v", c.name, p.Number, sum)
				}
			}
		}
	})
}

func TestPatrolSameID(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, id := w.Inspector("baoan"), models.NewID()
		first := got(w.LogPatrol(ctx, id, w.inspection()))(t)
		again := got(w.LogPatrol(ctx, id, w.inspection()))(t)
		if again.Number != first.Number || w.changes(t, id) != 1 {
			t.Errorf("again: %s after %s, %d changes", again.Number, first.Number, w.changes(t, id))
		}
		for name, change := range map[string]func(*inspection.PatrolInput){
			"another kind":    func(in *inspection.PatrolInput) { in.Kind = "special" },
			"another officer": func(in *inspection.PatrolInput) { in.Officers[0].Name = "黄工" },
			"a plan":          func(in *inspection.PatrolInput) { in.PlannedOn = today },
			"a start":         func(in *inspection.PatrolInput) { in.StartedAt = "2026-11-24T09:00:00+08:00" },
			"a firm":          func(in *inspection.PatrolInput) { in.EnterpriseID = string(w.BaoanA.Enterprise.ID) },
			"a nature":        func(in *inspection.PatrolInput) { in.Nature = "" },
		} {
			in := w.inspection()
			change(&in)
			if _, err := w.LogPatrol(ctx, id, in); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s under the same id: %v, want a conflict", name, err)
			}
		}
	})
}

// TestEvents: each event is answered by itself, and sending twice changes nothing.
func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		walk := wholeWalk()
		a := w.send(t, ctx, p.ID, walk...)
		if want := strings.TrimSpace(strings.Repeat("stored ", len(walk))); outcomes(a) != want || a.Walk.State != inspection.Completed {
			t.Fatalf("%s, %s", outcomes(a), a.Walk.State)
		}
		if w.changes(t, p.ID) != 2 || !maps.Equal(w.counts(t, p.ID), map[string]int{"patrol.completed": 1}) {
			t.Errorf("%d changes, counts %v", w.changes(t, p.ID), w.counts(t, p.ID))
		}
		if g := a.Walk; g.Events != 9 || g.Answers != 2 || g.Deviating != 1 || g.Photos != 1 || g.Findings != 1 || g.Voided != 0 {
			t.Errorf("counts %+v", g)
		}
		slices.Reverse(walk)
		b := w.send(t, ctx, p.ID, walk...)
		if want := strings.TrimSpace(strings.Repeat("repeated ", len(walk))); outcomes(b) != want || b.Patrol.Version != a.Patrol.Version || w.changes(t, p.ID) != 2 {
			t.Errorf("sent again backwards: %s, version %d after %d, %d changes", outcomes(b), b.Patrol.Version, a.Patrol.Version, w.changes(t, p.ID))
		}
		other := walk[1]
		other.Text = "别的内容"
		moved := walk[len(walk)-1]
		moved.Position = &inspection.PositionInput{Longitude: "113.89", Latitude: "22.55", AccuracyM: "12.5", Datum: "GCJ-02"}
		lost := walk[len(walk)-1]
		lost.Position = nil
		fresh := event(inspection.EventNote, "09:35", func(e *inspection.EventInput) { e.Text = "补充说明" })
		empty := event(inspection.EventNote, "09:36", nil)
		c := w.send(t, ctx, p.ID, other, moved, lost, empty, fresh, fresh)
		if outcomes(c) != "refused refused refused refused stored repeated" {
			t.Errorf("one after the other: %s", outcomes(c))
		}
		for i, want := range []fault.Code{fault.Conflict, fault.Conflict, fault.Conflict, fault.Invalid} {
			if c.Results[i].Code != want || len(c.Results[i].Violations) == 0 {
				t.Errorf("event %d refused as %s", i, c.Results[i].Code)
			}
		}
		if got, want := c.Results[3].Violations[0].Pointer, "/events/3/text"; got != want {
			t.Errorf("the fault is at %s, want %s", got, want)
		}
		page, places, err := w.Events(w.Auditor(), p.ID, models.Query{Limit: 3})
		if err != nil || len(page.Items) != 3 || page.Next == "" || len(places) != 1 {
			t.Fatalf("first page: %d events, %d positions, %v", len(page.Items), len(places), err)
		}
		place := places[page.Items[0].ID]
		if place.Datum != "GCJ-02" || place.Longitude != "113.88" || place.AccuracyM != "12.5" || page.Items[0].Body.V.Position == "" {
			t.Errorf("position %+v", place)
		}
		// The id of one patrol's event is free in another.
		q := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		if d := w.send(t, ctx, q.ID, fresh); outcomes(d) != "stored" {
			t.Errorf("in another patrol: %s", outcomes(d))
		}
	})
}

func TestEventRules(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		for _, c := range []struct {
			name, pointer, code string
			typ                 inspection.EventType
			edit                func(*inspection.EventInput)
		}{
			{"no id", "/id", "required", inspection.EventStart, func(e *inspection.EventInput) { e.ID = "" }},
			{"a short id", "/id", "id", inspection.EventStart, func(e *inspection.EventInput) { e.ID = "7" }},
			{"no time", "/at", "required", inspection.EventStart, func(e *inspection.EventInput) { e.At = "" }},
			{"a time without zone", "/at", "instant", inspection.EventStart, func(e *inspection.EventInput) { e.At = "2026-11-24T09:00:00" }},
			{"a negative running time", "/elapsedMs", "minimum", inspection.EventStart, func(e *inspection.EventInput) { e.ElapsedMs = new(int64(-1)) }},
			{"an unknown type", "/type", "enum", "track", nil},
			{"no type", "/type", "required", "", nil},
			{"arrived nowhere", "/object", "required", inspection.EventArrive, nil},
			{"an item that is not in the list", "/item", "unknown", inspection.EventAnswer, func(e *inspection.EventInput) { e.Item, e.Result = "X9", "asRequired" }},
			{"an answer without item", "/item", "required", inspection.EventAnswer, func(e *inspection.EventInput) { e.Result = "asRequired" }},
			{"an answer without result", "/result", "required", inspection.EventAnswer, func(e *inspection.EventInput) { e.Item = "T1" }},
			{"a result of its own", "/result", "enum", inspection.EventAnswer, func(e *inspection.EventInput) { e.Item, e.Result = "T1", "fine" }},
			{"a value asked for", "/value", "required", inspection.EventAnswer, func(e *inspection.EventInput) { e.Item = "W1" }},
			{"a reading without value", "/value", "required", inspection.EventReading, func(e *inspection.EventInput) { e.Quantity = "pH" }},
			{"a value that is no number", "/value", "decimal", inspection.EventReading, func(e *inspection.EventInput) { e.Quantity, e.Value = "pH", "6,8" }},
			{"a photograph without hash", "/sha256", "required", inspection.EventPhoto, nil},
			{"an empty note", "/text", "required", inspection.EventNote, nil},
			{"no finding", "/findingId", "required", inspection.EventFinding, nil},
			{"voided without reason", "/reason", "required", inspection.EventVoid, nil},
			{"an end with a hash", "/sha256", "unexpected", inspection.EventEnd, func(e *inspection.EventInput) { e.SHA256 = strings.Repeat("0b", 32) }},
			{"a void with a place", "/position", "unexpected", inspection.EventVoid, func(e *inspection.EventInput) {
				e.Reason, e.Position = "重复记录一次", &inspection.PositionInput{Longitude: "113.88", Latitude: "22.55", Datum: "WGS-84"}
			}},
			{"a place without datum", "/position/datum", "required", inspection.EventStart, func(e *inspection.EventInput) {
				e.Position = &inspection.PositionInput{Longitude: "113.88", Latitude: "22.55"}
			}},
			{"a place off the globe", "/position/longitude", "range", inspection.EventStart, func(e *inspection.EventInput) {
				e.Position = &inspection.PositionInput{Longitude: "181", Latitude: "22.55", Datum: "WGS-84"}
			}},
		} {
			e := event(c.typ, "09:00", c.edit)
			good := event(inspection.EventNote, "09:01", func(e *inspection.EventInput) { e.Text = "照常" })
			a := w.send(t, ctx, p.ID, e, good)
			if outcomes(a) != "refused stored" || !slices.ContainsFunc(a.Results[0].Violations, func(v fault.Violation) bool {
				return v.Pointer == "/events/0"+c.pointer && v.Code == c.code
			}) {
				t.Errorf("%s: %s, %v", c.name, outcomes(a), a.Results[0].Violations)
			}
		}
		for _, n := range []int{0, inspection.MaxBatch + 1} {
			if _, err := w.Record(ctx, p.ID, inspection.BatchInput{Events: make([]inspection.EventInput, n)}); !breaks(err, "/events", "size") {
				t.Errorf("%d events: %v", n, err)
			}
		}
	})
}

// TestClock: the device's clock is compared, not trusted.
func TestClock(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		for _, c := range []struct {
			at, server string
			elapsed    *int64
			want       *int64
		}{
			{"09:30", "2026-11-24T09:00:00+08:00", new(int64(1_800_000)), new(int64(0))},
			{"09:31", "2026-11-24T09:00:00+08:00", new(int64(1_800_000)), new(int64(60_000))},
			{"09:29", "2026-11-24T09:00:00+08:00", new(int64(1_800_000)), new(int64(-60_000))},
			{"09:29", "", nil, nil},
			{"09:29", "", new(int64(5)), nil},
			{"10:02", "", nil, new(int64(120_000))}, // ahead of the server, at least so much
		} {
			e := event(inspection.EventNote, c.at, func(e *inspection.EventInput) { e.Text, e.ServerAt, e.ElapsedMs = "时钟", c.server, c.elapsed })
			if a := w.send(t, ctx, p.ID, e); outcomes(a) != "stored" {
				t.Fatalf("%s: %v", c.at, a.Results)
			}
			page, _, err := w.Events(ctx, p.ID, models.Query{Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			for _, stored := range page.Items {
				if string(stored.ID) == e.ID && (!reflect.DeepEqual(stored.ClockErrorMs, c.want) || !stored.ReceivedAt.Equal(w.clock.now())) {
					t.Errorf("at %s: error %v, received %s", c.at, stored.ClockErrorMs, stored.ReceivedAt)
				}
			}
		}
	})
}

// TestWhoRecords: the patrol's own people only.
func TestWhoRecords(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		named := w.As("officer", policies.DistrictInspector, "baoan")
		actor, _ := policies.ActorFrom(named)
		in := w.patrol()
		in.Officers = append(in.Officers, inspection.Officer{Name: "林工", UserID: actor.User})
		p := got(w.LogPatrol(w.Inspector("baoan"), "", in))(t)
		who := w.people()
		who["named"] = named
		for name, want := range map[string]fault.Code{"finder": "", "named": "", "second inspector": fault.Conflict, "park": fault.Conflict, "foreign district": fault.NotFound,
			"foreign park": fault.NotFound, "firm": fault.Denied, "bureau": fault.Denied, "auditor": fault.Denied} {
			_, err := w.Record(who[name], p.ID, inspection.BatchInput{Events: wholeWalk()})
			if fault.CodeOf(err) != want {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
	})
}

// TestTwoPhones: two sendings of one patrol at once are both kept, each event once.
func TestTwoPhones(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		for range 5 {
			p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
			walk := wholeWalk()
			errs := make(chan error, 2)
			for _, part := range [][]inspection.EventInput{walk[:6], walk[3:]} {
				go func() { _, err := w.Record(ctx, p.ID, inspection.BatchInput{Events: part}); errs <- err }()
			}
			for range 2 {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			page, _, err := w.Events(ctx, p.ID, models.Query{Limit: 50})
			if err != nil || len(page.Items) != len(walk) || w.changes(t, p.ID) != 3 {
				t.Errorf("%d events, %d changes, %v", len(page.Items), w.changes(t, p.ID), err)
			}
			if sum := w.counts(t, p.ID); sum["patrol.completed"] != 1 {
				t.Errorf("counted as completed %d times", sum["patrol.completed"])
			}
		}
	})
}

func TestPatrolLists(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		a := got(w.LogPatrol(w.Inspector("baoan"), "", w.inspection()))(t)
		got(w.LogPatrol(w.ParkManager(w.BaoanA), "", w.patrol()))(t)
		w.clock.set("2026-11-25")
		in := w.patrol()
		in.ParkID, in.EnterpriseID = string(w.BaoanB.Park.ID), string(w.BaoanA.Enterprise.ID)
		got(w.LogPatrol(w.ParkManager(w.BaoanB), "", in))(t)
		who := w.people()
		for _, c := range []struct {
			who    string
			filter inspection.PatrolFilter
			want   int
		}{
			{"finder", inspection.PatrolFilter{}, 3},
			{"auditor", inspection.PatrolFilter{}, 3},
			{"park", inspection.PatrolFilter{}, 2},
			{"foreign park", inspection.PatrolFilter{}, 1},
			{"foreign district", inspection.PatrolFilter{}, 0},
			{"finder", inspection.PatrolFilter{ParkID: string(w.BaoanA.Park.ID)}, 2},
			{"finder", inspection.PatrolFilter{Nature: inspection.NatureInspection}, 1},
			{"finder", inspection.PatrolFilter{EnterpriseID: string(w.BaoanA.Enterprise.ID)}, 1},
			{"finder", inspection.PatrolFilter{From: "2026-11-25"}, 1},
			{"finder", inspection.PatrolFilter{To: today}, 2},
		} {
			page := got(w.Patrols(who[c.who], c.filter, models.Query{Limit: 50}))(t)
			if len(page.Items) != c.want {
				t.Errorf("%s with %+v sees %d, want %d", c.who, c.filter, len(page.Items), c.want)
			}
			walks := got(w.Walks(who[c.who], page.Items))(t)
			for _, p := range page.Items {
				if walks[p.ID].State != inspection.Planned {
					t.Errorf("%s is %s", p.Number, walks[p.ID].State)
				}
			}
		}
		for name, want := range map[string]fault.Code{"second inspector": "", "foreign district": fault.NotFound, "foreign park": fault.NotFound, "firm": fault.Denied} {
			if _, err := w.Patrol(who[name], a.ID); fault.CodeOf(err) != want {
				t.Errorf("%s reads it: %v", name, err)
			}
			if _, _, err := w.Events(who[name], a.ID, models.Query{Limit: 50}); fault.CodeOf(err) != want {
				t.Errorf("%s reads its events: %v", name, err)
			}
		}
	})
}

// TestEventsFrozen: events and what a patrol is stay; where it was can be erased,
// and a repeated sending still counts as the same.
func TestEventsFrozen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		walk := wholeWalk()
		w.send(t, ctx, p.ID, walk...)
		for _, statement := range []string{"UPDATE patrol_events SET type = 'end'", "DELETE FROM patrol_events", "UPDATE patrols SET nature = 'inspection'", "DELETE FROM patrols"} {
			if _, err := w.DB.SQL().Exec(statement); err == nil {
				t.Errorf("%s went through", statement)
			}
		}
		for _, statement := range []string{"DELETE FROM patrol_positions", "UPDATE patrols SET officers = '[]'"} {
			if _, err := w.DB.SQL().Exec(statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if a := w.send(t, ctx, p.ID, walk[0]); outcomes(a) != "repeated" {
			t.Errorf("after erasing the position: %s", outcomes(a))
		}
	})
}

// TestContentMeasuresNobody: what is kept as JSON counts no person's way, rank, streak
// or hours either (models: TestNobodyIsMeasured looks at every column).
func TestContentMeasuresNobody(t *testing.T) {
	banned := []string{"mileage", "distance", "track", "rank", "streak", "score", "online", "duration", "speed", "steps_count", "points"}
	for _, typ := range []reflect.Type{reflect.TypeFor[inspection.Content](), reflect.TypeFor[inspection.Walk](), reflect.TypeFor[inspection.Officer](), reflect.TypeFor[inspection.Lists](), reflect.TypeFor[inspection.Drawn]()} {
		for i := range typ.NumField() {
			for _, b := range banned {
				if strings.Contains(strings.ToLower(typ.Field(i).Name), b) {
					t.Errorf("%s.%s keeps %s", typ.Name(), typ.Field(i).Name, b)
				}
			}
		}
	}
}

func TestTables(t *testing.T) {
	days := map[inspection.Severity]int{inspection.Immediate: 1, inspection.Minor: 7, inspection.Major: 15, inspection.Works: 60, inspection.Violation: 1}
	for _, s := range inspection.Severities() {
		if s.Days() != days[s] {
			t.Errorf("%s gives %d days, want %d", s, s.Days(), days[s])
		}
	}
	known := func(s inspection.Severity) bool { return slices.Contains(inspection.Severities(), s) }
	if n := len(inspection.FindingTypes()); n != 20 {
		t.Errorf("%d types of finding, want 20", n)
	}
	seen := map[string]bool{}
	for _, f := range inspection.FindingTypes() {
		if seen[f.ID] || f.NameZh == "" || f.NameEn == "" || f.Source == "" || f.Confidence == "" || !known(f.Severity) {
			t.Errorf("type %+v", f)
		}
		seen[f.ID] = true
	}
	for _, l := range inspection.Checklists() {
		if _, err := code.ParseDay(string(l.ValidFrom)); err != nil || len(l.Items) != 18 {
			t.Errorf("checklist %s: %d items from %s", l.Version, len(l.Items), l.ValidFrom)
		}
		for _, it := range l.Items {
			if it.NameZh == "" || it.CheckZh == "" || it.CheckEn == "" || it.Source == "" || !known(it.Severity) || !slices.Contains([]string{"yesNo", "value", "yesNoValue"}, it.Answer) {
				t.Errorf("item %+v", it)
			}
		}
	}
}
