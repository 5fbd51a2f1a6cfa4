package ledger

import (
	"context"
	"fmt"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Stood is an entry that stood as filed or accepted at a number of the log, with what
// its last filing up to there said.
type Stood struct {
	Entry
	Content Content
	Judged  []Judged // of the filing's readings; without the candidates
}

// StandingFilter narrows what stood; "" and absent days do not.
type StandingFilter struct {
	ParkID, EnterpriseID string
	Classes              []string
	From, To             code.Day // inclusive
}

// maxStanding bounds what is read at once: a report holds all of it in memory.
const maxStanding = 30_000

// Standing reads the entries that stood as it was known, in the order of their days.
// Whoever adds them up does so in the snapshot in which k was resolved. More than can
// be held at once is Invalid.
func (s *Service) Standing(ctx context.Context, f StandingFilter, k audit.Knowledge) ([]Stood, error) {
	q := StoodAs(s.db.Visible(ctx, policies.LedgerRead, &Entry{}), k, Filed, Accepted).Where("ledger_entries.class IN ?", f.Classes)
	if f.ParkID != "" {
		q = q.Where("ledger_entries.park_id = ?", f.ParkID)
	}
	if f.EnterpriseID != "" {
		q = q.Where("ledger_entries.enterprise_id = ?", f.EnterpriseID)
	}
	if f.From != "" {
		q = q.Where("ledger_entries.day >= ?", f.From)
	}
	if f.To != "" {
		q = q.Where("ledger_entries.day <= ?", f.To)
	}
	var heads []Entry
	if err := q.Order("ledger_entries.day, ledger_entries.number, ledger_entries.id").Limit(maxStanding + 1).Find(&heads).Error; err != nil {
		return nil, err
	}
	if len(heads) > maxStanding {
		return nil, fault.New(fault.Invalid, "超过 {{.Max}} 条台账，分企业或者分期出", "Max", maxStanding)
	}
	all := make([]Stood, 0, len(heads))
	for part := range slices.Chunk(heads, setsAtOnce) {
		filings, err := s.lastKnown(ctx, part, k)
		if err != nil {
			return nil, err
		}
		for _, e := range part {
			stood, err := s.stood(e, filings[e.ID])
			if err != nil {
				return nil, err
			}
			all = append(all, stood)
		}
	}
	return all, nil
}

// lastKnown are the last filings of the entries up to the number, by entry.
func (s *Service) lastKnown(ctx context.Context, heads []Entry, k audit.Knowledge) (map[models.ID]Filing, error) {
	ids := make([]models.ID, len(heads))
	for i, e := range heads {
		ids[i] = e.ID
	}
	var known []Filing
	q := s.db.Visible(ctx, policies.LedgerRead, &Filing{}).Where("ledger_filings.entry_id IN ?", ids).Order("ledger_filings.number")
	if k.Untouched != nil {
		q = q.Joins("JOIN changes ON changes.id = ledger_filings.change_id").Where("changes.seq <= ?", k.Seq)
	}
	if err := q.Find(&known).Error; err != nil {
		return nil, err
	}
	last := make(map[models.ID]Filing, len(heads))
	for _, f := range known { // the later ones come last
		last[f.EntryID] = f
	}
	return last, nil
}

func (s *Service) stood(e Entry, f Filing) (Stood, error) {
	class, err := s.classes.of(e)
	if err != nil {
		return Stood{}, err
	}
	content, err := class.Read([]byte(f.Payload))
	if err != nil {
		return Stood{}, fmt.Errorf("read what %s filed: %w", e.Number, err)
	}
	judged, err := f.judgements()
	return Stood{Entry: e, Content: content, Judged: judged}, err
}

// Text is a text, a code or an option of the filing by its pointer, "" for none.
func (s Stood) Text(pointer string) string { return s.Content.Texts[pointer] }

// Flag answers a question of the filing by its pointer; said is false where it says nothing.
func (s Stood) Flag(pointer string) (yes, said bool) {
	yes, said = s.Content.flags[pointer]
	return yes, said
}

// Number is a number of the filing by its pointer; false where there is none.
func (s Stood) Number(pointer string) (Item, bool) {
	i := slices.IndexFunc(s.Content.Items, func(i Item) bool { return i.Path == pointer })
	if i < 0 {
		return Item{}, false
	}
	return s.Content.Items[i], true
}
