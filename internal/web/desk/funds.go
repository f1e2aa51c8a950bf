package desk

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// fundRoutes are the two funds: agreements, disbursements, profit into the
// growth fund. Every second signature is a route of its own; that it is another
// person's is the domain's rule.
func (h *screens) fundRoutes() []edge.Route {
	see := edge.Only(actor.Finance, actor.Admin, actor.Overseer)
	draft, sign := edge.Only(actor.Finance), edge.Only(actor.Finance, actor.Admin)
	return []edge.Route{
		{Method: "GET", Path: "/desk/funds", Access: see, Handle: h.funds},
		{Method: "POST", Path: "/desk/funds/agreements", Access: sign, Handle: h.draftAgreement},
		{Method: "POST", Path: "/desk/funds/agreements/{id}", Access: sign, Handle: h.moveAgreement},
		{Method: "POST", Path: "/desk/funds/disbursements", Access: draft, Handle: h.draftDisbursement},
		{Method: "POST", Path: "/desk/funds/disbursements/{id}", Access: sign, Handle: h.moveDisbursement},
		{Method: "POST", Path: "/desk/funds/growth", Access: draft, Handle: h.draftTransfer},
		{Method: "POST", Path: "/desk/funds/growth/{id}", Access: sign, Handle: h.moveTransfer},
		{Method: "GET", Path: "/funds/vouchers/{id}", Access: edge.Anyone(), Handle: h.voucher},
	}
}

type fundsView struct {
	page.Base
	Funds      flow.Funds
	Agreements []promise.Agreement
	Bound      []promise.Agreement // those that may be paid on today
	Out        []fund.Disbursement
	Transfers  []fund.Transfer
	Names      map[id.User]string
	Today      clock.Day
	Form       string            // which form was sent
	Wrong      map[string]string // what was wrong with it
	In         map[string]string // what was typed
}

// Mine tells whether the person who looks drafted it: somebody else must sign.
func (v fundsView) Mine(by id.User) bool { return by == v.Actor.User }

// Name of a person who signed.
func (v fundsView) Name(u id.User) string {
	if n := v.Names[u]; n != "" {
		return n
	}
	return string(u) // the centre itself, which has a name and no account
}

// wrong is what was wrong with a field of a form.
func (v fundsView) wrong(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.Wrong[field]
}

// in is what was typed into a field of a form.
func (v fundsView) in(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.In[field]
}

func (h *screens) funds(w http.ResponseWriter, r *http.Request) error {
	v, err := h.fundsView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, fundsScreen(v))
}

func (h *screens) fundsView(w http.ResponseWriter, r *http.Request) (v fundsView, err error) {
	v.Base = h.Base(w, r, "desk", edge.Who(r).P.T("desk.funds_title"))
	v.Path, v.Styles = "/desk/funds", []string{"desk/desk.css"}
	v.Today = clock.DayOf(h.DB.Clock.Now())
	ctx := r.Context()
	if v.Funds, err = h.Flow.ReadFunds(ctx); err != nil {
		return v, err
	}
	if v.Agreements, err = promise.Agreements(ctx, h.DB); err != nil {
		return v, err
	}
	if v.Out, err = fund.All(ctx, h.DB, ""); err != nil {
		return v, err
	}
	if v.Transfers, err = fund.Transfers(ctx, h.DB); err != nil {
		return v, err
	}
	var people []id.User
	for _, a := range v.Agreements {
		if a.Bound(v.Today) {
			v.Bound = append(v.Bound, a)
		}
		people = append(people, a.DraftedBy, a.SignedBy)
	}
	for _, d := range v.Out {
		people = append(people, d.DraftedBy, d.ApprovedBy, d.PaidBy)
	}
	for _, t := range v.Transfers {
		people = append(people, t.DraftedBy, t.SignedBy)
	}
	users, err := account.Users(ctx, h.DB, people...)
	v.Names = map[id.User]string{}
	for u, x := range users {
		v.Names[u] = x.Name
	}
	return v, err
}

// fundsAgain shows the page again with what was wrong with a form.
func (h *screens) fundsAgain(w http.ResponseWriter, r *http.Request, form string, in map[string]string, err error) error {
	if !site.Correctable(err) && !strings.HasPrefix(fault.Of(err).Key, "promise.") && !strings.HasPrefix(fault.Of(err).Key, "fund.") {
		return err
	}
	v, verr := h.fundsView(w, r)
	if verr != nil {
		return verr
	}
	v.Form, v.In, v.Wrong = form, in, ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), fundsScreen(v))
}

// fundDone goes back to the page with what was done.
func (h *screens) fundDone(w http.ResponseWriter, r *http.Request, form string, in map[string]string, err error) error {
	if err != nil {
		return h.fundsAgain(w, r, form, in, err)
	}
	return h.Redirect(w, r, "/desk/funds", edge.Who(r).P.T("desk.funds_ok"))
}

func (h *screens) update(r *http.Request, fn func(tx *db.Tx) error) error {
	return h.DB.Update(r.Context(), fn)
}

func (h *screens) draftAgreement(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	a := promise.Agreement{Recipient: f.Need("recipient", 60), Purpose: f.Need("purpose", 200), Starts: f.Day("starts", false), Ends: f.Day("ends", false)}
	if err = f.Err(); err == nil {
		err = h.update(r, func(tx *db.Tx) error {
			_, err := promise.DraftAgreement(r.Context(), tx, edge.Who(r).Actor, a)
			return err
		})
	}
	return h.fundDone(w, r, "agreement", typed(r, "recipient", "purpose", "starts", "ends"), err)
}

// typed keeps what was typed into a form.
func typed(r *http.Request, fields ...string) map[string]string {
	out := map[string]string{}
	for _, f := range fields {
		out[f] = r.PostFormValue(f)
	}
	return out
}

