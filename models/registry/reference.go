package registry

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// District is a jurisdiction (属地): statutory or functional. Two have no GB/T 2260 code.
type District struct {
	Slug       string `gorm:"primaryKey"`
	NameZh     string
	NameEn     string
	GB2260     string `gorm:"column:gb2260"`
	Kind       string
	BranchZh   string
	Note       string
	Position   int
	Source     string
	Confidence string
}

// TableName implements gorm's Tabler.
func (District) TableName() string { return "districts" }

// Scope implements models.Scoped.
func (District) Scope() models.Scope { return models.ReferenceRows("districts", "reference") }

// Street is a street or town with its nine-digit code.
type Street struct {
	Code         string `gorm:"primaryKey"`
	NameZh       string
	GB2260       string `gorm:"column:gb2260"`
	Jurisdiction string
	Kind         string
	Source       string
	Confidence   string
}

// TableName implements gorm's Tabler.
func (Street) TableName() string { return "streets" }

// Scope implements models.Scoped.
func (Street) Scope() models.Scope { return models.ReferenceRows("streets", "reference") }

// ReferenceItem is one row of a reference list, with its source and confidence.
type ReferenceItem struct {
	List       string `gorm:"primaryKey"`
	Code       string `gorm:"primaryKey"`
	NameZh     string
	NameEn     string
	Data       string // JSON object, fields as in the list's file
	Digest     string // of the file's row; the seed compares it
	Edited     bool   // a person changed it: the seed leaves it alone
	Position   int
	Source     string
	Confidence string // confirmed, memory, seed, derived, absent
}

// TableName implements gorm's Tabler.
func (ReferenceItem) TableName() string { return "reference_items" }

// Scope implements models.Scoped.
func (ReferenceItem) Scope() models.Scope {
	return models.ReferenceRows("reference_items", "reference")
}

// Districts lists all jurisdictions in official order.
func (s *Service) Districts(ctx context.Context) ([]District, error) {
	var all []District
	return all, s.db.Visible(ctx, policies.ReferenceRead, &District{}).Order("position").Find(&all).Error
}

// Streets lists the streets, of one jurisdiction or of all.
func (s *Service) Streets(ctx context.Context, jurisdiction string) ([]Street, error) {
	var all []Street
	return all, equal(s.db.Visible(ctx, policies.ReferenceRead, &Street{}), "jurisdiction", jurisdiction).Order("code").Find(&all).Error
}

// References lists the rows of one reference list.
func (s *Service) References(ctx context.Context, list string) ([]ReferenceItem, error) {
	var all []ReferenceItem
	return all, s.db.Visible(ctx, policies.ReferenceRead, &ReferenceItem{}).Where("list = ?", list).Order("position").Limit(2000).Find(&all).Error
}
