package assessment_test

import (
	"slices"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models/assessment"
)

// TestVersions: the bureau loads another version; what begins afterwards is judged by
// it, and what began before keeps its own.
func TestVersions(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		old := w.start(t)
		in := assessment.Draft().ChecklistInput
		in.Version, in.Items = "2027-1", slices.Clone(in.Items)
		in.Items[0].Points, in.Items[1].Points = "1", "3"
		if _, err := w.Load(w.district(), in); !fault.Is(err, fault.Denied) {
			t.Errorf("a district loads a checklist: %v", err)
		}
		got(w.Load(w.Bureau(), in))(t)
		if _, err := w.Load(w.Bureau(), in); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same version again: %v", err)
		}
		if _, err := w.Load(w.Bureau(), assessment.Draft().ChecklistInput); !fault.Is(err, fault.Conflict) {
			t.Errorf("the version of the program: %v", err)
		}
		fresh := got(w.Start(w.ParkManager(w.Dapeng), "", assessment.StartInput{ParkID: string(w.Dapeng.Park.ID), Year: 2026}))(t)
		if old.Checklist != "2026-draft-3" || fresh.Checklist != "2027-1" {
			t.Errorf("versions %s and %s", old.Checklist, fresh.Checklist)
		}
		for id, points := range map[string]string{string(old.ID): "2", string(fresh.ID): "1"} {
			a := old
			if id == string(fresh.ID) {
				a = fresh
			}
			if whole := got(w.Read(w.Bureau(), a.ID))(t); whole.List.Items[0].ItemInput.Points != points {
				t.Errorf("%s: A1 gives %s, want %s", a.Checklist, whole.List.Items[0].ItemInput.Points, points)
			}
		}
		three := assessment.MarksInput{Items: []assessment.MarkInput{{Item: "A2", Points: "3", Evidence: "名单", EvidenceOn: "2026-02-01"}}}
		if _, err := w.Mark(w.park(), assessment.Self, old.ID, old.Version, three); !slices.Equal(pointers(err), []string{"/items/0/points"}) {
			t.Errorf("three points by the old version: %v", err)
		}
		got(w.Mark(w.ParkManager(w.Dapeng), assessment.Self, fresh.ID, fresh.Version, three))(t)
		names := []string{}
		for _, c := range got(w.Checklists(w.Firm(w.BaoanA)))(t) {
			names = append(names, c.Version)
		}
		if !slices.Equal(names, []string{"2027-1", "2026-draft-3", "2026-draft-2", "2026-draft-1"}) {
			t.Errorf("versions in order: %v", names)
		}
	})
}
