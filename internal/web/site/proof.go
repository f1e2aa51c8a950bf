package site

import (
	"context"

	"lindu.example/lindu/internal/tlog"
)

// Proof is where the entry of a record in the public log is shown.
type Proof struct {
	Href  string // a secret address of this site; "" where there is none
	Waits bool   // the entry is not in the log yet
}

// ProofOf finds the entry of what a ref names. Who has the address sees what the
// entry hides, so it is given only to those whose record it is.
func (s *Site) ProofOf(ctx context.Context, ref string) (Proof, error) {
	if s.PublicLog == nil {
		return Proof{}, nil
	}
	rows, err := tlog.ByRef(ctx, s.DB, ref)
	if err != nil || len(rows) == 0 || rows[0].Ref != ref {
		return Proof{}, err
	}
	return Proof{Href: rows[0].Path(), Waits: rows[0].Seq < 0}, nil
}
