package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parkregistry/policies"
)

// testTokens: whoever may makes a token with some of the own permissions, sees its secret
// once, and takes it back; nobody else's is shown.
func testTokens(t *testing.T, w *world) {
	park, baoan := w.browser().signIn("park-a"), w.browser().signIn("baoan")
	page := park.get("/me/tokens")
	if page.status != http.StatusOK || !strings.Contains(page.text, `value="ledger.read"`) || strings.Contains(page.text, `value="token.create"`) || strings.Contains(page.text, `value="grade.order"`) {
		t.Fatalf("the form (%d) does not offer exactly what a token may have", page.status)
	}
	for _, c := range []struct {
		field string
		typed []string
	}{
		{"name", []string{"scopes", "ledger.read"}},
		{"scopes", []string{"name", "台账同步程序"}},
		{"days", []string{"name", "台账同步程序", "scopes", "ledger.read", "days", "0"}},
		{"days", []string{"name", "台账同步程序", "scopes", "ledger.read", "days", "很久"}},
		{"sourceCidr", []string{"name", "台账同步程序", "scopes", "ledger.read", "sourceCidr", "10.0.0.1/8"}},
		{"scopes", []string{"name", "台账同步程序", "scopes", "grade.order"}},
	} {
		got := park.sends("/me/tokens/token", c.typed...)
		if !got.faulty("token", c.field) || strings.Contains(strings.Join(c.typed, " "), "台账同步程序") && !strings.Contains(got.text, `value="台账同步程序"`) ||
			strings.Contains(strings.Join(c.typed, " "), "ledger.read") && !strings.Contains(got.text, `value="ledger.read" checked`) {
			t.Errorf("%v: %d, want a word at %s and what was entered: %s", c.typed, got.status, c.field, got.complaint())
		}
	}
	made := park.sends("/me/tokens/token", "name", "台账同步程序", "scopes", "ledger.read", "scopes", "park.read", "days", "30")
	secret := regexp.MustCompile(`park_[0-9A-Za-z]{49}`).FindString(made.text)
	if made.status != http.StatusCreated || secret == "" {
		t.Fatalf("make a token: %d %s", made.status, made.complaint())
	}
	page = park.get("/me/tokens")
	if !strings.Contains(page.text, "台账同步程序") || strings.Contains(page.text, secret) || strings.Contains(baoan.get("/me/tokens").text, "台账同步程序") {
		t.Error("the token is not listed, or its secret is shown twice, or to somebody else")
	}
	w.token = secret
	if got := w.send("GET", "/api/v1/ledgers", ""); got.status != http.StatusOK {
		t.Errorf("the token does not open what it names: %d", got.status)
	}
	if got := w.send("GET", "/api/v1/findings", ""); got.status != http.StatusForbidden {
		t.Errorf("the token opens more than it names: %d", got.status)
	}
	revoke := regexp.MustCompile(`action="(/me/tokens/[^"]+/revocation)"`).FindStringSubmatch(page.text)
	if revoke == nil {
		t.Fatal("the token cannot be taken back")
	}
	if got := baoan.sends(revoke[1]); got.status != http.StatusNotFound {
		t.Errorf("somebody else takes it back: %d", got.status)
	}
	if got := park.sends(revoke[1]); got.to != "/me/tokens" || !strings.Contains(park.get("/me/tokens").text, "已撤销") || strings.Contains(park.get("/me/tokens").text, revoke[1]) {
		t.Errorf("take it back: %d", got.status)
	}
	if got := w.send("GET", "/api/v1/ledgers", ""); got.status != http.StatusUnauthorized {
		t.Errorf("what was taken back opens: %d", got.status)
	}
}

