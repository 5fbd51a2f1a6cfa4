package inspection_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// listed are lists of n units and m officers of one district.
func listed(n, m, count int) inspection.Lists {
	l := inspection.Lists{Count: count}
	for i := range n {
		l.Units = append(l.Units, inspection.Unit{SiteID: models.ID(fmt.Sprint("s", i)), EnterpriseID: models.ID(fmt.Sprint("e", i)), Jurisdiction: "baoan", Key: true})
	}
	for i := range m {
		l.Officers = append(l.Officers, inspection.Drawn{UserID: models.ID(fmt.Sprint("o", i)), Jurisdiction: "baoan"})
	}
	return l
}

// TestDrawIsRepeatable: the same lists and seed give the same lots, another seed or list
// gives others, in the order that the document says; every unit can be drawn, the work is
// shared, nobody goes where he is recused.
func TestDrawIsRepeatable(t *testing.T) {
	l := listed(40, 4, 10)
	l.Recusals = []inspection.Recusal{{OfficerID: "o0", EnterpriseID: "e3"}, {OfficerID: "o1", EnterpriseID: "e3"}}
	first := l.Draw("41907")
	if !reflect.DeepEqual(first, l.Draw("41907")) || reflect.DeepEqual(first, l.Draw("41908")) {
		t.Error("a draw does not follow from its seed alone")
	}
	longer := l
	longer.Units = append(slices.Clone(l.Units), inspection.Unit{SiteID: "s99", EnterpriseID: "e99", Jurisdiction: "baoan"})
	if reflect.DeepEqual(first, longer.Draw("41907")) {
		t.Error("another list draws the same")
	}
	rank := func(id models.ID) string { // written down again from the document
		mac := hmac.New(sha256.New, []byte("41907"))
		mac.Write([]byte(hex.EncodeToString(l.Digest()) + "\nunit\n" + string(id)))
		return hex.EncodeToString(mac.Sum(nil))
	}
	want := make([]models.ID, 0, len(l.Units))
	for _, u := range l.Units {
		want = append(want, u.SiteID)
	}
	slices.SortFunc(want, func(a, b models.ID) int {
		if rank(a) < rank(b) {
			return -1
		}
		return 1
	})
	for i, lot := range first {
		if lot.Unit.SiteID != want[i] || lot.Place != i+1 {
			t.Errorf("place %d is %s, want %s", i+1, lot.Unit.SiteID, want[i])
		}
	}
	seen := map[models.ID]int{}
	for seed := range 200 {
		load := map[models.ID]int{}
		for _, lot := range l.Draw(fmt.Sprint("seed", rand.New(rand.NewPCG(uint64(seed), 1)).Int())) {
			seen[lot.Unit.SiteID]++
			load[lot.First]++
			load[lot.Second]++
			if lot.First == lot.Second || lot.Unit.EnterpriseID == "e3" && (lot.First < "o2" || lot.Second < "o2") {
				t.Fatalf("seed %d: %+v", seed, lot)
			}
		}
		for o, n := range load {
			if n < 4 || n > 6 { // 20 duties for four
				t.Errorf("seed %d: %s goes to %d of 10 units", seed, o, n)
			}
		}
	}
	for _, u := range l.Units {
		if seen[u.SiteID] < 20 { // 50 expected
			t.Errorf("%s was drawn %d times in 200", u.SiteID, seen[u.SiteID])
		}
	}
}

// officers are the inspectors of Bao'an, and one who also acts for a firm.
func (w world) officers(names ...string) {
	w.firms.inspectors = nil
	for _, n := range names {
		w.firms.inspectors = append(w.firms.inspectors, policies.Assignment{User: personOf(w.As(n, policies.DistrictInspector, "baoan")), Role: policies.DistrictInspector, Jurisdiction: "baoan"})
	}
}

