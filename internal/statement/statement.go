package statement

import (
	"fmt"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Kinds of payees.
const (
	Producer = "producer"
	Host     = "host"
	Agency   = "agency"
)

// Payee is whose statement it is.
type Payee struct{ Kind, ID string }

// State of a statement; see doc.go.
type State string

// States.
const (
	Issued   State = "issued"
	Checked  State = "checked"
	Approved State = "approved"
	Paid     State = "paid"
)

// States lists the states in the order of a statement's life.
var States = []State{Issued, Checked, Approved, Paid}

// Kinds of lines.
const (
	Sale      = "sale"
	Refund    = "refund"    // the producer's side bears it
	Claim     = "claim"     // the centre or the carrier bears it: nothing is taken off
	Earned    = "earning"   // of a host or an agency
	Elsewhere = "elsewhere" // paid by the payment provider itself
)

// Line of a statement.
type Line struct {
	Source       string // the record it comes from, unique
	Kind         string
	Day          clock.Day
	Order        id.Order
	OrderNo      string
	What         string // product, or show
	LotNo        string
	Grade        string
	Unit         string
	Units        int64
	Price        money.Fen // agreed, a unit
	Buyer        money.Fen // what buyers paid, or got back
	Gross        money.Fen // = Net + Commission; below zero when it goes back
	Commission   money.Fen
	CommissionBP int64
	Net          money.Fen
	Bearer       string // of a refund or claim: producer, centre, carrier
	Reason       string
}

// Head is what a statement is of.
type Head struct {
	ID        id.Statement
	No        string
	Payee     Payee
	Name      string
	Place     string
	Local     bool
	From, To  clock.Day // both included
	PromiseNo string
}

// Statement is a head with what it adds up to and who signed it.
type Statement struct {
	Head
	LineCount  int64
	Gross      money.Fen // of sales and earnings
	Back       money.Fen // of refunds, 0 or below
	Commission money.Fen
	Net        money.Fen
	Elsewhere  money.Fen
	Carried    money.Fen // 0 or below
	Pay        money.Fen
	Carry      money.Fen // 0 or below
	Tax        money.Fen // withheld of Pay
	TaxYear    Year      // before this statement; Income with it
	State      State
	IssuedBy   string
	IssuedAt   time.Time
	CheckedBy  string
	CheckedAt  time.Time
	ApprovedBy string
	ApprovedAt time.Time
	PaidAt     time.Time
	Asked      bool
}

// Transfer is what goes to the payee's account.
func (s Statement) Transfer() money.Fen { return s.Pay - s.Tax }

// Step is who signed, asked or answered.
type Step struct {
	ID   string
	Step string
	By   id.User
	Name string
	Note string
	At   time.Time
}

// Steps of a statement.
const (
	StepIssued   = "issued"
	StepChecked  = "checked"
	StepApproved = "approved"
	StepPaid     = "paid"
	StepReversed = "reversed"
	StepAsked    = "asked"
	StepAnswered = "answered"
)

// Limits.
const (
	MaxLines = 50_000 // of one statement
	MaxSteps = 100    // of one statement
	maxNote  = 500
	maxText  = 60
	// maxReason bounds why something is taken back.
	maxReason = 200
)

// Build adds up a statement. carried is what the one before left to carry, year
// the tax year so far (hosts only).
func Build(h Head, lines []Line, carried money.Fen, year Year) (Statement, error) {
	s := Statement{Head: h, LineCount: int64(len(lines)), Carried: carried, State: Issued}
	if carried > 0 {
		return s, fmt.Errorf("statement: carried %s: what is owed is paid, not carried", carried)
	}
	if len(lines) > MaxLines {
		return s, fault.New(fault.TooLarge, "statement.too_long", "Max", MaxLines)
	}
	for _, l := range lines {
		if err := s.add(l); err != nil {
			return s, err
		}
	}
	s.Net = s.Gross + s.Back - s.Commission
	rest := s.Carried + s.Net - s.Elsewhere
	s.Pay, s.Carry = max(rest, 0), min(rest, 0)
	if h.Payee.Kind == Host {
		s.Tax, s.TaxYear = year.Withhold(s.Pay, h.To)
	}
	return s, nil
}

func (s *Statement) add(l Line) error {
	if l.Source == "" || l.Net != l.Gross-l.Commission || s.Local && l.Commission != 0 {
		return fmt.Errorf("statement: line %q of %s net is none", l.Source, l.Net)
	}
	switch l.Kind {
	case Sale, Earned:
		s.Gross += l.Gross
		s.Commission += l.Commission
	case Refund, Claim:
		if l.Net > 0 || l.Gross > 0 {
			return fmt.Errorf("statement: refund %q adds %s", l.Source, l.Net)
		}
		s.Back += l.Gross
		s.Commission += l.Commission
	case Elsewhere:
		s.Elsewhere -= l.Net
	default:
		return fmt.Errorf("statement: line %q is of no kind", l.Source)
	}
	return nil
}
