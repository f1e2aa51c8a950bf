package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// videoPlan is what the viewers' process reads from its standard input.
type videoPlan struct {
	Addr    string        `json:"addr"`
	Low     bool          `json:"low"` // parts, with blocking reload
	Viewers int           `json:"viewers"`
	Ramp    time.Duration `json:"ramp"` // over which they come
	Warm    time.Duration `json:"warm"` // after which it counts
	For     time.Duration `json:"for"`
}

// videoTally is what it answers with, about the time that counts.
type videoTally struct {
	From    int64  `json:"from"` // unix ns
	To      int64  `json:"to"`
	Pieces  int64  `json:"pieces"`
	Late    int64  `json:"late"`
	Bytes   int64  `json:"bytes"` // of media
	Problem string `json:"problem,omitempty"`
}

// VideoLoad is the hidden command of the viewers: raw sockets, because they
// share the machine's cores with what is measured.
type VideoLoad struct{}

// Run reads a plan, does it, and prints the tally.
func (VideoLoad) Run(ctx context.Context) error {
	var p videoPlan
	if err := json.NewDecoder(os.Stdin).Decode(&p); err != nil {
		return err
	}
	t := p.run(ctx)
	return json.NewEncoder(os.Stdout).Encode(t)
}

func driveVideo(ctx context.Context, p videoPlan) (t videoTally, err error) {
	self, err := os.Executable()
	if err != nil {
		return t, err
	}
	in, err := json.Marshal(p)
	if err != nil {
		return t, err
	}
	cmd := exec.CommandContext(ctx, self, "bench", "video-load")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("bench: viewers: %w", err)
	}
	return t, json.Unmarshal(out, &t)
}

func (p videoPlan) run(ctx context.Context) videoTally {
	start := time.Now()
	from := start.Add(p.Warm)
	to := from.Add(p.For)
	ctx, cancel := context.WithDeadline(ctx, to)
	defer cancel()
	all := videoTally{From: from.UnixNano(), To: to.UnixNano()}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range p.Viewers {
		wg.Go(func() {
			v := &viewer{plan: p, from: from, to: to}
			wait(ctx, time.Until(start.Add(p.Ramp*time.Duration(i)/time.Duration(max(p.Viewers, 1)))))
			err := v.watch(ctx)
			mu.Lock()
			defer mu.Unlock()
			all.Pieces += v.tally.Pieces
			all.Late += v.tally.Late
			all.Bytes += v.tally.Bytes
			switch {
			case err != nil && ctx.Err() == nil:
				all.Late++ // who was thrown out saw nothing of the rest
				all.Problem = err.Error()
			case v.due.Before(to):
				all.Late++ // what it should show at the end never came
			}
		})
	}
	wg.Wait()
	return all
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// viewer plays the stream as a player does that never stalls: it begins three
// pieces behind, and a piece is late when it is not there by the time its
// picture is due.
type viewer struct {
	plan     videoPlan
	from, to time.Time
	tally    videoTally

	conn net.Conn
	r    *bufio.Reader
	due  time.Time // when the next piece's picture is due; zero before the first
	last string    // newest piece fetched
}

const (
	behind    = 3 // pieces
	videoPath = "/live/" + videoStream + "/"
)

func (v *viewer) watch(ctx context.Context) (err error) {
	if v.conn, err = (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", v.plan.Addr); err != nil {
		return err
	}
	defer v.conn.Close()
	stop := context.AfterFunc(ctx, func() { v.conn.Close() })
	defer stop()
	v.r = bufio.NewReaderSize(v.conn, 64<<10)
	if v.plan.Low {
		return v.low(ctx)
	}
	return v.plain(ctx)
}

// plain polls the playlist once a segment.
func (v *viewer) plain(ctx context.Context) error {
	for ctx.Err() == nil {
		asked := time.Now()
		b, status, err := v.get("plain.m3u8", true)
		if err != nil {
			return err
		}
		pause := 500 * time.Millisecond
		if status == 200 {
			p := parseList(b)
			fresh := v.fresh(p.segments)
			if err := v.fetch(fresh); err != nil {
				return err
			}
			if len(fresh) > 0 {
				pause = fresh[len(fresh)-1].dur
			}
		}
		wait(ctx, time.Until(asked.Add(pause)))
	}
	return nil
}

// low asks for each part's playlist, which the server holds back until it is.
func (v *viewer) low(ctx context.Context) error {
	ask := "low.m3u8"
	for ctx.Err() == nil {
		b, status, err := v.get(ask, true)
		if err != nil {
			return err
		}
		if status != 200 {
			wait(ctx, 200*time.Millisecond)
			continue
		}
		p := parseList(b)
		if err := v.fetch(v.fresh(p.parts)); err != nil {
			return err
		}
		ask = fmt.Sprintf("low.m3u8?_HLS_msn=%d&_HLS_part=%d&_HLS_skip=YES", p.msn, p.part)
	}
	return nil
}

type piece struct {
	name string
	dur  time.Duration
}

// fresh are the pieces after the newest that was fetched.
func (v *viewer) fresh(list []piece) []piece {
	if v.last == "" {
		return list[max(0, len(list)-behind):]
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].name == v.last {
			return list[i+1:]
		}
	}
	return list // it has fallen behind what is listed
}