// TestDrawThroughTheDoor: lists first, seed once, tasks for two officers who are done when
// both inspected; nothing of it can be altered, and what was altered is found.
func TestDrawThroughTheDoor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.officers("inspector-baoan", "inspector-2-baoan")
		in := inspection.DrawInput{Jurisdiction: "baoan", Count: 1}
		d := got(w.PublishDraw(w.Inspector("baoan"), "", in))(t)
		if len(d.Lists.V.Units) != 3 || d.Seed != "" || d.Quarter != "2026-Q4" {
			t.Fatalf("published %+v", d)
		}
		for who, code := range map[string]fault.Code{"foreign district": fault.NotFound, "park": fault.Denied, "firm": fault.Denied, "auditor": fault.Denied} {
			if _, err := w.RunDraw(w.people()[who], d.ID, inspection.SeedInput{}); fault.CodeOf(err) != code {
				t.Errorf("%s draws: %v", who, err)
			}
		}
		for _, n := range []string{"longgang", "dapeng"} {
			for _, who := range []string{"inspector-", "inspector-2-"} {
				w.firms.inspectors = append(w.firms.inspectors, policies.Assignment{User: personOf(w.As(who+n, policies.DistrictInspector, n)), Role: policies.DistrictInspector, Jurisdiction: n})
			}
		}
		city := got(w.PublishDraw(w.Bureau(), "", inspection.DrawInput{Count: 1}))(t)
		if _, err := w.DrawOf(w.Inspector("baoan"), city.ID); err != nil {
			t.Errorf("a district does not see the draw of the city: %v", err)
		}
		if _, err := w.RunDraw(w.Inspector("baoan"), city.ID, inspection.SeedInput{Seed: "41907 41907"}); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a district gives the draw of the city its seed: %v", err)
		}
		race(t, func() error { _, err := w.RunDraw(w.Inspector("baoan"), d.ID, inspection.SeedInput{}); return err },
			func() error {
				_, err := w.RunDraw(w.SecondInspector("baoan"), d.ID, inspection.SeedInput{Seed: "41907 41907"})
				return err
			})
		r := got(w.DrawOf(w.Bureau(), d.ID))(t)
		if !r.Agrees || len(r.Tasks) != 1 || r.Tasks[0].Done || r.Draw.Seed == "" || w.changes(t, d.ID) != 2 {
			t.Fatalf("drawn %+v", r)
		}
		walk := w.inspection()
		walk.SiteID, walk.ParkID = string(r.Tasks[0].SiteID), string(r.Tasks[0].ParkID)
		alone := got(w.LogPatrol(w.Inspector("baoan"), "", walk))(t)
		w.send(t, w.Inspector("baoan"), alone.ID, wholeWalk()...)
		if r := got(w.DrawOf(w.Bureau(), d.ID))(t); r.Tasks[0].Done {
			t.Error("an inspection without the second officer does the task")
		}
		walk.Officers[0].UserID, walk.Officers[1].UserID = personOf(w.Inspector("baoan")), personOf(w.SecondInspector("baoan"))
		both := got(w.LogPatrol(w.Inspector("baoan"), "", walk))(t)
		w.send(t, w.SecondInspector("baoan"), both.ID, wholeWalk()...)
		if r := got(w.DrawOf(w.Bureau(), d.ID))(t); !r.Tasks[0].Done || models.Deref(r.Tasks[0].PatrolID) != both.ID {
			t.Errorf("after both inspected: %+v", r.Tasks[0])
		}
		got(w.LogPatrol(w.Inspector("baoan"), "", walk))(t)
		if r := got(w.DrawOf(w.Bureau(), d.ID))(t); !r.Tasks[0].Done || models.Deref(r.Tasks[0].PatrolID) != both.ID {
			t.Errorf("one more inspection planned undoes the task: %+v", r.Tasks[0])
		}
		next := got(w.PublishDraw(w.SecondInspector("baoan"), "", in))(t)
		if len(next.Lists.V.Units) != 2 {
			t.Errorf("what was drawn this quarter is on the list again: %d units", len(next.Lists.V.Units))
		}
		quota := got(w.Quotas(w.Inspector("baoan"), ""))(t)
		if len(quota) != 1 || quota[0].KeyUnits != 3 || quota[0].KeyDrawn != 1 || quota[0].Required != 1 || !quota[0].Met() || quota[0].Units != 1 || quota[0].Officers != 2 {
			t.Errorf("quota %+v", quota)
		}
		for _, sql := range []string{"UPDATE draws SET lists = '{}'", "UPDATE draws SET seed = 'mine' WHERE drawn_at IS NOT NULL", "DELETE FROM draws", "DELETE FROM draw_tasks", "UPDATE draw_tasks SET place = 9"} {
			if _, err := w.DB.SQL().Exec(sql); err == nil {
				t.Errorf("%s is taken", sql)
			}
		}
		report, err := audit.Verify(w.Program(), w.DB, audit.Against{Sources: inspection.Verifiable()})
		if err != nil || report.Bad != nil {
			t.Errorf("verify: %+v, %v", report.Bad, err)
		}
	})
}

