package models

import (
	"runtime"
	"sync"
)

// besideAtLeast is how many pieces of work are worth a second goroutine.
const besideAtLeast = 32

// Beside does n pieces of work that do not touch each other, on all processors, and
// returns when all are done. A panic in one of them is the caller's.
func Beside(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/besideAtLeast)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var all sync.WaitGroup
	panics := make(chan any, workers)
	for w := range workers {
		all.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					panics <- v
				}
			}()
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				do(i)
			}
		})
	}
	all.Wait()
	select {
	case v := <-panics:
		panic(v)
	default:
	}
}
