package exchange

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Corrected is a cell as it was corrected last, with who did it and when.
type Corrected struct {
	Correction // Before is what the file says
	At         time.Time
	ActorID    models.ID
}

// Filter narrows the list of imports; what is empty does not.
type Filter struct{ ParkID, Class, State string }

var orders = map[string]models.Order[Import]{
	"-createdAt": {Column: "imports.created_at", Desc: true, Key: func(i Import) any { return i.CreatedAt }},
}

// List lists the imports that the caller may see, the newest first.
func (s *Service) List(ctx context.Context, f Filter, q models.Query) (models.Page[Import], error) {
	rows := s.seen(ctx)
	for _, by := range [...][2]string{{"imports.park_id", f.ParkID}, {"imports.class", f.Class}} {
		if by[1] != "" {
			rows = rows.Where(by[0]+" = ?", by[1])
		}
	}
	switch State(f.State) {
	case "":
	case Committing:
		rows = rows.Where("imports.state = ? AND imports.asked_at IS NOT NULL", Waiting)
	case Waiting:
		rows = rows.Where("imports.state = ? AND imports.asked_at IS NULL", Waiting)
	default:
		rows = rows.Where("imports.state = ?", f.State)
	}
	return models.List(s.db, rows, q, orders, "-createdAt", func(i Import) models.ID { return i.ID })
}

// Get reads an import with what its last check found.
func (s *Service) Get(ctx context.Context, id models.ID) (Checked, error) {
	i, err := s.head(ctx, id)
	if err != nil {
		return Checked{}, err
	}
	k, err := s.detail(ctx, i)
	return k.Checked, err
}

func (s *Service) head(ctx context.Context, id models.ID) (Import, error) {
	var i Import
	if err := required(ctx); err != nil {
		return i, err
	}
	return i, models.One(s.seen(ctx).Where("imports.id = ?", id), &i)
}

// seen are the imports whose rows the caller may enter, each kind where it may.
func (s *Service) seen(ctx context.Context) *gorm.DB {
	where, args := "1 = 0", []any{}
	may := func(of, class string, value any) {
		if perm := s.enter(class); policies.Require(ctx, perm) == nil {
			where += " OR " + of + " AND imports.id IN (?)"
			args = append(args, value, s.db.Visible(ctx, perm, &Import{}).Select("id"))
		}
	}
	may("imports.class NOT IN ?", "", ListCodes())
	for _, code := range ListCodes() {
		may("imports.class = ?", code, code)
	}
	return s.db.Visible(ctx, policies.ImportCreate, &Import{}).Where(where, args...)
}

// detailed is an import with everything that was corrected in it.
type detailed struct {
	Checked
	steps []Step
}

// maxSteps bounds how often one file is corrected in place.
const maxSteps = 2000

func (s *Service) detail(ctx context.Context, i Import) (detailed, error) {
	k := detailed{Checked: Checked{Import: i}}
	of := func() *Step { return &Step{ImportID: i.ID} }
	rows := s.db.Visible(ctx, s.enters(i), of()).Where("import_id = ?", i.ID)
	if err := rows.Select("id, import_id, number, kind, at, actor_id, cells, change_id").Order("number").Limit(maxSteps).Find(&k.steps).Error; err != nil {
		return k, err
	}
	var last Step
	err := models.One(s.db.Visible(ctx, s.enters(i), of()).Where("import_id = ? AND kind IN ?", i.ID, []string{StepChecked, StepCorrected}).Order("number DESC"), &last)
	if err == nil && last.Report.V != nil {
		k.Report = *last.Report.V
	}
	k.Cells = over(k.steps)
	if n := len(k.steps); n > 1 {
		k.Refused = k.steps[n-1].Kind == StepRefused || k.steps[n-2].Kind == StepRefused && k.steps[n-1].Kind == StepChecked
	}
	return k, err
}

// over are the corrections that count after those steps, by their cells.
func over(steps []Step) []Corrected {
	by := map[string]Corrected{}
	for _, s := range steps {
		for _, c := range s.Cells.V {
			if first, again := by[c.Cell]; again {
				c.Before = first.Before
			}
			by[c.Cell] = Corrected{c, s.At, s.ActorID}
		}
	}
	out := []Corrected{}
	for _, c := range by {
		if !c.Undone {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Corrected) int { return strings.Compare(a.Cell, b.Cell) })
	return out
}

