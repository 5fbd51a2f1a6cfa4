package audit

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"gorm.io/gorm"

	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// Object is one object of the business as it stands: its head and what was stored
// with it for good.
type Object struct {
	ID   models.ID
	Head any
	Rows []Row
	// Fault is what its room finds wrong that no digest tells, a sentence; "" is nothing.
	Fault string
}

// Row is a row with the change that it was stored with.
type Row struct {
	Change models.ID
	Row    any
}

// Source is a table of heads with what belongs to them. A domain names its own.
type Source struct {
	Table string // of the heads
	Kind  string // what leaves call the objects
	Heads func(ctx context.Context, db *models.DB) *gorm.DB
	// Read gives the objects of some of the heads, in order of id.
	Read func(ctx context.Context, db *models.DB, heads *gorm.DB) ([]Object, error)
	// Look, where it is there, looks at what lies outside the database, and notes what it finds.
	Look func(objects []Object) error
	// Derived are the tables that follow from the objects.
	Derived []Derived
}

// Found are the objects of some heads while their rows are read.
type Found struct {
	Objects []Object
	IDs     []models.ID
	at      map[models.ID]int
}

// Add adds a row of an object that was stored with a change.
func (f *Found) Add(object, change models.ID, row any) {
	if i, ok := f.at[object]; ok {
		f.Objects[i].Rows = append(f.Objects[i].Rows, Row{change, row})
	}
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
		Read: func(ctx context.Context, db *models.DB, heads *gorm.DB) ([]Object, error) {
			var all []T
			if err := heads.Find(&all).Error; err != nil {
				return nil, err
			}
			f := Found{Objects: make([]Object, len(all)), IDs: make([]models.ID, len(all)), at: make(map[models.ID]int, len(all))}
			for i := range all {
				id, err := idOf(all[i])
				if err != nil {
					return nil, err
				}
				f.Objects[i], f.IDs[i], f.at[id] = Object{ID: id, Head: all[i]}, id, i
			}
			if rows == nil {
				return f.Objects, nil
			}
			return f.Objects, rows(ctx, db, &f)
		},
	}
}

// objectPage is how many objects are read at once: with their rows they are many.
const objectPage = 500

