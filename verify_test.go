package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parkregistry/internal/config"
	"parkregistry/internal/dbtest"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/proof"
)

// answers runs a command and gives its exit code with what it said.
func answers(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, errw bytes.Buffer
	code := run(t.Context(), args, []string{"LANG=en_GB.UTF-8"}, &out, &errw)
	return code, out.String() + errw.String()
}

// stored writes a file of the test and gives its path.
func stored(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVerifyReceipt: a receipt and a public key are all that it takes, whichever way
// checkpoints are signed.
func TestVerifyReceipt(t *testing.T) {
	for _, algorithm := range []string{"ed25519", "sm2"} {
		t.Run(algorithm, func(t *testing.T) { verifiesReceipts(t, algorithm) })
	}
}

func verifiesReceipts(t *testing.T, algorithm string) {
	data, address := t.TempDir(), dbtest.SQLite(t)
	signer, err := signingKey(config.Config{Data: data, SigningAlgorithm: algorithm})
	if err != nil {
		t.Fatal(err)
	}
	db := opened(t, address)
	city := dbtest.NewCity(t, db)
	svc := ledger.New(db)
	e, err := svc.Create(city.ParkManager(city.BaoanA), "", ledger.Input{ParkID: string(city.BaoanA.Park.ID), FacilityID: string(city.BaoanA.Facility.ID), Class: "treatmentFacility.wastewater", Day: "2026-01-01",
		Payload: json.RawMessage(`{"normal":true,"startAt":"2026-01-01T00:00:00+08:00","endAt":"2026-01-01T23:00:00+08:00","inflow":"12","treated":"12","reused":"0","discharged":"12","readings":[{"pollutant":"w01018","value":"38"}],"sludgeQuantity":"1","sludgeDestination":"示例","drainDestination":"sewagePlant"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := svc.FileWith(city.ParkManager(city.BaoanA), e.ID, 0, ledger.FilingInput{Reason: "停电两天，补报"}); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	if err := audit.NewSequencer(db, log).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.NewReceipts(svc, audit.NewProver(db, signer, log, func(string) error { return nil })).Of(city.ParkManager(city.BaoanA), e.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil { // from here on there is no database
		t.Fatal(err)
	}
	text, err := json.Marshal(r.Proof)
	if err != nil {
		t.Fatal(err)
	}
	good := stored(t, "receipt.json", string(text))
	bad := stored(t, "bad.json", strings.Replace(string(text), `inflow\":\"12`, `inflow\":\"13`, 1))
	other, err := signingKey(config.Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	nowhere := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"with the keys of the installation", []string{"--receipt", good, "--data", data}, exitDone, "ok: " + e.Number + ", filing 1"},
		{"with a key alone", []string{"--receipt", good, "--data", nowhere, "--key", signer.Public()}, exitDone, "signed"},
		{"with a file of keys", []string{"--receipt", good, "--data", nowhere, "--key", data + "/keys/checkpoint.pub"}, exitDone, "the payload is the one that was filed"},
		{"as JSON", []string{"--receipt", good, "--data", data, "--json"}, exitDone, `"ok": true`},
		{"altered", []string{"--receipt", bad, "--data", data}, exitFailed, "BAD receipt: The payload is not the one that was filed"},
		{"signed by another key", []string{"--receipt", good, "--key", other.Public()}, exitFailed, "signed by no trusted key"},
		{"no receipt", []string{"--receipt", stored(t, "x", "{}"), "--data", data}, exitFailed, "not a complete receipt"},
		{"no file", []string{"--receipt", nowhere + "/none", "--data", data}, exitUsage, "none"},
		{"nobody is trusted", []string{"--receipt", good, "--data", nowhere}, exitUsage, "--key"},
		{"no key", []string{"--receipt", good, "--key", "nonsense"}, exitUsage, "not a public key"},
		{"checkpoints beside it", []string{"--receipt", good, "--checkpoint", good}, exitUsage, "--checkpoint"},
	} {
		if code, said := answers(t, append([]string{"verify"}, c.args...)...); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit code %d, want %d: %s", c.name, code, c.code, said)
		}
	}
}

// TestSigningKey: made once, kept, refused when others can read it; the list beside it grows.
func TestSigningKey(t *testing.T) {
	cfg := config.Config{Data: t.TempDir()}
	first, err := signingKey(cfg)
	if err != nil {
		t.Fatal(err)
	}
	again, err := signingKey(cfg)
	if err != nil || again.Public() != first.Public() {
		t.Errorf("the next start has another key: %v", err)
	}
	if info, err := os.Stat(cfg.SigningKey()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(cfg.SigningKey(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(cfg); err == nil {
		t.Error("a key that others can read is used")
	}
	if err := os.Remove(cfg.SigningKey()); err != nil {
		t.Fatal(err)
	}
	second, err := signingKey(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if known, err := publicKeys(cfg.SigningKey()); err != nil || len(known) != 2 || known[0] != first.Public() || known[1] != second.Public() {
		t.Errorf("the keys that have signed: %q, %v", known, err)
	}
	if err := os.WriteFile(cfg.SigningKey(), []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := signingKey(cfg); err == nil {
		t.Error("half a key is used")
	}
}

// TestSigningAlgorithm: the setting decides when a key is made, and a key of the other
// algorithm is not used in silence.
func TestSigningAlgorithm(t *testing.T) {
	cfg := config.Config{Data: t.TempDir(), SigningAlgorithm: "ed25519"}
	first, err := signingKey(cfg)
	if err != nil || first.Algorithm() != proof.Ed25519 {
		t.Fatal(first, err)
	}
	cfg.SigningAlgorithm = "sm2"
	if _, err := signingKey(cfg); err == nil || !strings.Contains(err.Error(), "PARK_SIGNING_ALGORITHM") {
		t.Errorf("an Ed25519 key where SM2 is asked for: %v", err)
	}
	if err := os.Remove(cfg.SigningKey()); err != nil {
		t.Fatal(err)
	}
	second, err := signingKey(cfg)
	if err != nil || second.Algorithm() != proof.SM2 || !strings.HasPrefix(second.ID(), "park-sm2-") {
		t.Fatal(second, err)
	}
	if again, err := signingKey(cfg); err != nil || again.Public() != second.Public() {
		t.Errorf("the next start has another key: %v", err)
	}
	if keys, err := (verifyFlags{}).trusted(cfg); err != nil || keys.None() {
		t.Errorf("both public keys are not read again: %v", err)
	}
}

// TestKeptCheckpoints: a file of checkpoints that is torn or missing is said plainly,
// and what is left of it still counts.
func TestKeptCheckpoints(t *testing.T) {
	for _, algorithm := range []string{"ed25519", "sm2"} {
		t.Run(algorithm, func(t *testing.T) { keptCheckpoints(t, algorithm) })
	}
}

func keptCheckpoints(t *testing.T, algorithm string) {
	data, address := t.TempDir(), dbtest.SQLite(t)
	cfg := config.Config{Data: data, SigningAlgorithm: algorithm}
	signer, err := signingKey(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := opened(t, address)
	city, log := dbtest.NewCity(t, db), slog.New(slog.DiscardHandler)
	if err := audit.NewSequencer(db, log).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := cfg.Checkpoints()
	prover := audit.NewProver(db, signer, log, func(note string) error { return appendSynced(file, note+"\n", 0o600) })
	for range 2 {
		if _, err := prover.Sign(city.Bureau()); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(whole), "\n")
	lines[1] += "0" // the number of leaves
	altered := strings.Join(lines, "\n")
	if code, said := answers(t, "migrate", "--database", address, "--data", data); code != exitDone {
		t.Fatal(said)
	}
	for _, c := range []struct {
		name, content string
		code          int
		says          string
	}{
		{"whole", string(whole), exitDone, "ok: 30 leaves"},
		{"torn at the end", string(whole[:len(whole)-20]), exitDone, "1 torn pieces"},
		{"torn in the middle", string(whole[:len(lines[0])+20]) + string(whole), exitDone, "1 torn pieces"},
		{"missing", "", exitDone, "is missing: the log is held"},
		{"altered", altered, exitFailed, "BAD checkpoints"},
	} {
		if err := os.Remove(file); err != nil && c.content == "" {
			t.Fatal(err)
		}
		if c.content != "" {
			if err := os.WriteFile(file, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		code, said := answers(t, "verify", "--database", address, "--data", data)
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit code %d, want %d: %s", c.name, code, c.code, said)
		}
	}
}
