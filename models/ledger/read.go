package ledger

import (
	"context"
	"encoding/json"
	"math/big"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// Record is an entry with what is read beside its head.
type Record struct {
	Entry
	TitleZh    string // of the class, as its version says it
	TitleEn    string
	LeafIndex  *int64             // number of the last filing's change; nil until sequenced
	Payload    json.RawMessage    // the draft, or the last filing; nil in lists
	Outputs    map[string]string  // computed values of the last filing by name; nil in lists
	Judgements []Judged           // of the last filing's readings; nil in lists
	Oddities   []Oddity           // what the screen found in the last filing
	Warnings   []fault.Violation  // of the write that answers this record
	Attached   []files.Attachment // what is attached to the draft, or was to the last filing; nil in lists
}

// Filter narrows the list of entries; "" and absent days do not.
type Filter struct {
	ParkID, SiteID, FacilityID, EnterpriseID, Class, State string
	From, To                                               code.Day // inclusive
	Odd                                                    bool     // only those in which the screen found something
	Late                                                   bool     // only those filed after the grace
	Backfilled                                             bool     // only those filled in long afterwards, which are late as well
	Numbers                                                []string // only those of these numbers
	Live                                                   bool     // only those that have not been corrected or taken out
	Counted                                                audit.Counted
}

// check refuses days that only one of the engines would take.
func (f Filter) check() error {
	var c fault.Check
	fault.Parse(&c, "/query/from", string(f.From), code.ParseDay)
	fault.Parse(&c, "/query/to", string(f.To), code.ParseDay)
	return badQuery(c.Err())
}

// badQuery is a broken rule as a parameter breaks it.
func badQuery(err error) error {
	if broken, ok := err.(*fault.Error); ok {
		broken.Code, broken.Detail = fault.Malformed, fault.T("查询参数有误")
	}
	return err
}

// List reads one page of the entries that the caller may see, newest day first,
// without payloads.
func (s *Service) List(ctx context.Context, f Filter, q models.Query) (models.Page[Record], error) {
	if err := f.check(); err != nil {
		return models.Page[Record]{}, err
	}
	if f.Counted.What == "" {
		return s.list(ctx, f, q, nil)
	}
	var page models.Page[Record]
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		narrow, err := s.knownAs(ctx, f)
		if err != nil {
			return err
		}
		page, err = s.list(ctx, f, q, narrow)
		return err
	})
	return page, err
}

// knownAs keeps the entries that a number counted, as it was known then; nil for a
// filter that asks for none.
func (s *Service) knownAs(ctx context.Context, f Filter) (func(*gorm.DB) *gorm.DB, error) {
	if f.Counted.What == "" {
		return nil, nil
	}
	day, known, err := audit.New(s.db).CountedAt(ctx, f.Counted)
	return func(rows *gorm.DB) *gorm.DB {
		return counted(f.Counted.Of(rows, "ledger_entries.park_id"), s.db.Engine, f.Counted.What, day, known)
	}, err
}

// narrowed are the entries that the filter and narrow leave; nil narrows nothing.
func (s *Service) narrowed(ctx context.Context, f Filter, narrow func(*gorm.DB) *gorm.DB) *gorm.DB {
	rows := s.db.Visible(ctx, policies.LedgerRead, &Entry{})
	if narrow != nil {
		rows = narrow(rows)
	}
	for _, by := range [...]struct{ column, value string }{{"park_id", f.ParkID}, {"site_id", f.SiteID}, {"facility_id", f.FacilityID},
		{"enterprise_id", f.EnterpriseID}, {"class", f.Class}, {"state", f.State}} { // in one order, so that the database knows the statement
		if by.value != "" {
			rows = rows.Where("ledger_entries."+by.column+" = ?", by.value)
		}
	}
	if len(f.Numbers) > 0 {
		rows = rows.Where("ledger_entries.number IN ?", f.Numbers)
	}
	if f.From != "" {
		rows = rows.Where("ledger_entries.day >= ?", f.From)
	}
	if f.To != "" {
		rows = rows.Where("ledger_entries.day <= ?", f.To)
	}
	if f.Live {
		rows = rows.Where("ledger_entries.state NOT IN ?", []State{Superseded, Voided})
	}
	if f.Odd {
		rows = rows.Where("ledger_entries.odd") // as its partial indexes have it
	}
	if f.Late || f.Backfilled {
		rows = rows.Where(filedAfter(s.db.Engine, graceDays)).Where(keptAfter(s.db.Engine, graceDays)) // of what is backfilled too, for the index
	}
	if f.Backfilled {
		rows = rows.Where(filedAfter(s.db.Engine, backfillDays)).Where(keptAfter(s.db.Engine, backfillDays))
	}
	return rows
}

