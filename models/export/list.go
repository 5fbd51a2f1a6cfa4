// Package export takes lists out of the register as files: the rows that the caller
// may see, narrowed and ordered as the list is, with the columns of its page. What a
// file looks like inside is left to a Codec; a large one is written in the background
// and kept for a day.
package export

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// Cell is what stands in one cell, in whichever language the file is written in.
type Cell = fault.Text

// Column is one column of a list.
type Column struct {
	Title  fault.Text
	Number bool // its cells are numbers
}

// List is one list that can be taken out.
type List struct {
	Name    string // as the API calls the resource
	Title   fault.Text
	Columns []Column
	Filters []Filter
	Need    policies.Permission
	sort    string
	read    func(r *reading, q models.Query) (batch, error)
	columns func(r *reading) []Column // of a list whose columns follow from its filters; Columns has those that it always has
	Must    string                    // the filter without which it says nothing; "" for none
	Brings  string                    // the class of imports in whose columns it is, of which it is the way out; "" for none
}

// head are the columns that the list has as it is narrowed.
func (l List) head(r *reading) []Column {
	if l.columns != nil {
		return l.columns(r)
	}
	return l.Columns
}

// Rooms are the services that the lists are read from, each under the caller's rights.
type Rooms struct {
	Registry    *registry.Service
	Ledger      *ledger.Service
	Obligations *obligation.Service
	Inspection  *inspection.Service
	Tasks       *task.Service
	Grades      *grade.Service
	Assessments *assessment.Service
	Accounts    *account.Service
	Audit       *audit.Service
	Progress    *progress.Service
}

// Lists are all lists, in the order of their names.
func Lists() []List {
	all := slices.Concat(ledgerLists(), registerLists(), fieldLists(), templateLists(), judgedLists(), officeLists())
	slices.SortFunc(all, func(a, b List) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Find is the list of that name.
func Find(name string) (List, bool) {
	all := Lists()
	i := slices.IndexFunc(all, func(l List) bool { return l.Name == name })
	if i < 0 {
		return List{}, false
	}
	return all[i], true
}

// batch is one page of a list as cells.
type batch struct {
	rows  [][]Cell
	made  int // what the rows are about, where several can be about one
	next  string
	total *int64
}

// reading is one list being read: whose it is, what narrows it, and the names that its
// rows need.
type reading struct {
	Rooms
	ctx    context.Context
	narrow map[string]string
	parks  map[models.ID]registry.Park
	firms  map[models.ID]string
	people map[models.ID]string
	today  code.Day
}

// has is the value of a filter, "" for none.
func (r *reading) has(name string) string { return r.narrow[name] }

// park is what a park is called.
func (r *reading) park(id models.ID) string {
	p, there := r.parks[id]
	if !there {
		return ""
	}
	return p.CalledName()
}

// firm is the name of the firm, "" for what is the park's own.
func (r *reading) firm(id *models.ID) string {
	if id == nil {
		return ""
	}
	return r.firms[*id]
}

// knowParks reads the names of the caller's parks, once.
func (r *reading) knowParks() error {
	if r.parks != nil || policies.Require(r.ctx, policies.ParkRead) != nil {
		return nil
	}
	r.parks = map[models.ID]registry.Park{}
	q := models.Query{Limit: models.MaxPage}
	for {
		page, err := r.Registry.Parks(r.ctx, registry.ParkFilter{}, q)
		if err != nil {
			return err
		}
		for _, p := range page.Items {
			r.parks[p.ID] = p
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// know reads the names of firms that are not known yet.
func (r *reading) know(firms []*models.ID) error {
	if policies.Require(r.ctx, policies.EnterpriseRead) != nil {
		return nil
	}
	if r.firms == nil {
		r.firms = map[models.ID]string{}
	}
	unknown := map[models.ID]bool{}
	for _, id := range firms {
		if id != nil {
			if _, known := r.firms[*id]; !known {
				unknown[*id] = true
			}
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	names, err := r.Registry.EnterpriseNamed(r.ctx, slices.Sorted(maps.Keys(unknown)))
	for id := range unknown {
		r.firms[id] = names[id]
	}
	return err
}

// rows makes the cells of a page; firm says whom a row is about.
func rows[T any](r *reading, page models.Page[T], firm func(T) *models.ID, cells func(T) []Cell) (batch, error) {
	b := batch{next: page.Next, total: page.Total}
	if err := r.knowParks(); err != nil {
		return b, err
	}
	var about []*models.ID
	for _, x := range page.Items {
		about = append(about, firm(x))
	}
	if err := r.know(about); err != nil {
		return b, err
	}
	for _, x := range page.Items {
		b.rows = append(b.rows, cells(x))
	}
	b.made = len(b.rows)
	return b, nil
}

func nobody[T any](T) *models.ID { return nil }

// plain is a cell that says the same in every language.
func plain(s string) Cell { return fault.Named(s, s) }

// is is a cell that answers a question.
func is(b bool) Cell {
	if b {
		return fault.T("是")
	}
	return fault.T("否")
}

func text(title fault.Text) Column   { return Column{Title: title} }
func number(title fault.Text) Column { return Column{Title: title, Number: true} }
