package inspection

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Draw is a random selection of units and officers (双随机): its lists are published
// first, frozen and hashed; the seed comes after them, once. What was drawn stands in
// its tasks.
type Draw struct {
	models.Versioned
	Number       string     // DR-2026-000001
	Jurisdiction *string    // nil for a draw of the city
	ParkID       *models.ID // only the units of this park
	Quarter      string     // 2026-Q4
	Lists        models.JSON[Lists]
	Digest       []byte // SHA-256 of Lists
	CreatedBy    models.ID
	CreatedOrg   policies.Organisation
	Seed         string // "" until drawn
	SeedSource   string // entered, random; "" until drawn
	DrawnAt      *time.Time
	DrawnBy      *models.ID
}

// TableName implements gorm's Tabler.
func (Draw) TableName() string { return "draws" }

// Scope implements models.Scoped.
func (Draw) Scope() models.Scope { return models.AreaRows("draws", "draw") }

func (d Draw) place() models.Placed {
	return models.Placed{ParkID: models.Deref(d.ParkID), Jurisdiction: d.Jurisdiction}
}

// Owner implements models.Owned.
func (d Draw) Owner() policies.Row { return d.place().Owner() }

// Task is one drawn unit with the two officers who inspect it. Inserted only; whether it
// is done is seen from their inspections.
type Task struct {
	DrawID        models.ID `gorm:"primaryKey"`
	SiteID        models.ID `gorm:"primaryKey"`
	ParkID        models.ID
	EnterpriseID  models.ID
	Place         int // 1 was drawn first
	FirstOfficer  models.ID
	SecondOfficer models.ID
	ChangeID      models.ID
}

// TableName implements gorm's Tabler.
func (Task) TableName() string { return "draw_tasks" }

// Scope implements models.Scoped: seen exactly when the draw is.
func (Task) Scope() models.Scope { return models.ChildRows("draw_tasks", "draw_id", Draw{}) }

// Why somebody keeps away without being asked.
const (
	ReasonAccount = "account" // acts for the firm as well
	ReasonPark    = "park"    // holds a role of the park where the firm stands
)

// DrawInput publishes the lists of a draw.
type DrawInput struct {
	Jurisdiction string    `json:"jurisdiction,omitempty" doc:"属地；市局不填为全市"`
	ParkID       string    `json:"parkId,omitempty" format:"uuid" doc:"只在一个园区内抽取"`
	Units        string    `json:"units,omitempty" enum:"key,ordinary" doc:"key 重点管理单位（默认），ordinary 其他单位"`
	Count        int       `json:"count" minimum:"1" maximum:"500" doc:"抽取的单位数"`
	Recusals     []Recusal `json:"recusals,omitempty" maxItems:"200" doc:"回避：人员不检查的企业；兼任企业账号或者所在园区职务的自动回避"`
}

// Parse checks everything that needs no register.
func (in DrawInput) Parse() (DrawInput, error) {
	var c fault.Check
	fault.Parse(&c, "/jurisdiction", in.Jurisdiction, code.ParseJurisdiction)
	fault.Parse(&c, "/parkId", in.ParkID, models.ParseID)
	if in.Units == "" {
		in.Units = "key"
	}
	oneOf(&c, "/units", in.Units, []string{"key", "ordinary"})
	if in.Count < 1 || in.Count > 500 {
		c.Fail("/count", "range", "抽取的单位数是 1 至 500")
	}
	if len(in.Recusals) > 200 {
		c.Fail("/recusals", "maxItems", "不能超过 {{.Max}} 项", "Max", 200)
	}
	for i, r := range in.Recusals {
		at := "/recusals/" + strconv.Itoa(i)
		fault.Must(&c, at+"/officerId", string(r.OfficerID), models.ParseID)
		fault.Must(&c, at+"/enterpriseId", string(r.EnterpriseID), models.ParseID)
		in.Recusals[i].Reason = fault.Must(&c, at+"/reason", r.Reason, code.ParseReason)
	}
	return in, c.Err()
}

