package flow

import (
	"log/slog"
	"sync"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/job"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/sms"
	"lindu.example/lindu/internal/vault"
)

// Rooms tells the people in a room, after the commit. Losing such a message
// loses nothing: the page reloads the truth.
type Rooms interface {
	Publish(room, kind string, data any)
}

// Pictures ends a show's stream: the media hub. A reason that is a fault is
// what the publisher's program shows, in both languages.
type Pictures interface {
	End(streamID string)
	// Cut ends a stream and refuses all of it that was not sent yet.
	Cut(streamID string)
	Kick(streamID string, reason error)
}

// Flow holds what the use cases need; app fills it.
type Flow struct {
	DB       *db.DB
	Vault    *vault.Vault
	Log      *slog.Logger
	Desk     *orderdesk.Desk
	Gateways map[string]payment.Gateway
	Rooms    Rooms
	Media    Pictures
	Jobs     *job.Queue
	Words    *review.Words
	Store    blob.Store
	Films    blob.Store // recordings and clips
	SMS      sms.Sender
	// CodeMade takes a sign-in code instead of the SMS sender: the demo shows it
	// on the page. Nil everywhere else.
	CodeMade func(account.Code)
	// BaseURL is the public address of the centre, without a slash at the end.
	BaseURL string
	// UnpaidFor is how long an order waits for its payment.
	UnpaidFor time.Duration
	// FlashUnpaidFor is how long one with goods of a flash sale waits.
	FlashUnpaidFor time.Duration
	// MaxUnpaid is how many unpaid orders a buyer may have; 0: no limit.
	MaxUnpaid int64
	// TransferFor is how long it waits once its buyer has chosen a bank transfer;
	// 0: transfers are not taken.
	TransferFor time.Duration
	// Gifts are the centre's rules of gifts; without a licence they are off.
	Gifts gift.Rules
	// ReceivedAfter: a shipped order counts as received by itself after this.
	ReceivedAfter time.Duration
	// DoneAfter: a received order is done (after-sale window closed) after this.
	DoneAfter time.Duration
	// ClaimWithin: goods that came bad are claimed within this of receipt.
	ClaimWithin time.Duration
	// Retention is how long recordings are kept; KeepRehearsals records before
	// the start of a show too.
	Retention      recording.Rules
	KeepRehearsals bool
	// FFmpeg makes the stills of clips; "" where there is none.
	FFmpeg string
	// Seller is who sells in every room.
	Seller Seller
	// SinglePerson: the centre is so small that who asks for money to move may
	// also confirm it. False asks for two.
	SinglePerson bool

	stock  stockNews // see StockChanged
	clicks clicks    // see Clicked

	addressOnce sync.Once // see labelOf
	addresses   *db.Memo[id.Address, account.Sealed]
}
