package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm/schema"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// tasks sets three tasks, of the bureau, a district and a park, and moves one.
func tasks(t *testing.T, db *models.DB, c dbtest.City) {
	t.Helper()
	svc := task.New(db, progress.New(db, audit.New(db), c.Registry), everybody{})
	doc, err := svc.CreateProgramme(c.Bureau(), "", task.ProgrammeInput{Title: "任务进度表", Document: "深环〔2026〕1号", Issuer: "市生态环境局", IssuedOn: "2026-01-05", Note: "年度任务"})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []task.TaskInput{{}, {Jurisdiction: "baoan"}, {ParkID: string(c.BaoanA.Park.ID), Binding: &task.Binding{Query: task.Overdue}}} {
		in.ProgrammeID, in.Title, in.Goal, in.PersonID, in.DueOn = string(doc.ID), "排查隐患", "排查一遍", string(models.NewID()), "2098-12-31"
		x, err := svc.Create(c.Bureau(), "", in)
		if err != nil {
			t.Fatal(err)
		}
		if in.ParkID == "" {
			continue
		}
		if x, err = svc.Move(c.ParkManager(c.BaoanA), task.MoveReport, x.ID, x.Version, task.StepInput{Reason: "已经全部排查", Evidence: []string{"排查记录"}}); err != nil {
			t.Fatal(err)
		}
		if _, err = svc.Move(c.Bureau(), task.MoveOverride, x.ID, x.Version, task.StepInput{Reason: "现场核对不符", Says: task.SayNotDone}); err != nil {
			t.Fatal(err)
		}
	}
}

// everybody belongs to every body.
type everybody struct{}

func (everybody) Belongs(context.Context, models.ID, policies.Organisation) (bool, error) {
	return true, nil
}

// committed are the tables whose rows leaves commit to, one way or another, by the
// room whose sources say so.
var committed = []struct {
	models  []models.Scoped
	sources []audit.Source
}{
	{registry.Models()[:15], registry.Verifiable()}, // without the reference lists
	{[]models.Scoped{account.User{}, account.Token{}, account.Assignment{}, account.Request{}}, account.Verifiable()},
	{ledger.Models(), ledger.Verifiable()},
	{inspection.Models(), inspection.Verifiable()},
	{assessment.Models(), assessment.Verifiable()},
	{grade.Models(), grade.Verifiable()},
	{task.Models(), task.Verifiable()},
	{files.Models(), files.Verifiable(nil)}, // the bytes: models/files
	{exchange.Models(), exchange.Verifiable()},
	{[]models.Scoped{audit.Record{}, audit.RecordSeal{}}, nil},
	{[]models.Scoped{audit.DayCount{}, audit.PeriodCount{}}, nil},
}

// apart are the tables that no leaf commits to, with the reason.
var apart = map[string]string{
	"changes": "the leaves themselves, models/audit: TestTampering", "log_hashes": "as changes", "checkpoints": "as changes",
	"sessions":         "who is signed in: ends by itself",
	"signin_attempts":  "forgotten after a day",
	"reminders":        "how much waited for a person on a day, computed; forgotten after a month",
	"settings":         "of the program",
	"idempotency_keys": "answers kept for three days",
	"numbers":          "counters; the numbers given stand in the heads",
	"districts":        "part of the program, loaded at each start", "streets": "as districts", "reference_items": "as districts",
	"exports":          "files kept for a day for whoever asked; what was taken out is in the audit trail",
	"goose_db_version": "of the migrations", "sqlite_sequence": "of the database",
}

