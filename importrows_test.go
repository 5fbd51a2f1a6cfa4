package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/exchange"
	"parkregistry/models/jobs"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// ledgerTable is a file of days of the works of a place's firm, in UTF-8 with the heads that people know.
func ledgerTable(t *testing.T, days ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("记录日期,班次,设施编码,是否正常运行,开始时间,结束时间,废水进水量,废水处理量,废水回用量,废水排放量,污染物代码（HJ 525）,监测值,污泥产生量,污泥去向,排水去向\n")
	for _, day := range days {
		fmt.Fprintf(&b, "%s,早班,TW001,是,2025-01-01 00:00,2025-01-01 23:59,412.5,10,2,8,w01001,7.2,1.2,示例处置公司,进入城镇污水处理厂\n", day)
	}
	path := filepath.Join(t.TempDir(), "台账.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// bringing prepares a database with an account of a firm and of its park, and gives a run of the command on it.
func bringing(t *testing.T, address string) (firm func(*models.DB) dbtest.City, run func(args ...string) *exec.Cmd) {
	t.Helper()
	db := opened(t, address)
	if err := jobs.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	city := dbtest.NewCity(t, db)
	signedIn(t, db, "firm-a", account.GrantInput{Role: policies.EnterpriseUser.Slug(), EnterpriseID: string(city.BaoanA.Enterprise.ID)})
	signedIn(t, db, "park-a", account.GrantInput{Role: policies.ParkManager.Slug(), ParkID: string(city.BaoanA.Park.ID)})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath("park") // testscript.Main put it there
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	return func(db *models.DB) dbtest.City { city.DB = db; return city }, func(args ...string) *exec.Cmd {
		cmd := exec.Command(path, append([]string{"import", "rows"}, args...)...)
		cmd.Env = append(slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "PARK_") }), "PARK_DATABASE="+address, "PARK_DATA="+data)
		return cmd
	}
}

// permitTable is a file of a permit of a place's firm.
func permitTable(t *testing.T, firm string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "许可证.csv")
	text := "企业,许可证编号,证件种类,管理类别,发证日期,发证机关\n" + firm + "," + firm + "001P,排污许可证,重点管理,2024-03-01,市生态环境局\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ran is what a run answered, with its exit code.
func ran(t *testing.T, cmd *exec.Cmd) (importedRows, int) {
	t.Helper()
	var r importedRows
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if len(out) > 0 {
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return r, cmd.ProcessState.ExitCode()
}

// TestImportRows: the command checks, commits and says by its exit code how it went.
func TestImportRows(t *testing.T) {
	engines(t, func(t *testing.T, address string) {
		_, run := bringing(t, address)
		const class = "treatmentFacility.wastewater"
		whose := []string{"--park", "SZ-01", "--as", "firm-a", "--json"}
		faulty := ledgerTable(t, "2025-03-01", "2025/13/02")
		for _, c := range []struct {
			args                     []string
			exit, good, bad, written int
			state                    exchange.State
		}{
			{[]string{class, faulty}, 2, 0, 0, 0, ""}, // whose it is was not said
			{append([]string{"nothing", faulty}, whose...), 2, 0, 0, 0, ""},
			{append([]string{class, faulty + "x"}, whose...), 2, 0, 0, 0, ""},
			{append([]string{class, faulty, "--commit", "some"}, whose...), 2, 0, 0, 0, ""},
			{append([]string{class, faulty, "--park", "SZ-03"}, whose[2:]...), 1, 0, 0, 0, ""}, // not the firm's
			{append([]string{class, faulty}, whose...), 1, 1, 1, 0, exchange.Waiting},
			{append([]string{class, faulty, "--commit", "all"}, whose...), 1, 1, 1, 0, exchange.Waiting},
			{append([]string{class, faulty, "--commit", "good"}, whose...), 1, 1, 1, 1, exchange.Committed},
			{append([]string{class, ledgerTable(t, "2025-03-01", "2025-03-02"), "--commit", "all", "--file"}, whose...), 0, 1, 0, 1, exchange.Committed},
			{append([]string{"register.permits", permitTable(t, dbtest.CreditCode(1)), "--commit", "all"}, whose...), 0, 1, 0, 1, exchange.Committed},
			{append([]string{"register.facilities", permitTable(t, dbtest.CreditCode(1))}, whose...), 1, 0, 0, 0, ""}, // not a firm's to enter
		} {
			r, exit := ran(t, run(c.args...))
			if exit != c.exit || r.Good != c.good || r.Bad != c.bad || r.Written != c.written || r.State != c.state || r.Bad > 0 && r.Cells[0].Cell != "A3" {
				t.Errorf("%v: exit %d, %+v", c.args, exit, r)
			}
		}
	})
}

// TestKilledImport: a process that is killed while it commits leaves all of the rows or none.
func TestKilledImport(t *testing.T) {
	engines(t, func(t *testing.T, address string) {
		const rows = 300
		days := make([]string, rows)
		for i := range days {
			days[i] = string(code.Day("2024-01-01").Add(i))
		}
		city, run := bringing(t, address)
		cmd := run("treatmentFacility.wastewater", ledgerTable(t, days...), "--park", "SZ-01", "--as", "firm-a", "--json", "--commit", "all", "--file")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		db := opened(t, address)
		defer func() { _ = db.Close() }()
		c := city(db)
		count := func(model models.Scoped) (n int64) {
			t.Helper()
			if err := db.Visible(c.Program(), policies.LedgerRead, model).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		for count(&exchange.Import{}) == 0 { // checked, and about to be committed
			if cmd.ProcessState != nil {
				t.Fatal("the process ended before it had checked anything")
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		var i exchange.Import
		if err := db.Visible(c.Program(), policies.LedgerRead, &exchange.Import{}).First(&i).Error; err != nil {
			t.Fatal(err)
		}
		entries, filings := count(&ledger.Entry{}), count(&ledger.Filing{})
		if want := map[exchange.State]int64{exchange.Waiting: 0, exchange.Committed: rows}[i.State]; entries != want || filings != want {
			t.Errorf("the import is %s with %d entries and %d filings", i.State, entries, filings)
		}
		t.Logf("killed while it was %s", i.State)
	})
}
