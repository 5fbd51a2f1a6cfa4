package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// What walks and inspections leave beside the ledger: five million entries stand
// beside half a million patrols and 1.2 million findings.
const (
	entriesAPatrol = 10
	findingsOf25   = 6 // of 25 entries
)

// rounds are the patrols and findings of a part.
type rounds struct {
	patrols  []inspection.Patrol
	findings []inspection.Finding
	moves    []inspection.Step
}

// acts is one of the bench's people: the manager for the park, any other for its district.
func (f *filler) acts(who string, place models.Placed) inspection.By {
	org := policies.DistrictBureau(*place.Jurisdiction)
	if who == manager {
		org = policies.ParkBody(string(place.ParkID))
	}
	return inspection.By{User: models.ID(f.city.caller[who].User), Org: org, Orgs: []policies.Organisation{org}}
}

// round makes what the day of the f.stocked-th entry has of patrols and findings.
func (s *shelf) round(f *filler, w registry.Facility, at time.Time) error {
	if f.stocked%entriesAPatrol == 0 {
		if err := s.patrol(f, w.Placed, at); err != nil {
			return fmt.Errorf("patrol: %w", err)
		}
	}
	if f.stocked%25 < findingsOf25 {
		if err := s.finding(f, w.Placed, at); err != nil {
			return fmt.Errorf("finding: %w", err)
		}
	}
	return nil
}

func (s *shelf) patrol(f *filler, place models.Placed, at time.Time) error {
	who, in := manager, inspection.PatrolInput{ParkID: string(place.ParkID), Nature: inspection.NaturePatrol, Kind: "daily", Weather: "晴"}
	if f.stocked%(20*entriesAPatrol) == 0 {
		who, in.Nature, in.Kind = inspector, inspection.NatureInspection, "special"
	}
	by := f.acts(who, place)
	in.StartedAt = at.In(code.Zone).Format(time.RFC3339)
	in.Officers = []inspection.Officer{{UserID: string(by.User), Name: "示例甲", Certificate: "示例证0001"}, {UserID: string(models.ID(f.city.caller[auditor].User)), Name: "示例乙", Certificate: "示例证0002"}}
	p, err := in.Parse()
	if err != nil {
		return err
	}
	p.Placed = models.Placed{ParkID: place.ParkID, Jurisdiction: place.Jurisdiction}
	p = inspection.OpenPatrol(p, f.id(at), fmt.Sprintf("PT-%d-%07d", at.Year(), f.stocked), by, at)
	s.patrols = append(s.patrols, p)
	return s.log(f, p.Done(), f.id(at), who, at)
}

// fate is how far the n-th finding gets: most are closed in time.
func fate(n int) string {
	switch n % 100 {
	case 0:
		return "stays"
	case 1:
		return "neglected"
	case 2:
		return "withdrawn"
	case 3:
		return "referred"
	case 4:
		return "sent back"
	}
	if n%7 == 0 {
		return "late"
	}
	return "closed"
}

