package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// logWalk is the log as it grows again from the leaves.
type logWalk struct {
	tree   *proof.Tree
	sealed proof.Instants
	least  int64            // leaves that the log must have: those of the largest checkpoint
	kept   map[int64][]said // from outside, by size
	unseen map[string]bool  // notes from outside that the database has not shown yet
	agreed int64            // leaves that the last agreeing checkpoint covers
	first  models.ID        // the change after these
	origin string
}

// said is one checkpoint that has to agree with the log.
type said struct {
	proof.Checkpoint
	key string
}

// openLog begins the walk and checks the signatures of the checkpoints from outside.
func (v *verifier) openLog(ctx context.Context) error {
	tree, err := proof.NewTree(0, nil)
	if err != nil {
		return err
	}
	v.log = logWalk{tree: tree, kept: map[int64][]said{}, unseen: map[string]bool{}}
	var sizes []int64
	err = v.db.Visible(ctx, policies.CheckpointRead, &Checkpoint{}).Order("size DESC").Limit(1).Pluck("size", &sizes).Error
	if err != nil {
		return models.Fault(err)
	}
	if len(sizes) > 0 {
		v.log.least = sizes[0]
	}
	for _, signed := range v.against.Kept {
		c, ok := v.opened("", signed)
		if !ok {
			return nil
		}
		v.log.kept[c.Size] = append(v.log.kept[c.Size], c)
		v.log.least = max(v.log.least, c.Size)
		v.log.unseen[signed] = true
	}
	return nil
}

// opened checks a signature and that the checkpoint is of this log.
func (v *verifier) opened(id models.ID, signed string) (said, bool) {
	c, key, err := v.against.Keys.Open(signed)
	switch {
	case errors.Is(err, proof.ErrUnknownKey):
		v.bad("checkpoints", id, nil, "检查点不是由受信任的密钥签名的")
	case err != nil:
		v.bad("checkpoints", id, nil, "检查点的签名不对，或者内容被改动")
	case v.log.origin != "" && c.Origin != v.log.origin:
		v.bad("checkpoints", id, nil, "检查点属于另一份存证日志")
	default:
		v.log.origin = c.Origin
		return said{c, key}, true
	}
	return said{}, false
}

// grow adds a page of leaves, compares the stored hashes and every checkpoint on the way.
func (v *verifier) grow(ctx context.Context, page []leaf) error {
	if len(page) == 0 {
		return nil
	}
	from, to := v.log.tree.Size(), v.log.tree.Size()+int64(len(page))
	stored, err := v.hashes(ctx, proof.StoredCount(from), proof.StoredCount(to))
	if err != nil {
		return models.Fault(err)
	}
	signed, err := v.signed(ctx, from, to)
	if err != nil || v.report.Bad != nil {
		return err
	}
	for i := range page {
		if stored = v.append(&page[i].Change, stored); v.report.Bad != nil {
			return nil
		}
		if all := signed[v.log.tree.Size()]; len(all) > 0 {
			if err := v.agree(all); err != nil || v.report.Bad != nil {
				return err
			}
		}
	}
	return nil
}

// hashes are the stored hashes of the log from a position on, up to another.
func (v *verifier) hashes(ctx context.Context, from, to int64) ([]LogHash, error) {
	stored := make([]LogHash, 0, to-from)
	var next LogHash
	err := models.Read(v.db.Internal(ctx, &LogHash{}).Where("position >= ? AND position < ?", from, to).Order("position"), "position, hash", []any{&next.Position, &next.Hash}, func() error {
		stored = append(stored, next)
		next.Hash = nil // which belongs to the row just kept
		return nil
	})
	return stored, err
}

// append grows the tree by one leaf and takes its hashes from the front of stored.
func (v *verifier) append(c *Change, stored []LogHash) []LogHash {
	if v.log.tree.Size() == v.log.agreed {
		v.log.first = c.ID
	}
	position := proof.StoredCount(v.log.tree.Size())
	leaf, err := proof.HashOf(c.LeafHash)
	var added []proof.Hash
	if err == nil {
		added, err = v.log.tree.Add(leaf)
	}
	if err != nil || c.SealedAt == nil {
		v.bad("changes", c.ID, c.Seq, "存证内容读不懂")
		return nil
	}
	for _, h := range added {
		if len(stored) == 0 || stored[0].Position != position || !bytes.Equal(stored[0].Hash, h[:]) {
			v.bad("log_hashes", c.ID, c.Seq, "存证日志保存的散列与这一条不符，或者缺失")
			return nil
		}
		stored, position = stored[1:], position+1
	}
	v.log.sealed.Add(*c.SealedAt)
	return stored
}

