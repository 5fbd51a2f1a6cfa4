package ledger

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// known answers the entries that are there already under their ids.
func (b *batch) known(tx *models.Tx, s *Service) error {
	var ids []models.ID
	for _, it := range b.items {
		if it.in.ID != "" {
			ids = append(ids, models.ID(it.in.ID))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var found []Entry
	if err := tx.Visible(policies.LedgerCreate, &Entry{}).Where("id IN ?", ids).Find(&found).Error; err != nil {
		return err
	}
	by := make(map[models.ID]Entry, len(found))
	for _, e := range found {
		by[e.ID] = e
	}
	return b.open(func(i int, it *item) error {
		e, there := by[models.ID(it.in.ID)]
		if !there {
			return nil
		}
		if !bytes.Equal(e.Digest, it.in.digest()) {
			return fault.New(fault.Conflict, "这个编号已经用于另一条台账记录，换一个编号")
		}
		r, err := s.whole(tx.Context(), e)
		r.Payload = nil
		b.results[i] = BatchResult{Outcome: EntryRepeated, Record: &r}
		return err
	})
}

// place finds what each entry is about, every object once, and makes the heads.
func (b *batch) place(tx *models.Tx, _ *Service) error {
	return b.open(func(i int, it *item) error {
		p := it.parsed
		key := [4]models.ID{p.park, models.Deref(p.site), models.Deref(p.facility), models.Deref(p.outlet)}
		f, ok := b.seen.objects[key]
		if !ok {
			f.object, f.err = find(tx, p)
			b.seen.objects[key] = f
		}
		if it.object = f.object; f.err != nil {
			return f.err
		}
		if err := it.object.fits(p, tx.Now()); err != nil {
			return err
		}
		it.entry = p.entry(tx, models.ID(it.in.ID), it.object)
		it.entry.Digest = it.in.digest()
		at := placeOf(it.entry)
		if first, twice := b.seen.places[at]; twice {
			return b.twin(first)
		}
		b.seen.places[at] = b.number(i)
		if err := tx.Covers(policies.LedgerCreate, it.entry.Owner()); err != nil {
			return err
		}
		for _, id := range p.attachments {
			if first, twice := b.seen.attachments[id]; twice {
				return fault.New(fault.Conflict, "本批第 {{.Number}} 条已经用了同一个附件", "Number", first)
			}
			b.seen.attachments[id] = b.number(i)
		}
		var err error
		it.named, err = files.Look(tx, policies.LedgerCreate, it.entry.attachable(nil), p.attachments)
		return err
	})
}

// twin refuses an entry about what another one before it is about.
func (b *batch) twin(first int) error {
	if b.rows != nil {
		return fault.New(fault.Conflict, "与第 {{.Row}} 行是同一对象、同一天的同类台账，只保留一行", "Row", first)
	}
	return fault.New(fault.Conflict, "与本批第 {{.Number}} 条是同一对象、同一天的同类台账，只保留一条", "Number", first)
}

// judge judges the readings of every entry; each outlet is asked about once.
func (b *batch) judge(tx *models.Tx, _ *Service) error {
	if b.seen.judge == nil {
		j := newJudge(tx.Context(), tx.DB())
		b.seen.judge = &j
	}
	return b.open(func(_ int, it *item) (err error) {
		it.judged, err = b.seen.judge.readings(it.parsed.day, it.entry.Slot, it.object, it.parsed.content)
		return err
	})
}

// file makes the filings of the entries that are filed at once.
func (b *batch) file(tx *models.Tx, _ *Service) error {
	if !slices.ContainsFunc(b.items, func(it item) bool { return it.in.File }) {
		return nil
	}
	if err := tx.Share(periodLatch); err != nil {
		return err
	}
	locks, err := b.locks(tx, policies.LedgerFile)
	if err != nil {
		return err
	}
	return b.open(func(_ int, it *item) error {
		if !it.in.File {
			return nil
		}
		if err := tx.Covers(policies.LedgerFile, it.entry.Owner()); err != nil {
			return err
		}
		if err := refuse(locks, it.entry); err != nil {
			return err
		}
		as, err := organisation(tx.Context(), policies.LedgerFile, it.entry, "")
		if err != nil {
			return err
		}
		step, is := stepOf(it.entry, it.parsed.class, it.parsed.content)
		if is {
			if err := step.enter(tx, policies.LedgerFile); err != nil {
				return err
			}
			it.step = &step
		}
		built := it.entry.fileAs(tx.Now(), by(tx), as, string(it.parsed.payload), it.parsed.content.with(it.object), files.Fix(it.named.All))
		if err := built.judged(it.judged); err != nil {
			return err
		}
		built.Counts = filingCounts(it.entry, built.Entry, nil)
		it.built, it.entry = &built, built.Entry
		return nil
	})
}

// numbered gives the entries the numbers by which people will know them: what the screen
// says of one may name another.
func (b *batch) numbered(tx *models.Tx, _ *Service) error {
	return b.open(func(_ int, it *item) (err error) {
		it.entry.Number, err = tx.Number(models.LedgerNumber)
		if it.built != nil {
			it.built.SetNumber(it.entry.Number)
			it.entry = it.built.Entry
		}
		return err
	})
}

// screen looks for what is odd in each entry, beside what is filed and beside
// those before it in the batch.
func (b *batch) screen(tx *models.Tx, s *Service) error {
	if b.seen.near == nil {
		b.seen.near = newNeighbours(s.classes, tx.Visible)
	}
	near := b.seen.near
	if err := near.gather(b); err != nil {
		return err
	}
	return b.open(func(i int, it *item) (err error) {
		if !screens(it.parsed.class, it.parsed.content) {
			return nil
		}
		row := rowOf(it.entry.head(), it.parsed.content)
		if row.Number == "" { // of a file that is only checked
			row.Number = "#" + strconv.Itoa(b.number(i))
		}
		if it.odd, err = near.judge(it.parsed.class.Code, row, it.entry, it.object, limited(it.judged), nil); err == nil && it.built != nil {
			it.built.Entry.Odd = len(it.odd) > 0
			near.add(it.built.Entry, row)
		}
		return err
	})
}

// locks are those that stand over any day of the batch.
func (b *batch) locks(tx *models.Tx, perm policies.Permission) ([]PeriodLock, error) {
	var first, last code.Day
	for _, it := range b.items {
		if d := it.parsed.day; d != "" {
			if first == "" || d < first {
				first = d
			}
			last = max(last, d)
		}
	}
	if first == "" {
		return nil, nil
	}
	return standing(tx, perm, first, last)
}

// store inserts what is left, in one order for everybody: two batches about the
// same days wait for each other and cannot lock each other out.
func (b *batch) store(tx *models.Tx, s *Service) error {
	var heads []Entry
	err := b.open(func(_ int, it *item) error {
		it.change = models.NewID()
		if it.built != nil {
			it.built.seal(it.change)
			it.entry = it.built.Entry
		}
		heads = append(heads, it.entry)
		return nil
	})
	if err != nil || len(heads) == 0 {
		return err
	}
	slices.SortFunc(heads, func(a, b Entry) int { return strings.Compare(a.standing(), b.standing()) })
	n, err := models.CreateAllNew(tx, policies.LedgerCreate, heads)
	if err != nil {
		return err
	}
	stored, err := storedOf(tx, heads, n)
	if err != nil {
		return err
	}
	if err := b.record(tx, stored); err != nil {
		return err
	}
	// What is not stored was there: the same sent at the same time, or another entry.
	if err := b.known(tx, s); err != nil {
		return err
	}
	if err := b.open(func(_ int, it *item) error { return taken(tx, it.entry) }); err != nil {
		return err
	}
	return b.leave(tx)
}

// leave takes the waste steps that are not stored out of the balance again.
func (b *batch) leave(tx *models.Tx) error {
	if b.mode == Atomic {
		return nil // one refusal undoes them all
	}
	for i := len(b.items) - 1; i >= 0; i-- {
		if step := b.items[i].step; step != nil && b.results[i].Outcome != EntryStored {
			if err := step.leave(tx, policies.LedgerFile, Voided); err != nil {
				return err
			}
		}
	}
	return nil
}

// storedOf tells by their numbers, which nobody else has, which heads are stored: all when
// as many are as there are heads.
func storedOf(tx *models.Tx, heads []Entry, n int) (map[string]bool, error) {
	there := make([]string, len(heads))
	for i, e := range heads {
		there[i] = e.Number
	}
	if n < len(heads) {
		err := tx.Visible(policies.LedgerCreate, &Entry{}).Where("number IN ?", there).Pluck("number", &there).Error
		if err != nil {
			return nil, err
		}
	}
	stored := make(map[string]bool, len(there))
	for _, number := range there {
		stored[number] = true
	}
	return stored, nil
}

// record writes what belongs to the heads that are stored: one change each, and the
// filing, its step and its numbers.
func (b *batch) record(tx *models.Tx, stored map[string]bool) error {
	var events []audit.Event
	var filings []Filing
	var steps []Step
	var items []Item
	var odd []Oddity
	var over []Exceedance
	var named []files.Attached
	var sets []LimitSet
	err := b.open(func(i int, it *item) error {
		e := it.entry
		if !stored[e.Number] {
			return nil
		}
		r := Record{Entry: e, Outputs: map[string]string{}, Warnings: []fault.Violation{}}
		ev := draftEvent(policies.LedgerCreate, e, nil)
		if f := it.built; f != nil {
			r.Oddities = oddities(e, it.odd)
			ev = f.Filed(policies.LedgerFile, r.Oddities)
			ev.After = f.after()
			filings, steps, items = append(filings, f.Filing), append(steps, f.Step), append(items, f.Items...)
			odd, over = append(odd, r.Oddities...), append(over, f.Exceedances()...)
			sets = append(sets, f.LimitSets...)
			r.Outputs, r.Judgements = it.parsed.class.compute(f.Items), it.judged
		}
		ev.Change = it.change
		events = append(events, ev)
		named = append(named, it.named)
		b.results[i] = BatchResult{Outcome: EntryStored, Record: &r}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range named {
		if err := a.Tie(tx); err != nil {
			return err
		}
	}
	if _, err := audit.LogAll(tx, events); err != nil {
		return err
	}
	if err := models.AppendAll(tx, filings); err != nil {
		return err
	}
	if err := models.AppendAll(tx, steps); err != nil {
		return err
	}
	if err := models.AppendAll(tx, items); err != nil {
		return err
	}
	if err := keepSets(tx, sets); err != nil {
		return err
	}
	if err := models.AppendAll(tx, over); err != nil {
		return err
	}
	return models.AppendAll(tx, odd)
}

// warn says what is worth a second look in what was stored.
func (b *batch) warn(tx *models.Tx, _ *Service) error {
	locks, err := b.locks(tx, policies.LedgerRead)
	if err != nil {
		return err
	}
	for i, r := range b.results {
		if r.Outcome != EntryStored {
			continue
		}
		it := &b.items[i]
		all, err := warnings(tx, it.parsed.class, it.entry, it.object, it.parsed.content, it.judged)
		if err != nil {
			return err
		}
		for _, v := range slices.Concat(all, clocks(it.entry), said(it.odd), warned(locks, it.entry)) {
			v.Pointer = "/entries/" + strconv.Itoa(i) + v.Pointer
			r.Record.Warnings = append(r.Record.Warnings, v)
		}
	}
	return nil
}
