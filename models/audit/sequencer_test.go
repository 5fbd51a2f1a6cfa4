package audit_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func event(p dbtest.Place, about code.Day, counts map[string]int) audit.Event {
	return audit.Event{Action: policies.LedgerFile, Kind: "ledger", ID: models.NewID(), Place: p.Park.Place(), About: about, Counts: counts}
}

func changes(t *testing.T, c dbtest.City) []audit.Change {
	t.Helper()
	var all []audit.Change
	if err := c.DB.Visible(c.Program(), policies.ChangeRead, &audit.Change{}).Order("seq, at, id").Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	return all
}

// gapless fails unless every change has a number, 0 to n-1, each once.
func gapless(t *testing.T, all []audit.Change) {
	t.Helper()
	for i, ch := range all {
		if ch.Seq == nil || *ch.Seq != int64(i) || ch.SealedAt == nil {
			t.Fatalf("change %d of %d has number %v", i, len(all), ch.Seq)
		}
	}
}

// rebuilt fails unless the summary is what the changes add up to.
func rebuilt(t *testing.T, c dbtest.City, all []audit.Change) {
	t.Helper()
	type key struct {
		park    models.ID
		measure string
		about   code.Day
		known   code.Day
	}
	want := map[key]int64{}
	for _, ch := range all {
		if ch.ParkID == nil || ch.SealedAt == nil {
			continue
		}
		for m, n := range ch.Counts.V {
			want[key{*ch.ParkID, m, ch.AboutOn, code.DayOf(*ch.SealedAt)}] += int64(n)
		}
	}
	var rows []audit.DayCount
	if err := c.DB.Visible(c.Program(), policies.ProgressRead, &audit.DayCount{}).Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	got := map[key]int64{}
	for _, r := range rows {
		got[key{r.ParkID, r.Measure, r.AboutOn, r.KnownOn}] = r.N
	}
	if !maps.Equal(got, want) {
		t.Errorf("the summary is %v\nthe changes add up to %v", got, want)
	}
}

// TestOneSequencer: while one process numbers, another neither waits nor fails, and
// nobody reads a change before it has its number.
func TestOneSequencer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		s, trail := audit.NewSequencer(db, quiet), audit.New(db)
		feed := func() int {
			page, err := trail.Changes(c.Bureau(), audit.ChangeFilter{ParkID: string(c.BaoanA.Park.ID)}, models.Query{Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Items)
		}
		if n := feed(); n != 0 {
			t.Errorf("%d changes are read before they have numbers", n)
		}
		if db.Engine == models.Postgres {
			held, err := db.SQL().BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := held.Exec("SELECT pg_advisory_xact_lock($1)", 0x7061726b); err != nil {
				t.Fatal(err)
			}
			if n, err := s.Round(t.Context()); err != nil || n != 0 {
				t.Errorf("beside another sequencer: %d numbers, %v", n, err)
			}
			if err := held.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.Round(t.Context()); err != nil || n == 0 || feed() != 1 {
			t.Errorf("alone: %d numbers, %v, %d in the feed", n, err, feed())
		}
	})
}

