package exchange_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/exchange"
	"parkregistry/models/grade"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/sheets"
)

const enterprises = "register.enterprises"

// bringList brings a file of a list of the register into the park of a place.
func (w world) bringList(ctx context.Context, p dbtest.Place, class, text string) (exchange.Checked, error) {
	f, err := w.files.ReceiveTable(ctx, strings.NewReader(text), "名录.csv")
	if err != nil {
		return exchange.Checked{}, err
	}
	defer f.Discard()
	return w.svc.Check(ctx, exchange.Upload{ParkID: string(p.Park.ID), Class: class, File: f})
}

// all brings a file in whole.
func (w world) all(t testing.TB, ctx context.Context, p dbtest.Place, class, text string) exchange.Import {
	t.Helper()
	k := ok(w.bringList(ctx, p, class, text))(t)
	return ok(w.svc.Commit(ctx, k.ID, exchange.CommitInput{Rows: exchange.All}, nil))(t)
}

func roster(rows ...string) string {
	return "统一社会信用代码,企业名称,行业代码,排污许可管理类别,是否排污单位,法定代表人,环保联系人,联系电话,生产工艺,楼栋,单元、楼层或者房号,入驻日期\n" + strings.Join(rows, "\n") + "\n"
}

// newcomer is a row of a firm that nobody has registered.
func newcomer(n int) string {
	return fmt.Sprintf("%s,新来%d号有限公司,3982、3970,重点管理,是,赵法人,钱联系,13700137000,电镀,9,%d01,2025年3月1日", dbtest.CreditCode(n), n, n)
}

func (w world) firms(t testing.TB, ctx context.Context, p dbtest.Place) map[string]registry.Enterprise {
	t.Helper()
	all := map[string]registry.Enterprise{}
	for _, s := range ok(w.Registry.Sites(ctx, registry.SiteFilter{ParkID: string(p.Park.ID)}, models.Query{Limit: models.MaxPage}))(t).Items {
		if s.ClosedOn == nil {
			e := ok(w.Registry.Enterprise(ctx, *s.EnterpriseID))(t)
			all[e.CreditCode] = e
		}
	}
	return all
}

