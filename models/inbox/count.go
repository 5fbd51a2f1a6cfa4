package inbox

import (
	"context"
	"sync"
	"time"

	"parkregistry/policies"
)

// Count is how much waits for a person.
type Count struct {
	Waiting int
	More    bool // than is looked at
}

const (
	// fresh is how long a count is told again before it is made anew: it stands on every
	// page, and gathering a box asks many rooms.
	fresh = time.Minute
	// mostCounts bounds the memory; past it all are made anew.
	mostCounts = 10_000
)

// counts are those told lately, by person.
type counts struct {
	mu sync.Mutex
	of map[string]*counted
}

type counted struct {
	Count
	until time.Time
}

// Count is how much waits for the caller, as of at most a minute ago, and anew once Forget
// was called for him.
func (s *Service) Count(ctx context.Context) (Count, error) {
	actor, _ := policies.ActorFrom(ctx)
	if c, ok := s.counts.told(actor.User, s.db.Now()); ok {
		return c, nil
	}
	b, err := s.Box(ctx)
	return Count{len(b.Items), b.More}, err
}

// Forget makes the caller's next count a new one: he may have done what waited.
func (s *Service) Forget(ctx context.Context) {
	actor, _ := policies.ActorFrom(ctx)
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	delete(s.counts.of, actor.User)
}

func (c *counts) told(user string, now time.Time) (Count, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.of[user]
	if k == nil || !now.Before(k.until) {
		return Count{}, false
	}
	return k.Count, true
}

// begin holds the place of a count that is being made, so that one that began before a
// Forget is not kept after it.
func (c *counts) begin(user string) *counted {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil || len(c.of) >= mostCounts {
		c.of = map[string]*counted{}
	}
	k := new(counted)
	c.of[user] = k
	return k
}

func (c *counts) keep(user string, k *counted, n Count, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[user] == k {
		k.Count, k.until = n, until
	}
}
