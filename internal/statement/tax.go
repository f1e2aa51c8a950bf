package statement

import (
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
)

// Year is a host's tax year up to now.
type Year struct {
	Income   money.Fen // paid so far
	Withheld money.Fen
	First    clock.Day // a day in the first month with income; 0: none yet
	Months   int64     // counted for the last withholding
}

// The cumulative withholding of labour remuneration.
//
// Individual Income Tax Law art. 6 (a fifth of labour remuneration is expense)
// and schedule 1; SAT Announcement 2018 No. 61 (cumulative withholding, rate
// table 1); SAT Announcement 2025 No. 16, which has internet platforms withhold
// hosts' labour remuneration that way. Not verified against the full text of
// 2025 No. 16: that a centre of this size counts as a platform, and that
// months count from the first with income to this one. Screens say "check with
// your tax office".
const (
	expenseBP = 2000          // basis points of income
	monthly   = 5_000_00      // fen a month
	yearEnd   = clock.Day(12) // a tax year is a calendar year
)

// band of rate table 1: yearly taxable income up to UpTo fen.
type band struct {
	upTo   money.Fen
	rateBP int64
	quick  money.Fen // quick deduction
}

var bands = []band{
	{36_000_00, 300, 0},
	{144_000_00, 1000, 2_520_00},
	{300_000_00, 2000, 16_920_00},
	{420_000_00, 2500, 31_920_00},
	{660_000_00, 3000, 52_920_00},
	{960_000_00, 3500, 85_920_00},
	{money.Fen(1) << 62, 4500, 181_920_00},
}

// YearTax is the tax of a year's income over months, rounded half up to the
// fen.
func YearTax(income money.Fen, months int64) money.Fen {
	taxable := income - income.Share(expenseBP) - money.Fen(months*monthly)
	if taxable <= 0 {
		return 0
	}
	for _, b := range bands {
		if taxable <= b.upTo {
			return taxable.Share(b.rateBP) - b.quick
		}
	}
	return 0 // not reached: the last band has no end
}

// Withhold gives what is withheld of a payment for a period that ends on a
// day: the tax of the year so far less what was withheld before, never below
// zero (too much comes back with the yearly return). The year is as it was,
// with the payment in its income.
func (y Year) Withhold(pay money.Fen, day clock.Day) (money.Fen, Year) {
	if y.First == 0 {
		y.First = day
	}
	y.Months = int64(day/100%100-y.First/100%100) + 1
	y.Income += pay
	if y.Months < 1 || y.Months > int64(yearEnd) {
		y.Months = 1
	}
	return min(max(YearTax(y.Income, y.Months)-y.Withheld, 0), pay), y
}
