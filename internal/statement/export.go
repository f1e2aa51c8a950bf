package statement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// Export opens the accounts of a released batch for the bank's file (finance),
// with a reason, and keeps who did, why and the file's SHA-256. draw makes the
// file of what still waits. Faults: statement.not_released,
// statement.nothing_payable.
func Export(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, b id.Batch, format, reason string, draw func(Batch, []ExportRow) ([]byte, error)) ([]byte, error) {
	if err := who.Need(actor.Finance); err != nil {
		return nil, err
	}
	reason, err := clean("reason", reason, 200)
	if err != nil {
		return nil, err
	}
	batch, err := BatchByID(ctx, tx, b)
	if err != nil {
		return nil, err
	}
	if batch.State != Released {
		return nil, fault.New(fault.Conflict, "statement.not_released")
	}
	rows, err := openAll(ctx, tx, v, b)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.Conflict, "statement.nothing_payable")
	}
	file, err := draw(batch, rows)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	hash := hex.EncodeToString(sum[:])
	if _, err := tx.Exec(ctx, `INSERT INTO payout_export (id, batch_id, format, reason, sha256, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id.New[string](), b, format, reason, hash, signer(who), tx.NowUs()); err != nil {
		return nil, err
	}
	return file, audit.Write(ctx, tx, who, "payout.export", "payout_batch", b, map[string]any{"format": format, "reason": reason, "n": len(rows), "sha256": hash})
}

// openAll opens the accounts of the payouts that wait.
func openAll(ctx context.Context, tx *db.Tx, v *vault.Vault, b id.Batch) ([]ExportRow, error) {
	list, err := Payouts(ctx, tx, b)
	if err != nil {
		return nil, err
	}
	var out []ExportRow
	for _, p := range list {
		if p.State != Waiting {
			continue
		}
		rows, err := tx.Query(ctx, `SELECT `+accountColumns+` FROM payee_account WHERE id = $1`, p.Account)
		accounts, err := db.Collect(rows, err, scanAccount)
		if err != nil {
			return nil, err
		}
		x := ExportRow{Payout: p, Bank: accounts[0].Bank}
		if x.Holder, x.Number, err = accounts[0].open(v); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
