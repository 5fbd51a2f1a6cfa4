package registry

import (
	"context"
	"slices"

	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Alteration is one change of the register about a park: its own row, a site of it or what
// stands there. What the object is called and what it said before and after are there for
// whoever may read the object now.
type Alteration struct {
	audit.Change
	Called        string
	Before, After string // JSON; Before is "" of what was new
}

var alterationOrders = map[string]models.Order[audit.Change]{
	"-seq": {Column: "changes.seq", Desc: true, Key: func(c audit.Change) any { return *c.Seq }},
}

// calledBy is the column that names a row of each kind; a site has none.
var calledBy = map[Kind]string{KindPark: "code", KindEnterprise: "name", KindPermit: "number", KindFacility: "code", KindOutlet: "code"}

// Alterations lists the numbered changes of the register about a park, newest first.
func (s *Service) Alterations(ctx context.Context, park models.ID, q models.Query) (models.Page[Alteration], error) {
	rows := s.db.Visible(ctx, policies.ChangeRead, &audit.Change{}).Where("changes.object_kind IN ("+bookKinds+") AND changes.seq IS NOT NULL").Where("changes.park_id = ?", park)
	found, err := models.List(s.db, rows, q, alterationOrders, "-seq", func(c audit.Change) models.ID { return c.ID })
	out := models.Page[Alteration]{Next: found.Next, Total: found.Total, Items: make([]Alteration, len(found.Items))}
	if err != nil {
		return out, err
	}
	by := map[Kind][]models.ID{}
	for i, c := range found.Items {
		out.Items[i].Change = c
		if kind := Kind(c.ObjectKind); !slices.Contains(by[kind], c.ObjectID) {
			by[kind] = append(by[kind], c.ObjectID)
		}
	}
	called, err := s.called(ctx, by)
	if err != nil {
		return out, err
	}
	return out, s.versionsOf(ctx, called, out.Items)
}

// called are those of the objects that the caller may read now, with what they are called.
func (s *Service) called(ctx context.Context, by map[Kind][]models.ID) (map[models.ID]string, error) {
	out := map[models.ID]string{}
	for kind, ids := range by {
		head, perm := kind.head()
		if policies.Require(ctx, perm) != nil {
			continue
		}
		table := head.Scope().Table
		column := "''"
		if name := calledBy[kind]; name != "" {
			column = table + "." + name
		}
		var found []struct {
			ID     models.ID
			Called string
		}
		if err := s.db.Visible(ctx, perm, head).Where(table+".id IN ?", ids).Select(table + ".id AS id, " + column + " AS called").Scan(&found).Error; err != nil {
			return nil, err
		}
		for _, f := range found {
			out[f.ID] = f.Called
		}
	}
	return out, nil
}

// versionsOf puts what each readable object said before and after into its alterations.
func (s *Service) versionsOf(ctx context.Context, called map[models.ID]string, all []Alteration) error {
	if len(called) == 0 {
		return nil
	}
	ids := make([]models.ID, 0, len(called))
	for id := range called {
		ids = append(ids, id)
	}
	slices.Sort(ids) // in one order, so that the database knows the statement
	var versions []Version
	if err := s.db.Internal(ctx, &Version{}).Where("registry_versions.object_id IN ?", ids).Order("registry_versions.object_id, registry_versions.version").Find(&versions).Error; err != nil {
		return err
	}
	at := map[models.ID]int{} // place of the version by its change
	for i, v := range versions {
		at[v.ChangeID] = i
	}
	for i := range all {
		all[i].Called = called[all[i].ObjectID]
		n, there := at[all[i].ID]
		if !there {
			continue
		}
		all[i].After = versions[n].Data
		if n > 0 && versions[n-1].ObjectID == versions[n].ObjectID {
			all[i].Before = versions[n-1].Data
		}
	}
	return nil
}
