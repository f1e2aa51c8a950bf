// Package paysim plays WeChat Pay and Alipay, for the demo and for tests: small
// servers that really sign and verify, with a cashier's page where a visitor
// pays. No money moves. Both faces keep one book of trades.
//
// # WeChat Pay, API v3
//
//	POST /v3/pay/transactions/{native|h5|jsapi}
//	GET  /v3/pay/transactions/out-trade-no/{id}
//	POST /v3/pay/transactions/out-trade-no/{id}/close
//	POST /v3/refund/domestic/refunds, GET …/{id}
//	GET  /v3/bill/tradebill, and the file it names
//	GET  /v3/certificates, in certificate mode (Options.Certificates)
//	POST /v3/profitsharing/receivers/add, …/orders; GET …/orders/{id}
//	GET  /connect/oauth2/authorize, /sns/oauth2/access_token
//
// Requests carry Authorization: WECHATPAY2-SHA256-RSA2048; answers and
// callbacks carry Wechatpay-Serial, -Timestamp, -Nonce and -Signature, and a
// callback's resource is sealed with AES-256-GCM.
//
// # Alipay
//
//	POST /gateway.do  alipay.trade.query, .close, .refund,
//	                  .fastpay.refund.query, bill.downloadurl.query
//	GET  /gateway.do  alipay.trade.wap.pay and .page.pay: to the cashier
//	GET  /bill/alipay the bill's zip
//
// Requests, answers and callbacks are signed with RSA2.
//
// # Trouble on demand
//
// Server.Trouble makes the next calls slow, fail, or lose and repeat callbacks.
// The cashier's page has buttons for what happens in life: paid but the shop is
// not told, told twice.
//
// Fees: 0.6 % of what was paid, given back with a refund. Limits: 5,000 trades
// (the oldest settled ones are forgotten), 64 KB a request.
package paysim
