package verify

import (
	"maps"
	"strings"

	"lindu.example/lindu/internal/tlog/entry"
)

// read holds an entry against its form, the promises and the totals.
func (c *check) read(index int64, i *item) {
	if i.bad != nil {
		c.rep.found("verify.form", "Index", index)
		return
	}
	e := &i.entry
	c.rep.Entries[e.Kind]++
	if c.rep.FirstDay == "" || e.Day < c.rep.FirstDay {
		c.rep.FirstDay = e.Day
	}
	c.rep.LastDay = max(c.rep.LastDay, e.Day)
	if e.Kind == entry.KindTotals {
		c.totals(index, e)
	} else {
		c.movement(index, e.Kind, i.sums)
	}
	if err := c.sum.Add(*e, nil); err != nil {
		c.rep.found("verify.form", "Index", index)
	}
}

// movement is one entry's money.
func (c *check) movement(index int64, kind string, s entry.Sums) {
	if s.Hidden {
		c.rep.Hidden[kind]++
		if len(s.Fen) > 0 {
			c.rep.found("verify.form", "Index", index)
		}
		return
	}
	if len(s.Fen) == 0 {
		return // no money: a promise's version
	}
	c.rules(index, s.Fen)
	for k, f := range s.Fen {
		c.rep.Fen[k] += f
	}
}

// feeClasses may never be beside a local producer's account in one booking:
// they would be a fee by whatever name.
var feeClasses = []string{"commission/", "service/", "freight/", "tax/", "host/", "agency/", "costs/", "gift/", "profit/", "growth/"}

// rules are the promises as far as sums by class show them.
func (c *check) rules(index int64, fen map[string]int64) {
	var sum int64
	local := false
	for k, f := range fen {
		sum += f
		local = local || strings.HasPrefix(k, "producer/local/")
	}
	if sum != 0 {
		c.rep.found("verify.unbalanced", "Index", index)
	}
	if local {
		c.rep.Local++
		for k := range fen {
			for _, fee := range feeClasses {
				if strings.HasPrefix(k, fee) {
					c.rep.found("verify.local_fee", "Index", index, "Class", k)
				}
			}
		}
	}
	c.gifts(index, fen)
}

// gifts holds that all of gift income raised the charity fund.
func (c *check) gifts(index int64, fen map[string]int64) {
	if g, ok := fen["gift/received"]; ok && fen["charity/fund"] != g {
		c.rep.found("verify.gift_elsewhere", "Index", index)
	}
}

// totals holds an entry of sums against the entries before it.
func (c *check) totals(index int64, e *entry.Entry) {
	got, err := e.ReadTotals()
	if err != nil {
		c.rep.found("verify.form", "Index", index)
		return
	}
	want := c.sum.Totals(index)
	if got.To != index || got.From != want.From {
		c.rep.found("verify.totals_place", "Index", index)
		return
	}
	for _, k := range differ(got.Count, want.Count) {
		c.rep.found("verify.totals_count", "Index", index, "Kind", k, "Said", got.Count[k], "Is", want.Count[k])
	}
	for _, k := range differ(got.Fen, want.Fen) {
		c.rep.found("verify.totals_fen", "Index", index, "Class", k, "Said", got.Fen[k], "Is", want.Fen[k])
	}
	for k, h := range got.Hidden {
		w := want.Hidden[k]
		if h.Count != w.Count || h.From != w.From || (h.Count < entry.MinHidden) != (h.Fen == nil) {
			c.rep.found("verify.totals_count", "Index", index, "Kind", k, "Said", h.Count, "Is", w.Count)
		}
		if h.Fen == nil {
			continue
		}
		var sum int64
		for class, f := range h.Fen {
			sum += f
			c.rep.Told[class] += f
		}
		if sum != 0 {
			c.rep.found("verify.unbalanced", "Index", index)
		}
		c.gifts(index, h.Fen)
	}
	for k, w := range want.Hidden {
		if _, ok := got.Hidden[k]; !ok {
			c.rep.found("verify.totals_count", "Index", index, "Kind", k, "Said", 0, "Is", w.Count)
		}
	}
}

// differ are the keys at which two maps differ, in no order.
func differ(a, b map[string]int64) []string {
	if maps.Equal(a, b) {
		return nil
	}
	var out []string
	for k, v := range a {
		if b[k] != v {
			out = append(out, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	return out
}
