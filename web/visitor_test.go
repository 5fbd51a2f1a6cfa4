package web_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is somebody who opens pages: it keeps cookies and follows nothing by itself.
type browser struct {
	*world
	client *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	return &browser{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// shown is one answer to a browser.
type shown struct {
	status int
	to     string // where it is sent on to
	text   string
	header http.Header
}

func (b *browser) send(method, path string, form url.Values, header ...string) shown {
	b.t.Helper()
	if form == nil {
		return b.sendBody(method, path, "", nil, header...)
	}
	return b.sendBody(method, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), header...)
}

func (b *browser) sendBody(method, path, media string, body io.Reader, header ...string) shown {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, body)
	must(b.t, err)
	req.Header.Set("Accept", "text/html")
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(req)
	must(b.t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	must(b.t, err)
	return shown{res.StatusCode, res.Header.Get("Location"), string(raw), res.Header}
}

func (b *browser) get(path string) shown {
	b.t.Helper()
	return b.send("GET", path, nil)
}

// signIn signs in as somebody does who types.
func (b *browser) signIn(name string) *browser {
	b.t.Helper()
	if p := b.send("POST", "/login", url.Values{"username": {name}, "password": {password}}); p.status != http.StatusSeeOther || p.to != "/" {
		b.t.Fatalf("sign in as %s: %d to %q", name, p.status, p.to)
	}
	return b
}

var formToken = regexp.MustCompile(`name="form" value="([^"]+)"`)

// form is what vouches for the forms of the page.
func (p shown) form(t *testing.T) string {
	t.Helper()
	m := formToken.FindStringSubmatch(p.text)
	if m == nil {
		t.Fatal("the page has no form of this sign-in")
	}
	return m[1]
}

// secret is what the browser keeps of its sign-in, "" for nothing.
func (b *browser) secret() string {
	at, err := url.Parse(b.server.URL)
	must(b.t, err)
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == "park" {
			return c.Value
		}
	}
	return ""
}

var (
	menuPart   = regexp.MustCompile(`(?s)<nav class="side".*?</nav>`)
	besidePart = regexp.MustCompile(`(?s)<nav class="tabs beside".*?</nav>`)
	linkStart  = regexp.MustCompile(`<a href="([^"]+)"([^>]*)>`)
)

// linksIn are the links of a part of a page that have a mark.
func linksIn(part *regexp.Regexp, page, mark string) (all []string) {
	for _, l := range linkStart.FindAllStringSubmatch(part.FindString(page), -1) {
		if strings.Contains(l[2], mark) {
			all = append(all, l[1])
		}
	}
	return all
}

// menu is where the lines of the menu lead.
func (b *browser) menu(home string) []string { return linksIn(menuPart, b.get(home).text, "") }

// places are all pages that the menu leads to, those beside others among them.
func (b *browser) places(home string) (all []string) {
	for _, line := range b.menu(home) {
		pages := linksIn(besidePart, b.get(line).text, "")
		if len(pages) == 0 {
			pages = []string{line}
		}
		all = append(all, pages...)
	}
	return all
}