// free are the columns that may change without a leaf, with the reason.
var free = map[string]string{
	"patrols.officers":              "names and papers of people, which can be erased",
	"account_requests.display_name": "the name of a person, which can be erased",
	"users.display_name":            "as account_requests.display_name",
	"users.password_hash":           "a secret of its person; a sign-in makes it anew where hashes have become stronger",
	"users.factor_step":             "moves with each sign-in",
	"tokens.last_used_at":           "moves with each use",
	"enterprise_names.id":           "only a name of the row",
	"waste_batches.id":              "as enterprise_names.id",
	"waste_batches.updated_at":      "when somebody last tried to take from it; a refused attempt counts too",
	"attachments.owner_kind":        "the leaf of the row that it is attached to names its attachments",
	"attachments.owner_id":          "as owner_kind",
	"personal_fields.object_id":     "a value that belongs to nobody is one that was erased",
	"personal_fields.updated_at":    "when a value was kept says nothing about anybody",
	"patrol_positions.patrol_id":    "a position that belongs to nothing is one that was erased",
}

// derived are the tables that no leaf holds, and that verify derives from those that leaves hold.
var derived = map[string]bool{"park_day_counts": true, "park_period_counts": true, "waste_batches": true}

// erasable are the tables whose rows may go: a leaf holds a salted commitment only.
var erasable = map[string]bool{"personal_fields": true, "patrol_positions": true}

// TestEveryColumn: whoever holds the tables, with triggers and constraints off, and
// alters a column of the business, deletes a row or adds one, is found (S-LG8). The
// columns are those of the database: a new one fails until it is covered or named.
func TestEveryColumn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := write(t, db)
		unfetter(t, db)
		v := vandal{t, db, ctx, evidence(nil)}
		if bad := v.after(); bad != nil {
			t.Fatalf("untouched: %+v", bad)
		}
		tables, found := v.tables(), map[string]bool{}
		for _, room := range committed {
			v.sources = room.sources
			for _, model := range room.models {
				s, err := schema.Parse(reflect.New(reflect.TypeOf(model)).Interface(), &sync.Map{}, schema.NamingStrategy{})
				if err != nil {
					t.Fatal(err)
				}
				v.columns(s, tables[s.Table], found)
				v.rows(s, tables[s.Table])
				found[s.Table] = true
			}
		}
		for table := range tables {
			if !found[table] && apart[table] == "" && !strings.HasPrefix(table, "river_") {
				t.Errorf("%s is covered by nothing", table)
			}
		}
		for name := range apart {
			if found[name] || tables[name] == nil && name != "sqlite_sequence" {
				t.Errorf("%s is named as apart, and is not", name)
			}
		}
		for name := range parents {
			if tables[name] == nil {
				t.Errorf("%s is named among parents, and is not there", name)
			}
		}
		for name, reason := range free {
			if !found[name] {
				t.Errorf("%s is named as free (%s), and is not", name, reason)
			}
		}
	})
}

// vandal holds the tables.
type vandal struct {
	t       *testing.T
	db      *models.DB
	ctx     context.Context
	sources []audit.Source
}

// columns alters every column; those that may be free are noted in found.
func (v vandal) columns(s *schema.Schema, columns []string, found map[string]bool) {
	for _, name := range columns {
		f := s.FieldsByDBName[name]
		if f == nil {
			v.t.Errorf("%s.%s is in no struct", s.Table, name)
			continue
		}
		full := s.Table + "." + name
		if bad := v.after(fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", s.Table, name, other(v.db.Engine, f), v.one(s.Table))); bad == nil {
			if found[full] = true; free[full] == "" {
				v.t.Errorf("%s can be altered", full)
			}
		} else if derived[s.Table] && bad.Table != s.Table {
			v.t.Errorf("%s is altered, and %s is named", full, bad.Table)
		}
	}
}

// rows deletes one row, all rows, and adds one.
func (v vandal) rows(s *schema.Schema, columns []string) {
	for _, which := range []string{"", " WHERE " + v.one(s.Table)} {
		if bad := v.after("DELETE FROM " + s.Table + which); (bad == nil) != erasable[s.Table] {
			v.t.Errorf("%s: rows deleted%s: %+v", s.Table, which, bad)
		}
	}
	if erasable[s.Table] || s.Table == "ledger_limit_sets" { // a set of limits that no filing names says nothing
		return
	}
	key := s.PrimaryFields[len(s.PrimaryFields)-1]
	if bad := v.after(v.copied(s, columns, key)); bad == nil {
		v.t.Errorf("%s: a row added is not found", s.Table)
	}
	if parent := s.FieldsByDBName[parents[s.Table]]; parent != nil {
		if bad := v.after(v.copied(s, columns, key, parent)); bad == nil || bad.Table != s.Table {
			v.t.Errorf("%s: a row added that belongs to nothing: %+v", s.Table, bad)
		}
	}
}

