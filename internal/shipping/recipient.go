package shipping

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/vault"
)

// Limits of a recipient's fields, in characters: what a shipping label holds.
const (
	maxName   = 20
	maxPlace  = 20
	maxDetail = 100
	minDetail = 2
)

// Recipient is who gets a parcel, as snapshot into an order (sealed).
type Recipient struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Province string `json:"province"`
	City     string `json:"city"`
	District string `json:"district"`
	Detail   string `json:"detail"`
}

// A mobile number, with the extension of a number lent for one parcel, or a
// landline with its area code.
var phoneForm = regexp.MustCompile(`^(1[3-9]\d{9}(-\d{3,4})?|0\d{9,11})$`)

// Clean trims the fields and brings phone and province into their one form.
func (r Recipient) Clean() Recipient {
	for _, f := range []*string{&r.Name, &r.Phone, &r.Province, &r.City, &r.District, &r.Detail} {
		*f = strings.Join(strings.Fields(*f), " ")
	}
	if p, _ := theAtlas().takePhone(tidy(r.Phone)); p != "" {
		r.Phone = p
	}
	if s := ShortProvince(r.Province); s != "" {
		r.Province = s
	}
	return r
}

// Check tells what is wrong with a recipient, one fault a field: name, phone,
// province, city, district, detail.
func (r Recipient) Check() error {
	return fault.Join(
		textFault("name", r.Name, 1, maxName),
		r.checkPhone(),
		r.checkProvince(),
		textFault("city", r.City, 1, maxPlace),
		textFault("district", r.District, 0, maxPlace),
		textFault("detail", r.Detail, minDetail, maxDetail),
	)
}

func (r Recipient) checkPhone() *fault.Error {
	switch {
	case r.Phone == "":
		return fault.New(fault.Invalid, "fault.required").At("phone")
	case !phoneForm.MatchString(r.Phone):
		return fault.New(fault.Invalid, "shipping.phone").At("phone")
	}
	return nil
}

func (r Recipient) checkProvince() *fault.Error {
	switch {
	case r.Province == "":
		return fault.New(fault.Invalid, "fault.required").At("province")
	case ShortProvince(r.Province) != r.Province:
		return fault.New(fault.Invalid, "shipping.province").At("province")
	}
	return nil
}

func textFault(field, s string, least, most int) *fault.Error {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	switch {
	case n == 0 && least > 0:
		return fault.New(fault.Invalid, "fault.required").At(field)
	case n < least:
		return fault.New(fault.Invalid, "shipping.too_short").At(field)
	case n > most:
		return fault.New(fault.Invalid, "fault.too_long", "Max", most).At(field)
	case !utf8.ValidString(s) || strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0:
		return fault.New(fault.Invalid, "shipping.characters").At(field)
	}
	return nil
}

// Masked is what others than buyer and packer see.
func (r Recipient) Masked() Recipient {
	r.Name, r.Phone, r.Detail = vault.Name(r.Name), vault.Phone(r.Phone), vault.Text(r.Detail, 0)
	return r
}

// Line is the address in one line, in the order a courier reads it.
func (r Recipient) Line() string {
	city := r.City
	if strings.HasPrefix(city, r.Province) && len(theAtlas().inside[r.Province]) == 1 {
		return strings.TrimSpace(city + r.District + r.Detail)
	}
	return strings.TrimSpace(r.Province + city + r.District + r.Detail)
}
