package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parkregistry/models"
)

// Difference is one field that two filings say differently, by its pointer. A
// value that is not there is nil; any other is the JSON as it was filed. The
// labels are those of the version by which the entry is read.
type Difference struct {
	Pointer string
	LabelZh string
	LabelEn string
	Before  json.RawMessage
	After   json.RawMessage
}

// Between names two filings of an entry by their numbers; 0 leaves the choice to Compare.
type Between struct {
	From, To int
}

// Compare lists what changed between two filings of the entry, field by field.
// Without numbers: the last filing against the one before it, or, for the first
// filing of an amendment, against the last one of the entry that it amends.
func (s *Service) Compare(ctx context.Context, id models.ID, b Between) ([]Difference, error) {
	e, err := s.head(ctx, id)
	if err != nil {
		return nil, err
	}
	if e.Filings == 0 {
		return []Difference{}, nil
	}
	if b.To == 0 {
		b.To = e.Filings
	}
	after, err := s.filing(ctx, e, b.To)
	if err != nil {
		return nil, err
	}
	if b.From == 0 {
		b.From = b.To - 1
	}
	if b.From == 0 {
		if e.Supersedes == nil {
			return []Difference{}, nil
		}
		if e, err = s.head(ctx, *e.Supersedes); err != nil {
			return nil, err
		}
		b.From = e.Filings
	}
	before, err := s.filing(ctx, e, b.From)
	if err != nil {
		return nil, err
	}
	class, err := s.classes.of(e)
	return class.differ([]byte(before.Payload), []byte(after.Payload)), err
}

func (c Class) differ(before, after json.RawMessage) []Difference {
	was, is := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	leaves("", before, was)
	leaves("", after, is)
	all := maps.Clone(was)
	maps.Copy(all, is)
	out := []Difference{}
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if !slices.Equal(was[p], is[p]) {
			f := c.field(p)
			out = append(out, Difference{p, f.LabelZh, f.LabelEn, was[p], is[p]})
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
