package ledger

import (
	"reflect"
	"slices"
)

// Versions are all versions of a class, the newest first.
func (c *Catalogue) Versions(classCode string) []Class {
	var all []Class
	for _, class := range c.all {
		if class.Code == classCode {
			all = append(all, class)
		}
	}
	slices.SortFunc(all, func(a, b Class) int { return b.Version - a.Version })
	return all
}

// FieldChange is what a version of a class does to a field of the one before it.
type FieldChange struct {
	Path          string // names of the field and of the list that it is in, with / between
	Before, After *Field // nil for one that is new, or gone
}

// ChangesSince are the fields that differ from those of an earlier version, in the order of
// the class, what is gone at the end of its list. Where a field comes from is no difference.
// A list that is new, or gone, stands for all that is in it.
func (c Class) ChangesSince(before Class) []FieldChange {
	return changed("", before.Fields, c.Fields)
}

// RulesSince reports whether the rules between fields differ from those of an earlier version.
func (c Class) RulesSince(before Class) bool { return !reflect.DeepEqual(c.Rules, before.Rules) }

func changed(at string, before, after []Field) (all []FieldChange) {
	for i := range after {
		f := &after[i]
		j := slices.IndexFunc(before, func(o Field) bool { return o.Name == f.Name })
		if j < 0 {
			all = append(all, FieldChange{at + f.Name, nil, f})
			continue
		}
		old := &before[j]
		if !reflect.DeepEqual(old.plain(), f.plain()) {
			all = append(all, FieldChange{at + f.Name, old, f})
		}
		all = append(all, changed(at+f.Name+"/", old.Fields, f.Fields)...)
	}
	for i := range before {
		if !slices.ContainsFunc(after, func(o Field) bool { return o.Name == before[i].Name }) {
			all = append(all, FieldChange{at + before[i].Name, &before[i], nil})
		}
	}
	return all
}

// plain is the field itself, without what is in it and where it comes from.
func (f Field) plain() Field {
	f.Fields, f.Source, f.Confidence = nil, "", ""
	return f
}
