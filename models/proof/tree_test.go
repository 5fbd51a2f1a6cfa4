package proof_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"parkregistry/models/proof"
)

// store is a log in memory.
type store struct{ hashes []proof.Hash }

func (s *store) read(indexes []int64) ([]proof.Hash, error) {
	out := make([]proof.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s.hashes)) {
			return nil, fmt.Errorf("hash %d of %d", index, len(s.hashes))
		}
		out[i] = s.hashes[index]
	}
	return out, nil
}

// grow adds leaves through trees that are taken up again each time, as after a restart.
func (s *store) grow(t testing.TB, from int64, leaves ...proof.Hash) {
	t.Helper()
	for i, leaf := range leaves {
		tree, err := proof.NewTree(from+int64(i), s.read)
		if err != nil {
			t.Fatal(err)
		}
		added, err := tree.Add(leaf)
		if err != nil {
			t.Fatal(err)
		}
		s.hashes = append(s.hashes, added...)
	}
}

func hash(t testing.TB, text string) proof.Hash {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	h, err := proof.HashOf(b)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func hashes(t testing.TB, texts ...string) []proof.Hash {
	t.Helper()
	var all []proof.Hash
	for _, s := range texts {
		all = append(all, hash(t, s))
	}
	return all
}

// The test vectors of the certificate transparency project for RFC 6962: eight
// leaves, the root after each, audit paths and consistency proofs.
var (
	vectorLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	vectorRoots  = []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	vectorPaths = []struct {
		index, size int64
		path        []string
	}{
		{0, 1, nil},
		{0, 8, []string{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
		{5, 8, []string{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
		{2, 3, []string{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
		{1, 5, []string{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
	}
	vectorConsistency = []struct {
		from, to int64
		path     []string
	}{
		{1, 1, nil},
		{1, 8, []string{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
		{6, 8, []string{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
		{2, 5, []string{"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
	}
)

func vectorLog(t *testing.T) *store {
	t.Helper()
	s := &store{}
	for i, text := range vectorLeaves {
		data, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		s.grow(t, int64(i), hash(t, hex.EncodeToString(proof.LeafHash(data))))
	}
	return s
}

func TestVectors(t *testing.T) {
	s := vectorLog(t)
	for i, want := range vectorRoots {
		size := int64(i + 1)
		if got, err := proof.Root(size, s.read); err != nil || got != hash(t, want) {
			t.Errorf("root of %d leaves: %x, %v; want %s", size, got, err, want)
		}
		tree, err := proof.NewTree(size, s.read)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tree.Root(); err != nil || got != hash(t, want) || tree.Size() != size {
			t.Errorf("root of the tree of %d: %x, %v; want %s", size, got, err, want)
		}
		if n := proof.StoredCount(size); proof.SizeOf(n-1) != size {
			t.Errorf("a log with %d hashes has %d leaves, want %d", n, proof.SizeOf(n-1), size)
		}
	}
	if empty, err := proof.Root(0, s.read); err != nil || empty != hash(t, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") {
		t.Errorf("root of nothing: %x, %v", empty, err)
	}
	for _, v := range vectorPaths {
		path, err := proof.Inclusion(v.size, v.index, s.read)
		if err != nil || !equal(path, hashes(t, v.path...)) {
			t.Errorf("path of %d in %d: %x, %v", v.index, v.size, path, err)
		}
		data, _ := hex.DecodeString(vectorLeaves[v.index])
		leaf, root := hash(t, hex.EncodeToString(proof.LeafHash(data))), hash(t, vectorRoots[v.size-1])
		if err := proof.CheckInclusion(v.size, root, v.index, leaf, path); err != nil {
			t.Errorf("path of %d in %d: %v", v.index, v.size, err)
		}
		for name, bad := range map[string]error{
			"another leaf": proof.CheckInclusion(v.size, root, v.index, root, append(path, root)),
			"another root": proof.CheckInclusion(v.size, hash(t, vectorRoots[(v.size)%8]), v.index, leaf, path),
			"beyond":       proof.CheckInclusion(v.size, root, v.size, leaf, path),
			"before":       proof.CheckInclusion(v.size, root, -1, leaf, path),
		} {
			if bad == nil {
				t.Errorf("path of %d in %d passes for %s", v.index, v.size, name)
			}
		}
	}
	for _, v := range vectorConsistency {
		path, err := proof.Consistency(v.from, v.to, s.read)
		if err != nil || !equal(path, hashes(t, v.path...)) {
			t.Errorf("consistency of %d and %d: %x, %v", v.from, v.to, path, err)
		}
		older, newer := hash(t, vectorRoots[v.from-1]), hash(t, vectorRoots[v.to-1])
		if err := proof.CheckConsistency(v.from, older, v.to, newer, path); err != nil {
			t.Errorf("consistency of %d and %d: %v", v.from, v.to, err)
		}
		if proof.CheckConsistency(v.from, hash(t, vectorRoots[v.from]), v.to, newer, path) == nil {
			t.Errorf("consistency of %d and %d passes for another log", v.from, v.to)
		}
	}
}

func equal(a, b []proof.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// TestEveryProof: each leaf of each log up to 70 leaves, and each pair of sizes.
func TestEveryProof(t *testing.T) {
	const most = 70
	s, tree := &store{}, &proof.Tree{}
	tree, err := proof.NewTree(0, s.read)
	if err != nil {
		t.Fatal(err)
	}
	var leaves, roots []proof.Hash
	for i := range most {
		leaf := hash(t, hex.EncodeToString(proof.LeafHash([]byte{byte(i)})))
		added, err := tree.Add(leaf)
		if err != nil {
			t.Fatal(err)
		}
		s.hashes = append(s.hashes, added...)
		root, err := tree.Root()
		if err != nil {
			t.Fatal(err)
		}
		leaves, roots = append(leaves, leaf), append(roots, root)
	}
	for size := int64(1); size <= most; size++ {
		for index := range size {
			path, err := proof.Inclusion(size, index, s.read)
			if err != nil || proof.CheckInclusion(size, roots[size-1], index, leaves[index], path) != nil {
				t.Fatalf("leaf %d of %d: %v", index, size, err)
			}
			if proof.CheckInclusion(size, roots[size-1], index, leaves[(index+1)%most], path) == nil {
				t.Fatalf("leaf %d of %d passes for its neighbour", index, size)
			}
		}
		for from := int64(1); from <= size; from++ {
			path, err := proof.Consistency(from, size, s.read)
			if err != nil || proof.CheckConsistency(from, roots[from-1], size, roots[size-1], path) != nil {
				t.Fatalf("%d within %d: %v", from, size, err)
			}
		}
	}
}

// TestFirstLeafOfAMillion: a receipt of the first leaf still verifies when the log
// has 10^6 leaves, with twenty hashes.
func TestFirstLeafOfAMillion(t *testing.T) {
	const size = 1_000_000
	s := &store{hashes: make([]proof.Hash, 0, proof.StoredCount(size))}
	tree, err := proof.NewTree(0, s.read)
	if err != nil {
		t.Fatal(err)
	}
	var first proof.Hash
	var early proof.Hash
	for i := range size {
		leaf := hash(t, hex.EncodeToString(proof.LeafHash([]byte{byte(i >> 16), byte(i >> 8), byte(i)})))
		added, err := tree.Add(leaf)
		if err != nil {
			t.Fatal(err)
		}
		s.hashes = append(s.hashes, added...)
		if i == 1 {
			first = leaf
		}
		if i == 2 {
			if early, err = tree.Root(); err != nil {
				t.Fatal(err)
			}
		}
	}
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	path, err := proof.Inclusion(size, 1, s.read)
	if err != nil || proof.CheckInclusion(size, root, 1, first, path) != nil {
		t.Errorf("leaf 1 of %d: %v", size, err)
	}
	if len(path) != 20 {
		t.Errorf("the path has %d hashes, want 20", len(path))
	}
	// The checkpoint that an old receipt carries is the beginning of today's log.
	consistency, err := proof.Consistency(3, size, s.read)
	if err != nil || proof.CheckConsistency(3, early, size, root, consistency) != nil {
		t.Errorf("the log of 3 within %d: %v", size, err)
	}
}
