package proof_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/models/proof"
)

// receipt is that of leaf 5 of a log of 11, with the key that signed it.
func receipt(t testing.TB) (proof.Receipt, *proof.Key) {
	t.Helper()
	const payload, judged, index, size = `{"treated":"12.0"}`, `[{"verdict":"exceeded"}]`, 5, 11
	sum, found := sha256.Sum256([]byte(payload)), sha256.Sum256([]byte(judged))
	facts, err := json.Marshal(map[string]any{"number": "LG-2026-000123", "filing": 1, "filedAs": "park:01", "sha256": hex.EncodeToString(sum[:]), "judged": hex.EncodeToString(found[:])})
	if err != nil {
		t.Fatal(err)
	}
	leaf := proof.Leaf{ID: "c", At: "1790000000", Actor: "a", Action: "ledger.file", Kind: "ledger", Object: "o", Park: "p", About: "2026-11-01", Counts: "{}", Facts: string(facts)}.Encode()
	s := &store{}
	tree, err := proof.NewTree(0, s.read)
	if err != nil {
		t.Fatal(err)
	}
	for i := range size {
		of := []byte{byte(i)}
		if i == index {
			of = leaf
		}
		added, err := tree.Add(hash(t, hex.EncodeToString(proof.LeafHash(of))))
		if err != nil {
			t.Fatal(err)
		}
		s.hashes = append(s.hashes, added...)
	}
	root, err := tree.Root()
	if err != nil {
		t.Fatal(err)
	}
	path, err := proof.Inclusion(size, index, s.read)
	if err != nil {
		t.Fatal(err)
	}
	private, err := proof.NewKey("park-test")
	if err != nil {
		t.Fatal(err)
	}
	k, err := proof.ReadKey(private)
	if err != nil {
		t.Fatal(err)
	}
	note, err := k.Sign(proof.Checkpoint{Origin: "log", Size: size, Root: root, At: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	text, says := payload, judged
	r := proof.Receipt{Format: proof.ReceiptFormat, LeafIndex: index, Leaf: leaf, Checkpoint: note, PublicKey: k.Public(), Payload: &text, Judged: &says}
	for _, h := range path {
		r.Path = append(r.Path, h[:])
	}
	return r, k
}

func TestReceipt(t *testing.T) {
	r, k := receipt(t)
	keys, err := proof.ReadKeys(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	read, err := proof.ReadReceipt(text)
	if err != nil {
		t.Fatal(err)
	}
	said, err := read.Open(keys)
	if err != nil || !said.Payload || said.Leaf.Object != "o" || said.Facts["number"] != "LG-2026-000123" || said.Index != 5 || said.Checkpoint.Size != 11 || said.KeyID != k.ID() {
		t.Errorf("the receipt says %+v, %v", said, err)
	}

	compact, err := r.Compact()
	if err != nil {
		t.Fatal(err)
	}
	short, err := proof.ReadCompact(compact)
	if err != nil || short.Payload != nil {
		t.Fatal(err)
	}
	if said, err := short.Open(keys); err != nil || said.Payload || said.Facts["filing"] != 1.0 {
		t.Errorf("the compact receipt says %+v, %v", said, err)
	}

	for name, alter := range map[string]struct {
		how  func(r *proof.Receipt)
		want error
	}{
		"payload":          {func(r *proof.Receipt) { text := strings.Replace(*r.Payload, "12.0", "12.1", 1); r.Payload = &text }, proof.ErrPayload},
		"judgements":       {func(r *proof.Receipt) { text := strings.Replace(*r.Judged, "exceeded", "within", 1); r.Judged = &text }, proof.ErrJudged},
		"no judgements":    {func(r *proof.Receipt) { r.Judged = nil }, proof.ErrJudged},
		"index":            {func(r *proof.Receipt) { r.LeafIndex++ }, proof.ErrPath},
		"index beyond":     {func(r *proof.Receipt) { r.LeafIndex = 11 }, proof.ErrPath},
		"negative index":   {func(r *proof.Receipt) { r.LeafIndex = -1 }, proof.ErrPath},
		"leaf":             {func(r *proof.Receipt) { r.Leaf = slices.Clone(r.Leaf); r.Leaf[len(r.Leaf)-20] ^= 1 }, proof.ErrPath},
		"no leaf":          {func(r *proof.Receipt) { r.Leaf = []byte("park.leaf.v1") }, proof.ErrReceipt},
		"a leaf of no use": {func(r *proof.Receipt) { r.Leaf = proof.Leaf{Facts: "{}"}.Encode() }, proof.ErrReceipt},
		"path":             {func(r *proof.Receipt) { r.Path = slices.Clone(r.Path); slices.Reverse(r.Path) }, proof.ErrPath},
		"short path":       {func(r *proof.Receipt) { r.Path = r.Path[1:] }, proof.ErrPath},
		"torn path":        {func(r *proof.Receipt) { r.Path = [][]byte{r.Path[0][1:]} }, proof.ErrReceipt},
		"checkpoint":       {func(r *proof.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "\n11\n", "\n12\n", 1) }, proof.ErrSignature},
		"another key": {func(r *proof.Receipt) {
			c, _, err := keys.Open(r.Checkpoint)
			if err != nil {
				t.Fatal(err)
			}
			if r.Checkpoint, err = key(t, "park-test").Sign(c); err != nil {
				t.Fatal(err)
			}
		}, proof.ErrUnknownKey},
	} {
		altered := r
		alter.how(&altered)
		if _, err := altered.Open(keys); !errors.Is(err, alter.want) {
			t.Errorf("%s altered: %v, want %v", name, err, alter.want)
		}
	}
	for _, bad := range []string{"", "{}", `{"format":"park.receipt.v2"}`, `{"format":"park.receipt.v1","leafIndex":0,"leaf":null,"checkpoint":null}`, `{"format":"park.receipt.v1","leafIndex":"0"}`} {
		if _, err := proof.ReadReceipt([]byte(bad)); !errors.Is(err, proof.ErrReceipt) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "!", "AAAA", compact[:len(compact)/2]} {
		if _, err := proof.ReadCompact(bad); !errors.Is(err, proof.ErrReceipt) {
			t.Errorf("compact %s: %v", bad, err)
		}
	}
}

// TestEveryByteOfAReceipt: whichever byte of a receipt file is altered, it is refused
// or says exactly the same: the public key in it is for comparing only, and white
// space between members is no content.
func TestEveryByteOfAReceipt(t *testing.T) {
	r, k := receipt(t)
	keys, err := proof.ReadKeys(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want, err := r.Open(keys)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range text {
		altered := slices.Clone(text)
		altered[i] ^= 1
		read, err := proof.ReadReceipt(altered)
		var got proof.Said
		if err == nil {
			got, err = read.Open(keys)
		}
		if err != nil {
			refused++
			continue
		}
		if got.Payload && got.Leaf != want.Leaf || got.Index != want.Index || got.Checkpoint != want.Checkpoint || got.Digest != want.Digest {
			t.Errorf("byte %d altered, and it says %+v", i, got)
		}
	}
	if refused < len(text)*8/10 {
		t.Errorf("only %d of %d alterations are refused", refused, len(text))
	}
}

func FuzzReadCompact(f *testing.F) {
	r, _ := receipt(f)
	compact, err := r.Compact()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(compact)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := proof.ReadCompact(text)
		if err != nil {
			return
		}
		again, err := r.Compact()
		if err != nil {
			t.Fatal(err)
		}
		if same, err := proof.ReadCompact(again); err != nil || same.LeafIndex != r.LeafIndex || string(same.Leaf) != string(r.Leaf) || same.Checkpoint != r.Checkpoint {
			t.Errorf("%q comes back as another receipt: %v", text, err)
		}
	})
}
