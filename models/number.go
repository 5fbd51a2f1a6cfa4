package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"parkregistry/internal/code"
)

// NumberKind is the prefix of the numbers that people read.
type NumberKind string

const (
	LedgerNumber     NumberKind = "LG"
	PatrolNumber     NumberKind = "PT"
	FindingNumber    NumberKind = "FD"
	PeriodLockNumber NumberKind = "PL"
	DrawNumber       NumberKind = "DR"
	TaskNumber       NumberKind = "TK"
)

// numberBlockSize numbers are taken at once on PostgreSQL: filers then queue for
// the counter once in fifty times. A restart leaves a gap, which is allowed.
const numberBlockSize = 50

type numberKey struct {
	kind NumberKind
	year int
}

type numberBlock struct{ next, end int64 }

const takeNumbers = `INSERT INTO numbers (kind, year, next) VALUES (?, ?, ? + 1)
ON CONFLICT (kind, year) DO UPDATE SET next = numbers.next + ? RETURNING next - ?`

// Number gives the next number of its kind in the year of the transaction's
// day: LG-2026-000123. Unique; gaps are allowed.
func (tx *Tx) Number(kind NumberKind) (string, error) {
	var year int
	if _, err := fmt.Sscanf(string(code.DayOf(tx.now)), "%4d", &year); err != nil {
		return "", err
	}
	n, err := tx.db.takeNumber(tx, numberKey{kind, year})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s-%04d-%06d", kind, year, n), nil
}

func (db *DB) takeNumber(tx *Tx, k numberKey) (int64, error) {
	if db.Engine == SQLite {
		// One writer: the counter moves in the transaction itself, and back with it.
		first, err := reserveNumbers(tx.ctx, tx.g, k, 1)
		return first, err
	}
	db.numberMu.Lock()
	defer db.numberMu.Unlock()
	b := db.numbers[k]
	if b.next >= b.end {
		// Outside the transaction, so that nobody waits for its commit, and on a connection
		// kept for this: with every other one held by a writer who waits for a number, none
		// would ever come free.
		first, err := reserveNumbers(context.WithoutCancel(tx.ctx), db.counter, k, numberBlockSize)
		if err != nil {
			return 0, err
		}
		b = numberBlock{first, first + numberBlockSize}
	}
	n := b.next
	b.next++
	db.numbers[k] = b
	return n, nil
}

func reserveNumbers(ctx context.Context, g *gorm.DB, k numberKey, n int64) (int64, error) {
	var first int64
	err := g.WithContext(ctx).Raw(takeNumbers, string(k.kind), k.year, n, n, n).Scan(&first).Error
	if err != nil {
		return 0, fmt.Errorf("take a number: %w", err)
	}
	return first, nil
}

// NumbersUsed says that numbers of a kind and year up to last are taken: by
// history that the program itself has loaded with numbers of its own.
func (tx *Tx) NumbersUsed(kind NumberKind, year int, last int64) error {
	const raise = `INSERT INTO numbers (kind, year, next) VALUES (?, ?, ?)
ON CONFLICT (kind, year) DO UPDATE SET next = CASE WHEN numbers.next > excluded.next THEN numbers.next ELSE excluded.next END`
	return tx.Program().Exec(raise, string(kind), year, last+1).Error
}