// list is List of the rows that narrow leaves, nil for all.
func (s *Service) list(ctx context.Context, f Filter, q models.Query, narrow func(*gorm.DB) *gorm.DB) (models.Page[Record], error) {
	rows := s.narrowed(ctx, f, narrow)
	lines, err := models.List(s.db, rows, q, orders, "-day", func(l line) models.ID { return l.ID })
	page := models.Page[Record]{Next: lines.Next, Before: lines.Before, Total: lines.Total, Items: make([]Record, len(lines.Items))}
	for i, l := range lines.Items {
		page.Items[i] = s.record(l.Entry)
		page.Items[i].LeafIndex = l.leaf
	}
	if err != nil {
		return page, err
	}
	return page, s.odd(ctx, page.Items)
}

func (s *Service) record(e Entry) Record {
	class, _ := s.classes.At(e.Class, e.ClassVersion)
	return Record{Entry: e, TitleZh: class.TitleZh, TitleEn: class.TitleEn}
}

// leaf is the number of the entry's last change; nil until it has one.
func (s *Service) leaf(ctx context.Context, e Entry) (*int64, error) {
	if e.ChangeID == nil {
		return nil, nil
	}
	var rows []sequenced
	err := s.db.Visible(ctx, policies.LedgerRead, &Entry{}).Joins("JOIN changes ON changes.id = ledger_entries.change_id").
		Where("ledger_entries.id = ?", e.ID).Select("ledger_entries.id AS id, changes.seq AS seq").Scan(&rows).Error
	return bySequence(rows)[e.ID], err
}

// sequenced is a row with the number of its change, nil until it has one.
type sequenced struct {
	ID  models.ID
	Seq *int64
}

func bySequence(rows []sequenced) map[models.ID]*int64 {
	by := make(map[models.ID]*int64, len(rows))
	for _, r := range rows {
		by[r.ID] = r.Seq
	}
	return by
}

// Get reads one entry with what it says.
func (s *Service) Get(ctx context.Context, id models.ID) (Record, error) {
	var e Entry
	if err := models.One(s.db.Visible(ctx, policies.LedgerRead, &e).Where("id = ?", id), &e); err != nil {
		return Record{}, err
	}
	return s.whole(ctx, e)
}

// whole reads what stands beside a head that the caller has reached.
func (s *Service) whole(ctx context.Context, e Entry) (Record, error) {
	r := []Record{s.record(e)}
	r[0].Payload, r[0].Outputs = json.RawMessage(e.Draft), map[string]string{}
	var err error
	if r[0].Attached, err = files.Named(ctx, s.db, policies.LedgerRead, e.attached()); err != nil {
		return r[0], err
	}
	if r[0].LeafIndex, err = s.leaf(ctx, e); err != nil || e.Filings == 0 {
		return r[0], err
	}
	if err := s.odd(ctx, r); err != nil {
		return r[0], err
	}
	last, err := s.filing(ctx, e, e.Filings)
	if err != nil {
		return r[0], err
	}
	if e.Draft == "" {
		r[0].Payload = json.RawMessage(last.Payload)
	}
	var items []Item
	if err := s.db.Visible(ctx, policies.LedgerRead, &Item{}).Where("filing_id = ?", last.ID).Order("path").Limit(maxItems).Find(&items).Error; err != nil {
		return r[0], err
	}
	judged, err := s.judgements(ctx, last)
	if err != nil {
		return r[0], err
	}
	r[0].Judgements = judged[last.ID]
	class, err := s.classes.of(e)
	r[0].Outputs = class.compute(items)
	return r[0], err
}

// Contents are what the entries of a page that the caller has read say, by id: the draft,
// or else the last filing, byte for byte.
func (s *Service) Contents(ctx context.Context, page []Record) (map[models.ID]json.RawMessage, error) {
	out := make(map[models.ID]json.RawMessage, len(page))
	var ids []models.ID
	for _, r := range page {
		ids = append(ids, r.ID)
	}
	var drafts []Entry
	if err := s.db.Visible(ctx, policies.LedgerRead, &Entry{}).Select("id, draft").Where("id IN ? AND draft <> ''", ids).Find(&drafts).Error; err != nil {
		return nil, err
	}
	var filed []Filing
	err := s.db.Visible(ctx, policies.LedgerRead, &Filing{}).Select("entry_id, payload").Where("entry_id IN ?", ids).Where(lastOfEntry).Find(&filed).Error
	for _, f := range filed {
		out[f.EntryID] = json.RawMessage(f.Payload)
	}
	for _, e := range drafts {
		out[e.ID] = json.RawMessage(e.Draft)
	}
	return out, err
}

