package main

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm/schema"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// The first entries are made one by one, with all that filing leaves; more of them
// are copies of these, further in the past.
const (
	original = 100_000
	apart    = 34 // days between one copy and the next: more than the first entries cover
)

// stock loads entries of the ledger until there are n, a part in one transaction
// after the other, and lets the database look at them.
func (f *filler) stock(ctx context.Context, n int) error {
	const part = 10_000
	ctx = policies.With(ctx, f.db.Policy.Program("bench"))
	for f.stocked < n {
		if f.stocked >= original {
			if err := f.again(ctx, f.stocked/original); err != nil {
				return err
			}
			continue
		}
		if f.stocked == 0 {
			f.firstSeq = f.seq
		}
		s, err := f.shelf(min(part, n-f.stocked))
		if err != nil {
			return err
		}
		if f.db.Engine == models.Postgres {
			err = s.copy(ctx, f.address)
		} else {
			err = f.db.Write(ctx, s.load)
		}
		if err != nil {
			return err
		}
	}
	return f.settle(ctx)
}

// again copies the first entries n times their days into the past, with their filings
// and changes. Numbers, steps and audit records are not copied: no request of the
// bench reads them, and they would be nine rows of ten.
func (f *filler) again(ctx context.Context, n int) error {
	if n == 1 {
		f.lastSeq = f.seq
	}
	d, day := f.dialect(n), func(back int) string { return "'" + string(ledgerLast.Add(-back)) + "'" }
	originals := "day BETWEEN " + day(apart-1) + " AND " + day(0)
	length := f.lastSeq - f.firstSeq
	for _, c := range []struct {
		model   any
		changed map[string]string
		where   string
	}{
		{&audit.Change{}, map[string]string{"id": d.id("id"), "object_id": d.id("object_id"), "about_on": d.day("about_on"), "seq": fmt.Sprintf("seq + %d", int64(n)*length)},
			fmt.Sprintf("seq >= %d AND seq < %d", f.firstSeq, f.lastSeq)},
		{&ledger.Entry{}, map[string]string{"id": d.id("id"), "change_id": d.id("change_id"), "number": fmt.Sprintf("number || '-%d'", n), "day": d.day("day"), "filed_at": d.instant("filed_at")}, originals},
		{&ledger.Filing{}, map[string]string{"id": d.id("id"), "entry_id": d.id("entry_id"), "change_id": d.id("change_id"), "filed_at": d.instant("filed_at")},
			"entry_id IN (SELECT id FROM ledger_entries WHERE " + originals + ")"},
	} {
		s, err := schema.Parse(c.model, &schemas, schema.NamingStrategy{})
		if err != nil {
			return err
		}
		values := make([]string, len(s.DBNames))
		for i, name := range s.DBNames {
			values[i] = cmp.Or(c.changed[name], name)
		}
		if err := f.exec(ctx, "INSERT INTO "+s.Table+" ("+strings.Join(s.DBNames, ", ")+") SELECT "+strings.Join(values, ", ")+" FROM "+s.Table+" WHERE "+c.where); err != nil {
			return fmt.Errorf("copy %d of %s: %w", n, s.Table, err)
		}
	}
	f.stocked += original
	f.seq = max(f.seq, f.lastSeq+int64(n)*length)
	return nil
}

// dialect writes how a copy differs from its original: ids, days and instants are so
// much earlier. The first digits of an id are of its time, so that the ids of a copy
// lie together, as those of a month do.
type dialect struct{ id, day, instant func(column string) string }

// beforehandTime is the beginning of ids some years before those of the first entries,
// in steps of fifty days.
const beforehandTime = 0x180

func (f *filler) dialect(n int) dialect {
	days := n * apart
	if f.db.Engine == models.Postgres {
		return dialect{func(c string) string {
			return fmt.Sprintf("('%04x' || substr(%s::text, 5))::uuid", beforehandTime-n, c)
		},
			func(c string) string { return fmt.Sprintf("%s - %d", c, days) },
			func(c string) string { return fmt.Sprintf("%s - interval '%d days'", c, days) }}
	}
	return dialect{func(c string) string { return fmt.Sprintf("'%04x' || substr(%s, 5)", beforehandTime-n, c) },
		func(c string) string { return fmt.Sprintf("date(%s, '-%d days')", c, days) },
		func(c string) string { return fmt.Sprintf("datetime(%s, '-%d days') || '+00:00'", c, days) }}
}

// exec runs one statement of the loading on a connection of its own, which on
// PostgreSQL asks of no row whether the row that it names is there.
func (f *filler) exec(ctx context.Context, statement string) error {
	if f.db.Engine != models.Postgres {
		_, err := f.db.SQL().ExecContext(ctx, statement)
		return err
	}
	conn, err := loader(ctx, f.address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, statement)
	return err
}

// settle is what autovacuum would have done by the second day.
func (f *filler) settle(ctx context.Context) error {
	analyse := "ANALYZE"
	if f.db.Engine == models.Postgres {
		analyse = "VACUUM ANALYZE"
	}
	return f.exec(ctx, analyse)
}

func (s *shelf) load(tx *models.Tx) error {
	if err := models.Load(tx, s.changes); err != nil {
		return err
	}
	if err := models.Load(tx, s.records); err != nil {
		return err
	}
	if err := models.Load(tx, s.entries); err != nil {
		return err
	}
	if err := models.Load(tx, s.filings); err != nil {
		return err
	}
	if err := models.Load(tx, s.steps); err != nil {
		return err
	}
	return models.Load(tx, s.items)
}

// loader is a connection for loading.
func loader(ctx context.Context, address string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["session_replication_role"], cfg.RuntimeParams["synchronous_commit"] = "replica", "off"
	return pgx.ConnectConfig(ctx, cfg)
}

// copy stores the part by COPY, without asking for each row whether the row that it
// names is there: they are made together.
func (s *shelf) copy(ctx context.Context, address string) error {
	conn, err := loader(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, each := range []func() error{
			func() error { return copyRows(ctx, tx, s.changes) },
			func() error { return copyRows(ctx, tx, s.records) },
			func() error { return copyRows(ctx, tx, s.entries) },
			func() error { return copyRows(ctx, tx, s.filings) },
			func() error { return copyRows(ctx, tx, s.steps) },
			func() error { return copyRows(ctx, tx, s.items) },
		} {
			if err := each(); err != nil {
				return err
			}
		}
		return nil
	})
}

var schemas sync.Map

func copyRows[T any](ctx context.Context, tx pgx.Tx, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	s, err := schema.Parse(&rows[0], &schemas, schema.NamingStrategy{})
	if err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{s.Table}, s.DBNames, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		row := reflect.ValueOf(&rows[i]).Elem()
		values := make([]any, len(s.DBNames))
		for n, name := range s.DBNames {
			values[n], _ = s.FieldsByDBName[name].ValueOf(ctx, row)
		}
		return values, nil
	}))
	if err != nil {
		return fmt.Errorf("copy into %s: %w", s.Table, err)
	}
	return nil
}
