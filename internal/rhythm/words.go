package rhythm

import (
	"fmt"
	"strconv"
	"strings"
)

// unitWords are the unit in Chinese after 每, in English after "once", and in
// English when there are several.
var unitWords = map[Unit][3]string{
	Hour: {"小时", "an hour", "hours"}, Shift: {"班", "a shift", "shifts"}, Batch: {"批次", "a batch", "batches"},
	Day: {"日", "a day", "days"}, WorkDay: {"工作日", "a working day", "working days"}, Week: {"周", "a week", "weeks"},
	TenDays: {"旬", "every ten days of the month", "ten-day periods"}, Month: {"月", "a month", "months"},
	Quarter: {"季度", "a quarter", "quarters"}, HalfYear: {"半年", "every half-year", "half-years"}, Year: {"年", "a year", "years"},
	Condition: {"工况期", "for each stretch of the condition", "stretches of the condition"},
	Cycle:     {"周期", "a cycle", "cycles"}, Event: {"发生", "at each event", "events"},
	Change: {"变化", "at each change", "changes"}, Ends: {"", "on the first and on the last day", ""},
}

// ofWords are the English for what a batch, cycle, condition or event is of.
var ofWords = map[string]string{
	"生产": "production", "采购": "purchase", "使用": "use", "进厂": "arrival", "出厂": "dispatch", "转移": "transfer", "产生": "generation",
	"入库": "storage", "出库": "removal from storage", "清洗": "cleaning", "运行": "operation", "再生": "regeneration", "更换": "replacement",
	"排放": "discharge", "处理": "treatment", "非正常工况": "abnormal operation", "非正常": "abnormal operation", "异常情况": "abnormality",
	"异常": "abnormality", "异常工况": "abnormal operation", "添加": "dosing", "维修": "repair", "维护": "maintenance", "检修": "overhaul",
	"校准": "calibration", "巡检": "inspection round", "事件": "event", "异常事件": "abnormal event", "事故": "accident", "故障": "failure",
	"停运": "stoppage", "启停": "start or stop", "开停机": "start or stop", "开停车": "start or stop", "处置": "disposal", "利用": "recovery",
	"作业": "operation", "倾倒": "dumping", "容器": "container",
}

// whenWords are a condition in Chinese and English; %s is its number or its words.
var whenWords = map[Kind][2]string{
	Unchanged: {"未变化时", "while unchanged"}, Changed: {"发生变化时", "when changed"}, Normal: {"正常工况", "in normal operation"},
	Abnormal: {"异常情况", "in abnormal conditions"}, Producing: {"生产期间", "while producing"}, Stopped: {"停产期间", "while shut down"},
	ContinuousRun: {"连续生产的", "where production is continuous"}, BatchRun: {"非连续生产的", "where production is not continuous"},
	CycleUnder: {"周期小于 %s 小时的", "where a cycle is under %s hours"}, CycleWithin: {"周期不超过 %s 小时的", "where a cycle is at most %s hours"},
	CycleOver: {"周期大于 %s 小时的", "where a cycle is over %s hours"}, Discharging: {"排放期间", "while discharging"},
	Season: {"%s", "in the season %s"}, Special: {"特殊时段", "in special periods"}, Faulty: {"自动监测设备故障期间", "while the automatic monitor is out of order"},
	InContainers: {"容器盛装的", "where kept in containers"}, ByPipe: {"管道输送的", "where moved by pipe"},
	KeyUnit: {"重点排污单位", "for key dischargers"}, OtherUnit: {"非重点排污单位", "for dischargers that are not key ones"},
	TotalControl: {"总量控制区域", "in areas of total control"}, CleanYear: {"监测一年无异常的", "after a year without abnormal values"},
	Otherwise: {"其他", "otherwise"}, PermitRequires: {"许可证另有要求的", "where the permit asks for it"},
}

var documentWords = map[Document][2]string{
	MonitoringPlan: {"自行监测方案", "the self-monitoring plan"}, PermitText: {"许可证", "the permit"},
	Guideline: {"行业自行监测技术指南", "the industry's self-monitoring guideline"},
}

