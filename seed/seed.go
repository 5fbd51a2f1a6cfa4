// Package seed fills a database: reference lists from the data files beside it,
// the 31 pilot places, and the demonstration city. Everything it loads names its
// source; what no public source says stays empty. Running it again changes
// nothing that is already there.
package seed

import (
	"context"

	"parkregistry/models"
	"parkregistry/policies"
)

// Counts says what a run did to one kind of row.
type Counts struct {
	Added     int `json:"added"`
	Updated   int `json:"updated"`   // rows of ours whose file says something else now
	Unchanged int `json:"unchanged"` // as in the file
	Kept      int `json:"kept"`      // changed by a person: left alone
}

// Total is the number of rows looked at.
func (c Counts) Total() int { return c.Added + c.Updated + c.Unchanged + c.Kept }

func (c *Counts) count(o outcome) {
	switch o {
	case added:
		c.Added++
	case updated:
		c.Updated++
	case kept:
		c.Kept++
	default:
		c.Unchanged++
	}
}

type outcome int

const (
	unchanged outcome = iota
	added
	updated
	kept
)

// program is ctx as the program itself, without the identity of a caller.
func program(ctx context.Context, db *models.DB) context.Context {
	return policies.With(ctx, db.Policy.Program("seed"))
}
