package account_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

var tokenForm = regexp.MustCompile(`^park_[0-9A-Za-z]{49}$`)

// token makes a token of a person.
func (h *house) token(ctx func() account.TokenInput, owner string) (account.Token, string) {
	h.t.Helper()
	tok, secret, err := h.CreateToken(h.in(owner), ctx())
	h.must(err)
	return tok, secret
}

func reads(days int, cidr string) func() account.TokenInput {
	return func() account.TokenInput {
		return account.TokenInput{Name: "监测平台", Scopes: []string{"park.read", "ledger.read"}, Days: days, CIDR: cidr}
	}
}

func TestTokenInput(t *testing.T) { // S-AU9
	for _, c := range []struct {
		name string
		in   account.TokenInput
		want string
	}{
		{"as little as possible", account.TokenInput{Name: "x", Scopes: []string{"park.read"}}, ""},
		{"a year", account.TokenInput{Name: "x", Scopes: []string{"park.read"}, Days: 365, CIDR: "10.0.0.0/8"}, ""},
		{"more than a year", account.TokenInput{Name: "x", Scopes: []string{"park.read"}, Days: 366}, "/days range"},
		{"nothing at all", account.TokenInput{}, "/name required, /scopes required"},
		{"beyond the owner", account.TokenInput{Name: "x", Scopes: []string{"park.read", "ledger.file"}}, "/scopes/1 beyond"},
		{"unknown, personal, twice", account.TokenInput{Name: "x", Scopes: []string{"park.fly", "token.create", "park.read", "park.read"}},
			"/scopes/0 unknown, /scopes/1 personal, /scopes/3 doubled"},
		{"host bits", account.TokenInput{Name: "x", Scopes: []string{"park.read"}, CIDR: "10.0.0.1/8"}, "/sourceCidr cidr"},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(h *house) {
				h.person("wang", "bureau_analyst")
				tok, secret, err := h.CreateToken(h.in("wang"), c.in)
				if got := codes(err); got != c.want || (err == nil) != (c.want == "") {
					t.Fatalf("got %q (%v), want %q", got, err, c.want)
				}
				if err != nil {
					return
				}
				days := c.in.Days
				if days == 0 {
					days = 90
				}
				if !tokenForm.MatchString(secret) || tok.ExpiresAt.Sub(tok.CreatedAt) != time.Duration(days)*24*time.Hour || h.changes(tok.ID) != 1 {
					t.Errorf("secret %q, valid %s, %d change rows", secret, tok.ExpiresAt.Sub(tok.CreatedAt), h.changes(tok.ID))
				}
			})
		})
	}
}

func TestTokenUse(t *testing.T) { // S-AU9
	for _, c := range []struct {
		name    string
		in      func() account.TokenInput
		do      func(h *house, tok account.Token)
		address string
		open    bool
	}{
		{"fresh", reads(0, ""), nil, home, true},
		{"from its network", reads(0, "10.20.0.0/16"), nil, home, true},
		{"from its network, as IPv6 writes it", reads(0, "10.20.0.0/16"), nil, "::ffff:10.20.30.40", true},
		{"from elsewhere", reads(0, "10.21.0.0/16"), nil, home, false},
		{"on its last second", reads(1, ""), func(h *house, _ account.Token) { h.clock.move(24*time.Hour - time.Second) }, home, true},
		{"a second later", reads(1, ""), func(h *house, _ account.Token) { h.clock.move(24 * time.Hour) }, home, false},
		{"revoked", reads(0, ""), func(h *house, tok account.Token) { h.must(h.RevokeToken(h.in("wang"), tok.ID)) }, home, false},
		{"its owner disabled", reads(0, ""), func(h *house, tok account.Token) { _, err := h.Disable(h.program(), tok.UserID, reason()); h.must(err) }, home, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(h *house) {
				h.person("wang", "bureau_analyst")
				tok, secret := h.token(c.in, "wang")
				if _, err := h.Identify(from(home), secret, c.address); c.open && err != nil {
					t.Fatal(err)
				}
				if c.do != nil {
					c.do(h, tok)
				}
				_, err := h.Identify(from(home), secret, c.address)
				if (err == nil) != c.open {
					t.Errorf("answers %v, want open %v", err, c.open)
				}
			})
		})
	}
}

func TestTokenRightsNow(t *testing.T) { // S-AU9: scopes ∩ the owner's rights now
	each(t, func(h *house) {
		u := h.person("wang", "")
		_, err := h.Grant(h.program(), u.ID, account.GrantInput{Role: "bureau_analyst", EndsOn: "2026-03-02", Reason: "只到今天为止"})
		h.must(err)
		_, secret := h.token(reads(0, ""), "wang")
		ctx, err := h.as(secret)
		h.must(err)
		h.must(policies.Require(ctx, policies.ParkRead))
		h.want(policies.Require(ctx, policies.PermitRead), fault.Denied, "a right of the owner that the token does not name")
		h.clock.move(24 * time.Hour)
		ctx, err = h.as(secret)
		h.must(err)
		h.want(policies.Require(ctx, policies.ParkRead), fault.Denied, "a right that the owner has no longer")
	})
}

