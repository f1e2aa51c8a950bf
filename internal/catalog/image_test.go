package catalog_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/fault"
)

// quarters is a picture whose corners can be told apart: red, green, blue and
// black from the top left on, clockwise.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, c := range []color.RGBA{{220, 0, 0, 255}, {0, 180, 0, 255}, {0, 0, 220, 255}, {10, 10, 10, 255}} {
		x, y := []int{0, 1, 1, 0}[i], i/2
		draw.Draw(m, image.Rect(x*w/2, y*h/2, (x+1)*w/2, (y+1)*h/2), image.NewUniform(c), image.Point{}, draw.Src)
	}
	return m
}

// corners reads the picture back: "rgbk" from the top left on, clockwise.
func corners(t *testing.T, b []byte) string {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r := m.Bounds()
	at := func(fx, fy int) string {
		c := color.RGBAModel.Convert(m.At(r.Dx()*fx/4, r.Dy()*fy/4)).(color.RGBA)
		switch {
		case c.R > 150 && c.G > 150 && c.B > 150:
			return "w"
		case c.R > 120:
			return "r"
		case c.G > 120:
			return "g"
		case c.B > 120:
			return "b"
		}
		return "k"
	}
	return at(1, 1) + at(3, 1) + at(3, 3) + at(1, 3)
}

func size(t *testing.T, b []byte) image.Point {
	t.Helper()
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return image.Pt(c.Width, c.Height)
}

func encode(t testing.TB, format string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	case "png":
		err = png.Encode(&b, m)
	case "gif":
		err = gif.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiff is an EXIF block with an orientation and, as phones do it, a position.
func tiff(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][4]uint16{{271, 2, 8, 0}, {274, 3, 1, orientation}} { // maker, orientation
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint32(b, uint32(e[2]))
		b = order.AppendUint16(b, e[3])
		b = order.AppendUint16(b, 0)
	}
	return append(b, "GPS 47.7275N 128.8407E"...)
}

// withExif puts an EXIF block into a file of a format.
func withExif(format string, file, exif []byte) []byte {
	switch format {
	case "jpeg":
		seg := append([]byte("Exif\x00\x00"), exif...)
		head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(seg)+2))
		return slices.Concat(head, seg, file[2:])
	case "png":
		const ihdr = 8 + 25
		return slices.Concat(file[:ihdr], chunk("eXIf", exif), file[ihdr:])
	}
	panic(format)
}

func chunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func TestPictureIsKeptInThreeWidthsAndNeverLarger(t *testing.T) {
	for _, c := range []struct {
		w, h  int
		sizes []int
		large image.Point
	}{
		{2000, 1500, []int{320, 640, 1280}, image.Pt(1280, 960)},
		{1280, 1280, []int{320, 640, 1280}, image.Pt(1280, 1280)},
		{1000, 1400, []int{320, 640, 1000}, image.Pt(1000, 1400)},
		{500, 300, []int{320, 500}, image.Pt(500, 300)},
		{320, 100, []int{320}, image.Pt(320, 100)},
		{64, 640, []int{64}, image.Pt(64, 640)},
		{1, 1, []int{1}, image.Pt(1, 1)},
		{3000, 2, []int{320, 640, 1280}, image.Pt(1280, 1)},
	} {
		p, err := catalog.PrepareImage(bytes.NewReader(encode(t, "png", quarters(c.w, c.h))))
		if err != nil {
			t.Fatalf("%dx%d: %v", c.w, c.h, err)
		}
		var got []int
		for w, b := range p.JPEG {
			got = append(got, w)
			if s := size(t, b); s.X != w {
				t.Errorf("%dx%d: the file of %d is %v", c.w, c.h, w, s)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.sizes) || image.Pt(p.Width, p.Height) != c.large {
			t.Errorf("%dx%d: got %v, %dx%d; want %v, %v", c.w, c.h, got, p.Width, p.Height, c.sizes, c.large)
		}
	}
}

func TestPictureIsTurnedUpright(t *testing.T) {
	// How a file must be stored so that each orientation shows it as rgbk.
	stored := []string{1: "rgbk", 2: "grkb", 3: "bkrg", 4: "kbgr", 5: "rkbg", 6: "gbkr", 7: "bgrk", 8: "krgb"}
	colours := map[byte]color.RGBA{'r': {220, 0, 0, 255}, 'g': {0, 180, 0, 255}, 'b': {0, 0, 220, 255}, 'k': {10, 10, 10, 255}}
	for o := 1; o <= 8; o++ {
		w, h := 900, 600
		if o >= 5 {
			w, h = h, w
		}
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range 4 {
			x, y := []int{0, 1, 1, 0}[i], i/2
			draw.Draw(m, image.Rect(x*w/2, y*h/2, (x+1)*w/2, (y+1)*h/2), image.NewUniform(colours[stored[o][i]]), image.Point{}, draw.Src)
		}
		for _, format := range []string{"jpeg", "png"} {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				file := withExif(format, encode(t, format, m), tiff(order, uint16(o)))
				p, err := catalog.PrepareImage(bytes.NewReader(file))
				if err != nil {
					t.Fatalf("%s %d: %v", format, o, err)
				}
				if p.Width != 900 || p.Height != 600 {
					t.Errorf("%s %d: %dx%d", format, o, p.Width, p.Height)
				}
				for w, b := range p.JPEG {
					if got := corners(t, b); got != "rgbk" {
						t.Errorf("%s %d (%v) at %d: got %s", format, o, order, w, got)
					}
				}
			}
		}
	}
}

