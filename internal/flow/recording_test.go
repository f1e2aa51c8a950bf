package flow_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

const filmDay = 24 * time.Hour

// cinema is a shop with a show that was recorded.
type cinema struct {
	*shoptest.Shop
	*flow.Flow
	t     *testing.T
	clk   *clock.Fake
	films blob.Store
	DB    *db.DB
	start time.Time
}

func eachCinema(t *testing.T, fn func(t *testing.T, c *cinema)) {
	t.Parallel()
	start := time.Date(2026, 9, 11, 19, 30, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		films, err := blob.NewDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		clk, ok := d.Clock.(*clock.Fake)
		if !ok {
			t.Fatal("no fake clock")
		}
		fn(t, &cinema{DB: d, Shop: shoptest.New(t, d), t: t, clk: clk, films: films, start: start,
			Flow: &flow.Flow{DB: d, Films: films, Retention: recording.Rules{Sold: recording.LeastDays * filmDay, Shown: recording.LeastDays * filmDay, Practice: 90 * filmDay, Rehearsal: 30 * filmDay}}})
	})
}

// film keeps turns of a clip of the given kind from a moment on.
func (c *cinema) film(kind string, at time.Time, turns int) []record.Packed {
	c.t.Helper()
	raw, err := os.ReadFile("../media/testdata/wide.mp4")
	if err != nil {
		c.t.Fatal(err)
	}
	clip, err := loop.Parse(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		c.t.Fatal(err)
	}
	sps, pps := clip.Video()
	f := &media.Format{Video: &media.VideoFormat{Codec: media.H264, SPS: sps, PPS: pps}}
	out, err := record.Pack(string(c.Show), kind, 2*clip.Length(), func(unit func(*media.Unit)) {
		for turn := range turns {
			for _, s := range clip.Samples() {
				if !s.Video {
					continue
				}
				nals, _, err := s.Read()
				if err != nil {
					c.t.Fatal(err)
				}
				d := time.Duration(turn)*clip.Length() + s.DTS
				u := &media.Unit{Session: 1, Format: f, Video: true, Key: s.Key, DTS: d, PTS: d + s.PTS - s.DTS, At: at.Add(d), NALs: nals}
				if s.Key {
					u.NALs = append([][]byte{sps, pps}, nals...)
				}
				unit(u)
			}
		}
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range out {
		if err := c.KeepChunk(c.t.Context(), p.Chunk, p.File); err != nil {
			c.t.Fatal(err)
		}
	}
	return out
}

func (c *cinema) chunks(kind string) []recording.Chunk {
	c.t.Helper()
	list, err := recording.Chunks(c.t.Context(), c.DB, c.Show, kind)
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

func (c *cinema) files() []string {
	c.t.Helper()
	keys, err := c.films.List(c.t.Context(), "recording/")
	if err != nil {
		c.t.Fatal(err)
	}
	return keys
}

// exec alters a row as only a test may: an order's life takes weeks.
func (c *cinema) exec(sql string, args ...any) {
	c.t.Helper()
	if _, err := c.DB.Exec(c.t.Context(), sql, args...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cinema) expire() int {
	c.t.Helper()
	n, err := c.ExpireRecordings(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// end takes the show to its end as it would have gone.
func (c *cinema) end() {
	c.t.Helper()
	c.exec(`UPDATE live_show SET state = 'ended', ended_us = $2 WHERE id = $1`, c.Show, clock.Us(c.clk.Now()))
}

// TestWhatSoldIsKeptThreeYears: nothing of a show that sold goes before three
// years after its last order was finished, whatever the settings say; rehearsals
// and practice go sooner, each after its own time.
func TestWhatSoldIsKeptThreeYears(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		c.Retention.Sold, c.Retention.Shown = time.Hour, time.Hour // nobody may set less than the law
		c.film(recording.Rehearsal, c.start.Add(-time.Hour), 2)
		c.film(recording.Practice, c.start.Add(-2*time.Hour), 2)
		c.film(recording.Live, c.start, 4)
		p := c.Product(1000)
		c.Lot(p, c.Farm, 9)
		who, _ := c.Buyer()
		o := id.New[id.Order]()
		c.exec(`INSERT INTO sale_order (id, no, buyer_id, show_id, state, goods_fen, freight_fen, total_fen, province, city, address_enc, no_return_ok, idem_key, idem_hash, placed_us, expires_us)
			VALUES ($1, $2, $3, $4, 'received', 1000, 0, 1000, '', '', '', $5, 'key-of-test', 'h', $6, $6)`, o, id.OrderNo(clock.DayOf(c.start)), who.User, c.Show, true, clock.Us(c.start))
		if n := c.expire(); n != 0 {
			t.Errorf("%d files of a running show went", n)
		}
		c.end()
		c.clk.Add(29 * filmDay)
		if n := c.expire(); n != 0 {
			t.Errorf("%d files went in the first month", n)
		}
		c.clk.Add(2 * filmDay)
		c.expire()
		if len(c.chunks(recording.Rehearsal)) != 0 || len(c.chunks(recording.Practice)) == 0 {
			t.Error("the rehearsal goes after 30 days, and only it")
		}
		c.clk.Add(60 * filmDay)
		c.expire()
		if len(c.chunks(recording.Practice)) != 0 {
			t.Error("the practice goes after 90 days")
		}
		// Four years later the order is still in dispute: nothing goes.
		c.clk.Add(4 * 365 * filmDay)
		if n := c.expire(); n != 0 {
			t.Errorf("%d files went while an order is unfinished", n)
		}
		c.exec(`UPDATE sale_order SET state = 'done', done_us = $2 WHERE id = $1`, o, clock.Us(c.clk.Now()))
		c.clk.Add((recording.LeastDays - 1) * filmDay)
		if n := c.expire(); n != 0 {
			t.Errorf("%d files went a day before the three years", n)
		}
		c.clk.Add(2 * filmDay)
		was := len(c.files())
		if n := c.expire(); n == 0 || n != was || len(c.files()) != 0 || len(c.chunks("")) != 0 {
			t.Errorf("%d of %d files went, %d left", n, was, len(c.files()))
		}
		c.tellsWhatWasDeleted("sold")
	})
}

// tellsWhatWasDeleted finds the deletion in the trail, and its rows.
func (c *cinema) tellsWhatWasDeleted(class string) {
	c.t.Helper()
	list, err := audit.List(c.t.Context(), c.DB, audit.Filter{ObjectKind: "show", ObjectID: string(c.Show)})
	if err != nil {
		c.t.Fatal(err)
	}
	found := false
	for _, e := range list {
		found = found || e.Action == "recording.deleted" && strings.Contains(e.Detail, `"class":"`+class+`"`)
	}
	if !found {
		c.t.Errorf("nothing in the trail says that a recording of class %s was deleted", class)
	}
	var n int64
	if err := c.DB.QueryRow(c.t.Context(), `SELECT COUNT(*) FROM recording_chunk WHERE deleted_us > 0 AND removed_us > 0 AND sha256 <> ''`).Scan(&n); err != nil || n == 0 {
		c.t.Errorf("%d rows of what was deleted, %v", n, err)
	}
}

// TestALockHoldsWhateverTheAge, and only an administrator takes it away.
func TestALockHoldsWhateverTheAge(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		ctx := t.Context()
		c.film(recording.Live, c.start, 2)
		c.end()
		service, admin, host := c.Person(actor.Service), c.Person(actor.Admin), c.Person(actor.Host)
		if err := c.LockRecording(ctx, host, c.Show, "x"); !fault.Is(err, fault.Denied) {
			t.Errorf("a host locks: %v", err)
		}
		if err := c.LockRecording(ctx, service, c.Show, "  "); !fault.HasKey(err, "recording.reason") {
			t.Errorf("without a reason: %v", err)
		}
		if err := c.LockRecording(ctx, service, c.Show, "complaint 17"); err != nil {
			t.Fatal(err)
		}
		if err := c.LockRecording(ctx, service, c.Show, "again"); !fault.HasKey(err, "recording.locked") {
			t.Errorf("twice: %v", err)
		}
		c.clk.Add(10 * 365 * filmDay)
		if n := c.expire(); n != 0 {
			t.Errorf("%d files of a locked show went", n)
		}
		if err := c.ReleaseRecording(ctx, service, c.Show, "over"); !fault.Is(err, fault.Denied) {
			t.Errorf("service takes it away: %v", err)
		}
		if err := c.ReleaseRecording(ctx, admin, c.Show, "the case is closed"); err != nil {
			t.Fatal(err)
		}
		// A complaint holds it too.
		buyer := c.Person()
		c.Do(func(tx *db.Tx) error {
			_, err := review.Complain(ctx, tx, buyer, review.Complaint{ObjectKind: "show", ObjectID: string(c.Show), Kind: "other", Body: "it was not as shown"})
			return err
		})
		if n := c.expire(); n != 0 {
			t.Errorf("%d files went while a complaint is open", n)
		}
		c.exec(`UPDATE complaint SET state = 'dismissed'`)
		if n := c.expire(); n == 0 {
			t.Error("nothing holds it and it stays")
		}
		c.tellsWhatWasDeleted("shown")
	})
}

// sticky refuses to delete.
type sticky struct {
	blob.Store
	err error
}

func (s *sticky) Delete(ctx context.Context, key string) error {
	if s.err != nil {
		return s.err
	}
	return s.Store.Delete(ctx, key)
}

// TestAFileThatStaysIsTriedAgain: nobody gets it any more, and it goes later.
func TestAFileThatStaysIsTriedAgain(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		c.film(recording.Live, c.start, 2)
		c.end()
		s := &sticky{Store: c.films, err: errors.New("away")}
		c.Films = s
		c.clk.Add(recording.LeastDays*filmDay + time.Hour)
		if _, err := c.ExpireRecordings(t.Context()); err == nil {
			t.Error("no word of the file that stays")
		}
		if len(c.chunks("")) != 0 || len(c.files()) == 0 {
			t.Error("it should be deleted for everybody, and its file still there")
		}
		s.err = nil
		if n := c.expire(); n == 0 || len(c.files()) != 0 {
			t.Errorf("%d went, left %v", n, c.files())
		}
	})
}

