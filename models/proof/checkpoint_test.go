package proof_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parkregistry/models/proof"
)

func key(t *testing.T, origin string) *proof.Key {
	t.Helper()
	private, err := proof.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	k, err := proof.ReadKey(private + "\n")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func trust(t *testing.T, public ...string) proof.Keys {
	t.Helper()
	keys, err := proof.ReadKeys(public...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestCheckpoint(t *testing.T) {
	mine, other := key(t, "park/abc"), key(t, "park/abc")
	c := proof.Checkpoint{Origin: "park/abc", Size: 8, Root: hash(t, vectorRoots[7]), At: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC), Sealed: hash(t, vectorRoots[0])}
	signed, err := mine.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(signed, "\n")
	if lines[0] != "park/abc" || lines[1] != "8" || lines[2] != "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=" || lines[3] != "time 2026-11-02T03:04:05Z" || lines[5] != "algorithm rfc6962-sha256" {
		t.Errorf("signed %q", signed)
	}
	got, id, err := trust(t, other.Public(), mine.Public()).Open(signed)
	if err != nil || got != c || id != mine.ID() || !strings.HasPrefix(id, "park/abc+") {
		t.Errorf("opened %+v, %q, %v", got, id, err)
	}
	if proof.KeyID(mine.Public()) != mine.ID() || mine.ID() == other.ID() {
		t.Errorf("the keys are %s and %s", mine.ID(), other.ID())
	}
	if _, _, err := trust(t, other.Public()).Open(signed); !errors.Is(err, proof.ErrUnknownKey) {
		t.Errorf("signed by another key: %v", err)
	}
	if _, _, err := trust(t).Open(signed); !errors.Is(err, proof.ErrUnknownKey) {
		t.Errorf("nobody is trusted: %v", err)
	}
	if _, _, err := trust(t, mine.Public()).Open(strings.Replace(signed, "\n8\n", "\n7\n", 1)); !errors.Is(err, proof.ErrSignature) {
		t.Errorf("another size: %v", err)
	}
	for _, bad := range []string{"", "\n", signed[:40], strings.ReplaceAll(signed, "\n", "\r\n"), signed + "x"} {
		if _, _, err := trust(t, mine.Public()).Open(bad); !errors.Is(err, proof.ErrNote) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestCheckpointOfAnotherKind: what is signed with the key and is no checkpoint is
// not taken for one.
func TestCheckpointOfAnotherKind(t *testing.T) {
	mine := key(t, "park/abc")
	for name, c := range map[string]proof.Checkpoint{
		"no name":        {Size: 1, At: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"a year too far": {Origin: "park/abc", Size: 1, At: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		signed, err := mine.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := trust(t, mine.Public()).Open(signed); !errors.Is(err, proof.ErrNote) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNotes(t *testing.T) {
	mine, second := key(t, "park/abc"), key(t, "park/xyz")
	var all []string
	for i, k := range []*proof.Key{mine, second, mine} {
		signed, err := k.Sign(proof.Checkpoint{Origin: "log", Size: int64(i)})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, signed)
	}
	for _, between := range []string{"", "\n", "\n\n"} {
		if got := proof.Notes(strings.Join(all, between)); !slices.Equal(got, all) {
			t.Errorf("separated by %q: %q", between, got)
		}
	}
	if got := proof.Notes(all[0] + "log\n1\n"); len(got) != 2 || got[1] != "log\n1" {
		t.Errorf("what is left over is not shown: %q", got)
	}
	if got := proof.Notes("\n"); len(got) != 0 {
		t.Errorf("an empty file holds %q", got)
	}
	one, other := proof.NewOrigin(), proof.NewOrigin()
	if proof.OriginOf(all[0]) != "log" || proof.OriginOf("") != "" || one == other {
		t.Error("origins")
	}
}

func TestKeys(t *testing.T) {
	for _, bad := range []string{"", "PRIVATE+KEY+", "PRIVATE+KEY+a+00000000+AAAA", "nonsense"} {
		if _, err := proof.ReadKey(bad); err == nil {
			t.Errorf("%q is taken for a private key", bad)
		}
		if _, err := proof.ReadKeys(bad); err == nil {
			t.Errorf("%q is taken for a public key", bad)
		}
	}
	if _, err := proof.NewKey("a name"); err == nil {
		t.Error("a name with a blank is taken")
	}
}

func TestInstants(t *testing.T) {
	at := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	var all, first proof.Instants
	all.Add(at, at.Add(time.Second), at)
	first.Add(at, at.Add(time.Second))
	next := proof.InstantsFrom(first.Hash())
	next.Add(at)
	if next.Hash() != all.Hash() {
		t.Error("the chain taken up again ends elsewhere")
	}
	var other proof.Instants
	other.Add(at, at.Add(time.Second), at.Add(time.Microsecond))
	if other.Hash() == all.Hash() {
		t.Error("another instant gives the same chain")
	}
}
