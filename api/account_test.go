package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// userID is the id of an account of the test city.
func (w *world) userID(name string) string {
	w.t.Helper()
	var u account.User
	if err := w.DB.Visible(w.Program(), policies.UserRead, &u).Where("username = ?", name).Take(&u).Error; err != nil {
		w.t.Fatal(err)
	}
	return string(u.ID)
}

// use sends one request with a bearer that is no account of the test city.
func (w *world) use(bearer, method, path string, body any) answer {
	w.t.Helper()
	w.tokens["bearer"] = bearer
	return w.call("bearer", method, path, body)
}

func TestSigningIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		in := w.want(w.call("", "POST", "/sessions", map[string]any{"username": "park-a", "password": password}), 201, "sign in")
		me := w.want(w.use(in.text("token"), "GET", "/me", nil), 200, "who am I")
		if me.text("username") != "park-a" || me.text("assignments.0.role") != "park_manager" || !slices.Contains(me.at("can").([]any), any("ledger.file")) ||
			slices.Contains(me.at("can").([]any), any("user.create")) {
			t.Errorf("who am I: %s", me.raw)
		}
		wrong := w.want(w.call("", "POST", "/sessions", map[string]any{"username": "park-a", "password": "wrong-password-1"}), 401, "a wrong password")
		unknown := w.want(w.call("", "POST", "/sessions", map[string]any{"username": "nobody-here", "password": password}), 401, "an unknown account")
		if wrong.text("detail") != unknown.text("detail") || wrong.header.Get("WWW-Authenticate") == "" {
			t.Errorf("the answers tell accounts apart: %s and %s", wrong.raw, unknown.raw)
		}
		w.want(w.use(in.text("token"), "DELETE", "/sessions/current", nil), 204, "sign out")
		w.want(w.use(in.text("token"), "GET", "/me", nil), 401, "after signing out")
		w.want(w.use("park_"+strings.Repeat("x", 49), "GET", "/me", nil), 401, "a bearer made up")
	})
}

// TestNewPerson is an account from its making to its first day of work, all over HTTP.
func TestNewPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		made := w.want(w.call("admin", "POST", "/users", map[string]any{"username": "new-one", "displayName": "新同事"}, "Idempotency-Key", "make-once"), 201, "an account")
		path := "/users/" + made.text("id")
		again := w.call("admin", "POST", "/users", map[string]any{"username": "new-one", "displayName": "新同事"}, "Idempotency-Key", "make-once")
		w.want(again, 409, "a key keeps no password: the second try is a second try")
		w.want(w.call("admin", "POST", path+"/assignments", map[string]any{"role": "park_manager", "parkId": w.BaoanA.Park.ID, "reason": "岗位调整到园区"}), 201, "an assignment")
		w.want(w.call("admin", "POST", path+"/assignments", map[string]any{"role": "auditor", "reason": "兼任审计工作"}), 409, "rights that exclude each other")
		credentials := map[string]any{"username": "new-one", "password": made.text("firstPassword")}
		first := w.want(w.call("", "POST", "/sessions", credentials), 201, "the first sign-in").text("token")
		if me := w.use(first, "GET", "/me", nil); me.at("mustChangePassword") != true {
			t.Errorf("who am I before the change: %s", me.raw)
		}
		w.want(w.use(first, "GET", "/parks", nil), 403, "reading before the first password is changed")
		bad := w.want(w.use(first, "POST", "/me/password", map[string]any{"currentPassword": "x", "newPassword": "park2026"}), 422, "a poor password")
		if len(bad.at("errors").([]any)) < 2 {
			t.Errorf("not all that is wrong at once: %s", bad.raw)
		}
		changed := w.want(w.use(first, "POST", "/me/password", map[string]any{"currentPassword": made.text("firstPassword"), "newPassword": "Seven-grey-herons-wade"}), 200, "a new password")
		w.want(w.use(first, "GET", "/me", nil), 401, "the old value of the session")
		parks := w.want(w.use(changed.text("token"), "GET", "/parks", nil), 200, "reading after it")
		if len(parks.items()) != 1 {
			t.Errorf("a park manager sees %d parks", len(parks.items()))
		}
		tag := w.call("admin", "GET", path, nil).header.Get("ETag")
		w.want(w.call("admin", "PATCH", path, map[string]any{"organisation": "宝安甲园管理公司"}), 428, "a change without a version")
		w.want(w.call("admin", "PATCH", path, map[string]any{"organisation": "宝安甲园管理公司"}, "If-Match", tag), 200, "a change")
		w.want(w.call("admin", "PATCH", path, map[string]any{"username": "other"}, "If-Match", tag), 400, "another user name")
		w.want(w.call("admin", "POST", path+"/disabling", map[string]any{"reason": "离开这个岗位"}), 200, "disabling")
		w.want(w.use(changed.text("token"), "GET", "/me", nil), 401, "a disabled account")
		w.want(w.call("admin", "POST", path+"/enabling", map[string]any{"reason": "回到这个岗位"}), 200, "enabling")
		reset := w.want(w.call("admin", "POST", path+"/password-reset", map[string]any{"reason": "本人忘记密码"}), 200, "a first password again")
		if reset.text("firstPassword") == "" || reset.text("firstPassword") == made.text("firstPassword") {
			t.Error("no new first password")
		}
	})
}