// TestNumbering: sixteen writers, a third of them undone, and two sequencers at
// once: numbers without gaps, later commits behind earlier ones, one summary.
func TestNumbering(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		ctx, stop := context.WithCancel(t.Context())
		var seqs sync.WaitGroup
		for range 2 {
			s := audit.NewSequencer(db, quiet)
			seqs.Go(func() { s.Run(ctx) })
			seqs.Go(func() {
				for ctx.Err() == nil {
					s.Wake()
					time.Sleep(time.Millisecond)
				}
			})
		}
		undo := errors.New("undo")
		var writers, readers sync.WaitGroup
		follow := make([]follower, 2)
		for i, who := range []context.Context{c.Bureau(), c.Inspector("dapeng")} {
			follow[i] = follower{trail: audit.New(db), who: who, query: models.Query{Limit: 7, Follow: true}}
			readers.Go(func() { follow[i].read(t, ctx) })
		}
		for w := range 16 {
			writers.Go(func() {
				for i := range 9 {
					err := db.Write(c.Program(), func(tx *models.Tx) error {
						place := []dbtest.Place{c.BaoanA, c.BaoanB, c.Dapeng}[w%3]
						if _, err := audit.Log(tx, event(place, code.Day("2026-10-01").Add(i), map[string]int{"filed": 1, "late": -i})); err != nil {
							return err
						}
						if i%3 == 2 {
							return undo
						}
						return nil
					})
					if err != nil && !errors.Is(err, undo) {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		writers.Wait()
		deadline := time.Now().Add(10 * time.Second)
		for time.Now().Before(deadline) {
			all := changes(t, c)
			if all[0].Seq != nil && all[len(all)-1].Seq != nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		stop()
		seqs.Wait()
		readers.Wait()
		all := changes(t, c)
		gapless(t, all)
		for i := range follow {
			follow[i].read(t, nil) // what was left when it stopped
			follow[i].holds(t, c, i)
		}
		filed := 0
		for _, ch := range all {
			if ch.Action == string(policies.LedgerFile) {
				filed++
			}
		}
		if filed != 16*6 {
			t.Errorf("%d filings are numbered, want %d", filed, 16*6)
		}
		rebuilt(t, c, all)
	})
}

// TestLateCommit: a number is given in the order of commits; what was written first
// and committed last comes last, and nothing is passed over.
func TestLateCommit(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.Postgres(t), PoolSize: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := dbtest.NewCity(t, db)
	s := audit.NewSequencer(db, quiet)
	var early, late models.ID
	err = db.Write(c.Program(), func(slow *models.Tx) (err error) {
		if early, err = audit.Log(slow, event(c.BaoanA, "", nil)); err != nil {
			return err
		}
		err = db.Write(c.Program(), func(tx *models.Tx) (err error) {
			late, err = audit.Log(tx, event(c.BaoanA, "", nil))
			return err
		})
		if err != nil {
			return err
		}
		_, err = s.Round(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Round(t.Context()); err != nil || n != 1 {
		t.Fatalf("the second round numbers %d, %v", n, err)
	}
	if n, err := s.Round(t.Context()); err != nil || n != 0 {
		t.Fatalf("an idle round numbers %d, %v", n, err)
	}
	all := changes(t, c)
	gapless(t, all)
	last := all[len(all)-2:]
	if last[0].ID != late || last[1].ID != early {
		t.Errorf("numbered %s, %s; want what committed first, %s, first", last[0].ID, last[1].ID, late)
	}
}

// TestLeaves: the leaf says what the row says, and both stay what they were once numbered.
func TestLeaves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		s := audit.NewSequencer(db, quiet)
		if n, err := s.Round(t.Context()); err != nil || n == 0 {
			t.Fatal(n, err)
		}
		for _, ch := range changes(t, c) {
			if !bytes.Equal(ch.LeafHash, proof.LeafHash(ch.Leaf)) || ch.Algorithm != proof.Algorithm {
				t.Errorf("change %s: the hash is not of the leaf", ch.ID)
			}
			fields, ok := proof.Decode(ch.Leaf)
			if !ok || fields[0] != string(ch.ID) || fields[3] != ch.Action || fields[5] != string(ch.ObjectID) || fields[6] != string(models.Deref(ch.ParkID)) || fields[9] != string(ch.AboutOn) {
				t.Errorf("change %s commits to %q", ch.ID, fields)
			}
		}
		for _, statement := range []string{
			"UPDATE changes SET seq = seq + 1000",
			"UPDATE changes SET seq = NULL, sealed_at = NULL",
			"UPDATE changes SET counts = '{\"filed\":9}'",
			"UPDATE changes SET leaf = leaf_hash",
		} {
			if err := db.Write(c.Program(), func(tx *models.Tx) error { return tx.Program().Exec(statement).Error }); err == nil {
				t.Errorf("%s passes", statement)
			}
		}
		gapless(t, changes(t, c))
	})
}

// TestSealing: a number comes with its seal and with nothing else.
func TestSealing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		for _, statement := range []string{
			"UPDATE changes SET seq = 0",
			"UPDATE changes SET sealed_at = at",
			"UPDATE changes SET seq = 1, sealed_at = at, actor_id = object_id",
		} {
			err := db.Write(c.Program(), func(tx *models.Tx) error { return tx.Program().Exec(statement).Error })
			if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "已经报送或者留痕") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

// TestRecords: the trail says who, from where and what; only a city-wide reader sees it.
func TestRecords(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c := dbtest.NewCity(t, db)
		ctx := audit.From(c.Bureau(), audit.Origin{Address: "192.0.2.7", UserAgent: string(bytes.Repeat([]byte("a"), 300)), RequestID: "r1", Via: "session"})
		actor, _ := policies.ActorFrom(ctx)
		var change models.ID
		err := db.Write(ctx, func(tx *models.Tx) (err error) {
			if change, err = audit.Log(tx, audit.Event{Action: policies.ParkUpdate, Kind: "park", ID: c.BaoanA.Park.ID, Place: c.BaoanA.Park.Place(), Before: map[string]int{"a": 1}, After: map[string]int{"a": 2}, Reason: "更正地址"}); err != nil {
				return err
			}
			return audit.Write(tx, audit.Note{Action: "signin", Outcome: audit.Failed, Reason: "x", Name: "somebody", Actor: models.Ref(models.ID(actor.User))})
		})
		if err != nil {
			t.Fatal(err)
		}
		var r audit.Record
		q := db.Visible(c.Auditor(), policies.AuditRead, &audit.Record{})
		if err := models.One(q.Where("change_id = ?", change), &r); err != nil {
			t.Fatal(err)
		}
		if string(*r.ActorID) != actor.User || r.ActorName != "bureau" || r.RemoteAddr != "192.0.2.7" || len(r.UserAgent) != 200 || r.RequestID != "r1" || r.Via != "session" ||
			r.Outcome != audit.Done || r.BeforeValues != `{"a":1}` || r.AfterValues != `{"a":2}` || r.Reason != "更正地址" || *r.ParkID != c.BaoanA.Park.ID || *r.Jurisdiction != "baoan" {
			t.Errorf("recorded %+v", r)
		}
		for name, ctx := range map[string]context.Context{"inspector": c.Inspector("baoan"), "manager": c.ParkManager(c.BaoanA), "bureau": c.Bureau(), "admin": c.Admin()} {
			var n int64
			if err := db.Visible(ctx, policies.AuditRead, &audit.Record{}).Count(&n).Error; err == nil || n != 0 {
				t.Errorf("%s reads %d records, %v", name, n, err)
			}
		}
	})
}

// follower reads the change feed page by page while others write, from where it was.
type follower struct {
	trail *audit.Service
	who   context.Context
	query models.Query
	seqs  []int64
}

// read goes on until ctx ends and, without one, until there is nothing new.
func (f *follower) read(t *testing.T, ctx context.Context) {
	for ctx == nil || ctx.Err() == nil {
		page, err := f.trail.Changes(f.who, audit.ChangeFilter{}, f.query)
		if err != nil {
			t.Errorf("follow the feed: %v", err)
			return
		}
		for _, change := range page.Items {
			f.seqs = append(f.seqs, *change.Seq)
		}
		f.query.Cursor = page.Next
		if len(page.Items) == 0 && ctx == nil {
			return
		}
	}
}

// holds: what was read is what the follower may see, nothing lost, doubled or out of order.
func (f *follower) holds(t *testing.T, c dbtest.City, n int) {
	t.Helper()
	var want []int64
	if err := c.DB.Visible(f.who, policies.ChangeRead, &audit.Change{}).Where("seq IS NOT NULL").Order("seq").Pluck("seq", &want).Error; err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 || !slices.Equal(f.seqs, want) {
		t.Errorf("follower %d read %d changes, sees %d: %v", n, len(f.seqs), len(want), f.seqs)
	}
}
