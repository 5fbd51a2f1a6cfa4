package config

import "runtime/debug"

// collectAt is how far the heap may grow beyond what is alive before it is
// collected, in per cent. A request leaves little alive and much behind, so that the
// default of 100 collects many times a second for nothing; GOMEMLIMIT still bounds
// the whole (docs/performance.md).
const collectAt = 400

// Collector tunes the garbage collector of a serving process, unless gogc, the
// value of GOGC, says something itself.
func Collector(gogc string) {
	if gogc == "" {
		debug.SetGCPercent(collectAt)
	}
}
