package hls

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A strict reader of what we write (RFC 8216bis): every tag must be known,
// stand where it may and have exactly its attributes. It knows nothing of the
// writer.

type mPart struct {
	uri         string
	dur         time.Duration
	independent bool
}

type mSegment struct {
	msn   int64
	uri   string // "" for the one under way
	dur   time.Duration
	disc  bool
	dseq  int64 // discontinuity sequence
	init  string
	date  time.Time
	parts []mPart
}

type mPlaylist struct {
	version, target int
	partTarget      time.Duration
	control         map[string]string
	msn, dseq       int64
	skipped         int
	segments        []mSegment
	open            *mSegment // parts without a segment yet
	hint            string
	tailDisc        bool
	ended           bool
}

func parse(t *testing.T, raw []byte) *mPlaylist {
	t.Helper()
	p, err := parsePlaylist(string(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return p
}

func parsePlaylist(s string) (*mPlaylist, error) {
	p := &mPlaylist{msn: -1, dseq: -1, control: map[string]string{}}
	lines := strings.Split(s, "\n")
	if len(lines) < 2 || lines[0] != "#EXTM3U" || lines[len(lines)-1] != "" {
		return nil, fmt.Errorf("does not begin with #EXTM3U, or not end with a line feed")
	}
	seen := map[string]bool{}
	var cur mSegment
	begun, inf, init := false, false, ""
	dseq := int64(0)
	touch := func() { // the first tag of a segment
		if !begun {
			begun = true
			cur = mSegment{msn: p.msn + int64(p.skipped) + int64(len(p.segments)), init: init, dseq: dseq}
		}
	}
	for _, l := range lines[1 : len(lines)-1] {
		if l == "" {
			return nil, fmt.Errorf("empty line")
		}
		if p.ended {
			return nil, fmt.Errorf("%q after the end", l)
		}
		if p.hint != "" {
			return nil, fmt.Errorf("%q after the hint", l)
		}
		if !strings.HasPrefix(l, "#") {
			if !inf || cur.init == "" || cur.date.IsZero() {
				return nil, fmt.Errorf("%q without EXTINF, MAP or date", l)
			}
			cur.uri = l
			p.segments = append(p.segments, cur)
			begun, inf = false, false
			continue
		}
		tag, val, _ := strings.Cut(l, ":")
		once := !strings.HasPrefix(tag, "#EXT-X-PART") && tag != "#EXTINF" && tag != "#EXT-X-PROGRAM-DATE-TIME" &&
			tag != "#EXT-X-DISCONTINUITY" && tag != "#EXT-X-MAP" || tag == "#EXT-X-PART-INF"
		if once && seen[tag] {
			return nil, fmt.Errorf("%s twice", tag)
		}
		if once && (begun || len(p.segments) > 0) && tag != "#EXT-X-PRELOAD-HINT" && tag != "#EXT-X-ENDLIST" {
			return nil, fmt.Errorf("%s between segments", tag)
		}
		seen[tag] = true
		if inf {
			return nil, fmt.Errorf("%s between EXTINF and its segment", tag)
		}
		var err error
		switch tag {
		case "#EXT-X-VERSION":
			p.version, err = strconv.Atoi(val)
		case "#EXT-X-TARGETDURATION":
			p.target, err = strconv.Atoi(val)
		case "#EXT-X-MEDIA-SEQUENCE":
			p.msn, err = strconv.ParseInt(val, 10, 64)
		case "#EXT-X-DISCONTINUITY-SEQUENCE":
			p.dseq, err = strconv.ParseInt(val, 10, 64)
			dseq = p.dseq
		case "#EXT-X-SERVER-CONTROL":
			p.control, err = attrs(val, "CAN-BLOCK-RELOAD", "PART-HOLD-BACK", "CAN-SKIP-UNTIL")
		case "#EXT-X-PART-INF":
			var a map[string]string
			if a, err = attrs(val, "PART-TARGET"); err == nil {
				p.partTarget, err = seconds(a["PART-TARGET"])
			}
		case "#EXT-X-SKIP":
			var a map[string]string
			if a, err = attrs(val, "SKIPPED-SEGMENTS"); err == nil {
				p.skipped, err = strconv.Atoi(a["SKIPPED-SEGMENTS"])
			}
		case "#EXT-X-DISCONTINUITY":
			if begun {
				return nil, fmt.Errorf("discontinuity inside a segment")
			}
			dseq++
			touch()
			cur.disc = true
		case "#EXT-X-MAP":
			if begun && (len(cur.parts) > 0 || !cur.date.IsZero()) {
				return nil, fmt.Errorf("MAP inside a segment")
			}
			var a map[string]string
			if a, err = attrs(val, "URI"); err == nil {
				init, err = quoted(a["URI"])
				touch()
				cur.init = init
			}
		case "#EXT-X-PROGRAM-DATE-TIME":
			touch()
			if len(cur.parts) > 0 {
				return nil, fmt.Errorf("date inside a segment")
			}
			cur.date, err = time.Parse("2006-01-02T15:04:05.000Z", val)
		case "#EXT-X-PART":
			if !begun || cur.init == "" {
				return nil, fmt.Errorf("part without a head")
			}
			var pt mPart
			if pt, err = part1(val); err == nil {
				cur.parts = append(cur.parts, pt)
			}
		case "#EXTINF":
			touch()
			if !strings.HasSuffix(val, ",") {
				return nil, fmt.Errorf("EXTINF without comma")
			}
			cur.dur, err = seconds(strings.TrimSuffix(val, ","))
			inf = true
		case "#EXT-X-PRELOAD-HINT":
			var a map[string]string
			if a, err = attrs(val, "TYPE", "URI"); err == nil && a["TYPE"] != "PART" {
				err = fmt.Errorf("hint of %s", a["TYPE"])
			}
			p.hint, _ = quoted(a["URI"])
		case "#EXT-X-ENDLIST":
			p.ended = true
		default:
			return nil, fmt.Errorf("unknown tag %q", l)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", l, err)
		}
	}
	if begun {
		if len(cur.parts) > 0 {
			p.open = &cur
		} else if p.tailDisc = cur.disc; !cur.disc || cur.init != init || !cur.date.IsZero() {
			return nil, fmt.Errorf("a head without a segment")
		}
	}
	if p.version == 0 || p.target == 0 || p.msn < 0 || p.dseq < 0 {
		return nil, fmt.Errorf("version, target or numbers are missing")
	}
	return p, nil
}

func part1(val string) (mPart, error) {
	val, independent := strings.CutSuffix(val, ",INDEPENDENT=YES")
	a, err := attrs(val, "DURATION", "URI")
	if err != nil {
		return mPart{}, err
	}
	p := mPart{independent: independent}
	if p.dur, err = seconds(a["DURATION"]); err != nil {
		return p, err
	}
	p.uri, err = quoted(a["URI"])
	return p, err
}

func attrs(s string, names ...string) (map[string]string, error) {
	out := map[string]string{}
	fields := strings.Split(s, ",")
	if len(fields) != len(names) {
		return nil, fmt.Errorf("want attributes %v", names)
	}
	for i, f := range fields {
		k, v, ok := strings.Cut(f, "=")
		if !ok || k != names[i] || v == "" {
			return nil, fmt.Errorf("want attribute %s", names[i])
		}
		out[k] = v
	}
	return out, nil
}

func quoted(s string) (string, error) {
	if len(s) < 3 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", fmt.Errorf("%s is not quoted", s)
	}
	return s[1 : len(s)-1], nil
}

func seconds(s string) (time.Duration, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f <= 0 || strings.ContainsAny(s, "eE+-") {
		return 0, fmt.Errorf("%q is no duration", s)
	}
	return time.Duration(f * float64(time.Second)).Round(10 * time.Microsecond), nil
}