// PublishDraw freezes the lists of a draw: every unit of the kind that stands in the area
// and was not drawn this quarter, every inspector in charge of it, and who keeps away.
func (s *Service) PublishDraw(ctx context.Context, id models.ID, in DrawInput) (Draw, error) {
	if err := policies.Require(ctx, policies.DrawCreate); err != nil {
		return Draw{}, err
	}
	in, err := in.Parse()
	if err != nil {
		return Draw{}, err
	}
	var d Draw
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if id == "" {
			id = models.NewID()
		}
		now := tx.Now()
		d = Draw{Versioned: models.Versioned{ID: id, Version: 1, CreatedAt: now, UpdatedAt: now}, Quarter: QuarterOf(tx.Today()),
			ParkID: models.Ref(models.ID(in.ParkID)), Jurisdiction: models.Ref(in.Jurisdiction)}
		if d.ParkID != nil {
			var park registry.Park
			if err := models.One(tx.Visible(policies.ParkRead, &park).Where("id = ?", *d.ParkID), &park); err != nil {
				return err
			}
			d.Jurisdiction = park.Jurisdiction
		}
		if err := tx.Covers(policies.DrawCreate, d.Owner()); err != nil {
			return err
		}
		by, err := actingOne(tx.Context(), policies.DrawCreate, d.Owner())
		if err != nil {
			return err
		}
		d.CreatedBy, d.CreatedOrg = by.User, by.Org
		if d.Lists.V, err = s.lists(tx, d, in); err != nil {
			return err
		}
		d.Digest = d.Lists.V.Digest()
		if d.Number, err = tx.Number(models.DrawNumber); err != nil {
			return err
		}
		stored, err := tx.CreateNew(policies.DrawCreate, &d)
		if err != nil {
			return err
		}
		if !stored {
			return taken()
		}
		_, err = audit.Log(tx, d.Event(policies.DrawCreate, models.NewID(), nil))
		return err
	})
	return d, err
}

func (s *Service) lists(tx *models.Tx, d Draw, in DrawInput) (Lists, error) {
	l := Lists{Count: in.Count, Units: []Unit{}, Officers: []Drawn{}, Recusals: slices.Clone(in.Recusals)}
	units, err := units(tx.DB(), tx.Context(), d.Jurisdiction, d.ParkID)
	if err != nil {
		return l, err
	}
	drawn, err := s.drawnIn(tx.Context(), d.Quarter, d.Jurisdiction)
	if err != nil {
		return l, err
	}
	for _, u := range units {
		if u.Key == (in.Units == "key") && !drawn[u.SiteID] {
			l.Units = append(l.Units, u)
		}
	}
	inspectors, err := s.accounts.Inspectors(tx.Context(), models.Deref(d.Jurisdiction), tx.Today())
	if err != nil {
		return l, err
	}
	for _, a := range inspectors {
		switch {
		case a.Enterprise != "":
			l.Recusals = append(l.Recusals, Recusal{models.ID(a.User), models.ID(a.Enterprise), ReasonAccount})
		case a.Park != "":
			l.keepFrom(models.ID(a.User), models.ID(a.Park))
		case a.Role == policies.DistrictInspector && (d.Jurisdiction == nil || a.Jurisdiction == *d.Jurisdiction):
			l.Officers = append(l.Officers, Drawn{models.ID(a.User), a.Jurisdiction})
		}
	}
	if l.Recusals == nil {
		l.Recusals = []Recusal{}
	}
	var c fault.Check
	if len(l.Units) < l.Count {
		c.Fail("/count", "tooMany", "名单上只有 {{.Count}} 个单位", "Count", len(l.Units))
	}
	if bare := l.unstaffed(); len(bare) > 0 {
		var firm registry.Enterprise
		if err := models.One(tx.Visible(policies.EnterpriseRead, &firm).Where("id = ?", bare[0].EnterpriseID), &firm); err != nil {
			return l, err
		}
		c.Cite("/recusals", "twoOfficers", "行政处罚法 art. 42", nil, "名单上有 {{.Count}} 个单位去不了两名执法人员，例如 {{.District}} 的 {{.Unit}}，先补充人员或者减少回避",
			"Count", len(bare), "District", code.AreaName(bare[0].Jurisdiction), "Unit", firm.Name)
	}
	return l, c.Err()
}

