package api

import (
	"context"
	"encoding/json"
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

// versionView is what a row of the register said from one change to the next.
type versionView struct {
	Version   int64           `json:"version"`
	ValidFrom string          `json:"validFrom" format:"date-time"`
	ChangeID  models.ID       `json:"changeId" format:"uuid"`
	Data      json.RawMessage `json:"data" doc:"当时的内容；个人信息只有加盐的散列"`
}

type versionsInput struct {
	IDParam
	ListParams
}

// versions lists what a row of one kind said over time.
func (h registryAPI) versions(kind registry.Kind) func(context.Context, *versionsInput) (*list[versionView], error) {
	return func(ctx context.Context, in *versionsInput) (*list[versionView], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		page, err := h.svc.Versions(ctx, kind, id, in.query("", map[string]string{"r": "versions", "i": string(id)}))
		return listOf(page, func(v registry.Version) versionView {
			return versionView{v.Version, instant(v.ValidFrom), v.ChangeID, json.RawMessage(v.Data)}
		}), err
	}
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
