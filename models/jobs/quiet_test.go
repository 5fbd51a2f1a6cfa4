package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"
)

// A job that is broken off by the end of the program is not logged as an error; one that
// ran out of time is.
func TestQuiet(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	for _, c := range []struct {
		name string
		ctx  context.Context
		said bool
	}{{"running", t.Context(), true}, {"ended", canceled, false}, {"out of time", late, true}} {
		var log bytes.Buffer
		slog.New(quiet{slog.NewTextHandler(&log, nil)}).ErrorContext(c.ctx, "failed", slog.String("err", "context canceled"))
		if said := log.Len() > 0; said != c.said {
			t.Errorf("%s: logged %v, want %v: %s", c.name, said, c.said, &log)
		}
	}
	var log bytes.Buffer
	slog.New(quiet{slog.NewTextHandler(&log, nil)}).Info("chatter")
	if log.Len() > 0 {
		t.Errorf("chatter is passed on: %s", &log)
	}
}
