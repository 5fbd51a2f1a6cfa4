package task

import (
	"context"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// ProgrammeInput is a document that sets tasks.
type ProgrammeInput struct {
	Title    string `json:"title" doc:"文件名称"`
	Document string `json:"document,omitempty" doc:"文号"`
	Issuer   string `json:"issuer" doc:"印发单位"`
	IssuedOn string `json:"issuedOn" format:"date" doc:"印发日期"`
	Note     string `json:"note,omitempty" doc:"说明"`
}

// Parse checks everything before it answers.
func (in ProgrammeInput) Parse() (Programme, error) {
	var c fault.Check
	p := Programme{Title: fault.Must(&c, "/title", in.Title, code.ParseText(200)), Document: fault.Parse(&c, "/document", in.Document, code.ParseText(80)),
		Issuer: fault.Must(&c, "/issuer", in.Issuer, code.ParseName), IssuedOn: fault.Must(&c, "/issuedOn", in.IssuedOn, code.ParseDay),
		Note: fault.Parse(&c, "/note", in.Note, code.ParseLongText(2000))}
	return p, c.Err()
}

// Issue completes a document as it is entered.
func (p Programme) Issue(id, by models.ID, now time.Time) (Programme, error) {
	var c fault.Check
	if p.IssuedOn > code.DayOf(now) {
		c.Fail("/issuedOn", "future", "印发日期不能晚于今天")
	}
	p.ID, p.CreatedBy, p.CreatedAt, p.ChangeID = id, by, now, models.NewID()
	return p, c.Err()
}

// CreateProgramme enters a document.
func (s *Service) CreateProgramme(ctx context.Context, id models.ID, in ProgrammeInput) (Programme, error) {
	if err := policies.Require(ctx, policies.TaskPlan); err != nil {
		return Programme{}, err
	}
	p, err := in.Parse()
	if err != nil {
		return p, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if id == "" {
			id = models.NewID()
		}
		var err error
		if p, err = p.Issue(id, actor(tx), tx.Now()); err != nil {
			return err
		}
		if _, err := audit.Log(tx, p.Event()); err != nil {
			return err
		}
		stored, err := tx.CreateNew(policies.TaskPlan, &p)
		if err == nil && !stored {
			err = taken()
		}
		return err
	})
	return p, err
}

func taken() error {
	return fault.New(fault.Conflict, "这个编号已经用于另一条记录，换一个编号再提交")
}

func actor(tx *models.Tx) models.ID {
	a, _ := policies.ActorFrom(tx.Context())
	return models.ID(a.User)
}

// TaskInput is one line of the table as people enter it.
type TaskInput struct {
	ProgrammeID  string   `json:"programmeId" format:"uuid" doc:"所属文件，见 /programmes"`
	Title        string   `json:"title" doc:"任务"`
	Goal         string   `json:"goal" doc:"目标"`
	ParkID       string   `json:"parkId,omitempty" format:"uuid" doc:"责任单位是园区管理机构时填写"`
	Jurisdiction string   `json:"jurisdiction,omitempty" doc:"责任单位是区管理局时填写；与 parkId 都不填为市局"`
	PersonID     string   `json:"personId" format:"uuid" doc:"责任人的账号，现在任职于责任单位"`
	DueOn        string   `json:"dueOn" format:"date" doc:"完成期限，不早于文件的印发日期"`
	Binding      *Binding `json:"binding,omitempty" doc:"由登记数据计算是否完成；不填则由责任单位报送、市局核验"`
}

// Parse checks everything that needs no register.
func (in TaskInput) Parse() (Task, error) {
	var c fault.Check
	t := Task{State: Planned, ProgrammeID: fault.Must(&c, "/programmeId", in.ProgrammeID, models.ParseID), Title: fault.Must(&c, "/title", in.Title, code.ParseText(200)),
		Goal: fault.Must(&c, "/goal", in.Goal, code.ParseLongText(1000)), ParkID: models.Ref(fault.Parse(&c, "/parkId", in.ParkID, models.ParseID)),
		PersonID: fault.Must(&c, "/personId", in.PersonID, models.ParseID), DueOn: fault.Must(&c, "/dueOn", in.DueOn, code.ParseDay)}
	t.Jurisdiction = models.Ref(string(fault.Parse(&c, "/jurisdiction", in.Jurisdiction, code.ParseJurisdiction)))
	if in.ParkID != "" && in.Jurisdiction != "" {
		c.Fail("/jurisdiction", "both", "园区和属地只填一个：园区的属地由园区决定")
	}
	t.Binding.V = in.Binding.parse(&c)
	return t, c.Err()
}

// For makes the unit of a task: the body of a park, a district, or the bureau.
func (t Task) For(park *registry.Park) Task {
	t.Unit = "city"
	switch {
	case park != nil:
		t.ParkID, t.Jurisdiction, t.Unit = &park.ID, park.Jurisdiction, policies.ParkBody(string(park.ID))
	case t.Jurisdiction != nil:
		t.Unit = policies.DistrictBureau(*t.Jurisdiction)
	}
	return t
}

// Create sets a task under a document.
func (s *Service) Create(ctx context.Context, id models.ID, in TaskInput) (Task, error) {
	var out Task
	if err := policies.Require(ctx, policies.TaskPlan); err != nil {
		return out, err
	}
	t, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var p Programme
		if err := models.One(tx.Visible(policies.TaskPlan, &p).Where("id = ?", t.ProgrammeID), &p); err != nil {
			return err
		}
		set, err := s.placed(tx, t)
		if err != nil {
			return err
		}
		if err := s.belongs(tx.Context(), set.PersonID, set.Unit); err != nil {
			return err
		}
		if set.Number, err = tx.Number(models.TaskNumber); err != nil {
			return err
		}
		if id == "" {
			id = models.NewID()
		}
		a, err := Open(set, p, id, by(tx, "city"), tx.Now())
		if err != nil {
			return err
		}
		stored, err := tx.CreateNew(policies.TaskPlan, &a.After)
		if err == nil && !stored {
			err = taken()
		}
		if err != nil {
			return err
		}
		out = a.After
		return record(tx, a)
	})
	return out, err
}

// placed is the task with its unit; Absent for a park that is not there.
func (s *Service) placed(tx *models.Tx, t Task) (Task, error) {
	if t.ParkID == nil {
		return t.For(nil), nil
	}
	var park registry.Park
	if err := models.One(tx.Visible(policies.ParkRead, &park).Where("id = ?", *t.ParkID), &park); err != nil {
		return t, err
	}
	return t.For(&park), park.Takes()
}

// belongs refuses a person who does not work for the unit today.
func (s *Service) belongs(ctx context.Context, person models.ID, unit policies.Organisation) error {
	there, err := s.people.Belongs(ctx, person, unit)
	if err != nil || there {
		return err
	}
	var c fault.Check
	c.Fail("/personId", "member", "责任人现在没有在责任单位任职，先办理任职或者另选一人")
	return c.Err()
}
