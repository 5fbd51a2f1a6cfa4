package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the ledgers: each entry with its filings, their
// numbers, what the screen found in them, what was over its limit, and its steps; each
// lock with its steps. The batches of hazardous waste follow from the entries; sets of
// limits are named by their content.
func Verifiable() []audit.Source {
	entries := audit.SourceOf[Entry]("ledger", policies.LedgerRead, entryRows)
	entries.Derived = []audit.Derived{{Table: "waste_batches", Compare: derivedBatches}, {Table: LimitSet{}.TableName(), Compare: derivedSets}}
	return []audit.Source{
		entries,
		audit.SourceOf[PeriodLock]("period", policies.PeriodRead, func(ctx context.Context, db *models.DB, f *audit.Found) error {
			return audit.AddRows[PeriodStep](f, db.Visible(ctx, policies.PeriodRead, &PeriodStep{}), "lock_id")
		}),
	}
}

// filed is what verify remembers of a filing: its rows name it in two ways.
type filed struct {
	id, entry, change models.ID
	number            int64
	sets              []string // of limits that it was judged by
}

func entryRows(ctx context.Context, db *models.DB, f *audit.Found) error {
	var all []filed
	err := audit.ReadStored[Filing](db.Visible(ctx, policies.LedgerRead, &Filing{}).Where(f.Of("entry_id")), func(r *audit.Stored) error {
		one := filed{id: r.ID("id"), entry: r.ID("entry_id"), change: r.ID("change_id"), number: r.Int("number")}
		if r.Text("digest") != string(sum(r.Text("payload"))) {
			f.Wrong(one.entry, "报送内容与其摘要不一致")
		}
		var err error
		if one.sets, err = setsJudgedBy(r.Text("judged")); err != nil { // altered, which its digest shows as well
			f.Wrong(one.entry, setsMissing)
		}
		all = append(all, one)
		return f.Add(one.entry, one.change, r)
	})
	if err != nil {
		return err
	}
	if err := setsThere(ctx, db, f, all); err != nil {
		return err
	}
	if err := audit.AddRows[Step](f, db.Visible(ctx, policies.LedgerRead, &Step{}), "entry_id"); err != nil {
		return err
	}
	return filingRows(ctx, db, f, all)
}

// filingRows adds the numbers of filings, what was odd in them and what was over its limit.
func filingRows(ctx context.Context, db *models.DB, f *audit.Found, all []filed) error {
	type numbered struct {
		entry  models.ID
		number int64
	}
	byID, byNumber, ids := make(map[models.ID]filed, len(all)), make(map[numbered]models.ID, len(all)), make([]models.ID, len(all))
	for i, one := range all {
		byID[one.id], byNumber[numbered{one.entry, one.number}], ids[i] = one, one.change, one.id
	}
	// By the filing, not by the entry that they name: a number that was given to another
	// entry is missed here.
	err := audit.ReadStored[Item](db.Visible(ctx, policies.LedgerRead, &Item{}).Where("filing_id IN ?", ids), func(r *audit.Stored) error {
		of := byID[r.ID("filing_id")]
		return f.Add(of.entry, of.change, r)
	})
	if err != nil {
		return err
	}
	err = audit.ReadStored[Oddity](db.Visible(ctx, policies.LedgerRead, &Oddity{}).Where(f.Of("entry_id")), func(r *audit.Stored) error {
		entry := r.ID("entry_id")
		return f.Add(entry, byNumber[numbered{entry, r.Int("filing")}], r)
	})
	if err != nil {
		return err
	}
	return audit.ReadStored[Exceedance](db.Visible(ctx, policies.LedgerRead, &Exceedance{}).Where(f.Of("entry_id")), func(r *audit.Stored) error {
		return f.Add(r.ID("entry_id"), byID[r.ID("filing_id")].change, r)
	})
}

const setsMissing = "评判所依据的限值缺失"

// setsJudgedBy are the sets of limits that a filing's judgements name.
func setsJudgedBy(judged string) ([]string, error) {
	if judged == "" {
		return nil, nil
	}
	var all []struct {
		Set string `json:"set"`
	}
	err := json.Unmarshal([]byte(judged), &all)
	ids := make([]string, 0, len(all))
	for _, j := range all {
		if j.Set != "" {
			ids = append(ids, j.Set)
		}
	}
	return ids, err
}

// setsThere notes the filings whose sets of limits are not there; whether those that
// are have their content, derivedSets says.
func setsThere(ctx context.Context, db *models.DB, f *audit.Found, all []filed) error {
	missing := map[string]bool{}
	for _, one := range all {
		for _, id := range one.sets {
			missing[id] = true
		}
	}
	var id string
	for part := range slices.Chunk(slices.Sorted(maps.Keys(missing)), setsAtOnce) {
		err := models.Read(db.Internal(ctx, &LimitSet{}).Where("id IN ?", part), "id", []any{&id}, func() error {
			delete(missing, id)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, one := range all {
		if slices.ContainsFunc(one.sets, func(id string) bool { return missing[id] }) {
			f.Wrong(one.entry, setsMissing)
		}
	}
	return nil
}

// derivedSets looks whether each set of limits is named by its content.
func derivedSets(ctx context.Context, db *models.DB) (rows int64, wrong *audit.Wrong, err error) {
	var s LimitSet
	err = models.Read(db.Internal(ctx, &LimitSet{}).Order("id"), "id, content", []any{&s.ID, &s.Content}, func() error {
		if rows++; wrong == nil && hexSum(s.Content) != s.ID {
			wrong = &audit.Wrong{ID: models.ID(s.ID), Sentence: "这组限值的内容与其编号不符"}
		}
		return nil
	})
	return rows, wrong, err
}
