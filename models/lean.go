package models

import (
	"runtime/debug"
	"sync"
)

// leanAt is how far the heap may grow beyond what is alive before it is collected, in
// per cent, while large files are in work.
const leanAt = 50

var leaning struct {
	sync.Mutex
	works  int
	before int // what held before the first of them
}

// Lean has the collector keep the heap small until done is called: work on a large file
// leaves garbage behind for as long as it runs, of which a serving program otherwise
// lets several times as much lie as is alive.
func Lean() (done func()) {
	leaning.Lock()
	defer leaning.Unlock()
	if leaning.works++; leaning.works == 1 {
		if leaning.before = debug.SetGCPercent(leanAt); leaning.before >= 0 && leaning.before < leanAt {
			debug.SetGCPercent(leaning.before)
		}
	}
	return sync.OnceFunc(func() {
		leaning.Lock()
		defer leaning.Unlock()
		if leaning.works--; leaning.works == 0 {
			debug.SetGCPercent(leaning.before)
		}
	})
}
