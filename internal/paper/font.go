package paper

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the font
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

//go:embed font/wqy-microhei.ttf.gz
var packed []byte

// gap stands for a character that the font lacks (the geta mark of printers).
const gap = '\u3013'

type typeface struct {
	ttf  []byte
	have [1 << 16 / 64]uint64 // characters with a glyph
}

// face unpacks the font when the first document is drawn.
var face = sync.OnceValues(func() (*typeface, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("paper: font: %w", err)
	}
	t := &typeface{}
	if t.ttf, err = io.ReadAll(z); err != nil {
		return nil, fmt.Errorf("paper: font: %w", err)
	}
	return t, t.readCharacters()
})

// readCharacters notes which characters have a glyph: the cmap table, format 4
// (OpenType 1.9, "cmap").
func (t *typeface) readCharacters() error {
	be := binary.BigEndian
	var cmap []byte
	for i := range int(be.Uint16(t.ttf[4:])) {
		e := t.ttf[12+16*i:]
		if string(e[:4]) == "cmap" {
			cmap = t.ttf[be.Uint32(e[8:]):]
		}
	}
	if cmap == nil {
		return fmt.Errorf("paper: the font has no cmap")
	}
	for i := range int(be.Uint16(cmap[2:])) {
		e := cmap[4+8*i:]
		if sub := cmap[be.Uint32(e[4:]):]; be.Uint16(sub) == 4 {
			t.readSegments(sub)
			return nil
		}
	}
	return fmt.Errorf("paper: the font's cmap has no table of format 4")
}

func (t *typeface) readSegments(sub []byte) {
	at := func(i int) int { return int(binary.BigEndian.Uint16(sub[i:])) }
	n := at(6) // twice the number of segments
	for s := 0; s < n; s += 2 {
		end, start, delta, offset := at(14+s), at(16+n+s), at(16+2*n+s), at(16+3*n+s)
		for c := start; c <= end && c < 0xFFFF; c++ {
			glyph := c
			if offset != 0 {
				glyph = at(16 + 3*n + s + offset + 2*(c-start))
			}
			if glyph != 0 && (glyph+delta)&0xFFFF != 0 {
				t.have[c/64] |= 1 << (c % 64)
			}
		}
	}
}

func (t *typeface) has(r rune) bool {
	return r == '\n' || r >= 0 && r < 1<<16 && t.have[r/64]&(1<<(r%64)) != 0
}

// Missing lists the characters of texts that can't be printed, each once, in
// the order they come in.
func Missing(texts ...string) ([]rune, error) {
	t, err := face()
	if err != nil {
		return nil, err
	}
	var out []rune
	seen := map[rune]bool{}
	for _, s := range texts {
		for _, r := range s {
			if !t.has(r) && !seen[r] {
				seen[r] = true
				out = append(out, r)
			}
		}
	}
	return out, nil
}
