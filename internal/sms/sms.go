package sms

import "context"

// Sender sends a text to a phone: 11 digits, a mainland mobile number. Fault
// sms.failed (Unavailable) when it was not taken.
type Sender interface {
	Send(ctx context.Context, phone, text string) error
}
