package assessment_test

import (
	"context"
	"slices"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// to takes the first park to a state on a day, by who may.
func (w world) to(t testing.TB, ctx context.Context, state registry.PilotState, on string) registry.Park {
	t.Helper()
	return got(w.MovePilot(ctx, state, w.BaoanA.Park.ID, w.parkNow(t).Version, registry.PilotInput{On: on, Reason: "按市局通知办理"}))(t)
}

func (w world) parkNow(t testing.TB) registry.Park {
	t.Helper()
	return got(w.Registry.Park(w.Bureau(), w.BaoanA.Park.ID))(t)
}

func (w world) building(t testing.TB) {
	t.Helper()
	w.to(t, w.district(), registry.Nominated, "2021-06-01")
	w.to(t, w.Bureau(), registry.Designated, "2021-07-14")
	w.to(t, w.park(), registry.PlanAgreed, "2021-12-01")
	w.to(t, w.park(), registry.Building, "2022-03-01")
}

// TestPilotLife: from the nomination to accreditation and lapse; assessments move the
// park along, and the days before keep what they had.
func TestPilotLife(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.building(t)
		if p := w.parkNow(t); p.Pilot() != registry.Building || *p.DesignatedOn != "2021-07-14" {
			t.Fatalf("building: %s %v", p.PilotState, p.DesignatedOn)
		}
		accredit := func() error {
			_, err := w.MovePilot(w.Bureau(), registry.Accredited, w.BaoanA.Park.ID, w.parkNow(t).Version, registry.PilotInput{})
			return err
		}
		if err := accredit(); !fault.Is(err, fault.Conflict) {
			t.Errorf("accredited while building: %v", err)
		}
		waits := func(name, park, district, bureau string) {
			t.Helper()
			for who, want := range map[string]string{"park": park, "district": district, "bureau": bureau, "foreign": ""} {
				ctx := map[string]context.Context{"park": w.park(), "district": w.district(), "bureau": w.Bureau(), "foreign": w.Inspector("longgang")}[who]
				said := ""
				for _, x := range got(w.Inbox(ctx))(t) {
					said += x.What
				}
				if said != want {
					t.Errorf("%s: %q waits for %s, want %q", name, said, who, want)
				}
			}
		}
		waits("building", "", "", "")
		a := w.checked(t, "V2")
		waits("checked", "", "", "accreditation")
		if p := w.parkNow(t); p.Pilot() != registry.DistrictChecked {
			t.Errorf("after the check: %s", p.PilotState)
		}
		if err := accredit(); !fault.Is(err, fault.Conflict) {
			t.Errorf("accredited with a veto: %v", err)
		}
		a = got(w.Return(w.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "存在偷排，先行整改"}))(t)
		waits("sent back", "submission", "", "")
		if p := w.parkNow(t); p.Pilot() != registry.SentBack {
			t.Errorf("after the return: %s", p.PilotState)
		}
		w.clock.set("2026-12-20")
		a = got(w.Submit(w.park(), a.ID, a.Version))(t)
		in := agreed()
		for i := range in.Items[:16] { // 33 points and more below the park's own
			in.Items[i] = assessment.MarkInput{Item: in.Items[i].Item, Points: "0", Reason: "现场没有找到佐证"}
		}
		a = got(w.Mark(w.district(), assessment.District, a.ID, a.Version, in))(t)
		a = got(w.Complete(w.district(), a.ID, a.Version))(t)
		if err := accredit(); !fault.Is(err, fault.Conflict) {
			t.Errorf("accredited with %d: %v", *a.Score, err)
		}
		a = got(w.Return(w.Bureau(), a.ID, a.Version, assessment.ReturnInput{Reason: "得分低于分数线"}))(t)
		a = got(w.Submit(w.park(), a.ID, a.Version))(t)
		a = got(w.Mark(w.district(), assessment.District, a.ID, a.Version, agreed()))(t)
		a = got(w.Complete(w.district(), a.ID, a.Version))(t)
		// What the bureau itself has seen counts in place of what the district verified,
		// until it has looked again.
		again := agreed()
		for what, seen := range map[string]assessment.MarksInput{"points": {Items: in.Items[:16]}, "a veto": {Vetoes: []assessment.VetoMarkInput{{Veto: "V1", Found: true, Reason: "现场发现暗管直排"}}}} {
			a = got(w.Mark(w.Bureau(), assessment.Bureau, a.ID, a.Version, seen))(t)
			if err := accredit(); !fault.Is(err, fault.Conflict) {
				t.Errorf("accredited over %s that the bureau found missing: %v", what, err)
			}
			a = got(w.Mark(w.Bureau(), assessment.Bureau, a.ID, a.Version, assessment.MarksInput{Items: again.Items[:16], Vetoes: []assessment.VetoMarkInput{{Veto: "V1"}}}))(t)
		}
		if err := accredit(); err != nil {
			t.Errorf("accredited: %v", err)
		}
		w.to(t, w.Bureau(), registry.Lapsed, "2026-12-20")
		steps := got(w.Registry.PilotSteps(w.park(), w.BaoanA.Park.ID, models.Query{Limit: 50}))(t).Items
		met := []registry.PilotState{}
		for _, s := range steps {
			met = append(met, s.ToState)
		}
		slices.Reverse(met)
		want := []registry.PilotState{"nominated", "designated", "plan_agreed", "building", "self_assessed", "district_checked", "returned", "self_assessed", "district_checked", "returned", "self_assessed", "district_checked", "accredited", "lapsed"}
		if !slices.Equal(met, want) {
			t.Errorf("steps %v", met)
		}
		if s := steps[1]; s.AssessmentID == nil || *s.AssessmentID != a.ID {
			t.Errorf("the accreditation names its assessment: %+v", s)
		}
		w.Seal(t)
		for day, want := range map[code.Day]registry.PilotState{"2021-05-31": "", "2021-07-13": "nominated", "2021-07-14": "designated", "2022-03-01": "building", "2026-11-23": "building",
			"2026-11-24": "returned", "": "lapsed"} {
			page := got(w.Registry.Pilots(w.Bureau(), registry.ParkFilter{}, audit.Question{AsOf: day}, models.Query{Limit: 50}))(t)
			if page.Items[0].Then != want || len(page.Items) != 5 {
				t.Errorf("on %s: %q of %d parks, want %q", day, page.Items[0].Then, len(page.Items), want)
			}
		}
		if _, err := w.Registry.Pilots(w.Bureau(), registry.ParkFilter{}, audit.Question{AsOf: "2026-12-21"}, models.Query{Limit: 50}); !slices.Equal(pointers(err), []string{"/query/asOf"}) {
			t.Errorf("a day to come: %v", err)
		}
		r, err := audit.Verify(w.Program(), w.DB, audit.Against{Sources: slices.Concat(assessment.Verifiable(), registry.Verifiable())})
		if err != nil || r.Bad != nil {
			t.Errorf("rows and leaves disagree: %+v %v", r.Bad, err)
		}
	})
}

