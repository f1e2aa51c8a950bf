package review

import (
	"strings"
	"unicode/utf8"
)

// topLevels are endings by which an address without "http" is known.
var topLevels = set("com cn net org top xyz vip cc tv me io shop store site club info biz link live app co ru jp hk tw mobi wang online fun pro ltd")

const (
	mostLink  = 60 // characters of a link that are told
	mostLinks = 3  // named in one text
	dot       = '\u3002'
	wideDot   = '\uff0e'
	halfDot   = '\uff61'
	dian      = '\u70b9' // "dot", as people say it
)

// links finds addresses on the web: with a scheme, with www, or a name with a
// known ending ("abc.com", also with a Chinese full stop or the word for dot).
func links(text string) (out []string) {
	for at := 0; at < len(text) && len(out) < mostLinks; {
		c := text[at]
		switch {
		case c == ':' && strings.HasPrefix(text[at:], "://") && schemeBefore(text, at) > 0:
			n := schemeBefore(text, at)
			end := linkEnd(text, at+3)
			out = append(out, cut(text[at-n:end]))
			at = end
		case c == '.' || c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(text[at:])
			if end := domainAt(text, at, at+n, r); end > 0 {
				from := nameBefore(text, at)
				end = linkEnd(text, end)
				out = append(out, cut(text[from:end]))
				n = end - at
			}
			at += n
		default:
			at++
		}
	}
	return out
}

// schemeBefore is how many letters of "http" or "https" end at a place.
func schemeBefore(text string, at int) int {
	for _, s := range []string{"https", "http"} {
		if at >= len(s) && strings.EqualFold(text[at-len(s):at], s) {
			return len(s)
		}
	}
	return 0
}

func nameByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-'
}

// domainAt tells where a name ends whose last dot stands at [at, after), or 0.
func domainAt(text string, at, after int, r rune) int {
	if r != '.' && r != dot && r != wideDot && r != halfDot && r != dian || at == 0 || !nameByte(text[at-1]) {
		return 0
	}
	end := after
	for end < len(text) && nameByte(text[end]) {
		end++
	}
	label := strings.ToLower(text[after:end])
	if label == "" {
		return 0
	}
	if topLevels[label] && !(end < len(text) && text[end] == '.' && end+1 < len(text) && nameByte(text[end+1])) {
		return end
	}
	if before := text[nameBefore(text, at):at]; strings.EqualFold(before, "www") {
		return end
	}
	return 0
}

// nameBefore is where the name begins that ends at a place.
func nameBefore(text string, at int) int {
	for at > 0 && (nameByte(text[at-1]) || text[at-1] == '.') {
		at--
	}
	return at
}

// linkEnd is where an address ends: at a space or a character no address has.
func linkEnd(text string, at int) int {
	for at < len(text) && text[at] > ' ' && text[at] < utf8.RuneSelf {
		at++
	}
	return at
}

func cut(s string) string {
	if len(s) > mostLink {
		s = s[:mostLink]
	}
	return strings.ToValidUTF8(s, "")
}
