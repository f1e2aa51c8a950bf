package rtc

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pion/sdp/v3"
)

// address is one that others reach us at.
type address struct {
	ip   netip.Addr
	port uint16 // 0: the port we listen at
}

// public reads the configured addresses.
func (s *Server) public() ([]address, error) { return ParsePublic(s.Public) }

// ParsePublic checks addresses as configured: an IP, or IP:port where a router
// gives the ports another number (the same one for UDP and TCP).
func ParsePublic(list []string) (out []address, err error) {
	for _, v := range list {
		if ip, err := netip.ParseAddr(strings.Trim(v, "[]")); err == nil {
			out = append(out, address{ip: ip})
			continue
		}
		ap, err := netip.ParseAddrPort(v)
		if err != nil {
			return nil, fmt.Errorf("rtc: public address %q is neither an IP nor IP:port", v)
		}
		out = append(out, address{ip: ap.Addr(), port: ap.Port()})
	}
	return out, nil
}

// announce adds the public addresses to an answer, before those of the machine.
// A check that comes to one of them is known by its user name and not by where
// it arrived, so nothing else needs to know them.
func (s *Server) announce(answer string) (string, error) {
	public, err := s.public()
	if err != nil || len(public) == 0 {
		return answer, err
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(answer); err != nil {
		return "", fmt.Errorf("rtc: our own answer: %w", err)
	}
	lines := s.candidates(public)
	for _, m := range d.MediaDescriptions {
		at := -1
		for i, a := range m.Attributes {
			if a.Key == "candidate" {
				at = i
				break
			}
		}
		if at < 0 {
			at = len(m.Attributes)
		}
		m.Attributes = append(m.Attributes[:at:at], append(lines, m.Attributes[at:]...)...)
	}
	b, err := d.Marshal()
	if err != nil {
		return "", fmt.Errorf("rtc: our own answer: %w", err)
	}
	return string(b), nil
}

// candidates are the lines of RFC 8839, 5.1 and RFC 6544, 4.5. Priorities as in
// RFC 8445, 5.1.2.1: hosts, those first that come first, TCP behind UDP.
func (s *Server) candidates(public []address) []sdp.Attribute {
	var out []sdp.Attribute
	add := func(foundation, proto string, kind, i int, a address, port uint16, more string) {
		if a.port != 0 {
			port = a.port
		}
		priority := uint32(kind)<<24 | uint32(65535-i)<<8 | 255
		out = append(out, sdp.NewAttribute("candidate", fmt.Sprintf("%s%d 1 %s %d %s %d typ host%s", foundation, i, proto, priority, a.ip, port, more)))
	}
	for i, a := range public {
		if ap, err := netip.ParseAddrPort(s.UDPAddr()); err == nil {
			add("pu", "udp", 126, i, a, ap.Port(), "")
		}
		if ap, err := netip.ParseAddrPort(s.TCPAddr()); err == nil {
			add("pt", "tcp", 90, i, a, ap.Port(), " tcptype passive")
		}
	}
	return out
}
