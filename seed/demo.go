package seed

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Accounts makes the demonstration accounts.
type Accounts interface {
	CreateDemos(ctx context.Context, password string, all []account.Demo) ([]account.User, error)
}

// Options say which city is made.
type Options struct {
	Anchor   code.Day // the day on which history ends; "" is today
	Password string   // one for all demonstration accounts
	Accounts Accounts
	Files    *files.Store // keeps the photographs of rectifications
	Scale    float64      // 0 and 1 are the whole city; 0.05 is one for tests
}

// Made says what Demo did.
type Made struct {
	Anchor      code.Day `json:"anchor"`
	Already     bool     `json:"already"` // the city was there; nothing else is told then
	Parks       int      `json:"parks"`
	Enterprises int      `json:"enterprises"`
	Entries     int      `json:"entries"`
	Patrols     int      `json:"patrols"`
	Findings    int      `json:"findings"`
	Changes     int      `json:"changes"`
	Usernames   []string `json:"usernames"`
}

// cityVersion names the way in which the city is made.
const cityVersion = "2026-1"

// Demo fills an empty database with the demonstration city: reference lists, 31
// parks, about 400 firms and a year of history up to the day before the anchor,
// everything marked 示例. The same anchor gives the same business rows, ids
// included. Where the city is there already only the passwords of its accounts
// are made the printed one again. Conflict when the database holds real rows.
//
// It holds no imports: the service that checks and commits a file gives ids and times of
// its own, so that two cities of one anchor would differ, and what it writes is of today,
// after the history.
//
// The log has one change for every business write of the history, numbered in
// the order of time; the audit trail has one record for the whole load, since
// nobody sat at a screen.
func Demo(ctx context.Context, db *models.DB, o Options) (Made, error) {
	if o.Anchor == "" {
		o.Anchor = db.Today()
	}
	if o.Scale <= 0 {
		o.Scale = 1
	}
	ctx = program(ctx, db)
	there, err := markerOf(ctx, db)
	if err != nil {
		return Made{}, err
	}
	if there != nil {
		return Made{Anchor: there.Anchor, Already: true, Usernames: there.Usernames}, refresh(ctx, *there, o)
	}
	if err := onlyDemo(ctx, db); err != nil {
		return Made{}, err
	}
	if _, err := Reference(ctx, db); err != nil {
		return Made{}, err
	}
	c := newCity(o.Anchor, o.Scale)
	if err := c.takePhotos(o.Files); err != nil {
		return Made{}, err
	}
	if err := c.build(); err != nil {
		return Made{}, err
	}
	made := Made{Anchor: o.Anchor, Parks: len(c.parks), Enterprises: len(c.enterprises), Entries: len(c.book.entries), Patrols: len(c.rounds.patrols),
		Findings: len(c.rounds.findings), Changes: len(c.changes)}
	err = db.Write(ctx, func(tx *models.Tx) error {
		if err := c.store(tx); err != nil {
			return err
		}
		made.Usernames = nil
		inputs := make([]account.Demo, len(c.people.accounts))
		for i, a := range c.people.accounts {
			inputs[i] = a.input(c.start)
			made.Usernames = append(made.Usernames, a.username)
		}
		if _, err := o.Accounts.CreateDemos(tx.Context(), o.Password, inputs); err != nil {
			return fmt.Errorf("demonstration accounts: %w", err)
		}
		row := setting{Name: markerName, Version: 1, UpdatedAt: tx.Now()}
		row.Value.V = marker{Anchor: o.Anchor, Version: cityVersion, Scale: o.Scale, Usernames: made.Usernames}
		return tx.Append(&row)
	})
	if err != nil {
		return made, err
	}
	if err := audit.CatchUp(ctx, db); err != nil {
		return made, err
	}
	return made, db.Settle(ctx)
}

