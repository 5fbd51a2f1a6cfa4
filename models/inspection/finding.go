package inspection

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// State is where a finding stands. Overdue is computed, never a state.
type State string

const (
	Open      State = "open"      // 发现
	Notified  State = "notified"  // 已发整改通知
	Submitted State = "submitted" // 已提交整改
	Returned  State = "returned"  // 复查不通过
	Closed    State = "closed"    // 销号
	Referred  State = "referred"  // 移交执法
	Withdrawn State = "withdrawn" // 撤销
)

// States are all, in the order of a finding's life.
func States() []State {
	return []State{Open, Notified, Submitted, Returned, Closed, Referred, Withdrawn}
}

// Name is the state in words.
func (s State) Name() fault.Text {
	switch s {
	case Open:
		return fault.T("已发现，未发通知")
	case Notified:
		return fault.T("已发整改通知")
	case Submitted:
		return fault.T("已提交整改，待复查")
	case Returned:
		return fault.T("复查不通过")
	case Closed:
		return fault.T("已销号")
	case Referred:
		return fault.T("已移交执法")
	default:
		return fault.T("已撤销")
	}
}

// Recipient is who has to put a finding right.
type Recipient string

const (
	ToEnterprise Recipient = "enterprise" // the firm itself
	ToPark       Recipient = "park"       // the park: its own objects, or on behalf of a firm without an account
)

// Finding is the mutable head of a finding (问题). What was found never changes;
// the moves stand in its steps.
type Finding struct {
	models.Versioned
	models.Placed     `gorm:"embedded"`
	Number            string     // FD-2026-000123
	FacilityID        *models.ID // nil when it is about no facility
	PatrolID          *models.ID // nil when found outside a patrol
	Dimension         int        // 1 to 6
	Type              string     // id of a FindingType, "" when none fits
	Description       string
	Place             string // where, in words
	Severity          Severity
	State             State
	Recipient         Recipient             // "" before the notice
	NotifiedOn        *code.Day             // day of the notice
	NotifiedOrg       policies.Organisation // that issued the notice
	DueOn             *code.Day             // last day for the rectification; before the notice the finder's proposal or nil
	FirstDueOn        *code.Day             // DueOn as the notice had it
	Extended          bool
	Returns           int // rectifications sent back
	OpenedBy          models.ID
	OpenedOrg         policies.Organisation
	OpenedOn          code.Day
	SubmittedBy       *models.ID
	SubmittedOrg      policies.Organisation
	SubmittedOn       *code.Day
	AcknowledgedAt    *time.Time
	ReferralRequested bool
	ClosedOn          *code.Day
	Demo              bool
}

// TableName implements gorm's Tabler.
func (Finding) TableName() string { return "findings" }

// Scope implements models.Scoped.
func (Finding) Scope() models.Scope { return models.ParkRows("findings", "finding", "patrol") }

// Overdue reports whether the recipient is late on day.
func (f Finding) Overdue(day code.Day) bool {
	return (f.State == Notified || f.State == Returned) && f.DueOn != nil && *f.DueOn < day
}

// ReviewDueOn is the day by which a rectification is to be reviewed: five working
// days after it came (this project's own figure); nil when none waits, and nil with
// the reason where the working days of a year are not announced yet.
func (f Finding) ReviewDueOn() (due *code.Day, why fault.Text) {
	if f.State != Submitted || f.SubmittedOn == nil {
		return nil, fault.Text{}
	}
	day, err := code.AddWorkdays(*f.SubmittedOn, 5)
	if err == nil {
		return &day, fault.Text{}
	}
	unknown := f.SubmittedOn.Add(1)
	for _, err = code.IsWorkday(unknown); err == nil; _, err = code.IsWorkday(unknown) {
		unknown = unknown.Add(1)
	}
	return nil, fault.T("{{.Year}} 年的放假调休安排还没有录入，推算不出复查期限", "Year", string(unknown)[:4])
}

// recipientOrg is the body that has to act, "" before the notice.
func (f Finding) recipientOrg() policies.Organisation {
	switch f.Recipient {
	case ToEnterprise:
		return policies.Firm(string(models.Deref(f.EnterpriseID)))
	case ToPark:
		return policies.ParkBody(string(f.ParkID))
	default:
		return ""
	}
}

