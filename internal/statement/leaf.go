package statement

import (
	"context"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/tlog"
)

// LeafRef is the ref of a statement's leaf in the public log.
func LeafRef(s id.Statement) string { return "statement/" + string(s) }

// leafPublic is what everyone sees of a statement: the commission, which a
// promise is about, and nothing that tells whose it is or how much was sold.
type leafPublic struct {
	Payee      string    `json:"payee"`
	Local      bool      `json:"local"`
	From       string    `json:"from"`
	To         string    `json:"to"`
	Commission money.Fen `json:"commission_fen"`
	Promise    string    `json:"promise"`
}

// Opening is what its owner can show to be the statement's totals: the public
// log is committed to it.
type Opening struct {
	Statement id.Statement `json:"statement"`
	No        string       `json:"no"`
	Payee     string       `json:"payee"`
	ID        string       `json:"payee_id"`
	From      clock.Day    `json:"from"`
	To        clock.Day    `json:"to"`
	Lines     int64        `json:"lines"`
	Gross     money.Fen    `json:"gross_fen"`
	Back      money.Fen    `json:"back_fen"`
	Taken     money.Fen    `json:"commission_fen"`
	Net       money.Fen    `json:"net_fen"`
	Elsewhere money.Fen    `json:"elsewhere_fen"`
	Carried   money.Fen    `json:"carried_fen"`
	Pay       money.Fen    `json:"pay_fen"`
	Tax       money.Fen    `json:"tax_fen"`
}

func fixLeaf(ctx context.Context, tx *db.Tx, s Statement) error {
	return tlog.Fix(ctx, tx, tlog.Leaf{Kind: "statement.issued", Ref: LeafRef(s.ID),
		Public:  leafPublic{s.Payee.Kind, s.Local, s.From.String(), s.To.String(), s.Commission, s.PromiseNo},
		Opening: Opening{s.ID, s.No, s.Payee.Kind, s.Payee.ID, s.From, s.To, s.LineCount, s.Gross, s.Back, s.Commission, s.Net, s.Elsewhere, s.Carried, s.Pay, s.Tax}})
}
