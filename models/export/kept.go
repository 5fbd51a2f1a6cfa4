package export

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// State is where a kept export stands.
type State string

// The states of a kept export.
const (
	Waiting State = "waiting" // is being written in the background
	Ready   State = "ready"
	Failed  State = "failed"
)

// States are all states.
func States() []State { return []State{Waiting, Ready, Failed} }

// Word is the state as people say it.
func (s State) Word() fault.Text {
	switch s {
	case Waiting:
		return fault.T("正在导出")
	case Ready:
		return fault.T("可以下载")
	}
	return fault.T("没有导出")
}

// Keep is how long a written export is there.
const Keep = 24 * time.Hour

// Export is one export that is kept for its person (导出).
type Export struct {
	models.Versioned
	UserID    models.ID
	List      string
	Format    Format
	Lang      string
	Filters   models.JSON[map[string]string]
	Rights    models.JSON[Rights]
	State     State
	Expected  int64 // rows, when it was asked for
	Rows      int
	Size      int64
	Name      string // of the file, "" before it is written
	ReadyAt   *time.Time
	ExpiresAt *time.Time
}

// Rights are those that an export was asked for with. Who has lost one of them since
// does not get what was written with it.
type Rights struct {
	Assignments []string              `json:"assignments"` // that give the permission of the list
	Limit       []policies.Permission `json:"limit,omitempty"`
}

// TableName implements gorm's Tabler.
func (Export) TableName() string { return "exports" }

// Scope implements models.Scoped: one's own.
func (Export) Scope() models.Scope { return models.PersonRows("exports", "user_id", "export") }

// Owner implements models.Owned.
func (e Export) Owner() policies.Row { return policies.Row{User: string(e.UserID)} }

// Models are the tables of this package, for the schema's tests.
func Models() []models.Scoped { return []models.Scoped{Export{}} }

// Title is the list by its name.
func (e Export) Title() fault.Text {
	l, _ := Find(e.List)
	return l.Title
}

func (e Export) ask() Ask { return Ask{e.List, e.Format, e.Lang, e.Filters.V} }

// Gone reports whether the file is no longer kept.
func (e Export) Gone(now time.Time) bool { return e.ExpiresAt != nil && !now.Before(*e.ExpiresAt) }

// rightsFor are the caller's to a list.
func rightsFor(ctx context.Context, need policies.Permission) (Rights, error) {
	actor, _ := policies.ActorFrom(ctx)
	rights := Rights{Assignments: []string{}, Limit: actor.Limit}
	for _, as := range actor.Assignments {
		one := actor
		one.Assignments = []policies.Assignment{as}
		s, err := one.Scope(need)
		if err != nil {
			return rights, err
		}
		if s.Any() {
			rights.Assignments = append(rights.Assignments, as.ID)
		}
	}
	slices.Sort(rights.Assignments)
	return rights, nil
}

// still refuses when the caller has lost a right that the export was asked for with.
func (e Export) still(ctx context.Context) error {
	l, known := Find(e.List)
	if !known {
		return fault.Absent()
	}
	if err := policies.Require(ctx, l.Need); err != nil {
		return err
	}
	now, err := rightsFor(ctx, l.Need)
	if err != nil {
		return err
	}
	for _, id := range e.Rights.V.Assignments {
		if !slices.Contains(now.Assignments, id) {
			return fault.New(fault.Denied, "导出之后任职或者权限已经变化，重新导出现在权限内的记录")
		}
	}
	return nil
}

// Create asks for an export that is kept: a small one is ready in the answer, a large
// one is written in the background.
func (s *Service) Create(ctx context.Context, a Ask) (Export, error) {
	e, err := s.asked(ctx, a)
	if err != nil {
		return e, err
	}
	if e.Expected <= s.atOnce {
		if err := s.fill(ctx, &e); err != nil {
			return e, err
		}
		return e, s.db.Write(ctx, func(tx *models.Tx) error {
			if err := tx.Create(policies.ExportCreate, &e); err != nil {
				return err
			}
			return note(tx, e.ask(), e.ID, e.Rows)
		})
	}
	return e, s.db.Write(ctx, func(tx *models.Tx) error {
		var waiting int64
		if err := tx.Visible(policies.ExportRead, &Export{}).Where("exports.state = ?", Waiting).Count(&waiting).Error; err != nil {
			return err
		}
		if waiting >= perCaller {
			return tooMany()
		}
		if err := tx.Create(policies.ExportCreate, &e); err != nil {
			return err
		}
		return s.queue.WriteExport(tx, e.ID)
	})
}

// asked is the row of an export that is asked for, as yet in no table.
func (s *Service) asked(ctx context.Context, a Ask) (e Export, err error) {
	if err := policies.Require(ctx, policies.ExportCreate); err != nil {
		return e, err
	}
	l, a, err := a.list()
	if err != nil {
		return e, err
	}
	now := s.db.Now()
	actor, _ := policies.ActorFrom(ctx)
	e = Export{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: now, UpdatedAt: now}, UserID: models.ID(actor.User), List: l.Name, Format: a.Format, Lang: a.Lang,
		Filters: models.JSON[map[string]string]{V: a.Filters}, State: Waiting}
	if e.Expected, err = s.Count(ctx, a); err != nil {
		return e, err
	}
	e.Rights.V, err = rightsFor(ctx, l.Need)
	return e, err
}

