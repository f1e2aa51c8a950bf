package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// RecordingKind says as what a show's picture is to be recorded now, "" for not
// at all. Rehearsals are kept only where the centre wants it.
func (f *Flow) RecordingKind(ctx context.Context, s id.Show) (string, error) {
	sh, err := show.ByID(ctx, f.DB, s)
	switch {
	case fault.Is(err, fault.NotFound):
		return "", nil
	case err != nil:
		return "", err
	case sh.State == show.Live && sh.Practice:
		return recording.Practice, nil
	case sh.State == show.Live:
		return recording.Live, nil
	case !sh.Over() && f.KeepRehearsals:
		return recording.Rehearsal, nil
	}
	return "", nil
}

// KeepChunk stores a finished chunk of a recording and then notes it: what is in
// the list is in the store. The same chunk twice is one.
func (f *Flow) KeepChunk(ctx context.Context, c record.Chunk, file []byte) error {
	s := id.Show(c.Stream)
	out := recording.Chunk{ID: id.Chunk(c.ID), Show: s, Run: id.Chunk(c.Run), Kind: c.Kind, File: recording.FileOf(s, id.Chunk(c.ID)),
		Starts: c.Starts, Duration: c.Duration, Bytes: c.Bytes, SHA256: c.SHA256, InitBytes: c.InitBytes, Codecs: c.Codecs, Width: c.Width, Height: c.Height}
	groups := make([]recording.Piece, len(c.Groups))
	for i, g := range c.Groups {
		groups[i] = recording.Piece{Offset: g.Offset, Bytes: g.Bytes, Duration: g.Duration}
	}
	out.Pieces = recording.Pieces(groups, func(i int) bool { return c.Groups[i].Key })
	if err := f.Films.Put(ctx, out.File, bytes.NewReader(file)); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error { return recording.Note(ctx, tx, out) })
}

// Kept is why and until when something is kept.
type Kept struct {
	Class  string
	Until  time.Time // zero: nothing runs yet
	Orders bool      // an order of the show is unfinished
	Case   bool      // an after-sale case or a complaint is open
	Locked bool
}

// Due tells whether it may go.
func (k Kept) Due(now time.Time) bool {
	return !k.Until.IsZero() && now.After(k.Until) && !k.Orders && !k.Case && !k.Locked
}

// KeptUntil says how long what is kept of a show of one kind is kept, and why.
func (f *Flow) KeptUntil(ctx context.Context, q db.Querier, sum recording.Sum, disputed map[id.Show]bool, locks map[id.Show]recording.Lock) (Kept, error) {
	_, locked := locks[sum.Show]
	k := Kept{Class: sum.Kind, Locked: locked, Case: disputed[sum.Show]}
	if sum.Kind != recording.Live {
		k.Until = sum.To.Add(f.Retention.For(k.Class))
		return k, nil
	}
	sh, err := show.ByID(ctx, q, sum.Show)
	if err != nil {
		return k, err
	}
	st, err := order.OfShow(ctx, q, sum.Show)
	if err != nil {
		return k, err
	}
	k.Class, k.Orders = recording.Shown, st.Unfinished > 0
	if st.Orders > 0 {
		k.Class = recording.Sold
	}
	if !sh.Over() {
		return k, nil // it runs still
	}
	from := sum.To
	for _, t := range []time.Time{sh.EndedAt, st.Last} {
		if t.After(from) {
			from = t
		}
	}
	k.Until = from.Add(f.Retention.For(k.Class))
	return k, nil
}

// Disputed lists the shows that a case or a complaint is open about.
func (f *Flow) Disputed(ctx context.Context) (map[id.Show]bool, error) {
	out := map[id.Show]bool{}
	open, err := review.OpenAbout(ctx, f.DB)
	if err != nil {
		return nil, err
	}
	var orders []id.Order
	for _, c := range open {
		switch c.Kind {
		case "show":
			out[id.Show(c.ID)] = true
		case "order":
			orders = append(orders, id.Order(c.ID))
		}
	}
	cases, err := aftersale.OpenOrders(ctx, f.DB)
	if err != nil {
		return nil, err
	}
	for _, part := range chunks(append(orders, cases...), 200) {
		list, err := order.ByIDs(ctx, f.DB, part)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			out[o.Show] = true
		}
	}
	return out, nil
}

