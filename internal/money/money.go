package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen.
type Fen int64

// MaxFen bounds any single amount the product takes in: 100 million yuan.
// Sums of billions of them still fit an int64.
const MaxFen Fen = 100_000_000_00

// ErrAmount means a text is no amount of money.
var ErrAmount = errors.New("money: not an amount in yuan with at most two decimals")

// ErrOverflow means a result does not fit.
var ErrOverflow = errors.New("money: amount too large")

// Yuan makes whole yuan.
func Yuan(y int64) Fen { return Fen(y * 100) }

// String is the amount in yuan with two decimals: "12.30", "-0.05".
func (f Fen) String() string {
	sign := ""
	u := uint64(f)
	if f < 0 {
		sign = "-"
		u = -u
	}
	return fmt.Sprintf("%s%d.%02d", sign, u/100, u%100)
}

// Short drops a zero fraction: "12", "12.30".
func (f Fen) Short() string { return strings.TrimSuffix(f.String(), ".00") }

// Parse reads "12", "12.3", "12.30" (yuan; also with a leading yuan sign and
// thousands commas) into fen. Negative amounts and more than two decimals are
// refused: nobody types them on purpose.
func Parse(s string) (Fen, error) {
	s = strings.TrimLeft(strings.TrimSpace(s), "¥¥ ")
	s = strings.ReplaceAll(s, ",", "")
	whole, frac, dot := strings.Cut(s, ".")
	if whole == "" || len(whole) > 12 || dot && (frac == "" || len(frac) > 2) || !digits(whole) || !digits(frac) {
		return 0, ErrAmount
	}
	for len(frac) < 2 {
		frac += "0"
	}
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil || Fen(n) > MaxFen {
		return 0, ErrAmount
	}
	return Fen(n), nil
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// Times is the amount n times over.
func (f Fen) Times(n int64) (Fen, error) {
	if f < 0 || n < 0 {
		return 0, ErrOverflow
	}
	hi, lo := bits.Mul64(uint64(f), uint64(n))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, ErrOverflow
	}
	return Fen(lo), nil
}

// Share is f × bp / 10000, rounded half up; bp is a rate in basis points.
func (f Fen) Share(bp int64) Fen {
	neg := f < 0
	u := uint64(f)
	if neg {
		u = -u
	}
	hi, lo := bits.Mul64(u, uint64(bp))
	lo, carry := bits.Add64(lo, 5000, 0)
	q, _ := bits.Div64((hi+carry)%10000, lo, 10000)
	if neg {
		return -Fen(q)
	}
	return Fen(q)
}

// Split divides f by weights so that the parts add up to f (largest remainder
// first, ties to the earlier weight). Weights must not be negative and not all
// zero; f must not be negative.
func (f Fen) Split(weights ...int64) ([]Fen, error) {
	var sum uint64
	for _, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("money: negative weight %d", w)
		}
		sum += uint64(w)
	}
	if f < 0 || sum == 0 || sum > math.MaxInt64 {
		return nil, fmt.Errorf("money: can't split %d by weights of sum %d", f, sum)
	}
	parts := make([]Fen, len(weights))
	rest := make([]uint64, len(weights))
	order := make([]int, len(weights))
	left := f
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(f), uint64(w))
		q, r := bits.Div64(hi, lo, sum) // hi < sum because f×w/sum <= f
		parts[i], rest[i], order[i] = Fen(q), r, i
		left -= Fen(q)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case rest[a] > rest[b]:
			return -1
		case rest[a] < rest[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts, nil
}

// Per500g is the price per 500 g (one jin) of goods that cost f and weigh
// grams net, rounded half up; 0 if the weight is unknown.
func (f Fen) Per500g(grams int64) Fen {
	if grams <= 0 {
		return 0
	}
	return Fen((int64(f)*500*2 + grams) / (2 * grams))
}