// FindingInput is a finding as people enter it.
type FindingInput struct {
	ParkID       string   `json:"parkId" format:"uuid" doc:"园区"`
	EnterpriseID string   `json:"enterpriseId,omitempty" format:"uuid" doc:"企业；园区自有对象的问题为空"`
	SiteID       string   `json:"siteId,omitempty" format:"uuid" doc:"企业场所，可由企业和园区推出"`
	FacilityID   string   `json:"facilityId,omitempty" format:"uuid" doc:"设施"`
	PatrolID     string   `json:"patrolId,omitempty" format:"uuid" doc:"发现问题的巡查"`
	Dimension    int      `json:"dimension" minimum:"1" maximum:"6" doc:"六个维度之一，1–6"`
	Type         string   `json:"type,omitempty" doc:"问题类型，见 /finding-types"`
	Description  string   `json:"description" doc:"问题描述"`
	Severity     Severity `json:"severity" enum:"immediate,minor,major,works,violation" doc:"立行立改、一般、较大、需工程措施、涉嫌违法"`
	Place        string   `json:"place,omitempty" doc:"地点"`
	DueOn        string   `json:"dueOn,omitempty" format:"date" doc:"建议的整改期限；不填则发通知时按严重程度推算"`
	OpenedOn     string   `json:"openedOn,omitempty" format:"date" doc:"发现日期，默认今天"`
}

// Parse checks everything before it answers.
func (in FindingInput) Parse() (Finding, error) {
	var c fault.Check
	f := Finding{Dimension: in.Dimension, Severity: in.Severity, Type: in.Type, State: Open}
	f.ParkID = fault.Must(&c, "/parkId", in.ParkID, models.ParseID)
	f.EnterpriseID = models.Ref(fault.Parse(&c, "/enterpriseId", in.EnterpriseID, models.ParseID))
	f.SiteID = models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID))
	f.FacilityID = models.Ref(fault.Parse(&c, "/facilityId", in.FacilityID, models.ParseID))
	f.PatrolID = models.Ref(fault.Parse(&c, "/patrolId", in.PatrolID, models.ParseID))
	f.Description = fault.Must(&c, "/description", in.Description, code.ParseLongText(2000))
	f.Place = fault.Parse(&c, "/place", in.Place, code.ParseText(200))
	f.DueOn = optionalDay(&c, "/dueOn", in.DueOn)
	f.OpenedOn = fault.Parse(&c, "/openedOn", in.OpenedOn, code.ParseDay)
	if in.Dimension < 1 || in.Dimension > 6 {
		c.Fail("/dimension", "range", "维度是 1 至 6 的整数")
	}
	if c.Required("/severity", string(in.Severity)) {
		oneOf(&c, "/severity", in.Severity, Severities())
	}
	if _, ok := typeOf(in.Type); in.Type != "" && !ok {
		c.Cite("/type", "unknown", "", in.Type, "问题类型应当取自 /finding-types")
	}
	if f.DueOn != nil && f.OpenedOn != "" && *f.DueOn < f.OpenedOn {
		c.Fail("/dueOn", "order", "整改期限不能早于发现日期")
	}
	return f, c.Err()
}

// Advance is one move of a finding: the head after it, the step that records it,
// and how the park's counts change. Nothing is stored yet.
type Advance struct {
	Before   State
	After    Finding
	Step     Step
	Action   policies.Permission
	About    code.Day
	Counts   map[string]int
	Warnings []fault.Violation
	Proof    []string // digests of the files that were handed in
	was      Finding  // before the move; the zero one before the opening
}

// Event is the move as the log records it; texts of people stay out of the leaf.
func (a Advance) Event() audit.Event {
	e := audit.Event{Action: a.Action, Kind: "finding", ID: a.After.ID, Place: a.After.Placed, About: a.About, Counts: a.counts(), Reason: a.Step.Reason,
		Facts: map[string]any{"move": string(a.Step.Kind), "state": string(a.After.State), "version": a.After.Version, "sha256": a.Step.digest()},
		Wrote: []audit.Wrote{{Object: a.After.ID, Head: a.After, Rows: []any{a.Step}}}, Change: a.Step.ChangeID,
		After: map[string]any{"number": a.After.Number, "state": a.After.State, "recipient": a.After.Recipient, "dueOn": a.After.DueOn, "step": a.Step.Kind}}
	if len(a.Proof) > 0 {
		e.Facts["attachments"] = a.Proof
	}
	if a.Before != "" {
		e.Before = map[string]any{"state": a.Before}
	}
	return e
}

