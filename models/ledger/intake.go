package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Outcomes of an entry of a file, besides those of a batch.
const (
	EntryFits      = "fits"      // can be stored
	EntryUnchanged = "unchanged" // what stands says the same
)

// Row is one entry of a file with the row in which it begins.
type Row struct {
	Number int
	Input  Input
}

// RowResult is what becomes of it. Pointers start at its input.
type RowResult struct {
	Outcome    string
	Code       fault.Code // why it was refused
	Violations []fault.Violation
	Warnings   []fault.Violation
	Standing   string // number of the entry that stands in its place
	Left       *Left  // when stored
}

// Intake takes the entries of one file, stretch after stretch, through the steps of a
// batch, in one transaction. Whether they become drafts or filings, each has to be such
// that it could be filed.
type Intake struct {
	s    *Service
	tx   *models.Tx
	seen *seen
	file bool
	dry  bool
}

// MaxStretch is how many entries an Intake takes at a time.
const MaxStretch = MaxBatch

// Intake begins to take entries in the transaction.
func (s *Service) Intake(tx *models.Tx, file bool) *Intake {
	return &Intake{s: s, tx: tx, seen: newSeen(), file: file}
}

// Rehearse lets fn take the entries of one class without storing any: each is answered
// as it would be were it filed now. Where that moves nothing, nothing is locked either;
// the balance of hazardous waste is moved and put back.
func (s *Service) Rehearse(ctx context.Context, class string, fn func(tx *models.Tx, in *Intake) error) error {
	do := func(tx *models.Tx) error {
		return fn(tx, &Intake{s: s, tx: tx, seen: newSeen(), file: true, dry: true})
	}
	if c, ok := s.classes.Newest(class); !ok || c.Waste == nil {
		return s.looking(ctx, do)
	}
	return s.db.Rehearse(ctx, do)
}

// Take takes a stretch, and answers each of its entries.
func (in *Intake) Take(rows []Row) ([]RowResult, error) {
	if err := in.tx.Replan(); err != nil {
		return nil, err
	}
	b := in.batch(rows)
	steps := []func(*models.Tx, *Service) error{b.place, b.standing, b.judge, b.locked, b.file}
	if in.dry {
		steps = append(steps, b.screen, b.fit, b.warn)
	} else {
		steps = append(steps, b.numbered, b.screen, b.store)
	}
	for _, step := range steps {
		if err := step(in.tx, in.s); err != nil {
			return nil, err
		}
	}
	return b.answers(in.dry), nil
}

// batch reads the rows as if all were filed.
func (in *Intake) batch(rows []Row) *batch {
	all := EntriesInput{Mode: PerItem, Entries: make([]EntryInput, len(rows))}
	numbers := make([]int, len(rows))
	for i, r := range rows {
		all.Entries[i], numbers[i] = EntryInput{Input: r.Input, File: true}, r.Number
	}
	b := newBatch(all)
	b.rows, b.seen = numbers, in.seen
	b.parse()
	for i := range b.items {
		b.items[i].in.File = in.file
	}
	return b
}

// fit marks what nothing refuses as stored, for a rehearsal to say what it would answer.
func (b *batch) fit(*models.Tx, *Service) error {
	return b.open(func(i int, it *item) error {
		b.results[i] = BatchResult{Outcome: EntryStored, Record: &Record{Entry: it.entry}}
		return nil
	})
}

// answers are the results as they concern the rows. In a rehearsal nothing was stored,
// and what was found on the way is said.
func (b *batch) answers(dry bool) []RowResult {
	out := make([]RowResult, len(b.results))
	for i, r := range b.results {
		out[i] = RowResult{Outcome: r.Outcome, Code: r.Code, Violations: below("/entries/"+strconv.Itoa(i), r.Violations)}
		switch {
		case r.Outcome == EntryUnchanged:
			out[i].Standing = r.Record.Number
		case r.Record != nil && dry:
			out[i].Outcome, out[i].Warnings = EntryFits, below("/entries/"+strconv.Itoa(i), r.Record.Warnings)
		case r.Record != nil:
			out[i].Left = &Left{ID: r.Record.ID, Version: r.Record.Version}
		}
		if s := b.items[i].stands; s != nil {
			out[i].Standing = s.Number
		}
	}
	return out
}

// below are violations with their pointers below one place.
func below(place string, all []fault.Violation) []fault.Violation {
	out := slices.Clone(all)
	for i := range out {
		out[i].Pointer = strings.TrimPrefix(out[i].Pointer, place)
	}
	return out
}

