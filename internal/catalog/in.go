package catalog

import (
	"strconv"
	"strings"
)

// maxIn is how many ids one query asks for.
const maxIn = 256

// in makes "$1, $2, …" from the first placeholder on, and the arguments. The
// list is filled up to a power of two by repeating the last id, so that there
// are few different texts to prepare.
func in[T ~string](first int, ids []T) (list string, args []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(first+i))
		args = append(args, string(ids[min(i, len(ids)-1)]))
	}
	return b.String(), args
}
