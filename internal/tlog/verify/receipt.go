package verify

import (
	"encoding/json"
	"errors"
	"fmt"

	flog "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"lindu.example/lindu/internal/tlog/entry"
)

// Receipt is what the owner of something in the log holds (package tree makes
// it).
type Receipt struct {
	V          int    `json:"v"`
	Log        string `json:"log"`
	Key        string `json:"key"`
	Checkpoint string `json:"checkpoint"`
	Items      []struct {
		Index   int64    `json:"index"`
		Entry   string   `json:"entry"`
		Opening string   `json:"opening"`
		Salt    string   `json:"salt"`
		Proof   [][]byte `json:"proof"`
	} `json:"items"`
	Pending int `json:"pending"`

	inLog map[int64]string // the entries that the log has at the indexes, once it was read
}

// MaxReceipt bounds a receipt's file.
const MaxReceipt = 8 << 20

// ReadReceipt reads a receipt's file.
func ReadReceipt(b []byte) (*Receipt, error) {
	var r Receipt
	if len(b) > MaxReceipt {
		return nil, fmt.Errorf("the receipt is larger than %d bytes", MaxReceipt)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, fmt.Errorf("this is no receipt of Lindu: %w", err)
	}
	if r.V != 1 || r.Checkpoint == "" || len(r.Items) == 0 {
		return nil, errors.New("this is no receipt of Lindu, or its entries are not published yet: download it again in a minute")
	}
	return &r, nil
}

// ReceiptReport says what a receipt shows.
type ReceiptReport struct {
	Items    int      `json:"items"`
	Openings []string `json:"openings"` // those that hold
	Pending  int      `json:"pending"`
}

// wantEntry keeps the entries that the receipt speaks of.
func (c *check) wantEntry(b *bundle) {
	if c.Receipt == nil {
		return
	}
	if c.Receipt.inLog == nil {
		c.Receipt.inLog = map[int64]string{}
	}
	for _, it := range c.Receipt.Items {
		if it.Index >= 0 && it.Index/width == b.n && int(it.Index%width) < len(b.raw) {
			c.Receipt.inLog[it.Index] = string(b.raw[it.Index%width])
		}
	}
}

// checkReceipt holds a receipt against itself and against the log as it is now.
func (c *check) checkReceipt(log note.Verifier) {
	r := c.Receipt
	rep := &ReceiptReport{Items: len(r.Items), Pending: r.Pending}
	c.rep.Receipt = rep
	cp, _, _, err := flog.ParseCheckpoint([]byte(r.Checkpoint), log.Name(), log)
	if err != nil {
		c.rep.found("verify.receipt_signature")
		return
	}
	for n, it := range r.Items {
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(it.Index), cp.Size, rfc6962.DefaultHasher.HashLeaf([]byte(it.Entry)), it.Proof, cp.Hash); err != nil {
			c.rep.found("verify.receipt_proof", "No", n+1)
			continue
		}
		if is, ok := c.Receipt.inLog[it.Index]; !ok {
			c.rep.found("verify.receipt_gone", "No", n+1, "Index", it.Index)
			continue
		} else if is != it.Entry {
			c.rep.found("verify.receipt_rewritten", "No", n+1, "Index", it.Index)
			continue
		}
		e, err := entry.Parse([]byte(it.Entry))
		if err != nil || it.Opening != "" && !e.Opens(it.Salt, it.Opening) {
			c.rep.found("verify.receipt_opening", "No", n+1)
			continue
		}
		if it.Opening != "" {
			rep.Openings = append(rep.Openings, it.Opening)
		}
	}
}
