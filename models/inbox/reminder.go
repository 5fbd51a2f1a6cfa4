package inbox

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Reminder tells a person once a day how much waits. The table holds one row for a
// person and a day, whoever writes it and however often.
type Reminder struct {
	UserID  models.ID `gorm:"primaryKey"`
	Day     code.Day  `gorm:"primaryKey"`
	At      time.Time
	Waiting int
	Overdue int
}

// TableName implements gorm's Tabler.
func (Reminder) TableName() string { return "reminders" }

// Scope implements models.Scoped: one's own.
func (Reminder) Scope() models.Scope { return models.PersonRows("reminders", "user_id", "session") }

const (
	// firstHour is when a day's reminders begin, at UTC+8.
	firstHour = 8
	// kept is how long a reminder is kept, in days.
	kept = 30
)

// Today is the caller's reminder of today, nil when there is none.
func (s *Service) Today(ctx context.Context) (*Reminder, error) {
	actor, _ := policies.ActorFrom(ctx)
	var rows []Reminder
	err := s.db.Visible(ctx, policies.SessionRead, &Reminder{}).Where("user_id = ? AND day = ?", actor.User, s.db.Today()).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// Remind reminds everybody who has not been reminded today and for whom something
// waits; nobody before eight in the morning. It may run again, and beside itself: the
// day's row of a person is there once, and the first writer has it.
func (s *Service) Remind(ctx context.Context) error {
	now := s.db.Now()
	if now.In(code.Zone).Hour() < firstHour {
		return nil
	}
	program := policies.With(ctx, s.db.Policy.Program("reminders"))
	people, err := s.people.Actors(program)
	if err != nil {
		return err
	}
	for _, p := range people {
		b, err := s.Box(policies.With(ctx, p))
		if err != nil {
			return err
		}
		if len(b.Items) == 0 {
			continue
		}
		r := Reminder{UserID: models.ID(p.User), Day: b.AsOf, At: now, Waiting: len(b.Items), Overdue: b.Overdue()}
		if err := s.db.Write(program, func(tx *models.Tx) error {
			return tx.Program().Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error
		}); err != nil {
			return err
		}
	}
	return s.db.Write(program, func(tx *models.Tx) error {
		return tx.Program().Where("day < ?", tx.Today().Add(-kept)).Delete(&Reminder{}).Error
	})
}
