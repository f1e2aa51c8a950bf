package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/tlog/verify"
)

// logCmd looks after the public log.
type logCmd struct {
	Check   logCheckCmd   `cmd:"" help:"Compare every entry of the log's folder with the database. Exits with 1 where they differ."`
	Rebuild logRebuildCmd `cmd:"" help:"Build the log from the database in a new folder: the root is the same."`
	Adopt   logAdoptCmd   `cmd:"" help:"After a restore from an older copy: take the entries that the log has and the database lost back in. Stop the server first."`
	Key     logKeyCmd     `cmd:"" help:"Print the verifier key, for paper and for the overseer."`
	Witness logWitnessCmd `cmd:"" help:"Check another's log whole, cosign its checkpoint and hand it in: what the overseer runs, on a machine of its own."`
}

// open opens a centre's database and its log's folder, as a tool beside the server.
func (a addresses) open(ctx context.Context, c *commands) (config.Config, *db.DB, tree.Folder, error) {
	cfg, err := c.load(a.sets()...)
	if err != nil {
		return cfg, nil, tree.Folder{}, err
	}
	o := app.LogOptions(cfg)
	if _, err := os.Stat(o.KeyFile); err != nil {
		return cfg, nil, tree.Folder{}, fmt.Errorf("there is no log's key in %s (another folder: --data): %w", cfg.Data, err)
	}
	d, err := existing(ctx, cfg)
	if err != nil {
		return cfg, nil, tree.Folder{}, err
	}
	f, err := tree.OpenFolder(o.Dir, o.KeyFile, o.Name, o.Witness)
	if err != nil {
		return cfg, nil, f, errors.Join(err, d.Close())
	}
	return cfg, d, f, nil
}

type logCheckCmd struct{ addresses }

// Run compares folder and rows.
func (l *logCheckCmd) Run(ctx context.Context, c *commands) error {
	_, d, f, err := l.open(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := tree.Compare(ctx, d, f)
	if err == nil {
		fmt.Printf("%d entries are the database's leaves\n", n)
	}
	return err
}

type logRebuildCmd struct {
	addresses
	Dir string `arg:"" help:"A new folder." placeholder:"DIR"`
}

// Run builds the log anew and compares its root with those that were kept.
func (l *logRebuildCmd) Run(ctx context.Context, c *commands) error {
	_, d, f, err := l.open(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	cp, err := tree.Rebuild(ctx, d, l.Dir, f.Key)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the database has no leaves that were placed: there is nothing to build")
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d entries in %s, root %x\n", cp.Size, l.Dir, cp.Root)
	heads, err := tlog.Heads(ctx, d, 1000)
	for _, h := range heads {
		if h.Size == cp.Size && h.Root != hex.EncodeToString(cp.Root) {
			return fmt.Errorf("the root at %d was %s: the leaves in the database were changed", h.Size, h.Root)
		}
	}
	return err
}

type logAdoptCmd struct{ addresses }

// Run writes rows for what the database lost.
func (l *logAdoptCmd) Run(ctx context.Context, c *commands) error {
	_, d, f, err := l.open(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := tree.Adopt(ctx, d, f)
	fmt.Printf("%d entries taken in\n", n)
	return err
}

type logKeyCmd struct{ addresses }

// Run prints the verifier key.
func (l *logKeyCmd) Run(ctx context.Context, c *commands) error {
	cfg, err := c.load(l.sets()...)
	if err != nil {
		return err
	}
	k, err := tree.OpenKey(app.LogOptions(cfg).KeyFile, app.LogOptions(cfg).Name)
	if err == nil {
		fmt.Println(k.VKey)
	}
	return err
}

// logWitnessCmd is the overseer's: it needs no database and no configuration.
type logWitnessCmd struct {
	URL   string `name:"url" help:"Address of the centre." placeholder:"URL"`
	Key   string `name:"key" help:"File of the witness's own key." required:"" placeholder:"FILE"`
	New   string `name:"new" help:"Make the key with this name (like overseer.example) and print what the centre must be told." placeholder:"NAME"`
	Log   string `name:"log-key" help:"Verifier key of the log, from paper." placeholder:"KEY"`
	State string `help:"File of the checkpoint signed last; beside the key by default." placeholder:"FILE"`
	Lang  string `help:"Language of the report." enum:"zh-CN,en" default:"en"`
}

// Run checks and cosigns.
func (w *logWitnessCmd) Run(ctx context.Context) error {
	if w.New != "" {
		return w.make()
	}
	if w.URL == "" || w.Log == "" {
		return errors.New("a witness needs --url and --log-key (the key as the centre gave it on paper, not as the site shows it)")
	}
	skey, err := os.ReadFile(w.Key)
	if err != nil {
		return err
	}
	state := w.State
	if state == "" {
		state = w.Key + ".checkpoint"
	}
	seen, err := os.ReadFile(state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	line, _, _ := strings.Cut(string(skey), "\n")
	rep, signed, err := verify.Witness(ctx, w.URL, strings.TrimSpace(line), w.Log, seen, time.Now())
	if err != nil {
		return exit{err, 2}
	}
	p := i18n.For(i18n.Lang(w.Lang))
	if rep.Wrong > 0 {
		printVerified(rep, p)
		return exit{errors.New("not cosigned: the log does not agree"), 1}
	}
	if err := remember(state, signed); err != nil {
		return err
	}
	fmt.Println(p.T("verify.witness_done", "Size", rep.Size))
	return nil
}

// make makes the witness's key.
func (w *logWitnessCmd) make() error {
	skey, vkey, err := note.GenerateKey(rand.Reader, w.New)
	if err != nil {
		return fmt.Errorf("a key named %q: %w", w.New, err)
	}
	if vkey, err = fnote.VKeyToCosignatureV1(vkey); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(w.Key), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(w.Key, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(skey + "\n" + vkey + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	fmt.Printf("The key is in %s. Keep it on this machine only. The centre sets\n\n  public_log.witnesses: %q\n\nand checkers say\n\n  lindu verify URL --witness '%s'\n", w.Key, vkey, vkey)
	return nil
}
