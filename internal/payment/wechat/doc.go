// Package wechat takes money through WeChat Pay, API v3, with the provider's
// own SDK (github.com/wechatpay-apiv3/wechatpay-go).
//
// # Ways
//
//	Native  a PC: the pay address is payment.QR and the text of the code
//	H5      a phone's browser: the pay address opens WeChat
//	JSAPI   WeChat's own browser: the pay address is a page of ours that asks
//	        for the person's openid (OAuth2, snsapi_base) and then pays there
//
// # Who is who
//
// Requests are signed with the merchant's RSA key; answers and callbacks with
// WeChat's. Merchants enrolled since late 2024 have WeChat's public key
// (PUB_KEY_ID_…), older ones platform certificates; during a change-over both
// are taken. Options.Keys says which. A certificate that is not known is asked of
// WeChat (GET /v3/certificates), once a minute at most, and trusted because it is
// sealed with the API v3 key: so WeChat may change its certificates at any time.
//
// # Rules
//
//   - The SDK checks signature and age (five minutes) of a callback and opens
//     it (AES-256-GCM). Everything else is checked here: merchant, app,
//     currency, and that it is a payment that succeeded. Amounts are compared by
//     the flow, which keeps each event once.
//   - WECHATPAY/SIGNTEST probes are signed wrongly on purpose and fail like any
//     forgery.
//   - An error of the SDK's notify handler holds the whole request: it is never
//     passed on.
//   - A refund is done when WeChat says SUCCESS. While it is PROCESSING it is
//     asked about; what is CLOSED or ABNORMAL finance must look at.
//   - Profit sharing (Splitter) is for products settled by split: the payment is
//     opened with profit_sharing, the producer gets the share after the
//     after-sale window, the rest is unfrozen.
//
// Formats: pay.weixin.qq.com/doc/v3/merchant. The base address is a constant of
// the SDK; Options.API replaces it for the simulator of package paysim.
package wechat
