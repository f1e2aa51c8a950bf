package loop

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/codecs"
	"github.com/bluenviron/gortmplib/pkg/message"
)

const (
	firstBackOff = 500 * time.Millisecond
	maxBackOff   = 10 * time.Second
	connectLimit = 10 * time.Second
	writeLimit   = 5 * time.Second
	maxLate      = time.Second // later than this and the time line is moved
)

// Publisher plays a clip to an RTMP server until it is closed.
type Publisher struct {
	URL  string // rtmp://host:port/live/KEY
	Clip *Clip
	Log  *slog.Logger // default slog.Default

	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// Start begins to publish; a server that is not there yet is waited for.
func (p *Publisher) Start() error {
	u, err := url.Parse(p.URL)
	if err != nil || u.Scheme != "rtmp" || u.Host == "" {
		return errors.New("loop: URL must be rtmp://host:port/live/KEY") // the key stays out of logs
	}
	if p.Clip == nil {
		return errors.New("loop: Publisher needs Clip")
	}
	if p.Log == nil {
		p.Log = slog.Default()
	}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.wg.Go(func() { p.run(ctx, u) })
	return nil
}

// Close stops publishing and waits. Without Start it does nothing.
func (p *Publisher) Close() {
	if p.cancel == nil {
		return
	}
	p.cancel()
	p.wg.Wait()
}

// run publishes again and again.
func (p *Publisher) run(ctx context.Context, u *url.URL) {
	wait := firstBackOff
	for {
		began := time.Now()
		err := p.publish(ctx, u)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > maxBackOff {
			wait = firstBackOff
		}
		p.Log.Warn("loop: publishing stopped, trying again", "in", wait, "err", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = min(2*wait, maxBackOff)
	}
}

// publish is one connection, from dialling to its end.
func (p *Publisher) publish(ctx context.Context, u *url.URL) error {
	dial, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	c := &gortmplib.Client{URL: u, Publish: true}
	if err := c.Initialize(dial); err != nil {
		return err
	}
	cut := context.AfterFunc(ctx, c.Close)
	defer cut()

	// What the server says has to be read, or it stops when its buffer is full.
	heard := make(chan error, 1)
	go func() { heard <- listen(c) }()

	err := p.play(ctx, c)
	c.Close()
	return errors.Join(err, <-heard)
}

// listen reads until the connection ends and gives the server's last words.
func listen(c *gortmplib.Client) error {
	var words error
	for {
		msg, err := c.Read()
		if err != nil {
			return words
		}
		cmd, ok := msg.(*message.CommandAMF0)
		if !ok || cmd.Name != "onStatus" || len(cmd.Arguments) < 2 {
			continue
		}
		o, _ := cmd.Arguments[1].(amf0.Object)
		if level, _ := o.GetString("level"); level == "error" {
			text, _ := o.GetString("description")
			words = errors.New(text)
			c.Close() // it will not take anything more
		}
	}
}

// play sends the clip turn after turn, each sample at its time.
func (p *Publisher) play(ctx context.Context, c *gortmplib.Client) error {
	video := &gortmplib.Track{Codec: &codecs.H264{SPS: p.Clip.sps, PPS: p.Clip.pps}}
	w := &gortmplib.Writer{Conn: c, Tracks: []*gortmplib.Track{video}}
	var audio *gortmplib.Track
	if p.Clip.aac != nil {
		audio = &gortmplib.Track{Codec: &codecs.MPEG4Audio{Config: p.Clip.aac}}
		w.Tracks = append(w.Tracks, audio)
	}
	if err := w.Initialize(); err != nil {
		return err
	}
	zero := time.Now() // when the clip's time 0 was
	timer := time.NewTimer(0)
	defer timer.Stop()
	for turn := time.Duration(0); ; turn += p.Clip.length {
		for i := range p.Clip.samples {
			s := &p.Clip.samples[i]
			due := zero.Add(turn + s.DTS)
			if late := time.Since(due); late > maxLate {
				zero = zero.Add(late)
			} else if late < 0 {
				timer.Reset(-late)
				select {
				case <-timer.C:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if err := c.NetConn().SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
				return err
			}
			if err := send(w, video, audio, s, turn); err != nil {
				return err
			}
		}
	}
}

// send writes one sample, turn being how long the clip has played before.
func send(w *gortmplib.Writer, video, audio *gortmplib.Track, s *Sample, turn time.Duration) error {
	nals, frame, err := s.Read()
	switch {
	case err != nil:
		return err
	case s.Video:
		return w.WriteH264(video, turn+s.PTS, turn+s.DTS, nals)
	default:
		return w.WriteMPEG4Audio(audio, turn+s.PTS, frame)
	}
}
