package models

import (
	"runtime/debug"
	"slices"
	"sync"
)

// How far the heap may grow beyond what is alive before it is collected, in per cent,
// while large files are in work: what is only read is waited for, and what writes a
// hundred thousand rows has to stay within a hundred megabytes.
const (
	Reading = 100
	Writing = 50
)

var leaning struct {
	sync.Mutex
	works  []int
	before int // what held before the first of them
}

// Lean has the collector keep the heap small until done is called: work on a large file
// leaves garbage behind for as long as it runs, of which a serving program otherwise
// lets several times as much lie as is alive. Of several works the smallest counts.
func Lean(at int) (done func()) {
	leaning.Lock()
	defer leaning.Unlock()
	if len(leaning.works) == 0 {
		leaning.before = debug.SetGCPercent(at)
	}
	leaning.works = append(leaning.works, at)
	lean()
	return sync.OnceFunc(func() {
		leaning.Lock()
		defer leaning.Unlock()
		i := slices.Index(leaning.works, at)
		leaning.works = slices.Delete(leaning.works, i, i+1)
		lean()
	})
}

// lean tells the collector what the works ask for, and what held before when there are
// none; -1 is never.
func lean() {
	at := leaning.before
	for _, w := range leaning.works {
		if at < 0 || w < at {
			at = w
		}
	}
	debug.SetGCPercent(at)
}
