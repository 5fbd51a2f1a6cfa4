package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Phase is one building phase of a park (分期).
type Phase struct {
	models.Versioned
	ParkID       models.ID
	Jurisdiction *string
	Number       string // 1, 2-3, …
	Name         string
	FloorArea    string // 10^4 m2 as entered
	State        string // planned, building, trial, operating
	TrialFrom    *code.Day
	Closing      `gorm:"embedded"`
}

// TableName implements gorm's Tabler.
func (Phase) TableName() string { return "phases" }

// Scope implements models.Scoped.
func (Phase) Scope() models.Scope { return models.ParkOnlyRows("phases", "park_id", "park") }

// Owner implements models.Owned.
func (p Phase) Owner() policies.Row { return p.where().Owner() }

func (p *Phase) kind() string            { return "phase" }
func (p *Phase) meta() *models.Versioned { return &p.Versioned }
func (p Phase) where() models.Placed {
	return models.Placed{ParkID: p.ParkID, Jurisdiction: p.Jurisdiction}
}
func (p *Phase) closing() *Closing           { return &p.Closing }
func (p *Phase) personal() map[string]string { return nil }
func (p *Phase) input() any {
	return map[string]any{"parkId": p.ParkID, "number": p.Number, "name": p.Name, "floorArea": p.FloorArea, "state": p.State, "trialFrom": dayText(p.TrialFrom)}
}

// PhaseInput is a phase as people enter it.
type PhaseInput struct {
	Number    string `json:"number" doc:"期次，例 1"`
	Name      string `json:"name" doc:"名称"`
	FloorArea string `json:"floorArea,omitempty" doc:"建筑面积，万 m²，至多 2 位小数"`
	State     string `json:"state" enum:"planned,building,trial,operating" doc:"规划、在建、试运行、运行"`
	TrialFrom string `json:"trialFrom,omitempty" format:"date" doc:"试运行日期"`
}

// Parse checks everything before it answers.
func (in PhaseInput) Parse() (Phase, error) {
	var c fault.Check
	p := Phase{Number: fault.Must(&c, "/number", in.Number, code.ParseText(10)), Name: fault.Must(&c, "/name", in.Name, code.ParseName),
		FloorArea: fault.Parse(&c, "/floorArea", in.FloorArea, code.ParsePositive(2)), State: in.State, TrialFrom: optionalDay(&c, "/trialFrom", in.TrialFrom)}
	c.Required("/state", in.State)
	return p, c.Err()
}

// Phases lists the phases of a park.
func (s *Service) Phases(ctx context.Context, park models.ID) ([]Phase, error) {
	if _, err := s.Park(ctx, park); err != nil {
		return nil, err
	}
	var all []Phase
	return all, s.db.Visible(ctx, policies.ParkRead, &Phase{}).Where("park_id = ?", park).Order("number, id").Limit(200).Find(&all).Error
}

// CreatePhase adds a phase to a park.
func (s *Service) CreatePhase(ctx context.Context, park models.ID, id models.ID, in PhaseInput) (Phase, error) {
	if err := policies.Require(ctx, policies.ParkUpdate); err != nil {
		return Phase{}, err
	}
	p, err := in.Parse()
	if err != nil {
		return p, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		var row Park
		if err := models.One(tx.Visible(policies.ParkUpdate, &row).Where("id = ?", park), &row); err != nil {
			return err
		}
		p.ParkID, p.Jurisdiction = row.ID, row.Jurisdiction
		return duplicate(create(tx, policies.ParkUpdate, &p, id), "这一期已经登记")
	})
	return p, err
}
