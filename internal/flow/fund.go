package flow

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

// DraftDisbursement stores the voucher and writes a disbursement to be approved
// (finance). A picture is decoded and written anew, which takes the place it
// was made at out of it; a PDF is checked to show pages and no more. Of the
// charity fund the recipient is that of the agreement. Faults: those of
// fund.Write, fund.CheckPDF and catalog.PrepareImage, promise.no_agreement,
// promise.fund_empty.
func (f *Flow) DraftDisbursement(ctx context.Context, who actor.Actor, d fund.Disbursement, voucher io.Reader) (fund.Disbursement, error) {
	if err := who.Need(actor.Finance); err != nil {
		return d, err
	}
	d, err := f.checkDisbursement(ctx, d)
	if err != nil {
		return d, err
	}
	file, kind, err := readVoucher(voucher)
	if err != nil {
		return d, err
	}
	sum := sha256.Sum256(file)
	d.ID, d.VoucherKind, d.VoucherHash = id.New[id.Disbursement](), kind, hex.EncodeToString(sum[:])
	// The file first: a row never points at nothing. A file without a row, after
	// a crash, is only room on the disk.
	if err := f.Store.Put(ctx, fund.VoucherKey(d.ID, kind), bytes.NewReader(file)); err != nil {
		return d, err
	}
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		d, err = fund.Write(ctx, tx, who, d)
		return err
	})
	return d, err
}

// checkDisbursement fills in whom an agreement names, and says early what
// paying would refuse.
func (f *Flow) checkDisbursement(ctx context.Context, d fund.Disbursement) (fund.Disbursement, error) {
	held, err := promise.GrowthHolds(ctx, f.DB)
	if d.Fund == fund.Charity {
		held, err = promise.CharityHolds(ctx, f.DB)
		if err == nil && d.Agreement != "" {
			a, err := promise.AgreementByID(ctx, f.DB, d.Agreement)
			if err != nil || !a.Bound(clock.DayOf(f.DB.Clock.Now())) {
				return d, fault.Of(promise.Broken(ctx, f.DB, "promise.no_agreement", "P2", string(d.Agreement))).At("agreement").Because(err)
			}
			d.Recipient = a.Recipient
		}
	}
	if err != nil {
		return d, err
	}
	if d.Fen > held {
		return d, fault.New(fault.Conflict, "promise.fund_empty", "Asked", d.Fen.String(), "Held", held.String()).At("fen")
	}
	return d, nil
}

// readVoucher tells by its content what a voucher is and makes it fit to show.
func readVoucher(r io.Reader) (file []byte, kind string, err error) {
	data, err := io.ReadAll(io.LimitReader(r, fund.MaxVoucher+1))
	switch {
	case err != nil:
		return nil, "", fault.New(fault.Invalid, "fault.form").Because(err)
	case len(data) == 0:
		return nil, "", fault.New(fault.Invalid, "fund.voucher_missing").At("voucher")
	case len(data) > fund.MaxVoucher:
		return nil, "", fault.New(fault.TooLarge, "fund.voucher_large", "Max", "10 MB").At("voucher")
	case fund.IsPDF(data):
		return data, fund.PDF, fund.CheckPDF(data)
	}
	p, err := catalog.PrepareImage(bytes.NewReader(data))
	if err != nil {
		if fault.HasKey(err, "catalog.image_kind") {
			err = fault.New(fault.Invalid, "fund.voucher").At("voucher")
		}
		return nil, "", err
	}
	widest := 0
	for w := range p.JPEG {
		widest = max(widest, w)
	}
	return p.JPEG[widest], fund.Picture, nil
}

// PayDisbursement books an approved disbursement that finance has sent from the
// bank account, with the bank's number of it; one of the charity fund is
// allotted to the oldest gifts. Paid again changes nothing. Faults:
// fund.not_approved, promise.no_agreement, promise.fund_empty.
func (f *Flow) PayDisbursement(ctx context.Context, who actor.Actor, d id.Disbursement, bankRef string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		first, err := fund.MarkPaid(ctx, tx, who, d, bankRef)
		if err != nil || !first {
			return err
		}
		x, err := fund.ByID(ctx, tx, d)
		if err != nil {
			return err
		}
		// Booked first: the fund's account is held from here, so that no other
		// disbursement and no refund takes the same gifts.
		if err := promise.FundPaid(ctx, tx, x.Fund, string(x.ID), x.Payee, string(x.Agreement), x.Fen); err != nil {
			return err
		}
		if x.Fund == fund.Charity {
			return gift.Use(ctx, tx, x.ID, x.Fen)
		}
		return nil
	})
}

// CheckVouchers holds the voucher of everything the funds paid against the hash
// that was published with it, and tells how many it read and what is wrong, at
// most a number of findings. Vouchers from before there were hashes are passed
// over.
func (f *Flow) CheckVouchers(ctx context.Context, most int) (read int64, wrong []string, err error) {
	paid, err := fund.EveryPaid(ctx, f.DB)
	for _, d := range paid {
		if d.VoucherHash == "" {
			continue
		}
		if len(wrong) == most || ctx.Err() != nil {
			return read, wrong, ctx.Err()
		}
		read++
		switch sum, err := f.voucherHash(ctx, d); {
		case err != nil:
			wrong = append(wrong, "voucher of disbursement "+d.No+" can't be read: "+err.Error())
		case sum != d.VoucherHash:
			wrong = append(wrong, "voucher of disbursement "+d.No+" is not the file that was published")
		}
	}
	return read, wrong, err
}

func (f *Flow) voucherHash(ctx context.Context, d fund.Disbursement) (string, error) {
	file, _, err := f.Store.Get(ctx, d.Voucher)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	_, err = io.Copy(h, file)
	return hex.EncodeToString(h.Sum(nil)), err
}

// SignGrowth is the second signature on profit that goes into the growth fund,
// and books it (finance, admin). Faults: fund.two_signers,
// promise.profit_exceeded.
func (f *Flow) SignGrowth(ctx context.Context, who actor.Actor, transfer string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		t, first, err := fund.SignTransfer(ctx, tx, who, transfer)
		if err != nil || !first {
			return err
		}
		return promise.ToGrowth(ctx, tx, t.ID, t.Fen)
	})
}

// Funds is what both funds hold, and the profit that could go into one.
type Funds struct {
	Charity, Growth, Profit money.Fen
}

// ReadFunds reads the balances.
func (f *Flow) ReadFunds(ctx context.Context) (out Funds, err error) {
	if out.Charity, err = promise.CharityHolds(ctx, f.DB); err != nil {
		return out, err
	}
	if out.Growth, err = promise.GrowthHolds(ctx, f.DB); err != nil {
		return out, err
	}
	out.Profit, err = promise.Profit(ctx, f.DB)
	return out, err
}
