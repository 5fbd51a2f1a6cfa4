package ledger

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// WasteBatch is a batch of hazardous waste (批次) as the ledger stands: what the
// filed step says there is of it, and how much later steps have taken. It follows
// from what is filed: Balance derives it again.
type WasteBatch struct {
	ID            models.ID `gorm:"primaryKey"`
	models.Placed `gorm:"embedded"`
	OwnerID       models.ID // the site, or the park for its own: codes are unique within it
	Code          string
	WasteCode     string
	Class         string     // of the step
	FacilityID    *models.ID // the store, for steps that name one
	EntryID       models.ID
	Quantity      int64 // t × 10^6
	Taken         int64 // of it, by steps that stand
	Live          bool  // the entry stands; nothing is taken from a returned or voided one
	Demo          bool
	UpdatedAt     time.Time
}

// TableName implements gorm's Tabler.
func (WasteBatch) TableName() string { return "waste_batches" }

// Scope implements models.Scoped.
func (WasteBatch) Scope() models.Scope { return models.ParkRows("waste_batches", "ledger") }

// Left is what later steps may still take.
func (b WasteBatch) Left() int64 { return b.Quantity - b.Taken }

// step is what one entry does to the batches.
type step struct {
	entry   Entry
	class   Class
	batch   string
	waste   string
	amount  int64
	sources []source // in the order of their codes: two steps never wait for each other in a circle
}

// source is a batch that a step takes from, with its last place in the payload.
type source struct {
	code   string
	amount int64
	at     string
}

// stepOf reads the step that a lawful payload says; false for a class that is none.
func stepOf(e Entry, class Class, content Content) (step, bool) {
	w := class.Waste
	if w == nil {
		return step{}, false
	}
	s := step{entry: e, class: class, batch: content.Texts["/"+w.Batch], waste: content.Texts["/"+w.Code], amount: content.scaled["/"+w.Quantity]}
	by := map[string]*source{}
	for i := range content.Lengths["/"+w.Sources] {
		at := "/" + w.Sources + "/" + strconv.Itoa(i)
		name := content.Texts[at+"/batchCode"]
		if by[name] == nil {
			by[name] = &source{code: name}
		}
		by[name].amount += content.scaled[at+"/quantity"]
		by[name].at = at
	}
	for _, one := range by {
		s.sources = append(s.sources, *one)
	}
	slices.SortFunc(s.sources, func(a, b source) int { return cmp.Compare(a.code, b.code) })
	return s, true
}

// row is the batch that the step makes.
func (s step) row(now time.Time) WasteBatch {
	return WasteBatch{ID: models.NewID(), Placed: s.entry.Placed, OwnerID: owner(s.entry), Code: s.batch, WasteCode: s.waste, Class: s.class.Code,
		FacilityID: s.entry.FacilityID, EntryID: s.entry.ID, Quantity: s.amount, Live: true, Demo: s.entry.Demo, UpdatedAt: now}
}

// enter brings the step that is being filed into the balance: it takes from the
// batches that it names and puts its own batch there. Conflict, and nothing
// changed, when a batch has not enough left.
func (s step) enter(tx *models.Tx, perm policies.Permission) error {
	var c fault.Check
	var done []source
	for _, from := range s.sources {
		q := s.may(tx.Visible(perm, &WasteBatch{}), from.code).Where("quantity - taken >= ?", from.amount)
		switch res := q.Updates(map[string]any{"taken": gorm.Expr("taken + ?", from.amount), "updated_at": tx.Now()}); {
		case res.Error != nil:
			return res.Error
		case res.RowsAffected == 0:
			v, err := s.why(tx, perm, from)
			if err != nil {
				return err
			}
			c.Add(v)
		default:
			done = append(done, from)
		}
	}
	if err := c.Err(); err != nil {
		return s.undone(tx, perm, done, err)
	}
	refusal, err := s.put(tx, perm)
	if err != nil || refusal == nil {
		return err
	}
	return s.undone(tx, perm, done, refusal)
}

// undone gives back what was taken and answers the refusal as Conflict.
func (s step) undone(tx *models.Tx, perm policies.Permission, done []source, refusal error) error {
	if err := s.give(tx, perm, done); err != nil {
		return err
	}
	f := refusal.(*fault.Error)
	for i := range f.Violations {
		f.Violations[i].Pointer = "/payload" + f.Violations[i].Pointer
	}
	f.Code, f.Detail = fault.Conflict, fault.T("危险废物批次不能平衡，核对批次和数量")
	return f
}

