package proof

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// ReceiptFormat names the form of a receipt.
const ReceiptFormat = "park.receipt.v1"

// Receipt proves one filing: the leaf of its change, the path from there to the
// root of a signed checkpoint, and the payload that the leaf commits to. It is
// checked with a public key and nothing else: no database, no network.
type Receipt struct {
	Format     string   `json:"format"`
	LeafIndex  int64    `json:"leafIndex"`
	Leaf       []byte   `json:"leaf"`       // base64
	Path       [][]byte `json:"path"`       // RFC 6962 §2.1.1, base64
	Checkpoint string   `json:"checkpoint"` // signed note
	PublicKey  string   `json:"publicKey"`  // of the signer, to compare with the one that the reader trusts
	Payload    *string  `json:"payload"`    // byte for byte as filed; nil where only its digest is shown, as in a QR code
	Judged     *string  `json:"judged"`     // byte for byte what was found of the readings; nil like Payload
}

// Said is what a receipt proves.
type Said struct {
	Leaf       Leaf
	Facts      map[string]any
	Digest     string // SHA-256 of the payload, hexadecimal
	Payload    bool   // payload and judgements are there and are those that were filed
	Index      int64
	Checkpoint Checkpoint
	KeyID      string
}

// Why a receipt proves nothing. Open answers one of these, or one of Keys.Open.
var (
	ErrReceipt = errors.New("not a receipt")
	ErrPath    = errors.New("the leaf is not in the log that was signed")
	ErrPayload = errors.New("the payload is not the one that was filed")
	ErrJudged  = errors.New("the judgements are not those of the filing")
)

// ReadReceipt reads a receipt file. Members that it does not know are for people.
func ReadReceipt(text []byte) (Receipt, error) {
	var r Receipt
	if err := json.Unmarshal(text, &r); err != nil || r.Format != ReceiptFormat || len(r.Leaf) == 0 || r.Checkpoint == "" {
		return r, ErrReceipt
	}
	return r, nil
}

// Open checks everything that a receipt claims under the keys that the reader trusts.
func (r Receipt) Open(keys Keys) (Said, error) {
	s := Said{Index: r.LeafIndex}
	var ok bool
	if s.Leaf, ok = DecodeLeaf(r.Leaf); !ok || json.Unmarshal([]byte(s.Leaf.Facts), &s.Facts) != nil {
		return s, ErrReceipt
	}
	if s.Digest, ok = s.Facts["sha256"].(string); !ok {
		return s, ErrReceipt
	}
	path := make([]Hash, len(r.Path))
	for i, b := range r.Path {
		var err error
		if path[i], err = HashOf(b); err != nil {
			return s, ErrReceipt
		}
	}
	leaf, err := HashOf(LeafHash(r.Leaf))
	if err != nil {
		return s, err
	}
	if s.Checkpoint, s.KeyID, err = keys.Open(r.Checkpoint); err != nil {
		return s, err
	}
	if CheckInclusion(s.Checkpoint.Size, s.Checkpoint.Root, r.LeafIndex, leaf, path) != nil {
		return s, ErrPath
	}
	if r.Payload == nil {
		return s, nil
	}
	if hexSum(*r.Payload) != s.Digest {
		return s, ErrPayload
	}
	judged, want := "", s.Facts["judged"] // nil for a filing without readings
	if r.Judged != nil {
		judged = *r.Judged
	}
	if (judged == "") != (want == nil) || judged != "" && hexSum(judged) != want {
		return s, ErrJudged
	}
	s.Payload = true
	return s, nil
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Compact is the receipt without its payload as text for an address: what a QR code holds.
func (r Receipt) Compact() (string, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", err
	}
	_, err = w.Write(Encode(strconv.FormatInt(r.LeafIndex, 10), string(r.Leaf), string(bytes.Join(r.Path, nil)), r.Checkpoint))
	if err = errors.Join(err, w.Close()); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(packed.Bytes()), nil
}

// maxCompact bounds what a compact text may unpack to.
const maxCompact = 64 << 10

// ReadCompact reads what Compact wrote.
func ReadCompact(text string) (Receipt, error) {
	r := Receipt{Format: ReceiptFormat}
	packed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return r, ErrReceipt
	}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxCompact))
	if err != nil {
		return r, ErrReceipt
	}
	fields, ok := Decode(raw)
	if !ok || len(fields) != 4 || len(fields[2])%sha256.Size != 0 {
		return r, ErrReceipt
	}
	if r.LeafIndex, err = strconv.ParseInt(fields[0], 10, 64); err != nil {
		return r, ErrReceipt
	}
	r.Leaf, r.Checkpoint = []byte(fields[1]), fields[3]
	for at := 0; at < len(fields[2]); at += sha256.Size {
		r.Path = append(r.Path, []byte(fields[2][at:at+sha256.Size]))
	}
	return r, nil
}
