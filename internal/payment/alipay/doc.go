// Package alipay takes money through Alipay with the SDK
// github.com/smartwalle/alipay/v3 (RSA2, public-key mode).
//
// # Ways
//
//	phone  alipay.trade.wap.pay: the pay address opens the Alipay app
//	PC     alipay.trade.page.pay: the pay address is Alipay's cashier
//
// # Rules
//
//   - A pay address is signed and opens the payment when the buyer goes there;
//     until then Alipay does not know it, which Query reports as
//     payment.ErrUnknown.
//   - The page the buyer comes back to (return_url) is never believed: only
//     callbacks and queries are.
//   - The SDK checks the signature of callbacks and answers. Everything else is
//     checked here: app, seller, state, and that the callback is not older than
//     a day (Alipay repeats one for 25 hours with its first notify_time). Amounts
//     are compared by the flow, which keeps each event once.
//   - A refund is safe to repeat by its out_request_no.
//
// Formats: opendocs.alipay.com/open. Options.API replaces the address for the
// simulator of package paysim.
package alipay
