package registry

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Name is what a park or a firm is called, and its code.
type Name struct {
	ID   models.ID
	Code string
	Name string
}

// PlaceNames are the names of parks and firms for whoever reads assignments and no
// business: people who keep accounts have to say for which place somebody works. Of the
// firms those with these ids, or with the credit code.
func (s *Service) PlaceNames(ctx context.Context, firms []models.ID, creditCode string) (parks, enterprises []Name, err error) {
	if err := policies.Require(ctx, policies.AssignmentRead); err != nil {
		return nil, nil, err
	}
	ctx = s.program(ctx)
	var all []Park
	if err := s.db.Visible(ctx, policies.ParkRead, &Park{}).Select("id", "code", "name").Order("code").Find(&all).Error; err != nil {
		return nil, nil, err
	}
	for _, p := range all {
		parks = append(parks, Name{p.ID, p.Code, p.Label()})
	}
	if len(firms) == 0 && creditCode == "" {
		return parks, nil, nil
	}
	var some []Enterprise
	if err := s.db.Visible(ctx, policies.EnterpriseRead, &Enterprise{}).Where("enterprises.id IN ? OR credit_code = ?", firms, creditCode).Select("id", "credit_code", "name").Find(&some).Error; err != nil {
		return nil, nil, err
	}
	for _, e := range some {
		enterprises = append(enterprises, Name{e.ID, e.CreditCode, e.Name})
	}
	return parks, enterprises, nil
}

// FirmByCode is the firm with a credit code, among those that the caller may see; what is
// not one is told at the pointer.
func (s *Service) FirmByCode(ctx context.Context, c *fault.Check, pointer, creditCode string) (models.ID, error) {
	typed := fault.Must(c, pointer, creditCode, code.ParseCreditCode)
	if typed == "" {
		return "", nil
	}
	found, err := s.Enterprises(ctx, EnterpriseFilter{CreditCode: string(typed)}, models.Query{Limit: 1})
	if err != nil {
		return "", err
	}
	if len(found.Items) == 0 {
		c.Cite(pointer, "absent", "", creditCode, "没有登记这个统一社会信用代码的企业，或者不在管理范围内")
		return "", nil
	}
	return found.Items[0].ID, nil
}
