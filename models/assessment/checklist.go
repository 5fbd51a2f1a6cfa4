package assessment

import (
	"bytes"
	"embed" // the drafts are part of the program
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// ChecklistInput is a version of the checklist as its file has it, and as the bureau
// loads another one.
type ChecklistInput struct {
	Version   string       `json:"version" doc:"版本名，例 2027-1；一个版本装入后不再改变"`
	Title     string       `json:"title" doc:"名称"`
	TitleEn   string       `json:"titleEn,omitempty"`
	Official  bool         `json:"official,omitempty" doc:"是否为正式印发的文本"`
	Source    string       `json:"source" doc:"出处：文号，或者说明为自拟"`
	PassMark  string       `json:"passMark" doc:"认定分数线"`
	Levels    []LevelInput `json:"levels" doc:"等级，由高到低，最后一级从 0 分起"`
	Items     []ItemInput  `json:"items" doc:"项目，六个方面，分值合计 100"`
	VetoItems []VetoInput  `json:"vetoes" doc:"否决项"`
}

// LevelInput is a level of the result, from a score on.
type LevelInput struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn,omitempty"`
	From   string `json:"from" doc:"从这个分数起（含）"`
}

// ItemInput is one item.
type ItemInput struct {
	ID            string   `json:"id" doc:"项目编号，例 D3"`
	Dimension     int      `json:"dimension" minimum:"1" maximum:"6"`
	Name          string   `json:"name"`
	NameEn        string   `json:"nameEn,omitempty"`
	Points        string   `json:"points" doc:"分值，大于 0，至多 2 位小数"`
	Kind          string   `json:"kind" enum:"document,onsite,ratio,metric"`
	Full          string   `json:"full" doc:"满分的条件"`
	FullEn        string   `json:"fullEn,omitempty"`
	Partial       string   `json:"partial,omitempty" doc:"部分得分的条件"`
	PartialEn     string   `json:"partialEn,omitempty"`
	Evidence      []string `json:"evidence,omitempty" maxItems:"20" doc:"需要的佐证"`
	AppliesWhen   string   `json:"appliesWhen,omitempty" doc:"适用的条件；空为总是适用"`
	Metric        string   `json:"metric,omitempty" enum:"findingsClosedInTime,sitesPermitted,filesComplete,outletsCoded,ledgersFiled,patrolsDone,workshopsMonitored,monitoringDone" doc:"由登记数据计算的比例；空为人工评分"`
	Scoring       string   `json:"scoring,omitempty" enum:"step,share" doc:"step 按档得分；share 按比例得分，低于 floorPercent 为 0"`
	FullPercent   int64    `json:"fullPercent,omitempty" minimum:"0" maximum:"100"`
	FloorPercent  int64    `json:"floorPercent,omitempty" minimum:"0" maximum:"100"`
	PartialPoints string   `json:"partialPoints,omitempty" doc:"step 在两档之间的得分"`
	Source        string   `json:"source"`
	Confidence    string   `json:"confidence,omitempty" enum:"confirmed,memory,seed,derived,absent"`
}

// VetoInput is one condition that no score makes up for.
type VetoInput struct {
	ID         string `json:"id" doc:"例 V1"`
	Name       string `json:"name"`
	NameEn     string `json:"nameEn,omitempty"`
	Source     string `json:"source"`
	Confidence string `json:"confidence,omitempty" enum:"confirmed,memory,seed,derived,absent"`
}

// What the registry computes for an item, by the name that a checklist gives it. The
// first five are told of all parks at once and stand in every report; the others follow
// from wordings and walks of a park and are computed for its assessment.
const (
	MetricFindings   = "findingsClosedInTime" // findings closed by their due day / findings due
	MetricPermits    = "sitesPermitted"       // sites with a valid permit or registration / sites of dischargers
	MetricFiles      = "filesComplete"        // sites with a permit or registration, a facility and an outlet / sites of dischargers
	MetricOutlets    = "outletsCoded"         // outlets with a code of HJ 608 / outlets
	MetricLedgers    = "ledgersFiled"         // daily ledgers filed / expected
	MetricPatrols    = "patrolsDone"          // planned patrols done / planned and not excused, of 90 days
	MetricWorkshops  = "workshopsMonitored"   // class-I measurements at workshop outlets made / required, of a year
	MetricMonitoring = "monitoringDone"       // measurements of self-monitoring plans made / required, of a year
)

// Reported are the metrics of a report: those that are told of all parks at once.
func Reported() []string {
	return []string{MetricFindings, MetricPermits, MetricFiles, MetricOutlets, MetricLedgers}
}

// Metrics are all.
func Metrics() []string {
	return append(Reported(), MetricPatrols, MetricWorkshops, MetricMonitoring)
}

