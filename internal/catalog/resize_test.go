package catalog

import (
	"image"
	"math/rand/v2"
	"testing"

	xdraw "golang.org/x/image/draw"
	"pgregory.net/rapid"
)

func noise(w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(1, uint64(w*h)))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

// TestResizeIsCatmullRom holds our row-by-row way against x/image's.
func TestResizeIsCatmullRom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 90).Draw(t, "h")
		to := rapid.IntRange(1, w).Draw(t, "to")
		src := noise(w, h)
		got := resize(src, to, 1)
		want := image.NewRGBA(got.Bounds())
		xdraw.CatmullRom.Scale(want, want.Bounds(), src, src.Bounds(), xdraw.Src, nil)
		for i := range want.Pix {
			if d := int(got.Pix[i]) - int(want.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("%dx%d to %v: byte %d is %d, want %d", w, h, got.Bounds().Max, i, got.Pix[i], want.Pix[i])
			}
		}
	})
}

func TestResizeReadsPartsOfPictures(t *testing.T) {
	part := noise(60, 60).SubImage(image.Rect(13, 7, 53, 37)) // a GIF's frame need not begin at 0,0
	if got := resize(part, 20, 1).Bounds().Max; got != image.Pt(20, 15) {
		t.Errorf("got %v", got)
	}
	if got, want := resize(part, 40, 1).RGBAAt(0, 0), part.(*image.RGBA).RGBAAt(13, 7); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTurnLosesNoPixel(t *testing.T) {
	src := noise(5, 3)
	// Applying these one after the other must give the picture back.
	for _, pair := range [][2]int{{2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 8}, {7, 7}, {8, 6}} {
		back := turn(turn(src, pair[0]), pair[1])
		if back.Bounds() != src.Bounds() || string(back.Pix) != string(src.Pix) {
			t.Errorf("%v does not give the picture back", pair)
		}
	}
}

func FuzzReadMeta(f *testing.F) {
	f.Add("jpeg", []byte("\xff\xd8\xff\xe1\x00\x1eExif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"))
	f.Add("jpeg", []byte("\xff\xd8\xff\xc2\x00\x11\x08\x10\x00\x10\x00\x03\x01\x22\x00\x02\x11\x00\x03\x11\x00"))
	f.Add("png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x02eXIfII\x00\x00\x00\x00"))
	f.Add("webp", []byte("RIFF\x00\x00\x00\x00WEBPEXIF\x02\x00\x00\x00MM"))
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		if m := readMeta(format, data); m.orientation < 1 || m.orientation > 8 || m.perPixel < 0 {
			t.Fatalf("got %+v", m)
		}
	})
}

func TestJPEGMetaKnowsWhatDecodingTakes(t *testing.T) {
	for _, c := range []struct {
		frame       []byte
		progressive bool
		want        float64
	}{
		{[]byte{8, 0, 1, 0, 1, 1, 1, 0x11, 0}, false, 1},
		{[]byte{8, 0, 1, 0, 1, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0}, false, 1.5},
		{[]byte{8, 0, 1, 0, 1, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0}, true, 7.5},
		{[]byte{8, 0, 1, 0, 1, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}, true, 15},
		{[]byte{8, 0, 1}, false, 0},
		{[]byte{8, 0, 1, 0, 1, 1, 1, 0x00, 0}, false, 0},
	} {
		if got := jpegPerPixel(c.frame, c.progressive); got != c.want {
			t.Errorf("%v, progressive %v: got %v, want %v", c.frame, c.progressive, got, c.want)
		}
	}
}
