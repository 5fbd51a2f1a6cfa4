package api

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// Warned is part of every view: a write answers its warnings, a read none at all.
type Warned struct {
	Warnings *[]ProblemItem `json:"warnings,omitempty" doc:"不阻止提交的提示，仅在写入的回答中给出 · advice that does not block, on writes only"`
}

func (w *Warned) warn(items []ProblemItem) { w.Warnings = &items }

// view is a pointer to a view that can carry warnings.
type view[V any] interface {
	*V
	warn([]ProblemItem)
}

// answer builds the answer of a write.
func answer[V any, P view[V]](id models.ID, version int64, v V) *one[V] {
	P(&v).warn([]ProblemItem{})
	return &one[V]{etag(id, version), v}
}

// change runs a PATCH: version first, then the patch on what is there.
func change[I, R, O any](ctx context.Context, in *patchInput[I],
	update func(context.Context, models.ID, int64, func(I) (I, error)) (R, error), out func(R) *O) (*O, error) {
	id, version, err := target(in.IDParam, in.MatchParam)
	if err != nil {
		return nil, err
	}
	r, err := update(ctx, id, version, in.Body.apply)
	if err != nil {
		return nil, err
	}
	return out(r), nil
}

// end runs a closing.
func end[R, O any](ctx context.Context, in *closeInput,
	closing func(context.Context, models.ID, int64, registry.CloseInput) (R, error), out func(R) *O) (*O, error) {
	id, version, err := target(in.IDParam, in.MatchParam)
	if err != nil {
		return nil, err
	}
	r, err := closing(ctx, id, version, in.Body)
	if err != nil {
		return nil, err
	}
	return out(r), nil
}

func target(p IDParam, m MatchParam) (models.ID, int64, error) {
	id, err := p.id()
	if err != nil {
		return "", 0, err
	}
	version, err := m.version(id)
	return id, version, err
}

// instant is how the API writes an instant: RFC 3339 at UTC+8.
func instant(t time.Time) string { return t.In(code.Zone).Format(time.RFC3339) }

func instantOrNull(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := instant(*t)
	return &s
}