// may narrows to the batch of that code if the step may take from it.
func (s step) may(q *gorm.DB, batch string) *gorm.DB {
	q = q.Where("owner_id = ? AND code = ? AND waste_code = ? AND live = ? AND class IN ?", owner(s.entry), batch, s.waste, true, s.class.Waste.From)
	if s.class.Waste.SameFacility {
		q = q.Where("facility_id = ?", models.Deref(s.entry.FacilityID))
	}
	return q
}

// why says what keeps the step from taking from a batch.
func (s step) why(tx *models.Tx, perm policies.Permission, from source) (fault.Violation, error) {
	var found []WasteBatch
	err := tx.Visible(perm, &WasteBatch{}).Where("owner_id = ? AND code = ?", owner(s.entry), from.code).Limit(1).Find(&found).Error
	if err != nil {
		return fault.Violation{}, err
	}
	at, name := from.at+"/batchCode", from.code
	say := func(rule string, detail fault.Text) (fault.Violation, error) {
		return fault.Violation{Pointer: at, Code: rule, Rule: "HJ 1259-2022", Value: name, Detail: detail}, nil
	}
	if len(found) == 0 {
		return say("unknown", fault.T("没有批次 {{.Batch}}，它的记录报送后才能取用", "Batch", name))
	}
	switch b := found[0]; {
	case !b.Live:
		return say("withdrawn", fault.T("批次 {{.Batch}} 的记录已经退回或者作废，不能取用", "Batch", name))
	case !slices.Contains(s.class.Waste.From, b.Class):
		return say("step", fault.T("批次 {{.Batch}} 不是这一环节可以取用的", "Batch", name))
	case b.WasteCode != s.waste:
		return say("wasteCode", fault.T("批次 {{.Batch}} 的危险废物代码是 {{.Of}}，这一条是 {{.Waste}}", "Batch", name, "Of", b.WasteCode, "Waste", s.waste))
	case s.class.Waste.SameFacility && models.Deref(b.FacilityID) != models.Deref(s.entry.FacilityID):
		return say("store", fault.T("批次 {{.Batch}} 在另一个贮存设施", "Batch", name))
	default:
		at = from.at + "/quantity"
		return say("exceeds", fault.T("批次 {{.Batch}} 还剩 {{.Left}} t，不够取用 {{.Amount}} t", "Batch", name, "Left", code.Decimal(b.Left()), "Amount", code.Decimal(from.amount)))
	}
}

// put makes the step's own batch, or brings the one that the entry, or the entry
// that it amends, has already to what is said now. The refusal is about the content.
func (s step) put(tx *models.Tx, perm policies.Permission) (refusal, err error) {
	row := s.row(tx.Now())
	if stored, err := tx.CreateNew(perm, &row); err != nil || stored {
		return nil, err
	}
	own := []models.ID{s.entry.ID}
	if s.entry.Supersedes != nil {
		own = append(own, *s.entry.Supersedes)
	}
	// A batch that somebody took from stays the waste that it is, in the store where it is.
	same, as := "taken = 0 OR waste_code = ? AND class = ? AND facility_id = ?", []any{row.WasteCode, row.Class, row.FacilityID}
	if row.FacilityID == nil {
		same, as = "taken = 0 OR waste_code = ? AND class = ? AND facility_id IS NULL", as[:2]
	}
	res := tx.Visible(perm, &WasteBatch{}).Where("owner_id = ? AND code = ? AND taken <= ?", row.OwnerID, row.Code, row.Quantity).
		Where("(entry_id IN ? OR live = ? AND taken = 0)", own, false).
		Where("("+same+")", as...).
		Updates(map[string]any{"waste_code": row.WasteCode, "class": row.Class, "facility_id": row.FacilityID, "entry_id": row.EntryID,
			"jurisdiction": row.Jurisdiction, "quantity": row.Quantity, "live": true, "updated_at": row.UpdatedAt})
	if res.Error != nil || res.RowsAffected > 0 {
		return nil, res.Error
	}
	var found WasteBatch
	if err := models.One(tx.Visible(perm, &WasteBatch{}).Where("owner_id = ? AND code = ?", row.OwnerID, row.Code), &found); err != nil {
		return nil, err
	}
	var c fault.Check
	w := s.class.Waste
	switch {
	case !slices.Contains(own, found.EntryID):
		c.Cite("/"+w.Batch, "taken", "HJ 1259-2022", s.batch, "批次编码 {{.Batch}} 已经用于另一条记录", "Batch", s.batch)
	case found.Taken > row.Quantity:
		c.Cite("/"+w.Quantity, "below", "HJ 1259-2022", code.Decimal(row.Quantity), "后续环节已经取用 {{.Taken}} t，数量不能小于它；先更正后续环节", "Taken", code.Decimal(found.Taken))
	default:
		c.Cite("/"+w.Code, "fixed", "HJ 1259-2022", s.waste, "后续环节已经取用这一批次，废物代码不能改；先更正后续环节")
	}
	return c.Err(), nil
}

