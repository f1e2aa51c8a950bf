package rtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
)

// Defaults of the server, and limits that are no setting.
const (
	defaultMaxSessions = 512
	defaultMaxViewers  = 200
	// A centre's rooms and desks stand behind one address.
	defaultMaxPerIP = 32

	maxOffer       = 64 << 10
	connectWithin  = 15 * time.Second
	silentAfter    = 10 * time.Second // ICE hears nothing: disconnected
	deadAfter      = 15 * time.Second // and this long after that: failed
	keepAliveEvery = 2 * time.Second
	gatherWithin   = 3 * time.Second
	tcpReadBuffer  = 8 // packets
)

// Server holds the sessions. Set the fields, then Start.
type Server struct {
	Listen string // host:port of UDP and TCP; port 0 picks free ones
	// Public are the addresses peers reach the server at, when they are not the
	// machine's own: behind NAT, in a cloud. The ports must be the same.
	Public      []netip.Addr
	Hub         *media.Hub
	Log         *slog.Logger // default slog.Default
	MaxSessions int          // default 512
	MaxViewers  int          // default 200; staff don't count
	MaxPerIP    int          // for one IPv4 address or IPv6 /64, default 32

	api *webrtc.API
	udp net.PacketConn
	tcp net.Listener

	mu       sync.Mutex
	closed   bool
	sessions map[string]*session
	viewers  int
	perIP    map[netip.Prefix]int
	wg       sync.WaitGroup
}

// Stats counts sessions now.
type Stats struct{ Publishers, Viewers, Staff int }

// session is one peer connection.
type session struct {
	id     string
	pc     *webrtc.PeerConnection
	from   netip.Prefix
	viewer bool // counts against MaxViewers
	pub    *media.Publisher
	cancel context.CancelFunc
	once   sync.Once
}

// Start listens; the error is the listener's.
func (s *Server) Start() error {
	if s.Hub == nil {
		return errors.New("rtc: Server needs Hub")
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	s.MaxSessions, s.MaxViewers, s.MaxPerIP = or(s.MaxSessions, defaultMaxSessions), or(s.MaxViewers, defaultMaxViewers), or(s.MaxPerIP, defaultMaxPerIP)
	s.sessions, s.perIP = map[string]*session{}, map[netip.Prefix]int{}
	var err error
	if s.udp, s.tcp, err = listen(s.Listen); err != nil {
		return err
	}
	if s.api, err = s.newAPI(); err != nil {
		return errors.Join(err, s.udp.Close(), s.tcp.Close())
	}
	return nil
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// listen takes one port of both protocols. A free one must be free for both,
// so it is tried a few times.
func listen(addr string) (net.PacketConn, net.Listener, error) {
	for try := 0; ; try++ {
		u, err := net.ListenPacket("udp", addr)
		if err != nil {
			return nil, nil, err
		}
		host, port, _ := net.SplitHostPort(addr) // it has just been listened to
		if port == "0" {
			port = fmt.Sprint(u.LocalAddr().(*net.UDPAddr).Port)
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err == nil {
			return u, l, nil
		}
		u.Close()
		if try == 10 || port != "0" && addr != net.JoinHostPort(host, "0") {
			return nil, nil, err
		}
	}
}

// newAPI is pion with our codecs, our ports and nothing else.
func (s *Server) newAPI() (*webrtc.API, error) {
	var m webrtc.MediaEngine
	if err := codecs(&m); err != nil {
		return nil, err
	}
	var ir interceptor.Registry
	if err := errors.Join(webrtc.ConfigureNack(&m, &ir), webrtc.ConfigureRTCPReports(&ir), webrtc.ConfigureTWCCSender(&m, &ir)); err != nil {
		return nil, err
	}
	var se webrtc.SettingEngine
	se.SetLite(true)
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6})
	se.SetICEUDPMux(webrtc.NewICEUDPMux(nil, s.udp))
	se.SetICETCPMux(webrtc.NewICETCPMux(nil, s.tcp, tcpReadBuffer))
	se.SetICETimeouts(silentAfter, deadAfter, keepAliveEvery)
	se.SetIncludeLoopbackCandidate(len(s.Public) == 0)
	if len(s.Public) > 0 {
		external := make([]string, len(s.Public))
		for i, a := range s.Public {
			external[i] = a.String()
		}
		if err := se.SetICEAddressRewriteRules(webrtc.ICEAddressRewriteRule{External: external, AsCandidateType: webrtc.ICECandidateTypeHost, Mode: webrtc.ICEAddressRewriteReplace}); err != nil {
			return nil, fmt.Errorf("rtc: public addresses: %w", err)
		}
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(&m), webrtc.WithInterceptorRegistry(&ir), webrtc.WithSettingEngine(se)), nil
}

// h264 with one slice-independent profile that every phone encodes, once with
// packetization mode 1 as constrained baseline and once as baseline, which
// some encoders say instead (RFC 6184, 8.1).
func codecs(m *webrtc.MediaEngine) error {
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}, {Type: "transport-cc"}}
	h264 := func(pt webrtc.PayloadType, profile string) error {
		return m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: pt, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeH264, ClockRate: videoRate, RTCPFeedback: feedback,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + profile}}, webrtc.RTPCodecTypeVideo)
	}
	return errors.Join(h264(96, "42e01f"), h264(106, "42001f"), m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111,
		RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}},
		webrtc.RTPCodecTypeAudio))
}