// units are the firms in parks of an area that stand today.
func units(db *models.DB, ctx context.Context, jurisdiction *string, park *models.ID) ([]Unit, error) {
	rows := db.Visible(ctx, policies.SiteRead, &registry.Site{}).Where("sites.closed_on IS NULL AND sites.jurisdiction IS NOT NULL")
	rows = equal(equal(rows, "sites.jurisdiction", models.Deref(jurisdiction)), "sites.park_id", string(models.Deref(park)))
	var sites []registry.Site
	if err := rows.Order("sites.id").Find(&sites).Error; err != nil {
		return nil, err
	}
	var keys []models.ID
	firms := db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}).Where("permit_class = ?", "key")
	if err := firms.Pluck("id", &keys).Error; err != nil {
		return nil, err
	}
	key := make(map[models.ID]bool, len(keys))
	for _, id := range keys {
		key[id] = true
	}
	all := make([]Unit, len(sites))
	for i, s := range sites {
		firm := models.Deref(s.EnterpriseID)
		all[i] = Unit{s.ID, firm, s.ParkID, models.Deref(s.Jurisdiction), key[firm]}
	}
	return all, nil
}

// drawnIn are the sites that draws of the same level drew in a quarter.
func (s *Service) drawnIn(ctx context.Context, quarter string, jurisdiction *string) (map[models.ID]bool, error) {
	rows := s.db.Visible(ctx, policies.DrawRead, &Task{}).Where("EXISTS (SELECT 1 FROM draws d WHERE d.id = draw_tasks.draw_id AND d.quarter = ? AND COALESCE(d.jurisdiction, '') = ?)",
		quarter, models.Deref(jurisdiction))
	var ids []models.ID
	err := rows.Pluck("draw_tasks.site_id", &ids).Error
	all := make(map[models.ID]bool, len(ids))
	for _, id := range ids {
		all[id] = true
	}
	return all, err
}

// SeedInput is the seed of a draw.
type SeedInput struct {
	Seed string `json:"seed,omitempty" doc:"名单公布以后才产生的公开数值，例如当天的开奖号码，6 至 200 个字；不填由系统随机产生"`
}

var quarterForm = regexp.MustCompile(`^\d{4}-Q[1-4]$`)

// ParseQuarter refuses what is no quarter as QuarterOf writes it.
func ParseQuarter(s string) error {
	if !quarterForm.MatchString(s) {
		return fault.New(fault.Malformed, "季度的写法应当是 2026-Q4")
	}
	return nil
}

// QuarterOf is the quarter of a day: 2026-Q4.
func QuarterOf(d code.Day) string {
	month, _ := strconv.Atoi(string(d)[5:7])
	return string(d)[:4] + "-Q" + strconv.Itoa((month+2)/3)
}

// RunDraw gives a published draw its seed, once, and stores who was drawn.
func (s *Service) RunDraw(ctx context.Context, id models.ID, in SeedInput) (Draw, error) {
	var d Draw
	if err := policies.Require(ctx, policies.DrawRun); err != nil {
		return d, err
	}
	var c fault.Check
	seed := fault.Parse(&c, "/seed", in.Seed, code.ParseText(200))
	if seed != "" && len([]rune(seed)) < 6 {
		c.Fail("/seed", "minLength", "种子至少 6 个字；不填由系统随机产生")
	}
	if err := c.Err(); err != nil {
		return d, err
	}
	source := "entered"
	if seed == "" {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw) // never fails since Go 1.24
		seed, source = hex.EncodeToString(raw), "random"
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		d = Draw{}
		if err := models.One(tx.Visible(policies.DrawRun, &d).Where("id = ?", id), &d); err != nil {
			return err
		}
		if err := tx.Covers(policies.DrawRun, d.Owner()); err != nil { // a district sees the draws of the city that it is part of
			return err
		}
		if err := s.undrawn(tx, d); err != nil {
			return err
		}
		actor, _ := policies.ActorFrom(ctx)
		d = d.Drawn(seed, source, models.ID(actor.User), tx.Now())
		res := tx.Visible(policies.DrawRun, &Draw{}).Where("id = ? AND drawn_at IS NULL", id).Updates(map[string]any{"seed": d.Seed, "seed_source": source,
			"drawn_at": d.DrawnAt, "drawn_by": d.DrawnBy, "version": d.Version, "updated_at": d.UpdatedAt})
		if err := models.Changed(res, fault.New(fault.Conflict, "{{.Number}} 已经抽取，结果不再变动", "Number", d.Number)); err != nil {
			return err
		}
		change := models.NewID()
		tasks := d.Tasks(change)
		if _, err := audit.Log(tx, d.Event(policies.DrawRun, change, tasks)); err != nil {
			return err
		}
		return models.AppendAll(tx, tasks)
	})
	return d, err
}

