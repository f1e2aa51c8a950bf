package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
)

const sampleRate = 44100

// note is one pluck: start and length in beats, pitch in semitones above A3 (220 Hz).
type note struct {
	at, length, pitch, loud float64
}

// The melody has 32 beats in 20 s (96 beats a minute) on the pentatonic scale
// of a folk tune of our own; what still rings at the end sounds on at the start.
const beats = 32

// melodyNotes returns the tune, its low harmony, and a few high bells.
func melodyNotes() []note {
	const c, d, e, g, a = 3.0, 5.0, 7.0, 10.0, 12.0
	up := 12.0
	tune := []note{
		{0, 1, e, .9}, {1, .5, g, .8}, {1.5, .5, a, .7}, {2, 1.5, c + up, .9}, {3.5, .5, a, .6},
		{4, 1, g, .8}, {5, .5, e, .7}, {5.5, .5, g, .6}, {6, 2, d, .9},
		{8, 1, c, .8}, {9, .5, d, .7}, {9.5, .5, e, .7}, {10, 1.5, g, .9}, {11.5, .5, a, .6},
		{12, .5, g, .7}, {12.5, .5, e, .7}, {13, 1, d, .8}, {14, 2, e, .9},
		{16, 1, a, .9}, {17, .5, c + up, .8}, {17.5, .5, d + up, .7}, {18, 1.5, e + up, .9}, {19.5, .5, d + up, .6},
		{20, 1, c + up, .8}, {21, .5, a, .7}, {21.5, .5, g, .6}, {22, 2, a, .9},
		{24, 1, g, .8}, {25, .5, e, .7}, {25.5, .5, d, .6}, {26, 1, e, .8}, {27, 1, g, .7},
		{28, .5, a, .7}, {28.5, .5, g, .6}, {29, .5, e, .7}, {29.5, .5, d, .6}, {30, 2, c, .9},
	}
	roots := []float64{c, a - up, c, d, a - up, c, e - up + 3, c}
	for bar, root := range roots {
		at := float64(bar * 4)
		for i, step := range []float64{0, 7, 12, 7} {
			tune = append(tune, note{at + float64(i), 1.6, root + step - 12, .38})
		}
		tune = append(tune, note{at + 2.5, 2, root + 24, .1})
	}
	return tune
}

// pluck adds one string to the loop: a few decaying partials with a soft attack.
func pluck(loop []float64, n note) {
	perBeat := float64(len(loop)) / beats
	start := int(n.at * perBeat)
	f := 220 * math.Pow(2, n.pitch/12)
	ring := 0.5 + n.length*0.55
	total := int(ring * 3 * sampleRate)
	for i := range total {
		t := float64(i) / sampleRate
		v := 0.0
		for k, weight := range []float64{1, .45, .2, .09, .05} {
			h := float64(k + 1)
			if f*h > 9000 {
				break
			}
			v += weight * math.Sin(2*math.Pi*f*h*t*(1+.0002*h*h)) * math.Exp(-t*h*1.1/ring*1.6)
		}
		attack := math.Min(1, t/.006)
		release := math.Min(1, float64(total-i)/2000)
		loop[(start+i)%len(loop)] += v * attack * release * n.loud
	}
}

// room adds a soft echo that wraps around the loop's end as the notes do.
func room(loop []float64) []float64 {
	out := append([]float64(nil), loop...)
	for _, tap := range []struct {
		seconds, gain float64
	}{{.031, .18}, {.067, .14}, {.113, .11}, {.171, .08}, {.3125, .12}, {.625, .06}} {
		shift := int(tap.seconds * sampleRate)
		for i := range out {
			out[(i+shift)%len(out)] += loop[i] * tap.gain
		}
	}
	return out
}

// writeMelody renders the loop into a temporary WAV file (mono, 16 bit) and returns its path.
func writeMelody() (string, error) {
	loop := make([]float64, clipSeconds*sampleRate)
	for _, n := range melodyNotes() {
		pluck(loop, n)
	}
	loop = room(loop)
	peak := 0.0
	for _, v := range loop {
		peak = math.Max(peak, math.Abs(v))
	}
	var b bytes.Buffer
	size := uint32(len(loop) * 2)
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, size+36) // a bytes.Buffer never fails
	b.WriteString("WAVEfmt ")
	_ = binary.Write(&b, binary.LittleEndian, struct {
		Size          uint32
		Format, Chans uint16
		Rate, Bytes   uint32
		Align, Bits   uint16
	}{16, 1, 1, sampleRate, sampleRate * 2, 2, 16})
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, size)
	for _, v := range loop {
		_ = binary.Write(&b, binary.LittleEndian, int16(v/peak*.7*math.MaxInt16))
	}
	f, err := os.CreateTemp("", "lindu-melody-*.wav")
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.Write(b.Bytes())
	return f.Name(), err
}