// heads looks whether every object that the leaves of a page are about is there.
func (v *verifier) heads(ctx context.Context, page []Change) error {
	for _, s := range v.against.Sources {
		asked := map[models.ID]*Change{}
		for i := range page {
			if c := &page[i]; c.ObjectKind == s.Kind && asked[c.ObjectID] == nil {
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
		var there []models.ID
		if err := s.Heads(ctx, v.db).Where(s.Table+".id IN ?", ids).Pluck(s.Table+".id", &there).Error; err != nil {
			return models.Fault(err)
		}
		for _, id := range there {
			delete(asked, id)
		}
		for i := range page {
			if c := &page[i]; asked[c.ObjectID] == c {
				v.bad(s.Table, c.ObjectID, c.Seq, "存证指向的记录已经缺失")
				return nil
			}
		}
	}
	return nil
}

// objects compares every object with its leaves: what it is now with the newest,
// what was stored with each write with the leaf of that write.
func (v *verifier) objects(ctx context.Context) error {
	for _, s := range v.against.Sources {
		moved := map[models.ID][]objectLeaf{}
		after := beforeAll
		for n := objectPage; n == objectPage; {
			heads := func(ctx context.Context) *gorm.DB {
				return s.Heads(ctx, v.db).Where(s.Table+".id > ?", after).Order(s.Table + ".id").Limit(objectPage)
			}
			page, err := v.compare(ctx, s, heads, moved)
			if err != nil || v.report.Bad != nil {
				return err
			}
			if n = len(page); n > 0 {
				after = page[n-1].ID
			}
		}
		if err := v.moved(ctx, s, moved); err != nil || v.report.Bad != nil {
			return err
		}
		for _, d := range s.Derived {
			if err := v.derived(ctx, d); err != nil || v.report.Bad != nil {
				return err
			}
		}
	}
	return nil
}

// moved looks once more at the objects that leaves about others have moved: what an
// amendment takes the place of does not name that leaf if its own rows are gone.
func (v *verifier) moved(ctx context.Context, s Source, moved map[models.ID][]objectLeaf) error {
	ids := make([]models.ID, 0, len(moved))
	for id := range moved {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, objectPage) {
		heads := func(ctx context.Context) *gorm.DB {
			return s.Heads(ctx, v.db).Where(s.Table+".id IN ?", part).Order(s.Table + ".id")
		}
		page, err := v.compare(ctx, s, heads, moved)
		if err != nil || v.report.Bad != nil {
			return err
		}
		for _, id := range part {
			if !slices.ContainsFunc(page, func(o Object) bool { return o.ID == id }) {
				v.bad(s.Table, id, moved[id][0].seq, "存证指向的记录已经缺失")
				return nil
			}
		}
	}
	return nil
}

// objectLeaf is what one leaf says of one object.
type objectLeaf struct {
	change       models.ID
	seq          *int64
	jurisdiction string
	written
}

// compare reads some objects with their leaves as of one moment and compares them.
// What leaves say of other objects is added to moved.
func (v *verifier) compare(ctx context.Context, s Source, heads func(context.Context) *gorm.DB, moved map[models.ID][]objectLeaf) (page []Object, err error) {
	var leaves map[models.ID][]objectLeaf
	var parks map[models.ID]string
	err = v.db.Snapshot(ctx, func(ctx context.Context) (err error) {
		if page, err = s.Read(ctx, v.db, heads(ctx)); err != nil {
			return err
		}
		if leaves, err = v.leavesOf(ctx, s, page, moved); err != nil {
			return err
		}
		parks, err = v.parks(ctx)
		return err
	})
	if err != nil {
		return nil, v.unreadableObject(ctx, s, heads, err)
	}
	if s.Look != nil {
		if err := s.Look(page); err != nil {
			return nil, err
		}
	}
	for _, o := range page {
		if err := v.object(s, o, leaves[o.ID], parks); err != nil || v.report.Bad != nil {
			return page, err
		}
	}
	return page, nil
}

// leavesOf are the leaves about the objects of a page, and those about others that
// their rows were stored with, in the order of the log.
func (v *verifier) leavesOf(ctx context.Context, s Source, page []Object, moved map[models.ID][]objectLeaf) (map[models.ID][]objectLeaf, error) {
	of := make(map[models.ID]map[models.ID]objectLeaf, len(page)) // by object and change
	ids, changes := make([]models.ID, len(page)), map[models.ID]bool{}
	for i, o := range page {
		ids[i], of[o.ID] = o.ID, map[models.ID]objectLeaf{}
		for _, l := range moved[o.ID] {
			of[o.ID][l.change] = l
		}
		for _, r := range o.Rows {
			if r.Change != "" { // of a row whose own filing is gone
				changes[r.Change] = true
			}
		}
	}
	take := func(where string, ids []models.ID) error {
		var found []Change
		q := v.db.Visible(ctx, policies.ChangeRead, &Change{}).Select("id", "seq", "object_kind", "object_id", "leaf")
		if err := q.Where(where, ids).Find(&found).Error; err != nil {
			return err
		}
		for i := range found {
			c := &found[i]
			delete(changes, c.ID)
			about, err := saidOf(c)
			if err != nil {
				v.bad("changes", c.ID, c.Seq, "存证内容读不懂")
				return nil
			}
			for id, l := range about {
				switch {
				case of[id] != nil && (id != c.ObjectID || c.ObjectKind == s.Kind):
					of[id][c.ID] = l
				case of[id] == nil && c.ObjectKind == s.Kind && id != c.ObjectID:
					moved[id] = append(moved[id], l)
				}
			}
		}
		return nil
	}
	if err := take("object_id IN ?", ids); err != nil {
		return nil, err
	}
	others := make([]models.ID, 0, len(changes))
	for id := range changes {
		others = append(others, id)
	}
	if err := take("id IN ?", others); err != nil {
		return nil, err
	}
	ordered := make(map[models.ID][]objectLeaf, len(of))
	for id, leaves := range of {
		for _, l := range leaves {
			ordered[id] = append(ordered[id], l)
		}
		slices.SortFunc(ordered[id], func(a, b objectLeaf) int {
			switch {
			case a.seq != nil && b.seq != nil:
				return int(*a.seq - *b.seq)
			case a.seq == nil && b.seq == nil:
				return strings.Compare(string(a.change), string(b.change))
			case a.seq == nil:
				return 1
			}
			return -1
		})
	}
	return ordered, nil
}

// saidOf is what a leaf says of objects, by their ids.
func saidOf(c *Change) (map[models.ID]objectLeaf, error) {
	leaf, ok := proof.DecodeLeaf(c.Leaf)
	var facts struct {
		Wrote map[models.ID]written `json:"wrote"`
	}
	if !ok {
		return nil, errLeaf
	}
	if err := json.Unmarshal([]byte(leaf.Facts), &facts); err != nil {
		return nil, err
	}
	said := make(map[models.ID]objectLeaf, len(facts.Wrote))
	for id, w := range facts.Wrote {
		said[id] = objectLeaf{c.ID, c.Seq, leaf.Jurisdiction, w}
	}
	return said, nil
}

// object holds one object against its leaves.
func (v *verifier) object(s Source, o Object, leaves []objectLeaf, parks map[models.ID]string) error {
	stored := map[models.ID][]any{}
	for _, r := range o.Rows {
		stored[r.Change] = append(stored[r.Change], r.Row)
	}
	v.count(o)
	var newest *objectLeaf
	for i := range leaves {
		l := &leaves[i]
		digest := ""
		if rows := stored[l.change]; len(rows) > 0 {
			var err error
			if digest, err = rowsDigest(rows); err != nil {
				return err
			}
		}
		if digest != l.Rows {
			v.bad(tableOf(stored[l.change], s.Table), o.ID, l.seq, "与这一条一起写入的记录和存证不一致：有记录被改写、增加或者删除")
			return nil
		}
		delete(stored, l.change)
		if l.Head != "" && (newest == nil || l.Version >= newest.Version) {
			newest = l
		}
	}
	for _, r := range o.Rows {
		if stored[r.Change] != nil {
			v.bad(tableOf(stored[r.Change], s.Table), o.ID, nil, "这条记录没有对应的存证")
			return nil
		}
	}
	if newest == nil {
		v.bad(s.Table, o.ID, nil, "这条记录没有对应的存证")
		return nil
	}
	_, digest, err := headDigest(o.Head)
	if err != nil {
		return err
	}
	switch {
	case digest != newest.Head || !placed(o.Head, newest.jurisdiction, parks):
		v.bad(s.Table, o.ID, newest.seq, "记录的现状与最后一次写入的存证不一致")
	case o.Fault != "":
		v.bad(s.Table, o.ID, newest.seq, o.Fault)
	}
	return nil
}

func (v *verifier) count(o Object) {
	v.report.Rows[tableOf([]any{o.Head}, "")]++
	for _, r := range o.Rows {
		v.report.Rows[tableOf([]any{r.Row}, "")]++
	}
}

// tableOf is the table of the first of some rows.
func tableOf(rows []any, otherwise string) string {
	if len(rows) > 0 {
		if p, _, err := planOf(rows[0]); err == nil {
			return p.table
		}
	}
	return otherwise
}

// placed reports whether the jurisdiction of a head is that of its park: the one that
// it has now or, until the job has been round, the one that it had at the last write.
func placed(head any, then string, parks map[models.ID]string) bool {
	p, row, err := planOf(head)
	if err != nil || p.park == nil {
		return err == nil
	}
	now, _, _ := encodeValue(row.FieldByIndex(p.jurisdiction)) // texts always encode
	park, _, _ := encodeValue(row.FieldByIndex(p.park))
	there, known := parks[models.ID(park)]
	return now == then || known && now == there
}

// parkRow is what verify reads of a park.
type parkRow struct {
	ID           models.ID
	Jurisdiction *string
}

// TableName implements gorm's Tabler.
func (parkRow) TableName() string { return "parks" }

// Scope implements models.Scoped.
func (parkRow) Scope() models.Scope { return models.ParkOnlyRows("parks", "id", "park") }

// parks are the jurisdictions of all parks.
func (v *verifier) parks(ctx context.Context) (map[models.ID]string, error) {
	var all []parkRow
	err := v.db.Visible(ctx, policies.ParkRead, &parkRow{}).Find(&all).Error
	by := make(map[models.ID]string, len(all))
	for _, p := range all {
		by[p.ID] = models.Deref(p.Jurisdiction)
	}
	return by, err
}
