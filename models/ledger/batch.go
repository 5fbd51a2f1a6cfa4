package ledger

import (
	"context"
	"crypto/sha256"
	"slices"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/ledger/screen"
	"parkregistry/policies"
)

// MaxBatch is how many entries one batch may hold.
const MaxBatch = 500

// Mode says what becomes of a batch of which some entries cannot be stored.
type Mode string

// The modes of a batch.
const (
	Atomic  Mode = "atomic"  // none is stored
	PerItem Mode = "perItem" // the others are
)

// EntriesInput is a batch of entries (批量填报).
type EntriesInput struct {
	Mode    Mode         `json:"mode,omitempty" enum:"atomic,perItem" doc:"atomic（默认）：有一条不能保存就全部不保存；perItem：逐条处理"`
	Entries []EntryInput `json:"entries" minItems:"1" maxItems:"500" doc:"至多 500 条"`
}

// EntryInput is one entry of a batch: a draft, or filed at once.
type EntryInput struct {
	ID string `json:"id,omitempty" format:"uuid" doc:"可由客户端生成（UUID），用于重试"`
	Input
	File bool `json:"file,omitempty" doc:"true：同时报送，内容应当完整；默认只存草稿"`
}

// parse reads one entry; one that is to be filed has to be complete.
func (in EntryInput) parse() (parsed, error) {
	var c fault.Check
	fault.Parse(&c, "/id", in.ID, models.ParseID)
	p, err := in.Input.parse(ClassOf)
	c.Within("", err)
	if in.File && p.class.Code != "" {
		for _, v := range p.content.Missing {
			v.Pointer = "/payload" + v.Pointer
			c.Add(v)
		}
	}
	whole := c.Err()
	if f, ok := whole.(*fault.Error); ok && fault.Is(err, fault.Malformed) {
		f.Code, f.Detail = fault.Malformed, fault.T("请求中有无法识别的内容")
	}
	return p, whole
}

// Parse checks the size, and of a batch that is stored as a whole every entry. In
// the other mode each is judged and answered by itself.
func (in EntriesInput) Parse() (EntriesInput, error) {
	if in.Mode == "" {
		in.Mode = Atomic
	}
	var c fault.Check
	if n := len(in.Entries); n == 0 || n > MaxBatch {
		c.Fail("/entries", "size", "每批 1 至 {{.Max}} 条", "Max", MaxBatch)
		return in, c.Err()
	}
	if in.Mode != Atomic && in.Mode != PerItem {
		c.Fail("/mode", "enum", "只能是其中一项：{{.Values}}", "Values", string(Atomic)+"、"+string(PerItem))
		return in, c.Err()
	}
	if in.Mode == PerItem {
		return in, nil
	}
	b := newBatch(in)
	b.parse()
	return in, b.refusal()
}

// How one entry of a batch was taken.
const (
	EntryStored   = "stored"
	EntryRepeated = "repeated" // was there already, with the same content
	EntryRefused  = "refused"
)

// BatchResult answers one entry. Pointers start at the root of the batch.
type BatchResult struct {
	Outcome    string
	Code       fault.Code // why it was refused
	Violations []fault.Violation
	Record     *Record // as it stands, without its payload; nil when refused
}