// Checklist is one version, checked.
type Checklist struct {
	ChecklistInput
	Items    []Item
	PassMark *big.Rat
	levels   []*big.Rat // where each level begins
}

// Item is one item of a checklist.
type Item struct {
	ItemInput
	Points  *big.Rat
	partial *big.Rat
}

// Computed reports whether the registry computes the item by itself.
func (i Item) Computed() bool { return i.Metric != "" }

// Reported reports whether every report computes the item by itself.
func (i Item) Reported() bool { return slices.Contains(Reported(), i.Metric) }

// Earned is what n of d are worth; full reports whether the item is met. d is above zero.
func (i Item) Earned(n, d int64) (points *big.Rat, full bool) {
	switch {
	case i.Scoring == "step" && n*100 >= i.FullPercent*d:
		return i.Points, true
	case i.Scoring == "step" && n*100 >= i.FloorPercent*d:
		return i.partial, false
	case n*100 < i.FloorPercent*d:
		return new(big.Rat), false
	}
	return new(big.Rat).Mul(i.Points, big.NewRat(n, d)), n >= d
}

// Most is what a ratio is worth, as points × 10^6; false where there is nothing to measure.
func (i Item) Most(r Ratio) (int64, bool) {
	if r.D == 0 {
		return 0, false
	}
	earned, _ := i.Earned(r.N, r.D)
	return scaled(earned), true
}

// Item finds an item by its id.
func (c Checklist) Item(id string) (Item, bool) {
	for _, i := range c.Items {
		if i.ID == id {
			return i, true
		}
	}
	return Item{}, false
}

// Weight is how many of the hundred points an area has.
func (c Checklist) Weight(dimension int) string {
	sum := new(big.Rat)
	for _, i := range c.Items {
		if i.Dimension == dimension {
			sum.Add(sum, i.Points)
		}
	}
	return strings.TrimSuffix(percentText(sum), ".00")
}

// Veto reports whether id is one of the vetoes.
func (c Checklist) Veto(id string) bool {
	return slices.ContainsFunc(c.VetoItems, func(v VetoInput) bool { return v.ID == id })
}

// Dimension is one of the six norm areas of the reply letter of 2021-08-03.
type Dimension struct {
	Number int
	Name   fault.Text
}

// Dimensions are the six, in the letter's order.
func Dimensions() []Dimension {
	return []Dimension{
		{1, fault.T("落实主体责任")},
		{2, fault.T("完善污染治理设施")},
		{3, fault.T("严格园区企业入驻")},
		{4, fault.T("建立环境管理台账")},
		{5, fault.T("加强环境监测监控")},
		{6, fault.T("强化环境风险防控")},
	}
}

//go:embed data
var data embed.FS

// drafts are the versions that come with the program, the oldest first: derived from the
// sources that their items name, since no official text is public. One that was in use
// is never edited. A broken one is a defect that any test meets.
var drafts = sync.OnceValue(func() []Checklist {
	var all []Checklist
	for _, name := range []string{"2026-draft-1", "2026-draft-2", "2026-draft-3"} {
		content, err := data.ReadFile("data/" + name + ".json")
		if err != nil {
			panic(err)
		}
		c, err := readChecklist(content)
		if err != nil {
			panic(err)
		}
		all = append(all, c)
	}
	return all
})

// Draft is the newest version that comes with the program.
func Draft() Checklist {
	all := drafts()
	return all[len(all)-1]
}

// DraftNamed is the version of a name that comes with the program.
func DraftNamed(name string) (Checklist, bool) {
	for _, c := range drafts() {
		if c.Version == name {
			return c, true
		}
	}
	return Checklist{}, false
}

func readChecklist(content []byte) (Checklist, error) {
	var in ChecklistInput
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return Checklist{}, fmt.Errorf("checklist: %w", err)
	}
	return in.Parse()
}

// fullScore is what the points of a checklist add up to.
const fullScore = 100

// Parse checks everything before it answers.
func (in ChecklistInput) Parse() (Checklist, error) {
	var c fault.Check
	out := Checklist{ChecklistInput: in}
	fault.Must(&c, "/version", in.Version, code.ParseText(40))
	fault.Must(&c, "/title", in.Title, code.ParseText(100))
	fault.Parse(&c, "/titleEn", in.TitleEn, code.ParseText(200))
	fault.Must(&c, "/source", in.Source, code.ParseText(500))
	out.PassMark = points(&c, "/passMark", in.PassMark)
	out.levels = levels(&c, in.Levels)
	out.Items = items(&c, in.Items)
	vetoes(&c, in)
	return out, c.Err()
}

