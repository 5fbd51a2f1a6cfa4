package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// busy shows on a terminal that something without a known length goes on, from
// its first second on. The function it returns ends the line.
func (p *program) busy(what string) func() {
	if p.json || !terminal(p.err) {
		return func() {}
	}
	return spin(p.err, func(seconds int) string { return fmt.Sprintf("%s … %d s", what, seconds) })
}

// counter is busy with a number that grows.
func (p *program) counter(what string) (tick func(int64), end func()) {
	if p.json || !terminal(p.err) {
		return nil, func() {}
	}
	var mu sync.Mutex
	var n int64
	end = spin(p.err, func(seconds int) string {
		mu.Lock()
		defer mu.Unlock()
		return fmt.Sprintf("%d %s … %d s", n, what, seconds)
	})
	return func(now int64) {
		mu.Lock()
		defer mu.Unlock()
		n = now
	}, end
}

// spin rewrites one line a second until it is ended.
func spin(w io.Writer, line func(seconds int) string) func() {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for seconds := 1; ; seconds++ {
			select {
			case <-stop:
				_, _ = fmt.Fprint(w, "\r\x1b[K")
				return
			case <-t.C:
				_, _ = fmt.Fprintf(w, "\r\x1b[K%s", line(seconds))
			}
		}
	}()
	return func() {
		close(stop)
		<-done
	}
}