func TestPictureKeepsNoMetadata(t *testing.T) {
	file := withExif("jpeg", encode(t, "jpeg", quarters(800, 600)), tiff(binary.LittleEndian, 1))
	if !bytes.Contains(file, []byte("GPS")) {
		t.Fatal("the test's file says nothing")
	}
	p, err := catalog.PrepareImage(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for w, b := range p.JPEG {
		for _, s := range []string{"GPS", "Exif", "128.8407"} {
			if bytes.Contains(b, []byte(s)) {
				t.Errorf("the file of %d still says %q", w, s)
			}
		}
	}
}

func TestEveryFormatIsRead(t *testing.T) {
	pal := image.NewPaletted(image.Rect(0, 0, 400, 400), palette.Plan9)
	draw.Draw(pal, pal.Bounds(), quarters(400, 400), image.Point{}, draw.Src)
	grey := image.NewGray16(image.Rect(0, 0, 400, 400))
	draw.Draw(grey, grey.Bounds(), image.White, image.Point{}, draw.Src)
	deep := image.NewNRGBA64(image.Rect(0, 0, 400, 400))
	draw.Draw(deep, deep.Bounds(), quarters(400, 400), image.Point{}, draw.Src)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"jpeg":        {encode(t, "jpeg", quarters(400, 400)), "rgbk"},
		"png":         {encode(t, "png", quarters(400, 400)), "rgbk"},
		"png palette": {encode(t, "png", pal), "rgbk"},
		"png grey 16": {encode(t, "png", grey), "wwww"},
		"png deep":    {encode(t, "png", deep), "rgbk"},
		"png clear":   {encode(t, "png", image.NewNRGBA(image.Rect(0, 0, 400, 400))), "wwww"}, // transparent is put on white
		"gif":         {encode(t, "gif", quarters(400, 400)), "rgbk"},
		"webp":        {webpLossless, "rrrr"},
		"webp lossy":  {webpLossy, "rrrr"},
	} {
		p, err := catalog.PrepareImage(bytes.NewReader(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for w, b := range p.JPEG {
			if got := corners(t, b); got != c.want {
				t.Errorf("%s at %d: got %s, want %s", name, w, got, c.want)
			}
		}
	}
}

// WebP of 16x16 red pixels, made by ffmpeg's libwebp: lossless and lossy.
var (
	webpLossless = []byte("RIFF\x1c\x00\x00\x00WEBPVP8L\x0f\x00\x00\x00/\x0f\xc0\x03\x00\x07\x10\xed\x8f\xfe\x07\x22\xa2\xff\x01\x00")
	webpLossy    = []byte("RIFF\x3a\x00\x00\x00WEBPVP8 \x2e\x00\x00\x00\x90\x01\x00\x9d\x01\x2a\x10\x00\x10\x00\x02\xc0\x4c\x25\xa0\x02\x74\xba\x00" +
		"\x03\x98\x00\xfe\xee\x76\x7f\xf1\x6d\x23\xa1\x53\xab\xff\xb6\x87\xff\xad\x0f\xff\x5a\x1f\xf4\xa0\x00\x00\x00")
)

// bomb is a PNG that claims a size and holds nothing of it.
func bomb(w, h uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, w)
	b = binary.BigEndian.AppendUint32(b, h)
	b = append(b, 8, 6, 0, 0, 0)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", b), chunk("IDAT", nil))
}

// frame is a JPEG's beginning with a frame header.
func frame(marker byte, w, h uint16, sampling ...byte) []byte {
	b := []byte{0xff, 0xd8, 0xff, marker}
	b = binary.BigEndian.AppendUint16(b, uint16(8+3*len(sampling)))
	b = append(b, 8)
	b = binary.BigEndian.AppendUint16(b, h)
	b = binary.BigEndian.AppendUint16(b, w)
	b = append(b, byte(len(sampling)))
	for i, s := range sampling {
		b = append(b, byte(i+1), s, 0)
	}
	return append(b, 0xff, 0xda, 0, 2)
}

func TestBadUploadsAreRefusedInWords(t *testing.T) {
	good := encode(t, "jpeg", quarters(800, 600))
	goodPNG := encode(t, "png", quarters(800, 600))
	for name, c := range map[string]struct {
		file []byte
		key  string
		kind fault.Kind
	}{
		"20 MB":            {append(good, make([]byte, 20<<20)...), "catalog.image_large", fault.TooLarge},
		"bomb":             {bomb(50_000, 50_000), "catalog.image_pixels", fault.TooLarge},
		"thin bomb":        {bomb(30_000, 1), "catalog.image_pixels", fault.TooLarge},
		"wide bomb":        {bomb(8000, 5001), "catalog.image_pixels", fault.TooLarge},
		"jpeg bomb":        {frame(0xc0, 65_000, 65_000, 0x11, 0x11, 0x11), "catalog.image_pixels", fault.TooLarge},
		"progressive bomb": {frame(0xc2, 6000, 6000, 0x11, 0x11, 0x11), "catalog.image_pixels", fault.TooLarge},
		"headers only":     {frame(0xc0, 6000, 6000, 0x22, 0x11, 0x11), "catalog.image_broken", fault.Invalid},
		"claims only":      {bomb(1000, 1000), "catalog.image_broken", fault.Invalid},
		"no size":          {bomb(0, 10), "catalog.image_broken", fault.Invalid},
		"half a jpeg":      {good[:len(good)/2], "catalog.image_broken", fault.Invalid},
		"half a png":       {goodPNG[:len(goodPNG)/2], "catalog.image_broken", fault.Invalid},
		"bent png":         {bytes.Replace(goodPNG, []byte("IDAT"), []byte("IDAT\x01"), 1), "catalog.image_broken", fault.Invalid},
		"svg":              {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "catalog.image_kind", fault.Invalid},
		"html":             {[]byte("<!doctype html><script>alert(1)</script>"), "catalog.image_kind", fault.Invalid},
		"zip":              {[]byte("PK\x03\x04 and so on"), "catalog.image_kind", fault.Invalid},
		"pdf":              {[]byte("%PDF-1.7"), "catalog.image_kind", fault.Invalid},
		"bmp":              {[]byte("BM\x00\x00\x00\x00"), "catalog.image_kind", fault.Invalid},
		"heic":             {[]byte("\x00\x00\x00\x18ftypheic\x00\x00"), "catalog.image_heic", fault.Invalid},
		"three bytes":      {[]byte{0xff, 0xd8, 0xff}, "catalog.image_broken", fault.Invalid},
		"nothing":          {nil, "fault.required", fault.Invalid},
	} {
		_, err := catalog.PrepareImage(bytes.NewReader(c.file))
		if !fault.HasKey(err, c.key) || !fault.Is(err, c.kind) || fault.Of(err).Field != "picture" {
			t.Errorf("%s: got %v, want %s %s", name, err, c.kind, c.key)
		}
	}
	if _, err := catalog.PrepareImage(iotest.ErrReader(errors.New("gone"))); !fault.HasKey(err, "catalog.image_broken") {
		t.Errorf("a reader that fails: %v", err)
	}
	if _, err := catalog.PrepareImage(http.MaxBytesReader(nil, io.NopCloser(bytes.NewReader(good)), 100)); !fault.HasKey(err, "catalog.image_large") {
		t.Errorf("the edge's own limit: %v", err)
	}
}

// stuck is an upload that does not come to its end until it is let.
type stuck struct{ started, release chan struct{} }

func (s stuck) Read([]byte) (int, error) {
	s.started <- struct{}{}
	<-s.release
	return 0, io.EOF
}

func TestUploadsAtOnceAreBounded(t *testing.T) {
	s := stuck{make(chan struct{}), make(chan struct{})}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _, _ = catalog.PrepareImage(s) })
		<-s.started
	}
	_, err := catalog.PrepareImage(strings.NewReader("x"))
	if !fault.HasKey(err, "catalog.image_busy") || fault.Of(err).RetryAfter <= 0 {
		t.Errorf("the ninth: %v", err)
	}
	close(s.release)
	wg.Wait()
	if _, err := catalog.PrepareImage(bytes.NewReader(encode(t, "png", quarters(10, 10)))); err != nil {
		t.Errorf("after them: %v", err)
	}
}

func FuzzPrepareImage(f *testing.F) {
	f.Add(withExif("jpeg", encode(f, "jpeg", quarters(20, 10)), tiff(binary.LittleEndian, 6)))
	f.Add(withExif("png", encode(f, "png", quarters(20, 10)), tiff(binary.BigEndian, 8)))
	f.Add(encode(f, "gif", quarters(20, 10)))
	f.Add(webpLossless)
	f.Add(webpLossy)
	f.Add(bomb(50_000, 50_000))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := catalog.PrepareImage(bytes.NewReader(file))
		var ours *fault.Error
		if err != nil {
			if !errors.As(err, &ours) {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		for w, b := range p.JPEG {
			if c, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != w || c.Height < 1 {
				t.Fatalf("at %d: %v, %v", w, c, err)
			}
		}
	})
}
