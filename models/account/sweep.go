package account

import (
	"time"

	"parkregistry/models"
)

// attemptsKept is longer than any lock looks back; the audit trail keeps the
// sign-ins themselves.
const attemptsKept = 7 * 24 * time.Hour

// SweepAttempts forgets tries to sign in that no lock can depend upon any more.
func SweepAttempts(tx *models.Tx) error {
	return tx.Internal(&Attempt{}).Where("at < ?", tx.Now().Add(-attemptsKept)).Delete(&Attempt{}).Error
}
