// Package exchange brings ledgers and lists of the register in that were kept in spreadsheets: a file is checked
// row by row as its filing would be, corrected cell by cell, committed as a whole, and
// undone within a day. What a file looks like inside is left to a Codec.
package exchange

import (
	"encoding/hex"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// State is where an import stands.
type State string

// The states of an import.
const (
	Waiting   State = "checked" // checked, and not committed yet
	Committed State = "committed"
	Undone    State = "undone"

	// Committing is a checked one whose rows a job writes; nothing of it is seen before all is.
	Committing State = "committing"
)

// States are all states in the order of their life.
func States() []State { return []State{Waiting, Committing, Committed, Undone} }

// Word is the state as people say it.
func (s State) Word() fault.Text {
	switch s {
	case Waiting:
		return fault.T("待导入")
	case Committing:
		return fault.T("正在导入")
	case Committed:
		return fault.T("已导入")
	default:
		return fault.T("已撤销")
	}
}

// UndoFor is how long an import can be undone.
const UndoFor = 24 * time.Hour

// Import is the head of one file that somebody brought to be imported (导入). The counts
// are those of its last check.
type Import struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	Class         string
	ClassVersion  int
	FileID        models.ID // the attachment
	Name          string    // of the file, as it is shown
	Size          int64
	SHA256        []byte `gorm:"column:sha256"`
	State         State
	Checks        int // how often it was checked
	Rows          int
	Good          int
	Bad           int // rows with a fault
	Unchanged     int // rows that are in already
	Faults        int
	Warnings      int
	Selection     Selection  // which rows were committed
	Filed         bool       // as filings, not as drafts
	Entries       int        // how many were written
	AskedAt       *time.Time // when a job was asked to commit it
	AskedBy       *models.ID
	CommittedAt   *time.Time
	UndoneAt      *time.Time
	CreatedBy     models.ID
	ChangeID      models.ID // of the last step
}

// TableName implements gorm's Tabler.
func (Import) TableName() string { return "imports" }

// Scope implements models.Scoped: an import is seen by who may enter its rows there.
func (Import) Scope() models.Scope {
	return models.ParkRows("imports", "import", "ledger", "enterprise", "facility", "permit", "finding")
}

// Stage is where it stands as people see it: one that a job commits is no longer waiting.
func (i Import) Stage() State {
	if i.State == Waiting && i.AskedAt != nil {
		return Committing
	}
	return i.State
}

// Sum is the digest of the file as people read it.
func (i Import) Sum() string { return hex.EncodeToString(i.SHA256) }

// UndoUntil is when it can no longer be undone; zero for one that is not committed.
func (i Import) UndoUntil() time.Time {
	if i.State != Committed {
		return time.Time{}
	}
	return i.CommittedAt.Add(UndoFor)
}

// Step is one thing that happened to an import, with what it left: a check its report,
// a correction the cells, a commit the entries.
type Step struct {
	ID       models.ID `gorm:"primaryKey"`
	ImportID models.ID
	Number   int // 1, 2, … within the import
	Kind     string
	At       time.Time
	ActorID  models.ID
	Cells    models.JSON[[]Correction]
	Report   models.JSON[*Report]
	Entries  models.RawJSON // []Taken
	ChangeID models.ID
}

// What happened to an import besides its states.
const (
	StepChecked   = "checked"
	StepCorrected = "corrected"
	StepAsked     = "asked"   // for a job to commit it
	StepRefused   = "refused" // the job could not
	StepCommitted = "committed"
	StepUndone    = "undone"
)

// TableName implements gorm's Tabler.
func (Step) TableName() string { return "import_steps" }

// Scope implements models.Scoped.
func (Step) Scope() models.Scope { return models.ChildRows("import_steps", "import_id", Import{}) }

// Correction is a cell that somebody corrected in place. The file stays as it was
// brought; the corrections are put over it.
type Correction struct {
	Cell   string `json:"cell"`
	Before string `json:"before"`
	After  string `json:"after"`
	Undone bool   `json:"undone,omitempty"` // the file's own text counts again
}

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Import{}, Step{}} }

// Service is the door to imports.
type Service struct {
	db       *models.DB
	ledger   *ledger.Service
	register *registry.Service
	walks    *inspection.Service
	files    *files.Service
	codec    Codec
	desk     *desk
	later    *Later // nil where everything is waited for
}

// New makes the service.
func New(db *models.DB, led *ledger.Service, kept *files.Service, codec Codec) *Service {
	return &Service{db: db, ledger: led, register: registry.New(db, nil), walks: inspection.New(db, nil), files: kept, codec: codec, desk: newDesk()}
}