// parents are the columns that name the objects of rows; what belongs to no object is found too.
var parents = map[string]string{"ledger_filings": "entry_id", "ledger_steps": "entry_id", "ledger_oddities": "entry_id", "period_lock_steps": "lock_id", "pilot_steps": "park_id",
	"patrol_events": "patrol_id", "finding_steps": "finding_id", "draw_tasks": "draw_id", "assessment_steps": "assessment_id", "assessment_marks": "assessment_id", "grade_steps": "grade_id", "import_steps": "import_id"}

// copied adds a copy of one row with other values in some columns.
func (v vandal) copied(s *schema.Schema, columns []string, fields ...*schema.Field) string {
	values := slices.Clone(columns)
	for _, f := range fields {
		values[slices.Index(columns, f.DBName)] = other(v.db.Engine, f)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s WHERE %s", s.Table, strings.Join(columns, ", "), strings.Join(values, ", "), s.Table, v.one(s.Table))
}

// after is what verify finds once the statements have run; they are undone.
func (v vandal) after(statements ...string) *audit.Bad {
	v.t.Helper()
	var r audit.Report
	undo := errors.New("undo")
	err := v.db.Write(v.ctx, func(tx *models.Tx) error {
		for _, s := range statements {
			if res := tx.Program().Exec(s); res.Error != nil || res.RowsAffected == 0 && !strings.HasPrefix(s, "ALTER") {
				return fmt.Errorf("%s: %d rows, %w", s, res.RowsAffected, cmp.Or(res.Error, errors.New("nothing altered")))
			}
		}
		var err error
		if r, err = audit.Verify(tx.Context(), v.db, audit.Against{Sources: v.sources}); err != nil {
			return fmt.Errorf("%s: %w", statements, err)
		}
		return undo
	})
	if !errors.Is(err, undo) {
		v.t.Error(err)
	}
	return r.Bad
}

// TestUnreadable: a row that cannot be read back is named with its leaf, and verify
// ends as it does for any other.
func TestUnreadable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		v := vandal{t, db, write(t, db), evidence(nil)}
		unfetter(t, db)
		for statement, table := range map[string]string{ // half a JSON text: no type forbids it
			"UPDATE changes SET counts = '{\"x\":' WHERE seq = 3":                    "changes",
			"UPDATE enterprises SET key_years = '[20' WHERE " + v.one("enterprises"): "enterprises",
		} {
			if bad := v.after(statement); bad == nil || bad.Table != table || bad.Seq == nil {
				t.Errorf("%s: %+v", statement, bad)
			}
		}
		torn := map[string]string{"UPDATE patrol_events SET body = '{\"item\":' WHERE " + v.one("patrol_events"): "patrols"}
		if db.Engine == models.SQLite { // a column takes anything
			torn["UPDATE changes SET at = 'yesterday' WHERE seq = 3"] = "changes"
			torn["UPDATE ledger_filings SET filed_at = 'x' WHERE "+v.one("ledger_filings")] = "ledger_entries"
			torn["UPDATE findings SET returns = 'many' WHERE "+v.one("findings")] = "findings"
		} else { // it does once its type is another
			torn["ALTER TABLE findings ALTER COLUMN returns TYPE text USING 'many'"] = "findings"
		}
		for statement, table := range torn {
			if bad := v.after(statement); bad == nil || bad.Table != table || bad.Seq == nil || bad.Detail.Key != "这条记录读不出来：某一列的内容已经损坏" {
				t.Errorf("%s: %+v", statement, bad)
			}
		}
	})
}