// testOthersToken: who looks after accounts takes back a machine token of somebody else, on
// the page of the account; who only reads accounts sees it there and is offered nothing.
func testOthersToken(t *testing.T, w *world) {
	park, admin, auditor := w.browser().signIn("park-a"), w.browser().signIn("admin"), w.browser().signIn("auditor")
	made := park.sends("/me/tokens/token", "name", "遗失电脑上的程序", "scopes", "ledger.read")
	secret := regexp.MustCompile(`park_[0-9A-Za-z]{49}`).FindString(made.text)
	at := "/user/" + w.idOf("park-a")
	row := regexp.MustCompile(`(?s)<tr>[^\n]*遗失电脑上的程序.*?</tr>`)
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(row.FindString(admin.get(at).text))
	if secret == "" || token == nil {
		t.Fatalf("the token (%d) is not offered to be taken back", made.status)
	}
	if seen := row.FindString(auditor.get(at).text); seen == "" || strings.Contains(seen, "<form") {
		t.Errorf("who only reads accounts sees %q", seen)
	}
	if got := auditor.sends(at+"/token-revocation", "token", token[1]); got.status != http.StatusForbidden {
		t.Errorf("who only reads accounts takes it back: %d", got.status)
	}
	if got := admin.sends("/user/"+w.idOf("baoan")+"/token-revocation", "token", token[1]); got.status != http.StatusNotFound {
		t.Errorf("it is taken back on the page of somebody else: %d", got.status)
	}
	w.token = secret
	if got := w.send("GET", "/api/v1/ledgers", ""); got.status != http.StatusOK {
		t.Errorf("before it is taken back it does not open: %d", got.status)
	}
	if got := admin.sends(at+"/token-revocation", "token", token[1]); got.to != at || !strings.Contains(row.FindString(admin.get(at).text), "已撤销") {
		t.Errorf("take it back: %d", got.status)
	}
	if got := w.send("GET", "/api/v1/ledgers", ""); got.status != http.StatusUnauthorized {
		t.Errorf("what was taken back opens: %d", got.status)
	}
}

// testFactor: a second factor is set up on the page of the account: the secret is shown
// once as a QR code and to be typed in, the first right code puts it to use, and the next
// sign-in asks for one.
func testFactor(t *testing.T, w *world) { // S-AU5
	w.account("careful", policies.ParkManager, w.BaoanA.Park.ID)
	b, elsewhere := w.browser().signIn("careful"), w.browser().signIn("careful")
	if got := b.sends("/me/factor/confirmation", "code", "123456"); got.status != http.StatusConflict {
		t.Errorf("a code before a secret: %d", got.status)
	}
	begun := b.sends("/me/factor")
	secret := strings.ReplaceAll(regexp.MustCompile(`<b class="mono">([A-Z2-7 ]+)</b>`).FindStringSubmatch(begun.text + `<b class="mono">A</b>`)[1], " ", "")
	if begun.status != http.StatusCreated || len(secret) != 32 || !strings.Contains(begun.text, `class="scan"`) {
		t.Fatalf("begin: %d, secret of %d characters", begun.status, len(secret))
	}
	if got := b.get("/me").text; strings.Contains(strings.ReplaceAll(got, " ", ""), secret) || !strings.Contains(got, "/me/factor/confirmation") {
		t.Error("the secret is shown twice, or its code cannot be entered later")
	}
	code, err := totp.GenerateCode(secret, time.Now())
	must(t, err)
	wrong := "000000"
	if wrong == code {
		wrong = "111111"
	}
	if got := b.sends("/me/factor/confirmation", "code", wrong); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, "动态口令不正确") || !strings.Contains(got.text, `action="/me/factor/confirmation"`) {
		t.Errorf("a wrong code: %d", got.status)
	}
	if got := b.sends("/me/factor/confirmation", "code", code); got.to != "/me?done=factor" {
		t.Fatalf("the right code: %d", got.status)
	}
	if got := b.get("/me?done=factor").text; !strings.Contains(got, "动态口令已经启用，从下一次登录起填写") || strings.Contains(got, `action="/me/factor"`) {
		t.Error("the page does not say that the second factor is in use")
	}
	if got := elsewhere.get("/p"); got.status != http.StatusSeeOther {
		t.Errorf("another sign-in outlives it: %d", got.status)
	}
	if got := b.sends("/me/factor"); got.status != http.StatusConflict {
		t.Errorf("a second secret beside the one in use: %d", got.status)
	}
	again := w.browser()
	if got := again.send("POST", "/login", url.Values{"username": {"careful"}, "password": {password}}); got.status != http.StatusUnauthorized || !strings.Contains(got.text, `name="code"`) {
		t.Errorf("a sign-in without a code: %d", got.status)
	}
}