// Batch starts and files up to 500 entries in one transaction: either each of
// them is stored whole, or nothing of it is. In the atomic mode one entry that
// cannot be stored refuses all of them, with every reason at once.
func (s *Service) Batch(ctx context.Context, in EntriesInput) ([]BatchResult, error) {
	if err := policies.Require(ctx, policies.LedgerCreate); err != nil {
		return nil, err
	}
	for _, e := range in.Entries {
		if !e.File {
			continue
		}
		if err := policies.Require(ctx, policies.LedgerFile); err != nil {
			return nil, err
		}
		break
	}
	in, err := in.Parse()
	if err != nil {
		return nil, err
	}
	var b *batch
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		b = newBatch(in)
		b.parse()
		for _, step := range []func(*models.Tx, *Service) error{b.known, b.place, b.judge, b.file, b.numbered, b.screen, b.store, b.warn} {
			if err := step(tx, s); err != nil {
				return err
			}
		}
		if in.Mode == Atomic {
			return b.refusal()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b.results, nil
}

// item is one entry of a batch on its way in.
type item struct {
	in     EntryInput
	parsed parsed
	object object
	judged []Judged
	entry  Entry
	built  *Built // when it is filed at once
	step   *step  // of hazardous waste, once it is in the balance
	stands *Entry // in its place already, where that was looked for
	odd    []screen.Hit
	change models.ID // that it is stored with
	named  files.Attached
}

type batch struct {
	mode    Mode
	items   []item
	results []BatchResult // in the order of the batch
	rows    []int         // of a file, in which the entries stand; nil for a batch by itself
	seen    *seen
}

// seen is what the entries of one request know of each other; the stretches of a file
// have one together.
type seen struct {
	objects     map[[4]models.ID]located
	places      map[place]int     // by the key of what stands: number of the entry, or its row
	attachments map[models.ID]int // the same
	judge       *judge
	near        *neighbours
}

// place is the digest of the key of what stands: a file may bring 100,000 of them.
type place [16]byte

func placeOf(e Entry) place {
	sum := sha256.Sum256([]byte(e.standing()))
	return place(sum[:16])
}

// located is what an entry is about, or why it cannot be.
type located struct {
	object object
	err    error
}

func newSeen() *seen {
	return &seen{objects: map[[4]models.ID]located{}, places: map[place]int{}, attachments: map[models.ID]int{}}
}

func newBatch(in EntriesInput) *batch {
	b := &batch{mode: in.Mode, items: make([]item, len(in.Entries)), results: make([]BatchResult, len(in.Entries)), seen: newSeen()}
	for i, e := range in.Entries {
		b.items[i].in = e
	}
	return b
}

// number is what people find an entry by: its place in the batch, or its row in the file.
func (b *batch) number(i int) int {
	if b.rows != nil {
		return b.rows[i]
	}
	return i + 1
}

// parse reads every entry and refuses an id that the batch has twice.
func (b *batch) parse() {
	faults := make([]error, len(b.items))
	models.Beside(len(b.items), func(i int) { b.items[i].parsed, faults[i] = b.items[i].in.parse() })
	ids := map[string]int{}
	for i := range b.items {
		it := &b.items[i]
		if faults[i] != nil {
			b.refuse(i, faults[i])
			continue
		}
		if it.in.ID == "" {
			continue
		}
		first, twice := ids[it.in.ID]
		if !twice {
			ids[it.in.ID] = i
			continue
		}
		var c fault.Check
		c.Fail("/id", "duplicate", "与本批第 {{.Number}} 条的编号相同", "Number", first+1)
		b.refuse(i, c.Err())
	}
}

// open calls do for every entry that is neither stored before nor refused, and
// takes an answer that is about the entry itself. Any other error ends the batch.
func (b *batch) open(do func(i int, it *item) error) error {
	for i := range b.items {
		if b.results[i].Outcome != "" {
			continue
		}
		err := do(i, &b.items[i])
		switch fault.CodeOf(err) {
		case "":
		case fault.Malformed, fault.Invalid, fault.NotFound, fault.Conflict:
			b.refuse(i, err)
		default:
			return err
		}
	}
	return nil
}

func (b *batch) refuse(i int, err error) {
	var c fault.Check
	c.Within("/entries/"+strconv.Itoa(i), err)
	b.results[i] = BatchResult{Outcome: EntryRefused, Code: fault.CodeOf(err), Violations: c.Err().(*fault.Error).Violations}
}

// refusal is what keeps a whole batch from being stored: every reason, under the
// code of the gravest.
func (b *batch) refusal() error {
	var c fault.Check
	worst, refused := 0, 0
	grave := []fault.Code{fault.Conflict, fault.NotFound, fault.Invalid, fault.Malformed}
	for _, r := range b.results {
		if r.Outcome != EntryRefused {
			continue
		}
		refused++
		for _, v := range r.Violations {
			c.Add(v)
		}
		worst = max(worst, slices.Index(grave, r.Code))
	}
	if refused == 0 {
		return nil
	}
	f := c.Err().(*fault.Error)
	f.Code, f.Detail = grave[worst], fault.T("{{.Count}} 条不能保存，整批都没有保存", "Count", refused)
	return f
}
