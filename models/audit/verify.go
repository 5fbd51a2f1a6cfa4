package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// Evidence is a row whose content a leaf commits to.
type Evidence struct {
	ID       models.ID
	ChangeID models.ID
	Kind     string // of the object
	ObjectID models.ID
	Facts    map[string]any // what the leaf has to say, derived from the row as it stands
	Sound    bool           // the row agrees with itself: a stored digest is that of the stored content
}

// Source is a table of evidence. A domain names its own.
type Source struct {
	Table string
	// Claims reports whether a leaf with these facts must have a row here.
	Claims func(kind string, facts map[string]any) bool
	// Read gives up to limit rows after that id, in order of id.
	Read func(ctx context.Context, db *models.DB, after models.ID, limit int) ([]Evidence, error)
}

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
	Rows        map[string]int64 `json:"rows"`        // evidence compared, by table
	Root        string           `json:"root"`        // of the log, RFC 6962, hexadecimal
	Digest      string           `json:"digest"`      // SHA-256 over the hashes of all numbered leaves, in order
	Bad         *Bad             `json:"bad"`
}

// Against is what Verify holds the database against besides itself.
type Against struct {
	Sources []Source   // tables whose rows leaves commit to
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
// leaves commit to with what they say (S-LG8). It ends at the first bad one; an
// error means that it could not look.
func Verify(ctx context.Context, db *models.DB, a Against) (Report, error) {
	v := &verifier{db: db, against: a, report: Report{Rows: map[string]int64{}}, digest: sha256.New(), claimed: make([]map[models.ID]*int64, len(a.Sources))}
	for i := range a.Sources {
		v.claimed[i] = map[models.ID]*int64{}
	}
	if err := policies.Require(ctx, policies.ChangeRead); err != nil {
		return v.report, err
	}
	for _, step := range []func(context.Context) error{v.openLog, v.numbered, v.waiting, v.evidence} {
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
	claimed []map[models.ID]*int64 // by source: changes that must have a row there, with their number
	log     logWalk
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
		err := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq >= ?", next).Order("seq").Limit(verifyPage).Find(&page).Error
		if err != nil {
			return models.Fault(err)
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
		}
		if err := v.grow(ctx, page); err != nil || v.report.Bad != nil {
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
		err := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq IS NULL AND id > ?", after).Order("id").Limit(verifyPage).Find(&page).Error
		if err != nil {
			return models.Fault(err)
		}
		for i := range page {
			v.report.Waiting++
			if !v.leaf(&page[i]) {
				return nil
			}
		}
		if len(page) < verifyPage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// leaf checks one change against itself and notes which rows must exist beside it.
func (v *verifier) leaf(c *Change) bool {
	v.report.Changes++
	facts, sentence := factsOf(c)
	if sentence != "" {
		v.bad("changes", c.ID, c.Seq, sentence)
		return false
	}
	for i, s := range v.against.Sources {
		if s.Claims(c.ObjectKind, facts) {
			v.claimed[i][c.ID] = c.Seq
		}
	}
	return true
}

// factsOf derives the leaf again and gives its facts, or says what is wrong.
func factsOf(c *Change) (map[string]any, string) {
	leaf, ok := proof.DecodeLeaf(c.Leaf)
	if !ok {
		return nil, "存证内容读不懂"
	}
	counts, err := json.Marshal(c.Counts.V)
	if err != nil || !bytes.Equal(c.encode(string(counts), leaf.Facts), c.Leaf) {
		return nil, "记录的各列与存证内容不一致"
	}
	if c.Algorithm != proof.Algorithm || !bytes.Equal(proof.LeafHash(c.Leaf), c.LeafHash) {
		return nil, "存证内容与其摘要不一致"
	}
	var facts map[string]any
	if json.Unmarshal([]byte(leaf.Facts), &facts) != nil {
		return nil, "存证内容读不懂"
	}
	return facts, ""
}

// evidence compares every row that leaves commit to, then looks for rows that
// leaves ask for and that are gone.
func (v *verifier) evidence(ctx context.Context) error {
	for i, s := range v.against.Sources {
		after := beforeAll
		for {
			page, err := s.Read(ctx, v.db, after, verifyPage)
			if err != nil {
				return models.Fault(err)
			}
			if err := v.compare(ctx, i, page); err != nil || v.report.Bad != nil {
				return err
			}
			if len(page) < verifyPage {
				break
			}
			after = page[len(page)-1].ID
		}
		for id, seq := range v.claimed[i] {
			v.bad(s.Table, id, seq, "存证指向的记录已经缺失")
			return nil
		}
	}
	return nil
}

func (v *verifier) compare(ctx context.Context, source int, page []Evidence) error {
	ids := make([]models.ID, len(page))
	for i, e := range page {
		ids[i] = e.ChangeID
	}
	var changes []Change
	if err := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("id IN ?", ids).Find(&changes).Error; err != nil {
		return models.Fault(err)
	}
	by := make(map[models.ID]*Change, len(changes))
	for i := range changes {
		by[changes[i].ID] = &changes[i]
	}
	table := v.against.Sources[source].Table
	for _, e := range page {
		v.report.Rows[table]++
		c := by[e.ChangeID]
		if c == nil {
			v.bad(table, e.ID, nil, "这条记录没有对应的存证")
			return nil
		}
		facts, sentence := factsOf(c)
		if sentence != "" {
			v.bad("changes", c.ID, c.Seq, sentence)
			return nil
		}
		if !e.Sound || c.ObjectKind != e.Kind || c.ObjectID != e.ObjectID || !agrees(e.Facts, facts) {
			v.bad(table, e.ID, c.Seq, "记录内容与存证不一致")
			return nil
		}
		delete(v.claimed[source], e.ChangeID)
	}
	return nil
}

// agrees compares as JSON, in which the facts of a leaf are written.
func agrees(want, have map[string]any) bool {
	for name, w := range want {
		a, errA := json.Marshal(w)
		b, errB := json.Marshal(have[name])
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			return false
		}
	}
	return true
}
