package desk

import (
	"net/http"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// paymentsShown bounds the list of recent payments.
const paymentsShown = 100

type financeView struct {
	page.Base
	Payments   []payment.Payment
	Refunds    []payment.Refund
	Quarantine []payment.Quarantined
	Offline    bool // offline transfers are taken
	Alone      bool // one person may propose and sign
	Errors     map[string]string
	No, Amount string
	Proof      string
}

// finance shows what came in, what goes back and what does not fit.
func (h *screens) finance(w http.ResponseWriter, r *http.Request) error {
	v, err := h.financeView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, financeScreen(v))
}

func (h *screens) financeView(w http.ResponseWriter, r *http.Request) (financeView, error) {
	v := financeView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.finance_title")), Offline: h.OfflineText != "", Alone: h.Flow.SinglePerson}
	v.Styles = []string{"desk/desk.css"}
	var err error
	if v.Payments, err = payment.Recent(r.Context(), h.DB, paymentsShown); err != nil {
		return v, err
	}
	if v.Quarantine, err = payment.Quarantine(r.Context(), h.DB); err != nil {
		return v, err
	}
	v.Refunds, err = payment.RecentRefunds(r.Context(), h.DB, "", paymentsShown)
	return v, err
}

// confirmOffline books a transfer that finance has seen on the account.
func (h *screens) confirmOffline(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	no, amount, proof := f.Need("no", 20), f.Yuan("amount", false), f.Need("proof", 200)
	if no != "" && !id.ValidOrderNo(no) {
		f.Add(fault.New(fault.Invalid, "desk.paste_no").At("no"))
	}
	if err = f.Err(); err == nil {
		var o order.Order
		if o, err = order.ByNo(r.Context(), h.DB, no); err == nil {
			_, err = h.Flow.ConfirmOffline(r.Context(), edge.Who(r).Actor, o.ID, amount, proof)
		}
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.offline_ok"))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v, verr := h.financeView(w, r)
	if verr != nil {
		return verr
	}
	v.No, v.Amount, v.Proof = no, r.PostFormValue("amount"), proof
	v.Errors = map[string]string{}
	for _, x := range fault.Of(err).All() {
		v.Errors[x.Field] = v.P.Err(x)
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), financeScreen(v))
}

// proposeQuarantine notes what finance did about money that did not fit.
func (h *screens) proposeQuarantine(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[id.Callback](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	how, note := f.One("how", payment.HowReturned, payment.HowVoid), f.Need("note", 200)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.ProposeQuarantine(r.Context(), edge.Who(r).Actor, cid, how, note); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.proposed_ok"))
}

// signQuarantine settles what another of finance has proposed.
func (h *screens) signQuarantine(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[id.Callback](r, "id")
	if err != nil {
		return err
	}
	if err := h.Flow.SignQuarantine(r.Context(), edge.Who(r).Actor, cid); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.settled_ok"))
}

// retryRefund has a failed refund sent again.
func (h *screens) retryRefund(w http.ResponseWriter, r *http.Request) error {
	rid, err := site.PathID[id.Refund](r, "id")
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return payment.RetryRefund(r.Context(), tx, edge.Who(r).Actor, rid)
	})
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.refund_again"))
}

// confirmRefund books a refund of an offline transfer that finance has sent
// back by hand.
func (h *screens) confirmRefund(w http.ResponseWriter, r *http.Request) error {
	rid, err := site.PathID[id.Refund](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	proof := f.Need("proof", 200)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.ConfirmRefund(r.Context(), edge.Who(r).Actor, rid, proof); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.refund_confirmed"))
}
