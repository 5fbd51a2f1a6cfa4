package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// signer is a prover with a key of its own, and the notes that it kept outside.
type signer struct {
	*audit.Prover
	key  *proof.Key
	kept []string
}

func newSigner(t *testing.T, db *models.DB) *signer {
	t.Helper()
	private, err := proof.NewKey("park-test")
	if err != nil {
		t.Fatal(err)
	}
	s := &signer{}
	if s.key, err = proof.ReadKey(private); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	s.Prover = audit.NewProver(db, s.key, quiet, func(note string) error {
		mu.Lock()
		defer mu.Unlock()
		s.kept = append(s.kept, note)
		return nil
	})
	return s
}

func (s *signer) trusted(t *testing.T) proof.Keys {
	t.Helper()
	keys, err := proof.ReadKeys(s.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// write leaves n changes and numbers them.
func write(t *testing.T, c dbtest.City, n int) {
	t.Helper()
	for range n {
		if err := c.DB.Write(c.Program(), func(tx *models.Tx) error { _, err := audit.Log(tx, event(c.BaoanA, "", nil)); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if err := audit.NewSequencer(c.DB, quiet).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestLog: every numbered change is in the log; a checkpoint signs it, every leaf is
// proven under it, and a later checkpoint continues an earlier one.
func TestLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		if _, err := s.Sign(c.Bureau()); !fault.Is(err, fault.Conflict) {
			t.Errorf("signing an empty log: %v", err)
		}
		if err := s.SignGrown(t.Context()); err != nil || len(s.kept) != 0 {
			t.Errorf("an empty log is signed, %d, %v", len(s.kept), err)
		}
		if _, err := s.Newest(c.Bureau()); !fault.Is(err, fault.NotFound) {
			t.Errorf("the newest of none: %v", err)
		}
		write(t, c, 3)
		first, err := s.Sign(c.Bureau())
		if err != nil {
			t.Fatal(err)
		}
		write(t, c, 5)
		second, err := s.Sign(c.Bureau())
		if err != nil {
			t.Fatal(err)
		}
		all := changes(t, c)
		gapless(t, all)
		keys := s.trusted(t)
		older, _, err := keys.Open(first.Note)
		if err != nil {
			t.Fatal(err)
		}
		newer, id, err := keys.Open(second.Note)
		if err != nil || id != s.key.ID() || second.KeyID != id || newer.Size != int64(len(all)) || older.Size != newer.Size-5 || newer.Origin != older.Origin {
			t.Fatalf("signed %+v by %s, then %+v; %d changes; %v", older, id, newer, len(all), err)
		}
		if !slices.Equal(s.kept, []string{first.Note, second.Note}) {
			t.Errorf("kept outside: %q", s.kept)
		}
		path, err := s.Consistency(c.Bureau(), older.Size, newer.Size)
		if err != nil || proof.CheckConsistency(older.Size, older.Root, newer.Size, newer.Root, path) != nil {
			t.Errorf("the newer log does not continue the older one: %v", err)
		}
		for _, ch := range all {
			p, ok, err := s.Prove(c.Bureau(), ch.ID)
			if err != nil || !ok || p.Checkpoint.Note != second.Note {
				t.Fatalf("prove leaf %d: %v, %v", *ch.Seq, ok, err)
			}
			leaf, err := proof.HashOf(proof.LeafHash(p.Change.Leaf))
			if err != nil || proof.CheckInclusion(newer.Size, newer.Root, *ch.Seq, leaf, p.Path) != nil {
				t.Errorf("leaf %d is not proven: %v", *ch.Seq, err)
			}
		}
		if r, err := audit.Verify(c.Program(), db, audit.Against{Keys: keys, Kept: s.kept}); err != nil || r.Bad != nil || r.Checkpoints != 2 || r.Changes != newer.Size {
			t.Errorf("verify: %+v %+v, %v", r, r.Bad, err)
		}
	})
}

// TestSigningOnDemand: a proof that no checkpoint covers makes one; what has no
// number waits; a scheduled signing with nothing new makes none.
func TestSigningOnDemand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		ch := changes(t, c)[0]
		if _, ok, err := s.Prove(c.Bureau(), ch.ID); ok || err != nil {
			t.Errorf("a change without a number is proven: %v, %v", ok, err)
		}
		if _, _, err := s.Prove(c.Bureau(), models.NewID()); !fault.Is(err, fault.NotFound) {
			t.Errorf("a change that is not there: %v", err)
		}
		write(t, c, 1)
		if _, ok, err := s.Prove(c.Bureau(), ch.ID); !ok || err != nil || len(s.kept) != 1 {
			t.Errorf("proven %v with %d checkpoints, %v", ok, len(s.kept), err)
		}
		if err := s.SignGrown(t.Context()); err != nil || len(s.kept) != 1 {
			t.Errorf("nothing new, and %d checkpoints, %v", len(s.kept), err)
		}
		if _, err := s.Sign(c.Bureau()); err != nil || len(s.kept) != 2 {
			t.Errorf("on demand: %d checkpoints, %v", len(s.kept), err)
		}
		// Another key signs anew: its readers trust no other.
		other := newSigner(t, db)
		if p, ok, err := other.Prove(c.Bureau(), ch.ID); !ok || err != nil || p.Checkpoint.KeyID != other.key.ID() || proof.OriginOf(other.kept[0]) != proof.OriginOf(s.kept[0]) {
			t.Errorf("with another key: %v, %v, %q", ok, err, other.kept)
		}
		for _, a := range []struct {
			ctx  context.Context
			want fault.Code
		}{{c.Inspector("baoan"), fault.Denied}, {c.Auditor(), fault.Denied}, {c.Bureau(), ""}, {c.Admin(), ""}, {t.Context(), fault.Unauthenticated}} {
			if _, err := s.Sign(a.ctx); fault.CodeOf(err) != a.want {
				t.Errorf("signing: %v, want %q", err, a.want)
			}
		}
		var notes []audit.Record
		if err := db.Visible(c.Auditor(), policies.AuditRead, &audit.Record{}).Where("action = ?", string(policies.CheckpointCreate)).Find(&notes).Error; err != nil || len(notes) != 3 {
			t.Errorf("%d audit records of three demands, %v", len(notes), err)
		}
	})
}