// one is the condition of one row of a table.
func (v vandal) one(table string) string {
	row := map[models.Engine]string{models.SQLite: "rowid", models.Postgres: "ctid"}[v.db.Engine]
	return row + " = (SELECT " + row + " FROM " + table + " ORDER BY 1 LIMIT 1)"
}

// tables are the columns that the database has.
func (v vandal) tables() map[string][]string {
	query := "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
	if v.db.Engine == models.Postgres {
		query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
	}
	all := map[string][]string{}
	for _, pair := range asked(v.t, v.db, query) {
		all[pair[0]] = append(all[pair[0]], pair[1])
	}
	return all
}

// asked are the rows of a query of two texts.
func asked(t *testing.T, db *models.DB, query string) (all [][2]string) {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var pair [2]string
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			t.Fatal(err)
		}
		all = append(all, pair)
	}
	if rows.Err() != nil || len(all) == 0 {
		t.Fatal(query, rows.Err())
	}
	return all
}

// other is another value of a column, lawful to read.
func other(engine models.Engine, f *schema.Field) string {
	kind := f.FieldType
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == reflect.TypeFor[models.ID]():
		return "'0190a000-0000-7000-8000-00000000dead'"
	case kind == reflect.TypeFor[time.Time]():
		return "'2020-01-01 00:00:00+00:00'"
	case kind == reflect.TypeFor[code.Day]():
		return "'2020-01-01'"
	case kind.Kind() == reflect.String:
		return "COALESCE(" + f.DBName + ", '') || 'x'"
	case kind.Kind() == reflect.Bool:
		return "NOT " + f.DBName
	case kind.Kind() == reflect.Int, kind.Kind() == reflect.Int64:
		return "COALESCE(" + f.DBName + ", 0) + 7"
	case kind == reflect.TypeFor[[]byte]() && engine == models.Postgres:
		return "decode(repeat('00', 32), 'hex')"
	case kind == reflect.TypeFor[[]byte]():
		return "zeroblob(32)"
	case kind == reflect.TypeFor[models.Texts]():
		return `'["x"]'`
	}
	return map[string]string{"key_years": "'[1999]'", "officers": `'[{"name":"x"}]'`, "lists": `'{"count":9}'`, "body": `'{"text":"x"}'`, "args": `'{"x":"x"}'`, "attachments": `'[{"sha256":"x"}]'`,
		"amounts": `'[{"pollutant":"x"}]'`, "limits": `'[{"pollutant":"x"}]'`, "ledger_rules": `'[{"class":"x"}]'`, "monitoring": `'[{"pollutant":"x"}]'`,
		"production": `'[{"product":"x"}]'`, "shifts": `'[{"name":"x"}]'`, "outcome": `'{"scores":[{"item":"x"}]}'`, "binding": `'{"query":"x"}'`,
		"cells": `'[{"cell":"x"}]'`, "report": `'{"rows":9}'`, "entries": `'[{"row":9}]'`}[f.DBName]
}