// finding logs one and takes it as far as it gets.
func (s *shelf) finding(f *filler, place models.Placed, at time.Time) error {
	n, by := f.found, f.acts(inspector, place)
	f.found++
	head, err := inspection.FindingInput{ParkID: string(place.ParkID), EnterpriseID: string(*place.EnterpriseID), SiteID: string(*place.SiteID), Dimension: 1 + n%6, Severity: inspection.Minor,
		Description: "示例：台账没有按班填写", Place: "示例车间"}.Parse()
	if err != nil {
		return err
	}
	head.Placed = place
	a, err := inspection.OpenFinding(head, inspection.FindingInput{}, f.id(at), fmt.Sprintf("FD-%d-%07d", at.Year(), n), by, at)
	t := course{s: s, f: f, at: at}
	t.took(a, err, inspector)
	then := func(days int, who string, move func(by inspection.By) (inspection.Advance, error)) {
		if t.err == nil {
			t.at = t.at.AddDate(0, 0, days)
			a, err := move(f.acts(who, place))
			t.took(a, err, who)
		}
	}
	day := func(n int) string { return string(code.DayOf(t.at).Add(n)) }
	rectified := func(by inspection.By) (inspection.Advance, error) {
		// The step alone is weighed: of its photograph the bench keeps a name and a digest.
		sum := sha256.Sum256([]byte(t.head.ID))
		photo := files.Attachment{ID: f.id(t.at), SHA256: sum[:]}
		in, err := inspection.RectificationInput{Measure: "示例：已按要求整改", Cost: "0", DoneOn: day(0), Attachments: []string{string(photo.ID)}, Note: "示例：现场复核记录"}.Parse()
		if err != nil {
			return inspection.Advance{}, err
		}
		return t.head.Rectification(in, inspection.Proof{Files: []files.Attachment{photo}}, by, t.at)
	}
	switch how := fate(n); how {
	case "stays":
	case "withdrawn": // never by the finder alone
		then(1, auditor, func(by inspection.By) (inspection.Advance, error) {
			return t.head.Withdrawal(inspection.WithdrawalInput{Cause: inspection.Mistaken, Reason: "示例：复核后确认不属于问题"}, by, t.at)
		})
	default:
		then(1, inspector, func(by inspection.By) (inspection.Advance, error) {
			return t.head.Notice(inspection.NoticeInput{DueOn: day(7), Text: "示例：按要求整改"}, inspection.Called{Park: "示例园区", Firm: "示例企业"}, false, by, t.at)
		})
		switch how {
		case "neglected":
			return t.end()
		case "referred":
			then(2, inspector, func(by inspection.By) (inspection.Advance, error) {
				return t.head.Referral(inspection.ReferralInput{Basis: inspection.SuspectedViolation, Reason: "示例：涉嫌违法，移交执法"}, by, t.at)
			})
			return t.end()
		}
		then(map[string]int{"late": 9}[how]+3, manager, rectified)
		if how == "sent back" {
			then(1, inspector, func(by inspection.By) (inspection.Advance, error) {
				return t.head.Review(inspection.ReviewInput{Result: inspection.ResultReturn, Reason: "示例：佐证看不清整改部位", DueOn: day(7)}, by, t.at)
			})
			then(2, manager, rectified)
		}
		then(1, inspector, func(by inspection.By) (inspection.Advance, error) {
			return t.head.Review(inspection.ReviewInput{Result: inspection.ResultClose, Opinion: "示例：整改到位"}, by, t.at)
		})
	}
	return t.end()
}

// course follows one finding through its moves.
type course struct {
	s    *shelf
	f    *filler
	at   time.Time
	head inspection.Finding
	err  error
}

func (t *course) took(a inspection.Advance, err error, who string) {
	if t.err = cmp.Or(t.err, err); t.err != nil {
		return
	}
	a.Step.ID, a.Step.ChangeID = t.f.id(t.at), t.f.id(t.at)
	t.err = t.s.log(t.f, a.Event(), a.Step.ChangeID, who, t.at)
	t.s.moves = append(t.s.moves, a.Step)
	t.head = a.After
}

func (t *course) end() error {
	t.s.findings = append(t.s.findings, t.head)
	return t.err
}

// count adds the part's changes to the counts of the parks, as the sequencer does.
func (s *shelf) count(ctx context.Context, db *models.DB) error {
	byDay := map[code.Day][]audit.Change{}
	for _, c := range s.changes {
		day := code.DayOf(*c.SealedAt)
		byDay[day] = append(byDay[day], c)
	}
	return db.Write(ctx, func(tx *models.Tx) error {
		for _, day := range slices.Sorted(maps.Keys(byDay)) {
			if err := audit.Fold(tx, byDay[day], day); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepCounts keeps what the first entries have counted, to be counted again with each copy.
func (f *filler) keepCounts(ctx context.Context) error {
	return f.exec(ctx, "CREATE TABLE bench_day_counts AS SELECT * FROM park_day_counts")
}

// countAgain adds the first counts again, so many days earlier.
func (f *filler) countAgain(ctx context.Context, d dialect) error {
	return f.exec(ctx, "INSERT INTO park_day_counts (park_id, measure, about_on, known_on, jurisdiction, n) SELECT park_id, measure, "+d.day("about_on")+", "+d.day("known_on")+
		", jurisdiction, n FROM bench_day_counts WHERE n <> 0 ON CONFLICT (park_id, measure, about_on, known_on) DO UPDATE SET n = park_day_counts.n + excluded.n")
}

// periods adds up the counts by months and years.
func (f *filler) periods(ctx context.Context) error {
	if err := f.exec(ctx, "DELETE FROM park_period_counts"); err != nil {
		return err
	}
	for span, length := range map[audit.Span]int{audit.Months: 7, audit.Years: 4} {
		part := func(day string) string { return fmt.Sprintf("SUBSTR(CAST(%s AS text), 1, %d)", day, length) }
		if err := f.exec(ctx, "INSERT INTO park_period_counts (span, about_in, known_in, park_id, measure, jurisdiction, n) SELECT '"+string(span)+"', "+part("about_on")+", "+part("known_on")+
			", park_id, measure, MAX(jurisdiction), SUM(n) FROM park_day_counts GROUP BY 2, 3, 4, 5"); err != nil {
			return err
		}
	}
	return nil
}
