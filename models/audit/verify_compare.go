package audit

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"parkregistry/models"
	"parkregistry/policies"
)

// objectPage is how many objects are read at once: with their rows they are many.
const objectPage = 500

// objects compares every object with its leaves: what it is now with the newest,
// what was stored with each write with the leaf of that write.
func (v *verifier) objects(ctx context.Context) error {
	for _, s := range v.against.Sources {
		moved, err := v.source(ctx, s)
		if err == nil && v.report.Bad == nil {
			err = v.moved(ctx, s, moved)
		}
		for _, d := range s.Derived {
			if err == nil && v.report.Bad == nil {
				err = v.derived(ctx, d)
			}
		}
		if err != nil || v.report.Bad != nil {
			return err
		}
	}
	return nil
}

// compared is what the comparison of some objects came to.
type compared struct {
	report Report
	moved  map[models.ID][]objectLeaf // what their leaves say of other objects
	err    error
}

// source compares all objects of a source, page by page and several pages beside each
// other, and gives what leaves say of objects that they are not about.
func (v *verifier) source(ctx context.Context, s Source) (moved map[models.ID][]objectLeaf, err error) {
	edges, err := v.edges(ctx, s)
	if err != nil {
		return nil, err
	}
	moved = map[models.ID][]objectLeaf{}
	inTurn(ctx, v.workers, len(edges), func(ctx context.Context, i int) compared {
		of := Stretch{after: edges[i]}
		if i+1 < len(edges) {
			of.last = edges[i+1]
		}
		part := v.part()
		_, moved, err := part.compare(ctx, s, of, nil)
		return compared{part.report, moved, err}
	}, func(c compared) bool {
		v.add(c.report)
		for id, leaves := range c.moved {
			moved[id] = append(moved[id], leaves...)
		}
		err = c.err
		return err == nil && v.report.Bad == nil
	})
	return moved, cmp.Or(err, ctx.Err())
}

// edges are the ids after which pages of a source begin.
func (v *verifier) edges(ctx context.Context, s Source) ([]models.ID, error) {
	edges, id, n := []models.ID{beforeAll}, "", 0
	err := models.Read(s.Heads(ctx, v.db).Order(s.Table+".id"), s.Table+".id", []any{&id}, func() error {
		if n++; n%objectPage == 0 {
			edges = append(edges, models.ID(id))
		}
		return nil
	})
	return edges, models.Fault(err)
}

// moved looks once more at the objects that leaves about others have moved: what an
// amendment takes the place of does not name that leaf if its own rows are gone.
func (v *verifier) moved(ctx context.Context, s Source, moved map[models.ID][]objectLeaf) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(moved)), objectPage) {
		again := v.part() // they have been counted
		there, _, err := again.compare(ctx, s, Stretch{list: part}, moved)
		if v.report.Bad = again.report.Bad; err != nil || v.report.Bad != nil {
			return err
		}
		for _, id := range part {
			if !slices.Contains(there, id) {
				v.bad(s.Table, id, moved[id][0].seq, "存证指向的记录已经缺失")
				return nil
			}
		}
	}
	return nil
}

// compare reads some objects with their leaves as of one moment and compares them.
// known is what leaves that are about others are known to say of them; what theirs say
// of others it gives back.
func (v *verifier) compare(ctx context.Context, s Source, of Stretch, known map[models.ID][]objectLeaf) (there []models.ID, moved map[models.ID][]objectLeaf, err error) {
	var f Found
	var leaves map[models.ID][]objectLeaf
	var parks map[models.ID]string
	err = v.db.Snapshot(ctx, func(ctx context.Context) (err error) {
		if f, err = s.Read(ctx, v.db, of); err != nil {
			return err
		}
		if leaves, moved, err = v.leavesOf(ctx, s, f.Objects, known); err != nil {
			return err
		}
		parks, err = v.parks(ctx)
		return err
	})
	if err != nil {
		return nil, nil, v.unreadableObject(ctx, s, of, err)
	}
	if s.Look != nil {
		if err := s.Look(f.Objects); err != nil {
			return nil, nil, err
		}
	}
	for i := range f.Objects {
		o := &f.Objects[i]
		if v.object(s, o, leaves[o.ID], parks); v.report.Bad != nil {
			return f.IDs, moved, nil
		}
	}
	v.report.Bad = cmp.Or(v.report.Bad, f.stray)
	return f.IDs, moved, nil
}

// object holds one object against its leaves.
func (v *verifier) object(s Source, o *Object, leaves []objectLeaf, parks map[models.ID]string) {
	stored := make(map[models.ID]*storedWith, len(leaves))
	for _, r := range o.rows {
		if stored[r.change] == nil {
			stored[r.change] = &storedWith{table: r.table}
		}
		stored[r.change].rows = append(stored[r.change].rows, r.encoded)
		v.report.Rows[r.table]++
	}
	v.report.Rows[s.Table]++
	var newest *objectLeaf
	for i := range leaves {
		l, table, digest := &leaves[i], s.Table, ""
		if with := stored[l.change]; with != nil {
			table, digest = with.table, digestOf(with.rows)
		}
		if digest != l.Rows {
			v.bad(table, o.ID, l.seq, "与这一条一起写入的记录和存证不一致：有记录被改写、增加或者删除")
			return
		}
		delete(stored, l.change)
		if l.Head != "" && (newest == nil || l.Version >= newest.Version) {
			newest = l
		}
	}
	for _, r := range o.rows {
		if with := stored[r.change]; with != nil {
			v.bad(with.table, o.ID, nil, "这条记录没有对应的存证")
			return
		}
	}
	if newest == nil {
		v.bad(s.Table, o.ID, nil, "这条记录没有对应的存证")
		return
	}
	switch {
	case o.digest != newest.Head || !placed(&o.Head, newest.jurisdiction, parks):
		v.bad(s.Table, o.ID, newest.seq, "记录的现状与最后一次写入的存证不一致")
	case o.Fault != "":
		v.bad(s.Table, o.ID, newest.seq, o.Fault)
	}
}

// storedWith are the rows that one change left of an object.
type storedWith struct {
	table string // of the first
	rows  [][]byte
}

// placed reports whether the jurisdiction of a head is that of its park: the one that
// it has now or, until the job has been round, the one that it had at the last write.
func placed(head *Stored, then string, parks map[models.ID]string) bool {
	if !head.plan.follows {
		return true
	}
	now := head.Text("jurisdiction")
	there, known := parks[head.ID("park_id")]
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
	var p parkRow
	by := map[models.ID]string{}
	err := models.Read(v.db.Visible(ctx, policies.ParkRead, &parkRow{}), "id, jurisdiction", []any{(*string)(&p.ID), &p.Jurisdiction}, func() error {
		by[p.ID] = models.Deref(p.Jurisdiction)
		return nil
	})
	return by, err
}
