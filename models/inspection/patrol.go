package inspection

import (
	"context"
	"reflect"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Nature tells a park's own walk from an administrative act.
type Nature string

const (
	NaturePatrol     Nature = "patrol"     // 巡查: a duty of the park, or a visit by fewer than two officers
	NatureInspection Nature = "inspection" // 现场检查: two officers with papers at least (行政处罚法 art. 42)
)

// PatrolKinds are the occasions of a patrol.
func PatrolKinds() []string {
	return []string{"daily", "special", "afterRain", "night", "recheck", "random"}
}

// Patrol is the head of a patrol (巡查). What happened stands in its events, and
// its state is computed from them.
type Patrol struct {
	models.Versioned
	models.Placed `gorm:"embedded"`
	Number        string // PT-2026-000123
	Nature        Nature
	Kind          string
	PlannedOn     *code.Day
	StartedAt     *time.Time // as claimed when it was logged; a start event says it too
	Officers      models.JSON[[]Officer]
	Weather       string
	Checklist     string // version that answers refer to
	CreatedBy     models.ID
	CreatedOrg    policies.Organisation
	Demo          bool
}

// TableName implements gorm's Tabler.
func (Patrol) TableName() string { return "patrols" }

// Scope implements models.Scoped.
func (Patrol) Scope() models.Scope { return models.ParkRows("patrols", "patrol") }

// Uncommitted implements audit.Uncommitted.
func (Patrol) Uncommitted() map[string]string {
	return map[string]string{"officers": "names and papers of people, which can be erased"}
}

// Day is the civil day that the patrol counts for once it is completed: on which it
// began as claimed when it was logged, which a phone without a network says days later;
// else for which it was planned, else on which it was logged.
func (p Patrol) Day() code.Day {
	switch {
	case p.StartedAt != nil:
		return code.DayOf(*p.StartedAt)
	case p.PlannedOn != nil:
		return *p.PlannedOn
	}
	return code.DayOf(p.CreatedAt)
}

// PatrolInput is a patrol as people enter it.
type PatrolInput struct {
	ParkID       string    `json:"parkId" format:"uuid" doc:"园区"`
	EnterpriseID string    `json:"enterpriseId,omitempty" format:"uuid" doc:"只查一家企业时填写"`
	SiteID       string    `json:"siteId,omitempty" format:"uuid" doc:"企业场所"`
	Nature       Nature    `json:"nature,omitempty" enum:"patrol,inspection" doc:"巡查（默认）；现场检查由两名以上执法人员进行"`
	Kind         string    `json:"kind" enum:"daily,special,afterRain,night,recheck,random" doc:"日常、专项、雨后、夜间、复查、随机"`
	PlannedOn    string    `json:"plannedOn,omitempty" format:"date" doc:"计划日期"`
	StartedAt    string    `json:"startedAt,omitempty" format:"date-time" doc:"开始时间（设备）"`
	Officers     []Officer `json:"officers,omitempty" maxItems:"20" doc:"人员"`
	Weather      string    `json:"weather,omitempty" doc:"天气"`
	Checklist    string    `json:"checklist,omitempty" doc:"检查单版本，默认最新"`
}

// Parse checks everything before it answers.
func (in PatrolInput) Parse() (Patrol, error) {
	var c fault.Check
	p := Patrol{Nature: in.Nature, Kind: in.Kind,
		PlannedOn: optionalDay(&c, "/plannedOn", in.PlannedOn),
		Weather:   fault.Parse(&c, "/weather", in.Weather, code.ParseText(100))}
	p.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	p.EnterpriseID = models.Ref(fault.Parse(&c, "/enterpriseId", in.EnterpriseID, models.ParseID))
	p.SiteID = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	if at := fault.Parse(&c, "/startedAt", in.StartedAt, code.ParseInstant); !at.IsZero() {
		p.StartedAt = &at
	}
	if p.Nature == "" {
		p.Nature = NaturePatrol
	}
	oneOf(&c, "/nature", p.Nature, []Nature{NaturePatrol, NatureInspection})
	if c.Required("/kind", in.Kind) {
		oneOf(&c, "/kind", in.Kind, PatrolKinds())
	}
	list, ok := checklistOf(in.Checklist)
	if !ok {
		c.Cite("/checklist", "unknown", "", in.Checklist, "检查单版本应当取自 /patrol-checklists")
	}
	p.Checklist = list.Version
	p.Officers.V = parseOfficers(&c, in.Officers, p.Nature)
	return p, c.Err()
}

// planDays is how far from today a patrol may be planned or filled in.
const planDays = 366

// timely holds the days of a patrol to the day on which it is logged.
func (p Patrol) timely(today code.Day) error {
	var c fault.Check
	if p.PlannedOn != nil && (p.PlannedOn.Sub(today) > planDays || today.Sub(*p.PlannedOn) > planDays) {
		c.Fail("/plannedOn", "range", "计划日期应当在今天前后一年以内，核对年份")
	}
	if p.StartedAt != nil && code.DayOf(*p.StartedAt) > today {
		c.Fail("/startedAt", "future", "开始时间不能晚于今天，核对设备的时间")
	}
	if p.StartedAt != nil && today.Sub(code.DayOf(*p.StartedAt)) > planDays {
		c.Fail("/startedAt", "range", "开始时间应当在最近一年以内，核对年份")
	}
	return c.Err()
}

// same reports whether both say the same: what a second sending is compared by.
func (p Patrol) same(q Patrol) bool {
	return p.ParkID == q.ParkID && p.Nature == q.Nature && p.Kind == q.Kind && models.Deref(p.PlannedOn) == models.Deref(q.PlannedOn) &&
		moment(p.StartedAt).Equal(moment(q.StartedAt)) && p.Weather == q.Weather && p.Checklist == q.Checklist && reflect.DeepEqual(p.Officers.V, q.Officers.V) &&
		sameObject(p.Placed, q.Placed)
}

// sameObject compares what a patrol is about: a firm may be named by itself, by its
// site, or not at all.
func sameObject(there, asked models.Placed) bool {
	if asked.EnterpriseID == nil && asked.SiteID == nil {
		return there.SiteID == nil
	}
	return (asked.EnterpriseID == nil || models.Deref(there.EnterpriseID) == *asked.EnterpriseID) &&
		(asked.SiteID == nil || models.Deref(there.SiteID) == *asked.SiteID)
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// OpenPatrol is a new patrol, parsed and placed, made by by at now.
func OpenPatrol(p Patrol, id models.ID, number string, by By, now time.Time) Patrol {
	p.Versioned = models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}
	p.Number, p.CreatedBy, p.CreatedOrg = number, by.User, by.Org
	return p
}

// Event is the creation as the log records it: how many officers, never who.
func (p Patrol) Event() audit.Event {
	said := map[string]any{"number": p.Number, "nature": p.Nature, "kind": p.Kind, "checklist": p.Checklist, "officers": len(p.Officers.V)}
	return audit.Event{Action: p.permission(), Kind: "patrol", ID: p.ID, Place: p.Placed, About: p.Day(), Facts: said, After: said,
		Wrote: []audit.Wrote{{Object: p.ID, Head: p}}}
}

// measure is what the patrol counts as once it is completed.
func (p Patrol) measure() string {
	if p.Nature == NatureInspection {
		return MeasureInspections
	}
	return MeasurePatrols
}

func (p Patrol) permission() policies.Permission {
	if p.Nature == NatureInspection {
		return policies.PatrolInspect
	}
	return policies.PatrolCreate
}

// LogPatrol creates a patrol. With an id that is already there the same content
// gives the same answer, and other content is a Conflict. An inspection asks for
// patrol.inspect, which no park holds.
func (s *Service) LogPatrol(ctx context.Context, id models.ID, in PatrolInput) (Patrol, error) {
	if err := policies.Require(ctx, policies.PatrolCreate); err != nil {
		return Patrol{}, err
	}
	if in.Nature == NatureInspection {
		if err := policies.Require(ctx, policies.PatrolInspect); err != nil {
			return Patrol{}, err
		}
	}
	asked, err := in.Parse()
	if err != nil {
		return asked, err
	}
	perm := asked.permission()
	var p Patrol
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		p = asked
		if id != "" {
			if found, err := repeatedPatrol(tx, perm, id, &p); found || err != nil {
				return err
			}
		}
		if err := p.timely(tx.Today()); err != nil {
			return err
		}
		at, err := spot(tx, p.ParkID, p.EnterpriseID, p.SiteID, nil)
		if err != nil {
			return err
		}
		p.Placed = at.Placed
		by, err := actingOne(tx.Context(), perm, p.Owner())
		if err != nil {
			return err
		}
		if err := s.mayInspect(tx, p); err != nil {
			return err
		}
		number, err := tx.Number(models.PatrolNumber)
		if err != nil {
			return err
		}
		own := id
		if own == "" {
			own = models.NewID()
		}
		p = OpenPatrol(p, own, number, by, tx.Now())
		if err := tx.Covers(perm, p.Owner()); err != nil {
			return err
		}
		res := tx.Visible(perm, &Patrol{}).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoNothing: true}).Create(&p)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			p = asked
			if found, err := repeatedPatrol(tx, perm, own, &p); found || err != nil {
				return err
			}
			return taken()
		}
		_, err = audit.Log(tx, p.Event())
		return err
	})
	return p, err
}

