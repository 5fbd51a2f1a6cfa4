package files

import (
	"bufio"
	"bytes"
	"context"
	"io"

	"parkregistry/policies"
)

// csv is a table as text. It is taken where a table is asked for and nowhere else.
var csv = Kind{Name: "CSV", MediaType: TableText, Extensions: []string{".csv"}, Limit: MaxTable}

// TableText is the media type of a table as text, and MaxTable the largest table.
const (
	TableText = "text/csv"
	MaxTable  = 200 * mib
)

// xlsx is the kind of a table that is no text.
func xlsx() Kind {
	all := Kinds()
	return all[len(all)-1]
}

// ReceiveTable takes a file of rows to the disk: a workbook, or text (S-IN1). What it
// holds is for its reader to judge, before it is kept. It needs the right to bring tables in
// and none to attach files.
func (s *Service) ReceiveTable(ctx context.Context, r io.Reader, name string) (*Incoming, error) {
	if err := policies.Require(ctx, policies.ImportCreate); err != nil {
		return nil, err
	}
	kind, buffered := csv, bufio.NewReader(r)
	if head, _ := buffered.Peek(len(xlsx().magic)); bytes.Equal(head, xlsx().magic) {
		kind = xlsx()
	}
	a, err := s.store.receive(buffered, kind.Limit)
	if err != nil {
		return nil, err
	}
	return &Incoming{arrival: a, kind: kind, need: policies.ImportCreate, Name: cleanName(name, kind)}, nil
}

// ReadAt implements io.ReaderAt, for who judges what has arrived.
func (in *Incoming) ReadAt(p []byte, off int64) (int, error) { return in.arrival.file.ReadAt(p, off) }

// Size is how many bytes have arrived.
func (in *Incoming) Size() int64 { return in.arrival.size }
