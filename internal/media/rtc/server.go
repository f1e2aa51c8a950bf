package rtc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// Defaults of the server.
const (
	defaultMaxPublishers = 32
	defaultMaxViewers    = 200 // 0.25 % of a core and 1 to 2 Mbit/s each
	defaultMaxPerShow    = 200
	defaultMaxStaff      = 64
	// A centre's rooms and desks stand behind one address, so this is not small.
	defaultMaxPerIP = 64

	connectWithin = 15 * time.Second
	pictureWithin = 15 * time.Second
	silentAfter   = 10 * time.Second
	closeWait     = 5 * time.Second
)

// Server takes WHIP and WHEP. Set the fields, then Start. The HTTP part is its
// caller's: who may do what is decided there.
type Server struct {
	UDP    string   // host:port of the UDP port, "" for none; port 0 picks a free one
	TCP    string   // host:port of the TCP port, "" for none
	Public []string // addresses others reach us at: IP, or IP:port where NAT changes the port
	Hub    *media.Hub
	Log    *slog.Logger // default slog.Default

	MaxPublishers int // default 32
	MaxViewers    int // viewers in all, staff apart; default 200, negative for none
	MaxPerShow    int // viewers of one show; default 200
	MaxStaff      int // sessions of staff who watch; default 64
	MaxPerIP      int // sessions of one IPv4 address or IPv6 /64; default 64

	timeouts // fixed, but for tests

	api    *webrtc.API
	config webrtc.Configuration
	udp    net.PacketConn
	tcp    net.Listener
	muxes  []interface{ Close() error }
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	sessions map[string]*session
	count    counts
	on       map[string]*publishing // who publishes a stream now

	taken, refused, slow atomic.Uint64
}

type timeouts struct {
	connect, picture, silent, quiet, lost time.Duration
}

// counts are the sessions that are open.
type counts struct {
	publishers, viewers, staff int
	perShow                    map[string]int
	perIP                      map[string]int
}

// Stats counts sessions since Start.
type Stats struct {
	Publishers, Viewers, Staff int    // now
	Taken                      uint64 // answered
	Refused                    uint64 // told why not
	Slow                       uint64 // viewers let go because their network could not carry it
}

// Start opens the ports; the errors are the listeners'.
func (s *Server) Start() error {
	if s.Hub == nil {
		return errors.New("rtc: Server needs Hub")
	}
	if s.UDP == "" && s.TCP == "" {
		return errors.New("rtc: Server needs a UDP or a TCP port")
	}
	s.defaults()
	if _, err := s.public(); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return fmt.Errorf("rtc: certificate: %w", err)
	}
	s.config = webrtc.Configuration{Certificates: []webrtc.Certificate{*cert}, BundlePolicy: webrtc.BundlePolicyMaxBundle}
	s.sessions, s.on = map[string]*session{}, map[string]*publishing{}
	s.count = counts{perShow: map[string]int{}, perIP: map[string]int{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.listen(); err != nil {
		s.closePorts()
		return err
	}
	return nil
}

func (s *Server) defaults() {
	if s.Log == nil {
		s.Log = slog.Default()
	}
	for _, d := range []struct {
		v *int
		d int
	}{{&s.MaxPublishers, defaultMaxPublishers}, {&s.MaxViewers, defaultMaxViewers}, {&s.MaxPerShow, defaultMaxPerShow},
		{&s.MaxStaff, defaultMaxStaff}, {&s.MaxPerIP, defaultMaxPerIP}} {
		if *d.v == 0 {
			*d.v = d.d
		}
	}
	for _, d := range []struct {
		v *time.Duration
		d time.Duration
	}{{&s.connect, connectWithin}, {&s.picture, pictureWithin}, {&s.silent, silentAfter}, {&s.quiet, quietFor}, {&s.lost, lostAfter}} {
		if *d.v <= 0 {
			*d.v = d.d
		}
	}
}

// listen opens the ports and makes the engine that uses them.
func (s *Server) listen() error {
	var udp ice.UDPMux
	var tcp ice.TCPMux
	if s.UDP != "" {
		c, err := net.ListenPacket("udp", s.UDP)
		if err != nil {
			return err
		}
		s.udp = c
		grow(c)
		udp = webrtc.NewICEUDPMux(logger{s.Log}.NewLogger("udp"), c)
		s.muxes = append(s.muxes, udp)
	}
	if s.TCP != "" {
		ln, err := net.Listen("tcp", s.TCP)
		if err != nil {
			return err
		}
		s.tcp = newGate(ln, s.MaxPublishers+max(0, s.MaxViewers)+s.MaxStaff+tcpSpare, s.MaxPerIP+tcpSpare, s.tooSlow)
		tcp = ice.NewTCPMuxDefault(ice.TCPMuxParams{Listener: s.tcp, Logger: logger{s.Log}.NewLogger("tcp"), ReadBufferSize: 32,
			FirstStunBindTimeout: connectWithin, AliveDurationForConnFromStun: connectWithin})
		s.muxes = append(s.muxes, tcp)
	}
	api, err := s.engine(udp, tcp)
	s.api = api
	return err
}

// grow asks for socket buffers that hold a key frame for everybody; the system
// may give less.
func grow(c net.PacketConn) {
	if u, ok := c.(*net.UDPConn); ok {
		_ = u.SetReadBuffer(4 << 20)
		_ = u.SetWriteBuffer(4 << 20)
	}
}

// local tells whether the ports are open on this machine only.
func (s *Server) local() bool {
	for _, a := range []string{s.UDPAddr(), s.TCPAddr()} {
		if ap, err := netip.ParseAddrPort(a); err == nil && !ap.Addr().IsLoopback() {
			return false
		}
	}
	return true
}

// UDPAddr is where UDP is taken, "" for nowhere.
func (s *Server) UDPAddr() string {
	if s.udp == nil {
		return ""
	}
	return s.udp.LocalAddr().String()
}

// TCPAddr is where TCP is taken, "" for nowhere.
func (s *Server) TCPAddr() string {
	if s.tcp == nil {
		return ""
	}
	return s.tcp.Addr().String()
}

// Stats counts sessions.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Publishers: s.count.publishers, Viewers: s.count.viewers, Staff: s.count.staff,
		Taken: s.taken.Load(), Refused: s.refused.Load(), Slow: s.slow.Load()}
}

// Close ends every session, waits for all of them and closes the ports. Without
// Start it does nothing.
func (s *Server) Close() {
	if s.cancel == nil {
		return
	}
	s.mu.Lock()
	s.closed = true
	all := make([]*session, 0, len(s.sessions))
	for _, x := range s.sessions {
		all = append(all, x)
	}
	s.mu.Unlock()
	for _, x := range all {
		x.end(fault.New(fault.Unavailable, "media.stopping"))
	}
	s.cancel()
	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(closeWait): // closing the ports lets go who still waits for one
	}
	s.closePorts()
	<-done
}

func (s *Server) closePorts() {
	for _, m := range s.muxes {
		_ = m.Close() // it closes the socket below too
	}
	s.muxes = nil
	if s.udp != nil {
		_ = s.udp.Close()
	}
	if s.tcp != nil {
		_ = s.tcp.Close()
	}
}
