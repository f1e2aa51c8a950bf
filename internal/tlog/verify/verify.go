package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"lindu.example/lindu/internal/tlog/entry"
)

// Options of Check.
type Options struct {
	Source    Source
	Key       string   // verifier key of the log; "" takes the one the log shows, which proves less
	Witnesses []string // verifier keys of witnesses whose cosignature must be there
	// Seen is a checkpoint of this log that was noted earlier: the log must have
	// grown from it. nil for none.
	Seen    []byte
	Receipt *Receipt
}

// Finding is something wrong, by a message key of verify.json.
type Finding struct {
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}

// MaxFindings is how many findings are kept; the count goes on.
const MaxFindings = 50

// Report says what was checked and what is wrong.
type Report struct {
	Origin     string           `json:"origin"`
	KeyGiven   bool             `json:"key_given"` // false: the log's own word for its key was taken
	Key        string           `json:"key"`
	Size       int64            `json:"size"`
	Root       string           `json:"root"` // base64, as in the checkpoint
	Cosigned   map[string]int64 `json:"cosigned,omitempty"`
	SeenSize   int64            `json:"seen_size"` // -1: none was given
	Entries    map[string]int64 `json:"entries"`   // by kind
	Fen        map[string]int64 `json:"fen"`       // by class of account, what the entries tell
	Hidden     map[string]int64 `json:"hidden"`    // entries by kind that hide their amounts
	Told       map[string]int64 `json:"told"`      // by class, what totals tell of them
	Local      int64            `json:"local_entries"`
	FirstDay   string           `json:"first_day,omitempty"`
	LastDay    string           `json:"last_day,omitempty"`
	Receipt    *ReceiptReport   `json:"receipt,omitempty"`
	Findings   []Finding        `json:"findings"`
	Wrong      int              `json:"wrong"` // how many findings there were
	Took       time.Duration    `json:"took_ns"`
	Checkpoint []byte           `json:"-"` // to be noted for the next time
}

func (r *Report) found(key string, args ...any) {
	if r.Wrong++; len(r.Findings) >= MaxFindings {
		return
	}
	f := Finding{Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if f.Args == nil {
			f.Args = map[string]any{}
		}
		f.Args[fmt.Sprint(args[i])] = args[i+1]
	}
	r.Findings = append(r.Findings, f)
}

// point is an older checkpoint that the log must have grown from.
type point struct {
	size int64
	root Hash
	lost string         // message key of the finding when it has not
	args map[string]any // for its words
}

// check is a running check.
type check struct {
	Options
	rep    *Report
	size   int64
	root   Hash
	points []point
	full   []Hash           // roots of the full bundles
	rest   []Hash           // leaves of the last, partial one
	edge   map[int64][]Hash // leaves of the bundles where a point falls in
	sum    *entry.Summing
	torn   bool // an entry is missing or altered: the root can't be right
}

// Check checks a log. An error says that it could not be read.
func Check(ctx context.Context, o Options) (Report, error) {
	began := time.Now()
	rep := Report{SeenSize: -1, Entries: map[string]int64{}, Fen: map[string]int64{}, Hidden: map[string]int64{}, Told: map[string]int64{}, Findings: []Finding{}}
	c := &check{Options: o, rep: &rep, edge: map[int64][]Hash{}, sum: entry.NewSumming()}
	err := c.run(ctx)
	rep.Took = time.Since(began)
	return rep, err
}

func (c *check) run(ctx context.Context) error {
	log, err := c.readKey(ctx)
	if err != nil {
		return err
	}
	b, err := c.Source.Read(ctx, layoutCheckpoint)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no log here yet: %w", err)
	}
	if err != nil {
		return err
	}
	cp, _, _, err := flog.ParseCheckpoint(b, log.Name(), log)
	if err != nil {
		c.rep.found("verify.bad_signature", "Key", log.Name())
		return nil // nothing here is the centre's word
	}
	if len(cp.Hash) != len(c.root) || cp.Size > 1<<50 {
		c.rep.found("verify.bad_signature", "Key", log.Name())
		return nil
	}
	c.size, c.root = int64(cp.Size), Hash(cp.Hash)
	c.rep.Size, c.rep.Root, c.rep.Checkpoint = c.size, base64.StdEncoding.EncodeToString(cp.Hash), b
	if err := c.older(ctx, log, b); err != nil {
		return err
	}
	if err := walk(ctx, c.Source, c.size, c.take); err != nil {
		return err
	}
	if err := c.upper(ctx); err != nil {
		return err
	}
	c.roots()
	if c.Receipt != nil {
		c.checkReceipt(log)
	}
	return nil
}

const layoutCheckpoint = "checkpoint"

// readKey is the log's verifier: the one given, or the one it shows.
func (c *check) readKey(ctx context.Context) (note.Verifier, error) {
	key := strings.TrimSpace(c.Key)
	c.rep.KeyGiven = key != ""
	if key == "" {
		b, err := c.Source.Read(ctx, "key")
		if err != nil {
			return nil, fmt.Errorf("the log does not show its key; give it by --key: %w", err)
		}
		key = strings.TrimSpace(string(b))
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("%q is no verifier key: %w", key, err)
	}
	c.rep.Key, c.rep.Origin = key, v.Name()
	return v, nil
}

