package inspection

import (
	"context"
	"encoding/json"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Paper is a notice as it is served: a district's is an official letter (限期整改通知书),
// a park's tells its tenant what was agreed (整改告知书) and is never worded as an order.
// Its text is Chinese in every language, as documents are.
type Paper struct {
	Finding    Finding
	Official   bool
	Issuer     string
	Title      string
	Recipient  string
	Intro      string // when, by whom and where it was found
	Ask        string // what is asked for, before the day
	Due        string // the day, in words
	AskMore    string // and after it
	Close      string // what follows otherwise
	IssuedOn   string // in words
	DueOn      code.Day
	Officers   string // names, as far as the reader may read the patrol
	Photos     int    // of the patrol that show the finding, likewise
	ExtendedTo string // the day given afterwards, in words; "" when there is none
	Digest     string // SHA-256 of the step of the notice, as the log has it
}

// Paper reads the notice of a finding. Conflict before there is one.
func (s *Service) Paper(ctx context.Context, id models.ID) (Paper, error) {
	f, err := s.Finding(ctx, id)
	if err != nil {
		return Paper{}, err
	}
	if f.NotifiedOn == nil {
		return Paper{}, fault.New(fault.Conflict, "这个问题还没有发出整改通知").With("state", string(f.State))
	}
	var step Step
	if err := models.One(s.db.Visible(ctx, policies.FindingRead, &step).Where("finding_id = ? AND kind = ?", id, MoveNotice), &step); err != nil {
		return Paper{}, err
	}
	var was served
	if err := json.Unmarshal([]byte(step.Body), &was); err != nil {
		return Paper{}, err
	}
	p := paperOf(f, was.Called, was.Text)
	p.Digest = step.digest()
	return p, s.walked(ctx, &p)
}

// called reads how a letter of today names whom it is about.
func (s *Service) called(ctx context.Context, f Finding) (Called, error) {
	var n Called
	var park registry.Park
	if err := models.One(s.db.Visible(ctx, policies.ParkRead, &park).Where("id = ?", f.ParkID), &park); err != nil {
		return n, err
	}
	n.Park = models.Deref(park.Name)
	if f.EnterpriseID != nil {
		var firm registry.Enterprise
		if err := models.One(s.db.Visible(ctx, policies.EnterpriseRead, &firm).Where("id = ?", *f.EnterpriseID), &firm); err != nil {
			return n, err
		}
		n.Firm = firm.Name
	}
	if f.FacilityID != nil {
		var facility registry.Facility
		if err := models.One(s.db.Visible(ctx, policies.FacilityRead, &facility).Where("id = ?", *f.FacilityID), &facility); err != nil {
			return n, err
		}
		n.Facility = facility.Name
	}
	return n, nil
}

// walked adds who was there and what was photographed, for whoever may read the patrol.
func (s *Service) walked(ctx context.Context, p *Paper) error {
	if p.Finding.PatrolID == nil || policies.Require(ctx, policies.PatrolRead) != nil {
		return nil
	}
	var patrol Patrol
	err := models.One(s.db.Visible(ctx, policies.PatrolRead, &patrol).Where("id = ?", *p.Finding.PatrolID), &patrol)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var people []string
	for _, o := range patrol.Officers.V {
		people = append(people, o.Name)
	}
	p.Officers = strings.Join(people, "、")
	var events []Event
	if err := s.db.Visible(ctx, policies.PatrolRead, &Event{}).Where("patrol_id = ? AND type IN ?", patrol.ID, []EventType{EventPhoto, EventVoid}).Find(&events).Error; err != nil {
		return err
	}
	var shown []Event
	for _, e := range events {
		if e.Type == EventVoid || e.Body.V.FindingID == p.Finding.ID {
			shown = append(shown, e)
		}
	}
	p.Photos = patrol.Walk(shown).Photos
	return nil
}