// drawLatch lets one draw after another take its units.
const drawLatch models.Latch = 0x64726177

// undrawn refuses to draw from lists of which another draw has taken a unit since they
// were published: nobody is drawn twice in a quarter.
func (s *Service) undrawn(tx *models.Tx, d Draw) error {
	if d.DrawnAt != nil {
		return nil // that it was drawn is said further down
	}
	if err := tx.Alone(drawLatch); err != nil {
		return err
	}
	drawn, err := s.drawnIn(tx.Context(), d.Quarter, d.Jurisdiction)
	if err != nil {
		return err
	}
	n := 0
	for _, u := range d.Lists.V.Units {
		if drawn[u.SiteID] {
			n++
		}
	}
	if n > 0 {
		return fault.New(fault.Conflict, "{{.Number}} 公布名单以后，名单上有 {{.Count}} 个单位已经由另一次抽查抽中；重新公布名单再抽取", "Number", d.Number, "Count", n)
	}
	return nil
}

// Drawn is the draw with its seed, given at now.
func (d Draw) Drawn(seed, source string, by models.ID, now time.Time) Draw {
	d.Seed, d.SeedSource, d.DrawnAt, d.DrawnBy = seed, source, &now, models.Ref(by)
	d.Version, d.UpdatedAt = d.Version+1, now
	return d
}

// Tasks are what the draw comes to.
func (d Draw) Tasks(change models.ID) []Task {
	var all []Task
	for _, lot := range d.Lists.V.Draw(d.Seed) {
		all = append(all, Task{DrawID: d.ID, SiteID: lot.Unit.SiteID, ParkID: lot.Unit.ParkID, EnterpriseID: lot.Unit.EnterpriseID, Place: lot.Place,
			FirstOfficer: lot.First, SecondOfficer: lot.Second, ChangeID: change})
	}
	return all
}

// Event is a step of the draw as the log records it: the digest of the lists first, the
// seed with it later.
func (d Draw) Event(perm policies.Permission, change models.ID, tasks []Task) audit.Event {
	facts := map[string]any{"number": d.Number, "quarter": d.Quarter, "lists": hex.EncodeToString(d.Digest), "units": len(d.Lists.V.Units), "officers": len(d.Lists.V.Officers), "count": d.Lists.V.Count}
	if d.Seed != "" {
		facts["seed"], facts["tasks"] = d.Seed, len(tasks)
	}
	return audit.Event{Action: perm, Kind: "draw", ID: d.ID, Place: d.place(), Facts: facts, After: facts, Change: change,
		Wrote: []audit.Wrote{{Object: d.ID, Head: d, Rows: audit.AllOf(nil, tasks)}}}
}

// DrawTask is a task as it stands: done when both officers' inspection of the unit, begun
// after the draw, is completed.
type DrawTask struct {
	Task
	Done     bool
	PatrolID *models.ID
}

// DrawResult is a draw with its tasks, and whether repeating it gives the same.
type DrawResult struct {
	Draw   Draw
	Tasks  []DrawTask
	Agrees bool // lists, seed and tasks agree with one another
}

