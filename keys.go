package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
)

// The keys of 32 bytes that the program makes on its first start: cursorKey seals the
// cursors of lists, so that one outlives a restart, and the secrets of second factors
// are derived from factorKey.
const (
	cursorKey = "cursor.key"
	factorKey = "second-factor.key"
)

func ownKey(data, name string) ([]byte, error) {
	file := filepath.Join(data, "keys", name)
	key, err := os.ReadFile(file)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err == nil {
		return nil, fmt.Errorf("%s should hold 32 bytes; remove it, and a new one is made", file)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key) // never fails since Go 1.24
	return key, writeKey(file, key)
}

// signingKey is the key that signs checkpoints: made on the first start. Beside it
// stands a list of public keys, its own and those that came before it.
func signingKey(cfg config.Config) (*proof.Key, error) {
	file := cfg.SigningKey()
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = newSigningKey(file, algorithm(cfg))
	}
	if err != nil {
		return nil, fmt.Errorf("the key that signs checkpoints: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others can read the key that signs checkpoints; chmod 600", file)
	}
	key, err := proof.ReadKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if want := algorithm(cfg); key.Algorithm() != want {
		return nil, fmt.Errorf("%s holds a key for %s, and PARK_SIGNING_ALGORITHM asks for %s: move the key away, and a new one is made; what the old one signed stays valid", file, key.Algorithm(), want)
	}
	return key, notePublic(file, key.Public())
}

// algorithm is how the settings want checkpoints signed.
func algorithm(cfg config.Config) string {
	if cfg.SigningAlgorithm == "sm2" {
		return proof.SM2
	}
	return proof.Ed25519
}

// newSigningKey makes a key whose name says what kind it is: whoever reads a checkpoint
// alone, or the list of them, sees how it was signed.
func newSigningKey(file, algorithm string) ([]byte, error) {
	name := make([]byte, 4)
	_, _ = rand.Read(name) // never fails since Go 1.24
	private, err := "", error(nil)
	if algorithm == proof.SM2 {
		private, err = proof.NewSM2Key("park-sm2-" + hex.EncodeToString(name))
	} else {
		private, err = proof.NewKey("park-" + hex.EncodeToString(name))
	}
	if err != nil {
		return nil, err
	}
	return []byte(private), writeKey(file, []byte(private+"\n"))
}

// publicList is where the public keys stand that have signed for this installation.
func publicList(file string) string { return strings.TrimSuffix(file, ".key") + ".pub" }

// publicKeys are these keys; none before the first start.
func publicKeys(file string) ([]string, error) {
	text, err := os.ReadFile(publicList(file))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return strings.Fields(string(text)), nil
}

func notePublic(file, public string) error {
	known, err := publicKeys(file)
	if err != nil || slices.Contains(known, public) {
		return err
	}
	return appendSynced(publicList(file), public+"\n", 0o644)
}

// writeKey writes a new file, and its folder where there is none. The file appears
// whole or not at all: half a key would keep the program from starting.
func writeKey(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make the folder of keys: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*") // 0600
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// appendSynced adds to a file that only grows.
func appendSynced(file, content string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(content); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// knownSigner refuses to sign for a log whose newest checkpoint is signed by a key
// that this installation does not know: its own was lost, or another node has it.
func knownSigner(ctx context.Context, db *models.DB, prover *audit.Prover, cfg config.Config) error {
	newest, err := prover.Newest(asProgram(ctx, db, "serve"))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	known, err := publicKeys(cfg.SigningKey())
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(known, func(public string) bool { return proof.KeyID(public) == newest.KeyID }) {
		return fault.New(fault.Conflict, "数据库中的检查点由 {{.Key}} 签名，这里没有这把密钥：从备份或者另一个节点取回 {{.Path}}；确已丢失的，把它的公钥加到 {{.List}} 后换用新的密钥",
			"Key", newest.KeyID, "Path", cfg.SigningKey(), "List", publicList(cfg.SigningKey()))
	}
	return nil
}