func (v *viewer) fetch(list []piece) error {
	for _, p := range list {
		b, status, err := v.get(p.name, false)
		if err != nil {
			return err
		}
		if status != 200 {
			return fmt.Errorf("bench: %s answers %d", p.name, status)
		}
		_ = b
		v.last = p.name
		v.played(p.dur)
	}
	return nil
}

// played counts a piece that has arrived.
func (v *viewer) played(dur time.Duration) {
	now := time.Now()
	late := !v.due.IsZero() && now.After(v.due)
	if v.due.IsZero() || late {
		v.due = now // playback begins, or goes on after the stall
	}
	v.due = v.due.Add(dur)
	if now.Before(v.from) || now.After(v.to) {
		return
	}
	v.tally.Pieces++
	if late {
		v.tally.Late++
	}
}

// get asks for a file and reads the answer; the body is kept or thrown away.
func (v *viewer) get(name string, keep bool) (body []byte, status int, err error) {
	if err := v.conn.SetDeadline(time.Now().Add(15 * time.Second)); err != nil {
		return nil, 0, err
	}
	if _, err := v.conn.Write([]byte("GET " + videoPath + name + " HTTP/1.1\r\nHost: bench\r\n\r\n")); err != nil {
		return nil, 0, err
	}
	length := -1
	for first := true; ; first = false {
		line, err := v.r.ReadSlice('\n')
		if err != nil {
			return nil, 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first {
			if len(line) < 12 {
				return nil, 0, errors.New("bench: no HTTP")
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return nil, 0, err
			}
			continue
		}
		if len(line) == 0 {
			break
		}
		if rest, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(rest)); err != nil {
				return nil, 0, err
			}
		}
	}
	if length < 0 {
		return nil, 0, errors.New("bench: an answer without a length")
	}
	if keep {
		body = make([]byte, length)
		_, err = readFull(v.r, body)
		return body, status, err
	}
	n, err := v.r.Discard(length)
	if now := time.Now(); now.After(v.from) && now.Before(v.to) {
		v.tally.Bytes += int64(n)
	}
	return nil, status, err
}

func readFull(r *bufio.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// playlistView is what a viewer needs of a playlist.
type playlistView struct {
	segments, parts []piece
	msn             int64 // of the segment under way
	part            int   // that comes next in it
}

func parseList(b []byte) (p playlistView) {
	var dur time.Duration
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "#EXT-X-PART:"):
			at, name := strings.Index(line, "DURATION="), strings.Index(line, `URI="`)
			if at < 0 || name < 0 {
				continue
			}
			p.parts = append(p.parts, piece{until(line[name+5:], '"'), seconds(until(line[at+9:], ','))})
			p.part++
		case strings.HasPrefix(line, "#EXT-X-MEDIA-SEQUENCE:"):
			p.msn, _ = strconv.ParseInt(line[len("#EXT-X-MEDIA-SEQUENCE:"):], 10, 64)
		case strings.HasPrefix(line, "#EXT-X-SKIP:SKIPPED-SEGMENTS="):
			n, _ := strconv.ParseInt(line[len("#EXT-X-SKIP:SKIPPED-SEGMENTS="):], 10, 64)
			p.msn += n
		case strings.HasPrefix(line, "#EXTINF:"):
			dur = seconds(until(line[len("#EXTINF:"):], ','))
		case line != "" && line[0] != '#':
			p.segments = append(p.segments, piece{line, dur})
			p.msn++
			p.part = 0
		}
	}
	return p
}

func until(s string, end byte) string {
	if i := strings.IndexByte(s, end); i >= 0 {
		return s[:i]
	}
	return s
}

func seconds(s string) time.Duration {
	f, _ := strconv.ParseFloat(s, 64)
	return time.Duration(f * float64(time.Second))
}
