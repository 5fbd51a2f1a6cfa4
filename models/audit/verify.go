package audit

import (
	"cmp"
	"context"
	"hash"
	"runtime"

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
	if err := policies.Require(ctx, policies.ChangeRead); err != nil {
		return Report{}, err
	}
	v := &verifier{db: db, against: a, report: emptyReport(), workers: runtime.GOMAXPROCS(0)}
	if db.Joined(ctx) {
		v.workers = 1 // one transaction answers one question at a time
	}
	var err error
	walks := []func(*verifier, context.Context) error{(*verifier).leaves, (*verifier).objects}
	inTurn(ctx, v.workers, len(walks), func(ctx context.Context, i int) compared {
		part := v.part()
		err := walks[i](part, ctx)
		return compared{report: part.report, err: err}
	}, func(c compared) bool {
		v.add(c.report)
		err = c.err
		return err == nil && v.report.Bad == nil
	})
	return v.report, cmp.Or(err, ctx.Err())
}

type verifier struct {
	db      *models.DB
	against Against
	report  Report
	workers int // that read beside each other

	digest hash.Hash
	log    logWalk
	tally  tally
	texts  map[string]map[string]int // counts by their text
}

// part is a verifier for a part of the work.
func (v *verifier) part() *verifier {
	return &verifier{db: v.db, against: v.against, report: emptyReport(), workers: v.workers}
}

func emptyReport() Report { return Report{Rows: map[string]int64{}} }

// add adds what a part of the work has found.
func (v *verifier) add(part Report) {
	r := &v.report
	r.Changes, r.Waiting, r.Checkpoints = r.Changes+part.Changes, r.Waiting+part.Waiting, r.Checkpoints+part.Checkpoints
	r.Root, r.Digest, r.Bad = cmp.Or(r.Root, part.Root), cmp.Or(r.Digest, part.Digest), cmp.Or(r.Bad, part.Bad)
	for table, n := range part.Rows {
		r.Rows[table] += n
	}
}

func (v *verifier) bad(table string, id models.ID, seq *int64, sentence string) {
	if v.report.Bad == nil {
		v.report.Bad = &Bad{table, id, seq, fault.T(sentence)}
	}
}
