package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// rosterTable is a file of firms that nobody has registered, each with its unit.
func rosterTable(t *testing.T, firms int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("统一社会信用代码,企业名称,行业代码,排污许可管理类别,是否排污单位,法定代表人,环保联系人,楼栋,单元、楼层或者房号,入驻日期\n")
	for n := range firms {
		fmt.Fprintf(&b, "%s,新来%d号有限公司,3982,重点管理,是,李四,张三,9,%d,2025-03-01\n", dbtest.CreditCode(500+n), n, n+1)
	}
	path := filepath.Join(t.TempDir(), "企业.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestKilledRoster: a row of a roster is a firm, its residence, its unit and what the log
// says of them. Killed at any moment of the commit, the process leaves all of the rows or
// none, and the same command again brings in what is missing and nothing twice.
func TestKilledRoster(t *testing.T) {
	engines(t, func(t *testing.T, address string) {
		const firms = 150
		city, run := bringing(t, address)
		db := opened(t, address)
		defer func() { _ = db.Close() }()
		c := city(db)
		count := func(perm policies.Permission, of models.Scoped, where string, args ...any) (n int64) {
			t.Helper()
			if err := db.Visible(c.Program(), perm, of).Where(where, args...).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		stands := func() [4]int64 {
			return [4]int64{count(policies.EnterpriseRead, &registry.Enterprise{}, "name LIKE ?", "新来%"), count(policies.SiteRead, &registry.Site{}, "park_id = ?", c.BaoanA.Park.ID),
				count(policies.SiteRead, &registry.Tenancy{}, "building = ?", "9"), count(policies.ChangeRead, &audit.Change{}, "object_kind IN ?", []string{"enterprise", "site", "tenancy"})}
		}
		newest := func() (i exchange.Import) {
			t.Helper()
			if err := db.Visible(c.Program(), policies.LedgerRead, &i).Limit(1).Find(&i).Error; err != nil {
				t.Fatal(err)
			}
			return i
		}
		before := stands()
		whole := [4]int64{before[0] + firms, before[1] + firms, before[2] + firms, before[3] + 3*firms}
		args := []string{"register.enterprises", rosterTable(t, firms), "--park", "SZ-01", "--as", "park-a", "--json", "--commit", "all"}
		for _, after := range []time.Duration{0, 30 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
			cmd, checks := run(args...), newest().Checks
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for newest().Checks == checks { // until it is checked, and about to be committed
				select {
				case err := <-ended:
					t.Fatalf("the process ended before it had checked anything: %v", err)
				case <-time.After(5 * time.Millisecond):
				}
			}
			time.Sleep(after)
			_ = cmd.Process.Kill() // it may have ended
			<-ended
			i := newest()
			if want := map[exchange.State][4]int64{exchange.Waiting: before, exchange.Committed: whole}[i.State]; stands() != want {
				t.Errorf("killed after %s, the import is %s with %v, want %v", after, i.State, stands(), want)
			}
			if t.Logf("killed after %s, while it was %s", after, i.State); i.State == exchange.Committed {
				break
			}
		}
		if r, exit := ran(t, run(args...)); exit != 0 || r.State != exchange.Committed || stands() != whole {
			t.Errorf("once more: exit %d, %+v, %v", exit, r, stands())
		}
	})
}