// Port is the one of UDP and TCP.
func (s *Server) Port() int { return s.udp.LocalAddr().(*net.UDPAddr).Port }

// Stats counts sessions.
func (s *Server) Stats() (st Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		switch {
		case x.pub != nil:
			st.Publishers++
		case x.viewer:
			st.Viewers++
		default:
			st.Staff++
		}
	}
	return st
}

// open makes a session and counts it in, unless a limit is reached.
func (s *Server) open(ctx context.Context, remote string, viewer bool) (*session, context.Context, error) {
	full := fault.New(fault.Unavailable, "media.rtc_full").After(10 * time.Second)
	x := &session{id: id.New[string](), from: network(remote), viewer: viewer}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, nil, fault.New(fault.Unavailable, "media.stopping")
	case len(s.sessions) >= s.MaxSessions, viewer && s.viewers >= s.MaxViewers, s.perIP[x.from] >= s.MaxPerIP:
		return nil, nil, full
	}
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, nil, err
	}
	x.pc = pc
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	x.cancel = cancel
	s.sessions[x.id] = x
	s.perIP[x.from]++
	if viewer {
		s.viewers++
	}
	return x, run, nil
}

// close ends a session once and counts it out.
func (s *Server) close(x *session) {
	x.once.Do(func() {
		x.cancel()
		s.mu.Lock()
		delete(s.sessions, x.id)
		if s.perIP[x.from]--; s.perIP[x.from] == 0 {
			delete(s.perIP, x.from)
		}
		if x.viewer {
			s.viewers--
		}
		pub := x.pub
		s.mu.Unlock()
		if pub != nil {
			pub.Close()
		}
		_ = x.pc.Close() // nobody is left to tell
	})
}

// End closes a session; false when there is none of this id. Who knows an id
// may end it: it is as long as a password and told only to its peer.
func (s *Server) End(id string) bool {
	s.mu.Lock()
	x := s.sessions[id]
	s.mu.Unlock()
	if x == nil {
		return false
	}
	s.close(x)
	return true
}

// Close ends everything and waits.
func (s *Server) Close() {
	if s.udp == nil {
		return
	}
	s.mu.Lock()
	s.closed = true
	var all []*session
	for _, x := range s.sessions {
		all = append(all, x)
	}
	s.mu.Unlock()
	for _, x := range all {
		s.close(x)
	}
	s.wg.Wait()
	s.tcp.Close()
	s.udp.Close()
}

// answer takes the offer and gives the answer, with every address in it.
func (s *Server) answer(x *session, offer string) (string, error) {
	bad := func(err error) error { return fault.New(fault.Invalid, "media.rtc_offer").Because(err) }
	if len(offer) > maxOffer {
		return "", bad(fmt.Errorf("rtc: offer of %d bytes", len(offer)))
	}
	if err := x.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", bad(err)
	}
	a, err := x.pc.CreateAnswer(nil)
	if err != nil {
		return "", bad(err)
	}
	gathered := webrtc.GatheringCompletePromise(x.pc)
	if err := x.pc.SetLocalDescription(a); err != nil {
		return "", bad(err)
	}
	select {
	case <-gathered:
	case <-time.After(gatherWithin):
		return "", fault.New(fault.Unavailable, "media.rtc_full")
	}
	return x.pc.LocalDescription().SDP, nil
}

// follow closes the session when it does not connect in time, and when its
// connection is lost for good; connected is called once.
func (s *Server) follow(run context.Context, x *session, connected func()) {
	up := make(chan struct{})
	var once sync.Once
	x.pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
		switch st {
		case webrtc.PeerConnectionStateConnected:
			once.Do(func() { close(up); connected() })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			go s.close(x) // not from pion's own goroutine, which Close waits for
		}
	})
	s.wg.Go(func() {
		t := time.NewTimer(connectWithin)
		defer t.Stop()
		select {
		case <-up:
		case <-run.Done():
		case <-t.C:
			s.close(x)
		}
	})
}

// network is whom a limit counts as one: an address, or an IPv6 /64.
func network(remote string) netip.Prefix {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		return netip.Prefix{}
	}
	if a = a.Unmap(); a.Is4() {
		return netip.PrefixFrom(a, 32)
	}
	p, _ := a.WithZone("").Prefix(64) // 64 fits every IPv6 address
	return p
}