// TestSignersAtOnce: the first checkpoints of a log come at the same moment, and it
// still has one name.
func TestSignersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		write(t, c, 1)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := s.Sign(c.Bureau()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, note := range s.kept {
			if proof.OriginOf(note) != proof.OriginOf(s.kept[0]) {
				t.Errorf("two names of one log: %q and %q", note, s.kept[0])
			}
		}
	})
}

// TestCatchUp: what was numbered before the program kept hashes, or loaded in bulk,
// is brought into the log, and the sequencer goes on behind it.
func TestCatchUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		write(t, c, 7)
		thaw(t, db, "log_hashes")
		if _, err := db.SQL().Exec("DELETE FROM log_hashes WHERE position > 6"); err != nil {
			t.Fatal(err)
		}
		if r, err := audit.Verify(c.Program(), db, audit.Against{}); err != nil || r.Bad == nil || r.Bad.Table != "log_hashes" {
			t.Errorf("missing hashes are not found: %+v, %v", r.Bad, err)
		}
		if err := audit.CatchUp(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		write(t, c, 2)
		if _, err := s.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		if r, err := audit.Verify(c.Program(), db, audit.Against{Keys: s.trusted(t)}); err != nil || r.Bad != nil {
			t.Errorf("after catching up: %+v, %v", r.Bad, err)
		}
	})
}

// thaw takes the triggers off a table, as somebody with the file or the owner's
// password can.
func thaw(t *testing.T, db *models.DB, table string) {
	t.Helper()
	query := "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '" + table + "'"
	if db.Engine == models.Postgres {
		query = "SELECT 'ALTER TABLE " + table + " DISABLE TRIGGER USER'"
	}
	rows, err := db.SQL().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		statements = append(statements, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(statements) == 0 {
		t.Fatal(err, len(statements))
	}
	if _, err := db.SQL().Exec(strings.Join(statements, ";")); err != nil {
		t.Fatal(err)
	}
}

// TestLogIsFrozen: neither hashes nor checkpoints are altered or deleted.
func TestLogIsFrozen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		c, s := dbtest.NewCity(t, db), newSigner(t, db)
		write(t, c, 1)
		if _, err := s.Sign(c.Bureau()); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"UPDATE log_hashes SET hash = hash", "DELETE FROM log_hashes", "UPDATE checkpoints SET size = size", "DELETE FROM checkpoints"} {
			err := db.Write(c.Program(), func(tx *models.Tx) error { return tx.Program().Exec(statement).Error })
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}
