package flow

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/paper"
	"lindu.example/lindu/internal/statement"
)

// BankColumns are the columns of the bank's file, in order; docs/payout.md says
// what stands in each.
var BankColumns = []string{"no", "name", "bank", "account", "amount", "memo", "ref"}

// ExportPayouts makes the bank's file of a released batch (finance), with a
// reason that is kept. label words a column of the workbook; nil: its name.
func (f *Flow) ExportPayouts(ctx context.Context, who actor.Actor, b id.Batch, format, reason string, label func(column string) string) ([]byte, error) {
	if label == nil {
		label = func(c string) string { return c }
	}
	draw := bankCSV
	switch format {
	case "csv":
	case "xlsx":
		draw = func(batch statement.Batch, rows []statement.ExportRow) ([]byte, error) {
			return bankXLSX(batch, rows, label)
		}
	default:
		return nil, fault.New(fault.Invalid, "fault.choice").At("format")
	}
	var file []byte
	return file, f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		file, err = statement.Export(ctx, tx, f.Vault, who, b, format, reason, draw)
		return err
	})
}

// bankCSV is UTF-8 with a byte order mark, because office programs guess wrong
// without one; RFC 4180 otherwise.
func bankCSV(_ statement.Batch, rows []statement.ExportRow) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	if err := w.Write(BankColumns); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if err := w.Write([]string{r.Payout.No, plain(r.Holder), plain(r.Bank), r.Number, r.Payout.Transfer().String(), plain(r.Payout.No), string(r.Payout.ID)}); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// plain keeps a program from reading a name as a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func bankXLSX(batch statement.Batch, rows []statement.ExportRow, label func(string) string) ([]byte, error) {
	sheet := paper.Sheet{Name: batch.No}
	for i, c := range BankColumns {
		sheet.Cols = append(sheet.Cols, paper.SheetCol{Label: label(c), Wide: []float64{20, 18, 28, 28, 14, 24, 36}[i]})
	}
	for _, r := range rows {
		sheet.Rows = append(sheet.Rows, []any{r.Payout.No, r.Holder, r.Bank, r.Number, r.Payout.Transfer(), r.Payout.No, string(r.Payout.ID)})
	}
	var b bytes.Buffer
	err := paper.XLSX(&b, sheet)
	return b.Bytes(), err
}