// signed are the checkpoints of more than from and up to to leaves, by size.
func (v *verifier) signed(ctx context.Context, from, to int64) (map[int64][]said, error) {
	all := map[int64][]said{}
	for size, kept := range v.log.kept {
		if size > from && size <= to {
			all[size] = append(all[size], kept...)
			v.report.Checkpoints += int64(len(kept))
		}
	}
	var rows []Checkpoint
	err := v.db.Visible(ctx, policies.CheckpointRead, &Checkpoint{}).Where("size > ? AND size <= ?", from, to).Order("size, id").Find(&rows).Error
	if err != nil {
		return nil, models.Fault(err)
	}
	for _, row := range rows {
		c, ok := v.opened(row.ID, row.Note)
		if !ok {
			return nil, nil
		}
		if row.Size != c.Size || !bytes.Equal(row.Root, c.Root[:]) || !row.At.Equal(c.At) || !bytes.Equal(row.Sealed, c.Sealed[:]) || row.KeyID != c.key {
			v.bad("checkpoints", row.ID, nil, "检查点的各列与签名的内容不一致")
			return nil, nil
		}
		if v.log.unseen[row.Note] { // counted with those from outside
			delete(v.log.unseen, row.Note)
			continue
		}
		all[c.Size] = append(all[c.Size], c)
		v.report.Checkpoints++
	}
	return all, nil
}

// agree holds the log as it is now against what was signed at this size. Where they
// differ, the first leaf that may be bad is the one after the last agreement.
func (v *verifier) agree(all []said) error {
	root, err := v.log.tree.Root()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Root != root {
			v.bad("changes", v.log.first, new(v.log.agreed), "从这一条起，存证日志与签名的检查点不一致：有记录被改写、插入、调换或者删除")
			return nil
		}
		if c.Sealed != v.log.sealed.Hash() {
			v.bad("changes", v.log.first, new(v.log.agreed), "从这一条起，编号的时刻与签名的检查点不一致")
			return nil
		}
	}
	v.log.agreed = v.log.tree.Size()
	return nil
}

// endLog looks for what goes on where the leaves have ended: checkpoints that say
// that there were more, hashes of leaves that are not there.
func (v *verifier) endLog(ctx context.Context) error {
	size := v.log.tree.Size()
	if size < v.log.least {
		v.bad("changes", "", &size, "存证日志比签名的检查点短：末尾被截断，或者恢复了旧的备份")
		return nil
	}
	root, err := v.log.tree.Root()
	if err != nil {
		return err
	}
	v.report.Root = hex.EncodeToString(root[:])
	if len(v.log.unseen) > 0 {
		v.bad("checkpoints", "", nil, "另行保存的检查点在数据库中缺失")
		return nil
	}
	return v.strays(ctx)
}

// strays are rows that the walk passes by: it takes positions and sizes as the
// leaves ask for them.
func (v *verifier) strays(ctx context.Context) error {
	var least, most []int64
	stored := func() *gorm.DB { return v.db.Internal(ctx, &LogHash{}) }
	err := errors.Join(stored().Order("position").Limit(1).Pluck("position", &least).Error,
		stored().Order("position DESC").Limit(1).Pluck("position", &most).Error)
	if err != nil {
		return models.Fault(err)
	}
	var numbered, none int64
	err = errors.Join(v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq IS NOT NULL").Count(&numbered).Error, // after the hashes: it only grows
		v.db.Visible(ctx, policies.CheckpointRead, &Checkpoint{}).Where("size < 1").Count(&none).Error)
	if err != nil {
		return models.Fault(err)
	}
	if len(least) > 0 && (least[0] < 0 || most[0] >= proof.StoredCount(numbered)) {
		v.bad("log_hashes", "", nil, "存证日志多出没有记录的散列")
	}
	if none > 0 {
		v.bad("checkpoints", "", nil, "检查点的各列与签名的内容不一致")
	}
	return nil
}
