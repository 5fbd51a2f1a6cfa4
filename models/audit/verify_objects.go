package audit

import (
	"bytes"
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Object is one object of the business as it stands: its head and what was stored
// with it for good.
type Object struct {
	ID   models.ID
	Head Stored

	digest string // of the head
	rows   []committedRow
	// Fault is what its room finds wrong that no digest tells, a sentence; "" is nothing.
	Fault string
}

// committedRow is a row with the change that it was stored with.
type committedRow struct {
	change  models.ID
	table   string
	encoded []byte
}

// Source is a table of heads with what belongs to them. A domain names its own.
type Source struct {
	Table string // of the heads
	Kind  string // what leaves call the objects
	Heads func(ctx context.Context, db *models.DB) *gorm.DB
	// Read gives the objects of some ids, in their order.
	Read func(ctx context.Context, db *models.DB, of Stretch) (Found, error)
	// Look, where it is there, looks at what lies outside the database, and notes what it finds.
	Look func(objects []Object) error
	// Derived are the tables that follow from the objects.
	Derived []Derived
}

// Stretch is some of the objects of a source: those after an id up to another, or a list.
type Stretch struct {
	after, last models.ID // last is "" for no end
	list        []models.ID
}

// where is the condition that a column names an object of the stretch.
func (s Stretch) where(column string) clause.Expr {
	switch {
	case s.list != nil:
		return gorm.Expr(column+" IN ?", s.list)
	case s.last == "":
		return gorm.Expr(column+" > ?", s.after)
	}
	return gorm.Expr(column+" > ? AND "+column+" <= ?", s.after, s.last)
}

// Found are the objects of a stretch while their rows are read.
type Found struct {
	Objects []Object
	IDs     []models.ID
	stretch Stretch
	at      map[models.ID]int
	stray   *Bad // the first row that belongs to none of them
}

// Of is the condition that a column names one of the objects, or one of the same stretch
// that is not there.
func (f *Found) Of(column string) clause.Expr { return f.stretch.where(column) }

// Add adds a row of an object, a *Stored or a struct, that was stored with a change.
func (f *Found) Add(object, change models.ID, row any) error {
	if r, ok := row.(*Stored); ok {
		return f.add(object, change, r.plan.table, r.encode)
	}
	p, _, err := planOf(row)
	if err != nil {
		return err
	}
	return f.add(object, change, p.table, func() ([]byte, error) { return encodeRow(row) })
}

func (f *Found) add(object, change models.ID, table string, encode func() ([]byte, error)) error {
	i, ok := f.at[object]
	if !ok {
		if f.stray == nil {
			f.stray = &Bad{table, object, nil, fault.T("这条记录不属于任何对象")}
		}
		return nil
	}
	encoded, err := encode()
	f.Objects[i].rows = append(f.Objects[i].rows, committedRow{change, table, bytes.Clone(encoded)})
	return err
}

// AddRows adds the rows of q, a statement on the table of T, to the objects that a
// column names, as stored with the change in their change_id.
func AddRows[T any](f *Found, q *gorm.DB, object string) error {
	return ReadStored[T](q.Where(f.Of(object)), func(r *Stored) error { return f.Add(r.ID(object), r.ID("change_id"), r) })
}

// Wrong notes what no digest tells of an object.
func (f *Found) Wrong(object models.ID, sentence string) {
	if i, ok := f.at[object]; ok && f.Objects[i].Fault == "" {
		f.Objects[i].Fault = sentence
	}
}

// SourceOf is the source of the heads of type T, which perm reads; rows, nil for none,
// adds what belongs to them.
func SourceOf[T models.Scoped](kind string, perm policies.Permission, rows func(ctx context.Context, db *models.DB, f *Found) error) Source {
	var head T
	return Source{Table: head.Scope().Table, Kind: kind,
		Heads: func(ctx context.Context, db *models.DB) *gorm.DB { return db.Visible(ctx, perm, head) },
		Read: func(ctx context.Context, db *models.DB, of Stretch) (Found, error) {
			f, id := Found{stretch: of, at: map[models.ID]int{}}, head.Scope().Table+".id"
			err := ReadStored[T](db.Visible(ctx, perm, head).Where(of.where(id)).Order(id), func(r *Stored) error {
				o := Object{ID: r.ID("id"), Head: r.clone()}
				var err error
				o.digest, err = r.digest()
				f.at[o.ID] = len(f.Objects)
				f.Objects, f.IDs = append(f.Objects, o), append(f.IDs, o.ID)
				return err
			})
			if err == nil && rows != nil {
				err = rows(ctx, db, &f)
			}
			return f, err
		},
	}
}

// heads looks whether every object that the leaves of a page are about is there.
func (v *verifier) heads(ctx context.Context, page []leaf) error {
	for _, s := range v.against.Sources {
		asked := map[models.ID]*Change{}
		for i := range page {
			if c := &page[i].Change; c.ObjectKind == s.Kind && asked[c.ObjectID] == nil {
				asked[c.ObjectID] = c
			}
		}
		ids := make([]models.ID, 0, len(asked))
		for id := range asked {
			ids = append(ids, id)
		}
		if len(ids) == 0 {
			continue
		}
		var there string
		err := models.Read(s.Heads(ctx, v.db).Where(s.Table+".id IN ?", ids), s.Table+".id", []any{&there}, func() error {
			delete(asked, models.ID(there))
			return nil
		})
		if err != nil {
			return models.Fault(err)
		}
		for i := range page {
			if c := &page[i].Change; asked[c.ObjectID] == c {
				v.bad(s.Table, c.ObjectID, c.Seq, "存证指向的记录已经缺失")
				return nil
			}
		}
	}
	return nil
}