// unfetter takes away what the database itself forbids.
func unfetter(t *testing.T, db *models.DB) {
	t.Helper()
	statements := []string{`DO $$
DECLARE held record;
BEGIN
    FOR held IN SELECT conrelid::regclass AS name, conname FROM pg_constraint WHERE contype IN ('f', 'c', 'x') AND connamespace = current_schema()::regnamespace AND conrelid <> 0 LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', held.name, held.conname);
    END LOOP;
    FOR held IN SELECT DISTINCT tgrelid::regclass AS name FROM pg_trigger WHERE NOT tgisinternal LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', held.name);
    END LOOP;
    FOR held IN SELECT indexrelid::regclass AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE indisunique AND NOT indisprimary AND c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) LOOP
        EXECUTE format('DROP INDEX %s', held.name);
    END LOOP;
END $$`}
	if db.Engine == models.SQLite {
		statements = []string{"PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON"}
		for _, held := range asked(t, db, "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR type = 'index' AND sql LIKE 'CREATE UNIQUE%'") {
			statements = append(statements, "DROP "+held[0]+" "+held[1])
		}
	}
	for _, s := range statements {
		if _, err := db.SQL().ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// accounts stands for the accounts: every firm has one.
type accounts struct{}

func (accounts) EnterpriseHasAccount(context.Context, models.ID) (bool, error) { return true, nil }

// Members implements inspection.Accounts.
func (accounts) Members(context.Context, policies.Organisation) ([]models.ID, error) { return nil, nil }

// Inspectors implements inspection.Accounts.
func (accounts) Inspectors(context.Context, string, code.Day) ([]policies.Assignment, error) {
	return []policies.Assignment{{User: string(models.NewID()), Role: policies.DistrictInspector, Jurisdiction: "baoan"},
		{User: string(models.NewID()), Role: policies.DistrictInspector, Jurisdiction: "baoan"}}, nil
}

// write fills an empty database through the services, every table of the business,
// and gives the program's context.
func write(t *testing.T, db *models.DB) context.Context {
	c := dbtest.NewCity(t, db)
	p, ctx, today := c.BaoanA, c.Program(), db.Today()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	park, site, firm := string(p.Park.ID), string(p.Site.ID), c.Firm(p)

	_, err := c.Registry.CreatePhase(ctx, p.Park.ID, "", registry.PhaseInput{Number: "1", Name: "一期", State: "operating"})
	must(err)
	_, err = c.Registry.CreatePermit(ctx, "", registry.PermitInput{SiteID: site, Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key", IssuedOn: "2024-01-01", Authority: "市生态环境局"})
	must(err)
	_, err = c.Registry.CreateStream(ctx, "", registry.StreamInput{ParkID: park, SiteID: site, Name: "含镍废水", Kind: "nickel", ClassOne: true})
	must(err)
	_, err = c.Registry.CreateShutdown(ctx, "", registry.ShutdownInput{ParkID: park, SiteID: site, From: "2026-01-20", Reason: "春节停产检修"})
	must(err)
	_, err = c.Registry.AddLimit(ctx, p.Outlet.ID, registry.LimitInput{Pollutant: "w01018", Maximum: "80", Unit: "mg/L", Basis: "permit", Standard: "许可证", ValidFrom: "2024-01-01"})
	must(err)
	_, err = c.Registry.UpdateEnterprise(ctx, p.Enterprise.ID, 1, func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
		in.Name = "改名以后的电子有限公司"
		return in, nil
	})
	must(err)

	store, err := files.Open(t.TempDir())
	must(err)
	attachments := files.New(db, store)
	var picture bytes.Buffer
	must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	arrived, err := attachments.Receive(firm, &picture, "现场.png", "image/png")
	must(err)
	defer arrived.Discard()
	photo, err := attachments.Upload(firm, "", files.UploadInput{ParkID: park, SiteID: site}, arrived)
	must(err)

	led := ledger.New(db)
	reason := ledger.ReasonInput{Reason: "数值与原始记录不符"}
	day := string(today.Add(-1))
	payload := fmt.Sprintf(`{"normal":true,"startAt":"%[1]sT00:00:00+08:00","endAt":"%[1]sT23:00:00+08:00","inflow":"777777","treated":"777777","reused":"0","discharged":"12",
"readings":[{"pollutant":"w01018","value":"138"}],"sludgeQuantity":"1","sludgeDestination":"示例","drainDestination":"sewagePlant"}`, day)
	entry := func(slot string, attached ...string) ledger.Record {
		r, err := led.Create(firm, "", ledger.Input{Attachments: attached, ParkID: park, SiteID: site, FacilityID: string(p.Facility.ID), OutletID: string(p.Outlet.ID), Class: "treatmentFacility.wastewater", Day: day, Slot: slot, Payload: json.RawMessage(payload)})
		must(err)
		return r
	}
	entry("draft")
	r := entry("1", string(photo.ID))
	r, err = led.File(firm, r.ID, 0)
	must(err)
	if len(r.Oddities) == 0 {
		t.Fatal("nothing is odd about the filing")
	}
	_, err = led.Return(c.ParkManager(p), r.ID, 0, reason)
	must(err)
	_, err = led.File(firm, r.ID, 0)
	must(err)
	_, err = led.Accept(c.ParkManager(p), r.ID, 0)
	must(err)
	amendment, err := led.Amend(firm, r.ID, "", 0, ledger.AmendInput{Reason: reason.Reason})
	must(err)
	_, err = led.File(firm, amendment.ID, 0)
	must(err)
	_, err = led.Void(firm, entry("2").ID, 0, reason)
	must(err)
	wasteChain(t, c, led, day)
	bringIn(t, firm, db, attachments, ledger.Input{ParkID: park, FacilityID: string(p.Facility.ID), Class: "treatmentFacility.wastewater", Day: day, Slot: "3", Payload: json.RawMessage(payload)})
	lock, err := led.LockPeriod(c.Bureau(), "", ledger.PeriodInput{From: day, To: day, ParkID: park, Reason: "季度核查锁定"})
	must(err)
	_, err = led.UnlockPeriod(c.Bureau(), lock.ID, 0, reason)
	must(err)
	_, err = led.LockPeriod(c.Bureau(), "", ledger.PeriodInput{From: day, To: day, Jurisdiction: "longgang", Reason: "季度核查锁定"})
	must(err)

	ins := inspection.New(db, accounts{})
	at := db.Now().Format(time.RFC3339)
	patrol, err := ins.LogPatrol(c.Inspector("baoan"), "", inspection.PatrolInput{ParkID: park, Kind: "daily", Officers: []inspection.Officer{{Name: "陈工"}}})
	must(err)
	_, err = ins.Record(c.Inspector("baoan"), patrol.ID, inspection.BatchInput{Events: []inspection.EventInput{{ID: string(models.NewID()), Type: inspection.EventStart, At: at,
		Position: &inspection.PositionInput{Longitude: "113.88", Latitude: "22.55", AccuracyM: "12.5", Datum: "GCJ-02"}}, {ID: string(models.NewID()), Type: inspection.EventEnd, At: at}}})
	must(err)
	finding, err := ins.Log(c.Inspector("baoan"), "", inspection.FindingInput{ParkID: park, SiteID: site, PatrolID: string(patrol.ID), Dimension: 2, Description: "调节池没有加盖", Severity: "minor"})
	must(err)
	_, err = ins.Notify(c.Inspector("baoan"), finding.Finding.ID, inspection.NoticeInput{})
	must(err)
	draw, err := ins.PublishDraw(c.Inspector("baoan"), "", inspection.DrawInput{ParkID: park, Count: 1})
	must(err)
	_, err = ins.RunDraw(c.Inspector("baoan"), draw.ID, inspection.SeedInput{})
	must(err)

	_, err = grade.New(db).Open(c.Bureau(), p.Enterprise.ID, "", grade.OpenInput{Kind: grade.Credit, On: "2026-11-20", Period: "2026Q3", Score: "88", Reason: "按季度评价结果"})
	must(err)
	tasks(t, db, c)
	ass := assessment.New(db, unmeasured{})
	named, err := c.Registry.Park(c.Bureau(), p.Park.ID)
	must(err)
	_, err = ass.MovePilot(c.Inspector("baoan"), registry.Nominated, named.ID, named.Version, registry.PilotInput{})
	must(err)
	list := assessment.Draft().ChecklistInput
	list.Version = "2027-1"
	_, err = ass.Load(c.Bureau(), list)
	must(err)
	a, err := ass.Start(c.ParkManager(p), "", assessment.StartInput{ParkID: park, Year: 2026})
	must(err)
	_, err = ass.Mark(c.ParkManager(p), assessment.Self, a.ID, a.Version, assessment.MarksInput{Items: []assessment.MarkInput{
		{Item: "A1", Points: "2", Evidence: "任命文件", EvidenceOn: "2026-01-15"}, {Item: "D3"}}})
	must(err)

	acc := account.New(db, slog.New(slog.DiscardHandler), account.DefaultProfile())
	var people []account.User
	for _, name := range []string{"bureau-one", "analyst-one"} {
		u, _, err := acc.Create(c.Admin(), account.UserInput{Username: name, ProfileInput: account.ProfileInput{DisplayName: "陈工", Organisation: "示例单位"}})
		must(err)
		people = append(people, u)
	}
	granted, err := acc.Grant(ctx, people[1].ID, account.GrantInput{Role: "bureau_analyst", Reason: "新到岗位任职"})
	must(err)
	_, err = acc.EndAssignment(c.Admin(), granted.ID, account.AssignmentEndInput{Reason: "调离原来岗位"})
	must(err)
	bureau := db.Policy.Actor(string(people[0].ID), "bureau-one", []policies.Assignment{{ID: string(models.NewID()), User: string(people[0].ID), Role: policies.BureauAdmin, From: "2020-01-01"}}, today)
	_, _, err = acc.CreateToken(policies.With(context.Background(), bureau), account.TokenInput{Name: "在线监测平台", Scopes: []string{string(policies.LedgerRead)}})
	must(err)
	_, err = acc.Ask(policies.With(context.Background(), bureau), account.RequestInput{UserInput: account.UserInput{Username: "new-one", ProfileInput: account.ProfileInput{DisplayName: "新同事"}},
		GrantInput: account.GrantInput{Role: "bureau_analyst", Reason: "新到岗位任职"}})
	must(err)
	must(db.Write(c.Bureau(), func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: "export", Outcome: audit.Done, Kind: "enterprises"})
	}))
	must(audit.Seal(context.Background(), db))
	must(audit.NewSequencer(db, slog.New(slog.DiscardHandler)).Drain(context.Background()))
	return ctx
}

