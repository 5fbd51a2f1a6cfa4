package api_test

import (
	"bytes"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
)

// declaredWorld has a quarter of records: of waste water about four days, one over a limit
// and one returned, and a batch of hazardous waste; others elsewhere.
func declaredWorld(t *testing.T, db *models.DB) *world {
	w := newWorld(t, db)
	w.exceeds(place{Place: w.BaoanA})
	w.waste(place{Place: w.BaoanA})
	w.exceeds(place{Place: w.Longgang})
	for day, volume := range map[string]string{"2026-01-05": "310.1", "2026-01-06": "310.02", "2026-04-01": "99", "2026-01-07": "310.003"} {
		body := entryBody(place{Place: w.BaoanA}, day)
		body["payload"].(map[string]any)["discharged"] = volume
		id := w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "a draft").text("id")
		w.want(w.call("firm-a", "POST", "/ledgers/"+id+"/filing", nil), 200, "filed")
		if day == "2026-01-07" {
			w.want(w.call("park-a", "POST", "/ledgers/"+id+"/return", map[string]any{"reason": "排放量与流量计不符"}), 200, "returned")
		}
	}
	w.seal()
	return w
}

// table is a table of a report by its title: its rows by cells.
func (a answer) table(t *testing.T, title string) (columns []any, rows [][]any, sources []map[string]any) {
	t.Helper()
	for _, x := range a.at("tables").([]any) {
		if m := x.(map[string]any); strings.HasPrefix(m["title"].(string), title) {
			for _, r := range m["rows"].([]any) {
				rows = append(rows, r.([]any))
			}
			for _, s := range m["sources"].([]any) {
				sources = append(sources, s.(map[string]any))
			}
			return m["columns"].([]any), rows, sources
		}
	}
	t.Fatalf("no table %q in %s", title, a.raw)
	return nil, nil, nil
}

// added adds up a number of the entries that stand, one by one as the API gives them, and
// names those that have it.
func (w *world) added(who string, narrow url.Values, at string) (*big.Rat, map[string]bool) {
	total, numbers := new(big.Rat), map[string]bool{}
	for _, x := range w.want(w.call(who, "GET", "/ledgers?"+narrow.Encode(), nil), 200, "entries").items() {
		e := x.(map[string]any)
		if e["state"] != "filed" && e["state"] != "accepted" {
			continue
		}
		if v, is := w.call(who, "GET", "/ledgers/"+e["id"].(string), nil).at("payload." + at).(string); is {
			n, _ := new(big.Rat).SetString(v)
			total.Add(total, n)
			numbers[e["number"].(string)] = true
		}
	}
	return total, numbers
}

// TestDeclaredNumbers: each number of a declaration is the sum of the entries that the API
// lists, and names exactly these; what was returned, another quarter and another firm are
// not among them; a cell that no entry fills says so.
func TestDeclaredNumbers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := declaredWorld(t, db)
		firm := "enterpriseId=" + string(w.BaoanA.Enterprise.ID)
		for who, narrow := range map[string]string{"firm-a": firm, "park-a": "parkId=" + string(w.BaoanA.Park.ID), "baoan-1": firm, "bureau": firm + "&parkId=" + string(w.BaoanA.Park.ID)} {
			r := w.want(w.call(who, "GET", "/reports/execution?asOf=2026-03-31&"+narrow, nil), 200, "an execution report")
			columns, rows, sources := r.table(t, "废水治理设施运行情况")
			if len(rows) != 1 {
				t.Fatalf("%s: %d facilities: %s", who, len(rows), r.raw)
			}
			for x, field := range map[int]string{3: "inflow", 4: "treated", 5: "reused", 6: "discharged", 7: "sludgeQuantity"} {
				want, numbers := w.added(who, url.Values{"class": {"treatmentFacility.wastewater"}, "from": {"2026-01-01"}, "to": {"2026-03-31"}, "parkId": {string(w.BaoanA.Park.ID)}}, field)
				if got, ok := new(big.Rat).SetString(rows[0][x].(string)); !ok || got.Cmp(want) != 0 || want.Sign() == 0 {
					t.Errorf("%s: %v is %v, the entries add up to %s", who, columns[x], rows[0][x], want.FloatString(6))
				}
				named := 0
				for _, s := range sources {
					if s["column"] == float64(x) {
						named++
						if !numbers[s["record"].(string)] || s["path"] != "/"+field {
							t.Errorf("%s: %v names %v", who, columns[x], s)
						}
					}
				}
				if named != len(numbers) || named != 3 {
					t.Errorf("%s: %v names %d of %d entries", who, columns[x], named, len(numbers))
				}
			}
			if rows[0][2] != "无来源" || rows[0][10] != "无来源" {
				t.Errorf("%s: no entry says how long and at what cost: %v", who, rows[0])
			}
			// 310.1 and 310.02 m³ at 38 mg/L and 310 m³ at 60 mg/L, in tonnes
			if _, rows, _ := r.table(t, "污染物实际排放量"); len(rows) != 1 || rows[0][3] != "3" || rows[0][4] != "0.042165" {
				t.Errorf("%s: discharged %v", who, rows)
			}
			if _, rows, _ := r.table(t, "超标排放情况"); len(rows) != 1 || rows[0][1] != "2026-01-03" || rows[0][4] != "60 mg/L" {
				t.Errorf("%s: exceeded %v", who, rows)
			}
			if _, rows, _ := r.table(t, "排放口监测数据统计"); len(rows) != 1 || fmt.Sprint(rows[0][5:12]) != "[3 0 38 60 45.333 1 33.3]" {
				t.Errorf("%s: readings %v", who, rows)
			}
			waste := w.want(w.call(who, "GET", "/reports/solidWaste?period=month&asOf=2026-01-31&"+narrow, nil), 200, "a declaration")
			if _, rows, _ := waste.table(t, "危险废物产生"); len(rows) != 1 || rows[0][1] != "336-054-17" || rows[0][4] != "1.25" || rows[0][7] != "无来源" {
				t.Errorf("%s: waste %v", who, rows)
			}
		}
	})
}