// TestDrawLists: nobody is drawn to a firm for which he acts, and a list on which some
// unit lacks two officers is not published.
func TestDrawLists(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		in := inspection.DrawInput{Jurisdiction: "baoan", Count: 1}
		for _, c := range []struct {
			name     string
			officers []string
			actsFor  models.ID
			count    int
			pointer  string
		}{
			{"one officer", []string{"inspector-baoan"}, "", 1, "/recusals"},
			{"two, one of whom acts for a firm", []string{"inspector-baoan", "inspector-2-baoan"}, w.BaoanA.Enterprise.ID, 1, "/recusals"},
			{"three, one of whom acts for a firm", []string{"inspector-baoan", "inspector-2-baoan", "third"}, w.BaoanA.Enterprise.ID, 1, ""},
			{"more than there are", []string{"inspector-baoan", "inspector-2-baoan"}, "", 4, "/count"},
			{"none", []string{"inspector-baoan", "inspector-2-baoan"}, "", 0, "/count"},
		} {
			w.officers(c.officers...)
			if c.actsFor != "" {
				w.firms.inspectors = append(w.firms.inspectors, policies.Assignment{User: w.firms.inspectors[0].User, Role: policies.EnterpriseUser, Enterprise: string(c.actsFor)})
			}
			in.Count = c.count
			_, err := w.PublishDraw(w.Inspector("baoan"), "", in)
			if c.pointer == "" && err != nil || c.pointer != "" && !slices.ContainsFunc(violations(err), func(v fault.Violation) bool { return v.Pointer == c.pointer }) {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

// TestDrawnMeanwhile: of two draws whose lists were published before either was drawn,
// the second is refused, and published again leaves out what the first one drew.
func TestDrawnMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.officers("inspector-baoan", "inspector-2-baoan")
		in := inspection.DrawInput{Jurisdiction: "baoan", Count: 1}
		first, second := got(w.PublishDraw(w.Inspector("baoan"), "", in))(t), got(w.PublishDraw(w.Inspector("baoan"), "", in))(t)
		race(t, func() error { _, err := w.RunDraw(w.Inspector("baoan"), first.ID, inspection.SeedInput{}); return err },
			func() error {
				_, err := w.RunDraw(w.SecondInspector("baoan"), second.ID, inspection.SeedInput{})
				return err
			})
		again := got(w.PublishDraw(w.Inspector("baoan"), "", in))(t)
		if n := len(again.Lists.V.Units); n != 2 {
			t.Errorf("published again with %d units, want the two that are left", n)
		}
		got(w.RunDraw(w.Inspector("baoan"), again.ID, inspection.SeedInput{}))(t)
	})
}

// TestDrawKeepsAwayThePark: whoever holds a role of the park where a unit stands is kept
// from it, and the refusal of a list says which unit lacks officers.
func TestDrawKeepsAwayThePark(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.officers("inspector-baoan", "inspector-2-baoan")
		w.firms.inspectors = append(w.firms.inspectors, policies.Assignment{User: w.firms.inspectors[0].User, Role: policies.ParkManager, Park: string(w.BaoanA.Park.ID)})
		in := inspection.DrawInput{ParkID: string(w.BaoanA.Park.ID), Count: 1}
		_, err := w.PublishDraw(w.Inspector("baoan"), "", in)
		said := ""
		for _, v := range violations(err) {
			said += say(v.Detail)
		}
		if !strings.Contains(said, w.BaoanA.Enterprise.Name) || !strings.Contains(said, "宝安区") || !strings.Contains(said, "名单上有 ") {
			t.Fatalf("refused with %q (%v)", said, err)
		}
		w.firms.inspectors = append(w.firms.inspectors, policies.Assignment{User: personOf(w.As("third", policies.DistrictInspector, "baoan")), Role: policies.DistrictInspector, Jurisdiction: "baoan"})
		d := got(w.PublishDraw(w.Inspector("baoan"), "", in))(t)
		for _, u := range d.Lists.V.Units {
			want := inspection.Recusal{OfficerID: models.ID(w.firms.inspectors[0].User), EnterpriseID: u.EnterpriseID, Reason: inspection.ReasonPark}
			if !slices.Contains(d.Lists.V.Recusals, want) {
				t.Errorf("%v lacks %v", d.Lists.V.Recusals, want)
			}
		}
	})
}
