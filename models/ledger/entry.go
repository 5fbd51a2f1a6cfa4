package ledger

import (
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
)

// State is where an entry stands.
type State string

// The states of an entry. Late and backfilled are computed, never stored.
const (
	Draft      State = "draft"
	Filed      State = "filed"
	Returned   State = "returned" // to be filed again
	Accepted   State = "accepted"
	Superseded State = "superseded" // by an amendment that was filed
	Voided     State = "voided"
)

// States are all states in the order of their life.
func States() []State { return []State{Draft, Filed, Returned, Accepted, Superseded, Voided} }

// Entry is the head of one ledger entry (台账记录): where it belongs, what it is
// about and where it stands. What it says is in its filings; Draft holds a
// payload that is not filed yet, and is empty while the last filing stands.
// Every write to it raises Version, so that an update under the version that was
// read is one under the state and the content that were read.
type Entry struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	Number        string // LG-2026-000123
	Class         string
	ClassVersion  int
	Condition     string // normal, abnormal
	FacilityID    *models.ID
	OutletID      *models.ID
	Day           code.Day // the civil day that it is about
	Slot          string   // shift, batch or event number; "" for the whole day
	State         State
	Draft         string       // JSON, byte for byte as received
	Attachments   models.Texts // ids of what is attached, in the order given; of the draft, or of the last filing
	OccurredAt    *time.Time   // claimed by who files
	RecordedAt    time.Time    // by the device; not before or after anything for sure
	ReceivedAt    time.Time    // first seen by the server
	FiledAt       *time.Time   // of the last filing; decides lateness
	FiledBy       *models.ID
	FiledAs       string // organisation of who filed: park:<id>, enterprise:<id>
	Filings       int    // how many there are
	Odd           bool   // the screen found something in the last one
	ChangeID      *models.ID
	Supersedes    *models.ID // the entry that this one amends
	KeptAt        *time.Time // of a filed amendment: when the first record of its chain was filed, by which it is late or not
	SupersededBy  *models.ID
	Reason        string // of the amendment
	Digest        []byte // SHA-256 of what it was created with, to know a repeated creation
	CreatedBy     models.ID
	Demo          bool
}

// TableName implements gorm's Tabler.
func (Entry) TableName() string { return "ledger_entries" }

// Scope implements models.Scoped.
func (Entry) Scope() models.Scope { return models.ParkRows("ledger_entries", "ledger") }

// kept is when the record was kept: an amendment corrects what it says, not when
// that was. Nil for a draft.
func (e Entry) kept() *time.Time {
	if e.KeptAt != nil {
		return e.KeptAt
	}
	return e.FiledAt
}

// Late reports whether the record was kept after the grace; false for a draft.
func (e Entry) Late() bool { return e.kept() != nil && Late(e.Day, *e.kept()) }

// Backfilled reports whether the record was filled in long afterwards; false for a draft.
func (e Entry) Backfilled() bool { return e.kept() != nil && Backfilled(e.Day, *e.kept()) }

// Lateness is how late the record was kept; empty for what came in time.
func (e Entry) Lateness() fault.Text {
	switch {
	case e.Backfilled():
		return fault.T("补报")
	case e.Late():
		return fault.T("迟报")
	}
	return fault.Text{}
}

// Filing is what was filed, once and for good: byte for byte.
type Filing struct {
	ID         models.ID `gorm:"primaryKey"`
	EntryID    models.ID
	Number     int    // 1, 2, … within the entry
	Payload    string // JSON
	Digest     []byte // SHA-256 of Payload
	Judged     string // JSON of []Judged; "" for none
	OccurredAt *time.Time
	RecordedAt time.Time
	ReceivedAt time.Time
	FiledAt    time.Time
	FiledBy    models.ID
	FiledAs    string
	ChangeID   models.ID
	// What was attached when it was filed, with its digest.
	Attachments models.JSON[[]files.Fixed]
}

// TableName implements gorm's Tabler.
func (Filing) TableName() string { return "ledger_filings" }

// Scope implements models.Scoped.
func (Filing) Scope() models.Scope { return models.ChildRows("ledger_filings", "entry_id", Entry{}) }

// Step is one move of an entry.
type Step struct {
	ID       models.ID `gorm:"primaryKey"`
	EntryID  models.ID
	Kind     string // filed, returned, accepted, superseded, voided
	At       time.Time
	ActorID  models.ID
	ActedAs  string // organisation: park:<id>, enterprise:<id>, district:<slug>
	Reason   string
	ChangeID models.ID
}

// TableName implements gorm's Tabler.
func (Step) TableName() string { return "ledger_steps" }

// Scope implements models.Scoped.
func (Step) Scope() models.Scope { return models.ChildRows("ledger_steps", "entry_id", Entry{}) }

// Item is one number of a filing, for sums and judgement. Below /facility stands
// what the register said when it was filed.
type Item struct {
	FilingID  models.ID `gorm:"primaryKey"`
	Path      string    `gorm:"primaryKey"` // JSON pointer into the payload
	EntryID   models.ID
	ParkID    models.ID
	Day       code.Day
	Item      string // name of the field, or code of the pollutant
	Raw       string // as entered
	Qualifier string // "<" below a detection limit, "ND" not detected
	Scaled    *int64 // × 10^6; nil for ND
	Unit      string
}

// TableName implements gorm's Tabler.
func (Item) TableName() string { return "ledger_items" }

// Scope implements models.Scoped.
func (Item) Scope() models.Scope { return models.ChildRows("ledger_items", "entry_id", Entry{}) }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped {
	return []models.Scoped{Entry{}, Filing{}, Step{}, Item{}, LimitSet{}, WasteBatch{}, Oddity{}, Exceedance{}, PeriodLock{}, PeriodStep{}}
}

// Service is the door to the ledger.
type Service struct {
	db      *models.DB
	classes *Catalogue
}

// New makes the service with the classes that are part of the program.
func New(db *models.DB) *Service { return NewWith(db, Embedded()) }

// NewWith makes the service with other classes.
func NewWith(db *models.DB, classes *Catalogue) *Service {
	return &Service{db: db, classes: classes}
}

// Catalogue is the classes that the service reads and files by.
func (s *Service) Catalogue() *Catalogue { return s.classes }