// locked refuses a draft about a locked day, which a file brings to be filed.
func (b *batch) locked(tx *models.Tx, _ *Service) error {
	if err := tx.Share(periodLatch); err != nil {
		return err
	}
	locks, err := b.locks(tx, policies.LedgerFile)
	if err != nil {
		return err
	}
	return b.open(func(_ int, it *item) error {
		f, is := refuse(locks, it.entry).(*fault.Error)
		if !is {
			return nil
		}
		f.Violations = []fault.Violation{{Pointer: "/day", Code: "locked", Detail: f.Detail}}
		return f
	})
}

// occupant is what stands in the place of an entry, with what it says.
type occupant struct {
	Entry   `gorm:"embedded"`
	Payload *string // of the last filing
}

func (s occupant) says() json.RawMessage {
	if s.Draft != "" || s.Payload == nil {
		return json.RawMessage(s.Draft)
	}
	return json.RawMessage(*s.Payload)
}

// standing finds what stands in the places of the entries already: one that says the
// same is left as it is, one that says something else refuses the row and is told.
func (b *batch) standing(tx *models.Tx, _ *Service) error {
	objects, on := map[models.ID]bool{}, map[code.Day]bool{}
	var park models.ID
	var class Class
	for i, it := range b.items {
		if b.results[i].Outcome == "" {
			objects[objectOf(it.entry)], on[it.entry.Day] = true, true
			park, class = it.entry.ParkID, it.parsed.class
		}
	}
	if len(on) == 0 {
		return nil
	}
	var there []occupant
	// The condition repeats the index ledger_entries_live to the letter.
	err := tx.Visible(policies.LedgerRead, &Entry{}).
		Joins("LEFT JOIN ledger_filings ON ledger_filings.entry_id = ledger_entries.id AND ledger_filings.number = ledger_entries.filings").
		Where("ledger_entries.park_id = ? AND ledger_entries.day IN ? AND ledger_entries.class = ?", park, slices.Collect(maps.Keys(on)), class.Code).
		Where("COALESCE(ledger_entries.facility_id, ledger_entries.outlet_id, ledger_entries.site_id, ledger_entries.park_id) IN ?", slices.Collect(maps.Keys(objects))).
		Where("ledger_entries.state NOT IN ('superseded', 'voided') AND (ledger_entries.supersedes IS NULL OR ledger_entries.filings > 0)").
		Select("ledger_entries.*, ledger_filings.payload").Scan(&there).Error
	if err != nil {
		return err
	}
	by := make(map[string]*occupant, len(there))
	for i := range there {
		by[there[i].Entry.standing()] = &there[i]
	}
	return b.open(func(i int, it *item) error {
		old := by[it.entry.standing()]
		if old == nil {
			return nil
		}
		it.stands = &old.Entry
		if d := slices.DeleteFunc(it.parsed.class.differ(InPayload, old.says(), it.parsed.payload), unsaid); len(d) > 0 {
			return old.otherwise(it.parsed.class.Typed(old.says()), d)
		}
		b.results[i] = BatchResult{Outcome: EntryUnchanged, Record: &Record{Entry: old.Entry}}
		return nil
	})
}

// unsaid reports whether a row leaves blank what stands as a mark of nothing: so a sheet reads it.
func unsaid(d Difference) bool {
	var before string
	return d.After == nil && json.Unmarshal(d.Before, &before) == nil && code.TypedNothing(before)
}

// mostDifferences is how many fields one refusal names.
const mostDifferences = 10

// otherwise refuses a row that says something else than what stands, which says said.
func (s occupant) otherwise(said Typed, all []Difference) error {
	f := fault.New(fault.Conflict, "同一对象、同一天的这类台账已经有一条（{{.Number}}，{{.State}}），内容与这一行不同；以这一行为准的，在那一条上修改或者更正",
		"Number", s.Number, "State", stateWords[s.State])
	f.Violations = []fault.Violation{{Code: "standing", Detail: f.Detail}}
	for _, d := range all[:min(len(all), mostDifferences)] {
		v := fault.Violation{Pointer: "/payload" + d.Pointer, Code: "differs", Detail: fault.T("已有记录 {{.Number}} 中是“{{.Value}}”", "Number", s.Number, "Value", said[d.Pointer])}
		if said[d.Pointer] == "" {
			v.Detail = fault.T("已有记录 {{.Number}} 中没有填写", "Number", s.Number)
		}
		f.Violations = append(f.Violations, v)
	}
	return f
}