// TestSecondFactorOverHTTP: an administrator who has to add a second factor may do
// nothing else, adds one, signs in with it, and loses the phone (S-AU5).
func TestSecondFactorOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		profile := account.Dengbao3()
		profile.FactorKey = []byte("0123456789abcdef0123456789abcdef")
		w := newWorldWith(t, db, profile, nil)
		refused := w.want(w.call("admin", "GET", "/users", nil), 403, "before there is a second factor")
		if refused.text("needs") != "secondFactor" {
			t.Errorf("what has to be done: %s", refused.raw)
		}
		w.want(w.call("bureau", "GET", "/parks", nil), 200, "a role that needs none")
		w.want(w.call("admin", "POST", "/me/second-factor/confirmation", map[string]any{"code": "123456"}), 409, "nothing begun")
		secret := w.want(w.call("admin", "POST", "/me/second-factor", nil), 201, "a secret").text("secret")
		w.want(w.call("admin", "POST", "/me/second-factor/confirmation", map[string]any{"code": "12"}), 422, "half a code")
		code, err := totp.GenerateCode(secret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if u := w.want(w.call("admin", "POST", "/me/second-factor/confirmation", map[string]any{"code": code}), 200, "a code"); u.at("secondFactor") != true {
			t.Errorf("the account after it: %s", u.raw)
		}
		w.want(w.call("admin", "GET", "/users", nil), 200, "the session that added it")
		credentials := map[string]any{"username": "admin", "password": password}
		if a := w.want(w.call("", "POST", "/sessions", credentials), 401, "without a code"); a.text("needs") != "code" {
			t.Errorf("what is missing: %s", a.raw)
		}
		if code, err = totp.GenerateCode(secret, time.Now().Add(30*time.Second)); err != nil { // the first is used up
			t.Fatal(err)
		}
		credentials["code"] = code
		me := w.want(w.call("", "POST", "/sessions", credentials), 201, "with a code")
		if me.at("user.secondFactor") != true || me.at("user.mustAddSecondFactor") != false {
			t.Errorf("who am I: %s", me.raw)
		}
		w.want(w.call("admin", "POST", "/users/"+me.text("user.id")+"/second-factor-reset", map[string]any{"reason": "手机丢失，重新绑定"}), 409, "one's own")
	})
}

func TestMachineToken(t *testing.T) { // S-AU9
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		ask := map[string]any{"name": "在线监测平台", "scopes": []string{"park.read", "session.read", "session.end"}}
		first := w.want(w.call("bureau", "POST", "/tokens", ask, "Idempotency-Key", "token-once"), 201, "a token")
		second := w.want(w.call("bureau", "POST", "/tokens", ask, "Idempotency-Key", "token-once"), 201, "the same key")
		secret := first.text("token")
		if secret == second.text("token") || first.at("about.tokenHash") != nil {
			t.Error("the answer with a token was kept, or shows more than the token")
		}
		w.want(w.use(secret, "GET", "/parks", nil), 200, "a right that it names")
		w.want(w.use(secret, "GET", "/permits", nil), 403, "a right of the owner that it does not name")
		w.want(w.use(secret, "POST", "/tokens", ask), 403, "a token making a token")
		w.want(w.use(secret, "DELETE", "/sessions/current", nil), 404, "a token has no session")
		w.want(w.call("bureau", "POST", "/tokens", map[string]any{"name": "x", "scopes": []string{"user.create"}}), 422, "beyond the owner")
		list := w.want(w.call("bureau", "GET", "/tokens", nil), 200, "my tokens")
		if len(list.items()) != 2 || strings.Contains(string(list.raw), secret) {
			t.Errorf("my tokens: %s", list.raw)
		}
		w.want(w.call("bureau", "DELETE", "/tokens/"+first.text("about.id"), nil), 204, "revoking")
		w.want(w.use(secret, "GET", "/parks", nil), 401, "a revoked token")
		w.want(w.call("bureau", "DELETE", "/tokens/"+first.text("about.id"), nil), 409, "revoking twice")
	})
}

