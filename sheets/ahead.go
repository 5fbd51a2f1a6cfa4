package sheets

import "sync"

const (
	aheadRows    = 64 // that are handed over at a time
	aheadBatches = 4
)

// ahead reads rows in a goroutine of its own, some way before they are asked for: to
// unpack and read a worksheet takes about as long as to check what it says.
type ahead struct {
	of     rows
	got    chan readRows
	stop   chan struct{}
	done   sync.WaitGroup
	now    readRows
	panics any // what reading ended with, for the reader of the rows
}

// readRows are some rows, and what came after the last of them, if anything.
type readRows struct {
	rows []numbered
	err  error
}

func readAhead(of rows) rows {
	a := &ahead{of: of, got: make(chan readRows, aheadBatches), stop: make(chan struct{})}
	a.done.Go(a.run)
	return a
}

func (a *ahead) run() {
	defer close(a.got)
	defer func() { a.panics = recover() }() // the library's, at a damaged file
	for {
		next := readRows{rows: make([]numbered, 0, aheadRows)}
		for len(next.rows) < aheadRows && next.err == nil {
			var n numbered
			if n.row, n.cells, next.err = a.of.next(); next.err == nil {
				next.rows = append(next.rows, n)
			}
		}
		select {
		case a.got <- next:
		case <-a.stop:
			return
		}
		if next.err != nil {
			return
		}
	}
}

func (a *ahead) next() (int, []cell, error) {
	for len(a.now.rows) == 0 {
		if a.now.err != nil {
			return 0, nil, a.now.err
		}
		var more bool
		if a.now, more = <-a.got; !more {
			panic(a.panics)
		}
	}
	n := a.now.rows[0]
	a.now.rows = a.now.rows[1:]
	return n.row, n.cells, nil
}

func (a *ahead) merged() []span { return a.of.merged() }

func (a *ahead) close() error {
	close(a.stop)
	a.done.Wait()
	return a.of.close()
}