// Words say the rule in plain Chinese and English; empty when it could not be read.
func (r Rule) Words() (zh, en string) {
	var zhs, ens []string
	for _, c := range r.Clauses {
		z, e := c.Words()
		zhs, ens = append(zhs, z), append(ens, e)
	}
	return strings.Join(zhs, "；"), strings.Join(ens, "; ")
}

// Words say the clause.
func (c Clause) Words() (zh, en string) {
	var zhs, ens []string
	for _, t := range c.Any {
		z, e := t.Words()
		zhs, ens = append(zhs, z), append(ens, e)
	}
	zh, en = strings.Join(zhs, "或者"), strings.Join(ens, " or ")
	if c.Each != "" {
		zh, en = "每"+c.Each+zh, en+" for each ("+c.Each+")"
	}
	for i := len(c.When) - 1; i >= 0; i-- {
		z, e := c.When[i].Words()
		zh, en = z+"，"+zh, e+", "+en
	}
	if c.Subject != "" {
		zh, en = c.Subject+"："+zh, c.Subject+": "+en
	}
	return zh, en
}

// Words say the condition.
func (w When) Words() (zh, en string) {
	said := whenWords[w.Kind]
	what := w.Text
	if w.Hours > 0 {
		what = strconv.Itoa(w.Hours)
	}
	fill := func(s string) string { return strings.ReplaceAll(s, "%s", what) }
	return fill(said[0]), fill(said[1])
}

// Words say the rhythm: 每班 1 次, once a shift.
func (t Term) Words() (zh, en string) {
	switch t.Mode {
	case Continuous:
		return "连续自动监测", "continuously, by an automatic monitor"
	case Exempt:
		return "不要求记录", "nothing is required"
	case Reference:
		zhs, ens := append([]string{}, t.Standards...), append([]string{}, t.Standards...)
		if said, ok := documentWords[t.Document]; ok {
			zhs, ens = append(zhs, said[0]), append(ens, said[1])
		}
		return "按 " + strings.Join(zhs, "和"), "as " + strings.Join(ens, " and ") + " says"
	}
	zh, en = t.counted()
	if t.Apart > 0 {
		zh += fmt.Sprintf("，间隔不超过 %d 小时", t.Apart)
		en += fmt.Sprintf(", at most %d hours apart", t.Apart)
	}
	if t.Samples > 0 {
		zh += fmt.Sprintf("，每次至少 %d 个样", t.Samples)
		en += fmt.Sprintf(", at least %d samples each time", t.Samples)
	}
	return zh, en
}

func (t Term) counted() (zh, en string) {
	said := unitWords[t.Unit]
	least, atLeast := "", ""
	if t.AtLeast {
		least, atLeast = "至少 ", "at least "
	}
	return t.span(said[0]) + " " + least + strconv.Itoa(t.Times) + " 次", atLeast + times(t.Times) + " " + t.spanEnglish(said)
}

func (t Term) span(unit string) string {
	switch {
	case t.Unit == Ends:
		return "起止日各"
	case t.Of == "容器":
		return "每个容器"
	case t.Unit == Event && t.Of != "":
		return "每次" + t.Of
	case t.Unit == Event || t.Unit == Change:
		return "每次" + unit
	case t.Unit == Condition && t.Of != "":
		return "每" + t.Of + "期"
	case t.Every > 1 && (t.Unit == Month || t.Unit == Quarter):
		return fmt.Sprintf("每 %d 个%s", t.Every, unit)
	case t.Every > 1:
		return fmt.Sprintf("每 %d %s", t.Every, unit)
	}
	return "每" + t.Of + unit
}

func (t Term) spanEnglish(said [3]string) string {
	of := ofWords[t.Of]
	switch {
	case t.Every > 1:
		return fmt.Sprintf("every %d %s", t.Every, said[2])
	case of == "":
		return said[1]
	case t.Unit == Event:
		return "at each " + of
	case t.Unit == Condition:
		return "for each stretch of " + of
	}
	return said[1] + " of " + of
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.Itoa(n) + " times"
}
