package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// leaf is a change as the database gave it: counts as their text.
type leaf struct {
	Change
	counts string
	facts  string // of the leaf, once it has been checked
}

const leafColumns = "id, at, actor_id, action, object_kind, object_id, park_id, jurisdiction, enterprise_id, about_on, counts, leaf, leaf_hash, algorithm, seq, sealed_at"

func (l *leaf) fields() []any {
	c := &l.Change
	return []any{(*string)(&c.ID), &c.At, (*string)(&c.ActorID), &c.Action, &c.ObjectKind, (*string)(&c.ObjectID), &c.ParkID, &c.Jurisdiction, &c.EnterpriseID,
		&c.AboutOn, &l.counts, &c.Leaf, &c.LeafHash, &c.Algorithm, &c.Seq, &c.SealedAt}
}

// leaves looks at the log by itself: its leaves, its hashes, its checkpoints, and what
// they add up to.
func (v *verifier) leaves(ctx context.Context) error {
	v.digest, v.tally = sha256.New(), newTally()
	for _, step := range []func(context.Context) error{v.openLog, v.numbered, v.counts, v.waiting, v.strayRecords} {
		if err := step(ctx); err != nil || v.report.Bad != nil {
			return err
		}
	}
	v.report.Digest = hex.EncodeToString(v.digest.Sum(nil))
	return nil
}

// numbered walks the log in its order.
func (v *verifier) numbered(ctx context.Context) error {
	next := int64(0)
	for {
		rows := func() *gorm.DB {
			return v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq >= ?", next).Order("seq").Limit(verifyPage)
		}
		page, err := readLeaves(rows())
		if err != nil {
			return v.unreadableChange(ctx, rows, err)
		}
		for i := range page {
			l := &page[i]
			if *l.Seq != next {
				v.bad("changes", l.ID, l.Seq, "编号不连续：前面有记录缺失")
				return nil
			}
			next++
			_, _ = v.digest.Write(l.LeafHash) // a hash never fails
			if !v.leaf(l) {
				return nil
			}
			v.tally.add(&l.Change)
		}
		if err := v.grow(ctx, page); err != nil || v.report.Bad != nil {
			return err
		}
		for _, look := range []func(context.Context, []leaf) error{v.heads, v.records} {
			if err := look(ctx, page); err != nil || v.report.Bad != nil {
				return err
			}
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
		rows := func() *gorm.DB {
			return v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq IS NULL AND id > ?", after).Order("id").Limit(verifyPage)
		}
		page, err := readLeaves(rows())
		if err != nil {
			return v.unreadableChange(ctx, rows, err)
		}
		for i := range page {
			v.report.Waiting++
			if !v.leaf(&page[i]) {
				return nil
			}
		}
		for _, look := range []func(context.Context, []leaf) error{v.heads, v.records} {
			if err := look(ctx, page); err != nil || v.report.Bad != nil {
				return err
			}
		}
		if len(page) < verifyPage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// readLeaves reads the rows of q, a statement on changes.
func readLeaves(q *gorm.DB) ([]leaf, error) {
	var next leaf
	page := make([]leaf, 0, verifyPage)
	err := models.Read(q, leafColumns, next.fields(), func() error {
		page = append(page, next)
		next = leaf{} // what a column points to belongs to the row just kept
		return nil
	})
	return page, err
}

// leaf checks one change against itself and reads its counts.
func (v *verifier) leaf(l *leaf) bool {
	v.report.Changes++
	sentence := l.fault()
	if counts, ok := v.counted(l.counts); ok {
		l.Counts.V = counts
	} else if sentence == "" {
		sentence = "存证内容读不懂"
	}
	if sentence != "" {
		v.bad("changes", l.ID, l.Seq, sentence)
	}
	return sentence == ""
}

// mostCounts bounds how many texts of counts are remembered.
const mostCounts = 10_000

// counted reads the counts of a leaf; most leaves say one of a few texts.
func (v *verifier) counted(text string) (counts map[string]int, ok bool) {
	if counts, ok = v.texts[text]; ok {
		return counts, true
	}
	if json.Unmarshal([]byte(text), &counts) != nil {
		return nil, false
	}
	if v.texts == nil || len(v.texts) == mostCounts {
		v.texts = map[string]map[string]int{}
	}
	v.texts[text] = counts
	return counts, true
}

// fault derives the leaf again from the columns of its row and says what is wrong.
func (l *leaf) fault() string {
	said, ok := proof.DecodeLeaf(l.Leaf)
	if !ok {
		return "存证内容读不懂"
	}
	l.facts = said.Facts
	if !bytes.Equal(l.encode(l.counts, said.Facts), l.Leaf) {
		return "记录的各列与存证内容不一致"
	}
	if l.Algorithm != proof.Algorithm || !bytes.Equal(proof.LeafHash(l.Leaf), l.LeafHash) {
		return "存证内容与其摘要不一致"
	}
	return ""
}
