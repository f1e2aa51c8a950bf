// Package sms sends texts to phones: sign-in codes and reminders.
//
// The product knows one small interface, Sender. Providers (Aliyun, Tencent,
// China Mobile's MAS and more) differ in signatures, templates and contracts,
// so their code stands outside: Webhook posts each text to one address, and
// what answers there is the adapter.
//
// # How to write an adapter
//
// It takes a POST of JSON
//
//	{"id": "0199…", "phone": "13800138000", "text": "…", "at": "2026-06-01T09:00:00+08:00"}
//
// with the header
//
//	Lindu-Signature: t=1780275600,v1=<hex HMAC-SHA-256 of "1780275600." + body>
//
// It must compare v1 with what it computes under the shared secret, refuse a t
// more than five minutes off, and send an id only once. It answers with any
// 2xx once the provider has taken the text, else with another status; the body
// of the answer is not read. Whoever asked for the code is waiting, so it has
// five seconds. Verify does the comparing for an adapter written in Go. An
// adapter inside this binary implements Sender instead.
//
// # Rules
//
//   - A phone number or a text is never logged and never part of an error: there
//     is no sender that writes to the log.
//   - Nothing is sent again by itself: the person asks for another code, within
//     account's limits, and gets no two texts for one press.
//   - Webhook connects to public addresses only, and to networks named in Allow;
//     it follows no redirect. https, but for an address written as numbers
//     inside Allow (an adapter on the same machine).
//   - Memory is for the demo, which shows codes on the screen, and for tests.
package sms