func TestTokenMakesNothing(t *testing.T) { // S-AU9
	each(t, func(h *house) {
		root, admin := h.person("root", "admin"), h.person("boss", "admin")
		h.person("wang", "bureau_admin")
		// A token stored with every scope, as if the check at its making had failed.
		_, secret := h.token(func() account.TokenInput { return account.TokenInput{Name: "x", Scopes: []string{"user.read"}} }, "root")
		all := models.Texts{}
		for _, p := range policies.Permissions() {
			all = append(all, string(p))
		}
		h.must(h.db.Write(h.program(), func(tx *models.Tx) error {
			return tx.Visible(policies.TokenRevoke, &account.Token{}).Where("user_id = ?", root.ID).Update("scopes", all).Error
		}))
		ctx, err := h.as(secret)
		h.must(err)
		h.must(policies.Require(ctx, policies.UserCreate))
		for what, do := range map[string]func() error{
			"a token": func() error {
				_, _, err := h.CreateToken(ctx, account.TokenInput{Name: "x", Scopes: []string{"user.read"}})
				return err
			},
			"an account": func() error {
				_, _, err := h.Create(ctx, account.UserInput{Username: "new", ProfileInput: account.ProfileInput{DisplayName: "新"}})
				return err
			},
			"a password": func() error {
				_, err := h.ChangePassword(ctx, account.PasswordInput{Current: password, Next: next})
				return err
			},
			"a reset":     func() error { _, _, err := h.ResetPassword(ctx, admin.ID, reason()); return err },
			"a disabling": func() error { _, err := h.Disable(ctx, admin.ID, reason()); return err },
			"an update":   func() error { _, err := h.Update(ctx, admin.ID, 1, nil); return err },
			"a decision": func() error {
				_, err := h.Decide(ctx, admin.ID, account.DecisionInput{Reason: "测试用的意见"})
				return err
			},
			"a grant": func() error {
				_, err := h.Grant(ctx, admin.ID, account.GrantInput{Role: "admin", Reason: "测试用的任职"})
				return err
			},
			"an ending": func() error {
				_, err := h.EndAssignment(ctx, admin.ID, account.AssignmentEndInput{Reason: "测试用的结束"})
				return err
			},
		} {
			h.want(do(), fault.Denied, what+" made by a token")
		}
	})
}

func TestMalformedTokenAsksNothing(t *testing.T) { // S-AU9
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		_, secret := h.token(reads(0, ""), "wang")
		last := byte('0')
		if secret[len(secret)-1] == '0' {
			last = '1'
		}
		h.must(h.db.Close())
		for _, bad := range []string{"park_", "park_x", secret[:53], secret + "0", secret[:53] + string(last), "park_" + strings.Repeat("0", 49), strings.ToUpper(secret)} {
			if !strings.HasPrefix(bad, "park_") {
				continue
			}
			_, err := h.Identify(from(home), bad, home)
			h.want(err, fault.Unauthenticated, bad)
		}
		if _, err := h.Identify(from(home), secret, home); fault.Is(err, fault.Unauthenticated) || err == nil {
			t.Errorf("a well-formed one answers %v although the database is closed: the test tells nothing", err)
		}
	})
}

func TestTokenLastUse(t *testing.T) {
	each(t, func(h *house) {
		u := h.person("wang", "bureau_analyst")
		_, secret := h.token(reads(0, ""), "wang")
		used := func() *time.Time {
			page, err := h.Tokens(h.program(), u.ID, models.Query{Limit: 10})
			h.must(err)
			return page.Items[0].LastUsedAt
		}
		if used() != nil {
			t.Fatal("used before any use")
		}
		h.open(secret)
		first := *used()
		h.clock.move(59 * time.Second)
		h.open(secret)
		if !used().Equal(first) {
			t.Errorf("written again within a minute: %s", used())
		}
		h.clock.move(3 * time.Second)
		h.open(secret)
		if used().Sub(first) != 62*time.Second {
			t.Errorf("last use %s after the first, want 62 s", used().Sub(first))
		}
	})
}

func TestTokensOfOthers(t *testing.T) {
	each(t, func(h *house) {
		h.person("wang", "bureau_analyst")
		h.person("zhao", "bureau_analyst")
		h.person("boss", "admin")
		tok, secret := h.token(reads(0, ""), "wang")
		page, err := h.Tokens(h.in("zhao"), "", models.Query{Limit: 10})
		h.must(err)
		if len(page.Items) != 0 {
			t.Errorf("a stranger sees %d tokens", len(page.Items))
		}
		h.want(h.RevokeToken(h.in("zhao"), tok.ID), fault.NotFound, "revoking a stranger's token")
		if !h.open(secret) {
			t.Fatal("a refused revocation revoked")
		}
		boss, wang := h.in("boss"), h.in("wang")
		if n := h.race(fault.Conflict, func() error { return h.RevokeToken(boss, tok.ID) }, func() error { return h.RevokeToken(wang, tok.ID) }); n != 1 || h.open(secret) {
			t.Errorf("revoked %d times, open %v", n, h.open(secret))
		}
		if n := h.changes(tok.ID); n != 2 {
			t.Errorf("%d change rows for making and revoking", n)
		}
	})
}
