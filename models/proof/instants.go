package proof

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Instants binds the moments at which leaves got their numbers: a chain, from one
// checkpoint to the next, since a leaf cannot hold what is decided after it.
type Instants struct{ chain Hash }

// InstantsFrom takes the chain up where a checkpoint left it.
func InstantsFrom(sealed Hash) Instants { return Instants{sealed} }

// Add appends the moments of the next leaves, in order.
func (i *Instants) Add(at ...time.Time) {
	for _, t := range at {
		var block [sha256.Size + 8]byte
		copy(block[:], i.chain[:])
		binary.BigEndian.PutUint64(block[sha256.Size:], uint64(t.UnixMicro()))
		i.chain = sha256.Sum256(block[:])
	}
}

// Hash is the chain so far.
func (i *Instants) Hash() Hash { return i.chain }
