package desk

import (
	"context"
	"net/http"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

type payoutsView struct {
	page.Base
	Ready   []statement.Statement
	Sum     money.Fen
	Held    []flow.Held
	Batches []statement.Batch
}

// payouts shows what can be paid, what can't, and the batches.
func (h *screens) payouts(w http.ResponseWriter, r *http.Request) error {
	v := payoutsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("statement.pay_title"))}
	v.Styles = []string{"desk/desk.css", "desk/settle.css"}
	var err error
	if v.Ready, v.Held, err = flow.Payable(r.Context(), h.DB); err != nil {
		return err
	}
	for _, s := range v.Ready {
		v.Sum += s.Transfer()
	}
	if v.Batches, err = statement.Batches(r.Context(), h.DB); err != nil {
		return err
	}
	return h.Render(w, r, payoutsScreen(v))
}

// makePayouts gathers what can be paid into a batch.
func (h *screens) makePayouts(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	note := f.Text("note", 200)
	if err := f.Err(); err != nil {
		return err
	}
	b, err := h.Flow.MakePayouts(r.Context(), edge.Who(r).Actor, note)
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/payouts/"+string(b), edge.Who(r).P.T("statement.batch_made"))
}

type batchView struct {
	page.Base
	B       statement.Batch
	Items   []statement.Payout
	Exports []statement.Exported
	Mine    bool
}

func (h *screens) payoutBatch(w http.ResponseWriter, r *http.Request) error {
	v := batchView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("statement.pay_title"))}
	v.Styles = []string{"desk/desk.css", "desk/settle.css"}
	bid, err := site.PathID[id.Batch](r, "id")
	if err != nil {
		return err
	}
	if v.B, err = statement.BatchByID(r.Context(), h.DB, bid); err != nil {
		return err
	}
	if v.Items, err = statement.Payouts(r.Context(), h.DB, bid); err != nil {
		return err
	}
	if v.Exports, err = statement.Exports(r.Context(), h.DB, bid); err != nil {
		return err
	}
	v.Mine = v.B.MadeBy == string(v.Actor.User)
	return h.Render(w, r, batchScreen(v))
}

// onBatch does something with the batch of the path and goes back to its page.
func (h *screens) onBatch(w http.ResponseWriter, r *http.Request, said string, do func(ctx context.Context, b id.Batch, f *site.Form) error) error {
	bid, err := site.PathID[id.Batch](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err == nil {
		err = do(r.Context(), bid, f)
	}
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/payouts/"+string(bid), edge.Who(r).P.T(said))
}

func (h *screens) releaseBatch(w http.ResponseWriter, r *http.Request) error {
	return h.onBatch(w, r, "statement.released_ok", func(ctx context.Context, b id.Batch, _ *site.Form) error {
		return h.Flow.ReleaseBatch(ctx, edge.Who(r).Actor, b)
	})
}

func (h *screens) dropBatch(w http.ResponseWriter, r *http.Request) error {
	return h.onBatch(w, r, "statement.dropped_ok", func(ctx context.Context, b id.Batch, _ *site.Form) error {
		return h.Flow.DropBatch(ctx, edge.Who(r).Actor, b)
	})
}

func (h *screens) batchPaid(w http.ResponseWriter, r *http.Request) error {
	return h.onBatch(w, r, "statement.paid_ok", func(ctx context.Context, b id.Batch, f *site.Form) error {
		ref := f.Need("ref", 60)
		if err := f.Err(); err != nil {
			return err
		}
		return h.Flow.BatchPaid(ctx, edge.Who(r).Actor, b, ref)
	})
}

func (h *screens) payoutPaid(w http.ResponseWriter, r *http.Request) error {
	return h.onPayout(w, r, "statement.paid_ok", "ref", 60, h.Flow.PayoutPaid)
}

func (h *screens) payoutBack(w http.ResponseWriter, r *http.Request) error {
	return h.onPayout(w, r, "statement.back_ok", "why", 200, h.Flow.PayoutBack)
}

// onPayout does something with one payout of a batch, with the words of a field.
func (h *screens) onPayout(w http.ResponseWriter, r *http.Request, said, field string, most int, do func(context.Context, actor.Actor, id.Payout, string) error) error {
	return h.onBatch(w, r, said, func(ctx context.Context, _ id.Batch, f *site.Form) error {
		p, err := site.PathID[id.Payout](r, "item")
		if err != nil {
			return err
		}
		words := f.Need(field, most)
		if err := f.Err(); err != nil {
			return err
		}
		return do(ctx, edge.Who(r).Actor, p, words)
	})
}

// exportBatch sends the bank's file.
func (h *screens) exportBatch(w http.ResponseWriter, r *http.Request) error {
	bid, err := site.PathID[id.Batch](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	format, reason := f.One("format", "csv", "xlsx"), f.Need("reason", 200)
	if err := f.Err(); err != nil {
		return err
	}
	p := edge.Who(r).P
	file, err := h.Flow.ExportPayouts(r.Context(), edge.Who(r).Actor, bid, format, reason, func(c string) string {
		if c == "ref" {
			c = "payref"
		}
		return p.T("statement.bank_" + c)
	})
	if err != nil {
		return err
	}
	b, err := statement.BatchByID(r.Context(), h.DB, bid)
	if err != nil {
		return err
	}
	kind := map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}[format]
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+b.No+`.`+format+`"`)
	w.Header().Set("Cache-Control", "no-store")
	if _, err := w.Write(file); err != nil && r.Context().Err() == nil {
		return err
	}
	return nil
}
