package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"lindu.example/lindu/internal/db"
)

// engine is a River client without its type of transaction.
type engine interface {
	start(ctx context.Context) error
	stop(ctx context.Context) error
	cancel(ctx context.Context) error
	insert(ctx context.Context, tx *db.Tx, a args, o *river.InsertOpts) error
}

type client[T any] struct {
	*river.Client[T]
	raw func(*db.Tx) T
}

func (c client[T]) start(ctx context.Context) error {
	return c.Start(context.WithoutCancel(ctx)) // ending ctx would cut sweeps short; Stop is the way
}
func (c client[T]) stop(ctx context.Context) error   { return c.Stop(ctx) }
func (c client[T]) cancel(ctx context.Context) error { return c.StopAndCancel(ctx) }
func (c client[T]) insert(ctx context.Context, tx *db.Tx, a args, o *river.InsertOpts) error {
	_, err := c.InsertTx(ctx, c.raw(tx), a, o)
	return err
}

func newEngine(d *db.DB, c *river.Config) (engine, error) {
	if d.Dialect == db.Postgres {
		r, err := river.NewClient(riverpgxv5.New(d.Pool()), c)
		return client[pgx.Tx]{r, (*db.Tx).PG}, err
	}
	r, err := river.NewClient(riversqlite.New(d.Writer()), c)
	return client[*sql.Tx]{r, (*db.Tx).SQL}, err
}

// Migrate brings River's own tables to the version this program knows. It
// comes after the schema of the product and may be repeated.
func Migrate(ctx context.Context, d *db.DB) error {
	cfg := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	var err error
	if d.Dialect == db.Postgres {
		err = migrate(ctx, func() (*rivermigrate.Migrator[pgx.Tx], error) { return rivermigrate.New(riverpgxv5.New(d.Pool()), cfg) })
	} else {
		err = migrate(ctx, func() (*rivermigrate.Migrator[*sql.Tx], error) {
			return rivermigrate.New(riversqlite.New(d.Writer()), cfg)
		})
	}
	if err != nil {
		return fmt.Errorf("job: migrate: %w", err)
	}
	return nil
}

func migrate[T any](ctx context.Context, open func() (*rivermigrate.Migrator[T], error)) error {
	m, err := open()
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// reporter logs failed sweeps: River would only store them.
type reporter struct{ log *slog.Logger }

func (r reporter) HandleError(ctx context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	r.log.ErrorContext(ctx, "sweep failed", "job", j.Kind, "try", j.Attempt, "err", err)
	return nil
}

func (r reporter) HandlePanic(ctx context.Context, j *rivertype.JobRow, val any, trace string) *river.ErrorHandlerResult {
	r.log.ErrorContext(ctx, "sweep panicked", "job", j.Kind, "try", j.Attempt, "panic", val, "trace", trace)
	return nil
}

// quiet keeps River's log to what somebody should act on: it tells of every
// start, election and cleaning otherwise.
type quiet struct{ slog.Handler }

func (h quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

// Handle leaves out what River says of its own stop: a periodic run that it
// cancels there is no error, and the next start makes up for it.
func (h quiet) Handle(ctx context.Context, r slog.Record) error {
	if errors.Is(ctx.Err(), context.Canceled) && cancelled(r) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func cancelled(r slog.Record) (yes bool) {
	r.Attrs(func(a slog.Attr) bool {
		yes = a.Key == "error" && a.Value.String() == context.Canceled.Error() // River logs the text
		return !yes
	})
	return yes
}

func (h quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(a)} }
func (h quiet) WithGroup(n string) slog.Handler      { return quiet{h.Handler.WithGroup(n)} }