func chunks[T any](list []T, n int) (out [][]T) {
	for len(list) > 0 {
		k := min(n, len(list))
		out = append(out, list[:k])
		list = list[k:]
	}
	return out
}

const (
	expirePage  = 200
	removeBatch = 500
)

// ExpireRecordings deletes what need not be kept any longer, and tells how many
// files went. First the records say that it is deleted, then the files go; a
// file that stays is tried again by the next run.
func (f *Flow) ExpireRecordings(ctx context.Context) (int, error) {
	locks, err := recording.Locks(ctx, f.DB)
	if err != nil {
		return 0, err
	}
	disputed, err := f.Disputed(ctx)
	if err != nil {
		return 0, err
	}
	for before := id.Show(""); ; {
		page, err := recording.Sums(ctx, f.DB, before, expirePage)
		if err != nil {
			return 0, err
		}
		for _, s := range page {
			if err := f.expireRecording(ctx, s, disputed, locks); err != nil {
				return 0, err
			}
			before = s.Show
		}
		if len(page) < expirePage {
			break
		}
	}
	return f.removeFiles(ctx)
}

// expireRecording marks what there is of a show of a kind as deleted, if it is time. A
// lock that came meanwhile is seen: it is asked again in the transaction.
func (f *Flow) expireRecording(ctx context.Context, s recording.Sum, disputed map[id.Show]bool, locks map[id.Show]recording.Lock) error {
	k, err := f.KeptUntil(ctx, f.DB, s, disputed, locks)
	if err != nil || !k.Due(f.DB.Clock.Now()) {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		locks, err := recording.Locks(ctx, tx, s.Show)
		if err != nil {
			return err
		}
		k, err := f.KeptUntil(ctx, tx, s, disputed, locks)
		if err != nil || !k.Due(tx.Now) {
			return err
		}
		return recording.Forget(ctx, tx, actor.System("clock"), s.Show, s.Kind, k.Class, k.Until)
	})
}

// removeFiles removes the files of what is deleted.
func (f *Flow) removeFiles(ctx context.Context) (int, error) {
	n := 0
	for {
		list, err := recording.Going(ctx, f.DB, removeBatch)
		if err != nil || len(list) == 0 {
			return n, err
		}
		var gone []id.Chunk
		var errs []error
		for _, c := range list {
			if err := f.Films.Delete(ctx, c.File); err != nil {
				errs = append(errs, err)
				continue
			}
			gone = append(gone, c.ID)
		}
		if err := f.DB.Update(ctx, func(tx *db.Tx) error { return recording.Removed(ctx, tx, gone...) }); err != nil {
			return n, err
		}
		n += len(gone)
		if len(errs) > 0 {
			return n, fmt.Errorf("recording: %d files stay: %w", len(errs), errors.Join(errs[0]))
		}
	}
}

// CheckFiles looks whether the files of what is kept are there and as long as
// they should be; with deep it also reads them and compares the SHA-256. It tells
// how many it looked at and what is wrong, at most most findings.
func (f *Flow) CheckFiles(ctx context.Context, deep bool, most int) (looked int64, wrong []string, err error) {
	for after := id.Chunk(""); ; {
		page, err := recording.Page(ctx, f.DB, after, expirePage)
		if err != nil {
			return looked, wrong, err
		}
		for _, c := range page {
			after = c.ID
			looked++
			why, err := f.checkFile(ctx, c, deep)
			if err != nil {
				return looked, wrong, err
			}
			if why != "" {
				wrong = append(wrong, fmt.Sprintf("recording %s of show %s: %s", c.ID, c.Show, why))
			}
			if len(wrong) >= most {
				return looked, wrong, nil
			}
		}
		if len(page) < expirePage {
			return looked, wrong, nil
		}
	}
}
