package sheets

import (
	"errors"
	"io"
	"testing"
)

// counted are so many rows; then comes err, or a panic where it is nil.
type counted struct {
	row, most int
	err       error
	closed    bool
}

func (c *counted) merged() []span { return nil }
func (c *counted) close() error   { c.closed = true; return nil }

func (c *counted) next() (int, []cell, error) {
	if c.row == c.most {
		if c.err == nil {
			panic("damaged")
		}
		return 0, nil, c.err
	}
	c.row++
	return c.row, []cell{{text: "x"}}, nil
}

// Rows that are read ahead come in their order, with what came after the last of them.
func TestReadAhead(t *testing.T) {
	torn := errors.New("torn")
	for _, c := range []struct {
		rows int
		err  error
	}{{0, io.EOF}, {1, io.EOF}, {aheadRows, io.EOF}, {aheadRows*aheadBatches*3 + 1, io.EOF}, {100, torn}} {
		of := &counted{most: c.rows, err: c.err}
		a := readAhead(of)
		var err error
		got := 0
		for err == nil {
			var row int
			if row, _, err = a.next(); err == nil {
				if got++; row != got {
					t.Fatalf("row %d came as number %d", row, got)
				}
			}
		}
		if _, _, again := a.next(); got != c.rows || !errors.Is(err, c.err) || !errors.Is(again, c.err) {
			t.Errorf("%d rows and %v, then %v; want %d and %v", got, err, again, c.rows, c.err)
		}
		if err := a.close(); err != nil || !of.closed {
			t.Errorf("closing: %v, %v", err, of.closed)
		}
	}
}

// Who stops early is not held up by the reader, which waits to be rid of its rows.
func TestReadAheadStops(t *testing.T) {
	of := &counted{most: 1 << 30, err: io.EOF}
	a := readAhead(of)
	if _, _, err := a.next(); err != nil {
		t.Fatal(err)
	}
	if err := a.close(); err != nil || !of.closed {
		t.Errorf("closing: %v, %v", err, of.closed)
	}
}

// What the library panics with at a damaged file reaches who asked for the rows: in a
// goroutine of its own it would end the program.
func TestReadAheadPanics(t *testing.T) {
	a := readAhead(&counted{most: 3})
	defer func() { _ = a.close() }()
	defer func() {
		if v := recover(); v != "damaged" {
			t.Errorf("recovered %v", v)
		}
	}()
	for {
		if _, _, err := a.next(); err != nil {
			t.Fatalf("the panic became the error %v", err)
		}
	}
}
