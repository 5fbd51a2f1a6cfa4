package audit

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// Checkpoint is one signed statement of what the log was. Note is what was signed
// with its signature; the other columns repeat it for queries.
type Checkpoint struct {
	ID     models.ID `gorm:"primaryKey"`
	Size   int64     // leaves
	Root   []byte
	At     time.Time
	Sealed []byte // chain over the instants of numbering
	KeyID  string
	Note   string
}

// TableName implements gorm's Tabler.
func (Checkpoint) TableName() string { return "checkpoints" }

// Scope implements models.Scoped: a checkpoint tells nothing about any row.
func (Checkpoint) Scope() models.Scope { return models.ReferenceRows("checkpoints", "checkpoint") }

// Owner implements models.Owned.
func (Checkpoint) Owner() policies.Row { return policies.Row{} }

// Prover signs what the log has come to and proves that a change is in it.
type Prover struct {
	db   *models.DB
	key  *proof.Key
	log  *slog.Logger
	keep func(note string) error
}

// NewProver makes the service. keep takes each new checkpoint to where the database's
// keeper cannot alter it (S-LG7).
func NewProver(db *models.DB, key *proof.Key, log *slog.Logger, keep func(note string) error) *Prover {
	return &Prover{db, key, log, keep}
}

// PublicKey is the key that checks the signatures, as one line of text.
func (p *Prover) PublicKey() string { return p.key.Public() }

// Sign makes a checkpoint now, by demand, and leaves an audit record. Conflict
// while the log has no leaf.
func (p *Prover) Sign(ctx context.Context) (Checkpoint, error) {
	if err := policies.Require(ctx, policies.CheckpointCreate); err != nil {
		return Checkpoint{}, err
	}
	return p.sign(ctx, func(tx *models.Tx, c Checkpoint) error {
		return Write(tx, Note{Action: string(policies.CheckpointCreate), Outcome: Done, Kind: "checkpoint", Object: string(c.ID)})
	})
}

// SignGrown is the scheduled Sign: it makes none where the newest one still says
// everything.
func (p *Prover) SignGrown(ctx context.Context) error {
	ctx = policies.With(ctx, p.db.Policy.Program("checkpoints"))
	size, err := hashed(p.db.Internal(ctx, &LogHash{}))
	if err != nil || size == 0 {
		return err
	}
	newest, err := p.newest(ctx)
	if err != nil || newest.Size == size && newest.KeyID == p.key.ID() {
		return err
	}
	_, err = p.sign(ctx, func(*models.Tx, Checkpoint) error { return nil })
	return err
}

func (p *Prover) sign(ctx context.Context, also func(*models.Tx, Checkpoint) error) (Checkpoint, error) {
	var row Checkpoint
	err := p.db.Write(ctx, func(tx *models.Tx) error {
		if err := oneSigner(tx); err != nil {
			return err
		}
		said, err := p.now(tx.Context(), tx.Now())
		if err != nil {
			return err
		}
		signed, err := p.key.Sign(said)
		if err != nil {
			return err
		}
		row = Checkpoint{ID: models.NewID(), Size: said.Size, Root: said.Root[:], At: said.At, Sealed: said.Sealed[:], KeyID: p.key.ID(), Note: signed}
		if err := tx.Create(policies.CheckpointCreate, &row); err != nil {
			return err
		}
		tx.AfterCommit(func() { p.tell(ctx, row) })
		return also(tx, row)
	})
	return row, err
}

// oneSigner lets one checkpoint wait for another, so that a log gets one name.
func oneSigner(tx *models.Tx) error {
	if tx.DB().Engine != models.Postgres {
		return nil
	}
	_, err := tx.SQL().ExecContext(tx.Context(), "SELECT pg_advisory_xact_lock($1)", signerLock)
	return err
}

// signerLock is the advisory lock of whoever signs on PostgreSQL.
const signerLock = 0x7369676e // "sign"

// tell takes a checkpoint out of the database: into the log of the program and to
// wherever keep puts it. Failing to keep it does not undo it.
func (p *Prover) tell(ctx context.Context, c Checkpoint) {
	p.log.InfoContext(ctx, "checkpoint", "size", c.Size, "note", c.Note)
	if err := p.keep(c.Note); err != nil {
		p.log.ErrorContext(ctx, "keep a checkpoint outside the database", "error", err)
	}
}

// now is what the log is at this moment.
func (p *Prover) now(ctx context.Context, at time.Time) (proof.Checkpoint, error) {
	c := proof.Checkpoint{At: at}
	ctx = policies.With(ctx, p.db.Policy.Program("checkpoints"))
	var err error
	if c.Size, err = hashed(p.db.Internal(ctx, &LogHash{})); err != nil {
		return c, err
	}
	if c.Size == 0 {
		return c, fault.New(fault.Conflict, "还没有任何变更，没有可以签名的内容")
	}
	if c.Root, err = proof.Root(c.Size, p.stored(ctx)); err != nil {
		return c, err
	}
	newest, err := p.newest(ctx)
	if err != nil {
		return c, err
	}
	if c.Origin = proof.OriginOf(newest.Note); c.Origin == "" {
		c.Origin = proof.NewOrigin()
	}
	c.Sealed, err = p.instants(ctx, newest, c.Size)
	return c, err
}

