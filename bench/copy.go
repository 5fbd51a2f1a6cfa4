package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm/schema"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
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
	var indexes []string
	for f.stocked < n {
		if f.stocked >= original {
			if n-f.stocked > 5*original && indexes == nil {
				var err error
				if indexes, err = f.without(ctx); err != nil {
					return err
				}
			}
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
		if err := s.count(ctx, f.db); err != nil {
			return err
		}
	}
	for _, definition := range indexes {
		if err := f.exec(ctx, definition); err != nil {
			return err
		}
	}
	if err := f.periods(ctx); err != nil {
		return err
	}
	return f.settle(ctx)
}

// again copies the first entries n times their days into the past, with their filings
// and changes, and the patrols and findings of those days with their steps. Numbers,
// steps of entries and audit records are not copied: no request of the bench reads them,
// and they would be nine rows of ten; nor, when only reports are asked for, what these
// do not read.
func (f *filler) again(ctx context.Context, n int) error {
	if n == 1 {
		f.lastSeq = f.seq
		if err := f.keepCounts(ctx); err != nil {
			return err
		}
	}
	d, day := f.dialect(n), func(back int) string { return "'" + string(ledgerLast.Add(-back)) + "'" }
	originals := "day BETWEEN " + day(apart-1) + " AND " + day(0)
	length := f.lastSeq - f.firstSeq
	for _, c := range []copied{
		{&audit.Change{}, map[string]string{"id": d.id("id"), "object_id": d.id("object_id"), "about_on": d.day("about_on"), "seq": fmt.Sprintf("seq + %d", int64(n)*length)},
			fmt.Sprintf("seq >= %d AND seq < %d", f.firstSeq, f.lastSeq)},
		{&ledger.Entry{}, map[string]string{"id": d.id("id"), "change_id": d.id("change_id"), "number": fmt.Sprintf("number || '-%d'", n), "day": d.day("day"), "filed_at": d.instant("filed_at")}, originals},
		{&ledger.Filing{}, map[string]string{"id": d.id("id"), "entry_id": d.id("entry_id"), "change_id": d.id("change_id"), "filed_at": d.instant("filed_at")},
			"entry_id IN (SELECT id FROM ledger_entries WHERE " + originals + ")"},
		{&inspection.Patrol{}, map[string]string{"id": d.id("id"), "number": fmt.Sprintf("number || '-%d'", n), "started_at": d.instant("started_at"), "created_at": d.instant("created_at"), "updated_at": d.instant("updated_at")},
			"id >= " + firstID},
		{&inspection.Finding{}, map[string]string{"id": d.id("id"), "number": fmt.Sprintf("number || '-%d'", n), "created_at": d.instant("created_at"), "updated_at": d.instant("updated_at"),
			"opened_on": d.day("opened_on"), "notified_on": d.day("notified_on"), "due_on": d.day("due_on"), "first_due_on": d.day("first_due_on"), "submitted_on": d.day("submitted_on"), "closed_on": d.day("closed_on")},
			"id >= " + firstID},
		{&inspection.Step{}, map[string]string{"id": d.id("id"), "finding_id": d.id("finding_id"), "change_id": d.id("change_id"), "at": d.instant("at"), "due_on": d.day("due_on")}, "finding_id >= " + firstID},
	} {
		if f.lean && !c.counted() {
			continue
		}
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
	if err := f.countAgain(ctx, d); err != nil {
		return err
	}
	f.stocked += original
	f.seq = max(f.seq, f.lastSeq+int64(n)*length)
	return nil
}

// copied is a table of which rows are copied, with what differs in a copy.
type copied struct {
	model   any
	changed map[string]string
	where   string
}

// counted reports whether the rows are among those that reports and their lists read.
func (c copied) counted() bool {
	switch c.model.(type) {
	case *ledger.Entry, *inspection.Patrol, *inspection.Finding:
		return true
	}
	return false
}

// without drops the indexes of the tables that are copied many times, but for their keys,
// and gives what makes them again: loading and then making them is several times as
// quick. On SQLite they stay.
func (f *filler) without(ctx context.Context) (again []string, err error) {
	if f.db.Engine != models.Postgres {
		return nil, nil
	}
	rows, err := f.db.SQL().QueryContext(ctx, `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename IN ('ledger_entries', 'findings', 'patrols') AND indexname NOT LIKE '%_pkey'`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var drop []string
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, err
		}
		drop, again = append(drop, "DROP INDEX "+name), append(again, definition)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, statement := range drop {
		if err := f.exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	return again, nil
}

// firstID comes before the ids of all first rows and after those of all copies.
const firstID = "'01900000-0000-7000-8000-000000000000'"

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
	if err := models.Load(tx, s.items); err != nil {
		return err
	}
	if err := models.Load(tx, s.patrols); err != nil {
		return err
	}
	if err := models.Load(tx, s.findings); err != nil {
		return err
	}
	return models.Load(tx, s.moves)
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
			func() error { return copyRows(ctx, tx, s.patrols) },
			func() error { return copyRows(ctx, tx, s.findings) },
			func() error { return copyRows(ctx, tx, s.moves) },
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
