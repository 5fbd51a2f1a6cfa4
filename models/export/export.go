package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Format is a kind of file.
type Format string

// The formats.
const (
	XLSX Format = "xlsx"
	CSV  Format = "csv"
)

// Formats are all.
func Formats() []Format { return []Format{XLSX, CSV} }

// AtOnce is how many rows are written while somebody waits; more become a job (S-XL4).
const AtOnce = 10_000

// Codec writes tables as files. It asks no database.
type Codec interface {
	// Begin writes the head; nothing but rows comes after it.
	Begin(w io.Writer, format Format, lang string, head Head) (Sheet, error)
	// Say is a text in that language, as for the name of a file.
	Say(lang string, t fault.Text) string
}

// Sheet takes the rows of a table.
type Sheet interface {
	Row(cells []Cell) error
	Close() error   // writes what is left
	Discard() error // gives back what it holds, of a table that is not to be finished
}

// Head is what a table is.
type Head struct {
	Title   fault.Text
	Columns []Column
	About   []Said // what stands on the second sheet of a workbook, beside the number of rows
}

// Ask is what somebody asks for.
type Ask struct {
	List    string
	Format  Format
	Lang    string
	Filters map[string]string // by the names that the list's route has; empty ones do not narrow
}

// list is the list that is asked for, with the filters that are set.
func (a Ask) list() (List, Ask, error) {
	var c fault.Check
	l, known := Find(a.List)
	if !known {
		c.Cite("/list", "enum", "", a.List, "没有这份清单")
	}
	if !slices.Contains(Formats(), a.Format) {
		c.Cite("/format", "enum", "", string(a.Format), "格式应当是 xlsx 或者 csv")
	}
	a.Filters = maps.Clone(a.Filters)
	maps.DeleteFunc(a.Filters, func(_, value string) bool { return value == "" })
	if known {
		c.Within("", l.check(a.Filters))
	}
	return l, a, c.Err()
}

// Service is the door to exports.
type Service struct {
	db     *models.DB
	rooms  Rooms
	codec  Codec
	folder *Folder
	queue  Queue
	desk   *desk
	atOnce int64
}

// Queue runs an export in the background.
type Queue interface {
	WriteExport(tx *models.Tx, id models.ID) error
}

// New makes the service.
func New(db *models.DB, rooms Rooms, codec Codec, folder *Folder, queue Queue) *Service {
	return &Service{db: db, rooms: rooms, codec: codec, folder: folder, queue: queue, desk: newDesk(), atOnce: AtOnce}
}

// Lists are the lists that the caller may take out.
func (s *Service) Lists(ctx context.Context) []List {
	return slices.DeleteFunc(Lists(), func(l List) bool { return policies.Require(ctx, l.Need) != nil })
}

func (s *Service) reading(ctx context.Context, a Ask) *reading {
	return &reading{Rooms: s.rooms, ctx: ctx, narrow: a.Filters, today: s.db.Today()}
}

// query is the first page of a list.
func (l List) query(a Ask, limit int) models.Query {
	filters := maps.Clone(a.Filters)
	if filters == nil {
		filters = map[string]string{}
	}
	filters["export"] = l.Name
	return models.Query{Limit: limit, Sort: l.sort, Filters: filters}
}

// Count is how many rows the caller would get.
func (s *Service) Count(ctx context.Context, a Ask) (int64, error) {
	l, a, err := a.list()
	if err != nil {
		return 0, err
	}
	if err := policies.Require(ctx, l.Need); err != nil {
		return 0, err
	}
	q := l.query(a, 1)
	q.Exact = true
	b, err := l.read(s.reading(ctx, a), q)
	if err != nil {
		return 0, err
	}
	return *b.total, nil
}

// Write writes the list that is asked for as it is at one moment, page by page, and
// leaves an audit record. It says how many rows it has. Whoever calls it bounds how many
// there may be.
func (s *Service) Write(ctx context.Context, w io.Writer, a Ask) (int, error) {
	n, err := s.write(ctx, w, a)
	if err != nil {
		return n, err
	}
	return n, s.db.Write(ctx, func(tx *models.Tx) error { return note(tx, a, "", n) })
}