// build makes every row of the city in memory.
func (c *city) build() error {
	c.people.start(c)
	c.makeParks()
	c.makeFirms()
	c.makeWorks()
	c.judge()
	if c.failed == nil {
		c.makeLedger()
		c.makePatrols()
	}
	if c.failed == nil {
		c.makeReviews()
	}
	if c.failed != nil {
		return c.failed
	}
	if c.failed == nil {
		c.makeTasks()
		c.makeDraws()
	}
	for _, u := range c.people.extras {
		c.change(u.Created(), c.id(u.CreatedAt), c.people.admin, u.CreatedAt)
	}
	if c.failed != nil {
		return c.failed
	}
	c.changes = append(c.changes, c.history.Changes...)
	slices.SortFunc(c.changes, func(a, b audit.Change) int {
		if n := a.At.Compare(b.At); n != 0 {
			return n
		}
		return cmp.Compare(a.ID, b.ID)
	})
	for i := range c.changes {
		row := &c.changes[i]
		seq := int64(i)
		row.Seq, row.SealedAt = &seq, &row.At
	}
	return nil
}

// store writes the city in one transaction.
func (c *city) store(tx *models.Tx) error {
	for _, load := range []func() error{
		func() error { return models.Load(tx, c.people.extras) },
		func() error { return models.Load(tx, values(c.parks)) },
		func() error { return models.Load(tx, values(c.phases)) },
		func() error { return models.Load(tx, values(c.enterprises)) },
		func() error { return models.Load(tx, c.names) },
		func() error { return models.Load(tx, values(c.sites)) },
		func() error { return models.Load(tx, values(c.tenancies)) },
		func() error { return models.Load(tx, values(c.permits)) },
		func() error { return models.Load(tx, values(c.facilities)) },
		func() error { return models.Load(tx, values(c.outlets)) },
		func() error { return models.Load(tx, c.limits) },
		func() error { return models.Load(tx, values(c.streams)) },
		func() error { return models.Load(tx, values(c.shutdowns)) },
		func() error { return models.Load(tx, c.changes) },
		func() error { return c.history.Store(tx) },
		func() error { return models.Load(tx, c.book.entries) },
		func() error { return c.storeFilings(tx) },
		func() error { return c.storeBatches(tx) },
		func() error { return models.Load(tx, c.book.steps) },
		func() error { return models.Load(tx, c.rounds.patrols) },
		func() error { return models.Load(tx, c.rounds.events) },
		func() error { return models.Load(tx, c.rounds.photos) },
		func() error { return models.Load(tx, c.rounds.findings) },
		func() error { return models.Load(tx, c.rounds.steps) },
		func() error { return models.Load(tx, c.reviews.steps) },
		func() error { return models.Load(tx, c.reviews.assessments) },
		func() error { return models.Load(tx, c.reviews.moves) },
		func() error { return models.Load(tx, c.reviews.marks) },
		func() error { return models.Load(tx, c.reviews.grades.heads) },
		func() error { return models.Load(tx, c.reviews.grades.steps) },
		func() error { return models.Load(tx, c.table.programmes) },
		func() error { return models.Load(tx, c.table.tasks) },
		func() error { return models.Load(tx, c.table.steps) },
		func() error { return models.Load(tx, c.draws.draws) },
		func() error { return models.Load(tx, c.draws.tasks) },
		func() error { return c.fold(tx) },
		func() error { return c.numbersUsed(tx) },
	} {
		if err := load(); err != nil {
			return err
		}
	}
	return audit.Write(tx, audit.Note{Action: "seed.demo", Outcome: audit.Done, Kind: "demo", Reason: fmt.Sprintf("anchor %s, %d changes", c.anchor, len(c.changes))})
}

func (c *city) storeFilings(tx *models.Tx) error {
	rows := make([]ledger.Filing, len(c.book.filings))
	items := make([]ledger.Item, 0, 10*len(c.book.filings))
	for i, f := range c.book.filings {
		rows[i], items = f.Filing, append(items, f.items...)
	}
	if err := models.Load(tx, rows); err != nil {
		return err
	}
	if err := models.Load(tx, items); err != nil {
		return err
	}
	if err := models.Load(tx, c.book.over); err != nil {
		return err
	}
	return models.Load(tx, slices.SortedFunc(maps.Values(c.book.sets), func(a, b ledger.LimitSet) int { return cmp.Compare(a.ID, b.ID) }))
}

