package web_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"parkregistry/models/account"
)

// TestStay: five minutes before a sign-in ends unused a page offers to go on, which a
// button and another tab do; when it is over the page says so, and what was typed on it is
// sent under the next sign-in.
func TestStay(t *testing.T) {
	var later atomic.Int64 // how far the clock of the server is ahead
	w := newWorldAt(t, func() time.Time { return time.Now().Add(time.Duration(later.Load())) }, func(p *account.Profile) { p.Idle = 5*time.Minute + 8*time.Second })
	b := newTab(t)
	signIn := func(b *tab) {
		b.t.Helper()
		b.do(chromedp.SendKeys("#username", "park-a"), chromedp.SendKeys("#password", password), chromedp.Submit("form"))
		b.await(`!!document.querySelector("form[action='/logout']")`)
	}
	b.do(chromedp.Navigate(w.server.URL + "/login?next=/me"))
	signIn(b)
	if js[bool](b, `stay.open`) {
		t.Error("the dialog stands open from the start")
	}
	b.await(`stay.open && document.activeElement === stay.querySelector("button")`)
	if got := js[string](b, `document.getElementById("stay-p").textContent`); got != "5 分钟内没有操作，登录就会失效。填写的内容还在页面上。" {
		t.Errorf("before the end: %q", got)
	}
	b.shot(1440, "stay-soon")
	b.shot(390, "stay-soon")
	later.Add(int64(2 * time.Minute))
	b.do(chromedp.Click("#stay button"))
	b.await(`!stay.open`)
	later.Add(int64(4 * time.Minute)) // over by now, had the button not renewed it
	ctx, end := chromedp.NewContext(b.ctx)
	defer end()
	other := &tab{t: t, ctx: ctx}
	b.await(`stay.open`)
	other.do(chromedp.Navigate(w.server.URL + "/p"))
	if at := js[string](other, `location.pathname`); at != "/p" {
		t.Fatalf("going on does not renew: %s", at)
	}
	b.await(`!stay.open`)
	b.do(chromedp.SendKeys("#current", password), chromedp.SendKeys("#next", "Green-river-32-stones"), chromedp.SendKeys("#again", "Green-river-32-stones"))
	later.Add(int64(6 * time.Minute))
	b.await(`stay.open`)
	b.do(chromedp.Click("#stay button"))
	b.await(`!stay.querySelector("a").hidden && document.activeElement === stay.querySelector("a")`)
	b.shot(1440, "stay-over")
	if got := js[string](b, `[stay.querySelector("p").textContent, stay.querySelector("a").getAttribute("href"), stay.querySelector("a").target, stay.querySelector("button").hidden].join()`); got != "登录已经失效。填写的内容还在页面上，登录后接着填。,/login?next=%2Fme,_blank,true" {
		t.Errorf("after the end: %s", got)
	}
	other.do(chromedp.Navigate(w.server.URL + "/login?next=/me"))
	signIn(other)
	b.await(`!stay.open`)
	b.do(chromedp.Click(`form[action="/me/password"] button`))
	b.await(`location.search.includes("done")`)
	b.requests()
}