// TestKeptTwiceIsKeptOnce: the recorder may hand a chunk on again.
func TestKeptTwiceIsKeptOnce(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		made := c.film(recording.Live, c.start, 4)
		for _, p := range made {
			if err := c.KeepChunk(t.Context(), p.Chunk, p.File); err != nil {
				t.Fatal(err)
			}
		}
		list := c.chunks(recording.Live)
		if len(list) != len(made) || len(c.files()) != len(made) {
			t.Errorf("%d rows, %d files of %d chunks", len(list), len(c.files()), len(made))
		}
		for _, x := range list {
			var end int64 = x.InitBytes
			for _, p := range x.Pieces {
				if p.Offset != end {
					t.Errorf("a piece at %d, the one before ended at %d", p.Offset, end)
				}
				end += p.Bytes
			}
			if end != x.Bytes {
				t.Errorf("pieces end at %d of %d", end, x.Bytes)
			}
		}
	})
}

// TestCheckFilesFindsWhatIsMissing, shortened or altered.
func TestCheckFilesFindsWhatIsMissing(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		ctx := t.Context()
		c.film(recording.Live, c.start, 8)
		list := c.chunks("")
		if n, wrong, err := c.CheckFiles(ctx, true, 20); err != nil || n != int64(len(list)) || len(wrong) != 0 || len(list) < 3 {
			t.Fatalf("%d of %d, %v, %v", n, len(list), wrong, err)
		}
		body, _, err := c.films.Get(ctx, list[2].File)
		if err != nil {
			t.Fatal(err)
		}
		file, err := io.ReadAll(body)
		body.Close()
		if err != nil {
			t.Fatal(err)
		}
		file[len(file)-1] ^= 1
		for _, err := range []error{c.films.Delete(ctx, list[0].File), c.films.Put(ctx, list[1].File, strings.NewReader("short")), c.films.Put(ctx, list[2].File, bytes.NewReader(file))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, wrong, err := c.CheckFiles(ctx, false, 20)
		_, deep, err2 := c.CheckFiles(ctx, true, 20)
		if err != nil || err2 != nil || len(wrong) != 2 || len(deep) != 3 {
			t.Errorf("%v and %v, %v %v", wrong, deep, err, err2)
		}
	})
}

