package ledger

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/money"
)

// Trial tells what posting transactions would have done.
type Trial struct {
	Wrote    []bool               // whether each would have been written
	Refused  []error              // why not, nil if it was not refused
	Balances map[string]money.Fen // of the accounts that would have been touched
}

var errDry = errors.New("ledger: dry run")

// DryRun posts transactions one after the other by the same path as Post and
// takes everything back. One that is refused does not keep the others from
// being tried.
func DryRun(ctx context.Context, d *db.DB, txns ...Txn) (Trial, error) {
	var out Trial
	err := d.Update(ctx, func(tx *db.Tx) error {
		out = Trial{Wrote: make([]bool, len(txns)), Refused: make([]error, len(txns)), Balances: map[string]money.Fen{}}
		for i, t := range txns {
			if err := out.try(ctx, tx, i, t); err != nil {
				return err
			}
		}
		return errDry
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

// try posts one inside a savepoint: a database takes no statement after one it
// refused, until it has gone back.
func (r *Trial) try(ctx context.Context, tx *db.Tx, i int, t Txn) error {
	if _, err := tx.Exec(ctx, `SAVEPOINT dry_run`); err != nil {
		return err
	}
	wrote, err := Post(ctx, tx, t)
	switch {
	case err != nil && db.Retryable(err):
		return err
	case err != nil:
		r.Refused[i] = err
		if _, err := tx.Exec(ctx, `ROLLBACK TO SAVEPOINT dry_run`); err != nil {
			return err
		}
	default:
		r.Wrote[i] = wrote[0]
	}
	if _, err := tx.Exec(ctx, `RELEASE SAVEPOINT dry_run`); err != nil {
		return err
	}
	for _, l := range t.Lines {
		if r.Balances[l.Path], err = Balance(ctx, tx, l.Path); err != nil {
			return err
		}
	}
	return nil
}