// instants continues the chain of the newest checkpoint to size leaves.
func (p *Prover) instants(ctx context.Context, newest Checkpoint, size int64) (proof.Hash, error) {
	var before proof.Hash
	if newest.Size > 0 {
		var err error
		if before, err = proof.HashOf(newest.Sealed); err != nil {
			return before, err
		}
	}
	chain := proof.InstantsFrom(before)
	for from := newest.Size; from < size; from += batch {
		var at []time.Time
		q := p.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("seq >= ? AND seq < ?", from, min(from+batch, size)).Order("seq")
		if err := q.Pluck("sealed_at", &at).Error; err != nil {
			return before, err
		}
		chain.Add(at...)
	}
	return chain.Hash(), nil
}

func (p *Prover) stored(ctx context.Context) proof.Read {
	return reading(func() *gorm.DB { return p.db.Internal(ctx, &LogHash{}) })
}

// newest is the checkpoint of the most leaves, the zero one while there is none.
func (p *Prover) newest(ctx context.Context) (Checkpoint, error) {
	var found []Checkpoint
	err := p.db.Visible(ctx, policies.CheckpointRead, &Checkpoint{}).Order("size DESC, id DESC").Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return Checkpoint{}, err
	}
	return found[0], nil
}

// Newest is the checkpoint of the most leaves; NotFound while there is none.
func (p *Prover) Newest(ctx context.Context) (Checkpoint, error) {
	c, err := p.newest(ctx)
	if err == nil && c.ID == "" {
		return c, fault.Absent()
	}
	return c, err
}

var checkpointOrders = map[string]models.Order[Checkpoint]{
	"-size": {Column: "checkpoints.size", Desc: true, Key: func(c Checkpoint) any { return c.Size }},
	"size":  {Column: "checkpoints.size", Key: func(c Checkpoint) any { return c.Size }},
}

// Checkpoints lists the checkpoints, the most leaves first.
func (p *Prover) Checkpoints(ctx context.Context, q models.Query) (models.Page[Checkpoint], error) {
	return models.List(p.db, p.db.Visible(ctx, policies.CheckpointRead, &Checkpoint{}), q, checkpointOrders, "-size", func(c Checkpoint) models.ID { return c.ID })
}

// Consistency proves that the log of to leaves begins with the log of from leaves.
func (p *Prover) Consistency(ctx context.Context, from, to int64) ([]proof.Hash, error) {
	if err := policies.Require(ctx, policies.CheckpointRead); err != nil {
		return nil, err
	}
	size, err := hashed(p.db.Internal(ctx, &LogHash{}))
	if err != nil {
		return nil, err
	}
	refuse := func(pointer string, detail fault.Text) error {
		return &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"), Violations: []fault.Violation{{Pointer: pointer, Code: "range", Detail: detail}}}
	}
	if from < 1 || from > to {
		return nil, refuse("/query/from", fault.T("应当在 1 至 {{.Max}} 之间", "Max", to))
	}
	if to > size {
		return nil, refuse("/query/to", fault.T("存证日志目前只有 {{.Size}} 条", "Size", size))
	}
	return proof.Consistency(from, to, p.stored(ctx))
}

// Proven is one leaf of the log with what proves it.
type Proven struct {
	Change     Change
	Path       []proof.Hash
	Checkpoint Checkpoint
}

// Prove gives a change with its path to a signed checkpoint that covers it. Where
// the newest one does not, it signs one: a receipt is a demand for it. ok is false
// while the change has no number yet.
func (p *Prover) Prove(ctx context.Context, change models.ID) (proven Proven, ok bool, err error) {
	ctx = policies.With(ctx, p.db.Policy.Program("receipts"))
	if err := models.One(p.db.Visible(ctx, policies.ChangeRead, &Change{}).Where("id = ?", change), &proven.Change); err != nil || proven.Change.Seq == nil {
		return proven, false, err
	}
	for range 2 {
		if proven.Checkpoint, err = p.newest(ctx); err != nil {
			return proven, false, err
		}
		if proven.Checkpoint.Size > *proven.Change.Seq && proven.Checkpoint.KeyID == p.key.ID() {
			proven.Path, err = proof.Inclusion(proven.Checkpoint.Size, *proven.Change.Seq, p.stored(ctx))
			return proven, err == nil, err
		}
		if err := p.SignGrown(ctx); err != nil {
			return proven, false, err
		}
	}
	return proven, false, nil // numbered, and its hashes are still to come
}

// Receipt is the proof of one change with the payload that it commits to; nil while
// the change has no number yet. actor is the name under which it was made, "" where
// the trail has none.
func (p *Prover) Receipt(ctx context.Context, change models.ID, payload string) (r *proof.Receipt, actor string, err error) {
	proven, ok, err := p.Prove(ctx, change)
	if err != nil || !ok {
		return nil, "", err
	}
	r = &proof.Receipt{Format: proof.ReceiptFormat, LeafIndex: *proven.Change.Seq, Leaf: proven.Change.Leaf, Path: make([][]byte, len(proven.Path)),
		Checkpoint: proven.Checkpoint.Note, PublicKey: p.key.Public(), Payload: &payload}
	for i := range proven.Path {
		r.Path[i] = proven.Path[i][:]
	}
	var names []string
	ctx = policies.With(ctx, p.db.Policy.Program("receipts"))
	err = p.db.Visible(ctx, policies.AuditRead, &Record{}).Where("object_id = ? AND change_id = ?", string(proven.Change.ObjectID), change).Limit(1).Pluck("actor_name", &names).Error
	return r, strings.Join(names, ""), err
}
