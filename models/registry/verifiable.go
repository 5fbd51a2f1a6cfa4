package registry

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the register: each row with its versions and
// with the values about people that the versions commit to, and the limits at outlets.
func Verifiable() []audit.Source {
	return []audit.Source{
		source[Park](policies.ParkRead, pilotSteps), source[Phase](policies.ParkRead), source[Enterprise](policies.EnterpriseRead, names), source[Site](policies.SiteRead),
		source[Tenancy](policies.SiteRead), source[Permit](policies.PermitRead), source[Facility](policies.FacilityRead), source[Outlet](policies.FacilityRead),
		source[Stream](policies.FacilityRead), source[Shutdown](policies.ShutdownRead), audit.SourceOf[OutletLimit]("limit", policies.FacilityRead, nil),
	}
}

// versioned are rows of the register with their versions.
type versioned struct {
	*audit.Found
	versions map[models.ID][]Version // in their order
}

func source[T models.Scoped, P rowOf[T]](perm policies.Permission, also ...func(ctx context.Context, db *models.DB, f *versioned) error) audit.Source {
	kind := P(new(T)).kind()
	return audit.SourceOf[T](kind, perm, func(ctx context.Context, db *models.DB, found *audit.Found) error {
		f := &versioned{found, make(map[models.ID][]Version, len(found.IDs))}
		last := make(map[models.ID]said, len(f.IDs))
		var versions []Version
		if err := db.Internal(ctx, &Version{}).Where("object_id IN ? AND object_kind = ?", f.IDs, kind).Order("version").Find(&versions).Error; err != nil {
			return err
		}
		for _, v := range versions {
			if err := f.Add(v.ObjectID, v.ChangeID, v); err != nil {
				return err
			}
			f.versions[v.ObjectID], last[v.ObjectID] = append(f.versions[v.ObjectID], v), v.said()
		}
		var people []personalField
		if err := db.Internal(ctx, &personalField{}).Where("object_id IN ?", f.IDs).Find(&people).Error; err != nil {
			return err
		}
		for _, p := range people { // one that has been erased is not missed (decision 8)
			if p.ObjectKind != kind || last[p.ObjectID].Personal[p.Field] != commitment(p.Salt, p.Value) {
				f.Wrong(p.ObjectID, "人员信息与版本中的承诺值不一致")
			}
		}
		for _, check := range also {
			if err := check(ctx, db, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// pilotSteps are the steps of parks in the pilot.
func pilotSteps(ctx context.Context, db *models.DB, f *versioned) error {
	return audit.AddRows[PilotStep](f.Found, db.Visible(ctx, policies.ParkRead, &PilotStep{}), "park_id")
}

// said is what verify reads of a version's content.
type said struct {
	Fields   struct{ Name string }
	Personal map[string]string // commitments
}

func (v Version) said() (s said) {
	_ = json.Unmarshal([]byte(v.Data), &s) // altered data is found by its digest
	return s
}

// names compares the names kept beside the enterprises, with their days, with those
// that the versions had.
func names(ctx context.Context, db *models.DB, f *versioned) error {
	var kept []EnterpriseName
	if err := db.Visible(ctx, policies.EnterpriseRead, &EnterpriseName{}).Where(f.Of("enterprise_id")).Find(&kept).Error; err != nil {
		return err
	}
	of := make(map[models.ID][]string, len(f.IDs))
	for _, n := range kept {
		of[n.EnterpriseID] = append(of[n.EnterpriseID], spell(n.Name, n.FromOn, models.Deref(n.UntilOn)))
	}
	for _, id := range f.IDs {
		if slices.Sort(of[id]); !slices.Equal(of[id], namesOf(f.versions[id])) {
			f.Wrong(id, "企业历次名称与版本不一致")
		}
	}
	return nil
}

// namesOf are the names that the versions of an enterprise had.
func namesOf(versions []Version) []string {
	var all []string
	name, from := "", code.Day("")
	for _, v := range versions {
		now, day := v.said().Fields.Name, code.DayOf(v.ValidFrom)
		if now == name {
			continue
		}
		if name != "" {
			all = append(all, spell(name, from, day))
		}
		name, from = now, day
	}
	all = append(all, spell(name, from, ""))
	slices.Sort(all)
	return all
}

func spell(name string, from, until code.Day) string {
	return strings.Join([]string{name, string(from), string(until)}, "\x00")
}
