package web

import (
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// inputField is one field of a ledger form. Its name in the form is the JSON pointer of
// what it says in the payload.
type inputField struct {
	ID, Name    string
	Label       string
	Kind        string // number, text, area, instant, date, seg, select
	Required    bool
	Unit        string
	Hint        string
	List        string // id of what may be chosen beside typing
	MaxLength   int
	Options     []option
	Value       string
	Failure     string
	DescribedBy string
	Wide        bool
}

// formSection is a part of a ledger form: fields, or the records of a list.
type formSection struct {
	Number  int
	ID      string
	Title   string
	Name    string // pointer of a list
	At      string // its id in the page
	Hint    string
	Fields  []inputField
	Records []formRecord
	Table   *readings // instead of records
	List    bool
	Needed  bool // a list that has to have a record
	Failure string
	Failed  int // how many faults are in it
	Alert   fault.Text
}

// formRecord is one record of a list.
type formRecord struct {
	Legend string
	Fields []inputField
	Lists  []formSection // within it
}

// drawing makes the fields of one form.
type drawing struct {
	lang     words.Lang
	class    ledger.Class
	typed    ledger.Typed
	near     ledger.Neighbourhood
	taken    map[string]fault.Text // what is said of a field that was taken over
	judged   map[string]verdict    // by the pointer of the value
	corrects bool                  // the form corrects what was filed
	wide     bool                  // with what readings seldom say
	faults   map[string]string     // by pointer in the form
	order    []summaryLine         // of the faults, as they stand in the page
}

// summaryLine is one line of the error summary: a link to the field, in the words that stand at it.
type summaryLine struct{ At, Text string }

func idOf(pointer string) string { return "f" + strings.ReplaceAll(pointer, "/", "-") }

// exceptional are the fields about what was not as it should be: a section of its own.
var exceptional = []string{"cause", "measure", "reported"}

// sections lays the class out: its plain fields, each of its lists, what was exceptional.
func (d *drawing) sections() []formSection {
	plain := formSection{Title: d.say(fault.T("填报内容"))}
	odd := formSection{Title: d.say(fault.T("异常和超标"))}
	var lists []ledger.Field
	for _, f := range d.class.Fields {
		switch {
		case len(f.Fields) > 0:
			lists = append(lists, f)
		case slices.Contains(exceptional, f.Name):
			odd.Fields = append(odd.Fields, d.field("/"+f.Name, f))
		default:
			plain.Fields = append(plain.Fields, d.field("/"+f.Name, f))
		}
	}
	var all []formSection
	if len(plain.Fields) > 0 {
		all = append(all, plain)
	}
	for _, f := range lists {
		all = append(all, d.list("/"+f.Name, f))
	}
	if len(odd.Fields) > 0 {
		all = append(all, odd)
	}
	for i := range all {
		all[i].Number, all[i].ID = i+1, "s"+strconv.Itoa(i+1)
		d.summarise(&all[i])
	}
	return all
}

// summarise collects the faults of a section in the order of the page.
func (d *drawing) summarise(s *formSection) {
	before := len(d.order)
	tell := func(fields []inputField) {
		for _, f := range fields {
			if f.Failure != "" {
				d.order = append(d.order, summaryLine{f.ID, f.Failure})
			}
		}
	}
	if s.Failure != "" {
		d.order = append(d.order, summaryLine{idOf(s.Name), s.Failure})
	}
	tell(s.Fields)
	if s.Table != nil {
		for _, r := range s.Table.Rows {
			tell([]inputField{r.Item})
			tell(r.Values)
		}
	}
	for _, r := range s.Records {
		tell(r.Fields)
		for i := range r.Lists {
			d.summarise(&r.Lists[i])
		}
	}
	s.Failed = len(d.order) - before
}

func (d *drawing) say(t fault.Text) string { return words.Render(d.lang, t) }

// fails takes the fault at a pointer, with the label of what it is about before it.
func (d *drawing) fails(pointer, label string) string {
	detail, is := d.faults[pointer]
	if !is {
		return ""
	}
	delete(d.faults, pointer)
	return label + d.say(fault.T("：")) + detail
}

// field draws one plain field.
func (d *drawing) field(pointer string, f ledger.Field) inputField {
	in := inputField{ID: idOf(pointer), Name: pointer, Label: labelOf(d.lang, f), Kind: "text", Required: f.Required, Unit: unitOf(d.lang, f.Unit), MaxLength: f.MaxLength, Value: d.typed[pointer]}
	in.Hint = d.hint(f)
	if said, is := d.taken[pointer]; is {
		if in.Hint != "" {
			in.Hint += d.say(fault.T("；"))
		}
		in.Hint += d.say(said)
	}
	switch f.Type {
	case "decimal", "integer":
		in.Kind = "number"
	case "instant":
		in.Kind = "instant"
	case "day":
		in.Kind = "date"
	case "bool":
		in.Kind, in.Options = "seg", []option{{Value: "true", Name: d.say(fault.T("是"))}, {Value: "false", Name: d.say(fault.T("否"))}}
	case "enum":
		in.Kind = "select"
		for _, o := range f.Enum {
			in.Options = append(in.Options, option{Value: o.Value, Name: words.Name(d.lang, fault.Label{Zh: o.LabelZh, En: o.LabelEn})})
		}
		if f.Required && len(f.Enum) <= 4 {
			in.Kind = "seg"
		}
	case "code:pollutant", "code:airPollutant":
		in.List = "pollutants"
	default:
		if f.Multiline {
			in.Kind, in.Wide = "area", true
		}
	}
	if in.Kind == "seg" && !f.Required {
		in.Kind = "select" // a choice that can be taken back
	}
	for i := range in.Options {
		in.Options[i].Chosen = in.Options[i].Value == in.Value
	}
	in.Failure = d.fails(pointer, in.Label)
	return in.described()
}

// described ties a field to what is said about it.
func (f inputField) described() inputField {
	var ids []string
	if f.Failure != "" {
		ids = append(ids, f.ID+"-e")
	}
	if f.Hint != "" {
		ids = append(ids, f.ID+"-h")
	}
	f.DescribedBy = strings.Join(ids, " ")
	return f
}

// hint is what the class says of a field behind its name, what is possible, and what
// was filed the day before.
func (d *drawing) hint(f ledger.Field) string {
	var parts []string
	_, behind, _ := strings.Cut(f.LabelZh, "，")
	if d.lang == words.English {
		_, behind, _ = strings.Cut(f.LabelEn, ";")
	}
	if behind = strings.TrimSpace(behind); behind != "" {
		parts = append(parts, behind)
	}
	switch {
	case f.Minimum != "" && f.Maximum != "":
		parts = append(parts, d.say(fault.T("{{.Min}} 至 {{.Max}}", "Min", f.Minimum, "Max", f.Maximum)))
	case f.Minimum != "" && f.Minimum != "0":
		parts = append(parts, d.say(fault.T("不小于 {{.Min}}", "Min", f.Minimum)))
	}
	if b := d.near.By[f.Name]; b.Yesterday != "" && f.Type == "decimal" && f.ItemBy == "" {
		parts = append(parts, d.say(fault.T("昨日 {{.Value}}", "Value", b.Yesterday)))
	}
	if _, example := f.Form(); example != "" && len(f.Pollutants()) == 0 {
		parts = append(parts, d.say(fault.T("例 {{.Example}}", "Example", example)))
	}
	return strings.Join(parts, d.say(fault.T("；")))
}

// list draws the records of a list.
func (d *drawing) list(pointer string, f ledger.Field) formSection {
	s := formSection{Title: labelOf(d.lang, f), Name: pointer, At: idOf(pointer), List: true, Needed: f.Required, Hint: d.hint(ledger.Field{LabelZh: f.LabelZh, LabelEn: f.LabelEn})}
	s.Failure = d.fails(pointer, s.Title)
	if value, measured := valueIn(f); measured {
		s.Table = d.readings(pointer, f, value)
		return s
	}
	rows := d.typed.Rows(pointer)
	if len(rows) == 0 && f.Required {
		rows = []int{0}
	}
	for i, n := range rows {
		at := pointer + "/" + strconv.Itoa(n)
		r := formRecord{Legend: d.say(fault.T("{{.Title}} 第 {{.N}} 条", "Title", s.Title, "N", i+1))}
		for _, f := range f.Fields {
			if len(f.Fields) > 0 {
				r.Lists = append(r.Lists, d.list(at+"/"+f.Name, f))
				continue
			}
			r.Fields = append(r.Fields, d.field(at+"/"+f.Name, f))
		}
		s.Records = append(s.Records, r)
	}
	return s
}

// valueIn is the field of a list that holds a measured value; false for another list.
func valueIn(list ledger.Field) (ledger.Field, bool) {
	i := slices.IndexFunc(list.Fields, func(f ledger.Field) bool { return f.ItemBy != "" })
	if i < 0 {
		return ledger.Field{}, false
	}
	return list.Fields[i], true
}

// labelAt names what a pointer into a payload points to: 主要药剂添加 2 添加量.
func labelAt(lang words.Lang, fields []ledger.Field, pointer string) string {
	var names []string
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if n, err := strconv.Atoi(step); err == nil {
			names = append(names, strconv.Itoa(n+1))
			continue
		}
		i := slices.IndexFunc(fields, func(f ledger.Field) bool { return f.Name == step })
		if i < 0 {
			break
		}
		names, fields = append(names, labelOf(lang, fields[i])), fields[i].Fields
	}
	return strings.Join(names, " ")
}

// pollutants are what may be chosen for one where the list measures.
func pollutants(lang words.Lang, list ledger.Field) []option {
	var all []option
	for _, f := range list.Fields {
		for _, p := range f.Pollutants() {
			all = append(all, option{Value: string(p), Name: words.Name(lang, p.Label())})
		}
	}
	return all
}
