package ledger

import (
	"context"

	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger/screen"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// ScreenReport says how often each rule of the screen speaks about the ledger as
// it stands. On a ledger in which nothing is wrong that is its rate of false alarms.
type ScreenReport struct {
	Version int          `json:"version"` // of the rules
	Entries int64        `json:"entries"`
	Rules   []RuleReport `json:"rules"`
}

// RuleReport is one rule's part.
type RuleReport struct {
	Rule     string   `json:"rule"`
	TitleZh  string   `json:"titleZh"`
	TitleEn  string   `json:"titleEn"`
	BasisZh  string   `json:"basisZh"`
	BasisEn  string   `json:"basisEn"`
	WhyZh    string   `json:"whyZh"` // how it judges
	WhyEn    string   `json:"whyEn"`
	Looked   int64    `json:"looked"`   // entries that had what the rule needs
	Hits     int64    `json:"hits"`     // of these, entries that it speaks about
	Percent  string   `json:"percent"`  // two places; "" where the rule could judge nothing
	Examples []string `json:"examples"` // numbers of the first entries
}

// examples is how many entries a rule names.
const examples = 5

// subject is an object with entries of one class, and the days of these.
type subject struct {
	ParkID     models.ID
	Class      string
	FacilityID *models.ID
	OutletID   *models.ID
	First      code.Day
	Last       code.Day
}

// Screen puts every standing filing that the caller may see through the screen,
// as at filing, beside the neighbours that it has now. It writes nothing. tick is
// told how many entries are done; nil for nobody.
func (s *Service) Screen(ctx context.Context, tick func(int64)) (ScreenReport, error) {
	rules := screen.Embedded()
	report := ScreenReport{Version: rules.Version, Rules: make([]RuleReport, len(rules.All))}
	at := map[string]*RuleReport{}
	for i, r := range rules.All {
		report.Rules[i] = RuleReport{Rule: r.ID, TitleZh: r.TitleZh, TitleEn: r.TitleEn, BasisZh: r.BasisZh, BasisEn: r.BasisEn, WhyZh: r.WhyZh, WhyEn: r.WhyEn, Examples: []string{}}
		at[r.ID] = &report.Rules[i]
	}
	subjects, err := s.subjects(ctx)
	if err != nil {
		return report, err
	}
	for _, about := range subjects {
		if err := s.screenAll(ctx, about, &report, at); err != nil {
			return report, err
		}
		if tick != nil {
			tick(report.Entries)
		}
	}
	for i, r := range report.Rules {
		if r.Looked > 0 {
			report.Rules[i].Percent = code.Decimal((r.Hits*20_000/r.Looked + 1) / 2 * (code.QuantityScale / 100))
		}
	}
	return report, nil
}

// subjects are the objects about which entries stand that a rule looks at.
func (s *Service) subjects(ctx context.Context) ([]subject, error) {
	var all, one []subject
	for _, class := range s.classes.Classes() {
		if !screen.Embedded().Covers(class.Code) {
			continue
		}
		object := "facility_id, NULL AS outlet_id"
		by := "facility_id"
		if class.Facility == None {
			object, by = "NULL AS facility_id, outlet_id", "outlet_id"
		}
		err := s.db.Visible(ctx, policies.LedgerRead, &Entry{}).Where("class = ? AND filings > 0 AND "+by+" IS NOT NULL", class.Code).
			Select("park_id, class, " + object + ", MIN(day) AS first, MAX(day) AS last").Group("park_id, class, " + by).Order("park_id, " + by).Scan(&one).Error
		if err != nil {
			return nil, err
		}
		all, one = append(all, one...), nil
	}
	return all, nil
}

// screenAll puts the entries of one class about one object through the screen.
func (s *Service) screenAll(ctx context.Context, about subject, report *ScreenReport, at map[string]*RuleReport) error {
	near := newNeighbours(s.classes, func(perm policies.Permission, model models.Scoped) *gorm.DB { return s.db.Visible(ctx, perm, model) })
	near.ahead = days(about.Last, about.Last.Sub(about.First)+screen.Days)
	near.most *= len(near.ahead)
	e := Entry{Placed: models.Placed{ParkID: about.ParkID}, Class: about.Class, FacilityID: about.FacilityID, OutletID: about.OutletID}
	if err := near.want(near.ahead, topicOf(e)); err != nil {
		return err
	}
	rows := near.on(topicOf(e), e, about.First, about.Last)
	var o object
	if about.FacilityID != nil {
		o.facility = new(registry.Facility)
		if err := models.One(s.db.Visible(ctx, policies.FacilityRead, o.facility).Where("id = ?", *about.FacilityID), o.facility); err != nil {
			return err
		}
	}
	outlets, register := map[string]*registry.Outlet{}, newJudge(ctx, s.db)
	for _, r := range rows {
		report.Entries++
		if r.Outlet != "" && outlets[r.Outlet] == nil {
			var row registry.Outlet
			if err := models.One(s.db.Visible(ctx, policies.FacilityRead, &row).Where("id = ?", r.Outlet), &row); err != nil {
				return err
			}
			outlets[string(row.ID)] = &row
		}
		o.outlet = outlets[r.Outlet]
		e.ID, e.Day = models.ID(r.ID), r.Day
		limits := func() (map[string]int64, error) { return register.maximums(r.Day, o, r) }
		hits, err := near.judge(about.Class, r, e, o, limits, func(rule string) { at[rule].Looked++ })
		if err != nil {
			return err
		}
		spoken := map[string]bool{}
		for _, h := range hits {
			if rule := at[h.Rule]; !spoken[h.Rule] {
				spoken[h.Rule] = true
				rule.Hits++
				if len(rule.Examples) < examples {
					rule.Examples = append(rule.Examples, r.Number)
				}
			}
		}
	}
	return nil
}
