package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// Bad is the first thing that Verify found wrong.
type Bad struct {
	Table  string     `json:"table"`
	ID     models.ID  `json:"id"`
	Seq    *int64     `json:"seq"` // of the leaf, where there is one
	Detail fault.Text `json:"-"`
}

// Report says what Verify looked at.
type Report struct {
	Changes     int64            `json:"changes"`     // leaves whose hash was derived again
	Waiting     int64            `json:"waiting"`     // of these not numbered yet
	Checkpoints int64            `json:"checkpoints"` // whose signature and root were checked
	Rows        map[string]int64 `json:"rows"`        // compared with what the leaves say, by table
	Root        string           `json:"root"`        // of the log, RFC 6962, hexadecimal
	Digest      string           `json:"digest"`      // SHA-256 over the hashes of all numbered leaves, in order
	Bad         *Bad             `json:"bad"`
}

// Against is what Verify holds the database against besides itself.
type Against struct {
	Sources []Source   // the objects whose rows leaves commit to
	Keys    proof.Keys // that may have signed checkpoints
	Kept    []string   // signed checkpoints kept outside the database
	Tick    func(leaves int64)
}

const (
	verifyPage = 1000
	// beforeAll is less than every id, on an engine with ids of text and on one with UUIDs.
	beforeAll models.ID = "00000000-0000-0000-0000-000000000000"
)

// Verify derives every leaf again from the columns of its row, follows the
// numbers without a gap, grows the log from the leaves and compares its hashes with
// the stored ones and its roots with all signed checkpoints, then the rows that
// leaves commit to, heads and what was stored with them, with what they say, and derives
// again what follows from both: the counts of the parks, batches of waste (S-LG8).
// It ends at the first bad one; an error means that it could not look.
func Verify(ctx context.Context, db *models.DB, a Against) (Report, error) {
	v := &verifier{db: db, against: a, report: Report{Rows: map[string]int64{}}, digest: sha256.New(), tally: newTally()}
	if err := policies.Require(ctx, policies.ChangeRead); err != nil {
		return v.report, err
	}
	for _, step := range []func(context.Context) error{v.openLog, v.numbered, v.counts, v.waiting, v.objects} {
		if err := step(ctx); err != nil || v.report.Bad != nil {
			return v.report, err
		}
	}
	v.report.Digest = hex.EncodeToString(v.digest.Sum(nil))
	return v.report, nil
}

type verifier struct {
	db      *models.DB
	against Against
	report  Report
	digest  hash.Hash
	log     logWalk
	tally   tally
}

func (v *verifier) bad(table string, id models.ID, seq *int64, sentence string) {
	if v.report.Bad == nil {
		v.report.Bad = &Bad{table, id, seq, fault.T(sentence)}
	}
}

// numbered walks the log in its order.
func (v *verifier) numbered(ctx context.Context) error {
	next := int64(0)
	for {
		var page []Change
		rows := func() *gorm.DB {
			return v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq >= ?", next).Order("seq")
		}
		if err := rows().Limit(verifyPage).Find(&page).Error; err != nil {
			return v.unreadableChange(ctx, rows, err)
		}
		for i := range page {
			c := &page[i]
			if *c.Seq != next {
				v.bad("changes", c.ID, c.Seq, "编号不连续：前面有记录缺失")
				return nil
			}
			next++
			_, _ = v.digest.Write(c.LeafHash) // a hash never fails
			if !v.leaf(c) {
				return nil
			}
			v.tally.add(c)
		}
		if err := v.grow(ctx, page); err != nil || v.report.Bad != nil {
			return err
		}
		if err := v.heads(ctx, page); err != nil || v.report.Bad != nil {
			return err
		}
		if v.against.Tick != nil {
			v.against.Tick(v.report.Changes)
		}
		if len(page) < verifyPage {
			return v.endLog(ctx)
		}
	}
}

// waiting looks at the changes that have no number yet.
func (v *verifier) waiting(ctx context.Context) error {
	after := beforeAll
	for {
		var page []Change
		rows := func() *gorm.DB {
			return v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq IS NULL AND id > ?", after).Order("id")
		}
		if err := rows().Limit(verifyPage).Find(&page).Error; err != nil {
			return v.unreadableChange(ctx, rows, err)
		}
		for i := range page {
			v.report.Waiting++
			if !v.leaf(&page[i]) {
				return nil
			}
		}
		if err := v.heads(ctx, page); err != nil || v.report.Bad != nil || len(page) < verifyPage {
			return err
		}
		after = page[len(page)-1].ID
	}
}

// leaf checks one change against itself.
func (v *verifier) leaf(c *Change) bool {
	v.report.Changes++
	if sentence := leafFault(c); sentence != "" {
		v.bad("changes", c.ID, c.Seq, sentence)
		return false
	}
	return true
}

// leafFault derives the leaf again from the columns of its row and says what is wrong.
func leafFault(c *Change) string {
	leaf, ok := proof.DecodeLeaf(c.Leaf)
	if !ok || !json.Valid([]byte(leaf.Facts)) {
		return "存证内容读不懂"
	}
	counts, err := json.Marshal(c.Counts.V)
	if err != nil || !bytes.Equal(c.encode(string(counts), leaf.Facts), c.Leaf) {
		return "记录的各列与存证内容不一致"
	}
	if c.Algorithm != proof.Algorithm || !bytes.Equal(proof.LeafHash(c.Leaf), c.LeafHash) {
		return "存证内容与其摘要不一致"
	}
	return ""
}
