package payment

import (
	"context"
	"strings"
)

// Kinds of devices that providers offer different ways for.
const (
	PC     = "pc"     // scans a code with the phone
	Phone  = "phone"  // opens the provider's app
	WeChat = "wechat" // WeChat's own browser: pays on the page
)

// Device is what a buyer pays with; providers want to know it when a payment is
// opened.
type Device struct {
	Kind   string // PC if empty
	IP     string
	OpenID string // WeChat's name of the person for us, in its own browser
}

type deviceKey struct{}

// WithDevice keeps the device of a request for Gateway.Pay.
func WithDevice(ctx context.Context, d Device) context.Context {
	return context.WithValue(ctx, deviceKey{}, d)
}

// DeviceOf is the device of the request; a PC if nobody said.
func DeviceOf(ctx context.Context) Device {
	d, _ := ctx.Value(deviceKey{}).(Device)
	if d.Kind == "" {
		d.Kind = PC
	}
	return d
}

// DeviceKind tells by a browser's User-Agent what it runs on.
func DeviceKind(userAgent string) string {
	switch {
	case strings.Contains(userAgent, "MicroMessenger"):
		return WeChat
	case strings.Contains(userAgent, "Mobile"), strings.Contains(userAgent, "Android"):
		return Phone
	}
	return PC
}

// QR marks a pay address that is to be shown as a QR code; what follows is the
// code's text.
const QR = "qr:"