// wasteChain files a batch of hazardous waste, and one that is sent out of it.
func wasteChain(t *testing.T, c dbtest.City, led *ledger.Service, day string) {
	t.Helper()
	p := c.BaoanA
	line, err := c.Registry.CreateFacility(c.Program(), "", registry.FacilityInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: "MF0009", Kind: "production", Name: "镀镍线", Capacity: "20", CapacityUnit: "t", InUse: true})
	if err != nil {
		t.Fatal(err)
	}
	const waste = `"tradeName":"含镍污泥","listName":"示例名称","category":"HW17","wasteCode":"336-054-17","listEdition":"2025","containerType":"tonBag","containerCode":"B-1","containerCount":1`
	for _, step := range [][4]string{
		{"generated", string(line.ID), "HWCS20261123001", `"quantity":"3","generatedAt":"` + day + `T09:00:00+08:00","handler":"甲","destination":"sendOut"`},
		{"sentOut", "", "HWWWCZ20261123001", `"quantity":"2","leftAt":"` + day + `T10:00:00+08:00","methodCode":"D9","receiverKind":"licensed","receiverName":"示例公司","licenceNumber":"440300000001",
"manifestNumber":"20264403000001","fromBatches":[{"batchCode":"HWCS20261123001","quantity":"2"}]`},
	} {
		r, err := led.Create(c.Firm(p), "", ledger.Input{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: step[1], Class: "hazardousWaste." + step[0], Day: day,
			Payload: json.RawMessage(`{"batchCode":"` + step[2] + `",` + waste + `,` + step[3] + `}`)})
		if err == nil {
			_, err = led.File(c.Firm(p), r.ID, 0)
		}
		if err != nil {
			t.Fatal(step[0], err)
		}
	}
}

// unmeasured computes every ratio as one half.
type unmeasured struct{}

func (unmeasured) Measure(context.Context, models.ID, code.Day) (map[string]assessment.Ratio, error) {
	return map[string]assessment.Ratio{assessment.MetricLedgers: {N: 1, D: 2}}, nil
}
