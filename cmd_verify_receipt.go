package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/proof"
)

// receiptReport is what `park verify --receipt` found.
type receiptReport struct {
	OK         bool           `json:"ok"`
	Detail     string         `json:"detail"` // why not, "" when ok
	LeafIndex  int64          `json:"leafIndex"`
	Action     string         `json:"action"`
	ActorID    string         `json:"actorId"`
	ObjectID   string         `json:"objectId"`
	At         string         `json:"at"`
	AboutOn    string         `json:"aboutOn"`
	Facts      map[string]any `json:"facts"`
	Payload    bool           `json:"payload"` // it is there, and it is the one that was filed
	Checkpoint struct {
		Origin string `json:"origin"`
		Size   int64  `json:"size"`
		At     string `json:"at"`
		KeyID  string `json:"keyId"`
	} `json:"checkpoint"`
}

// verifyReceipt checks one receipt with nothing but public keys.
func (p *program) verifyReceipt(cfg config.Config, f verifyFlags) error {
	if len(f.checkpoints) > 0 {
		return usageError{errors.New("--receipt carries its own checkpoint: leave --checkpoint out")}
	}
	keys, err := f.trusted(cfg)
	if err != nil {
		return usageError{err}
	}
	if keys.None() {
		return usageError{errors.New("no public key is known here: name the one that you trust with --key")}
	}
	text, err := readFile(f.receipt)
	if err != nil {
		return usageError{err}
	}
	r, said := receiptReport{}, proof.Said{}
	receipt, err := proof.ReadReceipt(text)
	if err == nil {
		said, err = receipt.Open(keys)
	}
	if err != nil {
		r.Detail = words.Render(p.lang, whyNot(err))
	} else {
		r.OK = true
		r.read(said)
	}
	if err := p.print(r, func(w io.Writer) { _, _ = fmt.Fprintln(w, r.line()) }); err != nil {
		return err
	}
	if !r.OK {
		return errSaid
	}
	return nil
}

// readFile reads a file, or standard input for -.
func readFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}

// whyNot says in words why a receipt proves nothing.
func whyNot(err error) fault.Text {
	switch {
	case errors.Is(err, proof.ErrUnknownKey):
		return fault.T("检查点不是由受信任的密钥签名的")
	case errors.Is(err, proof.ErrSignature):
		return fault.T("检查点的签名不对，或者内容被改动")
	case errors.Is(err, proof.ErrPath):
		return fault.T("存证内容不在签名的存证日志之中：内容、序号或者证明被改动")
	case errors.Is(err, proof.ErrPayload):
		return fault.T("报送的原文与存证的摘要不一致：原文被改动")
	case errors.Is(err, proof.ErrJudged):
		return fault.T("对监测值的判定与存证的摘要不一致：判定被改动或者缺失")
	case errors.Is(err, proof.ErrNote):
		return fault.T("检查点读不懂")
	default:
		return fault.T("这不是一份完整的回执")
	}
}

func (r *receiptReport) read(s proof.Said) {
	r.LeafIndex, r.Action, r.ActorID, r.ObjectID, r.AboutOn, r.Facts, r.Payload = s.Index, s.Leaf.Action, s.Leaf.Actor, s.Leaf.Object, s.Leaf.About, s.Facts, s.Payload
	if at, err := strconv.ParseInt(s.Leaf.At, 10, 64); err == nil {
		r.At = time.Unix(at, 0).UTC().Format(time.RFC3339)
	}
	c := s.Checkpoint
	r.Checkpoint.Origin, r.Checkpoint.Size, r.Checkpoint.At, r.Checkpoint.KeyID = c.Origin, c.Size, c.At.Format(time.RFC3339), s.KeyID
}

// line is the report in one line.
func (r receiptReport) line() string {
	if !r.OK {
		return "BAD receipt: " + r.Detail
	}
	payload := "the payload is not in it, only its digest"
	if r.Payload {
		payload = "the payload is the one that was filed"
	}
	return fmt.Sprintf("ok: %v, filing %v, filed %s by %s for %v, about %s; %s\nleaf %d of %d, signed %s by %s",
		r.Facts["number"], r.Facts["filing"], r.At, r.ActorID, r.Facts["filedAs"], r.AboutOn, payload, r.LeafIndex, r.Checkpoint.Size, r.Checkpoint.At, r.Checkpoint.KeyID)
}