func TestAccountRequest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		ask := map[string]any{"username": "new-firm", "displayName": "企业环保员", "role": "enterprise", "enterpriseId": w.BaoanA.Enterprise.ID, "reason": "新入驻企业需要填报"}
		asked := w.want(w.call("park-a", "POST", "/account-requests", ask), 201, "a request")
		ask["enterpriseId"] = w.Longgang.Enterprise.ID
		w.want(w.call("park-a", "POST", "/account-requests", ask), 404, "a request for a firm that the park does not see")
		for who, want := range map[string]int{"park-a": 1, "park-b": 0, "admin": 1} {
			if got := len(w.call(who, "GET", "/account-requests?state=requested", nil).items()); got != want {
				t.Errorf("%s sees %d requests, want %d", who, got, want)
			}
		}
		decided := w.want(w.call("admin", "POST", "/account-requests/"+asked.text("id")+"/decision", map[string]any{"approve": true, "reason": "申请材料齐全"}), 200, "the decision")
		if decided.text("state") != "approved" || decided.text("firstPassword") == "" || decided.text("assignment.enterpriseId") != string(w.BaoanA.Enterprise.ID) {
			t.Errorf("the decision: %s", decided.raw)
		}
		w.want(w.call("admin", "POST", "/assignments/"+decided.text("assignment.id")+"/ending", map[string]any{"reason": "企业已经迁出"}), 200, "ending the assignment")
	})
}

func TestAccess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		ask := func(user, perm, object string) string {
			return "/access/explain?user=" + w.userID(user) + "&permission=" + perm + "&object=" + object
		}
		park := "park:" + string(w.BaoanA.Park.ID)
		yes := w.want(w.call("auditor", "GET", ask("park-a", "park.update", park), nil), 200, "why")
		if yes.at("allowed") != true || yes.text("assignments.0.lines.0.line") != "p, role:park_manager, park, update, park" {
			t.Errorf("why: %s", yes.raw)
		}
		no := w.want(w.call("security", "GET", ask("longgang", "park.read", park), nil, "Accept-Language", "en"), 200, "why not")
		if no.at("allowed") != false || no.text("why") != "outside" || !strings.Contains(no.text("assignments.0.lines.0.why"), "The jurisdiction of the record is baoan") {
			t.Errorf("why not: %s", no.raw)
		}
		lacking := w.want(w.call("admin", "GET", ask("analyst", "park.update", park), nil), 200, "why not at all")
		if lacking.text("why") != "lacking" {
			t.Errorf("why not at all: %s", lacking.raw)
		}
		w.want(w.call("admin", "GET", "/access/explain?user=x&permission=y&object=z", nil), 422, "a question that makes no sense")
		w.want(w.call("admin", "GET", ask("analyst", "park.read", "park:"+string(models.NewID())), nil), 404, "a park that is not there")
		w.want(w.call("park-a", "GET", ask("park-a", "park.read", park), nil), 403, "a park manager asking")

		sees := map[string]bool{}
		for path := "/access/parks/" + string(w.BaoanA.Park.ID) + "?limit=3"; path != ""; {
			page := w.want(w.call("admin", "GET", path, nil), 200, "who sees a park")
			for _, v := range page.items() {
				sees[v.(map[string]any)["username"].(string)] = true
			}
			path = ""
			if next := page.text("next"); next != "" {
				path = "/access/parks/" + string(w.BaoanA.Park.ID) + "?limit=3&cursor=" + next
			}
		}
		for name, want := range map[string]bool{"park-a": true, "park-b": false, "firm-a": true, "firm-l": false, "baoan-1": true, "baoan-2": true, "longgang": false,
			"bureau": true, "analyst": true, "auditor": true, "admin": false, "security": false} {
			if got := w.call(name, "GET", "/parks/"+string(w.BaoanA.Park.ID), nil).status == http.StatusOK; got != want || sees[name] != want {
				t.Errorf("%s: listed %v, reads the park %v, want %v", name, sees[name], got, want)
			}
		}
		w.want(w.call("admin", "GET", "/access/parks/"+string(models.NewID()), nil), 404, "who sees no park")
	})
}