// give returns amounts to the batches that they were taken from.
func (s step) give(tx *models.Tx, perm policies.Permission, back []source) error {
	for _, to := range back {
		res := tx.Visible(perm, &WasteBatch{}).Where("owner_id = ? AND code = ? AND taken >= ?", owner(s.entry), to.code, to.amount).
			Updates(map[string]any{"taken": gorm.Expr("taken - ?", to.amount), "updated_at": tx.Now()})
		if err := models.Changed(res, fault.New(fault.Internal, "批次 {{.Batch}} 的结存与记录不符", "Batch", to.code)); err != nil {
			return err
		}
	}
	return nil
}

// leave takes the step out of the balance: what it took goes back. Its own batch
// cannot be taken from any more; a step that is voided must not have been taken
// from at all.
func (s step) leave(tx *models.Tx, perm policies.Permission, to State) error {
	if err := s.give(tx, perm, s.sources); err != nil {
		return err
	}
	own := tx.Visible(perm, &WasteBatch{}).Where("entry_id = ? AND live = ?", s.entry.ID, true)
	if to == Voided {
		own = own.Where("taken = 0")
	}
	res := own.Updates(map[string]any{"live": false, "updated_at": tx.Now()})
	return models.Changed(res, fault.New(fault.Conflict, "后续环节已经取用批次 {{.Batch}}，先作废后续环节的记录", "Batch", s.batch))
}

// filedStep is the step that an entry stands for by its last filing.
func (s *Service) filedStep(tx *models.Tx, e Entry) (step, bool, error) {
	class, err := s.classes.of(e)
	if err != nil || class.Waste == nil {
		return step{}, false, err
	}
	f, err := s.filing(tx.Context(), e, e.Filings)
	if err != nil {
		return step{}, false, err
	}
	content, err := class.Complete([]byte(f.Payload))
	if err != nil {
		return step{}, false, err
	}
	one, is := stepOf(e, class, content)
	return one, is, nil
}

// balance is enter for an entry that is filed; what it amends gives back first.
func (s *Service) balance(tx *models.Tx, e Entry, amended *Entry, class Class, content Content) error {
	now, is := stepOf(e, class, content)
	if !is {
		return nil
	}
	if amended != nil {
		before, _, err := s.filedStep(tx, *amended)
		if err != nil {
			return err
		}
		if err := before.give(tx, policies.LedgerFile, before.sources); err != nil {
			return err
		}
	}
	return now.enter(tx, policies.LedgerFile)
}

// unbalance is leave for an entry that stands and no longer will.
func (s *Service) unbalance(tx *models.Tx, perm policies.Permission, e Entry, to State) error {
	was, is, err := s.filedStep(tx, e)
	if err != nil || !is {
		return err
	}
	return was.leave(tx, perm, to)
}

// short warns about the batches from which a draft could not take now.
func short(tx *models.Tx, e Entry, class Class, content Content) ([]fault.Violation, error) {
	s, is := stepOf(e, class, content)
	if !is || e.Supersedes != nil {
		return nil, nil // what the amended entry took counts until the amendment is filed
	}
	var out []fault.Violation
	for _, from := range s.sources {
		var enough int64
		if from.code == "" {
			continue
		}
		q := s.may(tx.Visible(policies.LedgerRead, &WasteBatch{}), from.code).Where("quantity - taken >= ?", from.amount)
		if err := q.Count(&enough).Error; err != nil {
			return nil, err
		}
		if enough > 0 {
			continue
		}
		v, err := s.why(tx, policies.LedgerRead, from)
		if err != nil {
			return nil, err
		}
		v.Pointer = "/payload" + v.Pointer
		out = append(out, v)
	}
	return out, nil
}
