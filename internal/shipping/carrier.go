package shipping

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed data/carriers.txt
var carrierText string

// Carrier brings parcels. Code is what tracking services call it.
type Carrier struct {
	Code    string
	Name    string // Chinese
	English string
}

var carriers = sync.OnceValue(func() []Carrier {
	var out []Carrier
	for line := range strings.Lines(carrierText) {
		if f := strings.Split(strings.TrimSpace(line), "|"); len(f) == 3 && !strings.HasPrefix(line, "#") {
			out = append(out, Carrier{f[0], f[1], f[2]})
		}
	}
	return out
})

// Carriers lists the carriers' codes in the order screens show them.
func Carriers() []string {
	var out []string
	for _, c := range carriers() {
		out = append(out, c.Code)
	}
	return out
}

// CarrierList lists the carriers with their names.
func CarrierList() []Carrier { return slices.Clone(carriers()) }

// CarrierByCode finds a carrier by its code, or by either of its names, as a
// spreadsheet may have it.
func CarrierByCode(s string) (Carrier, bool) {
	s = strings.TrimSpace(s)
	i := slices.IndexFunc(carriers(), func(c Carrier) bool {
		return c.Code == s || c.Name == s || strings.EqualFold(c.English, s)
	})
	if i < 0 {
		return Carrier{}, false
	}
	return carriers()[i], true
}
