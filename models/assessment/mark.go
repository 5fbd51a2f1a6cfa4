package assessment

import (
	"math/big"
	"slices"
	"strconv"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// Side is whose column a mark stands in.
type Side string

const (
	Self     Side = "self"     // 自评
	District Side = "district" // 核定
	Bureau   Side = "bureau"   // 抽查
)

// Mark is what one side says of one item or of one veto. Inserted only: the newest of
// a side counts, and those before stay.
type Mark struct {
	ID           models.ID `gorm:"primaryKey"`
	AssessmentID models.ID
	Round        int
	Side         Side
	Item         string // id of an item or of a veto
	Applies      bool   // false: 不适用, out of the divisor
	Points       int64  // × 10^6, rounded down where a ratio gives more decimals
	Veto         bool   // of a veto: it is the case
	Numerator    *int64 // of a ratio as it was computed then; nil for what people judge
	Denominator  *int64
	Reason       string
	Evidence     string // 佐证 in words
	EvidenceOn   *code.Day
	Attachments  models.Texts // ids of attachments
	ActorID      models.ID
	ActorOrg     policies.Organisation
	At           time.Time
	ChangeID     models.ID
}

// TableName implements gorm's Tabler.
func (Mark) TableName() string { return "assessment_marks" }

// Scope implements models.Scoped: seen exactly when the assessment is.
func (Mark) Scope() models.Scope {
	return models.ChildRows("assessment_marks", "assessment_id", Assessment{})
}

// Ratio is what the registry computed for the mark; ok is false for what people judge.
func (m Mark) Ratio() (r Ratio, ok bool) {
	if m.Numerator == nil || m.Denominator == nil {
		return Ratio{}, false
	}
	return Ratio{*m.Numerator, *m.Denominator}, true
}

// Override reports whether a person said less than the registry computed.
func (m Mark) Override(i Item) bool {
	r, ok := m.Ratio()
	most, applies := i.Most(r)
	return ok && applies && (!m.Applies || m.Points < most)
}

// MarksInput is what one side says of several items at once.
type MarksInput struct {
	Items  []MarkInput     `json:"items,omitempty" maxItems:"200" doc:"项目"`
	Vetoes []VetoMarkInput `json:"vetoes,omitempty" maxItems:"50" doc:"否决项"`
}

// MarkInput is what is said of one item.
type MarkInput struct {
	Item          string   `json:"item" doc:"项目编号，例 D3"`
	NotApplicable bool     `json:"notApplicable,omitempty" doc:"不适用：须说明原因，不计入分母"`
	Points        string   `json:"points,omitempty" doc:"得分，至多 2 位小数；不填：计算的项目取计算结果，核定和抽查取前一栏的得分"`
	Reason        string   `json:"reason,omitempty" doc:"原因，至少 5 个字；不适用、低于计算结果、与前一栏不同时必填"`
	Evidence      string   `json:"evidence,omitempty" doc:"佐证的文字说明"`
	EvidenceOn    string   `json:"evidenceOn,omitempty" format:"date" doc:"佐证的日期；自评得分时须在评估年度内"`
	Attachments   []string `json:"attachments,omitempty" maxItems:"50" doc:"附件编号"`
}

// VetoMarkInput is what is said of one veto.
type VetoMarkInput struct {
	Veto   string `json:"veto" doc:"否决项编号，例 V1"`
	Found  bool   `json:"found" doc:"是否存在"`
	Reason string `json:"reason,omitempty" doc:"情况说明，存在时必填，至少 5 个字"`
}

// Parse checks the form of everything before it answers.
func (in MarksInput) Parse() (MarksInput, error) {
	var c fault.Check
	in.Items, in.Vetoes = slices.Clone(in.Items), slices.Clone(in.Vetoes)
	seen := map[string]bool{}
	once := func(at, id string) {
		fault.Must(&c, at, id, code.ParseText(10))
		if id != "" && seen[id] {
			c.Fail(at, "duplicate", "同一个编号写了两次")
		}
		seen[id] = true
	}
	for i := range in.Items {
		m, at := &in.Items[i], "/items/"+strconv.Itoa(i)
		once(at+"/item", m.Item)
		m.parse(&c, at)
	}
	for i := range in.Vetoes {
		v, at := &in.Vetoes[i], "/vetoes/"+strconv.Itoa(i)
		once(at+"/veto", v.Veto)
		v.Reason = fault.Parse(&c, at+"/reason", v.Reason, code.ParseReason)
		if v.Found && v.Reason == "" && !c.Has(at+"/reason") {
			c.Fail(at+"/reason", "required", "存在否决情形时须说明情况")
		}
	}
	if len(in.Items)+len(in.Vetoes) == 0 {
		c.Fail("/items", "required", "至少写一个项目或者否决项")
	}
	return in, c.Err()
}

func (m *MarkInput) parse(c *fault.Check, at string) {
	m.Points = fault.Parse(c, at+"/points", m.Points, parsePoints)
	m.Reason = fault.Parse(c, at+"/reason", m.Reason, code.ParseReason)
	m.Evidence = fault.Parse(c, at+"/evidence", m.Evidence, code.ParseLongText(1000))
	m.EvidenceOn = string(fault.Parse(c, at+"/evidenceOn", m.EvidenceOn, code.ParseDay))
	for i, id := range files.ParseIDs(c, at+"/attachments", m.Attachments) {
		m.Attachments[i] = string(id)
	}
	if !m.NotApplicable {
		return
	}
	if m.Reason == "" && !c.Has(at+"/reason") {
		c.Fail(at+"/reason", "required", "不适用须说明原因")
	}
	if m.Points != "" {
		c.Fail(at+"/points", "unexpected", "不适用的项目不填得分")
	}
}

// Sheet are the newest marks of each side, by item.
type Sheet map[Side]map[string]Mark

// Add puts a mark, newer than those before, in its place.
func (s Sheet) Add(marks ...Mark) {
	for _, m := range marks {
		if s[m.Side] == nil {
			s[m.Side] = map[string]Mark{}
		}
		s[m.Side][m.Item] = m
	}
}

// Verified reports whether the district has marked the item since the park last did.
func (s Sheet) Verified(item string) bool {
	own, marked := s[Self][item]
	verified, there := s[District][item]
	return there && (!marked || verified.Round >= own.Round)
}

// scaled is an exact number of points × 10^6, rounded down.
func scaled(r *big.Rat) int64 {
	n := new(big.Int).Mul(r.Num(), big.NewInt(code.QuantityScale))
	return n.Quo(n, r.Denom()).Int64()
}

// judged is what somebody is about to say, with what it is held against.
type judged struct {
	list     Checklist
	year     int
	today    code.Day
	side     Side
	before   map[string]Mark // the column before: what district and bureau are held against
	measured map[string]Ratio
}

// mark decides about one item: an item that the registry computes takes the computed
// result, which a person may lower with a reason and never raise.
func (j judged) mark(c *fault.Check, at string, in MarkInput) Mark {
	m := Mark{Side: j.side, Item: in.Item, Applies: !in.NotApplicable, Reason: in.Reason, Evidence: in.Evidence, Attachments: in.Attachments,
		EvidenceOn: models.Ref(code.Day(in.EvidenceOn))}
	item, known := j.list.Item(in.Item)
	if !known {
		c.Cite(at+"/item", "unknown", "", in.Item, "检查表中没有这个项目")
		return m
	}
	typed := in.Points != ""
	if typed {
		q, _ := code.ParseQuantity(in.Points) // Parse looked at it
		m.Points = q.Scaled
	}
	if m.Points > scaled(item.Points) {
		c.Cite(at+"/points", "maximum", "", in.Points, "这一项的分值是 {{.Points}}", "Points", item.ItemInput.Points)
	}
	if in.NotApplicable && item.AppliesWhen == "" && (!item.Computed() || j.measured[item.Metric].D > 0) {
		c.Fail(at+"/notApplicable", "always", "这一项总是适用，不能按不适用处理")
	}
	if item.Computed() {
		j.computed(c, at, item, typed, &m)
	} else if m.Applies && !typed && j.side == Self {
		c.Fail(at+"/points", "required", "必须填写")
	}
	if j.side == Self {
		j.evident(c, at, item, m)
	} else {
		j.against(c, at, typed, &m)
	}
	return m
}

func (j judged) computed(c *fault.Check, at string, item Item, typed bool, m *Mark) {
	r := j.measured[item.Metric]
	m.Numerator, m.Denominator = &r.N, &r.D
	switch {
	case !m.Applies && r.D > 0:
		c.Cite(at+"/notApplicable", "computed", "", r.D, "登记数据中有 {{.Count}} 个可计的对象，这一项适用", "Count", r.D)
	case !m.Applies:
	case r.D == 0 && typed:
		c.Fail(at+"/points", "unexpected", "登记数据中没有可计的对象，这一项不适用，不填得分")
	case r.D == 0:
		m.Applies = false
	default:
		most, _ := item.Most(r)
		switch {
		case !typed:
			m.Points = most
		case m.Points > most:
			c.Cite(at+"/points", "computed", "", code.Decimal(m.Points), "计算结果是 {{.N}}/{{.D}}，得 {{.Points}} 分，只能改低，不能改高", "N", r.N, "D", r.D, "Points", code.Decimal(most))
		case m.Points < most && m.Reason == "" && !c.Has(at+"/reason"):
			c.Fail(at+"/reason", "required", "低于计算结果的得分须说明原因")
		}
	}
}

// evident holds what a park gives itself points for to its evidence.
func (j judged) evident(c *fault.Check, at string, item Item, m Mark) {
	if !m.Applies || m.Points == 0 || item.Computed() {
		return
	}
	if m.Evidence == "" && len(m.Attachments) == 0 {
		c.Fail(at+"/attachments", "required", "得分的项目至少有一项佐证：附件或者文字说明")
		return
	}
	first, last := code.Day(strconv.Itoa(j.year)+"-01-01"), code.Day(strconv.Itoa(j.year)+"-12-31")
	if on := models.Deref(m.EvidenceOn); on < first || on > last {
		c.Cite(at+"/evidenceOn", "range", "", string(on), "佐证的日期应当在评估年度 {{.Year}} 年内", "Year", j.year)
	} else if on > j.today {
		c.Cite(at+"/evidenceOn", "future", "", string(on), "佐证的日期不能晚于今天（{{.Today}}）", "Today", string(j.today))
	}
}

// against holds a mark against the column before it: what differs has a reason.
func (j judged) against(c *fault.Check, at string, typed bool, m *Mark) {
	own, there := j.before[m.Item]
	if !there {
		c.Fail(at+"/item", "absent", "前一栏还没有这个项目")
		return
	}
	if _, computed := m.Ratio(); m.Applies && !typed && !computed {
		if !own.Applies {
			m.Applies = false
		}
		m.Points = own.Points
	}
	if _, computed := m.Ratio(); computed && !typed {
		return // differs because the registry says so, with both its numbers
	}
	if (m.Applies != own.Applies || m.Points != own.Points) && m.Reason == "" && !c.Has(at+"/reason") {
		c.Fail(at+"/reason", "required", "与前一栏不同时须说明原因")
	}
}