// lastOfEntry keeps the last filing of each entry.
const lastOfEntry = "number = (SELECT filings FROM ledger_entries WHERE ledger_entries.id = ledger_filings.entry_id)"

// maxItems bounds the numbers of one filing: a body has at most 20,000 tokens.
const maxItems = 20_000

// filing reads one filing of an entry that the caller has reached.
func (s *Service) filing(ctx context.Context, e Entry, number int) (Filing, error) {
	var f Filing
	return f, models.One(s.db.Visible(ctx, policies.LedgerRead, &f).Where("entry_id = ? AND number = ?", e.ID, number), &f)
}

// compute gives the outputs of the class for a filing's numbers: percent, one
// decimal; an output whose numbers are not there, or that would divide by zero, is left out.
func (c Class) compute(items []Item) map[string]string {
	values := map[string]int64{}
	for _, i := range items {
		if i.Scaled != nil {
			values[i.Item] = *i.Scaled
		}
	}
	out := map[string]string{}
	for _, o := range c.Outputs {
		n, ok1 := values[o.Numerator]
		d, ok2 := values[o.Denominator]
		if ok1 && ok2 && d != 0 {
			out[o.Name] = new(big.Rat).Mul(big.NewRat(n, d), big.NewRat(100, 1)).FloatString(1)
		}
	}
	return out
}

// FilingRecord is a filing with the day that it is about and the number of its change.
type FilingRecord struct {
	Filing
	Day        code.Day
	KeptAt     *time.Time // of an amendment
	LeafIndex  *int64
	Judgements []Judged
}

// Late reports whether the filing came after the grace; one of an amendment is as late
// as the record that it corrects.
func (f FilingRecord) Late() bool { return f.stands().Late() }

// Backfilled reports whether the filing came long afterwards.
func (f FilingRecord) Backfilled() bool { return f.stands().Backfilled() }

// Lateness is how late the filing came; empty for one in time.
func (f FilingRecord) Lateness() fault.Text { return f.stands().Lateness() }

func (f FilingRecord) stands() Entry { return Entry{Day: f.Day, FiledAt: &f.FiledAt, KeptAt: f.KeptAt} }

// Filings lists everything that was filed under the entry, in order.
func (s *Service) Filings(ctx context.Context, id models.ID) ([]FilingRecord, error) {
	e, err := s.head(ctx, id)
	if err != nil {
		return nil, err
	}
	var all []Filing
	if err := s.db.Visible(ctx, policies.LedgerRead, &Filing{}).Where("entry_id = ?", id).Order("number").Limit(500).Find(&all).Error; err != nil {
		return nil, err
	}
	var numbered []sequenced
	err = s.db.Visible(ctx, policies.LedgerRead, &Filing{}).Joins("JOIN changes ON changes.id = ledger_filings.change_id").
		Where("ledger_filings.entry_id = ?", id).Select("ledger_filings.id AS id, changes.seq AS seq").Scan(&numbered).Error
	if err != nil {
		return nil, err
	}
	judged, err := s.judgements(ctx, all...)
	by := bySequence(numbered)
	out := make([]FilingRecord, len(all))
	for i, f := range all {
		out[i] = FilingRecord{f, e.Day, e.KeptAt, by[f.ID], judged[f.ID]}
	}
	return out, err
}

func (s *Service) head(ctx context.Context, id models.ID) (Entry, error) {
	var e Entry
	return e, models.One(s.db.Visible(ctx, policies.LedgerRead, &e).Where("id = ?", id), &e)
}

// Steps lists the moves of the entry, in order.
func (s *Service) Steps(ctx context.Context, id models.ID) ([]Step, error) {
	if _, err := s.head(ctx, id); err != nil {
		return nil, err
	}
	var all []Step
	return all, s.db.Visible(ctx, policies.LedgerRead, &Step{}).Where("entry_id = ?", id).Order("at, id").Limit(500).Find(&all).Error
}

// event is the change of one write: the leaf commits to digests, states and
// versions, never to what people wrote.
func event(perm policies.Permission, e Entry, reason string) audit.Event {
	return audit.Event{Action: perm, Kind: "ledger", ID: e.ID, Place: e.Placed, About: e.Day, Reason: reason,
		Facts: map[string]any{"state": e.State, "version": e.Version, "class": e.Class}, Wrote: []audit.Wrote{e.Wrote()}}
}
