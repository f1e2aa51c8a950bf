package aftersale

import (
	"slices"
	"time"

	"lindu.example/lindu/internal/fault"
)

// Rules are the centre's windows, from receipt on.
type Rules struct {
	Return time.Duration // seven days at least: Consumer Law art. 25
	Claim  time.Duration // of bad goods by photo
}

// Sold is what the rules look at of an order and a line.
type Sold struct {
	Paid       bool   // and not shipped
	Shipped    bool   // and not yet received
	Received   bool   // and the after-sale window is open
	ReturnRule string // of the line: seven_day, fresh, confirmed
	NoReturnOK bool   // the buyer ticked that it can't be sent back
	At         time.Time
}

// NoReason tells whether the goods may come back without a reason.
func (s Sold) NoReason() bool {
	return s.ReturnRule == "seven_day" || s.ReturnRule == "confirmed" && !s.NoReturnOK
}

// May tells why a buyer can't ask for something now; nil if they can. The
// words of each fault say what to do instead.
func (r Rules) May(kind Kind, reason string, s Sold, now time.Time) *fault.Error {
	if !slices.Contains(Reasons[kind], reason) {
		return fault.New(fault.Invalid, "fault.choice").At("reason")
	}
	switch kind {
	case Cancel:
		if !s.Paid {
			return fault.New(fault.Conflict, "aftersale.shipped")
		}
		return nil
	case Claim:
		return r.mayClaim(s, now)
	}
	switch {
	case !s.Received && !s.Shipped:
		return fault.New(fault.Conflict, "aftersale.not_arrived")
	case s.Shipped:
		return fault.New(fault.Conflict, "aftersale.say_received")
	case now.After(s.At.Add(r.Return)):
		return fault.New(fault.Gone, "aftersale.return_over", "Days", days(r.Return))
	case s.ReturnRule == "fresh":
		return fault.New(fault.Conflict, "aftersale.fresh_claim", "Hours", hours(r.Claim))
	case reason == SevenDay && !s.NoReason():
		return fault.New(fault.Conflict, "aftersale.confirmed")
	}
	return nil
}

// mayClaim: bad goods may be claimed the moment the parcel is there, also when
// the buyer has not pressed "received" yet.
func (r Rules) mayClaim(s Sold, now time.Time) *fault.Error {
	switch {
	case !s.Received && !s.Shipped:
		return fault.New(fault.Conflict, "aftersale.not_arrived")
	case s.Received && now.After(s.At.Add(r.Claim)):
		return fault.New(fault.Gone, "aftersale.claim_over", "Hours", hours(r.Claim))
	}
	return nil
}

func hours(d time.Duration) int { return int(d / time.Hour) }
func days(d time.Duration) int  { return int(d / (24 * time.Hour)) }
