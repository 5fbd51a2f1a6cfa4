package account

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// Names are what the people are called whom a row names: who is responsible, whose turn
// it is, who was drawn. They act there for a body, and whoever may read the row may
// read who does; the caller passes ids out of rows that the reader has read, and no
// others.
func (s *Service) Names(ctx context.Context, people []models.ID) (map[models.ID]string, error) {
	if len(people) == 0 {
		return nil, nil
	}
	ctx = policies.With(ctx, s.db.Policy.Program("account"))
	var rows []User
	if err := s.db.Visible(ctx, policies.UserRead, &User{}).Select("id", "display_name").Where("id IN ?", people).Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make(map[models.ID]string, len(rows))
	for _, u := range rows {
		all[u.ID] = u.DisplayName
	}
	return all, nil
}