// fill writes the file of an export as the caller.
func (s *Service) fill(ctx context.Context, e *Export) error {
	done, err := s.desk.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := e.still(ctx); err != nil {
		return err
	}
	e.Size, err = s.folder.put(e.ID, func(w io.Writer) error {
		e.Rows, err = s.write(ctx, w, e.ask())
		return err
	})
	now := s.db.Now()
	until := now.Add(Keep)
	e.State, e.Name, e.ReadyAt, e.ExpiresAt, e.UpdatedAt = Ready, s.Name(e.ask(), e.Rows), &now, &until, now
	return err
}

// Run writes an export that waits, as the person who asked for it: a job. What was
// written meanwhile is left alone; what cannot be written says so, and is asked for again.
func (s *Service) Run(ctx context.Context, id models.ID) error {
	var e Export
	err := s.db.Write(ctx, func(tx *models.Tx) error { return tx.Program().Take(&e, "id = ?", string(id)).Error })
	if err != nil || e.State != Waiting {
		return models.Fault(err)
	}
	actor, err := s.rooms.Accounts.ActorOf(ctx, e.UserID)
	if err != nil {
		return err
	}
	actor.Limit = e.Rights.V.Limit
	ctx = audit.From(policies.With(ctx, actor), audit.Origin{Via: "job"})
	if err := s.fill(ctx, &e); err != nil {
		if ctx.Err() != nil || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Unavailable) {
			return err // tried again
		}
		e.State, e.Name, e.ReadyAt, e.ExpiresAt, e.Rows, e.Size = Failed, "", nil, nil, 0, 0
	}
	return s.db.Write(policies.With(ctx, s.db.Policy.Program("export")), func(tx *models.Tx) error {
		e.Version++
		res := tx.Program().Model(&Export{}).Where("id = ? AND state = ?", string(e.ID), Waiting).
			Select("state", "rows", "size", "name", "ready_at", "expires_at", "updated_at", "version").Updates(&e)
		if err := models.Changed(res, fault.New(fault.Conflict, "这次导出已经写完")); err != nil || e.State == Failed {
			return err
		}
		return noteBy(tx, e)
	})
}

// List lists the caller's own exports, the newest first.
func (s *Service) List(ctx context.Context, q models.Query) (models.Page[Export], error) {
	return models.List(s.db, s.db.Visible(ctx, policies.ExportRead, &Export{}), q, orders, "-createdAt", func(e Export) models.ID { return e.ID })
}

var orders = map[string]models.Order[Export]{
	"-createdAt": {Column: "exports.created_at", Desc: true, Key: func(e Export) any { return e.CreatedAt }},
}

// Get reads one of the caller's exports.
func (s *Service) Get(ctx context.Context, id models.ID) (Export, error) {
	var e Export
	err := s.db.Visible(ctx, policies.ExportRead, &Export{}).Take(&e, "exports.id = ?", string(id)).Error
	return e, models.Fault(err)
}

// Open opens the file of an export, for whoever still has the rights that it was asked
// for with; that is recorded.
func (s *Service) Open(ctx context.Context, id models.ID) (Export, *os.File, error) {
	e, err := s.Get(ctx, id)
	if err != nil {
		return e, nil, err
	}
	if e.State != Ready {
		return e, nil, fault.New(fault.Conflict, "这次导出还没有写完，或者没有成功")
	}
	if err := e.still(ctx); err != nil {
		return e, nil, err
	}
	if e.Gone(s.db.Now()) {
		return e, nil, fault.Absent()
	}
	f, err := s.folder.open(id)
	if errors.Is(err, fs.ErrNotExist) { // as after a restore: it is not part of a backup
		return e, nil, fault.Absent()
	}
	if err != nil {
		return e, nil, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: "export", Outcome: audit.Done, Kind: e.List, Object: string(id), Reason: "download"})
	})
	if err != nil {
		return e, nil, errors.Join(err, f.Close())
	}
	return e, f, nil
}

// Sweep removes files that nobody may fetch any more. For the program itself.
func (s *Service) Sweep() error { return s.folder.sweep(s.db.Now().Add(-Keep)) }

// Take writes an export for somebody who waits for it; Conflict where it has more rows
// than one waits for: that one is created.
func (s *Service) Take(ctx context.Context, w io.Writer, a Ask) (name string, err error) {
	if err := policies.Require(ctx, policies.ExportCreate); err != nil {
		return "", err
	}
	done, err := s.desk.take(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	rows, err := s.Count(ctx, a)
	if err != nil {
		return "", err
	}
	if rows > s.atOnce {
		return "", fault.New(fault.Conflict, "超过 {{.Max}} 条的导出在后台进行", "Max", s.atOnce)
	}
	n, err := s.Write(ctx, w, a)
	return s.Name(a, n), err
}