// TestAClipIsCutAndCanBeDeleted: a product's minutes become a file that begins at
// a key frame, once, for who may.
func TestAClipIsCutAndCanBeDeleted(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		ctx := t.Context()
		c.film(recording.Live, c.start, 6)
		it := c.Item(c.Product(1000), 1000)
		op, stranger := c.Person(actor.Operator), c.Person(actor.Host)
		ask := recording.Clip{Show: c.Show, Item: it, From: c.start.Add(3 * time.Second), To: c.start.Add(8 * time.Second)}
		if _, err := c.AskClip(ctx, stranger, ask); !fault.HasKey(err, "show.not_yours") {
			t.Errorf("another host: %v", err)
		}
		long := ask
		long.To = ask.From.Add(recording.MaxClip + time.Second)
		if _, err := c.AskClip(ctx, op, long); !fault.HasKey(err, "recording.clip_length") {
			t.Errorf("too long: %v", err)
		}
		clip, err := c.AskClip(ctx, op, ask)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.AskClip(ctx, op, ask); err != nil || again.ID != clip.ID {
			t.Errorf("asked twice: %v, %v", again.ID, err)
		}
		if n, err := c.MakeClips(ctx); err != nil || n != 1 {
			t.Fatalf("%d made, %v", n, err)
		}
		made, err := recording.ClipByID(ctx, c.DB, c.Show, clip.ID)
		if err != nil || made.State != recording.Ready || made.Starts.After(ask.From) || made.Duration < 4*time.Second || made.Width == 0 {
			t.Fatalf("%+v, %v", made, err)
		}
		body, size, err := c.films.Get(ctx, recording.ClipFile(c.Show, clip.ID))
		if err != nil || size != made.Bytes {
			t.Fatalf("%d of %d bytes, %v", size, made.Bytes, err)
		}
		body.Close()
		if err := c.DropClip(ctx, op, c.Show, clip.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.films.Get(ctx, recording.ClipFile(c.Show, clip.ID)); !fault.Is(err, fault.NotFound) {
			t.Errorf("the deleted clip is still there: %v", err)
		}
		// Minutes without a picture fail, with words.
		ask.From, ask.To = c.start.Add(time.Hour), c.start.Add(time.Hour+time.Minute)
		none, err := c.AskClip(ctx, op, ask)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := c.MakeClips(ctx); err != nil || n != 0 {
			t.Errorf("%d made of nothing, %v", n, err)
		}
		if x, err := recording.ClipByID(ctx, c.DB, c.Show, none.ID); err != nil || x.State != recording.Failed || x.Why != "recording.clip_no_picture" {
			t.Errorf("%+v, %v", x, err)
		}
	})
}

