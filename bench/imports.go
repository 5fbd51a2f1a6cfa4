package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/code"
	"parkregistry/internal/config"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/policies"
	"parkregistry/sheets"
)

const (
	checkedRows = 5000 // of the file whose check is set against plain reads
	plainReads  = 5
	checkRounds = 3
)

// imports measures bringing in files of ledger rows and taking them out again: a check
// beside plain reads of the same file by the library, the check and the commit of a large
// file, the commit beside COPY, an export beside the library's writer.
func imports(ctx context.Context, o options, dir string) (broken int, err error) {
	if !o.wanted("import") {
		return 0, nil
	}
	if o.engine != "postgres" {
		if broken, err = importing(ctx, o, dir, "sqlite:"+filepath.Join(dir, "import.db")); err != nil {
			return broken, err
		}
	}
	if o.engine == "sqlite" {
		return broken, nil
	}
	address, drop, err := makePostgres(ctx, o.postgres)
	if err != nil || address == "" {
		return broken, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	n, err := importing(ctx, o, dir, address)
	return broken + n, err
}

// onlyImports reports whether nothing else is asked for.
func onlyImports(o options) bool { return o.only.String() == "^import" }

// importer is the program's part that takes files, and who brings them.
type importer struct {
	options
	db    *models.DB
	m     meter
	files *files.Service
	svc   *exchange.Service
	ctx   context.Context // of the manager
	dir   string

	address, park string
	works         []booked
}

// booked is a facility whose shifts are in the files.
type booked struct {
	number     int // among the facilities
	firm, code string
}

// books are the facilities of the manager's park. Nothing else of the filler stays in
// memory: an idle program has it neither.
func (f *filler) books() (all []booked) {
	names := map[models.ID]string{}
	for _, e := range f.firms {
		names[e.ID] = e.Name
	}
	for _, w := range f.city.works {
		of := f.works[w.number]
		all = append(all, booked{w.number, names[*of.EnterpriseID], of.Code})
	}
	return all
}

func importing(ctx context.Context, o options, dir, address string) (broken int, err error) {
	config.Collector(os.Getenv("GOGC")) // as the serving program does
	db, err := models.Open(ctx, models.Config{URL: named(address, "import"), PoolSize: 4})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx); err != nil {
		return 0, err
	}
	f, err := found(ctx, db, address)
	if err != nil {
		return 0, err
	}
	if err := f.settle(ctx); err != nil {
		return 0, err
	}
	m, err := newMeter(ctx, db)
	if err != nil {
		return 0, err
	}
	store, err := files.Open(filepath.Join(dir, "import-"+string(db.Engine)))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	led, kept := ledger.New(db), files.New(db, store)
	who := f.city.caller[manager]
	actor := db.Policy.Actor(who.User, who.Username, []policies.Assignment{{ID: string(models.NewID()), User: who.User, Role: policies.ParkManager, Park: who.Park, From: "2025-01-01"}}, db.Today())
	im := importer{options: o, db: db, m: m, files: kept, svc: exchange.New(db, led, kept, sheets.Ledgers{}), ctx: policies.With(ctx, actor), dir: dir, park: f.city.park, works: f.books(), address: address}
	return im.all()
}

// all runs the measurements one after the other; each but the first builds on the one
// before.
func (im *importer) all() (broken int, err error) {
	rows := int(broughtRows * im.scale)
	for _, measure := range []func() (int, error){im.checks, func() (int, error) { return im.bring(rows) }, func() (int, error) { return im.takeOut(rows) }} {
		n, err := measure()
		if broken += n; err != nil {
			return broken, err
		}
	}
	return broken, nil
}

// importHead are the columns of the file.
var importHead = []any{"企业", "设施编码", "排放口编码", "记录日期", "班次", "是否正常运行", "开始时间", "结束时间", "废水进水量（m³）", "废水处理量（m³）", "废水回用量（m³）", "废水排放量（m³）",
	"污染物代码", "监测值", "污泥产生量（t）", "污泥去向", "排水去向"}

