package paper

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the fonts
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed font/wqy-microhei.ttf.gz
var packed []byte

// rarePacked has what the main font lacks: all of Extension A, and the rest of
// the Table of General Standard Chinese Characters (2013), by which names are
// given and registered.
//
//go:embed font/rare.ttf.gz
var rarePacked []byte

// far are the characters beyond U+FFFF that the rare font has. The writer of
// PDF knows none of them, so there they stand in the private use area, from
// U+E000 on in the order of this list. Text copied out of a PDF has these.
//
//go:embed font/rare.txt
var far string

const private = '\uE000'

// gap stands for a character that no font has (the geta mark of printers).
const gap = '\u3013'

type typeface struct {
	name string // as the writer of PDF calls it
	ttf  []byte
	have [1 << 16 / 64]uint64 // characters with a glyph
	far  map[rune]rune        // characters beyond U+FFFF, by where they stand
}

// face is unpacked when the first document is drawn, rareFace when a character
// is met that it lacks.
var (
	face     = sync.OnceValues(func() (*typeface, error) { return unpack("wqy", packed, "") })
	rareFace = sync.OnceValues(func() (*typeface, error) { return unpack("rare", rarePacked, strings.TrimSpace(far)) })
)

func unpack(name string, packed []byte, far string) (*typeface, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("paper: font: %w", err)
	}
	t := &typeface{name: name, far: map[rune]rune{}}
	if t.ttf, err = io.ReadAll(z); err != nil {
		return nil, fmt.Errorf("paper: font: %w", err)
	}
	for i, r := range []rune(far) {
		t.far[r] = private + rune(i)
	}
	return t, t.readCharacters()
}

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

// in gives a character as it is written in this font; false if it has none.
func (t *typeface) in(r rune) (rune, bool) {
	if at, ok := t.far[r]; ok {
		r = at
	} else if r >= private && len(t.far) > 0 {
		return 0, false // what somebody else keeps in the private use area is none of ours
	}
	return r, r == '\n' || r >= 0 && r < 1<<16 && t.have[r/64]&(1<<(r%64)) != 0
}

// run is a piece of a text that is written in one font.
type run struct {
	face *typeface
	text string
}

// runs parts a text by the font that has each character; what none has is a gap
// and is told in lack.
func runs(s string) (out []run, lack []rune, err error) {
	now, err := face()
	if err != nil {
		return nil, nil, err
	}
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, run{now, b.String()})
			b.Reset()
		}
	}
	for _, r := range s {
		t, at, err := faceOf(r)
		if err != nil {
			return nil, nil, err
		}
		if at == gap && r != gap {
			lack = append(lack, r)
		}
		if t != now {
			flush()
			now = t
		}
		b.WriteRune(at)
	}
	flush()
	return out, lack, nil
}

// faceOf finds the font for a character, and what stands for it there.
func faceOf(r rune) (*typeface, rune, error) {
	main, err := face()
	if err != nil {
		return nil, 0, err
	}
	if at, ok := main.in(r); ok {
		return main, at, nil
	}
	rare, err := rareFace()
	if err != nil {
		return nil, 0, err
	}
	if at, ok := rare.in(r); ok {
		return rare, at, nil
	}
	return main, gap, nil
}

// Missing lists the characters of texts that can't be printed, each once, in
// the order they come in.
func Missing(texts ...string) ([]rune, error) {
	var out []rune
	for _, s := range texts {
		_, lack, err := runs(s)
		if err != nil {
			return nil, err
		}
		for _, r := range lack {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out, nil
}