// TestAnOrderLeadsToItsMinute, also across a hole in the picture.
func TestAnOrderLeadsToItsMinute(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		first := c.film(recording.Live, c.start, 4)
		var length time.Duration
		for _, p := range first {
			length += p.Duration
		}
		hole := 90 * time.Second
		back := c.start.Add(length + hole)
		c.film(recording.Live, back, 4)
		spans := recording.Spans(c.chunks(recording.Live))
		if len(spans) != 2 || len(recording.Gaps(spans)) != 1 {
			t.Fatalf("spans %v", spans)
		}
		near := func(a, b time.Duration) bool { return a-b < 50*time.Millisecond && b-a < 50*time.Millisecond }
		for _, x := range []struct {
			at    time.Time
			want  time.Duration
			exact bool
		}{
			{c.start.Add(2 * time.Second), 2 * time.Second, true},
			{c.start.Add(length + hole/2), length, false}, // nothing was shown: where it came back
			{back.Add(3 * time.Second), length + 3*time.Second, true},
			{c.start.Add(-time.Minute), 0, false},
			{back.Add(time.Hour), 2 * length, false},
		} {
			pos, exact := recording.Position(spans, x.at)
			if !near(pos, x.want) || exact != x.exact {
				t.Errorf("%v is at %v (%v), want %v (%v)", x.at.Sub(c.start), pos, exact, x.want, x.exact)
			}
			if exact {
				if m := recording.Moment(spans, pos); !near(m.Sub(x.at), 0) {
					t.Errorf("and back it is %v", m.Sub(c.start))
				}
			}
		}
		text := recording.Playlist(c.chunks(recording.Live), func(x recording.Chunk) string { return string(x.ID) })
		if strings.Count(text, "#EXT-X-DISCONTINUITY\n") != 1 || strings.Count(text, "#EXT-X-MAP:") != 2 || !strings.HasSuffix(text, "#EXT-X-ENDLIST\n") {
			t.Error(text)
		}
	})
}

// TestWhatIsRecordedWhen: a show on air; a rehearsal only where it is wanted; and
// what is no show never.
func TestWhatIsRecordedWhen(t *testing.T) {
	eachCinema(t, func(t *testing.T, c *cinema) {
		kind := func() string {
			t.Helper()
			k, err := c.RecordingKind(t.Context(), c.Show)
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		set := func(state show.State) { c.exec(`UPDATE live_show SET state = $2 WHERE id = $1`, c.Show, string(state)) }
		set(show.Announced)
		if k := kind(); k != "" {
			t.Errorf("announced: %q", k)
		}
		c.KeepRehearsals = true
		if k := kind(); k != recording.Rehearsal {
			t.Errorf("rehearsal: %q", k)
		}
		set(show.Live)
		if k := kind(); k != recording.Live {
			t.Errorf("live: %q", k)
		}
		set(show.Ended)
		if k := kind(); k != "" {
			t.Errorf("ended: %q", k)
		}
		if k, err := c.RecordingKind(t.Context(), id.New[id.Show]()); k != "" || err != nil {
			t.Errorf("no show: %q, %v", k, err)
		}
	})
}
