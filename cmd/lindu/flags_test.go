package main

import (
	"testing"

	"github.com/alecthomas/kong"
)

// TestEmptyRTMPTurnsItOff: a flag that was given empty is not one that was left out.
func TestEmptyRTMPTurnsItOff(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"left out": {[]string{"serve"}, ":1935"},
		"empty":    {[]string{"serve", "--rtmp", ""}, ""},
		"another":  {[]string{"serve", "--rtmp", "127.0.0.1:0"}, "127.0.0.1:0"},
	} {
		var c commands
		p, err := kong.New(&c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Parse(tc.args); err != nil {
			t.Fatal(err)
		}
		cfg, err := c.load(c.Serve.sets()...)
		if err != nil || cfg.RTMP != tc.want {
			t.Errorf("%s: RTMP at %q, %v", name, cfg.RTMP, err)
		}
	}
}