// TestPilotRules: who, in which order, on which day; nothing is typed in past the steps.
func TestPilotRules(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		id := w.BaoanA.Park.ID
		move := func(ctx context.Context, to registry.PilotState, in registry.PilotInput) error {
			_, err := w.MovePilot(ctx, to, id, w.parkNow(t).Version, in)
			return err
		}
		if err := move(w.park(), registry.Nominated, registry.PilotInput{}); !fault.Is(err, fault.Denied) {
			t.Errorf("a park nominates itself: %v", err)
		}
		if err := move(w.Inspector("longgang"), registry.Nominated, registry.PilotInput{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a foreign district nominates: %v", err)
		}
		if err := move(w.Bureau(), registry.Designated, registry.PilotInput{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("designated before the nomination: %v", err)
		}
		w.to(t, w.district(), registry.Nominated, "2021-06-01")
		for name, x := range map[string]struct {
			in   registry.PilotInput
			want string
		}{
			"before the list":    {registry.PilotInput{On: "2021-07-13"}, "/on"},
			"before the last":    {registry.PilotInput{On: "2021-05-01"}, "/on"},
			"tomorrow":           {registry.PilotInput{On: "2026-11-25"}, "/on"},
			"no day":             {registry.PilotInput{On: "2021-02-30"}, "/on"},
			"a reason too short": {registry.PilotInput{Reason: "好"}, "/reason"},
		} {
			if err := move(w.Bureau(), registry.Designated, x.in); !slices.Equal(pointers(err), []string{x.want}) {
				t.Errorf("%s: %v, want %s", name, err, x.want)
			}
		}
		p := w.parkNow(t)
		race(t, func() error {
			_, err := w.MovePilot(w.Bureau(), registry.Designated, id, p.Version, registry.PilotInput{})
			return err
		},
			func() error {
				_, err := w.MovePilot(w.Bureau(), registry.Designated, id, p.Version, registry.PilotInput{})
				return err
			})
		typed := func(in registry.ParkInput) (registry.ParkInput, error) { in.PilotState = "accredited"; return in, nil }
		if _, err := w.Registry.UpdatePark(w.Bureau(), id, w.parkNow(t).Version, typed); !slices.Equal(pointers(err), []string{"/pilotState"}) {
			t.Errorf("typed in: %v", err)
		}
		a := w.start(t)
		a = got(w.Mark(w.park(), assessment.Self, a.ID, a.Version, full()))(t)
		if _, err := w.Submit(w.park(), a.ID, a.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("submitted before the building began: %v", err)
		}
		if now := got(w.Get(w.park(), a.ID))(t); now.State != assessment.Started || now.Version != a.Version {
			t.Errorf("a refused submission left %s", now.State)
		}
		if _, err := w.MovePilot(w.Bureau(), registry.Nominated, w.Unnamed.ID, w.Unnamed.Version, registry.PilotInput{On: "2021-07-01"}); err != nil {
			t.Errorf("an unnamed place: %v", err)
		}
		if n := len(got(w.Registry.Pilots(w.As("m", policies.ParkManager, string(w.BaoanA.Park.ID)), registry.ParkFilter{}, audit.Question{}, models.Query{Limit: 50}))(t).Items); n != 1 {
			t.Errorf("a park sees %d parks in the pilot", n)
		}
	})
}