// older gathers the checkpoints that the log must have grown from.
func (c *check) older(ctx context.Context, log note.Verifier, newest []byte) error {
	if c.Seen != nil {
		cp, _, _, err := flog.ParseCheckpoint(c.Seen, log.Name(), log)
		if err != nil {
			return fmt.Errorf("the checkpoint noted earlier is of another log or key: %w", err)
		}
		c.rep.SeenSize = int64(cp.Size)
		c.point(cp, "verify.forked", "verify.shrunk", nil)
	}
	witnesses, err := cosigners(c.Witnesses)
	if err != nil {
		return err
	}
	notes := [][]byte{newest}
	w, err := c.Source.Read(ctx, "checkpoint.witnessed")
	if err == nil {
		notes = append(notes, w)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	c.cosigned(log, witnesses, notes)
	if r := c.Receipt; r != nil {
		if cp, _, _, err := flog.ParseCheckpoint([]byte(r.Checkpoint), log.Name(), log); err == nil {
			c.point(cp, "verify.receipt_forked", "verify.receipt_shrunk", nil)
		}
	}
	return nil
}

func cosigners(keys []string) ([]note.Verifier, error) {
	var out []note.Verifier
	for _, k := range keys {
		v, err := fnote.NewVerifierForCosignatureV1(k)
		if err != nil {
			return nil, fmt.Errorf("%q is no witness's key: %w", k, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// cosigned checks the cosignatures of the witnesses that were named.
func (c *check) cosigned(log note.Verifier, witnesses []note.Verifier, notes [][]byte) {
	c.rep.Cosigned = map[string]int64{}
	for _, b := range notes {
		cp, _, n, err := flog.ParseCheckpoint(b, log.Name(), log, witnesses...)
		if err != nil {
			c.rep.found("verify.bad_witnessed")
			continue
		}
		c.point(cp, "verify.witness_forked", "verify.shrunk", nil)
		for _, s := range n.Sigs {
			for _, w := range witnesses {
				if s.Name == w.Name() && s.Hash == w.KeyHash() {
					c.rep.Cosigned[w.Name()] = max(c.rep.Cosigned[w.Name()], int64(cp.Size))
				}
			}
		}
	}
	for _, w := range witnesses {
		if _, ok := c.rep.Cosigned[w.Name()]; !ok {
			c.rep.found("verify.no_cosignature", "Witness", w.Name())
		}
	}
}

// point remembers a checkpoint; one that is larger than the log is a finding.
func (c *check) point(cp *flog.Checkpoint, forked, shrunk string, args map[string]any) {
	size := int64(cp.Size)
	if size > c.size {
		c.rep.found(shrunk, "Then", size, "Now", c.size)
		return
	}
	if len(cp.Hash) == len(Hash{}) {
		c.points = append(c.points, point{size, Hash(cp.Hash), forked, args})
		c.edge[size/width] = nil
	}
}

// take takes the next bundle.
func (c *check) take(b *bundle) error {
	first := b.n * width
	want := int(min(c.size-first, width))
	if b.gone {
		c.rep.found("verify.missing_entries", "From", first, "To", first+int64(want)-1)
		c.torn = true
		b.hashes = nil
	} else if len(b.raw) < want {
		c.rep.found("verify.missing_entries", "From", first+int64(len(b.raw)), "To", first+int64(want)-1)
		c.torn = true
	}
	if b.gone || len(b.raw) < want {
		c.full = append(c.full, Hash{})
		c.rest = nil
		return nil
	}
	c.compareTile(b, first)
	if want == width {
		c.full = append(c.full, b.root)
	} else {
		c.rest = b.hashes
	}
	if _, ok := c.edge[b.n]; ok {
		c.edge[b.n] = b.hashes
	}
	for i := range b.items {
		c.read(first+int64(i), &b.items[i])
	}
	c.wantEntry(b)
	return nil
}

// compareTile finds the entry whose bytes are not what the tree says.
func (c *check) compareTile(b *bundle, first int64) {
	if b.tile == nil {
		c.rep.found("verify.missing_tile", "Level", 0, "Index", b.n)
		return
	}
	for i, h := range b.hashes {
		if h != b.tile[i] {
			c.rep.found("verify.altered", "Index", first+int64(i))
			c.torn = true
		}
	}
}

// upper holds the tiles above the lowest against the entries.
func (c *check) upper(ctx context.Context) error {
	if c.torn {
		return nil // they can't agree
	}
	nodes := c.full
	for level := int64(1); len(nodes) > 0; level++ {
		var up []Hash
		for n := 0; n*width < len(nodes); n++ {
			want := nodes[n*width : min(len(nodes), (n+1)*width)]
			tile, err := readTile(ctx, c.Source, level, int64(n), len(want))
			if err != nil {
				return err
			}
			if tile == nil {
				c.rep.found("verify.missing_tile", "Level", level, "Index", n)
			}
			for i := range tile {
				if tile[i] != want[i] {
					c.rep.found("verify.bad_tile", "Level", level, "Index", n)
					break
				}
			}
			if len(want) == width {
				up = append(up, rootOf(want))
			}
		}
		nodes = up
	}
	return nil
}

// roots holds the roots computed from the entries against the checkpoint and
// the older ones.
func (c *check) roots() {
	if c.torn {
		c.rep.found("verify.not_signed")
		return
	}
	if rootAt(c.full, c.rest) != c.root {
		c.rep.found("verify.not_signed")
	}
	for _, p := range c.points {
		if c.rootAt(p.size) != p.root {
			c.rep.found(p.lost, "Size", p.size)
		}
	}
}

func (c *check) rootAt(size int64) Hash {
	full := c.full[:min(int64(len(c.full)), size/width)]
	if size%width == 0 {
		return rootOf(full)
	}
	return rootAt(full, c.edge[size/width][:size%width])
}
