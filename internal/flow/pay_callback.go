package flow

import (
	"context"
	"io"
	"net/http"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/payment"
)

// maxCallback bounds a callback's body; real ones have about 1 KB.
const maxCallback = 64 << 10

// HandleCallback verifies a provider's callback and applies it once. What does
// not verify leaves no trace but a line in the log, which holds nothing of its
// text: a stranger wrote it.
func (f *Flow) HandleCallback(ctx context.Context, gateway string, w http.ResponseWriter, r *http.Request) {
	g := f.Gateways[gateway]
	if g == nil {
		http.NotFound(w, r)
		return
	}
	err := f.takeCallback(ctx, g, w, r)
	if err != nil {
		f.Log.WarnContext(ctx, "payment callback not taken", "gateway", gateway, "why", fault.Of(err).Key, "err", err)
	}
	g.Ack(w, err)
}

func (f *Flow) takeCallback(ctx context.Context, g payment.Gateway, w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCallback))
	if err != nil {
		return fault.New(fault.TooLarge, "fault.too_large", "Max", "64 KB").Because(err)
	}
	n, err := g.Verify(r, body, f.DB.Clock.Now())
	if err != nil {
		return err
	}
	return f.ApplyNotice(ctx, g.Name(), n)
}
