package rtc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
)

// Limits of an offer. A browser's is 4 to 8 KiB.
const (
	MaxOffer    = 64 << 10
	maxSections = 16
)

// Offer is what somebody asks for.
type Offer struct {
	Stream string // what to publish or to watch
	SDP    string
	Remote string // the address that limits count by
	// Owner names the person who publishes, "" for nobody known (media.Source).
	Owner string
	// May is asked again whether they may still publish (media.Source).
	May func(ctx context.Context) error
	// By names the page or device that asks; it stays the same over its retries.
	By string
	// Staff watches outside the viewers' cap.
	Staff bool
}

// Answer is what they get.
type Answer struct {
	Session string // for Leave: nobody else can guess it
	SDP     string
}

// check reads an offer before anything is made of it. kind is what must be in
// it: H.264 in at least one section.
func check(offer string) error {
	if len(offer) > MaxOffer {
		return fault.New(fault.TooLarge, "rtc.offer_large", "KiB", MaxOffer>>10)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(offer); err != nil {
		return badOffer(err)
	}
	if len(d.MediaDescriptions) == 0 || len(d.MediaDescriptions) > maxSections {
		return badOffer(fmt.Errorf("%d media sections", len(d.MediaDescriptions)))
	}
	video := false
	for _, m := range d.MediaDescriptions {
		if m.MediaName.Media != "video" {
			continue
		}
		video = true
		for _, a := range m.Attributes {
			if a.Key == "rtpmap" && strings.Contains(strings.ToUpper(a.Value), " H264/90000") {
				return nil
			}
		}
	}
	if video {
		return fault.New(fault.Invalid, "rtc.no_h264")
	}
	return fault.New(fault.Invalid, "rtc.no_video")
}

func badOffer(err error) error { return fault.New(fault.Invalid, "rtc.bad_offer").Because(err) }

// answer does the exchange of descriptions and waits for our own addresses,
// which takes no time: they are all known.
func (s *Server) answer(ctx context.Context, pc *webrtc.PeerConnection, offer string) (string, error) {
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", badOffer(err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	a, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", badOffer(err)
	}
	if err := pc.SetLocalDescription(a); err != nil {
		return "", badOffer(err)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	select {
	case <-gathered:
	case <-ctx.Done():
		return "", fault.New(fault.Unavailable, "rtc.no_connection").Because(ctx.Err())
	}
	d := pc.LocalDescription()
	if d == nil {
		return "", errors.New("rtc: no local description")
	}
	return s.announce(d.SDP)
}
