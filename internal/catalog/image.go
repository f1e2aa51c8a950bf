package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"time"

	"golang.org/x/image/webp"

	"lindu.example/lindu/internal/fault"
)

// Image limits: a picture over them is refused before it is decoded.
const (
	MaxUpload = 10 << 20   // bytes
	MaxPixels = 40_000_000 // width x height
	maxSide   = 20_000     // either way; JPEG ends at 65,535
	maxMemory = 8 * MaxPixels
	quality   = 82 // of the JPEG written
	maxWait   = 8  // uploads held at once
)

// widths that pictures are kept in.
var widths = []int{320, 640, 1280}

// Both bound this process's memory, so they belong to the package: uploads
// that are read or wait, and the one that is decoded.
var (
	uploads  = make(chan struct{}, maxWait)
	decoding = make(chan struct{}, 1)
)

// Prepared is an upload decoded, turned upright, stripped and resized.
type Prepared struct {
	Width, Height int            // of the largest
	JPEG          map[int][]byte // by width
}

// PrepareImage reads an upload (JPEG, PNG, WebP, GIF by content; of an
// animation the first picture). Faults: catalog.image_large, image_pixels,
// image_kind, image_heic, image_broken, and image_busy when eight uploads are
// at it already.
func PrepareImage(r io.Reader) (Prepared, error) {
	select {
	case uploads <- struct{}{}:
		defer func() { <-uploads }()
	default:
		return Prepared{}, fault.New(fault.TooMany, "catalog.image_busy").After(5 * time.Second)
	}
	data, err := readUpload(r)
	if err != nil {
		return Prepared{}, err
	}
	f, err := sniff(data)
	if err != nil {
		return Prepared{}, err
	}
	meta := readMeta(f.name, data)
	if err := f.measure(data, meta); err != nil {
		return Prepared{}, err
	}
	decoding <- struct{}{}
	defer func() { <-decoding }()
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return Prepared{}, broken(err)
	}
	return shrink(img, meta.orientation)
}

func readUpload(r io.Reader) ([]byte, error) {
	large := fault.New(fault.TooLarge, "catalog.image_large", "Max", fmt.Sprintf("%d MB", MaxUpload>>20)).At("picture")
	data, err := io.ReadAll(io.LimitReader(r, MaxUpload+1))
	var over *http.MaxBytesError
	switch {
	case len(data) > MaxUpload, errors.As(err, &over):
		return nil, large
	case err != nil:
		return nil, broken(err)
	case len(data) == 0:
		return nil, fault.New(fault.Invalid, "fault.required").At("picture")
	}
	return data, nil
}

func broken(err error) error {
	return fault.New(fault.Invalid, "catalog.image_broken").Because(err).At("picture")
}

// format is a kind of picture we read.
type format struct {
	name   string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// sniff tells the format by the first bytes. Only these four decoders are ever
// asked, whatever else the binary has registered.
func sniff(data []byte) (format, error) {
	has := func(at int, magic string) bool {
		return len(data) >= at+len(magic) && string(data[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return format{"jpeg", jpeg.DecodeConfig, jpeg.Decode}, nil
	case has(0, "\x89PNG\r\n\x1a\n"):
		return format{"png", png.DecodeConfig, png.Decode}, nil
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return format{"gif", gif.DecodeConfig, gif.Decode}, nil
	case has(0, "RIFF") && has(8, "WEBP"):
		return format{"webp", webp.DecodeConfig, webp.Decode}, nil
	case has(4, "ftyphei"), has(4, "ftyphev"), has(4, "ftypmif1"): // what an iPhone keeps
		return format{}, fault.New(fault.Invalid, "catalog.image_heic").At("picture")
	}
	return format{}, fault.New(fault.Invalid, "catalog.image_kind").At("picture")
}

// measure refuses what would take too much memory to decode.
func (f format) measure(data []byte, m meta) error {
	c, err := f.config(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return broken(err)
	}
	pixels := int64(c.Width) * int64(c.Height)
	perPixel := m.perPixel
	if perPixel == 0 {
		perPixel = bytesPerPixel(c.ColorModel)
	}
	if c.Width > maxSide || c.Height > maxSide || pixels > MaxPixels || float64(pixels)*perPixel > maxMemory {
		return fault.New(fault.TooLarge, "catalog.image_pixels", "Width", c.Width, "Height", c.Height).At("picture")
	}
	return nil
}

// bytesPerPixel is about what a decoded picture takes.
func bytesPerPixel(m color.Model) float64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.Gray16Model:
		return 2
	case color.GrayModel:
		return 1
	}
	return 4
}

// shrink writes the widths that are kept.
func shrink(img image.Image, orientation int) (Prepared, error) {
	b := img.Bounds()
	full := upright(b.Dx(), b.Dy(), orientation).X
	if b.Empty() {
		return Prepared{}, broken(errors.New("catalog: an empty picture"))
	}
	out := Prepared{JPEG: map[int][]byte{}}
	for i := len(widths) - 1; i >= 0; i-- {
		w := min(widths[i], full)
		if _, done := out.JPEG[w]; done {
			continue // never larger than it was
		}
		img = resize(img, w, orientation)
		orientation = 1 // the next smaller one is made from this one
		if out.Width == 0 {
			out.Width, out.Height = img.Bounds().Dx(), img.Bounds().Dy()
		}
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: quality}); err != nil {
			return Prepared{}, fmt.Errorf("catalog: encode: %w", err)
		}
		out.JPEG[w] = buf.Bytes()
	}
	return out, nil
}
