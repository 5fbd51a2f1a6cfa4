package api_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// TestOutAndInAgain: what was brought in and filed comes out with all its contents in the
// columns of its template; brought in again it changes nothing, and a cell that was
// changed meanwhile is named. Without a class there is nothing to take out.
func TestOutAndInAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		in := "/imports?class=treatmentFacility.wastewater&parkId=" + string(w.BaoanA.Park.ID)
		k := w.want(w.call("park-a", "POST", in, table("2026-03-01", "2026-03-02", "2026-03-03"), "Content-Type", "text/csv"), 201, "a file")
		w.want(w.call("park-a", "POST", "/imports/"+k.text("id")+"/commit", map[string]any{"rows": "all", "file": true}), 200, "the commit")
		// What was entered as a mark of nothing is a blank cell of a sheet.
		payload := map[string]any{"normal": true, "startAt": "2026-03-04T00:00:00+08:00", "endAt": "2026-03-04T23:59:00+08:00", "inflow": "412.5", "treated": "10", "reused": "2", "discharged": "8",
			"readings": []any{map[string]any{"pollutant": "w01001", "value": "7.2"}}, "sludgeQuantity": "1.2", "sludgeDestination": "示例处置公司", "drainDestination": "sewagePlant", "cause": "—"}
		dashed := map[string]any{"parkId": w.BaoanA.Park.ID, "siteId": w.BaoanA.Site.ID, "facilityId": w.BaoanA.Facility.ID, "class": "treatmentFacility.wastewater", "day": "2026-03-04", "slot": "早班", "payload": payload, "file": true}
		w.want(w.call("park-a", "POST", "/ledgers/batch", map[string]any{"mode": "atomic", "entries": []any{dashed}}), 200, "a mark of nothing")
		out := func(format string) string {
			e := w.want(w.call("park-a", "POST", "/exports", map[string]any{"list": "ledger-rows", "format": format, "filters": map[string]string{"class": "treatmentFacility.wastewater", "from": "2026-03-01", "to": "2026-03-31"}}), 201, "an export")
			return string(w.want(w.call("park-a", "GET", "/exports/"+e.text("id")+"/content", nil), 200, "the file").raw)
		}
		for _, format := range []string{"csv", "xlsx"} {
			again := w.want(w.call("park-a", "POST", in, out(format), "Content-Type", map[string]string{"csv": "text/csv", "xlsx": "application/octet-stream"}[format]), 201, "the file again")
			if again.at("unchanged") != 4.0 || again.at("bad") != 0.0 || again.at("good") != 0.0 {
				t.Errorf("as %s it comes back as %s", format, again.raw)
			}
		}
		csv := out("csv")
		changed := w.want(w.call("park-a", "POST", in, strings.Replace(csv, "412.5", "413.5", 1), "Content-Type", "text/csv"), 201, "a changed file")
		if changed.at("unchanged") != 3.0 || changed.at("bad") != 1.0 {
			t.Errorf("a changed cell: %s\n%s", changed.raw, csv)
		}
		for _, filters := range []map[string]string{{}, {"class": "park.profile"}, {"class": "nothing"}} {
			if got := w.want(w.call("park-a", "POST", "/exports", map[string]any{"list": "ledger-rows", "format": "csv", "filters": filters}), 422, "no class"); got.text("errors.0.pointer") != "/filters/class" {
				t.Errorf("%v: %s", filters, got.raw)
			}
		}
	})
}

// register are lists as a park may have kept them, by the class under which they come in,
// each with what makes a reader of tables stumble; firm is the code of a firm that is there.
func register(firm string) map[string]string {
	return map[string]string{
		"register.enterprises": "统一社会信用代码,企业名称,行业代码,排污许可管理类别,环境风险等级,是否排污单位,简称,列入重点排污单位名录的年份,法定代表人,环保联系人,生产工艺,楼栋,单元、楼层或者房号,面积,入驻日期\n" +
			dbtest.CreditCode(301) + ",示例一号电子有限公司,3982、3970,重点管理,较大,是,一号；一号电子,2025、2026,李四,张三,电镀；蚀刻,3 栋,00501,1200.50,2024-03-01\n" +
			dbtest.CreditCode(302) + ",示例二号电子有限公司,3982,不需要,,否,,,李四,张三,,,,,\n",
		"register.facilities": "企业,设施编码,设施名称,设施种类,设计能力,能力单位,是否在用,处理工艺,建设或者运维单位,建成日期,班次,运行方式,运行周期\n" +
			firm + ",TW031,'=一号池,污染防治设施,500.50,m³/d,是,AO＋沉淀,示例环保有限公司,2020-01-05,早班、中班、夜班,连续运行,8\n" +
			",TW032,园区站,集中处理设施,20000,t/a,否,,,,,,\n",
		"register.permits": "企业,许可证编号,证件种类,管理类别,许可状态,发证日期,有效期截止日,发证机关,许可排放量/污染物,许可排放量/年许可量,许可排放量/年度,许可排放浓度/排放口编码,许可排放浓度/污染物,许可排放浓度/下限,许可排放浓度/上限,许可排放浓度/浓度单位,许可排放浓度/取值方式,台账记录要求/台账类别,台账记录要求/适用设施,台账记录要求/记录频次原文,台账记录要求/宽限天数,台账记录要求/到期日遇节假日顺延,自行监测要求/监测点位排放口,自行监测要求/监测项目,自行监测要求/监测频次原文\n" +
			firm + "," + firm + "001P,排污许可证,重点管理,,2024-03-01,,深圳市生态环境局,化学需氧量,12.50,2026,DW001,w01001,6,9,无量纲,,废水治理设施运行记录,TW001,1次/日,3,是,DW001,w01018,1次/月\n" +
			",,,,,,,,w21003,1.25,,DW001,w01018,,80,mg/L,日均值,,,,,,DW001,氨氮,1次/季\n" +
			firm + "," + firm + "002P,登记回执,登记管理,已登记,2024-03-01,2029-02-28,深圳市生态环境局,,,,,,,,,,,,,,,,,\n",
		"inspection.findings": "企业,设施编码,发现日期,维度,问题类型,问题描述,严重程度,地点,建议整改期限\n" +
			firm + ",TW001,2026-03-02,治理设施,危险废物标签缺失,\"一、没有标签\n二、地面, 有积水\",立行立改,1 栋,2026-03-25\n" +
			",,2026-03-03,风险防控,,应急池被占用,较大,,\n",
	}
}

