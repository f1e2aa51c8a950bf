package tree

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/tlog"
)

// Receipt is what its owner needs to show that something stands in the log.
type Receipt struct {
	Version    int           `json:"v"`
	Log        string        `json:"log"` // address of the log
	Key        string        `json:"key"` // verifier key of the log
	Checkpoint string        `json:"checkpoint"`
	Items      []ReceiptItem `json:"items"`
	Pending    int           `json:"pending,omitempty"` // entries that are not published yet
}

// ReceiptItem is one entry with its opening and its inclusion proof.
type ReceiptItem struct {
	Index   int64    `json:"index"`
	Entry   string   `json:"entry"`             // as it stands in the log
	Opening string   `json:"opening,omitempty"` // the text committed to
	Salt    string   `json:"salt,omitempty"`
	Proof   [][]byte `json:"proof"` // base64, from the leaf up

	Leaf tlog.Row `json:"-"` // for the page that shows it
}

// MakeReceipt makes the receipt of leaves at the log's address. Nobody is
// asked here who may see it: the caller is.
func MakeReceipt(ctx context.Context, f Folder, url string, leaves []tlog.Row) (Receipt, error) {
	r := Receipt{Version: 1, Log: url, Key: f.Key.VKey}
	for _, l := range leaves {
		p, err := f.Prove(ctx, l.Seq)
		if errors.Is(err, ErrPending) {
			r.Pending++
			continue
		}
		if err != nil {
			return r, err
		}
		if note := string(p.Checkpoint.Note); r.Checkpoint == "" {
			r.Checkpoint = note
		} else if r.Checkpoint != note {
			return MakeReceipt(ctx, f, url, leaves) // the log grew meanwhile: all proofs must be of one tree
		}
		r.Items = append(r.Items, ReceiptItem{Index: l.Seq, Entry: l.Body, Opening: l.Opening, Salt: l.Salt, Proof: p.Hashes, Leaf: l})
	}
	return r, nil
}

// ReceiptOf is MakeReceipt of the leaves whose refs start with a prefix:
// tlog.TxnRef("order/<id>/"), tlog.TxnRef("gift/<id>/"), "statement/<id>".
func ReceiptOf(ctx context.Context, q db.Querier, f Folder, url, refPrefix string) (Receipt, error) {
	leaves, err := tlog.ByRef(ctx, q, refPrefix)
	if err != nil {
		return Receipt{}, err
	}
	return MakeReceipt(ctx, f, url, leaves)
}
