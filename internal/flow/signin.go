package flow

import (
	"context"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
)

// AskCode makes a sign-in code and sends it to the phone, in the asker's
// language. The text goes out after the commit: a code that was never stored
// would be a code that never works.
func (f *Flow) AskCode(ctx context.Context, phone, addr string, p *i18n.Printer) (account.Code, error) {
	var c account.Code
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		c, err = account.AskCode(ctx, tx, f.Vault, phone, addr)
		return err
	})
	if err != nil {
		return c, err
	}
	if f.CodeMade != nil {
		f.CodeMade(c)
		return c, nil
	}
	if err := f.SMS.Send(ctx, c.Phone, c.Text(p.Lang())); err != nil {
		if fault.Of(err).Kind != fault.Internal {
			return c, err
		}
		return c, fault.New(fault.Unavailable, "sms.failed").Because(err)
	}
	return c, nil
}
