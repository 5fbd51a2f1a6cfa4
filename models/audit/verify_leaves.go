package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"parkregistry/models"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// objectLeaf is what one leaf says of one object.
type objectLeaf struct {
	change       models.ID
	seq          *int64 // nil while it waits for its number
	jurisdiction string
	written
}

// leavesOf are the leaves about the objects of a page, and those about others that
// their rows were stored with, in the order of the log; moved is what they say of
// objects that are not of the page.
func (v *verifier) leavesOf(ctx context.Context, s Source, page []Object, known map[models.ID][]objectLeaf) (ordered, moved map[models.ID][]objectLeaf, err error) {
	of := make(map[models.ID]map[models.ID]objectLeaf, len(page)) // by object and change
	ids, changes := make([]models.ID, len(page)), map[models.ID]bool{}
	for i, o := range page {
		ids[i], of[o.ID] = o.ID, make(map[models.ID]objectLeaf, 4)
		for _, l := range known[o.ID] {
			of[o.ID][l.change] = l
		}
		for _, r := range o.rows {
			if r.change != "" { // of a row whose own filing is gone
				changes[r.change] = true
			}
		}
	}
	moved = map[models.ID][]objectLeaf{}
	take := func(where string, ids []models.ID) error {
		return v.said(ctx, where, ids, func(c *Change, about map[models.ID]objectLeaf) {
			delete(changes, c.ID)
			for id, l := range about {
				switch {
				case of[id] != nil && (id != c.ObjectID || c.ObjectKind == s.Kind):
					of[id][c.ID] = l
				case of[id] == nil && c.ObjectKind == s.Kind && id != c.ObjectID:
					moved[id] = append(moved[id], l)
				}
			}
		})
	}
	if err := take("object_id IN ?", ids); err != nil {
		return nil, nil, err
	}
	others := make([]models.ID, 0, len(changes))
	for id := range changes {
		others = append(others, id)
	}
	if len(others) > 0 {
		if err := take("id IN ?", others); err != nil {
			return nil, nil, err
		}
	}
	ordered = make(map[models.ID][]objectLeaf, len(of))
	for id, leaves := range of {
		all := make([]objectLeaf, 0, len(leaves))
		for _, l := range leaves {
			all = append(all, l)
		}
		slices.SortFunc(all, inLog)
		ordered[id] = all
	}
	return ordered, moved, nil
}

// inLog is the order of the log; what waits for a number comes last.
func inLog(a, b objectLeaf) int {
	switch {
	case a.seq != nil && b.seq != nil:
		return cmp.Compare(*a.seq, *b.seq)
	case a.seq == nil && b.seq == nil:
		return strings.Compare(string(a.change), string(b.change))
	case a.seq == nil:
		return 1
	}
	return -1
}

// said reads leaves and calls each with what they say of objects, by their ids.
func (v *verifier) said(ctx context.Context, where string, ids []models.ID, each func(c *Change, about map[models.ID]objectLeaf)) error {
	var c Change
	fields := []any{(*string)(&c.ID), &c.Seq, &c.ObjectKind, (*string)(&c.ObjectID), &c.Leaf}
	return models.Read(v.db.Visible(ctx, policies.ChangeRead, &Change{}).Where(where, ids), "id, seq, object_kind, object_id, leaf", fields, func() error {
		leaf, ok := proof.DecodeLeaf(c.Leaf)
		var facts struct {
			Wrote map[models.ID]written `json:"wrote"`
		}
		if !ok || json.Unmarshal([]byte(leaf.Facts), &facts) != nil {
			v.bad("changes", c.ID, c.Seq, "存证内容读不懂")
			return nil
		}
		about := make(map[models.ID]objectLeaf, len(facts.Wrote))
		for id, w := range facts.Wrote {
			about[id] = objectLeaf{c.ID, c.Seq, leaf.Jurisdiction, w}
		}
		each(&c, about)
		return nil
	})
}
