// Package files keeps what people attach: photographs, documents, workbooks. It
// knows them by their bytes, keeps each content once outside the database, and says
// who may have it: whoever may read the row that it is attached to. What the rows
// say is left to the other domains.
package files

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"os"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Attachment is one file that somebody brought (附件). What it is never changes; it is
// attached to one row, once, by who brought it.
type Attachment struct {
	ID            models.ID `gorm:"primaryKey"`
	models.Placed `gorm:"embedded"`
	OwnerKind     string     // of the row that it is attached to: ledger, assessment, finding, task, patrol, import (ImportKind); "" while there is none
	OwnerID       *models.ID // nil while there is none
	Name          string     // as the sender calls it, cleaned; shown only
	MediaType     string
	Size          int64
	SHA256        []byte `gorm:"column:sha256"`
	Algorithm     string // of the digest: sha256
	Width         int    // pixels, 0 for what is no picture
	Height        int
	UploadedBy    models.ID
	UploadedAt    time.Time
	DiscardedAt   *time.Time // attached to nothing for too long: its content is gone
	ChangeID      models.ID
	Version       int64
}

// TableName implements gorm's Tabler.
func (Attachment) TableName() string { return "attachments" }

// Scope implements models.Scoped. The place of an attachment is that of its row, so
// that a permission reaches the one exactly when it reaches the other.
func (Attachment) Scope() models.Scope {
	return models.ParkRows("attachments", "attachment", "ledger", "assessment", "finding", "task", "patrol", "enterprise", "facility", "permit")
}

// Uncommitted implements audit.Uncommitted.
func (Attachment) Uncommitted() map[string]string {
	const named = "the leaf of the row that it is attached to commits to the list of its attachments"
	return map[string]string{"owner_kind": named, "owner_id": named}
}

// Sum is the digest as people read it.
func (a Attachment) Sum() string { return hex.EncodeToString(a.SHA256) }

// algorithm is the only one there is; it stands beside every digest.
const algorithm = "sha256"

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Attachment{}} }

// readers are the permissions that read the rows which something can be attached to.
var readers = map[string]policies.Permission{"ledger": policies.LedgerRead, "assessment": policies.AssessmentRead, "finding": policies.FindingRead, "task": policies.TaskRead, "patrol": policies.PatrolRead, "import": policies.LedgerCreate,
	ImportKind(policies.EnterpriseCreate): policies.EnterpriseCreate, ImportKind(policies.FacilityCreate): policies.FacilityCreate,
	ImportKind(policies.PermitCreate): policies.PermitCreate, ImportKind(policies.FindingCreate): policies.FindingCreate}

// Of is the kind of row that it is attached to, in one word: all imports are of one kind.
func (a Attachment) Of() string {
	kind, _, _ := strings.Cut(a.OwnerKind, ".")
	return kind
}

// ImportKind is the kind of an import whose rows are entered by a right: its file is read
// by whoever has that one.
func ImportKind(enters policies.Permission) string {
	if enters == policies.LedgerCreate {
		return "import"
	}
	return "import." + enters.Resource()
}

// Service is the door to attachments.
type Service struct {
	db    *models.DB
	store *Store
}

// New makes the service.
func New(db *models.DB, store *Store) *Service { return &Service{db, store} }

// Incoming is a file that has arrived whole and is one of the kinds. Discard must be
// called in the end, whatever became of it.
type Incoming struct {
	arrival *arrival
	kind    Kind
	facts   facts
	need    policies.Permission // to keep it: to attach a file, or to bring a table in
	Name    string
}

// Discard forgets what was not kept.
func (in *Incoming) Discard() { in.arrival.discard() }

// Sum is the digest of what has arrived.
func (in *Incoming) Sum() string { return hex.EncodeToString(in.arrival.sum) }

// Receive takes a file from r to the disk and looks at what it is. name and declared
// are what the sender says of it, "" for nothing. No transaction is open meanwhile: a
// slow sender holds up nobody.
func (s *Service) Receive(ctx context.Context, r io.Reader, name, declared string) (*Incoming, error) {
	if err := policies.Require(ctx, policies.AttachmentCreate); err != nil {
		return nil, err
	}
	return s.store.arrive(r, name, declared)
}

