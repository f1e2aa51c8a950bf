package catalog

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	xdraw "golang.org/x/image/draw"
)

// resize makes a picture w wide when upright, on white. It computes what
// x/image's CatmullRom does, but row by row: that one keeps an intermediate of
// w × the source's height × 32 bytes, over 600 MB for a tall picture, this one
// a few rows.
func resize(src image.Image, w, orientation int) *image.RGBA {
	b := src.Bounds()
	size := upright(b.Dx(), b.Dy(), orientation)
	h := max(1, int(math.Round(float64(size.Y)*float64(w)/float64(size.X))))
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w // the source lies on its side
	}
	r := newResampler(b.Dx(), b.Dy(), dw, dh)
	strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), min(stripRows, b.Dy())))
	for y := 0; y < b.Dy(); y += stripRows {
		rows := min(stripRows, b.Dy()-y)
		area := image.Rect(0, 0, b.Dx(), rows)
		draw.Draw(strip, area, image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(strip, area, src, image.Pt(b.Min.X, b.Min.Y+y), draw.Over)
		for i := range rows {
			r.row(y+i, strip.Pix[i*strip.Stride:][:4*b.Dx()])
		}
	}
	return turn(r.dst, orientation)
}

// stripRows is how many rows of the source are turned into RGBA at a time.
const stripRows = 16

// span is which source pixels a target pixel is made of.
type span struct {
	from    int
	weights []float32
}

// spans computes the weights for one direction; they add up to 1.
func spans(from, to int) []span {
	k := xdraw.CatmullRom
	scale := float64(from) / float64(to)
	half, arg := k.Support, 1.0
	if scale > 1 { // widened, so that every source pixel is seen
		half, arg = half*scale, 1/scale
	}
	out := make([]span, to)
	for x := range out {
		center := (float64(x)+0.5)*scale - 0.5
		i := max(0, int(math.Floor(center-half)))
		j := min(from, int(math.Ceil(center+half)))
		var sum float64
		ws := make([]float64, j-i)
		for s := range ws {
			if t := math.Abs((center - float64(i+s)) * arg); t < k.Support {
				ws[s] = k.At(t)
				sum += ws[s]
			}
		}
		out[x] = span{from: i, weights: make([]float32, len(ws))}
		for s := range ws {
			out[x].weights[s] = float32(ws[s] / sum)
		}
	}
	return out
}

// resampler takes the rows of a picture in order and fills dst.
type resampler struct {
	dst  *image.RGBA
	x, y []span
	line []float32   // the row at hand, already narrow
	open [][]float32 // sums of the target rows that are under way, from first on
	free [][]float32
	head int // the first target row that is not finished
}

func newResampler(sw, sh, dw, dh int) *resampler {
	return &resampler{dst: image.NewRGBA(image.Rect(0, 0, dw, dh)), x: spans(sw, dw), y: spans(sh, dh), line: make([]float32, 3*dw)}
}

// row adds a source row of RGBA bytes to every target row that it is part of.
func (r *resampler) row(sy int, pix []byte) {
	r.narrow(pix)
	for dy := r.head; dy < len(r.y) && r.y[dy].from <= sy; dy++ {
		s := r.y[dy]
		k := sy - s.from
		if k >= len(s.weights) {
			continue
		}
		if dy-r.head >= len(r.open) {
			r.open = append(r.open, r.blank())
		}
		sum, w := r.open[dy-r.head], s.weights[k]
		for i, v := range r.line {
			sum[i] += w * v
		}
	}
	for r.head < len(r.y) && len(r.open) > 0 && sy == r.y[r.head].from+len(r.y[r.head].weights)-1 {
		r.finish()
	}
}

// narrow resamples one row to the target's width.
func (r *resampler) narrow(pix []byte) {
	for x, s := range r.x {
		var cr, cg, cb float32
		p := pix[4*s.from:]
		for k, w := range s.weights {
			q := p[4*k : 4*k+3 : 4*k+3]
			cr += w * float32(q[0])
			cg += w * float32(q[1])
			cb += w * float32(q[2])
		}
		r.line[3*x], r.line[3*x+1], r.line[3*x+2] = cr, cg, cb
	}
}

func (r *resampler) blank() []float32 {
	if n := len(r.free); n > 0 {
		b := r.free[n-1]
		r.free = r.free[:n-1]
		clear(b)
		return b
	}
	return make([]float32, len(r.line))
}

func (r *resampler) finish() {
	sum := r.open[0]
	pix := r.dst.Pix[r.head*r.dst.Stride:]
	for x := range len(r.x) {
		pix[4*x], pix[4*x+1], pix[4*x+2], pix[4*x+3] = clamp(sum[3*x]), clamp(sum[3*x+1]), clamp(sum[3*x+2]), 255
	}
	r.free = append(r.free, sum)
	r.open = r.open[1:]
	r.head++
}

func clamp(v float32) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

// upright is the size of a picture after it was turned.
func upright(w, h, orientation int) image.Point {
	if orientation >= 5 {
		return image.Pt(h, w)
	}
	return image.Pt(w, h)
}

// turn applies an EXIF orientation (TIFF 6.0, tag 274): 1 is upright, 3, 6 and
// 8 are turned, the others mirrored too.
func turn(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 || orientation > 8 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	dst := image.NewRGBA(image.Rectangle{Max: upright(w, h, orientation)})
	for y := range h {
		for x := range w {
			dx, dy := x, y
			switch orientation {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			copy(dst.Pix[dst.PixOffset(dx, dy):][:4], src.Pix[src.PixOffset(x, y):][:4])
		}
	}
	return dst
}