func texts(all []Corrected) map[string]string {
	by := make(map[string]string, len(all))
	for _, c := range all {
		by[c.Cell] = c.After
	}
	return by
}

// text is what stands in a cell of a row that the report lists, or that was corrected
// before; false for another row and for a column that the file has not.
func (k detailed) text(cell string) (string, bool) {
	letter, row := split(cell)
	if !slices.ContainsFunc(k.Report.Columns, func(c Column) bool { return c.Letter == letter }) {
		return "", false
	}
	for _, c := range k.Cells {
		if _, r := split(c.Cell); r == row && c.Cell == cell {
			return c.After, true
		}
	}
	for _, l := range k.Report.Lines {
		text, there := l.Cells[cell]
		if there {
			return text, true
		}
		if l.has(row) {
			return "", true
		}
	}
	return "", slices.ContainsFunc(k.Cells, func(c Corrected) bool { _, r := split(c.Cell); return r == row })
}

// has reports whether a line goes over that row of the file.
func (n Noted) has(row int) bool {
	return slices.Contains(n.Rows(), row)
}

// Rows are the rows of the file that the line stands in.
func (n Noted) Rows() []int {
	rows := []int{n.Row}
	for cell := range n.Cells {
		if _, r := split(cell); r > 0 {
			rows = append(rows, r)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// split takes a cell apart: "B8" is B and 8.
func split(cell string) (letter string, row int) {
	at := strings.IndexAny(cell, "0123456789")
	if at < 0 {
		return cell, 0
	}
	row, _ = strconv.Atoi(cell[at:])
	return cell[:at], row
}

// book opens the file of an import.
func (s *Service) book(ctx context.Context, i Import) (Book, func(), error) {
	file, err := s.files.Open(ctx, i.FileID)
	if err != nil {
		return nil, nil, err
	}
	book, err := s.codec.Open(file, i.Size, i.Name)
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return book, func() { _, _ = book.Close(), file.Close() }, nil
}

// File opens the file of an import with what was found and corrected in it, for who
// marks it.
func (s *Service) File(ctx context.Context, id models.ID) (Checked, *files.Content, error) {
	k, err := s.Get(ctx, id)
	if err != nil {
		return k, nil, err
	}
	file, err := s.files.Open(ctx, k.FileID)
	return k, file, err
}

// step stores what happened with the leaf of it.
func (s *Service) step(tx *models.Tx, perm policies.Permission, i Import, step Step, after map[string]any) error {
	actor, _ := policies.ActorFrom(tx.Context())
	step.ID, step.ImportID, step.Number, step.At, step.ActorID, step.ChangeID = models.NewID(), i.ID, int(i.Version), tx.Now(), models.ID(actor.User), i.ChangeID
	if step.Cells.V == nil {
		step.Cells.V = []Correction{}
	}
	after["step"] = step.Kind
	facts := map[string]any{"step": step.Kind, "state": i.State, "class": i.Class, "sha256": i.Sum(), "entries": i.Entries}
	if _, err := audit.Log(tx, audit.Event{Action: perm, Kind: "import", ID: i.ID, Place: i.Placed, Facts: facts, Change: i.ChangeID, After: after,
		Wrote: []audit.Wrote{{Object: i.ID, Head: i, Rows: []any{step}}}}); err != nil {
		return err
	}
	return tx.Append(&step)
}

// Objects are the things of a park that rows of a file of the class may name, as far as the caller
// sees them: of one firm where a site is named or the caller is of one firm only.
func (s *Service) Objects(ctx context.Context, class ledger.Class, park, site string) (Objects, error) {
	if err := s.allowed(ctx, class); err != nil {
		return Objects{}, err
	}
	var c fault.Check
	where := fault.Must(&c, "/parkId", park, models.ParseID)
	at := models.Ref(fault.Parse(&c, "/siteId", site, models.ParseID))
	if err := c.Err(); err != nil {
		return Objects{}, err
	}
	place, err := s.place(ctx, s.enter(class.Code), where, at)
	if err != nil {
		return Objects{}, err
	}
	return s.objects(ctx, place)
}

// maxObjects bounds the things of one park.
const maxObjects = 20_000

func (s *Service) objects(ctx context.Context, place models.Placed) (Objects, error) {
	o := Objects{Site: models.Deref(place.SiteID)}
	if err := models.One(s.db.Visible(ctx, policies.ParkRead, &o.Park).Where("id = ?", place.ParkID), &o.Park); err != nil {
		return o, err
	}
	for _, read := range []struct {
		perm policies.Permission
		of   models.Scoped
		into any
	}{{policies.FacilityRead, &registry.Facility{}, &o.Facilities}, {policies.FacilityRead, &registry.Outlet{}, &o.Outlets}} {
		q := s.db.Visible(ctx, read.perm, read.of).Where("park_id = ?", place.ParkID)
		if place.SiteID != nil {
			q = q.Where("site_id = ?", *place.SiteID)
		}
		if err := q.Order("code, id").Limit(maxObjects).Find(read.into).Error; err != nil {
			return o, err
		}
	}
	sites := s.db.Visible(ctx, policies.SiteRead, &registry.Site{}).Where("park_id = ?", place.ParkID)
	if place.SiteID != nil {
		sites = sites.Where("id = ?", *place.SiteID)
	}
	var all []registry.Site
	if err := sites.Order("id").Limit(maxObjects).Find(&all).Error; err != nil {
		return o, err
	}
	firms := make([]models.ID, 0, len(all))
	for _, site := range all {
		firms = append(firms, models.Deref(site.EnterpriseID))
	}
	by := map[models.ID]registry.Enterprise{}
	for some := range slices.Chunk(firms, 500) {
		var read []registry.Enterprise
		if err := s.db.Visible(ctx, policies.EnterpriseRead, &registry.Enterprise{}).Where("id IN ?", some).Find(&read).Error; err != nil {
			return o, err
		}
		for _, e := range read {
			by[e.ID] = e
		}
	}
	for _, site := range all {
		e := by[models.Deref(site.EnterpriseID)]
		o.Firms = append(o.Firms, Firm{site.ID, e.CreditCode, e.Name})
	}
	return o, nil
}

// place is whose an import is: the named site's, the park's, or the one site's that the
// caller files for there.
func (s *Service) place(ctx context.Context, perm policies.Permission, park models.ID, site *models.ID) (models.Placed, error) {
	var p registry.Park
	if err := models.One(s.db.Visible(ctx, policies.ParkRead, &p).Where("id = ?", park), &p); err != nil {
		return models.Placed{}, err
	}
	actor, _ := policies.ActorFrom(ctx)
	reach, err := actor.Scope(perm)
	if err != nil {
		return models.Placed{}, err
	}
	if site == nil && reach.Covers(p.Place().Owner()) {
		return p.Place(), nil
	}
	own := s.db.Visible(ctx, policies.SiteRead, &registry.Site{}).Where("park_id = ?", park)
	if site != nil {
		own = own.Where("id = ?", *site)
	}
	var sites []registry.Site
	if err := own.Order("id").Limit(2).Find(&sites).Error; err != nil {
		return models.Placed{}, err
	}
	sites = slices.DeleteFunc(sites, func(o registry.Site) bool { return !reach.Covers(o.Owner()) })
	switch len(sites) {
	case 0:
		return models.Placed{}, fault.Absent()
	case 1:
		return sites[0].Place(), nil
	}
	var c fault.Check
	c.Fail("/siteId", "required", "在这个园区有多家企业，填写是哪一家的")
	return models.Placed{}, c.Err()
}

func notNow(i Import) error {
	return fault.New(fault.Conflict, "这次导入已经是“{{.State}}”，不能这样操作", "State", i.Stage().Word()).With("state", string(i.Stage()))
}

func pointer(list string, n int, name string) string {
	return list + "/" + strconv.Itoa(n) + "/" + name
}

func bytesOf(sum string) []byte {
	raw, _ := hex.DecodeString(sum)
	return raw
}
