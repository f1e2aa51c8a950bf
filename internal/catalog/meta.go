package catalog

import (
	"bytes"
	"encoding/binary"
)

// meta is what we want to know of a file before it is decoded.
type meta struct {
	orientation int     // EXIF, 1 to 8; 1 if it says nothing
	perPixel    float64 // bytes a pixel that decoding takes, 0 if not known here
}

// readMeta never fails: a file that can't be read says nothing.
func readMeta(format string, data []byte) meta {
	m := meta{orientation: 1}
	switch format {
	case "jpeg":
		m = jpegMeta(data)
	case "png":
		m.orientation = tiffOrientation(pngExif(data))
	case "webp":
		m = meta{tiffOrientation(webpExif(data)), 8} // lossless works in two buffers
	}
	return m
}

// jpegMeta walks the segments up to the picture (ITU-T T.81 annex B).
func jpegMeta(data []byte) meta {
	m := meta{orientation: 1}
	seen := false
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff {
			return m
		}
		marker := data[i+1]
		switch {
		case marker == 0xff: // a fill byte
			i++
			continue
		case marker == 0xda || marker == 0xd9: // the picture begins, or the file ends
			return m
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd7: // no length
			i += 2
			continue
		}
		n := int(binary.BigEndian.Uint16(data[i+2:]))
		if n < 2 || i+2+n > len(data) {
			return m
		}
		body := data[i+4 : i+2+n]
		switch {
		case marker == 0xe1 && !seen && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			m.orientation, seen = tiffOrientation(body[6:]), true
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			m.perPixel = jpegPerPixel(body, marker&3 == 2)
		}
		i += 2 + n
	}
	return m
}

// jpegPerPixel adds up the planes of a frame header: their sampling tells how
// many samples a pixel has. A progressive file is decoded from coefficients of
// four bytes that are all kept beside the picture.
func jpegPerPixel(frame []byte, progressive bool) float64 {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
		return 0
	}
	n := int(frame[5])
	var hMax, vMax, sum float64
	for k := range n {
		hv := frame[6+3*k+1]
		h, v := float64(hv>>4), float64(hv&15)
		hMax, vMax, sum = max(hMax, h), max(vMax, v), sum+h*v
	}
	if hMax*vMax == 0 {
		return 0
	}
	per := sum / (hMax * vMax)
	if progressive {
		per *= 5
	}
	if n == 4 {
		per += 4 // CMYK is put together in another buffer
	}
	return per
}

// pngExif finds the eXIf chunk (PNG, third edition, 11.3.3.7).
func pngExif(data []byte) []byte {
	for i := 8; i+12 <= len(data); {
		n := int64(binary.BigEndian.Uint32(data[i:]))
		if n > int64(len(data)-i-12) {
			return nil
		}
		switch string(data[i+4 : i+8]) {
		case "eXIf":
			return data[i+8 : i+8+int(n)]
		case "IEND":
			return nil
		}
		i += 12 + int(n)
	}
	return nil
}

// webpExif finds the EXIF chunk (RFC 9649, 2.7.1.5).
func webpExif(data []byte) []byte {
	for i := 12; i+8 <= len(data); {
		n := int64(binary.LittleEndian.Uint32(data[i+4:]))
		if n > int64(len(data)-i-8) {
			return nil
		}
		if string(data[i:i+4]) == "EXIF" {
			return bytes.TrimPrefix(data[i+8:i+8+int(n)], []byte("Exif\x00\x00"))
		}
		i += 8 + int(n+n%2)
	}
	return nil
}

// tiffOrientation reads tag 274 of the first directory of a TIFF header; 1 if
// there is none or it is nonsense.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	n := int64(order.Uint16(b[at:]))
	for k := range n {
		e := at + 2 + 12*k
		if e+12 > int64(len(b)) {
			return 1
		}
		const tag, short = 274, 3
		if order.Uint16(b[e:]) != tag {
			continue
		}
		if o := int(order.Uint16(b[e+8:])); order.Uint16(b[e+2:]) == short && o >= 1 && o <= 8 {
			return o
		}
		return 1
	}
	return 1
}
