package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
)

// filling is a ledger form as it stands in one request: what it is about, what was
// typed, and what the write answers.
type filling struct {
	class   ledger.Class
	about   subject
	record  *ledger.Record // that is changed, or amended; nil for a new one
	amends  bool
	id      models.ID // of an entry that is still to be made, so that sending twice makes one
	version int64
	typed   ledger.Typed
	taken   map[string]fault.Text // by pointer: what was taken over from an entry before, and from which
	rows    map[string]string     // pointers of records in the payload by those in the form
	reason  string
	wide    bool
	failure Failure
	typist  bool // the values come from a form, not from what is stored
}

// formPage is what templates/form.html shows.
type formPage struct {
	Shell      shell
	Class      string
	Number     string
	About      subject
	Action     string
	Hidden     []option
	Slot       *inputField
	Reason     *inputField
	Sections   []formSection
	Pollutants []option
	Wide       bool
	Narrow     bool // there is something that only the wide form asks for
	Failure    Failure
	Summary    []summaryLine
	Saved      string
	Closed     bool // the entry takes no changes now
	Theirs     []difference
	List       string   // where the entries of the class and the day are
	Other      string   // where another object or day is chosen
	Entry      string   // the entry's own page
	Files      []option // attached before, or brought with the form; chosen is what stays
	FilesFault string
	MaxMiB     int
}

// difference is a field that somebody else saved differently meanwhile.
type difference struct{ Label, Mine, Theirs string }

func (p *Pages) newEntry(v *visit) error {
	class, err := p.classNamed(v.c.Param("class"))
	if err != nil {
		return err
	}
	q := v.c.Request.URL.Query()
	if kind, id, named := strings.Cut(q.Get("object"), ":"); named && slices.Contains([]string{"facility", "outlet", "site", "park"}, kind) {
		v.to("/p/ledger/new/" + url.PathEscape(class.Code) + "?" + url.Values{kind: {id}, "date": {q.Get("date")}}.Encode())
		return nil
	}
	about, whole, err := p.subjectNamed(v, class, q.Get)
	if err != nil {
		return err
	}
	if !whole {
		return p.choose(v, class, about)
	}
	f := filling{class: class, about: about, id: models.NewID(), typed: ledger.Typed{}}
	if err := p.takeOver(v, &f); err != nil {
		return err
	}
	return p.showForm(v, http.StatusOK, f)
}

// classNamed is a class that is filed.
func (p *Pages) classNamed(name string) (ledger.Class, error) {
	class, ok := p.options.Ledger.Catalogue().Newest(name)
	if !ok || class.View != "" {
		return class, fault.Absent()
	}
	return class, nil
}

