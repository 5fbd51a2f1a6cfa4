package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
)

type checkpointAPI struct{ svc *audit.Prover }

type CheckpointView struct {
	ID        models.ID `json:"id" format:"uuid"`
	Size      int64     `json:"size" doc:"签名时存证日志有多少条"`
	Root      string    `json:"root" doc:"RFC 6962 根散列，十六进制"`
	At        string    `json:"at" format:"date-time" doc:"签名的时刻"`
	KeyID     string    `json:"keyId" doc:"签名的密钥：名称+散列"`
	Algorithm string    `json:"algorithm" doc:"根散列的算法"`
	Signature string    `json:"signatureAlgorithm" enum:"Ed25519,SM2-SM3" doc:"签名的算法"`
	Note      string    `json:"note" doc:"签名的原文（C2SP signed note），核验以此为准"`
}

func checkpointOf(c audit.Checkpoint) CheckpointView {
	return CheckpointView{c.ID, c.Size, hex.EncodeToString(c.Root), instant(c.At), c.KeyID, proof.Algorithm, proof.SignatureOf(c.Note), c.Note}
}

type listCheckpointsInput struct {
	ListParams
	Sort string `query:"sort" enum:"-size,size"`
}

func (h checkpointAPI) list(ctx context.Context, in *listCheckpointsInput) (*list[CheckpointView], error) {
	page, err := h.svc.Checkpoints(ctx, in.query(in.Sort, map[string]string{"r": "checkpoints"}))
	return listOf(page, checkpointOf), err
}

type checkpointOutput struct{ Body CheckpointView }

func (h checkpointAPI) latest(ctx context.Context, _ *struct{}) (*checkpointOutput, error) {
	c, err := h.svc.Newest(ctx)
	return &checkpointOutput{checkpointOf(c)}, err
}

type signedView struct {
	Warned
	CheckpointView
}

type signedOutput struct{ Body signedView }

func (h checkpointAPI) sign(ctx context.Context, _ *struct{}) (*signedOutput, error) {
	c, err := h.svc.Sign(ctx)
	return &signedOutput{signedView{CheckpointView: checkpointOf(c)}}, err
}

type publicKeyView struct {
	KeyID     string `json:"keyId"`
	Algorithm string `json:"algorithm" enum:"Ed25519,SM2-SM3" doc:"签名算法；SM2-SM3 是 GB/T 32918 的签名，杂凑用 SM3，用户标识 1234567812345678"`
	PublicKey string `json:"publicKey" doc:"公钥，一行文本：名称+散列+base64（C2SP signed note）；离线核验以另行保存的为准"`
}

type publicKeyOutput struct{ Body publicKeyView }

func (h checkpointAPI) key(context.Context, *struct{}) (*publicKeyOutput, error) {
	public := h.svc.PublicKey()
	return &publicKeyOutput{publicKeyView{proof.KeyID(public), proof.AlgorithmOf(public), public}}, nil
}

type consistencyInput struct {
	From int64 `query:"from" required:"true" minimum:"1" doc:"较早的检查点的条数"`
	To   int64 `query:"to" required:"true" minimum:"1" doc:"较晚的检查点的条数"`
}

type consistencyOutput struct {
	Body struct {
		From      int64    `json:"from"`
		To        int64    `json:"to"`
		Algorithm string   `json:"algorithm"`
		Path      []string `json:"path" doc:"RFC 6962 §2.1.2 的一致性证明，base64"`
	}
}

func (h checkpointAPI) consistency(ctx context.Context, in *consistencyInput) (*consistencyOutput, error) {
	path, err := h.svc.Consistency(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	out := new(consistencyOutput)
	out.Body.From, out.Body.To, out.Body.Algorithm, out.Body.Path = in.From, in.To, proof.Algorithm, base64s(path)
	return out, nil
}

func base64s(path []proof.Hash) []string {
	out := make([]string, len(path))
	for i, h := range path {
		out[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return out
}