// points is a number of points, exact.
func points(c *fault.Check, pointer, raw string) *big.Rat {
	text := fault.Must(c, pointer, raw, parsePoints)
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// parsePoints takes 0 to 100 with up to two decimals.
func parsePoints(s string) (string, error) {
	q, err := code.ParseQuantity(s)
	if err != nil {
		return "", err
	}
	if q.Scaled < 0 || q.Scaled > fullScore*code.QuantityScale || q.Scaled%(code.QuantityScale/100) != 0 {
		return "", fault.Broken("range", "", "分数是 0 至 100，至多 2 位小数")
	}
	return code.Decimal(q.Scaled), nil
}

func levels(c *fault.Check, all []LevelInput) []*big.Rat {
	out := make([]*big.Rat, len(all))
	for i, l := range all {
		at := "/levels/" + strconv.Itoa(i)
		fault.Must(c, at+"/id", l.ID, code.ParseText(40))
		fault.Must(c, at+"/name", l.Name, code.ParseText(40))
		out[i] = points(c, at+"/from", l.From)
		if i > 0 && out[i].Cmp(out[i-1]) >= 0 {
			c.Fail(at+"/from", "order", "等级由高到低排列")
		}
	}
	if len(out) == 0 || out[len(out)-1].Sign() != 0 {
		c.Fail("/levels", "range", "最后一个等级从 0 分起")
	}
	return out
}

func items(c *fault.Check, all []ItemInput) []Item {
	out, seen, sum, has := make([]Item, len(all)), map[string]bool{}, new(big.Rat), [7]bool{}
	for i, in := range all {
		at := "/items/" + strconv.Itoa(i)
		out[i] = item(c, at, in)
		if seen[in.ID] {
			c.Fail(at+"/id", "duplicate", "同一个编号写了两次")
		}
		seen[in.ID] = true
		sum.Add(sum, out[i].Points)
		if in.Dimension >= 1 && in.Dimension <= 6 {
			has[in.Dimension] = true
		}
	}
	for d, there := range has[1:] {
		if !there {
			c.Cite("/items", "dimension", "", d+1, "第 {{.Dimension}} 个方面没有项目", "Dimension", d+1)
		}
	}
	if sum.Cmp(big.NewRat(fullScore, 1)) != 0 {
		c.Cite("/items", "sum", "", sum.FloatString(2), "分值合计应当是 100，现在是 {{.Sum}}", "Sum", sum.FloatString(2))
	}
	return out
}

func item(c *fault.Check, at string, in ItemInput) Item {
	out := Item{ItemInput: in}
	fault.Must(c, at+"/id", in.ID, code.ParseText(10))
	fault.Must(c, at+"/name", in.Name, code.ParseText(100))
	fault.Must(c, at+"/full", in.Full, code.ParseText(500))
	fault.Must(c, at+"/source", in.Source, code.ParseText(500))
	if in.Dimension < 1 || in.Dimension > 6 {
		c.Fail(at+"/dimension", "range", "维度是 1 至 6 的整数")
	}
	if out.Points = points(c, at+"/points", in.Points); out.Points.Sign() == 0 {
		c.Fail(at+"/points", "range", "分值应当大于 0")
	}
	if !slices.Contains([]string{"document", "onsite", "ratio", "metric"}, in.Kind) {
		c.Fail(at+"/kind", "enum", "只能是：{{.Arg}}", "Arg", "document, onsite, ratio, metric")
	}
	if in.Metric == "" {
		if in.Scoring != "" {
			c.Fail(at+"/metric", "required", "写明由哪个比例计算")
		}
		return out
	}
	if !slices.Contains(Metrics(), in.Metric) {
		c.Fail(at+"/metric", "enum", "本系统不计算这个比例")
	}
	out.partial = new(big.Rat)
	switch in.Scoring {
	case "share":
	case "step":
		if out.partial = points(c, at+"/partialPoints", in.PartialPoints); out.partial.Cmp(out.Points) > 0 {
			c.Fail(at+"/partialPoints", "range", "不能超过这一项的分值")
		}
		if in.FullPercent <= in.FloorPercent {
			c.Fail(at+"/fullPercent", "order", "满分的比例应当高于起分的比例")
		}
	default:
		c.Fail(at+"/scoring", "enum", "只能是：{{.Arg}}", "Arg", "step, share")
	}
	return out
}

func vetoes(c *fault.Check, in ChecklistInput) {
	seen := map[string]bool{}
	for _, i := range in.Items {
		seen[i.ID] = true
	}
	for i, v := range in.VetoItems {
		at := "/vetoes/" + strconv.Itoa(i)
		fault.Must(c, at+"/id", v.ID, code.ParseText(10))
		fault.Must(c, at+"/name", v.Name, code.ParseText(200))
		fault.Must(c, at+"/source", v.Source, code.ParseText(500))
		if seen[v.ID] {
			c.Fail(at+"/id", "duplicate", "同一个编号写了两次")
		}
		seen[v.ID] = true
	}
	if len(in.VetoItems) == 0 {
		c.Fail("/vetoes", "required", "至少写一个否决项")
	}
}