// OpenFinding is the first step of a finding: parsed and placed, logged by by at now.
func OpenFinding(f Finding, in FindingInput, id models.ID, number string, by By, now time.Time) (Advance, error) {
	today := code.DayOf(now)
	if f.OpenedOn == "" {
		f.OpenedOn = today
	}
	var c fault.Check
	if f.OpenedOn > today {
		c.Fail("/openedOn", "future", "发现日期不能晚于今天")
	}
	if f.DueOn != nil && *f.DueOn < f.OpenedOn {
		c.Fail("/dueOn", "order", "整改期限不能早于发现日期")
	}
	noOrders(&c, "/description", f.Description, by)
	noOrders(&c, "/place", f.Place, by)
	if err := c.Err(); err != nil {
		return Advance{}, err
	}
	f.Versioned = models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}
	f.Number, f.State, f.OpenedBy, f.OpenedOrg = number, Open, by.User, by.Org
	a := Advance{After: f, Action: policies.FindingCreate, About: f.OpenedOn,
		Counts: map[string]int{MeasureOpened: 1, MeasureOpen: 1, MeasureOpenIn(f.Dimension): 1}}
	a.Step = newStep(f.ID, StepOpening, by, now, in)
	a.Step.DueOn = f.DueOn
	if t, ok := typeOf(f.Type); ok && t.Severity != f.Severity {
		a.warn("/severity", "unusual", "这一类问题的严重程度通常是“{{.Usual}}”", "Usual", t.Severity.Name())
	}
	a.warnDayOff("/dueOn", f.DueOn)
	return a, nil
}

func (a *Advance) warn(pointer, code, key string, args ...any) {
	a.Warnings = append(a.Warnings, fault.Violation{Pointer: pointer, Code: code, Detail: fault.T(key, args...)})
}

// warnDayOff advises against a last day on which nobody works.
func (a *Advance) warnDayOff(pointer string, day *code.Day) {
	if day == nil {
		return
	}
	if work, err := code.IsWorkday(*day); err == nil && !work {
		a.warn(pointer, "dayOff", "整改期限落在休息日")
	}
}

// Outcome is a finding after a write, with advice that did not stop it.
type Outcome struct {
	Finding  Finding
	Warnings []fault.Violation
}

// Log logs a finding (发现). With an id that is already there the same content
// gives the same answer, and other content is a Conflict.
func (s *Service) Log(ctx context.Context, id models.ID, in FindingInput) (Outcome, error) {
	var out Outcome
	if err := policies.Require(ctx, policies.FindingCreate); err != nil {
		return out, err
	}
	f, err := in.Parse()
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if id != "" {
			if found, err := repeated(tx, id, in, &out); found || err != nil {
				return err
			}
		}
		own := id
		if own == "" {
			own = models.NewID()
		}
		a, err := judged(tx, f, in, own)
		if err != nil {
			return err
		}
		if err := tx.Covers(policies.FindingCreate, a.After.Owner()); err != nil {
			return err
		}
		if a.After.Number, err = tx.Number(models.FindingNumber); err != nil {
			return err
		}
		// DO NOTHING, since on PostgreSQL a refused insert would spoil the transaction.
		res := tx.Visible(policies.FindingCreate, &Finding{}).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoNothing: true}).Create(&a.After)
		if res.Error != nil {
			return res.Error
		}
		if res.RowsAffected == 0 {
			if found, err := repeated(tx, own, in, &out); found || err != nil {
				return err
			}
			return taken()
		}
		out = Outcome{a.After, a.Warnings}
		if err := record(tx, a); err != nil || a.After.PatrolID == nil {
			return err
		}
		return completeBy(tx, a.After)
	})
	return out, err
}

func taken() error {
	return fault.New(fault.Conflict, "这个编号已经用于另一条记录，换一个编号再提交")
}

