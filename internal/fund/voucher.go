package fund

import (
	"bytes"

	"lindu.example/lindu/internal/fault"
)

// MaxVoucher is the largest voucher in bytes.
const MaxVoucher = 10 << 20

// active are names of the PDF format (ISO 32000-1, 12.6) for what a reader
// would run or open by itself; no receipt needs them.
var active = [][]byte{[]byte("/JavaScript"), []byte("/JS"), []byte("/Launch"), []byte("/EmbeddedFile"), []byte("/RichMedia"), []byte("/XFA")}

// IsPDF tells by the first bytes whether a file claims to be a PDF.
func IsPDF(data []byte) bool { return bytes.HasPrefix(data, []byte("%PDF-")) }

// CheckPDF refuses a file that is no whole PDF, or does more than show pages.
// Faults: fund.voucher_large, fund.voucher, fund.voucher_active.
func CheckPDF(data []byte) error {
	tail := data[max(0, len(data)-2048):]
	switch {
	case len(data) > MaxVoucher:
		return fault.New(fault.TooLarge, "fund.voucher_large", "Max", "10 MB").At("voucher")
	case !IsPDF(data) || !bytes.Contains(tail, []byte("%%EOF")):
		return fault.New(fault.Invalid, "fund.voucher").At("voucher")
	}
	for _, a := range active {
		for rest := data; ; {
			_, after, found := bytes.Cut(rest, a)
			if !found {
				break
			}
			if len(after) == 0 || !isNameByte(after[0]) { // "/JS" but not "/JSomething"
				return fault.New(fault.Invalid, "fund.voucher_active").At("voucher")
			}
			rest = after
		}
	}
	return nil
}

func isNameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '#' || b == '_' || b == '-' || b == '.'
}