// DrawOf reads one draw and repeats it.
func (s *Service) DrawOf(ctx context.Context, id models.ID) (DrawResult, error) {
	var r DrawResult
	if err := models.One(s.db.Visible(ctx, policies.DrawRead, &r.Draw).Where("id = ?", id), &r.Draw); err != nil {
		return r, err
	}
	var tasks []Task
	if err := s.db.Visible(ctx, policies.DrawRead, &Task{}).Where("draw_id = ?", id).Order("place").Find(&tasks).Error; err != nil {
		return r, err
	}
	r.Agrees = r.Draw.agrees(tasks)
	var err error
	r.Tasks, err = s.done(ctx, []Draw{r.Draw}, tasks)
	return r, err
}

// agrees repeats the draw.
func (d Draw) agrees(tasks []Task) bool {
	if !slices.Equal(d.Digest, d.Lists.V.Digest()) {
		return false
	}
	if d.DrawnAt == nil {
		return len(tasks) == 0
	}
	again := d.Tasks("")
	sorted := slices.Clone(tasks)
	slices.SortFunc(sorted, func(a, b Task) int { return a.Place - b.Place })
	return slices.EqualFunc(again, sorted, func(a, b Task) bool { b.ChangeID = ""; return a == b })
}

// done finds the inspections that answer tasks.
func (s *Service) done(ctx context.Context, draws []Draw, tasks []Task) ([]DrawTask, error) {
	out := make([]DrawTask, len(tasks))
	if len(tasks) == 0 {
		return out, nil
	}
	at := map[models.ID]time.Time{}
	for _, d := range draws {
		at[d.ID] = moment(d.DrawnAt)
	}
	sites := make([]models.ID, len(tasks))
	for i, t := range tasks {
		sites[i] = t.SiteID
	}
	var patrols []Patrol
	rows := s.db.Visible(ctx, policies.PatrolRead, &Patrol{}).Where("site_id IN ? AND nature = ? AND kind = ?", sites, NatureInspection, "random")
	if err := rows.Order("created_at").Find(&patrols).Error; err != nil {
		return nil, err
	}
	walks, err := s.Walks(ctx, patrols)
	if err != nil {
		return nil, err
	}
	for i, t := range tasks {
		out[i].Task = t
		for _, p := range patrols {
			if models.Deref(p.SiteID) == t.SiteID && !p.CreatedAt.Before(at[t.DrawID]) && !out[i].Done && p.named(t.FirstOfficer) && p.named(t.SecondOfficer) {
				out[i].PatrolID, out[i].Done = models.Ref(p.ID), walks[p.ID].State == Completed
			}
		}
	}
	return out, nil
}

var drawOrders = map[string]models.Order[Draw]{
	"-createdAt": {Column: "draws.created_at", Desc: true, Key: func(d Draw) any { return d.CreatedAt }},
}

// DrawFilter narrows the list of draws; "" does not.
type DrawFilter struct{ Quarter, Number string }

// Draws lists the draws that the caller may see.
func (s *Service) Draws(ctx context.Context, f DrawFilter, q models.Query) (models.Page[Draw], error) {
	rows := equal(equal(s.db.Visible(ctx, policies.DrawRead, &Draw{}), "draws.quarter", f.Quarter), "draws.number", f.Number)
	return models.List(s.db, rows, q, drawOrders, "-createdAt", func(d Draw) models.ID { return d.ID })
}

func drawRows(ctx context.Context, db *models.DB, f *audit.Found) error {
	var draws []Draw
	if err := db.Visible(ctx, policies.DrawRead, &Draw{}).Where(f.Of("id")).Find(&draws).Error; err != nil {
		return err
	}
	var tasks []Task
	if err := db.Visible(ctx, policies.DrawRead, &Task{}).Where(f.Of("draw_id")).Find(&tasks).Error; err != nil {
		return err
	}
	of := map[models.ID][]Task{}
	for _, t := range tasks {
		if err := f.Add(t.DrawID, t.ChangeID, t); err != nil {
			return err
		}
		of[t.DrawID] = append(of[t.DrawID], t)
	}
	for _, d := range draws {
		if !d.agrees(of[d.ID]) {
			f.Wrong(d.ID, "重新抽取的结果与保存的不一致")
		}
	}
	return nil
}
