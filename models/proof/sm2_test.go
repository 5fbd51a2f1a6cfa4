package proof_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"parkregistry/models/proof"
)

func sm2Key(t *testing.T, name string) *proof.Key {
	t.Helper()
	private, err := proof.NewSM2Key(name)
	if err != nil {
		t.Fatal(err)
	}
	k, err := proof.ReadKey(private + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := proof.ReadKey(private); err != nil || again.Public() != k.Public() {
		t.Fatalf("the key read again is %v, %v", again, err)
	}
	return k
}

// TestAlgorithms: whichever algorithm a key has, a checkpoint signed with it opens under
// it and under nothing else, and no key passes for one of the other algorithm.
func TestAlgorithms(t *testing.T) {
	for algorithm, make := range map[string]func(*testing.T, string) *proof.Key{proof.Ed25519: key, proof.SM2: sm2Key} {
		mine := make(t, "park-test")
		if mine.Algorithm() != algorithm || proof.AlgorithmOf(mine.Public()) != algorithm {
			t.Errorf("the key says that it is %s, want %s", mine.Algorithm(), algorithm)
		}
		c := proof.Checkpoint{Origin: "log", Size: 8, Root: hash(t, vectorRoots[7])}
		signed, err := mine.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := proof.SignatureOf(signed); got != algorithm {
			t.Errorf("a checkpoint signed with %s says %s", algorithm, got)
		}
		others := []string{key(t, "park-test").Public(), sm2Key(t, "park-test").Public()}
		got, id, err := trust(t, append(others, mine.Public())...).Open(signed)
		if err != nil || got.Size != 8 || id != mine.ID() {
			t.Errorf("%s: %+v, %s, %v", algorithm, got, id, err)
		}
		for _, other := range others {
			if _, _, err := trust(t, other).Open(signed); !errors.Is(err, proof.ErrUnknownKey) {
				t.Errorf("%s opens under %s: %v", algorithm, other, err)
			}
		}
		if _, _, err := trust(t, mine.Public()).Open(strings.Replace(signed, "\n8\n", "\n9\n", 1)); !errors.Is(err, proof.ErrSignature) {
			t.Errorf("%s, altered: %v", algorithm, err)
		}
	}
	if _, err := proof.NewSM2Key("a name"); err == nil {
		t.Error("a name with a blank is taken")
	}
}

// TestSM2Lines: a line with another name, hash, point or type is no key.
func TestSM2Lines(t *testing.T) {
	public := sm2Key(t, "park-test").Public()
	parts := strings.SplitN(public, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	with := func(i int, by byte) string {
		b := slices.Clone(raw)
		b[i] ^= by
		return parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(b)
	}
	for name, bad := range map[string]string{"name": "x" + public, "hash": parts[0] + "+00000000+" + parts[2], "half a hash": parts[0] + "+" + parts[1][:4] + "+" + parts[2],
		"point": with(len(raw)-1, 1), "type": with(3, 1), "cut": parts[0] + "+" + parts[1] + "+" + base64.StdEncoding.EncodeToString(raw[:20])} {
		if _, err := proof.ReadKeys(bad); err == nil {
			t.Errorf("%s altered: %s is taken for a key", name, bad)
		}
	}
}

// TestSM2Receipt: a receipt whose checkpoint is signed with SM2 is checked with the
// public key alone; with any byte of the checkpoint altered it is refused.
func TestSM2Receipt(t *testing.T) {
	r, old := receipt(t)
	c, _, err := trust(t, old.Public()).Open(r.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	k := sm2Key(t, "park-test")
	if r.Checkpoint, err = k.Sign(c); err != nil {
		t.Fatal(err)
	}
	r.PublicKey = k.Public()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	read, err := proof.ReadReceipt(text)
	if err != nil {
		t.Fatal(err)
	}
	if said, err := read.Open(trust(t, k.Public())); err != nil || !said.Payload || said.KeyID != k.ID() {
		t.Errorf("the receipt says %+v, %v", said, err)
	}
	if _, err := read.Open(trust(t, old.Public())); !errors.Is(err, proof.ErrUnknownKey) {
		t.Errorf("under another key: %v", err)
	}
	for i := range read.Checkpoint {
		altered, b := read, []byte(read.Checkpoint)
		b[i] ^= 1
		if altered.Checkpoint = string(b); i < len(b)-4 { // base64 pads with bits that say nothing
			if _, err := altered.Open(trust(t, k.Public())); err == nil {
				t.Errorf("byte %d altered, and the receipt passes", i)
			}
		}
	}
}
