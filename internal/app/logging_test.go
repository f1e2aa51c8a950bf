package app

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"lindu.example/lindu/internal/app/config"
)

func TestLogBlotsPersonalData(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var b bytes.Buffer
		log := NewLog(&b, config.Log{Level: "info", Format: format})
		log = log.With("who", "13800001234")
		log.Info("sent to 13900005678", "phone", "+8613711112222", "err", errors.New("no route to 13622223333"),
			"id", "110101199003071234", slog.Group("g", "p", "15012345678"), "order", "20261122123456789010", "ok", 42)
		for _, secret := range []string{"13800001234", "13900005678", "13711112222", "13622223333", "110101199003071234", "15012345678"} {
			if strings.Contains(b.String(), secret) {
				t.Errorf("%s: %s stands in the log: %s", format, secret, b.String())
			}
		}
		if !strings.Contains(b.String(), "20261122123456789010") || !strings.Contains(b.String(), "42") {
			t.Errorf("%s: an order number was blotted: %s", format, b.String())
		}
	}
}
