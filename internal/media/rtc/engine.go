package rtc

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// Payload types that offers of our own tests use; in answers a browser's own count.
const (
	typeH264     = 96
	typeH264Main = 106
	typeOpus     = 111
)

const (
	videoRate = 90000 // ticks a second of H.264 in RTP (RFC 6184, 5.1)
	audioRate = 48000 // of Opus (RFC 7587, 4.1)
)

// A peer that is not heard for both is gone; a browser checks every 2.5 s.
const (
	quietFor   = 8 * time.Second
	lostAfter  = 7 * time.Second
	aliveEvery = 2 * time.Second
)

// engine is WebRTC as this package speaks it: H.264 and Opus, lost packets
// asked for again, feedback for the sender's bandwidth estimate.
func (s *Server) engine(udp ice.UDPMux, tcp ice.TCPMux) (*webrtc.API, error) {
	m := &webrtc.MediaEngine{}
	if err := registerCodecs(m); err != nil {
		return nil, err
	}
	reg := &interceptor.Registry{}
	log := logger{s.Log}
	for _, configure := range []func() error{
		func() error {
			return webrtc.ConfigureNackWithOptions(m, reg, []nack.GeneratorOption{nack.WithGeneratorLoggerFactory(log)}, nack.WithResponderLoggerFactory(log))
		},
		func() error { return webrtc.ConfigureTWCCSenderWithOptions(m, reg, twcc.WithLoggerFactory(log)) },
		func() error {
			return webrtc.ConfigureRTCPReportsWithOptions(reg, []report.ReceiverOption{report.WithReceiverLoggerFactory(log)}, report.WithSenderLoggerFactory(log))
		},
	} {
		if err := configure(); err != nil {
			return nil, fmt.Errorf("rtc: engine: %w", err)
		}
	}
	var e webrtc.SettingEngine
	e.LoggerFactory = log
	e.SetLite(true)
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetIncludeLoopbackCandidate(s.local())
	e.DisableActiveTCP(true)
	e.SetICETimeouts(s.quiet, s.lost, aliveEvery)
	var types []webrtc.NetworkType
	if udp != nil {
		e.SetICEUDPMux(udp)
		types = append(types, webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6)
	}
	if tcp != nil {
		e.SetICETCPMux(tcp)
		types = append(types, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	e.SetNetworkTypes(types)
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(reg), webrtc.WithSettingEngine(e)), nil
}

// registerCodecs: constrained baseline and baseline, which every browser sends and
// shows; what is sent may be of a higher profile all the same.
func registerCodecs(m *webrtc.MediaEngine) error {
	fb := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}}
	for pt, profile := range map[webrtc.PayloadType]string{typeH264: "42e01f", typeH264Main: "42001f"} {
		c := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: videoRate, RTCPFeedback: fb,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + profile}
		if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: c, PayloadType: pt}, webrtc.RTPCodecTypeVideo); err != nil {
			return fmt.Errorf("rtc: H264: %w", err)
		}
	}
	c := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{RTPCodecCapability: c, PayloadType: typeOpus}, webrtc.RTPCodecTypeAudio); err != nil {
		return fmt.Errorf("rtc: Opus: %w", err)
	}
	return nil
}

// logger gives pion's words to our log. They are about single packets and
// addresses, so they are for debugging only.
type logger struct{ log *slog.Logger }

// NewLogger implements logging.LoggerFactory.
func (l logger) NewLogger(scope string) logging.LeveledLogger {
	return scoped{l.log.With("scope", scope)}
}

type scoped struct{ log *slog.Logger }

func (scoped) Trace(string)                        {}
func (scoped) Tracef(string, ...any)               {}
func (scoped) Debug(string)                        {}
func (scoped) Debugf(string, ...any)               {}
func (scoped) Info(string)                         {}
func (scoped) Infof(string, ...any)                {}
func (s scoped) Warn(msg string)                   { s.log.Debug("rtc: " + msg) }
func (s scoped) Warnf(format string, args ...any)  { s.Warn(fmt.Sprintf(format, args...)) }
func (s scoped) Error(msg string)                  { s.log.Debug("rtc: " + msg) }
func (s scoped) Errorf(format string, args ...any) { s.Error(fmt.Sprintf(format, args...)) }
