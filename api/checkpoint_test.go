package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/proof"
)

// TestCheckpoints: anybody can fetch the public key, every role can read checkpoints
// and prove that one continues another, few can sign.
func TestCheckpoints(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) { checkpoints(t, newWorld(t, db), proof.Ed25519) })
}

// TestCheckpointsSM2: the same with a key of the national algorithm.
func TestCheckpointsSM2(t *testing.T) {
	private, err := proof.NewSM2Key("park-sm2-test")
	if err != nil {
		t.Fatal(err)
	}
	key, err := proof.ReadKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		checkpoints(t, newSignedWorld(t, db, account.DefaultProfile(), nil, key), proof.SM2)
	})
}

func checkpoints(t *testing.T, w *world, algorithm string) {
	t.Helper()
	w.want(w.call("park-a", "GET", "/checkpoints/latest", nil), 404, "the newest of none")
	w.want(w.call("bureau", "POST", "/checkpoints", nil), 409, "an empty log")
	w.seal()
	first := w.want(w.call("bureau", "POST", "/checkpoints", nil), 201, "sign")
	w.draft(place{Place: w.BaoanA})
	w.seal()
	second := w.want(w.call("admin", "POST", "/checkpoints", nil), 201, "sign again")
	for who, status := range map[string]int{"park-a": 403, "firm-a": 403, "baoan-1": 403, "analyst": 403, "auditor": 403, "security": 403, "": 401} {
		w.want(w.call(who, "POST", "/checkpoints", nil), status, "sign as "+who)
	}
	key := w.want(w.call("", "GET", "/checkpoints/key", nil), 200, "public key")
	keys, err := proof.ReadKeys(key.text("publicKey"))
	if err != nil || key.text("algorithm") != algorithm || first.text("signatureAlgorithm") != algorithm {
		t.Fatalf("the key says %s, a checkpoint %s, want %s, %v", key.text("algorithm"), first.text("signatureAlgorithm"), algorithm, err)
	}
	latest := w.want(w.call("firm-a", "GET", "/checkpoints/latest", nil), 200, "the newest")
	newer, id, err := keys.Open(latest.text("note"))
	if err != nil || latest.text("note") != second.text("note") || id != key.text("keyId") || latest.at("size") != float64(newer.Size) || latest.text("root") != fmt.Sprintf("%x", newer.Root[:]) {
		t.Errorf("the newest checkpoint is %s, signed by %s, %v", latest.raw, id, err)
	}
	older, _, err := keys.Open(first.text("note"))
	if err != nil {
		t.Fatal(err)
	}
	both := w.want(w.call("park-a", "GET", "/checkpoints", nil), 200, "list").items()
	if len(both) != 2 || both[0].(map[string]any)["note"] != second.text("note") {
		t.Errorf("the list is %v", both)
	}
	a := w.want(w.call("dapeng", "GET", fmt.Sprintf("/checkpoints/consistency?from=%d&to=%d", older.Size, newer.Size), nil), 200, "consistency")
	var path []proof.Hash
	for _, text := range a.at("path").([]any) {
		b, err := base64.StdEncoding.DecodeString(text.(string))
		if err != nil {
			t.Fatal(err)
		}
		h, err := proof.HashOf(b)
		if err != nil {
			t.Fatal(err)
		}
		path = append(path, h)
	}
	if err := proof.CheckConsistency(older.Size, older.Root, newer.Size, newer.Root, path); err != nil {
		t.Errorf("the newer log does not continue the older one: %v", err)
	}
	for query, status := range map[string]int{"": 400, "?from=1": 400, "?from=0&to=1": 400, "?from=3&to=2": 400, fmt.Sprintf("?from=1&to=%d", newer.Size+1): 400, "?from=1&to=1": 200} {
		w.want(w.call("dapeng", "GET", "/checkpoints/consistency"+query, nil), status, "consistency"+query)
	}
	if a := w.call("", "GET", "/checkpoints/latest", nil); a.status != http.StatusUnauthorized {
		t.Errorf("nobody reads the newest checkpoint: %d", a.status)
	}
}
