package replay_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/models/replay"
	"parkregistry/policies"
)

var key = replay.Key{ActorID: "0190a000-0000-7000-8000-000000000001", Route: "POST /x", Key: "k1"}

var answer = answerOf(key)

// answerOf is the answer to the request with that key, unlike that of every other.
func answerOf(k replay.Key) replay.Answer {
	return replay.Answer{Status: 201, Headers: map[string]string{"Location": "/x/1"}, Body: []byte(string(k.ActorID) + k.Route + k.Key)}
}

func program(db *models.DB) context.Context {
	return policies.With(context.Background(), db.Policy.Program("test"))
}

// request is what the middleware does: take the key, have the effect, keep the answer.
func request(db *models.DB, k replay.Key, body string, effect func(tx *models.Tx) error) (a replay.Answer, found bool, err error) {
	err = db.Write(program(db), func(tx *models.Tx) error {
		a, found, err = replay.Take(tx, k, []byte(body))
		if err != nil || found {
			return err
		}
		if err := effect(tx); err != nil {
			return err
		}
		a = answerOf(k)
		return replay.Keep(tx, k, a)
	})
	return a, found, err
}

func same(a, b replay.Answer) bool {
	return a.Status == b.Status && string(a.Body) == string(b.Body) && maps.Equal(a.Headers, b.Headers)
}

func TestReplay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		effects := 0
		count := func(*models.Tx) error { effects++; return nil }
		a, found, err := request(db, key, "body", count)
		if err != nil || found || !same(a, answer) || a.Replayed {
			t.Fatalf("first: %+v %v %v", a, found, err)
		}
		a, found, err = request(db, key, "body", count)
		if err != nil || !found || !a.Replayed || !same(a, answer) || effects != 1 {
			t.Errorf("the same again: %+v %v %v, %d effects", a, found, err, effects)
		}
		if _, _, err = request(db, key, "other body", count); !fault.Is(err, fault.Invalid) || effects != 1 {
			t.Errorf("another body under the same key: %v, %d effects", err, effects)
		}
		others := []replay.Key{{ActorID: "0190a000-0000-7000-8000-000000000002", Route: key.Route, Key: key.Key}, {ActorID: key.ActorID, Route: "POST /y", Key: key.Key}, {ActorID: key.ActorID, Route: key.Route, Key: "k2"}}
		for _, other := range others {
			if _, found, err := request(db, other, "body of "+string(answerOf(other).Body), count); err != nil || found {
				t.Errorf("%+v meets the answer of somebody else: %v %v", other, found, err)
			}
		}
		for _, other := range others {
			if a, found, err := request(db, other, "body of "+string(answerOf(other).Body), count); err != nil || !found || !same(a, answerOf(other)) {
				t.Errorf("%+v again: %s %v %v", other, a.Body, found, err)
			}
		}
		if a, found, err := request(db, key, "body", count); err != nil || !found || !same(a, answer) || effects != 4 {
			t.Errorf("the first again after the others: %s %v %v, %d effects", a.Body, found, err, effects)
		}
	})
}

// TestRefusalIsKept: a refusal undoes the effect and the key; its answer is stored apart.
func TestRefusalIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		no := fault.New(fault.Conflict, "已经终止")
		if _, _, err := request(db, key, "body", func(*models.Tx) error { return no }); !errors.Is(err, no) {
			t.Fatal(err)
		}
		refusal := replay.Answer{Status: 409, Headers: map[string]string{"Content-Type": "application/problem+json"}, Body: []byte("{}")}
		keep := func(a replay.Answer) {
			if err := db.Write(program(db), func(tx *models.Tx) error { return replay.KeepRefusal(tx, key, []byte("body"), a) }); err != nil {
				t.Fatal(err)
			}
		}
		keep(refusal)
		keep(replay.Answer{Status: 500}) // whoever is second changes nothing
		a, found, err := request(db, key, "body", func(*models.Tx) error { t.Error("the effect runs after a refusal"); return nil })
		if err != nil || !found || !a.Replayed || !same(a, refusal) {
			t.Errorf("%+v %v %v", a, found, err)
		}
	})
}

// TestFifty: fifty times the same request at once, one effect, fifty times the same answer or "wait".
func TestFifty(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		var effects, told atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				a, _, err := request(db, key, "body", func(tx *models.Tx) error {
					effects.Add(1)
					return tx.Program().Create(&registry.District{Slug: "one", NameZh: "一", NameEn: "One", Kind: "test", Source: "test", Confidence: "seed"}).Error
				})
				switch {
				case err == nil && same(a, answer):
					told.Add(1)
				case fault.Is(err, fault.Conflict) || fault.Is(err, fault.Unavailable):
				default:
					t.Errorf("%+v, %v", a, err)
				}
			})
		}
		wg.Wait()
		if effects.Load() != 1 || told.Load() < 1 {
			t.Errorf("%d effects, %d answers", effects.Load(), told.Load())
		}
	})
}

// TestRunningTwin: on PostgreSQL the second waits for the first, and is told to come back when that takes too long.
func TestRunningTwin(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.Postgres(t) + "&lock_timeout=50ms", PoolSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	_, _, err = request(db, key, "body", func(*models.Tx) error {
		_, _, err := request(db, key, "body", func(*models.Tx) error { t.Error("two effects"); return nil })
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.Conflict || f.RetryAfter == 0 {
			t.Errorf("the running twin: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	var offset atomic.Int64
	start := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	dbtest.EachWith(t, dbtest.Options{Clock: func() time.Time { return start.Add(time.Duration(offset.Load())) }}, func(t *testing.T, db *models.DB) {
		offset.Store(0)
		nothing := func(*models.Tx) error { return nil }
		if _, _, err := request(db, key, "body", nothing); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			after time.Duration
			swept int64
			found bool
		}{{71 * time.Hour, 0, true}, {72 * time.Hour, 0, true}, {72*time.Hour + time.Second, 1, false}} {
			offset.Store(int64(c.after))
			var n int64
			err := db.Write(program(db), func(tx *models.Tx) (err error) { n, err = replay.Sweep(tx); return err })
			if err != nil || n != c.swept {
				t.Errorf("after %v: swept %d, %v", c.after, n, err)
			}
			if _, found, err := request(db, key, "body", nothing); err != nil || found != c.found {
				t.Errorf("after %v: found %v, %v", c.after, found, err)
			}
		}
	})
}
