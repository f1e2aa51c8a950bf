package sms

import "context"

// Sender sends a text to a phone.
type Sender interface {
	Send(ctx context.Context, phone, text string) error
}