// TestEnterprises: a roster takes the steps of a ledger. A row makes the firm and its
// residence; a firm that another park registered only moves in; what differs is named in
// its cell, and nothing about people is kept in what is kept for good.
func TestEnterprises(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, park := w.BaoanA, w.ParkManager(w.BaoanA)
		other, own := w.Longgang.Enterprise, p.Enterprise
		before := len(w.firms(t, park, p))
		text := roster(
			newcomer(301),
			other.CreditCode+","+other.Name+",3982,重点管理,是,李四,张三,,,,,",
			own.CreditCode+","+own.Name+",3982,重点管理,是,李四,王五,,,1,101,2022-01-01",
			own.CreditCode+",又一次,3982,重点管理,是,李四,张三,,,,,",
			strings.Replace(newcomer(302), dbtest.CreditCode(302), dbtest.CreditCode(302)[:17]+"I", 1),
			strings.Replace(newcomer(303), "13700137000", "一三七", 1),
			strings.Replace(newcomer(304), "9,30401", "9,30101", 1),
			strings.Replace(newcomer(305), "3982、3970", "0000", 1))
		k := ok(w.bringList(park, p, enterprises, text))(t)
		if k.Rows != 8 || k.Good != 2 || k.Bad != 5 || k.Unchanged != 1 || len(w.firms(t, park, p)) != before {
			t.Fatalf("%d rows, %d good, %d bad, %d unchanged: %+v", k.Rows, k.Good, k.Bad, k.Unchanged, k.Report.Lines)
		}
		for cell, grave := range map[string]exchange.Grave{"G4": exchange.Warning, "A5": exchange.Fault, "A6": exchange.Fault, "H7": exchange.Fault, "K8": exchange.Fault, "C9": exchange.Fault} {
			if n := note(t, k.Report, cell); n.Grave != grave {
				t.Errorf("%s is %s: %v", cell, n.Grave, fault.Text(n.Detail))
			}
		}
		raw := string(ok(json.Marshal(k.Report))(t))
		for _, said := range []string{"赵法人", "钱联系", "一三七", "王五"} {
			if strings.Contains(raw, said) {
				t.Errorf("the report keeps %s", said)
			}
		}
		_, err := w.svc.Correct(park, k.ID, exchange.CorrectInput{Cells: []exchange.CellInput{{Cell: "H7", Text: "13700137001"}}})
		if f := want(t, err, fault.Invalid); f.Violations[0].Code != "personal" {
			t.Errorf("a phone is corrected in place: %+v", f)
		}
		k = ok(w.svc.Correct(park, k.ID, exchange.CorrectInput{Cells: []exchange.CellInput{{Cell: "C9", Text: "3982"}}}))(t)
		i := ok(w.svc.Commit(park, k.ID, exchange.CommitInput{Rows: exchange.Good}, nil))(t)
		now := w.firms(t, park, p)
		f := now[dbtest.CreditCode(301)]
		units := ok(w.Registry.Tenancies(park, w.siteOf(t, park, p, f.ID).ID))(t)
		if i.Entries != 3 || len(now) != before+3 || f.Phone != "13700137000" || len(f.Industries) != 2 || !f.Discharges || len(units) != 1 || units[0].Building != "9" || units[0].FromOn != "2025-03-01" || now[other.CreditCode].ID != other.ID {
			t.Fatalf("%d written, %+v, %+v", i.Entries, f, units)
		}
		if again := ok(w.bringList(park, p, enterprises, roster(newcomer(301))))(t); again.Unchanged != 1 || again.Good != 0 {
			t.Errorf("the same again: %+v", again.Report.Lines)
		}
		changed := ok(w.bringList(park, p, enterprises, roster(strings.Replace(newcomer(301), "新来", "改名", 1), strings.NewReplacer("3982、3970", "3982", "9,30501", "9,502").Replace(newcomer(305)))))(t)
		if changed.Bad != 2 || !strings.Contains(fault.Text(note(t, changed.Report, "B2").Detail).String(), "新来301号有限公司") || note(t, changed.Report, "K3").Grave != exchange.Fault {
			t.Errorf("what differs: %+v", changed.Report.Lines)
		}
		_, err = w.bringList(w.Firm(p), p, enterprises, text)
		want(t, err, fault.Denied)
		_, err = w.bringList(park, w.Longgang, enterprises, text)
		want(t, err, fault.NotFound)
		w.verified(t)
	})
}

// siteOf is where a firm lives in the park of a place.
func (w world) siteOf(t testing.TB, ctx context.Context, p dbtest.Place, firm models.ID) registry.Site {
	t.Helper()
	return ok(w.Registry.Sites(ctx, registry.SiteFilter{ParkID: string(p.Park.ID), EnterpriseID: string(firm)}, models.Query{Limit: 1}))(t).Items[0]
}

