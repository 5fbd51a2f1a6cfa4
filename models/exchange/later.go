package exchange

import (
	"context"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// AtOnce is up to how many rows a commit is waited for; one of more rows is left to a job.
const AtOnce = 2000

// Later is what commits in the background need: a queue, and who somebody is who is not
// there any more.
type Later struct {
	Queue  Queue
	Actor  func(ctx context.Context, user models.ID) (policies.Actor, error)
	AtOnce int // rows; 0 is AtOnce
}

// Queue runs commits in the background.
type Queue interface {
	CommitImport(tx *models.Tx, id models.ID) error
}

// InBackground lets Ask leave large commits to a job.
func (s *Service) InBackground(l Later) *Service {
	if l.AtOnce == 0 {
		l.AtOnce = AtOnce
	}
	s.later = &l
	return s
}

// Ask commits a file of few rows, and leaves one of many to a job: its import is then
// committing until the job is done. The same asked again answers what stands, and sees to
// it that there is a job, should the one before have been lost.
func (s *Service) Ask(ctx context.Context, id models.ID, in CommitInput) (Import, error) {
	if err := required(ctx); err != nil {
		return Import{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Import{}, err
	}
	i, err := s.head(ctx, id)
	if err != nil {
		return i, err
	}
	if i.Stage() == Committing && i.Selection == in.Rows && i.Filed == in.File {
		return i, s.db.Write(ctx, func(tx *models.Tx) error { return s.later.Queue.CommitImport(tx, id) })
	}
	if s.later == nil || i.State != Waiting || i.Good <= s.later.AtOnce {
		return s.Commit(ctx, id, in, nil)
	}
	if err := i.ready(in); err != nil {
		return i, err
	}
	actor, _ := policies.ActorFrom(ctx)
	after := i
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		now := tx.Now()
		after = i
		after.Selection, after.Filed, after.AskedAt, after.AskedBy = in.Rows, in.File, &now, models.Ref(models.ID(actor.User))
		if err := s.move(tx, &after, Step{Kind: StepAsked}, map[string]any{"rows": in.Rows, "file": in.File}); err != nil {
			return err
		}
		return s.later.Queue.CommitImport(tx, id)
	})
	return after, err
}

// Run commits what was asked for, with the rights that who asked has now. What keeps the
// rows out puts the import back, checked again, so that it says which they are. Any other
// error is answered for the job to be tried again; on the last try it puts the import back.
// For the program itself.
func (s *Service) Run(ctx context.Context, id models.ID, last bool) error {
	var i Import
	err := models.One(s.db.Visible(ctx, policies.ImportCreate, &i).Where("id = ?", id), &i)
	if err != nil || i.Stage() != Committing {
		return err
	}
	as, err := s.actingFor(ctx, *i.AskedBy)
	if err == nil {
		defer s.desk.wrote(id, 0)
		_, err = s.commit(as, i, CommitInput{Rows: i.Selection, File: i.Filed}, func(rows int) { s.desk.wrote(id, rows) })
	}
	switch fault.CodeOf(err) {
	case "":
		return nil
	case fault.Conflict, fault.Invalid, fault.Malformed, fault.NotFound, fault.Denied:
	default:
		if !last || ctx.Err() != nil {
			return err
		}
	}
	if err := s.putBack(ctx, i); err != nil {
		return err
	}
	if _, err = s.corrected(as, id, nil); fault.CodeOf(err) == fault.Internal {
		return err
	}
	return nil // nobody may be left to check it for
}

// actingFor is the program at work for somebody.
func (s *Service) actingFor(ctx context.Context, user models.ID) (context.Context, error) {
	actor, err := s.later.Actor(ctx, user)
	return audit.From(policies.With(ctx, actor), audit.Origin{Via: "job"}), err
}

// putBack lets an import wait again that could not be committed.
func (s *Service) putBack(ctx context.Context, i Import) error {
	return s.db.Write(ctx, func(tx *models.Tx) error {
		after := i
		after.Selection, after.Filed, after.AskedAt, after.AskedBy = "", false, nil, nil
		return s.move(tx, &after, Step{Kind: StepRefused}, map[string]any{})
	})
}

// move stores a head that waits still, with the step that moved it.
func (s *Service) move(tx *models.Tx, after *Import, step Step, says map[string]any) error {
	before := *after
	after.Version, after.UpdatedAt, after.ChangeID = before.Version+1, tx.Now(), models.NewID()
	res := tx.Visible(s.enters(before), &Import{}).Where("id = ? AND version = ? AND state = ?", before.ID, before.Version, Waiting).
		Select("*").Omit("id", "created_at").Updates(after)
	if err := models.Changed(res, fault.New(fault.Conflict, "这次导入刚刚被别人处理，重新读取后再操作")); err != nil {
		return err
	}
	return s.step(tx, s.enters(before), *after, step, says)
}

// Written is how many rows of an import that is committing are written so far, as far as
// this process knows: they count for nobody until all are.
func (s *Service) Written(id models.ID) int { return s.desk.progress(id) }
