package config

import (
	"net"
	"strings"

	"lindu.example/lindu/internal/media/rtc"
)

// RTC is the picture without delay: going live from a browser, and watching
// what happens now (docs/media.md).
type RTC struct {
	UDP          string `koanf:"udp" doc:"address browsers send and get the picture at, over UDP; empty turns UDP off, and with tcp empty too, going live from a browser"`
	TCP          string `koanf:"tcp" doc:"the same over TCP, for networks that let no UDP through; empty turns it off"`
	Public       string `koanf:"public" doc:"public addresses of this machine where it stands behind NAT or in a cloud, with commas between: IP, or IP:port where the router gives udp and tcp another port"`
	MaxViewers   int    `koanf:"max_viewers" doc:"most buyers who watch without delay at once, 2 Mbit/s and 0.25 % of a core each; the others watch a second later; 0: staff only"`
	ViewersFirst bool   `koanf:"viewers_first" doc:"true lets buyers begin without delay where there is room; false: they begin with HLS, which any number can watch"`
}

func defaultRTC() RTC { return RTC{UDP: ":8189", TCP: ":8189", MaxViewers: 200} }

// On tells whether there is any way in.
func (r RTC) On() bool { return r.UDP != "" || r.TCP != "" }

// Publics are the public addresses one by one.
func (r RTC) Publics() []string {
	return strings.FieldsFunc(r.Public, func(c rune) bool { return c == ',' || c == ' ' })
}

// check tells what is wrong.
func (r RTC) check(wrong func(key, why string)) {
	for key, a := range map[string]string{"rtc.udp": r.UDP, "rtc.tcp": r.TCP} {
		if _, _, err := net.SplitHostPort(a); a != "" && err != nil {
			wrong(key, "must be host:port, like :8189, or empty")
		}
	}
	if _, err := rtc.ParsePublic(r.Publics()); err != nil {
		wrong("rtc.public", "must be IP addresses, or IP:port, with commas between")
	}
	if r.MaxViewers < 0 || r.MaxViewers > 10_000 {
		wrong("rtc.max_viewers", "must be 0 to 10000")
	}
}
