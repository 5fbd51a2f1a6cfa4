package account_test

import (
	"bytes"
	"context"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// TestStoreKey: the second key to a device is the person's and the device's own, the
// same at every sign-in, for who may walk alone; each look is recorded.
func TestStoreKey(t *testing.T) { // S-PH2
	eachWith(t, withFactors(), func(h *house) {
		inspector := func(name string) context.Context {
			d := account.Demo{UserInput: account.UserInput{Username: name, ProfileInput: account.ProfileInput{DisplayName: name}}, Password: password,
				Grants: []account.GrantInput{{Role: "district_inspector", Jurisdiction: "baoan", StartsOn: "2020-01-01", Reason: "测试用的任职"}}}
			_, err := h.CreateDemo(h.program(), d)
			h.must(err)
			return h.in(name)
		}
		const phone, another = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ"
		chen, lin := inspector("chen"), inspector("lin")
		key, err := h.StoreKey(chen, phone)
		h.must(err)
		again, err := h.StoreKey(h.in("chen"), phone)
		h.must(err)
		if len(key) != 32 || !bytes.Equal(key, again) {
			t.Error("the key of a device is another at the next sign-in")
		}
		for what, c := range map[string]struct {
			who  context.Context
			salt string
		}{"another person": {lin, phone}, "another device": {chen, another}} {
			other, err := h.StoreKey(c.who, c.salt)
			h.must(err)
			if bytes.Equal(key, other) {
				t.Errorf("%s gets the same key", what)
			}
		}
		var n int64
		h.must(h.db.Visible(h.program(), policies.AuditRead, &audit.Record{}).Where("action = ?", "storekey").Count(&n).Error)
		if n != 4 {
			t.Errorf("%d records of four looks", n)
		}
		h.person("wang", "bureau_analyst")
		_, err = h.StoreKey(h.in("wang"), phone)
		h.want(err, fault.Denied, "somebody who may not walk")
		for _, salt := range []string{"", "AAAA", "AAAAAAAAAAAAAAAAAAAAA!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"} {
			_, err = h.StoreKey(chen, salt)
			h.want(err, fault.Invalid, "the salt "+salt)
		}
	})
	eachWith(t, account.DefaultProfile(), func(h *house) {
		_, err := h.StoreKey(context.Background(), "AAAAAAAAAAAAAAAAAAAAAA")
		h.want(err, fault.Unauthenticated, "nobody")
	})
}
