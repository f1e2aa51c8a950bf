package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/tlog/verify"
)

// world is a log of some days, as files.
type world struct {
	t   *testing.T
	d   *db.DB
	dir string
	l   *tree.Log
	n   int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, d: dbtest.SQLite(t), dir: t.TempDir()}
	w.d.Clock = clock.NewFake(time.Date(2026, 11, 20, 20, 0, 0, 0, clock.Shanghai))
	l, err := tree.Open(t.Context(), w.d, tree.Options{Dir: filepath.Join(w.dir, "log"), KeyFile: filepath.Join(w.dir, "log.key"), Name: "shop.test/log"})
	if err != nil {
		t.Fatal(err)
	}
	w.l = l
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return w
}

func (w *world) fix(leaves ...tlog.Leaf) {
	w.t.Helper()
	if err := w.d.Update(w.t.Context(), func(tx *db.Tx) error { return tlog.Fix(w.t.Context(), tx, leaves...) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sales(n int) {
	w.t.Helper()
	var ls []tlog.Leaf
	for range n {
		w.n++
		ls = append(ls, tlog.Leaf{Kind: "order.paid", Ref: fmt.Sprintf("txn/order/%06d", w.n), Public: entry.Sums{Fen: map[string]int64{"producer/local/pending": 500, "producer/local/owed": -500}}, Opening: tlog.Txn{Ref: fmt.Sprintf("order/%06d", w.n)}})
	}
	w.fix(ls...)
}

func (w *world) days(n int) {
	w.t.Helper()
	for range n {
		w.d.Clock.(*clock.Fake).Add(24 * time.Hour)
		if _, err := w.l.Step(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// publish steps and waits for the checkpoint.
func (w *world) publish() tree.Checkpoint {
	w.t.Helper()
	if _, err := w.l.Step(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	n, err := tlog.Next(w.t.Context(), w.d)
	if err != nil {
		w.t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := w.l.Checkpoint(w.t.Context()); err == nil && c.Size == n {
			return c
		} else if time.Now().After(end) {
			w.t.Fatal("no checkpoint", err)
		}
	}
}

func (w *world) check(o verify.Options) verify.Report {
	w.t.Helper()
	o.Source = verify.Dir(w.l.Dir)
	if o.Key == "" {
		o.Key = w.l.Key.VKey
	}
	rep, err := verify.Check(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	return rep
}

// keys are the findings, and each has words in both languages.
func keys(t *testing.T, rep verify.Report) string {
	t.Helper()
	var out []string
	for _, f := range rep.Findings {
		var args []any
		for k, v := range f.Args {
			args = append(args, k, v)
		}
		for _, l := range i18n.Langs {
			if s := i18n.For(l).T(f.Key, args...); s == f.Key || strings.Contains(s, "<no value>") {
				t.Errorf("%s in %s: %q", f.Key, l, s)
			}
		}
		out = append(out, strings.TrimPrefix(f.Key, "verify."))
	}
	return strings.Join(out, " ")
}

func (w *world) want(rep verify.Report, findings string) {
	w.t.Helper()
	if got := keys(w.t, rep); got != findings {
		w.t.Errorf("found %q, want %q: %+v", got, findings, rep.Findings)
	}
}

func TestAGoodLog(t *testing.T) {
	w := newWorld(t)
	w.sales(700)
	w.fix(tlog.Leaf{Kind: "promise.signed", Ref: "promise/P1/1", Public: map[string]any{"no": "P1"}})
	w.days(2)
	w.sales(30)
	seen := w.publish()
	rep := w.check(verify.Options{})
	w.want(rep, "")
	if rep.Size != 732 || rep.Entries["order.paid"] != 730 || rep.Fen["producer/local/owed"] != -365000 || rep.Local != 730 || rep.SeenSize != -1 {
		t.Errorf("%+v", rep)
	}
	w.sales(400)
	w.days(1)
	w.publish()
	if rep := w.check(verify.Options{Seen: seen.Note}); rep.SeenSize != 732 || rep.Wrong != 0 {
		t.Errorf("%+v", rep)
	}
	// By the web, with the log's own word for its key.
	srv := httptest.NewServer(http.StripPrefix("/log/", http.FileServerFS(os.DirFS(w.l.Dir))))
	defer srv.Close()
	s, err := verify.Open(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	if rep, err := verify.Check(t.Context(), verify.Options{Source: s, Seen: seen.Note}); err != nil || rep.Wrong != 0 || rep.KeyGiven || rep.Size != 1133 {
		t.Errorf("%+v %v", rep, err)
	}
}

// TestFilesTamperedWith: each way the served files can lie is named.
func TestFilesTamperedWith(t *testing.T) {
	w := newWorld(t)
	w.sales(700)
	w.publish()
	edit := func(path string, fn func([]byte) []byte) func() {
		path = filepath.Join(w.l.Dir, filepath.FromSlash(path))
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if b := fn(bytes.Clone(old)); b == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := os.WriteFile(path, old, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func([]byte) []byte { return nil }
	replace := func(from, to string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(from), []byte(to), 1) }
	}
	flip := func(b []byte) []byte { b[40] ^= 1; return b }
	for _, c := range []struct {
		path string
		fn   func([]byte) []byte
		want string
	}{
		{"tile/entries/001", replace("-500", "-400"), "altered unbalanced not_signed"},
		{"tile/entries/001", remove, "missing_entries not_signed"},
		{"tile/entries/002.p/188", func(b []byte) []byte { return b[:len(b)/2] }, "missing_entries not_signed"},
		{"tile/0/001", flip, "altered not_signed"},
		{"tile/0/000", remove, "missing_tile"},
		{"tile/1/000.p/2", flip, "bad_tile"},
		{"checkpoint", replace("700", "699"), "bad_signature"},
	} {
		undo := edit(c.path, c.fn)
		w.want(w.check(verify.Options{}), c.want)
		undo()
	}
	w.want(w.check(verify.Options{}), "")
	other := newWorld(t)
	w.want(w.check(verify.Options{Key: other.l.Key.VKey}), "bad_signature")
}

// forge builds a log of altered leaves and signs it with the true key: what the
// centre itself could do.
func (w *world) forge(alter func(rows []tlog.Row) []tlog.Row) {
	w.t.Helper()
	rows, err := tlog.Placed(w.t.Context(), w.d, 0, 1<<20)
	if err != nil {
		w.t.Fatal(err)
	}
	d := dbtest.SQLite(w.t)
	for i, r := range alter(rows) {
		if err := d.Update(w.t.Context(), func(tx *db.Tx) error {
			return tlog.AdoptLost(w.t.Context(), tx, int64(i), r.Kind, r.Body)
		}); err != nil {
			w.t.Fatal(err)
		}
	}
	dir := filepath.Join(w.dir, fmt.Sprint("forged", time.Now().UnixNano()))
	if _, err := tree.Rebuild(w.t.Context(), d, dir, w.l.Key); err != nil {
		w.t.Fatal(err)
	}
	w.l.Dir = dir
}

// TestTheCentreCheats: it holds the key and signs whatever it likes; who saw
// the log before, a receipt, a witness, or the sums give it away.
func TestTheCentreCheats(t *testing.T) {
	build := func(t *testing.T) (*world, []byte, *verify.Receipt) {
		w := newWorld(t)
		w.sales(300)
		w.days(1)
		w.sales(5)
		c := w.publish()
		r, err := tree.ReceiptOf(t.Context(), w.d, w.l.Folder, "", "txn/order/000100")
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := verify.ReadReceipt(b)
		if err != nil {
			t.Fatal(err)
		}
		return w, c.Note, rec
	}
	t.Run("rewritten", func(t *testing.T) {
		w, seen, rec := build(t)
		w.want(w.check(verify.Options{Seen: seen, Receipt: rec}), "")
		w.forge(func(rows []tlog.Row) []tlog.Row {
			rows[99].Body = strings.ReplaceAll(rows[99].Body, "500", "700")
			return rows
		})
		w.want(w.check(verify.Options{}), "totals_fen totals_fen")
		w.want(w.check(verify.Options{Seen: seen}), "totals_fen totals_fen forked")
		w.want(w.check(verify.Options{Receipt: rec}), "totals_fen totals_fen receipt_forked receipt_rewritten")
	})
	t.Run("left out", func(t *testing.T) {
		w, seen, _ := build(t)
		w.forge(func(rows []tlog.Row) []tlog.Row { return append(rows[:50], rows[51:]...) })
		w.want(w.check(verify.Options{}), "totals_place")
		w.want(w.check(verify.Options{Seen: seen}), "shrunk totals_place")
	})
	t.Run("cut off", func(t *testing.T) {
		w, seen, _ := build(t)
		w.forge(func(rows []tlog.Row) []tlog.Row { return rows[:100] })
		w.want(w.check(verify.Options{}), "") // nothing gives it away but memory
		w.want(w.check(verify.Options{Seen: seen}), "shrunk")
	})
	t.Run("commission from a farmer", func(t *testing.T) {
		w, _, _ := build(t)
		w.forge(func(rows []tlog.Row) []tlog.Row {
			rows[302].Body = strings.Replace(rows[302].Body, `"producer/local/owed":-500`, `"producer/local/owed":-450,"commission/earned":-50`, 1)
			return rows
		})
		w.want(w.check(verify.Options{}), "local_fee")
	})
}

func TestReceiptTamperedWith(t *testing.T) {
	w := newWorld(t)
	w.sales(20)
	w.publish()
	made, err := tree.ReceiptOf(t.Context(), w.d, w.l.Folder, "", "txn/order/000007")
	if err != nil {
		t.Fatal(err)
	}
	for want, alter := range map[string]func(r *tree.Receipt){
		"":                  func(*tree.Receipt) {},
		"receipt_opening":   func(r *tree.Receipt) { r.Items[0].Opening = strings.Replace(r.Items[0].Opening, "000007", "000008", 1) },
		"receipt_proof":     func(r *tree.Receipt) { r.Items[0].Entry = strings.Replace(r.Items[0].Entry, "500", "700", 2) },
		"receipt_signature": func(r *tree.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "20", "21", 1) },
	} {
		r := made
		r.Items = append([]tree.ReceiptItem(nil), made.Items...)
		alter(&r)
		b, _ := json.Marshal(r)
		rec, err := verify.ReadReceipt(b)
		if err != nil {
			t.Fatal(err)
		}
		w.want(w.check(verify.Options{Receipt: rec}), want)
	}
	for _, b := range []string{"", "{}", "[]", `{"v":1,"checkpoint":"x"}`} {
		if _, err := verify.ReadReceipt([]byte(b)); err == nil {
			t.Errorf("%q is a receipt", b)
		}
	}
}

func witnessKey(t *testing.T, name string) (skey string, vkey string) {
	t.Helper()
	s, v, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	if v, err = fnote.VKeyToCosignatureV1(v); err != nil {
		t.Fatal(err)
	}
	return s, v
}

// TestWitness cosigns what grew and refuses what forked.
func TestWitness(t *testing.T) {
	w := newWorld(t)
	skey, vkey := witnessKey(t, "overseer.test")
	if _, err := tree.Witness(vkey); err != nil {
		t.Fatal(err)
	}
	w.sales(40)
	first := w.publish()
	w.want(w.check(verify.Options{Witnesses: []string{vkey}}), "no_cosignature")
	f := w.l.Folder
	v, err := tree.Witness(vkey)
	if err != nil {
		t.Fatal(err)
	}
	f.Witnesses = append(f.Witnesses, v)
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.Path, "/log/")
		var b []byte
		var err error
		switch {
		case r.Method == http.MethodPost && path == "cosignature":
			var buf bytes.Buffer
			if _, err = buf.ReadFrom(r.Body); err == nil {
				err = tree.Cosign(r.Context(), w.d, f, buf.Bytes())
			}
		case path == "checkpoint":
			b, err = tree.Served(r.Context(), w.d, f)
		case path == "checkpoint.witnessed":
			if b, err = tree.Witnessed(r.Context(), w.d); b == nil {
				err = fs.ErrNotExist
			}
		default:
			b, err = os.ReadFile(filepath.Join(w.l.Dir, path))
		}
		if err != nil {
			rw.WriteHeader(404)
			return
		}
		_, _ = rw.Write(b)
	}))
	defer srv.Close()
	witness := func(seen []byte) (verify.Report, []byte, error) {
		return verify.Witness(t.Context(), srv.URL, skey, w.l.Key.VKey, seen, time.Now())
	}
	rep, cosigned, err := witness(nil)
	if err != nil || rep.Size != 40 {
		t.Fatalf("%+v %v", rep, err)
	}
	again := func(want string) {
		t.Helper()
		s, err := verify.Open(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := verify.Check(t.Context(), verify.Options{Source: s, Witnesses: []string{vkey}, Seen: first.Note})
		if err != nil || keys(t, rep) != want || rep.Cosigned["overseer.test"] != 40 {
			t.Errorf("%+v %v", rep, err)
		}
	}
	again("")
	w.sales(40)
	w.publish()
	again("") // of the newest one that is cosigned
	// A forked log is not cosigned, and the public sees it against the witness.
	w.forge(func(rows []tlog.Row) []tlog.Row {
		rows[5].Body = strings.ReplaceAll(rows[5].Body, "500", "700")
		return rows
	})
	f.Dir = w.l.Dir
	if rep, _, err := witness(cosigned); err != nil || !strings.Contains(keys(t, rep), "forked") {
		t.Errorf("%+v %v", rep, err)
	}
	if list, err := tlog.Cosignatures(t.Context(), w.d, 1<<40, 10); err != nil || len(list) != 1 {
		t.Error("a fork was cosigned", list, err)
	}
	again("forked witness_forked")
}
