package site

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/paper"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/page"
)

// maxPrinted bounds the lines of a print; a workbook has them all.
const maxPrinted = 3000

// Exact is an amount as papers show it: two decimals, thousands apart.
func Exact(f money.Fen) string {
	sign, s := "¥", f.String()
	if f < 0 {
		sign, s = "−¥", s[1:]
	}
	whole, cents := s[:len(s)-3], s[len(s)-3:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + cents
}

// StatementRow is a line of a statement in words.
type StatementRow struct {
	Day, Order, What, Sub, Units, Gross, Commission, Net string
	Minus                                                bool
}

// RowOf words a line.
func RowOf(b page.Base, l statement.Line) StatementRow {
	r := StatementRow{Day: b.Day(l.Day), Order: l.OrderNo, What: l.What, Gross: Exact(l.Gross), Commission: l.Commission.String(), Net: Exact(l.Net), Minus: l.Net < 0}
	var sub []string
	if l.Grade != "" {
		sub = append(sub, l.Grade)
	}
	if l.LotNo != "" {
		sub = append(sub, b.T("statement.lot", "No", l.LotNo))
	}
	r.Sub = strings.Join(sub, " · ")
	if l.Units > 0 {
		r.Units = b.T("statement.units", "N", l.Units, "Unit", l.Unit)
	}
	switch l.Kind {
	case statement.Sale:
		r.Units += " × " + Exact(l.Price)
	case statement.Refund, statement.Claim:
		if takenBack(l) {
			r.Sub = b.T("statement.taken_back", "Reason", l.Reason)
			break
		}
		r.Sub += "\n" + b.T("statement.back_"+l.Bearer, "Kind", b.T("statement.kind_"+l.Kind), "Reason", b.T("statement.reason_"+l.Reason), "Fen", Exact(-l.Buyer))
	case statement.Earned:
		r.Sub = b.T("statement.reason_" + l.Reason)
	case statement.Elsewhere:
		r.What = b.T("statement.elsewhere_what")
	}
	return r
}

// takenBack tells whether a line takes pay of a host or an agency back; its
// reason is in the words of who did it.
func takenBack(l statement.Line) bool { return l.Kind == statement.Refund && l.Bearer == "" }

// PayeeAccount words where a payee is paid: the bank and the last four digits.
func (s *Site) PayeeAccount(ctx context.Context, p statement.Payee) (bank, tail string, err error) {
	a, _, err := statement.Accounts(ctx, s.DB, p)
	if err != nil || a == nil {
		return "", "", err
	}
	tail, err = a.Tail(s.Vault)
	return a.Bank, tail, err
}

// StatementFile sends a statement as "pdf" or "xlsx", in the page's language.
func (s *Site) StatementFile(w http.ResponseWriter, r *http.Request, b page.Base, x statement.Statement, format string) error {
	lines, err := statement.Lines(r.Context(), s.DB, x.ID, 0, 0)
	if err != nil {
		return err
	}
	words, err := s.StatementPromise(r.Context(), b, x)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	kind := "application/pdf"
	if format == "xlsx" {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		err = paper.XLSX(&file, statementSheet(b, x, words, lines))
	} else {
		var d paper.Document
		if d, err = s.statementPaper(r.Context(), b, x, words, lines); err == nil {
			err = paper.PDF(&file, d)
		}
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+x.No+`.`+format+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(file.Bytes())
	return ignoreGone(r.Context(), err)
}

// statementPaper is a statement to print.
func (s *Site) statementPaper(ctx context.Context, b page.Base, x statement.Statement, words string, lines []statement.Line) (paper.Document, error) {
	if len(lines) > maxPrinted {
		return paper.Document{}, fault.New(fault.TooLarge, "statement.pdf_long", "Lines", len(lines), "Max", maxPrinted)
	}
	bank, tail, err := s.PayeeAccount(ctx, x.Payee)
	if err != nil {
		return paper.Document{}, err
	}
	steps, err := statement.Steps(ctx, s.DB, x.ID)
	if err != nil {
		return paper.Document{}, err
	}
	link, proof, err := s.StatementLink(ctx, x)
	if err != nil {
		return paper.Document{}, err
	}
	linkWords := b.T("statement.qr")
	if proof {
		linkWords = b.T("statement.qr_proof")
	}
	d := paper.Document{Lang: b.Lang(), Title: b.T("statement.title_" + x.Payee.Kind), Subtitle: b.T("statement.period", "From", b.Day(x.From), "To", b.Day(x.To)),
		Promise: words, None: b.T("statement.none"), Totals: totalsOf(b, x), Notes: notesOf(b, x, steps),
		QR: link, QRWords: linkWords, Foot: b.Centre.LegalName + "　" + x.No, Made: x.IssuedAt,
		PageOf: func(n int, all string) string { return b.T("statement.page_of", "N", n, "All", all) },
		Lacks:  func(list string) string { return b.T("statement.lacks", "List", list) }}
	if b.Centre.Demo {
		d.Stamp = b.T("statement.demo_stamp")
	}
	account := b.T("statement.account_none")
	if tail != "" {
		account = b.T("statement.account_tail", "Bank", bank, "Tail", tail)
	}
	d.Head = []paper.Pair{{Label: b.T("statement.payee_" + x.Payee.Kind), Value: x.Name}, {Label: b.T("statement.no"), Value: x.No}}
	if x.Place != "" {
		d.Head = append(d.Head, paper.Pair{Label: b.T("statement.place"), Value: x.Place})
	}
	d.Head = append(d.Head, paper.Pair{Label: b.T("statement.account"), Value: account}, paper.Pair{Label: b.T("statement.issued_on"), Value: b.Day(clock.DayOf(x.IssuedAt))})
	d.Cols, d.Rows = tableOf(b, x, lines)
	return d, nil
}

// StatementLink is where the code on a paper leads: the proof of its figures in
// the public log; where there is no log, the payee's own page of the statement.
func (s *Site) StatementLink(ctx context.Context, x statement.Statement) (href string, proof bool, err error) {
	p, err := s.ProofOf(ctx, statement.LeafRef(x.ID))
	switch {
	case err != nil:
		return "", false, err
	case p.Href != "":
		return s.BaseURL + p.Href, true, nil
	case x.Payee.Kind == statement.Producer:
		return s.BaseURL + "/farm/statements/" + string(x.ID), false, nil
	}
	return s.BaseURL + "/promises", false, nil
}

func tableOf(b page.Base, x statement.Statement, lines []statement.Line) (cols []paper.Col, rows []paper.Row) {
	producer := x.Payee.Kind == statement.Producer
	if producer {
		cols = []paper.Col{{Label: b.T("statement.col_day"), Wide: 41}, {Label: b.T("statement.col_what"), Wide: 50}, {Label: b.T("statement.col_units"), Wide: 34, Num: true},
			{Label: b.T("statement.col_gross"), Wide: 26, Num: true}, {Label: b.T("statement.col_commission"), Wide: 20, Num: true}, {Label: b.T("statement.col_net"), Wide: 26, Num: true}}
	} else {
		cols = []paper.Col{{Label: b.T("statement.col_date"), Wide: 30}, {Label: b.T("statement.col_show"), Wide: 110}, {Label: b.T("statement.col_amount"), Wide: 40, Num: true}}
	}
	for _, l := range lines {
		r := RowOf(b, l)
		row := paper.Row{Minus: r.Minus, Cells: []paper.Cell{{Main: r.Day}, {Main: r.What, Sub: r.Sub}, {Main: r.Net}}}
		if producer {
			row.Cells = []paper.Cell{{Main: r.Day, Sub: r.Order}, {Main: r.What, Sub: r.Sub}, {Main: r.Units}, {Main: r.Gross}, {Main: r.Commission, Sub: x.PromiseNo}, {Main: r.Net}}
		}
		rows = append(rows, row)
	}
	return cols, rows
}

// StatementPromise is the promise that a producer's statement keeps, as it was
// worded when the statement was issued: a later version changes no paper. "" for
// a host or an agency.
func (s *Site) StatementPromise(ctx context.Context, b page.Base, x statement.Statement) (string, error) {
	if x.Payee.Kind != statement.Producer {
		return "", nil
	}
	at := x.IssuedAt
	if at.IsZero() {
		at = b.Now
	}
	words, err := promise.Worded(ctx, s.DB, at)
	key := "statement.promise_p5"
	if x.Local {
		key = "statement.promise_p1"
	}
	return b.T(key, "No", x.PromiseNo, "Words", words.In(b.Lang(), x.PromiseNo)), err
}

// totalsOf are the boxed sums; what is nothing is left out but for commission
// and freight, which are promised.
func totalsOf(b page.Base, x statement.Statement) []paper.Pair {
	producer := x.Payee.Kind == statement.Producer
	var out []paper.Pair
	put := func(show bool, key string, f money.Fen, args ...any) {
		if show {
			out = append(out, paper.Pair{Label: b.T(key, args...), Value: Exact(f)})
		}
	}
	put(producer, "statement.sum_gross", x.Gross)
	put(!producer, "statement.sum_earned", x.Gross)
	put(producer && x.Back != 0, "statement.sum_back", x.Back)
	put(!producer && x.Back != 0, "statement.sum_taken_back", x.Back)
	put(producer, "statement.sum_freight", 0)
	put(producer, "statement.sum_commission", -x.Commission, "No", x.PromiseNo)
	put(x.Elsewhere != 0, "statement.sum_elsewhere", -x.Elsewhere)
	put(x.Carried != 0, "statement.sum_carried", x.Carried)
	put(x.Payee.Kind == statement.Host, "statement.sum_tax", -x.Tax)
	put(x.Carry != 0, "statement.sum_carry", x.Carry)
	put(true, "statement.sum_pay", x.Transfer())
	return out
}

func notesOf(b page.Base, x statement.Statement, steps []statement.Step) []string {
	var out []string
	switch x.Payee.Kind {
	case statement.Producer:
		out = append(out, b.T("statement.note_due"))
		if x.Local {
			out = append(out, b.T("statement.note_free"))
		}
	case statement.Host:
		out = append(out, b.T("statement.note_tax", "Income", Exact(x.TaxYear.Income), "Months", x.TaxYear.Months, "Before", Exact(x.TaxYear.Withheld)))
	}
	by := map[string]string{}
	for _, s := range steps {
		if by[s.Step] = s.Name; s.By == "" || string(s.By) == s.Name {
			by[s.Step] = b.T("statement.by_machine")
		}
	}
	name := func(step string) string {
		if by[step] == "" {
			return b.T("statement.not_signed")
		}
		return by[step]
	}
	out = append(out, b.T("statement.signed_line", "Issued", name(statement.StepIssued), "Checked", name(statement.StepChecked), "Approved", name(statement.StepApproved)))
	return append(out, b.T("statement.note_call", "Phone", b.Centre.ComplaintPhone))
}

// statementSheet is a statement to reckon with: every figure in a cell of its
// own.
func statementSheet(b page.Base, x statement.Statement, words string, lines []statement.Line) paper.Sheet {
	s := paper.Sheet{Name: x.No, Above: [][]any{
		{b.T("statement.title_" + x.Payee.Kind), x.No, x.Name},
		{b.T("statement.period", "From", b.Day(x.From), "To", b.Day(x.To))},
		{b.T("statement.col_promise"), x.PromiseNo, words},
	}}
	for _, c := range []struct {
		key  string
		wide float64
	}{{"statement.col_date", 12}, {"statement.col_order", 24}, {"statement.col_kind", 10}, {"statement.col_product", 28}, {"statement.col_lot", 16}, {"statement.col_grade", 10},
		{"statement.col_count", 8}, {"statement.col_unit", 8}, {"statement.col_price", 14}, {"statement.col_gross", 14}, {"statement.col_reason", 24}, {"statement.col_freight", 14},
		{"statement.col_commission", 12}, {"statement.col_net", 14}} {
		s.Cols = append(s.Cols, paper.SheetCol{Label: b.T(c.key), Wide: c.wide})
	}
	for _, l := range lines {
		reason, kind := "", l.Kind
		switch {
		case takenBack(l):
			reason, kind = l.Reason, "taken_back"
		case l.Reason != "":
			reason = b.T("statement.reason_" + l.Reason)
		}
		if l.Bearer != "" {
			reason = b.T("statement.back_"+l.Bearer, "Kind", b.T("statement.kind_"+l.Kind), "Reason", reason, "Fen", Exact(-l.Buyer))
		}
		s.Rows = append(s.Rows, []any{l.Day, l.OrderNo, b.T("statement.kind_" + kind), l.What, l.LotNo, l.Grade, l.Units, l.Unit, l.Price, l.Gross, reason, money.Fen(0), l.Commission, l.Net})
	}
	for _, t := range []struct {
		key string
		fen money.Fen
	}{{"statement.sum_gross", x.Gross}, {"statement.sum_back", x.Back}, {"statement.sum_elsewhere", -x.Elsewhere}, {"statement.sum_carried", x.Carried},
		{"statement.sum_tax", -x.Tax}, {"statement.sum_carry", x.Carry}, {"statement.sum_pay", x.Transfer()}} {
		s.Below = append(s.Below, []any{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, b.T(t.key), t.fen})
	}
	return s
}

// Refusal words what a promise says to a sale that is only thought of; "" if
// it may be.
func (s *Site) Refusal(ctx context.Context, b page.Base, x promise.Sale) string {
	if err := promise.Would(ctx, s.DB, x); err != nil {
		return b.P.Err(fault.Of(err))
	}
	return ""
}

// Labelled is a sum with its name.
type Labelled = paper.Pair

// StatementTotals are a statement's sums, the last one what is paid.
func StatementTotals(b page.Base, x statement.Statement) []Labelled { return totalsOf(b, x) }