// TestRegisterOutAndInAgain: what stands in the register goes out in the columns of its
// template and is what stands when it comes in again, in both kinds of file and both
// languages. A cell that was changed is named, and nothing is said about people.
func TestRegisterOutAndInAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		firm, in := w.BaoanA.Enterprise.CreditCode, func(class string) string { return "/imports?class=" + class + "&parkId=" + string(w.BaoanA.Park.ID) }
		lists, files := map[string]string{"register.enterprises": "enterprise-rows", "register.facilities": "facility-rows", "register.permits": "permit-rows", "inspection.findings": "finding-rows"}, register(firm)
		for _, class := range slices.Sorted(maps.Keys(files)) {
			k := w.want(w.call("park-a", "POST", in(class), files[class], "Content-Type", "text/csv"), 201, "a file")
			w.want(w.call("park-a", "POST", "/imports/"+k.text("id")+"/commit", map[string]any{"rows": "all"}), 200, class+" "+string(k.raw))
		}
		// A name with a comma in it is divided like a list of names; the other firm has blank cells only.
		_, err := w.Registry.CreateEnterprise(w.ParkManager(w.BaoanA), "", registry.EnterpriseInput{CreditCode: dbtest.CreditCode(303), Name: "示例三号电子有限公司", Aliases: []string{"Number Three Co., Ltd", "三号"},
			Industries: []string{"3982"}, PermitClass: "none", LegalRepresentative: "李四", Contact: "张三"}, w.BaoanA.Park.ID)
		if err != nil {
			t.Fatal(err)
		}
		out := func(class, format, lang string) string {
			e := w.want(w.call("park-a", "POST", "/exports", map[string]any{"list": lists[class], "format": format, "filters": map[string]string{"parkId": string(w.BaoanA.Park.ID)}}, "Accept-Language", lang), 201, "an export")
			return string(w.want(w.call("park-a", "GET", "/exports/"+e.text("id")+"/content", nil), 200, "the file").raw)
		}
		media := map[string]string{"csv": "text/csv", "xlsx": "application/octet-stream"}
		for class, least := range map[string]float64{"register.enterprises": 4, "register.facilities": 3, "register.permits": 2, "inspection.findings": 2} {
			for format, kind := range media {
				for _, lang := range []string{"zh-CN", "en"} {
					again := w.want(w.call("park-a", "POST", in(class), out(class, format, lang), "Content-Type", kind), 201, "the file again")
					if again.at("unchanged") != again.at("rows") || again.at("rows").(float64) < least || again.at("faultCount") != 0.0 || again.at("warningCount") != 0.0 {
						t.Errorf("%s as %s in %s comes back as %s\n%s", class, format, lang, again.raw, out(class, "csv", lang))
					}
				}
			}
		}
		for class, text := range files { // as it was kept before, with other words for the same
			if again := w.want(w.call("park-a", "POST", in(class), text+"\n", "Content-Type", "text/csv"), 201, "the first file again"); again.at("unchanged") != again.at("rows") || again.at("faultCount") != 0.0 {
				t.Errorf("%s as it came first comes back as %s", class, again.raw)
			}
		}
		for class, change := range map[string][2]string{"register.enterprises": {"电镀；蚀刻", "电镀"}, "register.facilities": {"20000", "20001"}, "register.permits": {"1.25", "1.26"}, "inspection.findings": {"应急池被占用,较大", "应急池被占用,一般"}} {
			csv := out(class, "csv", "zh-CN")
			changed := w.want(w.call("park-a", "POST", in(class), strings.Replace(csv, change[0], change[1], 1), "Content-Type", "text/csv"), 201, "a changed file")
			if changed.at("unchanged").(float64)+1 != changed.at("rows") || changed.at("bad") != 1.0 || changed.text("faults.0.code") != "differs" {
				t.Errorf("%s with a changed cell: %s\n%s", class, changed.raw, csv)
			}
			if strings.Contains(csv, "李四") || strings.Contains(csv, "张三") {
				t.Errorf("%s says who people are: %s", class, csv)
			}
		}
	})
}