// TestAccountRoutesEveryRole: every route about accounts × every role, on somebody
// else's row: 401, 403 or 404, and an account is left as it was (S-AZ12).
func TestAccountRoutesEveryRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		someone := w.userID("firm-l")
		w.as("firm-l")
		session := w.call("admin", "GET", "/sessions?userId="+someone, nil).text("items.0.id")
		token := w.want(w.call("firm-l", "POST", "/tokens", map[string]any{"name": "x", "scopes": []string{"park.read"}}), 201, "a token").text("about.id")
		held := w.call("admin", "GET", "/users/"+someone+"/assignments", nil).text("items.0.id")
		request := w.want(w.call("bureau", "POST", "/account-requests", map[string]any{"username": "new-one", "displayName": "新", "role": "bureau_analyst", "reason": "新来的同事"}), 201, "a request").text("id")
		tag := w.call("admin", "GET", "/users/"+someone, nil).header.Get("ETag")
		why := map[string]any{"reason": "测试是否被拒绝"}
		for _, c := range []struct {
			method, path string
			id           string // of somebody else's row; "" for none
			perm         policies.Permission
			body         any
		}{
			{"DELETE", "/sessions/{id}", session, policies.SessionEnd, nil},
			{"GET", "/sessions", "", policies.SessionRead, nil},
			{"GET", "/users", "", policies.UserRead, nil},
			{"GET", "/users/{id}", someone, policies.UserRead, nil},
			{"PATCH", "/users/{id}", someone, policies.UserUpdate, map[string]any{"organisation": "改后"}},
			{"POST", "/users/{id}/disabling", someone, policies.UserUpdate, why},
			{"POST", "/users/{id}/enabling", someone, policies.UserUpdate, why},
			{"POST", "/users/{id}/password-reset", someone, policies.UserUpdate, why},
			{"POST", "/users/{id}/second-factor-reset", someone, policies.UserUpdate, why},
			{"POST", "/users/{id}/session-ending", someone, policies.SessionEnd, nil},
			{"GET", "/users/{id}/assignments", someone, policies.AssignmentRead, nil},
			{"POST", "/users/{id}/assignments", someone, policies.AssignmentGrant, map[string]any{"role": "auditor", "reason": "测试是否被拒绝"}},
			{"POST", "/assignments/{id}/ending", held, policies.AssignmentEnd, why},
			{"GET", "/account-requests", "", policies.UserRead, nil},
			{"POST", "/account-requests/{id}/decision", request, policies.UserCreate, map[string]any{"approve": false, "reason": "测试是否被拒绝"}},
			{"GET", "/tokens", "", policies.TokenRead, nil},
			{"DELETE", "/tokens/{id}", token, policies.TokenRevoke, nil},
			{"GET", "/access/parks/{id}", string(w.BaoanA.Park.ID), policies.AccessExplain, nil},
		} {
			path := strings.Replace(c.path, "{id}", c.id, 1)
			w.want(w.call("", c.method, path, c.body), 401, c.method+" "+c.path+" without identity")
			for _, who := range callers {
				can, err := roleCan(db.Policy, who.role, c.perm)
				if err != nil {
					t.Fatal(err)
				}
				city, err := db.Policy.Gives(who.role, c.perm, policies.City)
				if err != nil {
					t.Fatal(err)
				}
				if who.name == "firm-l" || city && c.method != "GET" {
					continue // the owner, and those whose work it is
				}
				want := http.StatusOK
				switch {
				case !can:
					want = http.StatusForbidden
				case !city && c.id != "":
					want = http.StatusNotFound
				}
				a := w.call(who.name, c.method, path, c.body, "If-Match", tag)
				if a.status != want {
					t.Errorf("%s %s as %s: %d, want %d: %s", c.method, c.path, who.name, a.status, want, a.raw)
				}
				if want == http.StatusOK && !city && strings.Contains(string(a.raw), someone) {
					t.Errorf("%s %s as %s shows somebody else's row", c.method, c.path, who.name)
				}
			}
		}
		if after := w.call("admin", "GET", "/users/"+someone, nil).header.Get("ETag"); after != tag {
			t.Error("a refused write changed the account")
		}
		w.want(w.call("firm-l", "GET", "/me", nil), 200, "the session that nobody could end")
	})
}
