package proof

import (
	"errors"
	"net/http"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// receiptView is the receipt of one thing: what the log says of it, what that
// means, and the proof.
type receiptView struct {
	page.Base
	Of      string // "order", "gift", "fund", "paper"
	No      string // its number for people, "" for none
	Back    string
	Entries []entryView
	Pending int
	Check   Check
}

// readers may see anybody's receipt.
var readers = []actor.Role{actor.Service, actor.Finance, actor.Overseer, actor.Admin}

func (s *screens) orderReceipt(w http.ResponseWriter, r *http.Request) error {
	o, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return err
	}
	x, err := order.ByID(r.Context(), s.DB, o)
	if err != nil {
		return err
	}
	if who := edge.Who(r).Actor; x.Buyer != who.User && !who.Has(readers...) {
		return none()
	}
	refs := []string{tlog.TxnRef("order/" + string(o) + "/")}
	parts, err := payment.Refunds(r.Context(), s.DB, o) // what came back in parts is booked by the refund
	if err != nil {
		return err
	}
	for _, p := range parts {
		refs = append(refs, tlog.TxnRef("refund/"+string(p.ID)+"/"))
	}
	return s.receipt(w, r, receiptView{Of: "order", No: x.No, Back: "/orders/" + string(o)}, refs...)
}

func (s *screens) giftReceipt(w http.ResponseWriter, r *http.Request) error {
	g, err := site.PathID[id.Gift](r, "id")
	if err != nil {
		return err
	}
	x, err := gift.ByID(r.Context(), s.DB, g)
	if err != nil {
		return err
	}
	if who := edge.Who(r).Actor; x.User != who.User && !who.Has(readers...) {
		return none()
	}
	return s.receipt(w, r, receiptView{Of: "gift", No: x.No, Back: "/gifts/" + string(g)}, tlog.TxnRef("gift/"+string(g)+"/"))
}

// fundReceipt is of what a fund paid: whom, what for and by which voucher. It is
// for everybody, as the disbursement itself.
func (s *screens) fundReceipt(w http.ResponseWriter, r *http.Request) error {
	d, err := site.PathID[id.Disbursement](r, "id")
	if err != nil {
		return err
	}
	x, err := fund.ByID(r.Context(), s.DB, d)
	if err != nil {
		return err
	}
	if x.State != fund.Paid {
		return none()
	}
	return s.receipt(w, r, receiptView{Of: "fund", No: x.No, Back: "/promises#paid"}, fund.LeafRef(d), tlog.TxnRef("fund/"+x.Fund+"/"+string(d)))
}

// paperReceipt is for whoever has the paper with the code.
func (s *screens) paperReceipt(w http.ResponseWriter, r *http.Request) error {
	leaf, err := site.PathID[tlog.ID](r, "leaf")
	if err != nil {
		return err
	}
	l, err := tlog.ByID(r.Context(), s.DB, leaf)
	if errors.Is(err, db.ErrNoRows) || err == nil && !l.Knows(r.PathValue("secret")) {
		return none()
	}
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Robots-Tag", "noindex")
	return s.show(w, r, receiptView{Of: "paper"}, []tlog.Row{l})
}

func (s *screens) receipt(w http.ResponseWriter, r *http.Request, v receiptView, refPrefixes ...string) error {
	var rows []tlog.Row
	for _, prefix := range refPrefixes {
		some, err := tlog.ByRef(r.Context(), s.DB, prefix)
		if err != nil {
			return err
		}
		rows = append(rows, some...)
	}
	return s.show(w, r, v, rows)
}

// show answers with the page, or with the receipt as a file.
func (s *screens) show(w http.ResponseWriter, r *http.Request, v receiptView, rows []tlog.Row) error {
	f, err := s.folder()
	if err != nil {
		return err
	}
	rec, err := tree.MakeReceipt(r.Context(), f, s.BaseURL+"/log", rows)
	if err != nil {
		return err
	}
	if r.URL.Query().Get("as") == "file" || site.WantsJSON(r) {
		w.Header().Set("Content-Disposition", `attachment; filename="lindu-receipt.json"`)
		return site.JSON(w, r, rec)
	}
	v.Base = s.Base(w, r, "shop", edge.Who(r).P.T("proof.receipt_title"))
	v.Styles, v.Scripts = []string{"proof/proof.css"}, []string{"proof/check.js"}
	v.Pending = rec.Pending
	for _, it := range rec.Items {
		v.Entries = append(v.Entries, openedOf(v.Base, it.Leaf))
	}
	v.Check = Check{Key: f.Key.VKey, Receipt: r.URL.Path + "?as=file", Items: len(rec.Items)}
	return s.Render(w, r, receiptScreen(v))
}
