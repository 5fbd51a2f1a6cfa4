package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	jsonpatch "github.com/evanphx/json-patch/v5"

	"parkregistry/internal/fault"
)

// patch is a merge patch (RFC 7396) of an input of type T: every member of T is
// optional, and null takes a value away. Shape is checked against T's schema;
// the rules are checked on the merged whole.
type patch[T any] struct{ raw json.RawMessage }

// Schema implements huma.SchemaProvider.
func (patch[T]) Schema(r huma.Registry) *huma.Schema {
	full := r.Schema(reflect.TypeFor[T](), false, "")
	if full.Ref != "" {
		full = r.SchemaFromRef(full.Ref)
	}
	s := &huma.Schema{Type: huma.TypeObject, AdditionalProperties: false, Description: "RFC 7396 merge patch", Properties: map[string]*huma.Schema{}}
	for _, name := range slices.Sorted(maps.Keys(full.Properties)) {
		p := *full.Properties[name]
		if p.Ref == "" {
			p.Nullable = true
			if len(p.Enum) > 0 {
				p.Enum = append(slices.Clone(p.Enum), nil)
			}
			p.PrecomputeMessages()
		}
		s.Properties[name] = &p
	}
	s.PrecomputeMessages()
	return s
}

// UnmarshalJSON keeps the patch as it came.
func (p *patch[T]) UnmarshalJSON(b []byte) error {
	p.raw = bytes.Clone(b)
	return nil
}

// apply merges the patch into what is there now.
func (p patch[T]) apply(now T) (T, error) {
	var merged T
	doc, err := json.Marshal(now)
	if err != nil {
		return merged, err
	}
	out, err := jsonpatch.MergePatch(doc, p.raw)
	if err != nil {
		return merged, fault.New(fault.Malformed, "不是完整的 JSON")
	}
	return merged, json.Unmarshal(out, &merged)
}

// patchInput is the input of every PATCH.
type patchInput[T any] struct {
	IDParam
	MatchParam
	Body patch[T] `contentType:"application/merge-patch+json"`
}