// table writes a file of so many rows: the shifts of the manager's works up to a day.
func (im *importer) table(name string, rows int, last code.Day) (path string, err error) {
	path = filepath.Join(im.dir, name)
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	w, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return path, err
	}
	if err := w.SetRow("A1", importHead); err != nil {
		return path, err
	}
	if err := book.SetDocProps(&excelize.DocProperties{Title: name}); err != nil { // no two files are the same
		return path, err
	}
	first := last.Add(1 - rows/len(im.works)/shifts)
	for n := range rows {
		of, turn := im.works[n%len(im.works)], n/len(im.works)
		d := turnOfDuty{of.number, turn % shifts, first.Add(turn / shifts)}
		v := d.values()
		if err := w.SetRow(sheets.Cell(0, n+2), []any{of.firm, of.code, "DW" + of.code[2:], string(d.day), fmt.Sprint(d.shift + 1), "是", v.start, v.end,
			v.inflow, v.treated, v.reused, v.discharged, "w01018", v.readings[0], v.sludge, "示例危险废物经营单位", "进入城镇污水处理厂"}); err != nil {
			return path, err
		}
	}
	if err := w.Flush(); err != nil {
		return path, err
	}
	return path, book.SaveAs(path)
}

// readPlainly reads every cell of a file with the library and nothing else.
func readPlainly(path string) (rows int, err error) {
	book, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	all, err := book.Rows("Sheet1")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, all.Close()) }()
	for all.Next() {
		if _, err := all.Columns(); err != nil {
			return rows, err
		}
		rows++
	}
	return rows, all.Error()
}

// check brings a file.
func (im *importer) check(path string) (exchange.Checked, error) {
	file, err := os.Open(path)
	if err != nil {
		return exchange.Checked{}, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	in, err := im.files.ReceiveTable(im.ctx, file, filepath.Base(path))
	if err != nil {
		return exchange.Checked{}, err
	}
	defer in.Discard()
	return im.svc.Check(im.ctx, exchange.Upload{ParkID: im.park, Class: ledgerClass, File: in})
}

// checks sets the check of a file against plain reads of it.
func (im *importer) checks() (broken int, err error) {
	stop, err := profile(im.profile, "import-check-"+string(im.db.Engine))
	if err != nil {
		return 0, err
	}
	defer stop()
	var ours, theirs []effort
	for n := range checkRounds {
		path, err := im.table(fmt.Sprintf("check-%d.xlsx", n), checkedRows, ledgerLast.Add(-100*n))
		if err != nil {
			return 0, err
		}
		one, err := im.m.spent(im.ctx, "import", func() error {
			k, err := im.check(path)
			if err == nil && k.Good != checkedRows {
				err = fmt.Errorf("%d of %d rows are good: %+v", k.Good, checkedRows, k.Report.Lines[:min(1, len(k.Report.Lines))])
			}
			return err
		})
		if err != nil {
			return 0, err
		}
		two, err := im.m.spent(im.ctx, "plain", func() error {
			for range plainReads {
				if n, err := readPlainly(path); err != nil || n != checkedRows+1 {
					return errors.Join(err, fmt.Errorf("%d rows were read", n))
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
		ours, theirs = append(ours, one), append(theirs, two)
	}
	a, b := middle(ours), middle(theirs)
	ratio := a.wall.Seconds() / b.wall.Seconds()
	fmt.Fprintf(im.out, "\n%s, import, check of %d rows: %.2f s, %.2f s of CPU; %d plain reads of the file: %.2f s, %.2f s of CPU; ratio of time %.2f, must 1.00 %s, of CPU %.2f\n",
		im.db.Engine, checkedRows, a.wall.Seconds(), a.cpu.Seconds(), plainReads, b.wall.Seconds(), b.cpu.Seconds(), ratio, verdict(ratio, 1), a.cpu.Seconds()/b.cpu.Seconds())
	if ratio > 1 {
		broken++
	}
	return broken, nil
}
