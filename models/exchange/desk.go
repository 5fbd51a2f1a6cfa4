package exchange

import (
	"context"
	"runtime"
	"sync"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// perCaller is how many files one caller may have in work (S-OP1).
const perCaller = 2

// desk bounds what is in work at a time: files for each caller and in all, and one
// commit or undoing of an import.
type desk struct {
	mu      sync.Mutex
	callers map[string]int
	imports map[models.ID]bool
	written map[models.ID]int // rows
	all     int
	most    int
}

func newDesk() *desk {
	return &desk{callers: map[string]int{}, imports: map[models.ID]bool{}, written: map[models.ID]int{}, most: 2 * runtime.GOMAXPROCS(0)}
}

// take lets the caller work on a file, and on an import when one is named, until done
// is called.
func (d *desk) take(ctx context.Context, id models.ID) (done func(), err error) {
	actor, _ := policies.ActorFrom(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.callers[actor.User] >= perCaller:
		f := fault.New(fault.TooMany, "同时最多处理 {{.Max}} 个导入文件，等前面的完成", "Max", perCaller)
		f.RetryAfter = 5
		return nil, f
	case d.all >= d.most:
		f := fault.New(fault.Unavailable, "正在处理的导入文件较多，稍后再试")
		f.RetryAfter = 5
		return nil, f
	case id != "" && d.imports[id]:
		return nil, fault.New(fault.Conflict, "这次导入正在处理，稍后查看结果")
	}
	d.callers[actor.User]++
	d.all++
	if id != "" {
		d.imports[id] = true
	}
	large := models.Lean(models.Reading)
	return func() {
		large()
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.callers[actor.User]--; d.callers[actor.User] == 0 {
			delete(d.callers, actor.User)
		}
		d.all--
		delete(d.imports, id)
	}, nil
}

// wrote notes how many rows of an import are written; none is the end of it.
func (d *desk) wrote(id models.ID, rows int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written[id] = rows
	if rows == 0 {
		delete(d.written, id)
	}
}

func (d *desk) progress(id models.ID) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.written[id]
}
