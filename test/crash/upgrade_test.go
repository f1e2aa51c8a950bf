package crash

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/vault"
)

// The release before this one: the newest migration it had, its commit, and a
// shop that it left behind, with an order in every state.
const (
	lastVersion = 9
	lastRelease = "b8e0d6f"
	lastShop    = "testdata/release-0009.json.gz"
)

// leftBehind is a database in words.
type leftBehind struct {
	Tables []struct {
		Table   string
		Columns []string
		Types   []string
		Rows    [][]any
	}
	Orders map[string]id.Order
}

// TestUpgrade brings the shop of the release before to this one's schema: the
// records agree, and its orders live on.
func TestUpgrade(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC) // right after it was left
	for name, dsn := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(t.TempDir(), "lindu.db") },
		"postgres": func() string { return dbtest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			d, err := db.Open(ctx, dsn(), db.Options{Clock: clock.NewFake(start), MaxConns: 4})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			old := restoreLast(t, d)
			if err := app.Migrate(ctx, d); err != nil {
				t.Fatal(err)
			}
			if v, err := d.Version(ctx); err != nil || v <= lastVersion {
				t.Fatalf("version %d, %v", v, err)
			}
			agree(t, d)
			liveOn(t, d, old)
			agree(t, d)
		})
	}
}

func agree(t *testing.T, d *db.DB) {
	t.Helper()
	rep, err := fsck.Run(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rep.Checks {
		for _, f := range c.Findings {
			t.Errorf("%s: %s", c.Name, f)
		}
	}
}

// restoreLast makes the schema of the release before and fills it.
func restoreLast(t *testing.T, d *db.DB) leftBehind {
	t.Helper()
	conn, dialect := d.Writer(), goose.DialectSQLite3
	if d.Pool() != nil {
		conn, dialect = stdlib.OpenDBFromPool(d.Pool()), goose.DialectPostgres
		defer conn.Close()
	}
	p, err := goose.NewProvider(dialect, conn, os.DirFS(filesOf(t, d.Dialect)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), lastVersion); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(lastShop)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var old leftBehind
	dec := json.NewDecoder(z)
	dec.UseNumber()
	if err := dec.Decode(&old); err != nil {
		t.Fatal(err)
	}
	fill := func(tx *db.Tx) error { return old.insert(t.Context(), tx) }
	if err := d.Update(t.Context(), fill); err != nil {
		t.Fatal(err)
	}
	return old
}

// filesOf is a folder of the migrations of one database, under common names.
func filesOf(t *testing.T, dialect db.Dialect) string {
	t.Helper()
	dir := t.TempDir()
	files, err := filepath.Glob("../../internal/db/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, f := range files {
		stem, special, is := strings.Cut(strings.TrimSuffix(filepath.Base(f), ".sql"), ".")
		if is && db.Dialect(special) != dialect {
			continue
		}
		b, err := os.ReadFile(f)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, stem+".sql"), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (old leftBehind) insert(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `DELETE FROM ledger_account`); err != nil { // those the migration made
		return err
	}
	for _, table := range old.Tables {
		q := `INSERT INTO ` + table.Table + ` (` + strings.Join(table.Columns, ", ") + `) VALUES (` + db.In(1, len(table.Columns)) + `)`
		for _, row := range table.Rows {
			for i, v := range row {
				n, number := v.(json.Number)
				switch {
				case table.Types[i] == "BOOLEAN":
					row[i] = v == true || number && n == "1"
				case number:
					whole, err := n.Int64()
					if err != nil {
						return err
					}
					row[i] = whole
				}
			}
			if _, err := tx.Exec(ctx, q, row...); err != nil {
				return fmt.Errorf("%s: %w", table.Table, err)
			}
		}
	}
	return nil
}

// liveOn does with the old orders what comes next for each, and sells more of
// the old lots.
func liveOn(t *testing.T, d *db.DB, old leftBehind) {
	t.Helper()
	ctx := t.Context()
	v, err := vault.New(make([]byte, vault.KeySize)) // as the shop was sealed
	if err != nil {
		t.Fatal(err)
	}
	f := &flow.Flow{DB: d, Vault: v, Log: slog.New(slog.DiscardHandler), Desk: orderdesk.New(d, orderdesk.Options{}),
		UnpaidFor: 15 * time.Minute, ReceivedAfter: time.Hour, DoneAfter: time.Hour}
	defer f.Desk.Close(ctx) //nolint:errcheck // nothing waits
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	staff := actor.Actor{User: "staff", Name: "Staff", Roles: []actor.Role{actor.Finance, actor.Packer, actor.Service}, Via: "test"}
	of := func(name string) (order.Order, actor.Actor) {
		o, err := order.ByID(ctx, d, old.Orders[name])
		must(name, err)
		return o, actor.Actor{User: o.Buyer, Name: "Buyer", Via: "test"}
	}
	paid, _ := of("paid")
	_, err = f.ShipOrder(ctx, staff, paid.ID, shipping.CarrierList()[0].Code, "SF99900011122")
	must("ship", err)
	shipped, who := of("shipped")
	_, err = f.ReceiveOrder(ctx, who, shipped.ID)
	must("receive", err)
	unpaid, who := of("unpaid")
	_, err = f.ConfirmOffline(ctx, staff, unpaid.ID, unpaid.Total, "bank")
	must("pay", err)
	_, err = f.CancelOrder(ctx, who, unpaid.ID)
	must("cancel", err)
	back, _ := of("refunding")
	rs, err := payment.Refunds(ctx, d, back.ID)
	must("refunds", err)
	for _, r := range rs {
		must("refund", f.ConfirmRefund(ctx, staff, r.ID, "bank"))
	}
	var address id.Address
	must("address", d.QueryRow(ctx, `SELECT id FROM user_address WHERE user_id = $1`, who.User).Scan(&address))
	again, err := f.PlaceOrder(ctx, who, flow.PlaceIn{Key: newKey("more"), Show: unpaid.Show, Address: address, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: unpaid.Lines[0].Item, Units: 1, Price: unpaid.Lines[0].Price}}})
	must("order more", err)
	if again.State != order.Unpaid {
		t.Errorf("%+v", again)
	}
	_, err = f.AdvanceOrders(ctx)
	must("advance", err)
}