// moveAgreement signs an agreement or ends it.
func (h *screens) moveAgreement(w http.ResponseWriter, r *http.Request) error {
	aid, err := site.PathID[id.Agreement](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	do := f.One("do", "sign", "end")
	if err = f.Err(); err == nil {
		err = h.update(r, func(tx *db.Tx) error {
			if do == "sign" {
				return promise.SignAgreement(r.Context(), tx, edge.Who(r).Actor, aid)
			}
			return promise.EndAgreement(r.Context(), tx, edge.Who(r).Actor, aid)
		})
	}
	return h.fundDone(w, r, string(aid), nil, err)
}

// moveDisbursement approves, pays or cancels one.
func (h *screens) moveDisbursement(w http.ResponseWriter, r *http.Request) error {
	did, err := site.PathID[id.Disbursement](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	do, text := f.One("do", "approve", "pay", "cancel"), f.Text("text", 200)
	if err = f.Err(); err == nil {
		ctx, who := r.Context(), edge.Who(r).Actor
		switch do {
		case "approve":
			err = h.update(r, func(tx *db.Tx) error { return fund.Approve(ctx, tx, who, did) })
		case "pay":
			err = h.Flow.PayDisbursement(ctx, who, did, text)
		default:
			err = h.update(r, func(tx *db.Tx) error { return fund.Cancel(ctx, tx, who, did, text) })
		}
	}
	return h.fundDone(w, r, string(did), nil, err)
}

func (h *screens) draftTransfer(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	fen, note := f.Yuan("fen", false), f.Need("note", 100)
	if err = f.Err(); err == nil {
		err = h.update(r, func(tx *db.Tx) error {
			_, err := fund.DraftTransfer(r.Context(), tx, edge.Who(r).Actor, fen, note)
			return err
		})
	}
	return h.fundDone(w, r, "transfer", typed(r, "fen", "note"), err)
}

// moveTransfer signs or cancels profit for the growth fund.
func (h *screens) moveTransfer(w http.ResponseWriter, r *http.Request) error {
	tid, err := site.PathID[string](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	do := f.One("do", "sign", "cancel")
	if err = f.Err(); err == nil {
		if do == "sign" {
			err = h.Flow.SignGrowth(r.Context(), edge.Who(r).Actor, tid)
		} else {
			err = h.update(r, func(tx *db.Tx) error { return fund.CancelTransfer(r.Context(), tx, edge.Who(r).Actor, tid) })
		}
	}
	return h.fundDone(w, r, tid, nil, err)
}

// draftDisbursement reads the form and its voucher as they come, without a
// temporary file.
func (h *screens) draftDisbursement(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > fund.MaxVoucher+slack {
		return h.fundsAgain(w, r, "out", nil, fault.New(fault.TooLarge, "fund.voucher_large", "Max", "10 MB").At("voucher"))
	}
	r.Body = http.MaxBytesReader(w, r.Body, fund.MaxVoucher+slack)
	in, voucher, err := readParts(r, "voucher", fund.MaxVoucher)
	if err != nil {
		return h.fundsAgain(w, r, "out", in, err)
	}
	fen, err := money.Parse(strings.TrimSpace(in["fen"]))
	if err != nil {
		return h.fundsAgain(w, r, "out", in, fault.New(fault.Invalid, "fault.amount").At("fen"))
	}
	d := fund.Disbursement{Fund: in["fund"], Recipient: in["recipient"], Purpose: in["purpose"], Fen: fen}
	if d.Fund == fund.Charity {
		d.Agreement = id.Agreement(in["agreement"])
	}
	_, err = h.Flow.DraftDisbursement(r.Context(), edge.Who(r).Actor, d, bytes.NewReader(voucher))
	return h.fundDone(w, r, "out", in, err)
}

// readParts reads a form with one file.
func readParts(r *http.Request, file string, most int64) (in map[string]string, data []byte, err error) {
	in = map[string]string{}
	parts, err := r.MultipartReader()
	if err != nil {
		return in, nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return in, data, nil
		} else if err != nil {
			return in, nil, fault.New(fault.Invalid, "fault.form").Because(err)
		}
		limit := int64(4 << 10)
		if part.FormName() == file {
			limit = most + 1
		}
		b, err := io.ReadAll(io.LimitReader(part, limit))
		switch {
		case err != nil:
			return in, nil, fault.New(fault.Invalid, "fault.form").Because(err)
		case part.FormName() == file:
			data = b
		case len(in) < 20:
			in[part.FormName()] = string(b)
		}
	}
}

// voucher shows the proof of a paid disbursement to anybody, of others to those
// who sign.
func (h *screens) voucher(w http.ResponseWriter, r *http.Request) error {
	did, err := site.PathID[id.Disbursement](r, "id")
	if err != nil {
		return err
	}
	d, err := fund.ByID(r.Context(), h.DB, did)
	if err != nil {
		return err
	}
	if d.State != fund.Paid && !edge.Who(r).Actor.Has(actor.Finance, actor.Admin, actor.Overseer) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	file, size, err := h.Store.Get(r.Context(), d.Voucher)
	if err != nil {
		return err
	}
	defer file.Close()
	head := w.Header()
	head.Set("Content-Type", "image/jpeg")
	if d.VoucherKind == fund.PDF {
		// Somebody else's program wrote it: it is saved, not opened in our page.
		head.Set("Content-Type", "application/pdf")
		head.Set("Content-Disposition", `attachment; filename="voucher-`+d.No+`.pdf"`)
	}
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Length", strconv.FormatInt(size, 10))
	_, err = io.Copy(w, file)
	return err
}