func (s *Store) arrive(r io.Reader, name, declared string) (*Incoming, error) {
	a, err := s.receive(r, MaxSize)
	if err != nil {
		return nil, err
	}
	kind, f, err := inspect(a.file, a.size, name, declared)
	if err != nil {
		a.discard()
		return nil, err
	}
	return &Incoming{arrival: a, kind: kind, facts: f, need: policies.AttachmentCreate, Name: cleanName(name, kind)}, nil
}

// attachment is what the bytes say of it; whose it is comes later.
func (in *Incoming) attachment() Attachment {
	return Attachment{Name: in.Name, MediaType: in.kind.MediaType, Size: in.arrival.size, SHA256: in.arrival.sum, Algorithm: algorithm, Width: in.facts.width, Height: in.facts.height, Version: 1}
}

// Take keeps a content of the program's own (the demonstration's pictures) and answers
// the row that may name it, without an id or an owner; one that no row names within a
// day is swept.
func (s *Store) Take(content []byte, name string) (Attachment, error) {
	in, err := s.arrive(bytes.NewReader(content), name, "")
	if err != nil {
		return Attachment{}, err
	}
	defer in.Discard()
	return in.attachment(), in.arrival.keep()
}

// maxName is how long the name of a file may be, in characters.
const maxName = 120

// cleanName keeps of a name what can be shown.
func cleanName(name string, k Kind) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ". ")
	ext := path.Ext(name)
	base := []rune(strings.TrimSuffix(name, ext))
	name = string(base[:min(len(base), maxName-utf8.RuneCountInString(ext))]) + ext
	clean, err := code.ParseText(maxName)(name)
	if err != nil || clean == "" || clean == ext {
		return "file" + k.Extensions[0]
	}
	return clean
}

// UploadInput says where a file belongs: to a firm's site in a park, or to the park.
type UploadInput struct {
	ParkID string
	SiteID string // "" for the park's own
}

// parse checks the form.
func (in UploadInput) parse() (park models.ID, site *models.ID, err error) {
	var c fault.Check
	park = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	site = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	return park, site, c.Err()
}

// Upload keeps a file that has arrived (上传附件). The content is durable under its
// sum before the row is (S-LG2). The same id again with the same content answers what
// is there.
func (s *Service) Upload(ctx context.Context, id models.ID, in UploadInput, file *Incoming) (Attachment, error) {
	var a Attachment
	if err := policies.Require(ctx, file.need); err != nil {
		return a, err
	}
	park, site, err := in.parse()
	if err != nil {
		return a, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		place, err := placeOf(tx, park, site)
		if err != nil {
			return err
		}
		actor, _ := policies.ActorFrom(tx.Context())
		if id == "" {
			id = models.NewID()
		}
		a = file.attachment()
		a.ID, a.Placed, a.UploadedBy, a.UploadedAt, a.ChangeID = id, place, models.ID(actor.User), tx.Now(), models.NewID()
		if err := tx.Covers(file.need, a.Owner()); err != nil {
			return err
		}
		if err := tx.Share(filesLatch); err != nil { // the sweeper does not take the content away meanwhile
			return err
		}
		if err := file.arrival.keep(); err != nil {
			return err
		}
		stored, err := tx.CreateNew(file.need, &a)
		if err != nil {
			return err
		}
		if !stored {
			return repeated(tx, file.need, &a)
		}
		_, err = audit.Log(tx, a.Event())
		return err
	})
	return a, err
}

// Event is the upload as the log records it. The leaf commits to what the file is; its
// name is a person's words.
func (a Attachment) Event() audit.Event {
	return audit.Event{Action: policies.AttachmentCreate, Kind: "attachment", ID: a.ID, Place: a.Placed, Facts: map[string]any{a.Algorithm: a.Sum(), "size": a.Size, "mediaType": a.MediaType},
		Change: a.ChangeID, Wrote: []audit.Wrote{{Object: a.ID, Head: a}}, After: map[string]any{"name": a.Name, "mediaType": a.MediaType, "size": a.Size, "sha256": a.Sum()}}
}