// TestUpgradeUnderLoad goes from the binary of the release before to this one
// and back while a crowd buys and asks again with its keys. Both run on the new
// schema: what the newer one adds must not be in the older one's way (expand
// first, contract a release later). It builds the release before from the
// repository's history, which takes a minute, so only `make crash` does it.
func TestUpgradeUnderLoad(t *testing.T) {
	if os.Getenv("LINDU_TEST_CYCLES") == "" {
		t.Skip("`make crash` does it: the release before is built from history")
	}
	last := buildLast(t)
	onEach(t, func(t *testing.T, c *centre) {
		c.expect = func(string) bool { return true } // judged by what buyers are told
		s := prepare(c, killCrowd+1, plenty)
		var gaps []time.Duration
		c.binary, c.older = last, true
		s.start()
		r := s.sell(easy, func(r *run) {
			for _, program := range []string{"", last, "", last, ""} {
				r.enough(mostAcks)
				c.askToStop()
				from := time.Now()
				c.waitStopped()
				c.binary, c.older = program, program == last
				s.start()
				r.enough(1)
				gaps = append(gaps, time.Since(from))
				if program == "" { // the older one's checks know the older one's columns
					c.fsck()
				}
			}
			r.lastCall(atTheEnd)
		})
		missing, oversold := r.soldOut()
		t.Logf("old and new in turns: acknowledged %d, retried %d, missing %d, oversold %d, from the stop to the next order %v", len(r.told), r.retried, missing, oversold, gaps)
	})
}

// buildLast builds the release before.
func buildLast(t *testing.T) string {
	t.Helper()
	if ready := os.Getenv("LINDU_TEST_LAST_BINARY"); ready != "" {
		return ready
	}
	dir := t.TempDir()
	run := func(name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			missing(t, fmt.Sprintf("the release before (%s %s: %v %s)", name, strings.Join(args, " "), err, out))
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	run("git", "clone", "-q", "--no-checkout", root, "src")
	run("git", "-C", "src", "checkout", "-q", lastRelease)
	dir = filepath.Join(dir, "src")
	run("go", "build", "-o", "lindu", "./cmd/lindu")
	return filepath.Join(dir, "lindu")
}
