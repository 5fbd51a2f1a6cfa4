package export

import (
	"context"
	"sync"

	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// perCaller is how many exports one caller may have at a time (S-OP1).
const perCaller = 2

// desk counts what each caller has in work.
type desk struct {
	mu      sync.Mutex
	callers map[string]int
}

func newDesk() *desk { return &desk{callers: map[string]int{}} }

// take lets the caller begin one more, until done is called.
func (d *desk) take(ctx context.Context) (done func(), err error) {
	actor, _ := policies.ActorFrom(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.callers[actor.User] >= perCaller {
		return nil, tooMany()
	}
	d.callers[actor.User]++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.callers[actor.User]--; d.callers[actor.User] == 0 {
			delete(d.callers, actor.User)
		}
	}, nil
}

func tooMany() error {
	f := fault.New(fault.TooMany, "同时最多进行 {{.Max}} 个导出，等前面的完成", "Max", perCaller)
	f.RetryAfter = 5
	return f
}
