package ledger_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

type call func(w world, ctx context.Context, id models.ID) error

func second[T any](_ T, err error) error { return err }

var moves = map[string]call{
	"file": func(w world, ctx context.Context, id models.ID) error { return second(w.svc.File(ctx, id, 0)) },
	"return": func(w world, ctx context.Context, id models.ID) error {
		return second(w.svc.Return(ctx, id, 0, because))
	},
	"accept": func(w world, ctx context.Context, id models.ID) error { return second(w.svc.Accept(ctx, id, 0)) },
	"void":   func(w world, ctx context.Context, id models.ID) error { return second(w.svc.Void(ctx, id, 0, because)) },
	"amend": func(w world, ctx context.Context, id models.ID) error {
		return second(w.svc.Amend(ctx, id, "", 0, ledger.AmendInput{Reason: because.Reason}))
	},
	"update": func(w world, ctx context.Context, id models.ID) error {
		r, err := w.svc.Get(ctx, id)
		version := r.Version
		if err != nil {
			version = 1
		}
		return second(w.svc.Update(ctx, id, version, func(in ledger.Revision) (ledger.Revision, error) {
			in.Payload = content("inflow", `"413"`)
			return in, nil
		}))
	},
}

// TestMoves is the whole table: every state × every move × who, for an entry
// that a firm filed.
func TestMoves(t *testing.T) {
	allowed := map[string]map[string][]ledger.State{
		"file":   {"firm": {ledger.Draft, ledger.Returned}, "park": {ledger.Draft, ledger.Returned}},
		"return": {"park": {ledger.Filed}, "district": {ledger.Filed}},
		"accept": {"park": {ledger.Filed}},
		"void":   {"firm": {ledger.Draft, ledger.Filed}, "park": {ledger.Draft, ledger.Filed}},
		"amend":  {"firm": {ledger.Filed, ledger.Accepted}, "park": {ledger.Filed, ledger.Accepted}},
		"update": {"firm": {ledger.Draft, ledger.Returned}, "park": {ledger.Draft, ledger.Returned}},
	}
	// What the role lacks altogether is Denied, whatever the entry.
	denied := map[string][]string{
		"file": {"district", "foreign district", "bureau", "analyst", "auditor", "admin"}, "void": {"district", "foreign district", "bureau", "analyst", "auditor", "admin"},
		"amend": {"district", "foreign district", "bureau", "analyst", "auditor", "admin"}, "update": {"district", "foreign district", "bureau", "analyst", "auditor", "admin"},
		"return": {"firm", "foreign firm", "bureau", "analyst", "auditor", "admin"}, "accept": {"firm", "foreign firm", "bureau", "analyst", "auditor", "admin"},
	}
	each(t, func(t *testing.T, w world) {
		who := map[string]context.Context{"firm": w.Firm(w.BaoanA), "park": w.ParkManager(w.BaoanA), "district": w.Inspector("baoan"),
			"foreign firm": w.Firm(w.BaoanB), "foreign park": w.ParkManager(w.BaoanB), "foreign district": w.Inspector("longgang"),
			"bureau": w.Bureau(), "analyst": w.Analyst(), "auditor": w.Auditor(), "admin": w.Admin()}
		for _, state := range ledger.States() {
			kept := w.in(t, state)
			for name, move := range moves {
				for person, ctx := range who {
					if slices.Contains(allowed[name][person], state) {
						r := w.in(t, state)
						before := w.changes(t)
						if err := move(w, ctx, r.ID); err != nil {
							t.Errorf("%s %s by %s: %v", name, state, person, err)
						} else if n := w.changes(t) - before; n != 1 {
							t.Errorf("%s %s by %s left %d changes, want 1", name, state, person, n)
						}
						continue
					}
					expected := fault.Conflict
					switch {
					case slices.Contains(denied[name], person):
						expected = fault.Denied
					case len(person) > 7 && person[:7] == "foreign":
						expected = fault.NotFound
					}
					if err := move(w, ctx, kept.ID); !fault.Is(err, expected) {
						t.Errorf("%s %s by %s answered %v, want %s", name, state, person, err, expected)
					}
				}
			}
			if now := ok(w.svc.Get(w.Bureau(), kept.ID))(t); now.Version != kept.Version || now.State != kept.State {
				t.Errorf("refused moves changed the %s entry: version %d became %d", state, kept.Version, now.Version)
			}
		}
	})
}

