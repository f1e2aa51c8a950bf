package verify

import (
	"crypto/sha256"
	"math/bits"
)

// Hash of the tree (RFC 6962, 2.1): a leaf is hashed with 0x00 before it, two
// children with 0x01.
type Hash = [sha256.Size]byte

const width = 256 // of a tile and of a bundle of entries

func hashLeaf(b []byte) Hash {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(b)
	return Hash(h.Sum(nil))
}

func hashChildren(l, r Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], l[:])
	copy(b[1+sha256.Size:], r[:])
	return sha256.Sum256(b[:])
}

// rootOf is the root of leaves, or of the roots of perfect trees of one size.
func rootOf(nodes []Hash) Hash {
	switch len(nodes) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return nodes[0]
	}
	k := 1 << (bits.Len(uint(len(nodes)-1)) - 1) // the largest power of two below
	return hashChildren(rootOf(nodes[:k]), rootOf(nodes[k:]))
}

// rootAt is the root of the first size leaves, of which full are the roots of
// the bundles before the last, and rest the leaves after those.
func rootAt(full, rest []Hash) Hash {
	if len(rest) == 0 {
		return rootOf(full)
	}
	// The leaves of the last, partial bundle make one node: a tree of n leaves
	// splits at powers of two, so every full bundle stands by itself.
	return rootOf(append(append(make([]Hash, 0, len(full)+1), full...), rootOf(rest)))
}
