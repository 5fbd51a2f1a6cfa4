package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
)

// Difference is one field that two filings say differently, by its pointer into what
// it is a field of. A value that is not there is nil; any other is the JSON as it was
// filed. The labels are those of the version by which the entry is read.
type Difference struct {
	In      Part
	Pointer string
	LabelZh string
	LabelEn string
	Before  json.RawMessage
	After   json.RawMessage
}

// Part is what a pointer points into.
type Part string

// The parts of a filing.
const (
	InPayload Part = "payload"
	InEntry   Part = "entry" // what the entry says beside its payload
)

// beside are the fields of a filing beside its payload that people give.
var beside = Class{Fields: []Field{{Name: "occurredAt", LabelZh: "发生时间", LabelEn: "Occurred at"}, {Name: "attachments", LabelZh: "附件", LabelEn: "Attachment"}}}

// beside are those fields as JSON; an attachment is named by its digest.
func (f Filing) beside() (json.RawMessage, error) {
	said := map[string]any{"attachments": files.Sums(f.Attachments.V)}
	if f.OccurredAt != nil {
		said["occurredAt"] = f.OccurredAt.In(code.Zone).Format(time.RFC3339)
	}
	return json.Marshal(said)
}

// Between names two filings by their numbers; 0 leaves the choice to Compare.
type Between struct {
	FromEntry string // the entry that From is a filing of: one that the entry amends, directly or not, or that amends it; "" for itself
	From, To  int
}

// Compare lists what changed between two filings of the entry, field by field.
// Without numbers: the last filing against the one before it, or, for the first
// filing of an amendment, against the last one of the entry that it amends. With
// another entry of its amendments, against that one's last filing.
func (s *Service) Compare(ctx context.Context, id models.ID, b Between) ([]Difference, error) {
	var c fault.Check
	other := fault.Parse(&c, "/query/fromEntry", b.FromEntry, models.ParseID)
	if err := badQuery(c.Err()); err != nil {
		return nil, err
	}
	e, err := s.head(ctx, id)
	if err != nil {
		return nil, err
	}
	of, err := s.comparedTo(ctx, e, other)
	if err != nil || e.Filings == 0 {
		return []Difference{}, err
	}
	if b.To == 0 {
		b.To = e.Filings
	}
	after, err := s.filing(ctx, e, b.To)
	if err != nil {
		return nil, err
	}
	switch {
	case b.From != 0:
	case of.ID != e.ID:
		b.From = of.Filings
	case b.To > 1:
		b.From = b.To - 1
	case e.Supersedes == nil:
		return []Difference{}, nil
	default:
		if of, err = s.head(ctx, *e.Supersedes); err != nil {
			return nil, err
		}
		b.From = of.Filings
	}
	before, err := s.filing(ctx, of, b.From)
	if err != nil {
		return nil, err
	}
	return s.between(e, before, after)
}

func (s *Service) between(e Entry, before, after Filing) ([]Difference, error) {
	class, err := s.classes.of(e)
	if err != nil {
		return nil, err
	}
	was, err := before.beside()
	if err != nil {
		return nil, err
	}
	is, err := after.beside()
	return append(class.differ(InPayload, []byte(before.Payload), []byte(after.Payload)), beside.differ(InEntry, was, is)...), err
}

// comparedTo is the entry that other names: e itself without one, otherwise another
// of the entries that took each other's place (更正).
func (s *Service) comparedTo(ctx context.Context, e Entry, other models.ID) (Entry, error) {
	if other == "" || other == e.ID {
		return e, nil
	}
	of, err := s.head(ctx, other)
	if err != nil {
		return of, err
	}
	first, err := s.original(ctx, e)
	if err != nil {
		return of, err
	}
	if its, err := s.original(ctx, of); err != nil || its == first {
		return of, err
	}
	var c fault.Check
	c.Fail("/query/fromEntry", "unrelated", "这两条记录不是互相更正的")
	return of, badQuery(c.Err())
}

// original is the entry that e amends, through however many amendments; e when it is none.
func (s *Service) original(ctx context.Context, e Entry) (models.ID, error) {
	for e.Supersedes != nil {
		var err error
		if e, err = s.head(ctx, *e.Supersedes); err != nil {
			return "", err
		}
	}
	return e.ID, nil
}

func (c Class) differ(in Part, before, after json.RawMessage) []Difference {
	was, is := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	leaves("", before, was)
	leaves("", after, is)
	all := maps.Clone(was)
	maps.Copy(all, is)
	out := []Difference{}
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if !slices.Equal(was[p], is[p]) {
			f := c.field(p)
			out = append(out, Difference{in, p, f.LabelZh, f.LabelEn, was[p], is[p]})
		}
	}
	return out
}

// field is the field that a pointer into a payload names; one without labels
// when the class has none there.
func (c Class) field(pointer string) Field {
	found := Field{Fields: c.Fields}
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if _, err := strconv.Atoi(step); err == nil {
			continue // one record of a list
		}
		i := slices.IndexFunc(found.Fields, func(f Field) bool { return f.Name == step })
		if i < 0 {
			return Field{}
		}
		found = found.Fields[i]
	}
	return found
}

// Word is the label of an option of the field that the pointer names; the value itself
// where it is none of them.
func (c Class) Word(pointer, value string) fault.Text {
	for _, o := range c.field(pointer).Enum {
		if o.Value == value {
			return fault.Named(o.LabelZh, o.LabelEn)
		}
	}
	return fault.Named(value, value)
}

// leaves takes a JSON value apart into its plain values by pointer.
func leaves(at string, raw json.RawMessage, into map[string]json.RawMessage) {
	if m, ok := members(raw); ok {
		for name, v := range m {
			leaves(at+"/"+escape(name), v, into)
		}
		return
	}
	var list []json.RawMessage
	if opens(raw, '[') && json.Unmarshal(raw, &list) == nil {
		for i, v := range list {
			leaves(at+"/"+strconv.Itoa(i), v, into)
		}
		return
	}
	if !null(raw) {
		into[at] = raw
	}
}
