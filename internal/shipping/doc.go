// Package shipping gets goods to people: what freight costs, where a parcel
// goes, and which parcel left. It owns the tables freight_rule and shipment.
//
// Freight is a table by province: a first weight and its price, each further
// step and its price, free over an amount of goods, or no delivery. A province
// without a rule takes the rule of Province "", and without that DefaultRule;
// where a parcel would cross a customs border, no rule means no delivery.
// Rules: more weight never costs less; the freight of an order is a snapshot
// in the order and does not change with the table.
//
// A Recipient is the address as it stood when the order was placed; it is
// sealed in the order and never stands in logs or audit rows. ParseAddress
// reads what people paste from other shops; the person sees the form filled
// in and corrects it, so it may guess, but it leaves empty what it can't tell.
//
// Names of places are data in Chinese (data/*.txt, from GB/T 2260), in every
// language of the screens: a courier reads them.
//
// A Shipment is written once an order and producer; it is the fact that a
// parcel left with a carrier under a number. An order with goods of several
// producers is part-shipped until all have left; its state moves in flow.
package shipping
