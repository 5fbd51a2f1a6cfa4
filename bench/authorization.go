package main

import (
	"context"
	"fmt"
	"time"

	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// authorizing is what one list request spends on who is calling, whether the role
// may and which rows that reaches. Each part is the program's own call, timed alone
// in this process; the parts compute and wait for nothing, so time is CPU time.
type authorizing struct {
	identify time.Duration // the token's digest, the cached identity, the valid assignments
	gate     time.Duration // the action against the role
	scope    time.Duration // the reach as a WHERE clause on a new statement
}

func (a authorizing) total() time.Duration { return a.identify + a.gate + a.scope }

// String lists the parts.
func (a authorizing) String() string {
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	return fmt.Sprintf("identify %.1f, gate %.1f, scope %.1f", us(a.identify), us(a.gate), us(a.scope))
}

// authorization times the calls that a park manager's list request makes.
func authorization(ctx context.Context, db *models.DB, c city) (authorizing, error) {
	var a authorizing
	p, err := open(db)
	if err != nil {
		return a, err
	}
	const n = 20_000
	var actor policies.Actor
	a.identify, err = each(n, func() error {
		who, err := p.accounts.Identify(ctx, c.caller[manager].Token, "127.0.0.1")
		actor = p.accounts.Actor(who, db.Today())
		return err
	})
	if err != nil {
		return a, err
	}
	ctx = policies.With(ctx, actor)
	if a.gate, err = each(n, func() error { return policies.Require(ctx, policies.EnterpriseRead) }); err != nil {
		return a, err
	}
	a.scope, err = each(n, func() error { return db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}).Error })
	return a, err
}

// each is the time of one call of fn, the median of five runs.
func each(n int, fn func() error) (time.Duration, error) {
	var runs []time.Duration
	for range 5 {
		began := time.Now()
		for range n / 5 {
			if err := fn(); err != nil {
				return 0, err
			}
		}
		runs = append(runs, time.Since(began)/time.Duration(n/5))
	}
	return median(runs), nil
}
