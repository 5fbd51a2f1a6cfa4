package logging_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"parkregistry/internal/logging"
)

type key struct{}

func TestLines(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var b bytes.Buffer
		log := logging.New(&b, format, "info", func(ctx context.Context) string { id, _ := ctx.Value(key{}).(string); return id })
		ctx := context.WithValue(t.Context(), key{}, "req-1")
		log.DebugContext(ctx, "unheard")
		log.With("room", "api").WithGroup("g").InfoContext(ctx, "said", "password", "p-secret", "Phone", "13800138000-secret", "route", "/parks")
		log.InfoContext(ctx, "once", "requestId", "req-own")
		out := b.String()
		for _, want := range []string{"req-1", "req-own", "/parks", "api"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %s is missing in %s", format, want, out)
			}
		}
		if strings.Contains(out, "secret") || strings.Contains(out, "unheard") || strings.Count(out, "req-1") != 1 {
			t.Errorf("%s: %s", format, out)
		}
	}
}
