package web_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// noticed is a finding of the first park's firm with a notice of either issuer.
func (w *world) noticed(t *testing.T, official bool) models.ID {
	t.Helper()
	ctx := w.ParkManager(w.BaoanA)
	if official {
		ctx = w.Inspector("baoan")
	}
	svc := inspection.New(w.DB, everybody{})
	f, err := svc.Log(ctx, "", inspection.FindingInput{ParkID: string(w.BaoanA.Park.ID), EnterpriseID: string(w.BaoanA.Enterprise.ID), FacilityID: string(w.BaoanA.Facility.ID), Dimension: 2,
		Description: "导流沟南段破损约 1.2 米，沟内有渗滤液痕迹，未见收集 <b>；\n4 只容器没有粘贴危险废物标签。", Severity: inspection.Minor, Place: "1 号危险废物暂存间"})
	must(t, err)
	_, err = svc.Notify(ctx, f.Finding.ID, inspection.NoticeInput{DueOn: string(w.DB.Today().Add(7)), Text: "修复导流沟并做闭水试验；补齐容器标签；清理沟内渗滤液并按危险废物收集处置"})
	must(t, err)
	return f.Finding.ID
}

// testNotice: on a sheet of A4, one page, as an official letter or as a park's.
func testNotice(t *testing.T, w *world, b *tab) {
	_, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Authorization": "Bearer " + w.token}})
	must(t, err)
	b.requests()
	for name, c := range map[string]struct {
		official bool
		title    string
		says     []string
		never    []string
	}{
		"official": {true, "限期整改通知书 FD-", []string{"深圳市生态环境局宝安管理局", "现要求", "依法处理", "<b>", "签收人"}, []string{"园区管理约定"}},
		"park":     {false, "整改告知书 FD-", []string{"宝安甲园管理机构", "园区管理约定", "不是行政机关的决定"}, []string{"通知书", "我局", "现要求", "依法处理", "责令"}},
	} {
		b.do(chromedp.Navigate(w.server.URL + "/api/v1/findings/" + string(w.noticed(t, c.official)) + "/notice"))
		if title := js[string](b, "document.title"); !strings.HasPrefix(title, c.title) {
			t.Fatalf("%s: a browser is shown %q", name, title)
		}
		words := js[string](b, `document.querySelector("main").innerText`)
		for _, want := range c.says {
			if !strings.Contains(words, want) {
				t.Errorf("%s does not say %q:\n%s", name, want, words)
			}
		}
		for _, never := range c.never {
			if strings.Contains(words, never) {
				t.Errorf("%s says %q:\n%s", name, never, words)
			}
		}
		red := js[string](b, `getComputedStyle(document.querySelector(".org")).color`) != "rgb(0, 0, 0)"
		if red != c.official || js[int](b, `document.querySelectorAll("footer svg path").length`) != 2 {
			t.Errorf("%s: a red head is %v", name, red)
		}
		b.fits(390, "the notice, "+name)
		b.shot(1440, "notice-"+name)
		b.shot(390, "notice-"+name)
		paper := b.paper("notice-" + name)
		if n := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(paper, -1)); n != 1 {
			t.Errorf("%s takes %d pages", name, n)
		}
		b.requests() // style and script pass the page's own policy: nothing on the console
	}
}

// paper is the page as Chromium prints it; it is kept where PARK_TEST_SHOTS names a folder.
func (b *tab) paper(name string) []byte {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
	must(b.t, err)
	if dir := os.Getenv("PARK_TEST_SHOTS"); dir != "" {
		must(b.t, os.WriteFile(filepath.Join(dir, name+".pdf"), r.Data, 0o600))
	}
	return r.Data
}

// everybody has an account.
type everybody struct{}

// EnterpriseHasAccount implements inspection.Accounts.
func (everybody) EnterpriseHasAccount(context.Context, models.ID) (bool, error) { return true, nil }

// Members implements inspection.Accounts.
func (everybody) Members(context.Context, policies.Organisation) ([]models.ID, error) {
	return nil, nil
}

// Inspectors implements inspection.Accounts.
func (everybody) Inspectors(context.Context, string, code.Day) ([]policies.Assignment, error) {
	return nil, nil
}
