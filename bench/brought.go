package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/jackc/pgx/v5"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/exchange"
)

const (
	broughtRows = 100_000                // of the file that is brought in whole, and of the list that is taken out
	broughtLast = code.Day("2025-06-30") // its newest day: before those of the files that are only checked
	mostMemory  = 100                    // MB above idle
	mostCopies  = 10                     // times the CPU of COPY that a commit may cost (docs/adr/0038)
)

// bring checks a large file and files all of its rows, each with the most memory that it
// takes; on PostgreSQL the commit is set against COPY of the rows that it has written.
// At last the same rows come in a second file, of which nothing may be new.
func (im *importer) bring(rows int) (broken int, err error) {
	stop, err := profile(im.profile, "import-commit-"+string(im.db.Engine))
	if err != nil {
		return 0, err
	}
	defer stop()
	path, err := im.table("bring.xlsx", rows, broughtLast)
	if err != nil {
		return 0, err
	}
	var k exchange.Checked
	checked, err := im.watched("import", func() (err error) {
		k, err = im.check(path)
		return err
	})
	if err != nil {
		return 0, err
	}
	if k.Good != rows {
		return 0, fmt.Errorf("%d of %d rows are good: %+v", k.Good, rows, k.Report.Lines[:min(1, len(k.Report.Lines))])
	}
	var i exchange.Import
	written, err := im.watched("import", func() (err error) {
		i, err = im.svc.Commit(im.ctx, k.ID, exchange.CommitInput{Rows: exchange.All, File: true}, nil)
		return err
	})
	if err != nil {
		return 0, err
	}
	broken += im.memory(fmt.Sprintf("check of %d rows", rows), checked)
	broken += im.memory(fmt.Sprintf("commit of %d rows as filings", rows), written)
	if im.db.Engine == models.Postgres {
		n, err := im.besideCopy(i, written)
		if broken += n; err != nil {
			return broken, err
		}
	}
	if err := im.again(rows); err != nil {
		return broken, err
	}
	return broken, im.analyze()
}

// analyze has PostgreSQL count what is in its tables, as it does by itself within a minute
// of a commit of this size: until then it reads a table whole where it should look rows up.
func (im *importer) analyze() error {
	if im.db.Engine != models.Postgres {
		return nil
	}
	conn, err := pgx.Connect(im.ctx, named(im.address, "analyze")) // none of the program's, which gives up after ten seconds
	if err != nil {
		return err
	}
	_, err = conn.Exec(im.ctx, "ANALYZE")
	return errors.Join(err, conn.Close(context.WithoutCancel(im.ctx)))
}

// again brings the rows that are in once more, in a file of its own.
func (im *importer) again(rows int) error {
	path, err := im.table("again.xlsx", rows, broughtLast)
	if err != nil {
		return err
	}
	k, err := im.check(path)
	if err == nil && k.Unchanged != rows {
		err = fmt.Errorf("%d of %d rows that are in already are found unchanged", k.Unchanged, rows)
	}
	if err == nil {
		fmt.Fprintf(im.out, "%s, import, the same %d rows in another file: all are in already, nothing is written\n", im.db.Engine, rows)
	}
	return err
}

// filingTables are those that filing a row writes to.
var filingTables = []string{"ledger_entries", "ledger_filings", "ledger_steps", "ledger_items", "changes", "audit_records"}

// besideCopy sets a commit against COPY of the rows that it wrote, into empty tables with
// the same columns, keys and indexes. The rows are told by the transaction that wrote them.
func (im *importer) besideCopy(i exchange.Import, ours watchedEffort) (broken int, err error) {
	conn, err := pgx.Connect(im.ctx, named(im.address, "copy"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(im.ctx))) }()
	parts := make([]bytes.Buffer, len(filingTables))
	for n, table := range filingTables {
		if _, err := conn.Exec(im.ctx, "CREATE TABLE copy_"+table+" (LIKE "+table+" INCLUDING ALL)"); err != nil {
			return 0, err
		}
		tag, err := conn.PgConn().CopyTo(im.ctx, &parts[n], "COPY (SELECT * FROM "+table+" WHERE xmin = (SELECT xmin FROM imports WHERE id = '"+string(i.ID)+"')) TO STDOUT (FORMAT binary)")
		if err != nil {
			return 0, err
		}
		if tag.RowsAffected() < int64(i.Entries) {
			return 0, fmt.Errorf("the commit left %d rows in %s, for %d entries", tag.RowsAffected(), table, i.Entries)
		}
	}
	var rows int64
	theirs, err := im.m.spent(im.ctx, "copy", func() error {
		return pgx.BeginFunc(im.ctx, conn, func(tx pgx.Tx) error {
			for n, table := range filingTables {
				tag, err := tx.Conn().PgConn().CopyFrom(im.ctx, &parts[n], "COPY copy_"+table+" FROM STDIN (FORMAT binary)")
				if err != nil {
					return err
				}
				rows += tag.RowsAffected()
			}
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	ratio := ours.cpu.Seconds() / theirs.cpu.Seconds()
	fmt.Fprintf(im.out, "%s, import, commit of %d rows: %.1f s, %.1f s of CPU; COPY of the %d rows of tables that it wrote: %.1f s, %.1f s of CPU; ratio of CPU %.1f, must %d %s, goal 2; of time %.1f\n",
		im.db.Engine, i.Entries, ours.wall.Seconds(), ours.cpu.Seconds(), rows, theirs.wall.Seconds(), theirs.cpu.Seconds(), ratio, mostCopies, verdict(ratio, mostCopies), ours.wall.Seconds()/theirs.wall.Seconds())
	if ratio > mostCopies {
		broken++
	}
	return broken, nil
}

// watchedEffort is an effort with the most memory that the process held above idle.
type watchedEffort struct {
	effort
	megabytes float64
}

// watched runs work and reads from the operating system what the process held at most
// meanwhile, above what it held before, when everything that is free has been given back.
func (im *importer) watched(name string, work func() error) (watchedEffort, error) {
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // begins the peak anew
		return watchedEffort{}, err
	}
	idle, err := memoryOf("VmRSS")
	if err != nil {
		return watchedEffort{}, err
	}
	e, err := im.m.spent(im.ctx, name, work)
	if err != nil {
		return watchedEffort{}, err
	}
	peak, err := memoryOf("VmHWM")
	return watchedEffort{e, peak - idle}, err
}

// memory prints what work took, and counts it when it is too much.
func (im *importer) memory(what string, e watchedEffort) (broken int) {
	fmt.Fprintf(im.out, "%s, import, %s: %.1f s, %.1f s of CPU, %.0f MB above idle at most, must %d %s\n",
		im.db.Engine, what, e.wall.Seconds(), e.cpu.Seconds(), e.megabytes, mostMemory, verdict(e.megabytes, mostMemory))
	if e.megabytes > mostMemory {
		broken++
	}
	return broken
}

// memoryOf reads a line of /proc/self/status in MB.
func memoryOf(field string) (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(status) {
		if name, value, _ := bytes.Cut(line, []byte(":")); string(name) == field {
			kb, err := strconv.ParseFloat(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte("kB")))), 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc/self/status", field)
}
