package account

import "github.com/alexedwards/argon2id"

// Production are the parameters that the program hashes with.
var Production = *hashParams

// CheapHashes makes hashing fast for the tests of this package.
func CheapHashes() {
	hashParams = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}
