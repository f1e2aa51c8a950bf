package watch

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// Every is how often Look is to be called.
const Every = 3 * time.Second

// Clocks and limits of the alerts; doc.go says what they are for.
const (
	trafficAfter = 6 * time.Second
	trafficCalm  = 9 * time.Second
	trafficOld   = 5 * time.Minute
	pictureAfter = 5 * time.Second
	pictureCalm  = 5 * time.Second
	wordsFor     = 10 * time.Minute
	queueAfter   = 30 * time.Second
	lateAfter    = 2 * time.Minute
	maxDrops     = 30
	maxShows     = 100
	maxAlerts    = 20 // of a show, the worst first
)

// Rules are the thresholds that a centre sets.
type Rules struct {
	Drop     int     // percent of the online that is lost in a minute
	Floor    int     // a room that never had so many raises no traffic alert
	LowUnits int64   // sell units left
	MinFPS   float64 // pictures a second
	MinKBit  int64   // kbit a second, picture and sound
}

// DefaultRules suit a county's rooms.
func DefaultRules() Rules { return Rules{Drop: 40, Floor: 20, LowUnits: 10, MinFPS: 15, MinKBit: 300} }

// Sight is what the process itself sees of a show.
type Sight struct {
	Online   int
	Stream   string   // idle, live, away, ended
	FPS      float64  // 0: not known yet
	KBit     int64    // kbit a second; 0: not known yet
	Drops    uint64   // units refused since the publisher began
	Warnings []string // message keys of the hub
}

// Kind of an alert.
type Kind string

// Kinds of alerts; doc.go has the table.
const (
	Traffic Kind = "traffic"
	Stock   Kind = "stock"
	Stream  Kind = "stream"
	Words   Kind = "words"
	Queue   Kind = "queue"
	Late    Kind = "late"
)

// Alert is something that somebody should look at now.
type Alert struct {
	ID    string  // this occurrence
	Topic string  // what it is about, the same the next time
	Show  id.Show //
	Kind  Kind
	Bad   bool // sales or picture stand still; else it is a warning
	// Key names the words, Do the words for what to do; both take Args.
	Key, Do string
	Args    []any
	Item    id.Item // of stock
	Since   time.Time
}

// Watch looks after the shows of a process.
type Watch struct {
	DB    *db.DB
	See   func(id.Show) Sight
	Rules Rules

	looking sync.Mutex // one Look at a time
	mu      sync.Mutex
	shows   map[id.Show]*watched
	told    map[id.Show][]Alert
}

// watched is what is remembered of a show between two looks.
type watched struct {
	crowd  crowd
	drops  uint64
	warned []string          // warnings of the hub that are told, or soon
	gauges map[string]*gauge // by topic
	seen   map[string]bool   // topics of this look
}

func (s *watched) gauge(topic string) *gauge {
	g := s.gauges[topic]
	if g == nil {
		g = &gauge{}
		s.gauges[topic] = g
	}
	s.seen[topic] = true
	return g
}

// Look reads what is and brings the alerts up to date.
func (w *Watch) Look(ctx context.Context) error {
	w.looking.Lock()
	defer w.looking.Unlock()
	now := w.DB.Clock.Now()
	shows, err := show.List(ctx, w.DB, show.Filter{States: []show.State{show.Live, show.Announced}, Limit: maxShows})
	if err != nil {
		return err
	}
	f, err := read(ctx, w.DB, now, shows)
	if err != nil {
		return err
	}
	next, told := make(map[id.Show]*watched, len(shows)), map[id.Show][]Alert{}
	for _, sh := range shows {
		s := w.shows[sh.ID]
		if s == nil {
			s = &watched{gauges: map[string]*gauge{}}
		}
		s.seen = map[string]bool{}
		next[sh.ID] = s
		if list := w.judge(now, sh, s, f); len(list) > 0 {
			told[sh.ID] = sorted(list)
		}
		for topic := range s.gauges {
			if !s.seen[topic] { // an item that left, a warning that is gone
				delete(s.gauges, topic)
			}
		}
	}
	w.shows = next
	w.mu.Lock()
	w.told = told
	w.mu.Unlock()
	return nil
}

// judge holds one show against the rules.
func (w *Watch) judge(now time.Time, sh show.Show, s *watched, f facts) []Alert {
	if sh.State != show.Live {
		return w.late(now, sh, s)
	}
	x := w.See(sh.ID)
	out := slices.Concat(w.picture(now, sh, s, x), w.traffic(now, sh, s, x), w.stock(now, sh, s, f.items[sh.ID]))
	return slices.Concat(out, w.words(f.heard[sh.ID]), w.queue(now, sh, f.held[sh.ID]))
}

// sorted puts the worst first, then what is new.
func sorted(list []Alert) []Alert {
	slices.SortStableFunc(list, func(a, b Alert) int {
		if a.Bad != b.Bad {
			if a.Bad {
				return -1
			}
			return 1
		}
		return b.Since.Compare(a.Since)
	})
	return list[:min(len(list), maxAlerts)]
}

// Alerts gives what holds now of shows, the worst first.
func (w *Watch) Alerts(shows ...id.Show) []Alert {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Alert
	for _, s := range shows {
		out = append(out, w.told[s]...)
	}
	return out
}

// alert makes an alert out of a gauge that is up.
func alert(sh id.Show, k Kind, topic string, since time.Time, bad bool, key string, args ...any) Alert {
	if topic != "" {
		topic = ":" + topic
	}
	topic = string(k) + topic
	return Alert{ID: topic + "@" + strconv.FormatInt(since.Unix(), 36), Topic: topic, Show: sh, Kind: k, Bad: bad,
		Key: "rooms.alert_" + key, Do: "rooms.do_" + key, Args: args, Since: since}
}
