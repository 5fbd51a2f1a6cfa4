// Package logging builds the program's logger: structured lines with the
// request's id. What a line may hold is decided where it is written; names,
// phone numbers, passwords and tokens are no attributes, and a net below
// blanks attributes of such names in case one slips in.
package logging

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"
)

// New makes a logger that writes to w. Format is json or text, level one of
// debug, info, warn, error. request gives the id of the request that a context
// belongs to, "" for none.
func New(w io.Writer, format, level string, request func(context.Context) string) *slog.Logger {
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: l, ReplaceAttr: tidy}
	var h slog.Handler = slog.NewJSONHandler(w, o)
	if format == "text" {
		h = slog.NewTextHandler(w, o)
	}
	return slog.New(withRequest{h, request})
}

// private are the names that no attribute may have.
var private = []string{"password", "token", "secret", "authorization", "cookie", "phone", "username", "displayname", "email"}

// tidy keeps times in UTC and blanks what must not be logged (S-PI4).
func tidy(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		return slog.Time(a.Key, a.Value.Time().UTC().Round(time.Millisecond))
	}
	for _, p := range private {
		if strings.EqualFold(a.Key, p) {
			return slog.String(a.Key, "-")
		}
	}
	return a
}

// withRequest adds the id of the request that ctx belongs to.
type withRequest struct {
	slog.Handler
	request func(context.Context) string
}

// Handle implements slog.Handler.
func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if id := h.request(ctx); id != "" && !has(r, "requestId") {
		r.AddAttrs(slog.String("requestId", id))
	}
	return h.Handler.Handle(ctx, r)
}

func has(r slog.Record, key string) bool {
	found := false
	r.Attrs(func(a slog.Attr) bool {
		found = a.Key == key
		return !found
	})
	return found
}

// WithAttrs implements slog.Handler.
func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs), h.request}
}

// WithGroup implements slog.Handler.
func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name), h.request}
}
