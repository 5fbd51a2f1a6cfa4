package audit

import (
	"context"
	"sync"
	"sync/atomic"
)

// inTurn does n pieces of work, several beside each other, and hands what they come to
// to take in the order of the pieces. When take has had enough, the rest is left.
func inTurn[T any](ctx context.Context, workers, n int, do func(ctx context.Context, i int) T, take func(T) (more bool)) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	done := make([]chan T, n)
	for i := range done {
		done[i] = make(chan T, 1)
	}
	var next atomic.Int64
	for range min(workers, n) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				done[i] <- do(ctx, i)
			}
		})
	}
	for i := range done {
		select {
		case <-ctx.Done():
			return
		case got := <-done[i]:
			if !take(got) {
				return
			}
		}
	}
}
