package inspection_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

func at(clock string) time.Time {
	t, _ := time.ParseInLocation("2006-01-02 15:04", today+" "+clock, code.Zone)
	return t.UTC()
}

func made(id string, typ inspection.EventType, clock string, body inspection.Content) inspection.Event {
	return inspection.Event{ID: models.ID(id), Type: typ, At: at(clock), Body: models.JSON[inspection.Content]{V: body}}
}

// TestWalk: what a set of events comes to.
func TestWalk(t *testing.T) {
	start, end := made("s", inspection.EventStart, "09:00", inspection.Content{}), made("e", inspection.EventEnd, "10:00", inspection.Content{})
	yes := made("y", inspection.EventAnswer, "09:10", inspection.Content{Item: "T1", Result: inspection.AsRequired})
	no := made("n", inspection.EventAnswer, "09:20", inspection.Content{Item: "H1", Result: inspection.NotAsRequired})
	because := made("b", inspection.EventAnswer, "09:30", inspection.Content{Item: "H1", Result: inspection.NotAsRequired, Reason: "当场改正完毕"})
	found := made("f", inspection.EventFinding, "09:40", inspection.Content{Item: "H1", FindingID: "1"})
	elsewhere := made("f2", inspection.EventFinding, "09:40", inspection.Content{Item: "H1", ObjectID: "9", FindingID: "1"})
	early := made("e2", inspection.EventEnd, "08:00", inspection.Content{})
	void := func(id string) inspection.Event {
		return made("v"+id, inspection.EventVoid, "09:50", inspection.Content{Voids: models.ID(id), Reason: "误操作一次"})
	}
	cancel := made("c", inspection.EventVoid, "08:00", inspection.Content{Reason: "台风取消巡查"})
	began := at("08:30")
	for _, c := range []struct {
		name    string
		head    *time.Time
		events  []inspection.Event
		want    inspection.PatrolState
		missing []string
	}{
		{"nothing", nil, nil, inspection.Planned, nil},
		{"said to have begun", &began, nil, inspection.InProgress, nil},
		{"started", nil, []inspection.Event{start}, inspection.InProgress, nil},
		{"a start that got lost", nil, []inspection.Event{yes}, inspection.InProgress, nil},
		{"whole", nil, []inspection.Event{start, yes, end}, inspection.Completed, nil},
		{"whole, begun by its head", &began, []inspection.Event{yes, end}, inspection.Completed, nil},
		{"no start", nil, []inspection.Event{yes, end}, inspection.InProgress, []string{"start"}},
		{"no answer", nil, []inspection.Event{start, end}, inspection.InProgress, []string{"answer"}},
		{"ends before it starts", nil, []inspection.Event{start, yes, early}, inspection.InProgress, []string{"endOrder"}},
		{"ended twice", nil, []inspection.Event{start, yes, early, end}, inspection.Completed, nil},
		{"unexplained", nil, []inspection.Event{start, no, end}, inspection.InProgress, []string{"explanation"}},
		{"explained later", nil, []inspection.Event{start, no, because, end}, inspection.Completed, nil},
		{"with its finding", nil, []inspection.Event{start, no, found, end}, inspection.Completed, nil},
		{"with the finding of another object", nil, []inspection.Event{start, no, elsewhere, end}, inspection.InProgress, []string{"explanation"}},
		{"its end voided", nil, []inspection.Event{start, yes, end, void("e")}, inspection.InProgress, nil},
		{"its start voided", nil, []inspection.Event{start, yes, end, void("s")}, inspection.InProgress, []string{"start"}},
		{"its only answer voided", nil, []inspection.Event{start, yes, end, void("y")}, inspection.InProgress, []string{"answer"}},
		{"voided before it came", nil, []inspection.Event{void("e"), start, yes}, inspection.InProgress, nil},
		{"a void cannot be voided", nil, []inspection.Event{start, yes, end, void("e"), void("ve")}, inspection.InProgress, nil},
		{"everything voided", nil, []inspection.Event{start, void("s")}, inspection.Planned, nil},
		{"cancelled", nil, []inspection.Event{cancel}, inspection.Cancelled, nil},
		{"cancelled, yet started", nil, []inspection.Event{cancel, start}, inspection.InProgress, nil},
	} {
		w := inspection.Patrol{StartedAt: c.head}.Walk(c.events)
		if w.State != c.want || !slices.Equal(w.Missing, c.missing) {
			t.Errorf("%s: %s %v, want %s %v", c.name, w.State, w.Missing, c.want, c.missing)
		}
	}
}

// TestWalkIsUnion: any order and any repetition of any events comes to the same.
func TestWalkIsUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		events := make([]inspection.Event, n)
		for i := range events {
			typ := rapid.SampledFrom(inspection.EventTypes()).Draw(t, "type")
			body := inspection.Content{Item: rapid.SampledFrom([]string{"T1", "H1"}).Draw(t, "item"), Result: rapid.SampledFrom([]string{inspection.AsRequired, inspection.NotAsRequired}).Draw(t, "result")}
			switch typ {
			case inspection.EventVoid:
				body.Voids = models.ID(rapid.SampledFrom([]string{"", "e0", "e1", "e2", "e3", "absent"}).Draw(t, "voids"))
			case inspection.EventFinding:
				body.FindingID = models.ID(fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "finding")))
			}
			events[i] = made(fmt.Sprint("e", i), typ, fmt.Sprintf("%02d:00", rapid.IntRange(8, 11).Draw(t, "hour")), body)
		}
		want := inspection.Patrol{}.Walk(events)
		shuffled := rapid.Permutation(events).Draw(t, "order")
		if n > 0 {
			shuffled = append(slices.Clone(shuffled), rapid.SliceOf(rapid.SampledFrom(events)).Draw(t, "again")...)
		}
		if got := (inspection.Patrol{}).Walk(shuffled); !reflect.DeepEqual(got, want) {
			t.Fatalf("in another order %+v, want %+v", got, want)
		}
	})
}

// TestBatchesAreUnion is the same through the door: random batches, cut, shuffled
// and repeated, leave the same patrol.
func TestBatchesAreUnion(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx := w.Inspector("baoan")
		walk := wholeWalk()
		walk = append(walk, event(inspection.EventVoid, "09:45", func(e *inspection.EventInput) { e.Voids, e.Reason = walk[5].ID, "照片拍错对象" }))
		whole := got(w.LogPatrol(ctx, "", w.patrol()))(t)
		want := w.send(t, ctx, whole.ID, walk...).Walk
		for seed := range uint64(12) {
			r := rand.New(rand.NewPCG(seed, 0))
			p := got(w.LogPatrol(ctx, "", w.patrol()))(t)
			left := slices.Concat(walk, walk[:r.IntN(len(walk))])
			r.Shuffle(len(left), func(i, j int) { left[i], left[j] = left[j], left[i] })
			var last inspection.Walk
			for len(left) > 0 {
				n := 1 + r.IntN(len(left))
				a := w.send(t, ctx, p.ID, left[:n]...)
				if strings.Contains(outcomes(a), inspection.EventRefused) {
					t.Fatalf("seed %d: %s", seed, outcomes(a))
				}
				last, left = a.Walk, left[n:]
			}
			if !reflect.DeepEqual(last, want) {
				t.Fatalf("seed %d: came to %+v, want %+v", seed, last, want)
			}
		}
	})
}
