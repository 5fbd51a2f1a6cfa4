package api

import (
	"math"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"parkregistry/models"
	"parkregistry/models/audit"
)

// Rates are requests a second for one caller; the burst is four times as many.
type Rates struct {
	Reads, Writes, Anonymous float64
}

// DefaultRates are those of S-OP1.
func DefaultRates() Rates { return Rates{Reads: 50, Writes: 10, Anonymous: 5} }

const burst = 4

// limiters holds one bucket a caller, bounded: a full map starts anew, which
// forgives at worst one burst.
type limiters struct {
	mu sync.Mutex
	by map[string]*rate.Limiter
}

const mostLimiters = 20_000

func newLimiters() *limiters { return &limiters{by: map[string]*rate.Limiter{}} }

// take returns 0, or the whole seconds to wait.
func (l *limiters) take(key string, perSecond float64) int {
	if perSecond <= 0 {
		return 0
	}
	l.mu.Lock()
	b := l.by[key]
	if b == nil {
		if len(l.by) >= mostLimiters {
			clear(l.by)
		}
		b = rate.NewLimiter(rate.Limit(perSecond), int(math.Ceil(perSecond*burst)))
		l.by[key] = b
	}
	l.mu.Unlock()
	r := b.Reserve()
	if d := r.Delay(); d > 0 {
		r.Cancel()
		return int(math.Ceil(d.Seconds()))
	}
	return 0
}

// perMinute counts what one caller did in the running minute.
type perMinute struct {
	mu     sync.Mutex
	minute time.Time
	counts map[string]int
}

const refusalsKept = 20

func (p *perMinute) allow(key string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m := now.Truncate(time.Minute); !m.Equal(p.minute) {
		p.minute, p.counts = m, map[string]int{}
	}
	p.counts[key]++
	return p.counts[key] <= refusalsKept && len(p.counts) <= mostLimiters
}

func auditNote(n audit.Note) func(*models.Tx) error {
	return func(tx *models.Tx) error { return audit.Write(tx, n) }
}

func parseQuery(raw string) (url.Values, error) { return url.ParseQuery(raw) }
