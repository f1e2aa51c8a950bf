package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// one books one transaction of an amount above zero.
func one(ctx context.Context, tx *db.Tx, ref, kind, memo string, fen money.Fen, lines ...ledger.Line) error {
	if fen <= 0 {
		return fmt.Errorf("promise: %s of %s", kind, fen)
	}
	return post(ctx, tx, []ledger.Txn{{Ref: ref, Kind: kind, Memo: memo, Lines: lines}})
}

// Quarantined books money a callback brought that nobody may apply by machine:
// channel -> quarantine/held. Ref callback/<id>/held.
func Quarantined(ctx context.Context, tx *db.Tx, callback id.Callback, fen money.Fen, channel string) error {
	return one(ctx, tx, "callback/"+string(callback)+"/held", KindQuarantined, "", fen,
		clearing(channel, fen), at("quarantine/held", -fen))
}

// QuarantineReturned books that it went back whence it came. Ref
// callback/<id>/returned. ledger.ErrLimit if more goes back than is held.
func QuarantineReturned(ctx context.Context, tx *db.Tx, callback id.Callback, fen money.Fen, channel string) error {
	return one(ctx, tx, "callback/"+string(callback)+"/returned", KindQuarantineReturned, "", fen,
		at("quarantine/held", fen), clearing(channel, -fen))
}

// ProviderFee books what a provider kept of the money that came through it
// (below zero: gave back), borne by the centre as the promise says: channel ->
// costs/provider-fee. Ref provider-fee/<ref>.
func ProviderFee(ctx context.Context, tx *db.Tx, ref string, fen money.Fen, channel string) error {
	return one(ctx, tx, "provider-fee/"+ref, KindProviderFee, "", max(fen, -fen),
		at("costs/provider-fee", fen), clearing(channel, -fen))
}
