package progress

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// District is where the parks of one jurisdiction stand together.
type District struct {
	Jurisdiction string // "" for the parks of which it is not known
	Parks        int
	Standing
}

// Districts are the jurisdictions of the report's parks in official order, with what
// their parks add up to: every number of the totals is the sum of theirs.
func (r Report) Districts() []District {
	parks := map[string][]ParkStanding{}
	for _, p := range r.Parks {
		in := models.Deref(p.Park.Jurisdiction)
		parks[in] = append(parks[in], p)
	}
	var all []District
	for _, j := range append(slices.Clone(code.Jurisdictions()), "") {
		if here := parks[string(j)]; len(here) > 0 {
			all = append(all, District{string(j), len(here), Together(here)})
		}
	}
	return all
}

// NoDistrict stands for the parks of which the jurisdiction is not known.
const NoDistrict = "none"

// ParksIn are the parks that were in a jurisdiction on the day and as it was known:
// those that a report puts there. Whoever lists rows of them sees his own.
func (s *Service) ParksIn(ctx context.Context, jurisdiction string, q Question) ([]models.ID, error) {
	ids := []models.ID{}
	if jurisdiction == NoDistrict {
		jurisdiction = ""
	}
	err := s.db.Snapshot(ctx, func(ctx context.Context) error {
		m, err := s.moment(ctx, q)
		if err != nil {
			return err
		}
		c, err := s.cityAt(ctx, m.Seq)
		if err != nil {
			return err
		}
		at := whenOf(m.asOf)
		for _, p := range c.parks {
			if then, _ := p.on(at); then.Jurisdiction == jurisdiction {
				ids = append(ids, p.id())
			}
		}
		return nil
	})
	return ids, err
}
