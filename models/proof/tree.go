package proof

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is one hash of the log: of a leaf, or of two hashes below it.
type Hash = tlog.Hash

// HashOf reads a hash from its 32 bytes.
func HashOf(b []byte) (Hash, error) {
	var h Hash
	if len(b) != len(h) {
		return h, fmt.Errorf("a hash has %d bytes, not %d", len(h), len(b))
	}
	copy(h[:], b)
	return h, nil
}

// Read gives the stored hashes with these indexes, in this order.
type Read func(indexes []int64) ([]Hash, error)

// ReadHashes implements tlog.HashReader.
func (r Read) ReadHashes(indexes []int64) ([]Hash, error) { return r(indexes) }

// StoredCount is how many hashes a log of that many leaves stores: just under two a leaf.
func StoredCount(size int64) int64 { return tlog.StoredHashCount(size) }

// SizeOf is the number of leaves of a log whose last stored hash has that index;
// -1, no hash at all, is the empty log.
func SizeOf(last int64) int64 {
	if last < 0 {
		return 0
	}
	level, n := tlog.SplitStoredHashIndex(last)
	return (n + 1) << level
}

// Tree grows a log leaf by leaf. It keeps only the complete subtrees on the right
// edge, so that it is as small for a million leaves as for ten.
type Tree struct {
	size int64
	edge map[int64]Hash // by stored index
}

// NewTree takes up a log of that many leaves; read is asked once, for its edge.
func NewTree(size int64, read Read) (*Tree, error) {
	t := &Tree{size: size, edge: map[int64]Hash{}}
	indexes := edgeOf(size)
	if len(indexes) == 0 {
		return t, nil
	}
	hashes, err := read(indexes)
	if err != nil {
		return nil, err
	}
	if len(hashes) != len(indexes) {
		return nil, fmt.Errorf("%d hashes were read for %d indexes", len(hashes), len(indexes))
	}
	for i, index := range indexes {
		t.edge[index] = hashes[i]
	}
	return t, nil
}

// edgeOf are the stored indexes of the complete subtrees that a log of that many
// leaves consists of: one for each bit of size.
func edgeOf(size int64) []int64 {
	var all []int64
	for begin := int64(0); begin < size; {
		level := bits.Len64(uint64(size-begin)) - 1
		all = append(all, tlog.StoredHashIndex(level, begin>>level))
		begin += 1 << level
	}
	return all
}

func (t *Tree) read(indexes []int64) ([]Hash, error) {
	hashes := make([]Hash, len(indexes))
	for i, index := range indexes {
		h, ok := t.edge[index]
		if !ok {
			return nil, fmt.Errorf("hash %d is not on the edge", index)
		}
		hashes[i] = h
	}
	return hashes, nil
}

// Add appends one leaf and gives the hashes to store for it, the first with index
// StoredCount of the size before.
func (t *Tree) Add(leaf Hash) ([]Hash, error) {
	added, err := tlog.StoredHashesForRecordHash(t.size, leaf, Read(t.read))
	if err != nil {
		return nil, err
	}
	first := tlog.StoredHashIndex(0, t.size)
	for level := range len(added) - 1 { // these subtrees are now part of a larger one
		delete(t.edge, tlog.StoredHashIndex(level, t.size>>level-1))
	}
	t.edge[first+int64(len(added)-1)] = added[len(added)-1]
	t.size++
	return added, nil
}

// Size is the number of leaves.
func (t *Tree) Size() int64 { return t.size }

// Root is the hash of the whole log as it is now.
func (t *Tree) Root() (Hash, error) { return tlog.TreeHash(t.size, Read(t.read)) }

// Root is the hash of the log when it had that many leaves.
func Root(size int64, read Read) (Hash, error) { return tlog.TreeHash(size, read) }

// Inclusion proves that the log of that size has the leaf with that index
// (RFC 6962 §2.1.1).
func Inclusion(size, index int64, read Read) ([]Hash, error) {
	return tlog.ProveRecord(size, index, read)
}

// CheckInclusion is nil when path proves it.
func CheckInclusion(size int64, root Hash, index int64, leaf Hash, path []Hash) error {
	return tlog.CheckRecord(path, size, root, index, leaf)
}

// Consistency proves that the log of size to begins with the log of size from
// (RFC 6962 §2.1.2).
func Consistency(from, to int64, read Read) ([]Hash, error) {
	return tlog.ProveTree(to, from, read)
}

// CheckConsistency is nil when path proves it.
func CheckConsistency(from int64, older Hash, to int64, newer Hash, path []Hash) error {
	return tlog.CheckTree(path, to, newer, from, older)
}
