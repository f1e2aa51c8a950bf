package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/tlog/verify"
)

// verifyCmd checks a public log from outside: it opens no database.
type verifyCmd struct {
	Log     string   `arg:"" name:"log" help:"Address of the centre or of its log, or a folder with a copy of it." placeholder:"URL|DIR"`
	Receipt string   `help:"A receipt to check too." type:"existingfile" placeholder:"FILE"`
	Key     string   `help:"Verifier key of the log, from paper or from the overseer. Without it the log's own word is taken." placeholder:"KEY"`
	Witness []string `help:"Verifier key of a witness who must have cosigned. May be repeated." sep:"none" placeholder:"KEY"`
	State   string   `help:"File that remembers the log from check to check; 'none' remembers nothing." placeholder:"FILE"`
	JSON    bool     `name:"json" help:"Print the report as JSON."`
	Lang    string   `help:"Language of the report." enum:"zh-CN,en" default:"en"`
}

// Exit codes: 0 all agrees, 1 something is wrong, 2 it could not be checked.
type exit struct {
	error
	code int
}

// ExitCode is what kong ends the process with.
func (e exit) ExitCode() int { return e.code }

// Run checks and prints.
func (v *verifyCmd) Run(ctx context.Context) error {
	rep, err := v.check(ctx)
	if err != nil {
		return exit{err, 2}
	}
	if v.JSON {
		if err := json.NewEncoder(os.Stdout).Encode(rep); err != nil {
			return exit{err, 2}
		}
	} else {
		printVerified(rep, i18n.For(i18n.Lang(v.Lang)))
	}
	if rep.Wrong > 0 {
		return exit{errors.New("the log does not agree"), 1}
	}
	return nil
}

func (v *verifyCmd) check(ctx context.Context) (verify.Report, error) {
	o := verify.Options{Key: v.Key, Witnesses: v.Witness}
	var err error
	if o.Source, err = verify.Open(v.Log); err != nil {
		return verify.Report{}, err
	}
	if v.Receipt != "" {
		b, err := os.ReadFile(v.Receipt)
		if err != nil {
			return verify.Report{}, err
		}
		if o.Receipt, err = verify.ReadReceipt(b); err != nil {
			return verify.Report{}, err
		}
	}
	state, err := v.state(ctx, o)
	if err != nil {
		return verify.Report{}, err
	}
	if state != "" {
		if o.Seen, err = os.ReadFile(state); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return verify.Report{}, err
		}
	}
	rep, err := verify.Check(ctx, o)
	if err == nil && rep.Wrong == 0 && state != "" && rep.Size >= rep.SeenSize {
		err = remember(state, rep.Checkpoint)
	}
	return rep, err
}

// state is the file of the checkpoint seen last: by the name of the log's key,
// in the user's own folder.
func (v *verifyCmd) state(ctx context.Context, o verify.Options) (string, error) {
	if v.State != "" {
		return strings.TrimPrefix(v.State, "none"), nil
	}
	key := v.Key
	if key == "" {
		b, err := o.Source.Read(ctx, "key")
		if err != nil {
			return "", fmt.Errorf("the log does not show its key; give it by --key: %w", err)
		}
		key = string(b)
	}
	k, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return "", fmt.Errorf("%q is no verifier key: %w", key, err)
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", nil //nolint:nilerr // nowhere to remember: check without
	}
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("/\\:", r) {
			return '_'
		}
		return r
	}, k.Name())
	return filepath.Join(dir, "lindu", fmt.Sprintf("%s-%08x.checkpoint", name, k.KeyHash())), nil
}

func remember(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func printVerified(r verify.Report, p *i18n.Printer) {
	say := func(key string, args ...any) { fmt.Println("  " + p.T(key, args...)) }
	if r.KeyGiven {
		say("verify.key_given", "Key", r.Key)
	} else {
		say("verify.key_taken", "Key", r.Key)
	}
	if r.Wrong == 0 {
		printGood(r, p, say)
		fmt.Println(p.T("verify.ok"))
		return
	}
	fmt.Println(p.T("verify.wrong", "N", r.Wrong))
	for _, f := range r.Findings {
		args := make([]any, 0, 2*len(f.Args))
		for k, v := range f.Args {
			args = append(args, k, v)
		}
		fmt.Println("- " + p.T(f.Key, args...))
	}
}

func printGood(r verify.Report, p *i18n.Printer, say func(string, ...any)) {
	say("verify.signature_ok", "Origin", r.Origin, "Size", r.Size, "Root", r.Root)
	say("verify.root_ok")
	if r.SeenSize < 0 {
		say("verify.seen_none")
	} else {
		say("verify.seen_ok", "Size", r.SeenSize)
	}
	for _, w := range slices.Sorted(maps.Keys(r.Cosigned)) {
		say("verify.cosigned", "Witness", w, "Size", r.Cosigned[w])
	}
	for _, k := range slices.Sorted(maps.Keys(r.Entries)) {
		say("verify.entries", "Kind", k, "N", r.Entries[k])
	}
	say("verify.local", "N", r.Local)
	for _, k := range slices.Sorted(maps.Keys(r.Fen)) {
		if r.Fen[k] != 0 {
			say("verify.sum", "Class", k, "Yuan", money.Fen(-r.Fen[k]).String())
		}
	}
	for _, k := range slices.Sorted(maps.Keys(r.Told)) {
		if r.Told[k] != 0 {
			say("verify.told", "Class", k, "Yuan", money.Fen(-r.Told[k]).String())
		}
	}
	if r.Receipt != nil {
		say("verify.receipt_ok", "N", r.Receipt.Items)
		if r.Receipt.Pending > 0 {
			say("verify.receipt_pending", "N", r.Receipt.Pending)
		}
	}
	say("verify.took", "Seconds", fmt.Sprintf("%.1f", r.Took.Seconds()))
}