// repeated answers a second sending of the same finding.
func repeated(tx *models.Tx, id models.ID, in FindingInput, out *Outcome) (bool, error) {
	var f Finding
	err := models.One(tx.Visible(policies.FindingCreate, &f).Where("id = ?", id), &f)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var first Step
	if err := models.One(tx.Visible(policies.FindingCreate, &Step{}).Where("finding_id = ? AND kind = ?", id, StepOpening), &first); err != nil {
		return false, err
	}
	body, err := json.Marshal(in)
	if err != nil {
		return false, err
	}
	if first.Body != string(body) {
		return false, taken()
	}
	*out = Outcome{Finding: f}
	return true, nil
}

// record writes the change, the audit record and the step of a move.
func record(tx *models.Tx, a Advance) error {
	if _, err := audit.Log(tx, a.Event()); err != nil {
		return err
	}
	return tx.Append(&a.Step)
}

// farDay stands for "no day" in the order by due day; the index says the same.
const dueColumn, farDay = "COALESCE(findings.due_on, '9999-12-31')", "9999-12-31"

func dueKey(f Finding) any {
	if f.DueOn == nil {
		return farDay
	}
	return string(*f.DueOn)
}

var findingOrders = map[string]models.Order[Finding]{
	"-openedOn": {Column: "findings.opened_on", Desc: true, On: models.OnDay, Key: func(f Finding) any { return string(f.OpenedOn) }},
	"openedOn":  {Column: "findings.opened_on", Key: func(f Finding) any { return string(f.OpenedOn) }},
	"dueOn":     {Column: dueColumn, Key: dueKey},
}

// FindingFilter narrows the list of findings; From and To are days of opening, inclusive.
type FindingFilter struct {
	ParkID, EnterpriseID, FacilityID, PatrolID string
	Number                                     string // the one of that number
	State                                      State
	Severity                                   Severity
	Dimension                                  int
	Overdue                                    bool // only those whose recipient is late today
	Live                                       bool // only those that were not withdrawn
	From, To                                   code.Day
	Counted                                    audit.Counted
}

// Findings lists the findings that the caller may see.
func (s *Service) Findings(ctx context.Context, f FindingFilter, q models.Query) (models.Page[Finding], error) {
	return ofNumber(ctx, s.db, f.Counted, countedFindings, func(ctx context.Context, narrow func(*gorm.DB) *gorm.DB) (models.Page[Finding], error) {
		return s.findings(ctx, f, q, narrow)
	})
}

func (s *Service) findings(ctx context.Context, f FindingFilter, q models.Query, narrow func(*gorm.DB) *gorm.DB) (models.Page[Finding], error) {
	rows := narrow(f.Counted.Of(s.db.Visible(ctx, policies.FindingRead, &Finding{}), "findings.park_id"))
	rows = equal(equal(rows, "findings.park_id", f.ParkID), "findings.enterprise_id", f.EnterpriseID)
	rows = equal(equal(rows, "findings.facility_id", f.FacilityID), "findings.patrol_id", f.PatrolID)
	rows = equal(equal(rows, "findings.state", string(f.State)), "findings.severity", string(f.Severity))
	rows = equal(rows, "findings.number", f.Number)
	if f.Dimension != 0 {
		rows = rows.Where("findings.dimension = ?", f.Dimension)
	}
	if f.From != "" {
		rows = rows.Where("findings.opened_on >= ?", f.From)
	}
	if f.To != "" {
		rows = rows.Where("findings.opened_on <= ?", f.To)
	}
	if f.Live {
		rows = rows.Where("findings.state <> ?", Withdrawn)
	}
	if f.Overdue {
		rows = rows.Where("findings.state IN ? AND findings.due_on < ?", []State{Notified, Returned}, s.db.Today())
	}
	return models.List(s.db, rows, q, findingOrders, "-openedOn", func(x Finding) models.ID { return x.ID })
}

// Finding reads one finding.
func (s *Service) Finding(ctx context.Context, id models.ID) (Finding, error) {
	var f Finding
	return f, models.One(s.db.Visible(ctx, policies.FindingRead, &f).Where("id = ?", id), &f)
}