// TestEnterprisesUndone: undoing closes the firms that the file registered and ends the
// residences that it began; the same can come in again, as the same records. A firm that
// lives elsewhere stays, and one about which something was recorded stays in the park.
func TestEnterprisesUndone(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, park, bureau := w.BaoanA, w.ParkManager(w.BaoanA), w.Bureau()
		before := len(w.firms(t, park, p))
		text := roster(newcomer(301), newcomer(302), w.Longgang.Enterprise.CreditCode+","+w.Longgang.Enterprise.Name+",3982,重点管理,是,李四,张三,,,,,")
		firms := map[models.ID]bool{}
		for range 2 {
			i := w.all(t, park, p, enterprises, text)
			f := w.firms(t, park, p)[dbtest.CreditCode(301)]
			if firms[f.ID] = true; i.Entries != 3 || f.Name != "新来301号有限公司" {
				t.Fatalf("%d written, %+v", i.Entries, f)
			}
			ok(w.svc.Undo(park, i.ID))(t)
			if e := ok(w.Registry.Enterprise(bureau, f.ID))(t); e.ClosedOn == nil || len(w.firms(t, park, p)) != before {
				t.Error("not undone")
			}
			if e := ok(w.Registry.Enterprise(bureau, w.Longgang.Enterprise.ID))(t); e.ClosedOn != nil {
				t.Error("a firm of another park is closed")
			}
		}
		if len(firms) != 1 {
			t.Error("one credit code is two firms")
		}
		i := w.all(t, park, p, enterprises, text)
		f := w.firms(t, park, p)[dbtest.CreditCode(301)]
		site := string(w.siteOf(t, park, p, f.ID).ID)
		work := ok(w.Registry.CreateFacility(park, "", registry.FacilityInput{ParkID: string(p.Park.ID), SiteID: site, Code: "TW051", Kind: "treatment", Name: "池", Capacity: "1", CapacityUnit: "m3/d"}))(t)
		second := w.firms(t, park, p)[dbtest.CreditCode(302)]
		ok(w.Registry.CreateSite(w.ParkManager(w.BaoanB), "", registry.SiteInput{ParkID: string(w.BaoanB.Park.ID), CreditCode: second.CreditCode}))(t)
		_, err := w.svc.Undo(park, i.ID)
		if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/2" || len(w.firms(t, park, p)) != before+3 {
			t.Errorf("undone over a facility: %+v", f)
		}
		ok(w.Registry.CloseFacility(park, work.ID, work.Version, registry.CloseInput{Reason: "登记错了企业"}))(t)
		ok(w.svc.Undo(park, i.ID))(t)
		if e := ok(w.Registry.Enterprise(bureau, second.ID))(t); e.ClosedOn != nil || len(w.firms(t, park, p)) != before {
			t.Error("a firm that moved in elsewhere is closed, or it is not undone")
		}
		w.verified(t)
	})
}

// TestEnterprisesGiven: a firm that was given an account, that asked for one or that was
// graded since it came in is not closed by undoing, and the text says why; what it had in
// an earlier life of its record keeps nothing.
func TestEnterprisesGiven(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, park, district := w.BaoanA, w.ParkManager(w.BaoanA), w.Inspector("baoan")
		accounts, grades := account.New(w.DB, slog.New(slog.DiscardHandler), account.DefaultProfile()), grade.New(w.DB)
		profile := account.ProfileInput{DisplayName: "钱联系"}
		as := func(name string, grants ...account.GrantInput) (account.User, context.Context) {
			u := ok(accounts.CreateDemo(w.Program(), account.Demo{UserInput: account.UserInput{Username: name, ProfileInput: profile}, Password: "Blue-river-31-stones", Grants: grants}))(t)
			return u, policies.With(t.Context(), ok(accounts.ActorOf(w.Program(), u.ID))(t))
		}
		const why = "测试用的任职"
		_, admin := as("keeper", account.GrantInput{Role: policies.Admin.Slug(), Reason: why})
		_, manager := as("manager", account.GrantInput{Role: policies.ParkManager.Slug(), ParkID: string(p.Park.ID), Reason: why})
		person, _ := as("firm-301")
		first := w.all(t, park, p, enterprises, roster(newcomer(301), newcomer(302)))
		firm := string(w.firms(t, park, p)[dbtest.CreditCode(302)].ID)
		kept := func(i exchange.Import, says string) {
			t.Helper()
			_, err := w.svc.Undo(park, i.ID)
			if f := want(t, err, fault.Conflict); len(f.Violations) != 1 || f.Violations[0].Pointer != "/3" || !strings.Contains(f.Violations[0].Detail.String(), says) {
				t.Errorf("undone in spite of %s: %+v", says, f)
			}
		}
		grant := account.GrantInput{Role: policies.EnterpriseUser.Slug(), EnterpriseID: firm, Reason: "企业自行填报台账"}
		given := ok(accounts.Grant(admin, person.ID, grant))(t)
		kept(first, "1 个账号")
		ok(accounts.EndAssignment(admin, given.ID, account.AssignmentEndInput{Reason: "登记错了企业"}))(t)
		asked := ok(accounts.Ask(manager, account.RequestInput{UserInput: account.UserInput{Username: "firm-302", ProfileInput: profile}, GrantInput: grant}))(t)
		kept(first, "申请了 1 个账号")
		ok(accounts.Decide(admin, asked.ID, account.DecisionInput{Reason: "登记错了企业"}))(t)
		ok(w.svc.Undo(park, first.ID))(t)

		second := w.all(t, park, p, enterprises, roster(newcomer(303), newcomer(302)))
		ok(grades.Open(district, models.ID(firm), "", grade.OpenInput{Kind: grade.Capability, Reason: "现场核查废水处理设施"}))(t)
		kept(second, "1 项评级")
		ok(w.Registry.CreateSite(w.ParkManager(w.BaoanB), "", registry.SiteInput{ParkID: string(w.BaoanB.Park.ID), CreditCode: dbtest.CreditCode(302)}))(t)
		ok(w.svc.Undo(park, second.ID))(t) // the firm stays: it lives elsewhere
		if e := ok(w.Registry.Enterprise(w.Bureau(), models.ID(firm)))(t); e.ClosedOn != nil {
			t.Error("a firm that lives elsewhere is closed")
		}

		// Closed with its grade, and registered again: the grade was there before.
		site := w.siteOf(t, w.Bureau(), w.BaoanB, models.ID(firm))
		ok(w.Registry.CloseSite(w.ParkManager(w.BaoanB), site.ID, site.Version, registry.CloseInput{Reason: "企业已经搬迁"}))(t)
		ok(w.Registry.CloseEnterprise(w.Bureau(), models.ID(firm), ok(w.Registry.Enterprise(w.Bureau(), models.ID(firm)))(t).Version, registry.CloseInput{Reason: "企业已经注销"}))(t)
		*w.now = w.now.Add(time.Hour)
		third := w.all(t, park, p, enterprises, roster(newcomer(304), newcomer(302)))
		ok(w.svc.Undo(park, third.ID))(t)
		w.verified(t)
	})
}