func TestWhoFilesCannotAccept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park, district := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA), w.Inspector("baoan")
		own := ok(w.svc.Create(park, "", w.own(w.BaoanA)))(t)
		ok(w.svc.File(park, own.ID, 0))(t)
		want(t, moves["accept"](w, park, own.ID), fault.Conflict)
		want(t, moves["return"](w, park, own.ID), fault.Conflict)
		want(t, moves["accept"](w, w.As("another clerk", "role:park_manager", string(w.BaoanA.Park.ID)), own.ID), fault.Conflict)
		want(t, moves["file"](w, firm, own.ID), fault.NotFound)
		want(t, moves["accept"](w, district, own.ID), "")

		// On behalf of a firm without an account: the park filed, the district accepts.
		behalf := ok(w.svc.Create(park, "", w.input(w.BaoanA, content())))(t)
		ok(w.svc.File(park, behalf.ID, 0))(t)
		want(t, moves["accept"](w, park, behalf.ID), fault.Conflict)
		want(t, moves["accept"](w, district, behalf.ID), "")

		// A firm's entry is the park's to accept, and not of a person who also works for the firm.
		filed := w.in(t, ledger.Filed)
		want(t, moves["accept"](w, district, filed.ID), fault.Conflict)
		want(t, moves["accept"](w, w.both(w.BaoanA), filed.ID), fault.Conflict)

		// Nor of the person who filed it, who now works for the park only.
		person := models.NewID()
		moved := ok(w.svc.Create(w.holding(person, workerOf(w.BaoanA)), "", w.input(w.BaoanA, content())))(t)
		ok(w.svc.File(w.holding(person, workerOf(w.BaoanA)), moved.ID, 0))(t)
		want(t, moves["accept"](w, w.holding(person, clerkOf(w.BaoanA)), moved.ID), fault.Conflict)
		want(t, moves["return"](w, w.holding(person, clerkOf(w.BaoanA)), moved.ID), fault.Conflict)

		want(t, moves["accept"](w, park, filed.ID), "")
		steps := ok(w.svc.Steps(firm, filed.ID))(t)
		if len(steps) != 2 || steps[0].Kind != "filed" || steps[0].ActedAs != "enterprise:"+string(w.BaoanA.Enterprise.ID) ||
			steps[1].Kind != "accepted" || steps[1].ActedAs != "park:"+string(w.BaoanA.Park.ID) {
			t.Errorf("the steps are %+v", steps)
		}
	})
}

func TestRaces(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park, district := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA), w.Inspector("baoan")
		do := func(name string, ctx context.Context, id models.ID) func() error {
			return func() error { return moves[name](w, ctx, id) }
		}
		for range 3 {
			draft := w.in(t, ledger.Draft)
			oneOf(t, race(do("file", firm, draft.ID), do("file", park, draft.ID)))
			if all := ok(w.svc.Filings(firm, draft.ID))(t); len(all) != 1 {
				t.Errorf("%d filings after a race of two", len(all))
			}

			filed := w.in(t, ledger.Filed)
			oneOf(t, race(do("accept", park, filed.ID), do("accept", w.As("another clerk", "role:park_manager", string(w.BaoanA.Park.ID)), filed.ID)))
			filed = w.in(t, ledger.Filed)
			oneOf(t, race(do("accept", park, filed.ID), do("return", district, filed.ID)))
			filed = w.in(t, ledger.Filed)
			oneOf(t, race(do("accept", park, filed.ID), do("void", firm, filed.ID)))
			filed = w.in(t, ledger.Filed)
			oneOf(t, race(do("amend", firm, filed.ID), do("amend", park, filed.ID)))

			// Filed and then voided is lawful; voided and then filed is not.
			draft = w.in(t, ledger.Draft)
			errs := race(do("file", firm, draft.ID), do("void", park, draft.ID))
			now := ok(w.svc.Get(firm, draft.ID))(t)
			if errs[1] == nil && now.State != ledger.Voided || errs[1] != nil && now.State != ledger.Filed {
				t.Errorf("file and void answered %v and left the entry %s", errs, now.State)
			}

			// The amendment takes its place, or the old entry is voided: not both.
			filed = w.in(t, ledger.Filed)
			a := ok(w.svc.Amend(firm, filed.ID, "", 0, ledger.AmendInput{Reason: because.Reason}))(t)
			oneOf(t, race(do("file", firm, a.ID), do("void", park, filed.ID)))
		}
	})
}