// repeatedPatrol puts the stored patrol into p when it says what p says.
func repeatedPatrol(tx *models.Tx, perm policies.Permission, id models.ID, p *Patrol) (bool, error) {
	var there Patrol
	err := models.One(tx.Visible(perm, &there).Where("id = ?", id), &there)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !there.same(*p) {
		return false, taken()
	}
	*p = there
	return true, nil
}

var patrolOrders = map[string]models.Order[Patrol]{
	"-createdAt": {Column: "patrols.created_at", Desc: true, On: models.OnInstant, Key: func(p Patrol) any { return p.CreatedAt }},
	"createdAt":  {Column: "patrols.created_at", Key: func(p Patrol) any { return p.CreatedAt }},
}

// PatrolFilter narrows the list of patrols; From and To are days of creation, inclusive.
type PatrolFilter struct {
	ParkID, EnterpriseID string
	Number               string // the one of that number
	Nature               Nature
	From, To             code.Day
	Counted              audit.Counted
}

// Patrols lists the patrols that the caller may see.
func (s *Service) Patrols(ctx context.Context, f PatrolFilter, q models.Query) (models.Page[Patrol], error) {
	return ofNumber(ctx, s.db, f.Counted, countedPatrols, func(ctx context.Context, narrow func(*gorm.DB) *gorm.DB) (models.Page[Patrol], error) {
		return s.patrols(ctx, f, q, narrow)
	})
}

func (s *Service) patrols(ctx context.Context, f PatrolFilter, q models.Query, narrow func(*gorm.DB) *gorm.DB) (models.Page[Patrol], error) {
	rows := narrow(f.Counted.Of(s.db.Visible(ctx, policies.PatrolRead, &Patrol{}), "patrols.park_id"))
	rows = equal(equal(equal(rows, "patrols.park_id", f.ParkID), "patrols.enterprise_id", f.EnterpriseID), "patrols.nature", string(f.Nature))
	rows = equal(rows, "patrols.number", f.Number)
	if f.From != "" {
		rows = rows.Where("patrols.created_at >= ?", f.From.Start().UTC())
	}
	if f.To != "" {
		rows = rows.Where("patrols.created_at < ?", f.To.End().UTC())
	}
	return models.List(s.db, rows, q, patrolOrders, "-createdAt", func(p Patrol) models.ID { return p.ID })
}

// Patrol reads one patrol.
func (s *Service) Patrol(ctx context.Context, id models.ID) (Patrol, error) {
	var p Patrol
	return p, models.One(s.db.Visible(ctx, policies.PatrolRead, &p).Where("id = ?", id), &p)
}