// TestListTemplates: the template of each list names its columns so that they are found
// again, offers what can be chosen, and its sample is a row that would pass.
func TestListTemplates(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.svc = exchange.New(w.DB, w.led, w.files, sheets.Ledgers{})
		p, park := w.BaoanA, w.ParkManager(w.BaoanA)
		for code, columns := range map[string]int{enterprises: 16, facilities: 13, permits: 25, findings: 9} {
			class, _ := exchange.ClassOf(code)
			objects := ok(w.svc.Objects(park, class, string(p.Park.ID), ""))(t)
			for _, lang := range []words.Lang{words.Chinese, words.English} {
				var b bytes.Buffer
				if err := sheets.LedgerTemplate(&b, class, sheets.ObjectsOf(objects), lang); err != nil {
					t.Fatal(err)
				}
				k := ok(w.bringList(park, p, code, b.String()))(t)
				if k.Rows != 0 || len(k.Report.Unmatched) != 0 || len(k.Report.Columns) != columns {
					t.Errorf("%s in %s: %d rows, %d columns, not matched %v", code, lang, k.Rows, len(k.Report.Columns), k.Report.Unmatched)
				}
				if k := ok(w.bringList(park, p, code, unmarked(t, b.Bytes())))(t); k.Rows != 1 || k.Good != 1 {
					t.Errorf("the sample of %s in %s: %+v", code, lang, k.Report.Lines)
				}
				f := ok(w.files.ReceiveTable(park, strings.NewReader(b.String()), "名录.xlsx"))(t)
				_, err := w.svc.Check(park, exchange.Upload{ParkID: string(p.Park.ID), Class: wastewater, File: f})
				want(t, err, fault.Invalid)
				f.Discard()
			}
		}
	})
}

// unmarked is a template whose sample row does not say any more that it is one.
func unmarked(t testing.TB, book []byte) string {
	t.Helper()
	in := ok(zip.NewReader(bytes.NewReader(book), int64(len(book))))(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r := ok(f.Open())(t)
		part := strings.NewReplacer("示例：", "", "Example: ", "").Replace(string(ok(io.ReadAll(r))(t)))
		ok(io.WriteString(ok(w.Create(f.Name))(t), part))(t)
		_ = r.Close()
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
