package recording

import (
	"slices"
	"time"

	"lindu.example/lindu/internal/id"
)

// Kinds of what is recorded.
const (
	Live      = "live"
	Rehearsal = "rehearsal"
	Practice  = "practice"
)

// Kinds lists every kind.
var Kinds = []string{Live, Rehearsal, Practice}

// Classes of how long something is kept; doc.go has the table.
const (
	Sold  = "sold"
	Shown = "shown"
)

// LeastDays is what the law asks for what was sold live: three years, with a day
// for the leap year in them.
const LeastDays = 3*365 + 1

// Rules of how long what is kept.
type Rules struct {
	Sold, Shown, Practice, Rehearsal time.Duration
}

// For gives the time of a class; what the law asks for is never less than it.
func (r Rules) For(class string) time.Duration {
	switch class {
	case Sold:
		return max(r.Sold, LeastDays*24*time.Hour)
	case Practice:
		return r.Practice
	case Rehearsal:
		return r.Rehearsal
	}
	return max(r.Shown, LeastDays*24*time.Hour)
}

// Piece is what a playlist lists: some seconds of a chunk that begin at a key
// frame where there was one.
type Piece struct {
	Offset, Bytes int64
	Duration      time.Duration
}

// Chunk is a kept file.
type Chunk struct {
	ID            id.Chunk
	Show          id.Show
	Run           id.Chunk // the first chunk of its run, whose header serves all
	Kind          string
	File          string // key in the store
	Starts        time.Time
	Duration      time.Duration
	Bytes         int64
	SHA256        string
	InitBytes     int64
	Codecs        string
	Width, Height int
	Pieces        []Piece
	Kept, Deleted time.Time
}

// Ends is the world's time of its end.
func (c Chunk) Ends() time.Time { return c.Starts.Add(c.Duration) }

// FileOf is where a chunk's file stands in the store.
func FileOf(s id.Show, c id.Chunk) string { return "recording/" + string(s) + "/" + string(c) + ".mp4" }

// ClipFile is where a clip stands in the store, and PosterFile its still.
func ClipFile(s id.Show, c id.Clip) string { return "clip/" + string(s) + "/" + string(c) + ".mp4" }

// PosterFile is where a clip's still stands in the store.
func PosterFile(s id.Show, c id.Clip) string { return "clip/" + string(s) + "/" + string(c) + ".jpg" }

// Lock keeps a show's recording whatever its age.
type Lock struct {
	ID       id.Lock
	Show     id.Show
	Reason   string
	By       id.User
	At       time.Time
	Released time.Time
	Why      string
}

// Clip is a product's minutes as a video of its own.
type Clip struct {
	ID            id.Clip
	Show          id.Show
	Item          id.Item
	Name          string
	From, To      time.Time // asked for
	State         string    // queued, ready, failed, deleted
	Starts        time.Time // got
	Duration      time.Duration
	Bytes         int64
	Width, Height int
	Poster        string // "frame": made here, "page": by a browser, "": none but the product's
	Why           string
	Tries         int64
	By            id.User
	At            time.Time
}

// States of a clip.
const (
	Queued  = "queued"
	Ready   = "ready"
	Failed  = "failed"
	Deleted = "deleted"
)

// Span is a stretch of a recording without a hole: where in the replay stands
// what was shown when.
type Span struct {
	At       time.Time
	Pos, Dur time.Duration
}

// joinWithin is what two chunks may miss each other by and still be one span.
const joinWithin = time.Second

// Spans maps the world's time to the replay's. Chunks come in their order.
func Spans(chunks []Chunk) []Span {
	var out []Span
	var pos time.Duration
	for _, c := range chunks {
		if n := len(out); n > 0 {
			last := &out[n-1]
			if gap := c.Starts.Sub(last.At.Add(last.Dur)); gap < joinWithin && gap > -joinWithin {
				last.Dur += c.Duration
				pos += c.Duration
				continue
			}
		}
		out = append(out, Span{At: c.Starts, Pos: pos, Dur: c.Duration})
		pos += c.Duration
	}
	return out
}

// Position is where in the replay a moment is. A moment in a hole is where the
// picture came back (exact is false); one before or after is the near end.
func Position(spans []Span, at time.Time) (pos time.Duration, exact bool) {
	for _, s := range spans {
		if at.Before(s.At) {
			return s.Pos, false
		}
		if at.Before(s.At.Add(s.Dur)) {
			return s.Pos + at.Sub(s.At), true
		}
	}
	if n := len(spans); n > 0 {
		return spans[n-1].Pos + spans[n-1].Dur, false
	}
	return 0, false
}

// Moment is the world's time of a position of the replay.
func Moment(spans []Span, pos time.Duration) time.Time {
	for _, s := range slices.Backward(spans) {
		if pos >= s.Pos {
			return s.At.Add(min(pos-s.Pos, s.Dur))
		}
	}
	return time.Time{}
}

// Gap is a hole in a recording.
type Gap struct {
	From, To time.Time
}

// Gaps lists the holes between spans.
func Gaps(spans []Span) []Gap {
	var out []Gap
	for i := 1; i < len(spans); i++ {
		if from := spans[i-1].At.Add(spans[i-1].Dur); from.Before(spans[i].At) {
			out = append(out, Gap{from, spans[i].At})
		}
	}
	return out
}

// Total is the length of a recording.
func Total(chunks []Chunk) time.Duration {
	var d time.Duration
	for _, c := range chunks {
		d += c.Duration
	}
	return d
}
