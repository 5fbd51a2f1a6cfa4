package account_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

func TestMain(m *testing.M) {
	account.CheapHashes()
	os.Exit(m.Run())
}

// clock is an injected clock that a test turns.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time        { return time.Unix(c.at.Load(), 0) }
func (c *clock) move(by time.Duration) { c.at.Add(int64(by / time.Second)) }
func (c *clock) set(t time.Time)       { c.at.Store(t.Unix()) }

// noon is midday of 2026-03-02 at UTC+8.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

const (
	password = "Blue-river-31-stones"
	home     = "10.20.30.40"
	abroad   = "10.20.31.40" // another /24
)

// house is a service over one database with a clock.
type house struct {
	*account.Service
	t     *testing.T
	db    *models.DB
	clock *clock
}

func each(t *testing.T, fn func(h *house)) {
	t.Helper()
	eachWith(t, account.DefaultProfile(), fn)
}

func eachWith(t *testing.T, p account.Profile, fn func(h *house)) {
	t.Helper()
	c := new(clock)
	c.set(noon)
	policy, err := p.Policy()
	if err != nil {
		t.Fatal(err)
	}
	dbtest.EachWith(t, dbtest.Options{Clock: c.now, Policy: policy}, func(t *testing.T, db *models.DB) {
		c.set(noon)
		fn(&house{account.New(db, quiet(), p), t, db, c})
	})
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// program is the program itself; from is nobody, calling from an address.
func (h *house) program() context.Context {
	return policies.With(context.Background(), h.db.Policy.Program("test"))
}

func from(address string) context.Context {
	return audit.From(context.Background(), audit.Origin{Address: address, Via: "session"})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// want fails unless err has the code, "" for none.
func (h *house) want(err error, code fault.Code, what string) {
	h.t.Helper()
	if fault.CodeOf(err) != code {
		h.t.Errorf("%s: got %v, want %q", what, err, code)
	}
}

// person is an account with password and, unless role is "", one open assignment.
func (h *house) person(name, role string) account.User {
	h.t.Helper()
	d := account.Demo{UserInput: account.UserInput{Username: name, ProfileInput: account.ProfileInput{DisplayName: name}}, Password: password}
	if role != "" {
		d.Grants = []account.GrantInput{{Role: role, StartsOn: "2020-01-01", Reason: "测试用的任职"}}
	}
	u, err := h.CreateDemo(h.program(), d)
	h.must(err)
	return u
}

func (h *house) signIn(name string) account.SignedIn {
	h.t.Helper()
	in, err := h.SignIn(from(home), account.Credentials{Username: name, Password: password})
	h.must(err)
	return in
}

// as is what the edge makes of a bearer.
func (h *house) as(bearer string) (context.Context, error) {
	id, err := h.Identify(from(home), bearer, home)
	if err != nil {
		return nil, err
	}
	return policies.With(from(home), h.Actor(id, h.db.Today())), nil
}

func (h *house) in(name string) context.Context {
	h.t.Helper()
	ctx, err := h.as(h.signIn(name).Token)
	h.must(err)
	return ctx
}

// race runs all at once and answers how many succeeded; the others must fail with the code.
func (h *house) race(code fault.Code, all ...func() error) int {
	h.t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, len(all))
	start := make(chan struct{})
	for i, f := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-start
			errs[i] = f()
		}()
	}
	close(start)
	wg.Wait()
	ok := 0
	for _, err := range errs {
		if err == nil {
			ok++
		} else if fault.CodeOf(err) != code {
			h.t.Errorf("the slower caller got %v, want %q", err, code)
		}
	}
	return ok
}

// changes counts the change rows of an object.
func (h *house) changes(id models.ID) int64 {
	h.t.Helper()
	var n int64
	h.must(h.db.Visible(h.program(), policies.ChangeRead, &audit.Change{}).Where("object_id = ?", id).Count(&n).Error)
	return n
}

func reason() account.ReasonInput { return account.ReasonInput{Reason: "测试需要这样做"} }

// storeHash puts a hash made elsewhere in the place of a person's.
func (h *house) storeHash(u account.User, hash string) {
	h.t.Helper()
	h.must(h.db.Write(h.program(), func(tx *models.Tx) error {
		return tx.Visible(policies.UserUpdate, &account.User{}).Where("id = ?", u.ID).Update("password_hash", hash).Error
	}))
}

// hashOf is the stored hash of a person's password.
func (h *house) hashOf(u account.User) string {
	h.t.Helper()
	var hash []string
	h.must(h.db.Visible(h.program(), policies.UserRead, &account.User{}).Where("id = ?", u.ID).Pluck("password_hash", &hash).Error)
	return hash[0]
}

// in2 is in for a person with a password of their own.
func (h *house) in2(name, pass string) context.Context {
	h.t.Helper()
	s, err := h.SignIn(from(home), account.Credentials{Username: name, Password: pass})
	h.must(err)
	ctx, err := h.as(s.Token)
	h.must(err)
	return ctx
}