// meanwhile runs slow in a transaction that stays open until fast waits for it, or
// has ended, and gives the error of fast.
func (w world) meanwhile(t *testing.T, who context.Context, slow func(tx *models.Tx) error, fast func() error) error {
	t.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	written, done := make(chan error, 1), make(chan error, 1)
	go func() {
		written <- w.DB.Write(who, func(tx *models.Tx) error {
			err := slow(tx)
			close(held)
			<-release
			return err
		})
	}()
	<-held
	go func() { done <- fast() }()
	for range 200 {
		time.Sleep(5 * time.Millisecond)
		waiting := w.DB.Engine == models.SQLite // for the one writer
		if !waiting {
			err := w.DB.SQL().QueryRow("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(&waiting)
			if err != nil {
				t.Fatal(err)
			}
		}
		if waiting {
			break
		}
	}
	close(release)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	return <-done
}

// TestWhatStoodLast: a move is about the content that it has read. Where another
// one came in between, in whatever state it left the entry, it is refused, or it
// is about the new content: what was replaced is neither filed nor accepted.
func TestWhatStoodLast(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		draft := w.in(t, ledger.Draft)
		redraft := func(tx *models.Tx) error {
			return second(w.svc.Update(tx.Context(), draft.ID, draft.Version, func(in ledger.Revision) (ledger.Revision, error) {
				in.Payload = content("inflow", `"999"`)
				return in, nil
			}))
		}
		err := w.meanwhile(t, firm, redraft, func() error { return second(w.svc.File(park, draft.ID, 0)) })
		switch now := ok(w.svc.Get(firm, draft.ID))(t); {
		case err != nil:
			want(t, err, fault.Conflict)
		case !strings.Contains(string(now.Payload), "999"):
			t.Errorf("filed was %s, which a later draft had replaced", now.Payload)
		}

		for name, state := range map[string]ledger.State{"accept": ledger.Filed, "return": ledger.Filed, "void": ledger.Filed, "file": ledger.Returned} {
			e := w.in(t, state)
			// Returned and filed again, say: the state is the same, the entry is not.
			on := func(tx *models.Tx) error {
				return tx.Visible(policies.LedgerUpdate, &ledger.Entry{}).Where("id = ?", e.ID).Update("version", e.Version+2).Error
			}
			err := w.meanwhile(t, w.Program(), on, func() error { return moves[name](w, park, e.ID) })
			if w.DB.Engine == models.Postgres { // on SQLite the second writer reads when the first has ended
				want(t, err, fault.Conflict)
			} else if err != nil {
				t.Errorf("%s, one after the other: %v", name, err)
			}
		}
		again := w.in(t, ledger.Draft)
		edit := func(ctx context.Context) error {
			return second(w.svc.Update(ctx, again.ID, again.Version, func(in ledger.Revision) (ledger.Revision, error) { return in, nil }))
		}
		want(t, w.meanwhile(t, firm, func(tx *models.Tx) error { return edit(tx.Context()) }, func() error { return edit(park) }), fault.Stale)
	})
}

func TestTwoPeopleFileTheSameDay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, park := w.Firm(w.BaoanA), w.ParkManager(w.BaoanA)
		in := w.input(w.BaoanA, content())
		errs := race(func() error { return second(w.svc.Create(firm, "", in)) }, func() error { return second(w.svc.Create(park, "", in)) })
		oneOf(t, errs)
		for _, err := range errs {
			if f, is := err.(*fault.Error); is && f.Extra["number"] == nil {
				t.Errorf("the refusal %v does not say which entry stands", err)
			}
		}
		page := ok(w.svc.List(firm, ledger.Filter{}, models.Query{Limit: 50}))(t)
		if len(page.Items) != 1 {
			t.Fatalf("%d entries stand, want 1", len(page.Items))
		}
		// Voided, its place is free again.
		ok(w.svc.Void(firm, page.Items[0].ID, 0, because))(t)
		ok(w.svc.Create(firm, "", in))(t)

		// Filed at once, by the batch and by itself: one of them stands, filed once.
		for range 3 {
			in := w.input(w.BaoanA, content())
			batch := func(ctx context.Context, mode ledger.Mode) func() error {
				return func() error {
					results, err := w.svc.Batch(ctx, ledger.EntriesInput{Mode: mode, Entries: []ledger.EntryInput{{Input: in, File: true}}})
					if err == nil && results[0].Outcome == ledger.EntryRefused {
						err = fault.New(results[0].Code, "no")
					}
					return err
				}
			}
			oneOf(t, race(batch(firm, ledger.Atomic), batch(park, ledger.PerItem), func() error { return second(w.svc.Create(park, "", in)) }))
			var filings int
			for _, r := range ok(w.svc.List(firm, ledger.Filter{}, models.Query{Limit: 50}))(t).Items {
				if r.Slot == in.Slot {
					filings += 1 + r.Filings
				}
			}
			if filings != 1 && filings != 2 {
				t.Errorf("entries and filings of the day come to %d, want one draft or one filing", filings)
			}
		}
	})
}

func TestSameIDTwice(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		id, in := models.NewID(), w.input(w.BaoanA, content())
		before := w.changes(t)
		again := func() error {
			r, err := w.svc.Create(firm, id, in)
			if err == nil && r.ID != id {
				t.Errorf("answered entry %s, want %s", r.ID, id)
			}
			return err
		}
		for _, err := range race(again, again, again) {
			want(t, err, "")
		}
		if n := w.changes(t) - before; n != 1 {
			t.Errorf("three times the same creation left %d changes, want 1", n)
		}
		ok(w.svc.File(firm, id, 0))(t)
		if r := ok(w.svc.Create(firm, id, in))(t); r.State != ledger.Filed {
			t.Errorf("repeated after filing, the creation answers a %s entry", r.State)
		}
		in.Payload = content("inflow", `"1"`)
		want(t, second(w.svc.Create(firm, id, in)), fault.Conflict)
		// Somebody who cannot see the entry learns no more than that the id is taken.
		other := w.input(w.Longgang, content())
		want(t, second(w.svc.Create(w.Firm(w.Longgang), id, other)), fault.Conflict)
	})
}
