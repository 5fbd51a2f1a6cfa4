// Package rhythm reads how often something has to be recorded or measured, in the
// words of discharge permits (1次/日或批次, 每班1次, 按照HJ 819执行), into typed
// rules. The text stays beside what was read. A text that is not understood to its
// last character is not read at all: nothing is guessed. What is due on a given day
// is decided by those who know the facts.
package rhythm

// Rule is one wording, read. Without clauses it could not be read and only Text says anything.
type Rule struct {
	Text    string   `json:"text"` // as the permit has it, byte for byte
	Clauses []Clause `json:"clauses,omitempty"`
}

// Parsed reports whether the whole text was understood.
func (r Rule) Parsed() bool { return len(r.Clauses) > 0 }

// Clause is one part of a wording.
type Clause struct {
	Subject string `json:"subject,omitempty"` // what is recorded, where the wording names it: 药剂添加情况
	Each    string `json:"each,omitempty"`    // for each of what: 台设备, 排放口
	When    []When `json:"when,omitempty"`    // all of them hold; none: always
	Any     []Term `json:"any"`               // one of them is enough: 每日或每批次
}

// Under are the clauses that hold under the given facts. About the same subject the
// last clause whose conditions hold stands in place of the others; those without a
// condition hold together where none does. Events and changes come on top of either
// (1次/日；发生异常时记录). An exemption leaves nothing but events and changes.
// Otherwise is decided here and never asked.
func (r Rule) Under(holds func(When) bool) []Clause {
	var due []Clause
	special, exempt, any := map[string]int{}, map[string]bool{}, false
	for i, c := range r.Clauses {
		if len(c.When) == 0 || !c.holds(holds, any) {
			continue
		}
		any = true
		if c.Any[0].Mode == Exempt {
			exempt[c.Subject] = true
		} else if !c.Occasional() {
			special[c.Subject] = i + 1
		}
	}
	any = false
	for i, c := range r.Clauses {
		held := c.holds(holds, any)
		any = any || held && len(c.When) > 0
		if !held || c.Any[0].Mode == Exempt {
			continue
		}
		at := special[c.Subject]
		if c.Occasional() || !exempt[c.Subject] && !exempt[""] && (at == 0 && len(c.When) == 0 || at == i+1) {
			due = append(due, c)
		}
	}
	return due
}

// holds reports whether all conditions hold; any says whether an earlier clause's did.
func (c Clause) holds(fact func(When) bool, any bool) bool {
	for _, w := range c.When {
		if w.Kind == Otherwise && any || w.Kind != Otherwise && !fact(w) {
			return false
		}
	}
	return true
}

// Occasional reports whether the clause counts what happens, not time.
func (c Clause) Occasional() bool {
	for _, t := range c.Any {
		if t.Unit != Event && t.Unit != Change {
			return false
		}
	}
	return true
}

// Mode says what kind of term it is.
type Mode string

const (
	Counted    Mode = "counted"    // Times in Every × Unit
	Continuous Mode = "continuous" // by an automatic monitor
	Reference  Mode = "reference"  // as a standard or another document says: look there
	Exempt     Mode = "exempt"     // nothing is recorded while the condition holds
)

// Term is one rhythm.
type Term struct {
	Mode      Mode     `json:"mode"`
	Times     int      `json:"times,omitempty"`     // Counted: this many are due
	AtLeast   bool     `json:"atLeast,omitempty"`   // the wording says 不少于 or 至少
	Every     int      `json:"every,omitempty"`     // Counted: 2 in 1次/2小时
	Unit      Unit     `json:"unit,omitempty"`      // Counted
	Of        string   `json:"of,omitempty"`        // which batch, cycle or event, where named: 采购, 清洗, 转移
	Apart     int      `json:"apart,omitempty"`     // hours between two at most: 间隔不超过6小时
	Samples   int      `json:"samples,omitempty"`   // samples each time, at least
	Standards []string `json:"standards,omitempty"` // Reference: HJ 819, HJ 819-2017
	Document  Document `json:"document,omitempty"`  // Reference to what is no numbered standard
}

// Unit is what a rhythm counts by.
type Unit string

const (
	Hour      Unit = "hour"
	Shift     Unit = "shift"
	Batch     Unit = "batch"
	Day       Unit = "day"
	WorkDay   Unit = "workDay"
	Week      Unit = "week"
	TenDays   Unit = "tenDays" // 旬: the 1st, 11th and 21st of the month begin one
	Month     Unit = "month"
	Quarter   Unit = "quarter"
	HalfYear  Unit = "halfYear"
	Year      Unit = "year"
	Condition Unit = "condition" // 工况期: one stretch of an operating condition
	Cycle     Unit = "cycle"     // 周期: of production, cleaning, …
	Event     Unit = "event"     // whatever happens: an abnormal event, a transfer
	Change    Unit = "change"    // 变化时
	Ends      Unit = "ends"      // 起止日: the first and the last day of When
)

// Calendar reports whether the calendar alone says when the unit begins and ends.
func (u Unit) Calendar() bool {
	switch u {
	case Hour, Day, WorkDay, Week, TenDays, Month, Quarter, HalfYear, Year:
		return true
	}
	return false
}

// Document is what a wording refers to when it is no numbered standard.
type Document string

const (
	MonitoringPlan Document = "monitoringPlan" // 自行监测方案
	PermitText     Document = "permit"         // 许可证另有规定的
	Guideline      Document = "guideline"      // 行业自行监测技术指南, without a number
)

// When is the condition under which a clause holds.
type When struct {
	Kind  Kind   `json:"kind"`
	Hours int    `json:"hours,omitempty"` // CycleUnder, CycleWithin, CycleOver
	Text  string `json:"text,omitempty"`  // its words in the wording, without spaces
}

// Kind is the kind of a condition.
type Kind string

const (
	Unchanged      Kind = "unchanged"      // 未发生变化
	Changed        Kind = "changed"        // 发生变化的
	Normal         Kind = "normal"         // 正常工况
	Abnormal       Kind = "abnormal"       // 非正常工况, 异常情况
	Producing      Kind = "producing"      // 生产期间
	Stopped        Kind = "stopped"        // 停产, 错峰生产
	ContinuousRun  Kind = "continuousRun"  // 连续生产的
	BatchRun       Kind = "batchRun"       // 非连续生产的
	CycleUnder     Kind = "cycleUnder"     // 周期小于 Hours
	CycleWithin    Kind = "cycleWithin"    // 周期不超过 Hours
	CycleOver      Kind = "cycleOver"      // 周期大于 Hours
	Discharging    Kind = "discharging"    // 排放期间
	Season         Kind = "season"         // 冬季, 枯水期, 雨季: Text says which
	Special        Kind = "specialPeriod"  // 特殊时段, 重污染天气应急期间
	Faulty         Kind = "faulty"         // 自动监测设备故障期间
	InContainers   Kind = "inContainers"   // 采用容器盛装的
	ByPipe         Kind = "byPipe"         // 管道输送的
	KeyUnit        Kind = "keyUnit"        // 重点排污单位
	OtherUnit      Kind = "otherUnit"      // 非重点排污单位
	TotalControl   Kind = "totalControl"   // 总量控制区域
	CleanYear      Kind = "cleanYear"      // 监测一年无异常情况
	Otherwise      Kind = "otherwise"      // 其他: no condition before it holds
	PermitRequires Kind = "permitRequires" // 许可证要求按班记录的
)