// createEntry makes a draft of what was typed.
func (p *Pages) createEntry(v *visit) error {
	class, err := p.classNamed(v.c.Param("class"))
	if err != nil {
		return err
	}
	about, whole, err := p.subjectNamed(v, class, v.field)
	if err != nil {
		return err
	}
	if !whole {
		return fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	f := filling{class: class, about: about}
	f.read(v)
	if f.id, err = models.ParseID(v.field("id")); err != nil {
		f.id = models.NewID()
	}
	return p.write(v, f, func(payload []byte, attached []string) (ledger.Record, error) {
		in := ledger.Input{ParkID: string(about.Park), SiteID: string(models.Deref(about.Site)), FacilityID: string(models.Deref(about.Facility)), OutletID: string(models.Deref(about.Outlet)),
			Class: class.Code, Day: string(about.Day), Slot: f.about.Slot, Payload: payload, Attachments: attached}
		return p.options.Ledger.Create(v.ctx, f.id, in)
	})
}

// read takes what the form says.
func (f *filling) read(v *visit) {
	form := v.c.Request.PostForm
	f.typed, f.typist = ledger.Typed{}, true
	for name, values := range form {
		if strings.HasPrefix(name, "/") {
			f.typed[name] = values[0]
		}
	}
	for _, row := range form["offered"] {
		f.typed.Forgo(row)
	}
	f.reason, f.wide = strings.TrimSpace(form.Get("reason")), form.Get("wide") != ""
	f.version, _ = v.version() // a new entry has none
	if _, entered := form["slot"]; entered {
		f.about.Slot = strings.TrimSpace(form.Get("slot"))
	}
}

// write does what the button says: draws the form again with room for more, or writes.
func (p *Pages) write(v *visit, f filling, save func(payload []byte, attached []string) (ledger.Record, error)) error {
	do := v.field("do")
	if v.strange {
		f.failure = Failure{Status: http.StatusForbidden, Detail: say(v, fault.T("登录已经更换，核对内容后再保存一次"))}
		return p.showForm(v, http.StatusForbidden, f)
	}
	switch list, more := strings.CutPrefix(do, "more:"); {
	case more:
		f.more(list)
		return p.showForm(v, http.StatusOK, f)
	case do == "wide":
		f.wide = true
		return p.showForm(v, http.StatusOK, f)
	case do == "resume":
		return p.showForm(v, http.StatusOK, f)
	}
	payload, rows := f.class.Payload(f.typed)
	f.rows = rows
	var r ledger.Record
	err := p.keepBrought(v, f.about.Park, f.about.Site)
	if err == nil {
		r, err = save(payload, append([]string{}, v.c.Request.PostForm["attachments"]...)) // none is an answer too
	}
	if err == nil {
		return p.kept(v, r, do)
	}
	f.failure = p.options.Explain(v.ctx, err)
	if f.failure.Status >= http.StatusInternalServerError || f.failure.Status == http.StatusNotFound {
		return err
	}
	if do == "auto" {
		v.c.JSON(f.failure.Status, gin.H{"text": say(v, fault.T("还没有保存：{{.Why}}", "Why", fault.Text{Key: f.failure.Detail, English: f.failure.Detail}))})
		return nil
	}
	return p.showForm(v, f.failure.Status, f)
}

// kept answers a write: the script goes on with the draft, a person sees it.
func (p *Pages) kept(v *visit, r ledger.Record, do string) error {
	at := "/ledger/" + string(r.ID)
	switch do {
	case "auto":
		v.c.JSON(http.StatusOK, gin.H{"left": p.left(v), "action": at + "/edit", "version": r.Version, "text": say(v, savedAt(r.Entry))})
	case "check":
		v.to(at + "/check")
	default:
		v.to(at + "/edit")
	}
	return nil
}

func savedAt(e ledger.Entry) fault.Text {
	return fault.T("草稿已保存 {{.At}}，离开不会丢", "At", moment(e.UpdatedAt)[11:16])
}

// more gives a list one blank record more.
func (f *filling) more(list string) {
	steps := strings.Split(strings.TrimPrefix(list, "/"), "/")
	fields := f.class.Fields
	for i := 0; i < len(steps); i += 2 { // a name, the number of a record, a name …
		at := slices.IndexFunc(fields, func(x ledger.Field) bool { return x.Name == steps[i] })
		if at < 0 {
			return
		}
		fields = fields[at].Fields
	}
	if len(fields) == 0 {
		return
	}
	next := 0
	for _, n := range f.typed.Rows(list) {
		next = n + 1
	}
	f.typed[list+"/"+strconv.Itoa(next)+"/"+fields[0].Name] = ""
}

// action is where the form is sent.
func (f filling) action() string {
	switch {
	case f.record == nil:
		return "/p/ledger/new/" + f.class.Code
	case f.amends:
		return "/ledger/" + string(f.record.ID) + "/amend"
	}
	return "/ledger/" + string(f.record.ID) + "/edit"
}

func (p *Pages) showForm(v *visit, status int, f filling) error {
	page, err := p.formOf(v, f)
	if err != nil {
		return err
	}
	return p.show(v, status, "form.html", page)
}

// formOf draws the form.
func (p *Pages) formOf(v *visit, f filling) (formPage, error) {
	title := fault.Named(f.class.TitleZh, f.class.TitleEn)
	page := formPage{Shell: p.shell(v, title), Class: nameOf(v.lang, f.class.TitleZh, f.class.TitleEn), About: f.about, Action: f.action(), Wide: f.wide, Failure: f.failure}
	page.Shell.Style, page.Shell.Script, page.Shell.Failed = p.formStyle, p.formScript, f.failure.Detail != ""
	near, err := p.options.Ledger.Before(v.ctx, f.about.About)
	if err != nil {
		return page, err
	}
	d := drawing{lang: v.lang, class: f.class, typed: f.typed, near: near, taken: f.taken, corrects: f.amends || f.record != nil && f.record.Supersedes != nil, wide: f.wide || f.seldom(), faults: f.faults(), judged: map[string]verdict{}}
	if f.record != nil && !f.typist {
		for _, j := range f.record.Judgements {
			d.judged[j.Path] = verdictOf(j)
		}
	}
	page.Slot, page.Reason = d.slot(f), d.reason(f)
	page.Sections = d.sections()
	page.Wide = d.wide
	for _, list := range f.class.Fields {
		if _, measured := valueIn(list); measured {
			page.Narrow, page.Pollutants = !d.wide, pollutants(v.lang, list)
		}
	}
	page.Summary = append(page.Summary, d.order...)
	page.Files, page.MaxMiB = p.attachedTo(v, f), files.MaxSize>>20
	for pointer, detail := range d.faults {
		if pointer == "/attachments" || strings.HasPrefix(pointer, "/attachments/") {
			page.FilesFault = detail
			page.Summary = append(page.Summary, summaryLine{"file", detail})
			delete(d.faults, pointer)
		}
	}
	for _, pointer := range slices.Sorted(maps.Keys(d.faults)) { // of what has no field here
		page.Summary = append(page.Summary, summaryLine{"about", d.faults[pointer]})
	}
	return page, p.frame(v, f, &page)
}

// attachedTo are the files of the entry and those that the form has brought.
func (p *Pages) attachedTo(v *visit, f filling) []option {
	var all []option
	chosen := v.c.Request.PostForm["attachments"]
	if f.record != nil {
		for _, a := range f.record.Attached {
			all = append(all, option{Name: a.Name, Value: string(a.ID), Chosen: !f.typist || slices.Contains(chosen, string(a.ID))})
		}
	}
	if f.typist {
		for _, o := range p.keptFiles(v) {
			if !slices.ContainsFunc(all, func(x option) bool { return x.Value == o.Value }) {
				all = append(all, o)
			}
		}
	}
	return all
}

// frame is what stands around the fields: what travels with them, and the ways on.
func (p *Pages) frame(v *visit, f filling, page *formPage) error {
	hide := func(name, value string) { page.Hidden = append(page.Hidden, option{Value: value, Name: name}) }
	hide("form", page.Shell.Form)
	if page.Wide {
		hide("wide", "1")
	}
	q := f.about.query()
	page.Other = "/p/ledger/new/" + f.class.Code + "?date=" + string(f.about.Day)
	if f.record == nil {
		for _, name := range slices.Sorted(maps.Keys(q)) {
			hide(name, q.Get(name))
		}
		hide("id", string(f.id))
		if f.failure.Status == http.StatusConflict {
			page.List = "/p/ledger?" + url.Values{"class": {f.class.Code}, "from": {string(f.about.Day)}, "to": {string(f.about.Day)}}.Encode()
		}
		return nil
	}
	page.Number, page.Entry, page.Other = f.record.Number, "/ledger/"+string(f.record.ID), ""
	version := f.record.Version
	if f.typist && f.failure.Status != http.StatusPreconditionFailed { // what was read is what is changed; after a look at the other's, theirs
		version = f.version
	}
	if f.amends {
		hide("id", string(f.id))
		hide("version", strconv.FormatInt(version, 10))
		return nil
	}
	page.Saved = say(v, savedAt(f.record.Entry))
	if f.failure.Status == http.StatusPreconditionFailed {
		page.Theirs = f.theirs(v)
	}
	change, _, err := p.options.Ledger.Writable(v.ctx, f.record.Entry)
	page.Closed = !change
	hide("version", strconv.FormatInt(version, 10))
	return err
}

// faults are those of the failure by their pointers in the form.
func (f filling) faults() map[string]string {
	all := map[string]string{}
	for _, e := range f.failure.Errors {
		pointer := e.Pointer
		if rest, in := strings.CutPrefix(pointer, "/payload"); in {
			pointer = f.typedAt(rest)
		}
		if _, known := all[pointer]; !known {
			all[pointer] = e.Detail
		}
	}
	return all
}

// typedAt is where something of the payload stands in the form.
func (f filling) typedAt(pointer string) string {
	for end := len(pointer); end > 0; end = strings.LastIndex(pointer[:end], "/") {
		if from, moved := f.rows[pointer[:end]]; moved {
			return from + pointer[end:]
		}
	}
	return pointer
}

// seldom reports whether the form says of a reading what is seldom said.
func (f filling) seldom() bool {
	for _, list := range f.class.Fields {
		value, measured := valueIn(list)
		for _, n := range f.typed.Rows("/" + list.Name) {
			for _, x := range list.Fields {
				if measured && x.Name != value.Name && x.Name != value.ItemBy && f.typed["/"+list.Name+"/"+strconv.Itoa(n)+"/"+x.Name] != "" {
					return true
				}
			}
		}
	}
	return false
}

// slot is the field of the shift, the batch or the event; nil where the payload says it,
// or where it is settled.
func (d *drawing) slot(f filling) *inputField {
	if d.class.Slot.Field != "" || f.record != nil && (f.record.Filings > 0 || f.record.Supersedes != nil || f.amends) {
		return nil
	}
	says := ledger.Field{LabelZh: d.class.Slot.LabelZh, LabelEn: d.class.Slot.LabelEn}
	label := labelOf(d.lang, says)
	in := inputField{ID: "f-slot", Name: "slot", Label: label, Kind: "text", Required: d.class.Slot.Required, MaxLength: 40, Value: f.about.Slot, Hint: d.hint(says)}
	if len(f.about.Shifts) > 0 && d.class.Slot.Kind == "shift" {
		in.List = "shifts"
	}
	if in.Failure = d.fails("/slot", label); in.Failure != "" {
		d.order = append(d.order, summaryLine{in.ID, in.Failure})
	}
	in = in.described()
	return &in
}

// reason is the field of an amendment that has not been filed yet.
func (d *drawing) reason(f filling) *inputField {
	if !f.amends && (f.record == nil || f.record.Supersedes == nil || f.record.Filings > 0) {
		return nil
	}
	in := inputField{ID: "f-reason", Name: "reason", Label: d.say(fault.T("更正原因")), Kind: "area", Wide: true, Required: true, MaxLength: 500, Value: f.reason, Hint: d.say(fault.T("至少 5 个字，随更正一起留存"))}
	if in.Failure = d.fails("/reason", in.Label); in.Failure != "" {
		d.order = append(d.order, summaryLine{in.ID, in.Failure})
	}
	in = in.described()
	return &in
}

// theirs are the fields that stand differently now than in the form.
func (f filling) theirs(v *visit) []difference {
	stored := f.class.Typed(f.record.Payload)
	payload, _ := f.class.Payload(f.typed)
	mine := f.class.Typed(payload)
	all := maps.Clone(stored)
	maps.Copy(all, mine)
	var out []difference
	for _, pointer := range slices.Sorted(maps.Keys(all)) {
		if stored[pointer] != mine[pointer] {
			out = append(out, difference{labelAt(v.lang, f.class.Fields, pointer), mine[pointer], stored[pointer]})
		}
	}
	if f.reason != "" && f.reason != f.record.Reason {
		out = append(out, difference{say(v, fault.T("更正原因")), f.reason, f.record.Reason})
	}
	return out
}
