package account

import (
	"strings"
	"unicode"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/vault"
)

// Columns that vault binds sealed text to.
const (
	colPhone     = "user_account.phone"
	colCodePhone = "login_code.phone"
	colCode      = "login_code.code"
	colCodeAddr  = "login_code.addr"
)

// ParsePhone reads a mainland mobile number as people write it: spaces and
// dashes between the digits, +86, 0086 or 86 in front, full-width digits. The
// result is its 11 digits. Fault account.phone.
func ParsePhone(s string) (string, error) {
	bad := fault.New(fault.Invalid, "account.phone").At("phone")
	if len(s) > 64 {
		return "", bad
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '\uff10' && r <= '\uff19': // full width
			b.WriteRune(r - '\uff10' + '0')
		case unicode.IsSpace(r), r == '-', r == '(', r == ')':
		case (r == '+' || r == '\uff0b') && b.Len() == 0:
		default:
			return "", bad
		}
	}
	p := b.String()
	for _, prefix := range []string{"0086", "86"} {
		if len(p) == len(prefix)+11 {
			p = strings.TrimPrefix(p, prefix)
		}
	}
	if len(p) != 11 || p[0] != '1' || p[1] < '3' {
		return "", bad
	}
	return p, nil
}

// Phone opens a user's phone number. Show it masked (vault.Phone) unless the
// reader has a right to it.
func (u User) Phone(v *vault.Vault) (string, error) { return v.Open(colPhone, u.PhoneEnc) }