// storeBatches stores the batches of hazardous waste that the ledger makes.
func (c *city) storeBatches(tx *models.Tx) error {
	last := make(map[models.ID]ledger.Filing, len(c.book.entries))
	for _, f := range c.book.filings {
		if last[f.EntryID].Number < f.Number {
			last[f.EntryID] = f.Filing
		}
	}
	b := ledger.NewBalance()
	for _, e := range c.book.entries {
		if err := b.Add(e, last[e.ID]); err != nil {
			return fmt.Errorf("batch of %s: %w", e.Number, err)
		}
	}
	return models.Load(tx, b.Batches(func() models.ID { return c.id(c.anchor.Start()) }))
}

// fold brings the counts of the history into the summary, day by day as they
// became known: what the sequencer would have done at the time.
func (c *city) fold(tx *models.Tx) error {
	for from := 0; from < len(c.changes); {
		day := code.DayOf(c.changes[from].At)
		to := from
		for to < len(c.changes) && c.changes[to].At.Before(day.End()) {
			to++
		}
		if err := audit.Fold(tx, c.changes[from:to], day); err != nil {
			return fmt.Errorf("fold the counts of %s: %w", day, err)
		}
		from = to
	}
	return nil
}

func (c *city) numbersUsed(tx *models.Tx) error {
	for k, last := range c.numbers {
		if err := tx.NumbersUsed(k.kind, k.year, last); err != nil {
			return err
		}
	}
	return nil
}

// input is the account as it is made, its assignment valid for the whole history.
func (a demoAccount) input(from code.Day) account.Demo {
	g := account.GrantInput{Role: a.role.Slug(), Jurisdiction: a.jurisdiction, StartsOn: string(from.Add(-41)), Reason: "示例账号的角色"}
	if a.park != nil {
		g.ParkID = string(a.park.ID)
	}
	if a.firm != nil {
		g.EnterpriseID = string(a.firm.row.ID)
	}
	d := account.Demo{ID: a.id, Grants: []account.GrantInput{g}}
	d.Username, d.DisplayName, d.Organisation = a.username, a.name, a.organisation
	return d
}

// refresh makes the password of every demonstration account the printed one.
func refresh(ctx context.Context, there marker, o Options) error {
	inputs := make([]account.Demo, len(there.Usernames))
	for i, username := range there.Usernames {
		inputs[i].Username, inputs[i].DisplayName = username, username
	}
	_, err := o.Accounts.CreateDemos(ctx, o.Password, inputs)
	return err
}

func values[T any](all []*T) []T {
	out := make([]T, len(all))
	for i, p := range all {
		out[i] = *p
	}
	return out
}

// setting is a row of the settings table.
type setting struct {
	Name      string `gorm:"primaryKey"`
	Value     models.JSON[marker]
	Version   int64
	UpdatedAt time.Time
}

// marker says that the city is there, and which one.
type marker struct {
	Anchor    code.Day `json:"anchor"`
	Version   string   `json:"version"`
	Scale     float64  `json:"scale"`
	Usernames []string `json:"usernames"`
}

const markerName = "demo.city"

// TableName implements gorm's Tabler.
func (setting) TableName() string { return "settings" }

// Scope implements models.Scoped.
func (setting) Scope() models.Scope { return models.Closed("settings") }

// markerOf is the marker of the city in the database, nil when there is none.
func markerOf(ctx context.Context, db *models.DB) (*marker, error) {
	var rows []setting
	if err := db.Internal(ctx, &setting{}).Where("name = ?", markerName).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0].Value.V, nil
}

// onlyDemo refuses a database with parks or firms in it that are not made up, and
// one that has a history: its changes are numbered already.
func onlyDemo(ctx context.Context, db *models.DB) error {
	var parks, firms, changes int64
	for _, q := range []error{
		db.Visible(ctx, policies.ParkRead, &registry.Park{}).Where("demo = ?", false).Count(&parks).Error,
		db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}).Where("demo = ?", false).Count(&firms).Error,
		db.Visible(ctx, policies.ChangeRead, &audit.Change{}).Count(&changes).Error,
	} {
		if q != nil {
			return q
		}
	}
	if parks+firms+changes > 0 {
		return fault.New(fault.Conflict, "数据库中已有正式数据，不能再装入示例城市；为示例另指定一个数据库")
	}
	return nil
}