// placeOf is where the file belongs; both the park and the site have to be visible.
func placeOf(tx *models.Tx, park models.ID, site *models.ID) (models.Placed, error) {
	var p registry.Park
	if err := models.One(tx.Visible(policies.ParkRead, &p).Where("id = ?", park), &p); err != nil {
		return models.Placed{}, err
	}
	if site == nil {
		return p.Place(), nil
	}
	var s registry.Site
	if err := models.One(tx.Visible(policies.SiteRead, &s).Where("id = ? AND park_id = ?", *site, park), &s); err != nil {
		return models.Placed{}, err
	}
	return s.Place(), nil
}

// repeated answers an upload that was made before under the same id.
func repeated(tx *models.Tx, need policies.Permission, a *Attachment) error {
	var there []Attachment
	err := tx.Visible(need, &Attachment{}).Where("id = ? AND uploaded_by = ?", a.ID, a.UploadedBy).Limit(1).Find(&there).Error
	if err != nil {
		return err
	}
	if len(there) == 0 || !bytes.Equal(there[0].SHA256, a.SHA256) || there[0].ParkID != a.ParkID || models.Deref(there[0].SiteID) != models.Deref(a.SiteID) {
		return fault.New(fault.Conflict, "这个编号已经用于另一个附件，换一个编号")
	}
	*a = there[0]
	return nil
}

// Get reads what is known of one attachment. Absent for whoever may not read the row
// that it is attached to; while there is none, for everybody but who brought it.
func (s *Service) Get(ctx context.Context, id models.ID) (Attachment, error) {
	return s.reach(ctx, policies.AttachmentRead, id)
}

func (s *Service) reach(ctx context.Context, perm policies.Permission, id models.ID) (Attachment, error) {
	var a Attachment
	if err := policies.Require(ctx, perm); err != nil {
		return a, err
	}
	if err := models.One(s.db.Visible(ctx, perm, &a).Where("id = ?", id), &a); err != nil {
		return a, err
	}
	if a.OwnerID == nil {
		actor, _ := policies.ActorFrom(ctx)
		if models.ID(actor.User) != a.UploadedBy || a.DiscardedAt != nil {
			return Attachment{}, fault.Absent()
		}
		return a, nil
	}
	read, known := readers[a.OwnerKind]
	if !known || policies.Require(ctx, read) != nil {
		return Attachment{}, fault.Absent()
	}
	var through Attachment
	if err := models.One(s.db.Visible(ctx, read, &through).Where("id = ?", id), &through); err != nil {
		return Attachment{}, err
	}
	return a, nil
}

// Content is an opened file: of a picture a copy without what the camera wrote
// beside it, of anything else the bytes as they came.
type Content struct {
	Attachment
	file *os.File
}

// Open opens the content for a reader.
func (s *Service) Open(ctx context.Context, id models.ID) (*Content, error) {
	a, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := s.store.open(a.SHA256)
	return &Content{a, f}, err
}

// WriteTo writes the copy that is shown.
func (c *Content) WriteTo(w io.Writer) (int64, error) {
	n := &counter{w: w}
	err := strip(c.MediaType, c.file, n)
	return n.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadAt implements io.ReaderAt: the bytes as they were brought, for what reads a table.
func (c *Content) ReadAt(p []byte, off int64) (int, error) { return c.file.ReadAt(p, off) }

// Close closes the file.
func (c *Content) Close() error { return c.file.Close() }

// Original opens the bytes as they were brought: a photograph's place and time are in
// them, so that each look is recorded (S-PI1).
func (s *Service) Original(ctx context.Context, id models.ID) (Attachment, *os.File, error) {
	a, err := s.reach(ctx, policies.AttachmentOriginal, id)
	if err != nil {
		return a, nil, err
	}
	f, err := s.store.open(a.SHA256)
	if err != nil {
		return a, nil, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: string(policies.AttachmentOriginal), Outcome: audit.Done, Kind: "attachment", Object: string(id)})
	})
	if err != nil {
		_ = f.Close()
		return a, nil, err
	}
	return a, f, nil
}
