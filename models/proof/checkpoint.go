package proof

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint says what the log was at one moment. Signed, it binds whoever keeps
// the log: a log that does not have this root at this size is another log.
type Checkpoint struct {
	Origin string    // of the log: made at its first checkpoint, kept for ever
	Size   int64     // leaves
	Root   Hash      // RFC 6962 §2.1
	At     time.Time // UTC, whole seconds
	Sealed Hash      // over the instants at which the leaves got their numbers; see Instants
}

// Text is the checkpoint as it is signed: origin, size and root on the first three
// lines, as others write theirs (C2SP tlog-checkpoint), then lines of our own.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\ntime %s\nsealed %s\nalgorithm %s\n", c.Origin, c.Size, encode64(c.Root), c.At.UTC().Format(time.RFC3339), encode64(c.Sealed), Algorithm)
}

func encode64(h Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }

var errCheckpoint = errors.New("not a checkpoint of this program")

// parseCheckpoint takes exactly what Text writes.
func parseCheckpoint(text string) (Checkpoint, error) {
	var c Checkpoint
	lines := strings.Split(text, "\n")
	if len(lines) != 7 {
		return c, errCheckpoint
	}
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := decode64(lines[2])
	at, err3 := time.Parse("time "+time.RFC3339, lines[3])
	sealed, err4 := decode64(strings.TrimPrefix(lines[4], "sealed "))
	if errors.Join(err1, err2, err3, err4) != nil {
		return c, errCheckpoint
	}
	c = Checkpoint{lines[0], size, root, at.UTC(), sealed}
	if c.Text() != text {
		return c, errCheckpoint
	}
	return c, nil
}

func decode64(s string) (Hash, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return Hash{}, err
	}
	return HashOf(b)
}

// Key signs checkpoints with Ed25519 or SM2.
type Key struct {
	signer note.Signer
	public string
}

// NewOrigin makes the name of a new log.
func NewOrigin() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return "parkregistry/" + hex.EncodeToString(b)
}

// NewKey makes a key of that name that signs with Ed25519 and gives its private text.
func NewKey(name string) (string, error) {
	private, _, err := note.GenerateKey(rand.Reader, name)
	if err == nil {
		_, err = ReadKey(private) // a name that no note can carry
	}
	return private, err
}

// ReadKey reads the text that NewKey or NewSM2Key gave.
func ReadKey(private string) (*Key, error) {
	private = strings.TrimSpace(private)
	if k, err := readSM2Key(private); err == nil {
		return k, nil
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, errors.New("not a signing key: expected one line that begins with PRIVATE+KEY+")
	}
	parts := strings.SplitN(private, "+", 5) // PRIVATE, KEY, name, hash, key; base64 has a + of its own
	public, err := publicOf(parts[4], signer.Name())
	if err != nil {
		return nil, err
	}
	return &Key{signer, public}, nil
}

// publicOf derives the public key from one byte that names Ed25519 and the seed.
func publicOf(private, name string) (string, error) {
	seed, err := base64.StdEncoding.DecodeString(private)
	if err != nil {
		return "", err
	}
	key := ed25519.NewKeyFromSeed(seed[1:])
	return note.NewEd25519VerifierKey(name, key.Public().(ed25519.PublicKey))
}

// Public is the public key as one line of text: name, eight hexadecimal digits of
// its hash, and the key itself in base64 behind what names its algorithm.
func (k *Key) Public() string { return k.public }

// Algorithm is how the key signs.
func (k *Key) Algorithm() string { return AlgorithmOf(k.public) }

// ID names the key: all of Public but the key itself.
func (k *Key) ID() string { return KeyID(k.public) }

// KeyID names a public key.
func KeyID(public string) string {
	name, rest, _ := strings.Cut(public, "+")
	hash, _, _ := strings.Cut(rest, "+")
	return name + "+" + hash
}

// Sign gives the checkpoint as a signed note.
func (k *Key) Sign(c Checkpoint) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, k.signer)
	return string(signed), err
}

// Keys are the public keys that a reader trusts.
type Keys struct{ list []note.Verifier }

// ReadKeys reads public keys as Public gives them.
func ReadKeys(public ...string) (Keys, error) {
	var k Keys
	for _, p := range public {
		v, err := verifierOf(strings.TrimSpace(p))
		if err != nil {
			return k, errors.New("not a public key: expected name+hash+key on one line")
		}
		k.list = append(k.list, v)
	}
	return k, nil
}

// None reports whether nobody is trusted.
func (k Keys) None() bool { return len(k.list) == 0 }

// OriginOf is the first line of a signed checkpoint, believed by nobody yet.
func OriginOf(signed string) string {
	origin, _, _ := strings.Cut(signed, "\n")
	return origin
}

// Notes are the signed checkpoints of a text that holds several, one behind another.
func Notes(text string) []string {
	var all []string
	begin := 0
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			break
		}
		line, next := text[at:at+end], at+end+1
		if strings.HasPrefix(line, "— ") && !strings.HasPrefix(text[next:], "— ") {
			all = append(all, strings.TrimLeft(text[begin:next], "\n"))
			begin = next
		}
		at = next
	}
	if rest := strings.TrimSpace(text[begin:]); rest != "" {
		all = append(all, rest) // no checkpoint, which whoever opens it will say
	}
	return all
}

// Why a signed checkpoint is not accepted.
var (
	ErrUnknownKey = errors.New("signed by no key that is trusted here")
	ErrSignature  = errors.New("the signature does not match")
	ErrNote       = errors.New("not a signed checkpoint")
)

// Open checks the signature of a signed checkpoint and gives what it says and the
// name of the key.
func (k Keys) Open(signed string) (Checkpoint, string, error) {
	n, err := note.Open([]byte(signed), note.VerifierList(k.list...))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified):
		return Checkpoint{}, "", ErrUnknownKey
	case errors.As(err, &invalid):
		return Checkpoint{}, "", ErrSignature
	case err != nil:
		return Checkpoint{}, "", ErrNote
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, "", ErrNote
	}
	return c, fmt.Sprintf("%s+%08x", n.Sigs[0].Name, n.Sigs[0].Hash), nil
}
