// Package catalog knows whose goods the centre sells and what they are:
// producers, products and their pictures. How much there is of them is lot's.
//
// # States
//
//	producer: active ⇄ paused
//	product:  draft ──▶ on ⇄ off      (never back to draft: orders may know it)
//
// # Rules
//
//   - A local producer pays no commission, ever (promise P1). SaveProducer
//     refuses a rate, and a CHECK of the table does too.
//   - A household that sells its own harvest needs no registration (E-Commerce
//     Law art. 10); a co-op and a firm have a licence number.
//   - What the return rule rests on is said on the product (Consumer Rights Law
//     art. 25, Seven-Day Return Measures art. 6 and 7), see rule.go. Dried goods
//     are not "fresh": seven days is their default.
//   - A product in grams weighs net what it takes from a lot. The price per
//     500 g (one jin) is computed from that and rounded half up.
//   - The base unit never changes, what a sell unit holds only while the product
//     is a draft: stock and orders count in it. Other contents are another
//     product.
//   - A crossed-out price is higher than the price, or there is none.
//   - A picture is judged by its content and not its name, measured before it
//     is decoded, decoded one at a time, turned upright, put on white, made
//     smaller (320, 640, 1280 px wide, never larger than it was) and written
//     anew as JPEG: nothing of the upload's metadata (GPS) is kept. A colour
//     profile is dropped too: the picture is taken as sRGB.
//   - The phone of a producer is sealed before it comes here (SealPhone) and
//     stays so; screens show it masked to those with a right to it.
//   - Limits: 10,000 producers and products, 12 pictures an owner, uploads of
//     10 MB and 40 million pixels, 8 uploads at once.
//
// # Tables
//
// producer, product, picture. Files: picture/<id>/<width>.jpg.
package catalog
