package job

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestQuietLogLeavesOutOnlyTheStop(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(quiet{slog.NewTextHandler(&b, nil)})
	running := t.Context()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	log.InfoContext(running, "elected")
	log.ErrorContext(stopped, "stopped under way", "error", context.Canceled.Error())
	log.ErrorContext(running, "kept 1", "error", context.Canceled.Error())
	log.ErrorContext(stopped, "kept 2", "error", errors.New("disk full").Error())
	log.WarnContext(stopped, "kept 3", "jobs", 2)
	if got := strings.Count(b.String(), "\n"); got != 3 || strings.Count(b.String(), "kept") != 3 {
		t.Errorf("logged\n%s", &b)
	}
}
