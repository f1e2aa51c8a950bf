package promise

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"

	"github.com/formancehq/numscript"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Limits of a script. The language has no loops, so that its length bounds how
// long it runs.
const (
	MaxScript   = 4000 // bytes
	maxPostings = 32
	maxDepth    = 12 // of braces: the parser is recursive
)

// asset is the money of all scripts: yuan with two decimals, amounts in fen.
const asset = "CNY/2"

// input is what a script gets of one event.
type input struct {
	accounts map[string]string    // variable -> path
	amounts  map[string]money.Fen // variable -> amount
	held     map[string]money.Fen // path -> what it holds of this event, all of which must go
	gives    []string             // paths that may be overdrawn
	takes    []string             // paths that may get money
}

// run runs a script and gives the lines it asks for, one an account, in the
// order the accounts come up. Faults: promise.script_… with Line and Column
// where the script itself is wrong.
func (in input) run(ctx context.Context, script string) ([]ledger.Line, error) {
	prog, err := parse(script)
	if err != nil {
		return nil, err
	}
	vars := numscript.VariablesMap{}
	for n, p := range in.accounts {
		vars[n] = accountOf(p)
	}
	for n, f := range in.amounts {
		vars[n] = fmt.Sprintf("%s %d", asset, int64(f))
	}
	for n := range prog.GetNeededVariables() {
		if _, ok := vars[n]; !ok {
			line, col := where(script, "$"+n)
			return nil, scriptFault("promise.script_variable", line, col, "Name", "$"+n, "Known", known(vars))
		}
	}
	balances := numscript.Balances{}
	for p, f := range in.held {
		balances[accountOf(p)] = numscript.AccountBalance{asset: big.NewInt(int64(f))}
	}
	res, err := safely(ctx, prog, vars, numscript.StaticStore{Balances: balances})
	if err != nil {
		return nil, err
	}
	return in.lines(script, res.Postings)
}

// lines turns postings into lines and holds that only declared accounts are
// touched and that nothing is left where it was held.
func (in input) lines(script string, postings []numscript.Posting) ([]ledger.Line, error) {
	if len(postings) > maxPostings {
		return nil, scriptFault("promise.script_long", 1, 1, "Max", maxPostings)
	}
	sums := map[string]money.Fen{}
	var order []string
	left := maps.Clone(in.held)
	move := func(path string, f money.Fen) {
		if _, ok := sums[path]; !ok {
			order = append(order, path)
		}
		sums[path] += f
	}
	for _, p := range postings {
		if p.Asset != asset || !p.Amount.IsInt64() || money.Fen(p.Amount.Int64()) > 1000*money.MaxFen { // as the ledger
			return nil, scriptFault("promise.script_money", 1, 1, "Asset", asset)
		}
		from, to, f := pathOf(p.Source), pathOf(p.Destination), money.Fen(p.Amount.Int64())
		if _, ok := in.held[from]; ok {
			left[from] -= f
		} else if !slices.Contains(in.gives, from) {
			return nil, strange(script, p.Source)
		}
		if !slices.Contains(in.takes, to) {
			return nil, strange(script, p.Destination)
		}
		move(from, f)
		move(to, -f)
	}
	for p, f := range left {
		if f != 0 {
			return nil, scriptFault("promise.script_remainder", 1, 1, "Account", accountOf(p), "Left", f.String())
		}
	}
	var out []ledger.Line
	for _, p := range order {
		if sums[p] != 0 {
			out = append(out, at(p, sums[p]))
		}
	}
	return out, nil
}

// strange says where an account stands that the script may not touch.
func strange(script, acc string) error {
	line, col := where(script, "@"+acc)
	return scriptFault("promise.script_account", line, col, "Account", "@"+acc)
}

// known lists the variables a script may use.
func known(vars numscript.VariablesMap) string {
	names := slices.Sorted(maps.Keys(vars))
	return "$" + strings.Join(names, ", $")
}

// accountOf is a path as the language writes it, and pathOf the way back.
func accountOf(path string) string { return strings.ReplaceAll(path, "/", ":") }

func pathOf(account string) string { return strings.ReplaceAll(account, ":", "/") }

// where gives line and column (from 1) of a text in a script; 1, 1 if it isn't
// there.
func where(script, text string) (line, col int) {
	before, _, ok := strings.Cut(script, text)
	if !ok {
		return 1, 1
	}
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

func scriptFault(key string, line, col int, args ...any) *fault.Error {
	return fault.New(fault.Invalid, key, append(args, "Line", line, "Column", col)...).At("script")
}

// parsed keeps parsed scripts by their text: a signed script never changes.
var parsed = struct {
	sync.Mutex
	byText map[string]numscript.ParseResult
}{byText: map[string]numscript.ParseResult{}}

const maxParsed = 200

// parse reads a script once.
func parse(script string) (numscript.ParseResult, error) {
	parsed.Lock()
	p, ok := parsed.byText[script]
	parsed.Unlock()
	if ok {
		return p, nil
	}
	if err := plausible(script); err != nil {
		return p, err
	}
	err := recovered(func() { p = numscript.Parse(script) })
	if err != nil {
		return p, err
	}
	if errs := p.GetParsingErrors(); len(errs) > 0 {
		at := errs[0].Start
		return p, scriptFault("promise.script_syntax", at.Line+1, at.Character+1, "Says", errs[0].Msg)
	}
	parsed.Lock()
	defer parsed.Unlock()
	if len(parsed.byText) >= maxParsed { // drafts being tried out; the rest is parsed again
		clear(parsed.byText)
	}
	parsed.byText[script] = p
	return p, nil
}

// plausible refuses what is not worth parsing.
func plausible(script string) error {
	if strings.TrimSpace(script) == "" {
		return fault.New(fault.Invalid, "fault.required").At("script")
	}
	if len(script) > MaxScript {
		return fault.New(fault.Invalid, "fault.too_long", "Max", MaxScript).At("script")
	}
	if strings.Contains(script, "#!") { // switches experimental features on
		line, col := where(script, "#!")
		return scriptFault("promise.script_feature", line, col)
	}
	depth := 0
	for i, c := range script {
		switch c {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			depth--
		}
		if depth > maxDepth {
			line, col := where(script, script[i:])
			return scriptFault("promise.script_deep", line, col, "Max", maxDepth)
		}
	}
	return nil
}

// safely runs a program; a panic in the library is a refusal too.
func safely(ctx context.Context, prog numscript.ParseResult, vars numscript.VariablesMap, store numscript.Store) (res numscript.ExecutionResult, err error) {
	var failed numscript.InterpreterError
	if err = recovered(func() { res, failed = prog.Run(ctx, vars, store) }); err != nil || failed == nil {
		return res, err
	}
	at := failed.GetRange().Start
	key := "promise.script_run"
	if (numscript.MissingFundsErr{}).Is(failed) {
		key = "promise.script_funds"
	}
	return res, scriptFault(key, at.Line+1, at.Character+1, "Says", failed.Error()).Because(failed)
}

func recovered(fn func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = scriptFault("promise.script_run", 1, 1, "Says", "…").Because(errors.New(fmt.Sprint(r)))
		}
	}()
	fn()
	return nil
}