// TestDeclaredSources: the workbook has the sources on a hidden worksheet, and each names a
// cell that has that number.
func TestDeclaredSources(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := declaredWorld(t, db)
		got := w.call("firm-a", "GET", "/reports/execution/workbook?asOf=2026-03-31&enterpriseId="+string(w.BaoanA.Enterprise.ID), nil)
		f, err := excelize.OpenReader(bytes.NewReader(got.raw))
		if err != nil {
			t.Fatal(err, string(got.raw))
		}
		if visible, err := f.GetSheetVisible("来源"); err != nil || visible {
			t.Errorf("the sources are visible: %v %v", visible, err)
		}
		rows, err := f.GetRows("来源")
		if err != nil || len(rows) < 20 {
			t.Fatalf("%d sources, %v", len(rows), err)
		}
		single := map[string][]string{}
		for _, row := range rows[1:] {
			single[row[0]+"!"+row[1]] = append(single[row[0]+"!"+row[1]], row[5])
		}
		compared := 0
		for at, raws := range single {
			sheet, cell, _ := strings.Cut(at, "!")
			said, err := f.GetCellValue(sheet, cell)
			if err != nil || said == "" || said == "无来源" {
				t.Errorf("%s is %q, %v", at, said, err)
			}
			if strings.HasPrefix(sheet, "2 ") {
				want := new(big.Rat)
				for _, raw := range raws {
					n, _ := new(big.Rat).SetString(raw)
					want.Add(want, n)
				}
				if n, ok := new(big.Rat).SetString(said); !ok || n.Cmp(want) != 0 {
					t.Errorf("%s is %s, its sources add up to %s", at, said, want.FloatString(6))
				}
				compared++
			}
		}
		if compared < 5 {
			t.Errorf("%d sums compared", compared)
		}
	})
}

// TestDeclaredReach: a declaration is about what the caller may see, is told the same to
// the byte by its number, and asks for whose it is.
func TestDeclaredReach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := declaredWorld(t, db)
		for _, name := range []string{"execution", "solidWaste"} {
			for who, narrow := range map[string]string{"park-b": "parkId=" + string(w.BaoanA.Park.ID), "firm-l": "enterpriseId=" + string(w.BaoanA.Enterprise.ID), "longgang": "parkId=" + string(w.BaoanA.Park.ID)} {
				if got := w.call(who, "GET", "/reports/"+name+"?"+narrow, nil); got.status != 404 {
					t.Errorf("%s of another to %s: %d %s", name, who, got.status, got.raw)
				}
			}
			if got := w.call("bureau", "GET", "/reports/"+name, nil); got.status != 422 || got.text("errors.0.pointer") != "/query/enterpriseId" {
				t.Errorf("%s of nobody: %d %s", name, got.status, got.raw)
			}
		}
		if got := w.call("bureau", "GET", "/reports/execution?period=year&parkId="+string(w.BaoanA.Park.ID), nil); got.status != 422 || got.text("errors.0.pointer") != "/query/period" {
			t.Errorf("a period that it is not about: %d %s", got.status, got.raw)
		}
		path := "/reports/execution?asOf=2026-03-31&enterpriseId=" + string(w.BaoanA.Enterprise.ID)
		first := w.want(w.call("bureau", "GET", path, nil), 200, "a report")
		entries := w.call("park-a", "GET", "/ledgers?class=treatmentFacility.wastewater&state=filed&from=2026-01-05&to=2026-01-05", nil).items()
		w.want(w.call("park-a", "POST", "/ledgers/"+entries[0].(map[string]any)["id"].(string)+"/return", map[string]any{"reason": "排放量与流量计不符"}), 200, "returned")
		w.seal()
		again := w.want(w.call("bureau", "GET", fmt.Sprintf("%s&knownSeq=%v", path, first.at("knownSeq")), nil), 200, "again")
		if now := w.call("bureau", "GET", path, nil); again.text("sha256") != first.text("sha256") || now.text("sha256") == first.text("sha256") {
			t.Errorf("was %s, again %s, now %s", first.text("sha256"), again.text("sha256"), now.text("sha256"))
		}
	})
}