func (s *Service) write(ctx context.Context, w io.Writer, a Ask) (int, error) {
	l, a, err := a.list()
	if err != nil {
		return 0, err
	}
	if err := policies.Require(ctx, l.Need); err != nil {
		return 0, err
	}
	defer models.Lean(models.Reading)()
	var sheet Sheet
	n := 0
	err = s.db.Snapshot(ctx, func(ctx context.Context) error {
		r := s.reading(ctx, a)
		if err := r.knowParks(); err != nil {
			return err
		}
		if sheet, err = s.codec.Begin(w, a.Format, a.Lang, Head{l.Title, l.head(r), s.about(r, l)}); err != nil {
			return err
		}
		for q := l.query(a, models.MaxPage); ; {
			b, err := l.read(r, q)
			if err != nil {
				return err
			}
			for _, row := range b.rows {
				if err := sheet.Row(row); err != nil {
					return err
				}
			}
			n += b.made
			if q.Cursor = b.next; b.next == "" {
				return nil
			}
		}
	})
	switch {
	case err != nil && sheet != nil:
		return n, errors.Join(err, sheet.Discard())
	case err != nil:
		return n, err
	}
	return n, sheet.Close()
}

// about is what a workbook says of itself.
func (s *Service) about(r *reading, l List) []Said {
	actor, _ := policies.ActorFrom(r.ctx)
	all := []Said{{fault.T("清单"), l.Title}}
	narrowed := l.said(r)
	if len(narrowed) == 0 {
		narrowed = []Said{{fault.T("条件"), fault.T("没有条件，权限内的全部记录")}}
	}
	return append(append(all, narrowed...), Said{fault.T("导出时间"), plain(code.ClockTime(s.db.Now()))}, Said{fault.T("操作人"), plain(actor.Username)})
}

// Name is what the file is called: list, number of a report, days and number of rows.
func (s *Service) Name(a Ask, rows int) string {
	l, known := Find(a.List)
	if !known {
		return a.List
	}
	say := func(t fault.Text) string { return s.codec.Say(a.Lang, t) }
	parts := []string{say(l.Title)}
	if i := l.filter("counted"); i >= 0 && a.Filters["counted"] != "" {
		parts = append(parts, say(l.Filters[i].said(nil, a.Filters["counted"])))
		if day := a.Filters["asOf"]; day != "" {
			parts = append(parts, say(fault.T("截至{{.Day}}", "Day", day)))
		}
	}
	from, to := a.Filters["from"], a.Filters["to"]
	switch {
	case from != "" && to != "":
		parts = append(parts, say(fault.T("{{.From}}至{{.To}}", "From", from, "To", to)))
	case from != "":
		parts = append(parts, say(fault.T("{{.From}}起", "From", from)))
	case to != "":
		parts = append(parts, say(fault.T("至{{.To}}", "To", to)))
	}
	parts = append(parts, say(fault.T("{{.Rows}}条", "Rows", rows)))
	return strings.Join(parts, "_") + "." + string(a.Format)
}

// note is the audit record of an export: what, narrowed how, how many rows (S-PI4).
func note(tx *models.Tx, a Ask, id models.ID, rows int) error {
	return audit.Write(tx, audit.Note{Action: "export", Outcome: audit.Done, Kind: a.List, Object: string(id), Reason: said(a, rows)})
}

// noteBy is the same of a job, which works for the person of the export.
func noteBy(tx *models.Tx, e Export) error {
	return audit.Write(tx, audit.Note{Action: "export", Outcome: audit.Done, Kind: e.List, Object: string(e.ID), Actor: &e.UserID, Reason: said(e.ask(), e.Rows)})
}

func said(a Ask, rows int) string {
	all := fmt.Sprintf("%d rows", rows)
	for _, name := range slices.Sorted(maps.Keys(a.Filters)) {
		if a.Filters[name] != "" {
			all += " " + name + "=" + a.Filters[name]
		}
	}
	return all
}
