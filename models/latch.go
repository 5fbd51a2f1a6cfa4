package models

// Latch orders two kinds of transactions: any number of those that share it run
// beside each other, and one that holds it alone runs beside none of them. A domain
// makes its own, with a number that no other has.
type Latch int64

// Share holds the latch, beside others that share it, until the transaction ends.
// What a transaction alone with the latch has committed is seen by every statement
// after it. On SQLite, with its one writer, there is nothing to hold.
func (tx *Tx) Share(l Latch) error { return tx.hold(l, "SELECT pg_advisory_xact_lock_shared(?)") }

// Alone waits until nobody shares the latch, and keeps everybody off it until the
// transaction ends. It is taken before anything that was Shared, or not at all: two
// that share cannot both become alone.
func (tx *Tx) Alone(l Latch) error { return tx.hold(l, "SELECT pg_advisory_xact_lock(?)") }

func (tx *Tx) hold(l Latch, statement string) error {
	if tx.db.Engine != Postgres || tx.held[l] {
		return nil
	}
	if err := tx.g.WithContext(tx.ctx).Exec(statement, int64(l)).Error; err != nil {
		return err
	}
	if tx.held == nil {
		tx.held = map[Latch]bool{}
	}
	tx.held[l] = true
	return nil
}
