package proof

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/mod/sumdb/note"
)

// How a key signs. The root that is signed is SHA-256 either way (RFC 6962).
const (
	Ed25519 = "Ed25519"
	SM2     = "SM2-SM3" // GB/T 32918.2 over SM3, with the usual identity of GB/T 35276
)

// sm2Type begins an SM2 key in a line of text, as C2SP signed-note has it for algorithms
// without a number: 0xff, and what it is called. The name of a key is bound to it by
// its hash, so that no signature can be taken for one of the other algorithm.
const sm2Type = "\xffsm2-sm3"

// AlgorithmOf is how a public key is checked, by its line of text.
func AlgorithmOf(public string) string {
	if v, err := verifierOf(public); err == nil {
		if _, ok := v.(sm2Verifier); ok {
			return SM2
		}
	}
	return Ed25519
}

// SignatureOf is how a signed checkpoint was signed, by the length of its signature: an
// Ed25519 one has 64 bytes, an SM2 one, two numbers in DER, is six or more longer but for
// one in 2^48. Whether it is good, a key says.
func SignatureOf(signed string) string {
	line := strings.Fields("- " + signed[strings.LastIndexByte(strings.TrimSpace(signed), '\n')+1:])
	raw, err := base64.StdEncoding.DecodeString(line[len(line)-1])
	if err == nil && len(raw) != 4+ed25519.SignatureSize { // four bytes of the key's hash first
		return SM2
	}
	return Ed25519
}

// verifierOf reads a public key of either algorithm.
func verifierOf(public string) (note.Verifier, error) {
	if v, err := note.NewVerifier(public); err == nil {
		return v, nil
	}
	name, hash, key, err := splitKey(public)
	if err != nil {
		return nil, err
	}
	point, err := sm2.NewPublicKey([]byte(strings.TrimPrefix(string(key), sm2Type)))
	if err != nil || hash != keyHash(name, key) {
		return nil, errKey
	}
	return sm2Verifier{name, hash, point}, nil
}

var errKey = errors.New("not a key")

// splitKey takes name+hash+base64 apart, where the bytes are those of an SM2 key.
func splitKey(line string) (name string, hash uint32, key []byte, err error) {
	parts := strings.SplitN(line, "+", 3)
	if len(parts) != 3 || parts[0] == "" || len(parts[1]) != 8 {
		return "", 0, nil, errKey
	}
	n, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return "", 0, nil, errKey
	}
	if key, err = base64.StdEncoding.DecodeString(parts[2]); err != nil || !bytes.HasPrefix(key, []byte(sm2Type)) {
		return "", 0, nil, errKey
	}
	return parts[0], uint32(n), key, nil
}

// keyHash names a key beside its name, as signed notes do.
func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:])
}

type sm2Verifier struct {
	name string
	hash uint32
	key  *ecdsa.PublicKey
}

// Name implements note.Verifier.
func (v sm2Verifier) Name() string { return v.name }

// KeyHash implements note.Verifier.
func (v sm2Verifier) KeyHash() uint32 { return v.hash }

// Verify implements note.Verifier.
func (v sm2Verifier) Verify(msg, sig []byte) bool { return sm2.VerifyASN1WithSM2(v.key, nil, msg, sig) }

type sm2Signer struct {
	sm2Verifier
	private *sm2.PrivateKey
}

// Sign implements note.Signer.
func (s sm2Signer) Sign(msg []byte) ([]byte, error) {
	return s.private.SignWithSM2(rand.Reader, nil, msg)
}

// NewSM2Key makes a key of that name that signs with SM2 and gives its private text.
func NewSM2Key(name string) (string, error) {
	private, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	both, err := private.ECDH()
	if err != nil {
		return "", err
	}
	text := privateMark + line(name, both.PublicKey().Bytes(), both.Bytes())
	_, err = ReadKey(text) // a name that no note can carry
	return text, err
}

// privateMark begins the text of every signing key.
const privateMark = "PRIVATE+KEY+"

// line is a key as text: the hash is always that of the public one.
func line(name string, public, key []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, append([]byte(sm2Type), public...)), base64.StdEncoding.EncodeToString(append([]byte(sm2Type), key...)))
}

// readSM2Key reads the text that NewSM2Key gave.
func readSM2Key(private string) (*Key, error) {
	name, hash, key, err := splitKey(strings.TrimPrefix(private, privateMark))
	if err != nil || !strings.HasPrefix(private, privateMark) {
		return nil, errKey
	}
	d, err := sm2.NewPrivateKey([]byte(strings.TrimPrefix(string(key), sm2Type)))
	if err != nil {
		return nil, errKey
	}
	both, err := d.ECDH()
	if err != nil {
		return nil, errKey
	}
	point := both.PublicKey().Bytes()
	public := line(name, point, point)
	verifier, err := verifierOf(public)
	if err != nil || verifier.KeyHash() != hash {
		return nil, errKey
	}
	k := &Key{sm2Signer{verifier.(sm2Verifier), d}, public}
	if _, err := k.Sign(Checkpoint{Origin: "x"}); err != nil { // the name has a blank or a plus
		return nil, errKey
	}
	return k, nil
}
