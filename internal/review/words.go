package review

import (
	"bufio"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"lindu.example/lindu/internal/fault"
)

// Kinds of listed words; doc.go says whom they concern.
const (
	Abuse    = "abuse"
	Contact  = "contact"
	Absolute = "absolute"
	Health   = "health"
	// Link is an address on the web; it stands in no list.
	Link  = "link"
	allow = "allow" // not a hit: covers a listed word inside it
)

// Kinds are those that words are listed by; the last marks harmless ones.
var Kinds = []string{Abuse, Contact, Absolute, Health, allow}

// Hit is a listed word found in a text.
type Hit struct {
	Word string // as listed; a telephone number is masked
	Kind string // abuse, contact, absolute, health, link
	// Wording is the centre's own proposal for this word, "" for the kind's.
	Wording string
}

// Proposal is the message key of a wording to use instead.
func (h Hit) Proposal() string { return "review.propose_" + h.Kind }

// Words is the proposal as an argument of a fault: the centre's own wording, or
// the key of the kind's.
func (h Hit) Words() string {
	if h.Wording != "" {
		return h.Wording
	}
	return "@" + h.Proposal()
}

// Words is a word list that can be read by many goroutines while it is
// replaced (Reload).
type Words struct {
	now atomic.Pointer[list]

	mu   sync.Mutex // one reload at a time
	seen version    // of the centre's own words that are in it
}

//go:embed words.txt
var builtIn string

// builtInWords are those that come with the product, by word.
var builtInWords = sync.OnceValue(func() map[string]string {
	list, err := parseWords(builtIn)
	if err != nil {
		panic(err) // embedded: a broken build
	}
	return list
})

var builtInList = sync.OnceValue(func() *list { return newList(builtInWords(), nil) })

// Default is the list that comes with the product. It is one for all who ask:
// do not reload it.
var defaultWords = sync.OnceValue(func() *Words { return New() })

// Default is the list that comes with the product; for a process that reloads
// its words there is New.
func Default() *Words { return defaultWords() }

// New is a list of its own with the words that come with the product.
func New() *Words {
	w := &Words{}
	w.now.Store(builtInList())
	return w
}

// parseWords reads sections "[kind]" with one word a line; "#" starts a comment.
func parseWords(text string) (map[string]string, error) {
	out := map[string]string{}
	kind := ""
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			if kind = strings.Trim(line, "[]"); !slices.Contains(Kinds, kind) {
				return nil, fmt.Errorf("review: words, line %d: no kind %q", n, kind)
			}
		case kind == "":
			return nil, fmt.Errorf("review: words, line %d stands in no section", n)
		case out[line] != "":
			return nil, fmt.Errorf("review: words, line %d: %q stands twice", n, line)
		default:
			out[line] = kind
		}
	}
	return out, sc.Err()
}

// NewWords builds a list: word -> kind, where kind "allow" marks harmless
// words. A word of which nothing is left in the compared form is skipped.
func NewWords(words map[string]string) *Words {
	w := &Words{}
	w.now.Store(newList(words, nil))
	return w
}

// Find looks through a text and names each listed word once: first those that
// stand there, in order of appearance, then those in disguise, then links.
// Where a longer word holds a shorter one only the longer counts.
func (w *Words) Find(text string) []Hit { return w.now.Load().find(text) }

// Size is how many words the list holds, harmless ones included.
func (w *Words) Size() int { return len(w.now.Load().words) }

func sorted(words map[string]string) []string { return slices.Sorted(maps.Keys(words)) }

// For leaves the hits that concern a speaker: all for one who sells, abuse,
// contact and links for anyone else.
func For(seller bool, hits []Hit) []Hit {
	if seller {
		return hits
	}
	return slices.DeleteFunc(slices.Clone(hits), func(h Hit) bool { return h.Kind != Abuse && h.Kind != Contact && h.Kind != Link })
}

// Check refuses a text (of a form field) that holds a listed word: fault
// review.word with Word and Proposal. A nil list refuses nothing.
func (w *Words) Check(seller bool, field, text string) error {
	if w == nil {
		return nil
	}
	hits := For(seller, w.Find(text))
	if len(hits) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "review.word", "Word", hits[0].Word, "Proposal", hits[0].Words()).At(field)
}
