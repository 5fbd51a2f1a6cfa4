package sheets

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/discharge"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// Line is one entry of a ledger as the rows of a sheet say it.
type Line struct {
	Row, Last int               // first and last row of it in the file
	Input     ledger.EntryInput // values as entered; not to be filed unless the caller says so
	Faults    []fault.Violation // of cells: Pointer is the cell, Value what stood there
	Instead   map[string]string // by the cell, what may be meant

	head    *head
	rows    []numbered
	records map[string]int // row of a record, or of a value that stands in another row than the first
}

// At is the cell of a violation of the line's input: the cell of the value, or the
// nearest one that there is.
func (l Line) At(pointer string) string {
	row, at := l.Row, ""
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		at += "/" + step
		if r, known := l.records[at]; known {
			row = r
		}
	}
	name := generic(pointer)
	first := -1
	for i, c := range l.head.columns {
		x := l.head.at[i]
		switch {
		case x < 0:
		case c.pointer == name:
			return Cell(x, row)
		case first < 0 && strings.HasPrefix(c.pointer, name+"/"):
			first = x
		}
	}
	if first < 0 || name == "" {
		first = slices.Min(slices.DeleteFunc(slices.Clone(l.head.at), func(x int) bool { return x < 0 }))
	}
	return Cell(first, row)
}

// Of is the place in the input of what stands in a cell; "" for a cell that is none of
// the line's.
func (l Line) Of(cell string) string {
	column, row, _ := position(cell)
	i := slices.Index(l.head.at, column-1)
	if i < 0 || row < l.Row || row > l.Last {
		return ""
	}
	c := l.head.columns[i]
	if len(c.lists) == 0 {
		return c.pointer
	}
	for record, at := range l.records {
		if at == row && generic(record)+"/"+c.field.Name == c.pointer {
			return record + "/" + c.field.Name
		}
	}
	return ""
}

// generic is a pointer without the numbers of records.
func generic(pointer string) string {
	var steps []string
	for step := range strings.SplitSeq(pointer, "/") {
		if _, err := strconv.Atoi(step); err != nil {
			steps = append(steps, step)
		}
	}
	return strings.Join(steps, "/")
}

// Texts are what stands in all cells of the line that are not blank.
func (l Line) Texts() map[string]string {
	all := map[string]string{}
	for _, n := range l.rows {
		for x, c := range n.cells {
			if c.text != "" {
				all[Cell(x, n.row)] = c.text
			}
		}
	}
	return all
}

// Text is what stands in a cell of the line.
func (l Line) Text(cell string) string {
	column, row, ok := position(cell)
	for _, n := range l.rows {
		if ok && n.row == row && column <= len(n.cells) {
			return n.cells[column-1].text
		}
	}
	return ""
}

// building is a line of which more rows may come.
type building struct {
	of      *Lines
	rows    []numbered
	keys    map[int]string    // what the key columns say, in the spelling of the class
	about   map[string]string // what the keys say, by pointer into the input
	typed   ledger.Typed      // by pointer into the payload
	records map[string]int    // rows of records, by pointer into what was typed
	late    map[string]int    // rows of values that are not in the first one, by pointer into the input
	counts  map[string]int    // records by the pointer of their list
	faults  []fault.Violation
	instead map[string]string
	day     string
}

func (l *Lines) build(n numbered) *building {
	b := &building{of: l, keys: map[int]string{}, about: map[string]string{}, typed: ledger.Typed{}, records: map[string]int{}, late: map[string]int{}, counts: map[string]int{}, instead: map[string]string{}}
	for i, c := range l.head.columns {
		if l.isKey(c) {
			b.keys[i] = b.key(i, n)
		}
		if c.pointer == dayKey {
			b.day = b.keys[i]
		}
	}
	b.add(n)
	return b
}

// isKey reports whether rows of one line agree in a column: what tells lines apart.
func (l *Lines) isKey(c column) bool {
	return c.key || l.class.Slot.Field != "" && c.pointer == "/payload/"+l.class.Slot.Field
}

// cell is that of a column of the class in a row; a blank one where the sheet has none.
func (l *Lines) cell(i int, n numbered) cell {
	if x := l.head.at[i]; x >= 0 && x < len(n.cells) && !n.cells[x].blank() {
		return n.cells[x]
	}
	return cell{}
}

// key is what a row says in a key column, as it is compared.
func (b *building) key(i int, n numbered) string {
	c := b.of.cell(i, n)
	if b.of.head.columns[i].pointer == dayKey {
		return b.of.times.dayOf(c).text
	}
	return code.TypedCode(b.of.times.written(c))
}

// takes reports whether a row goes on with the line: a list goes on below, and the keys
// are repeated or left blank.
func (b *building) takes(n numbered) bool {
	if len(b.of.tree) == 0 {
		return false
	}
	for i, said := range b.keys {
		if now := b.key(i, n); now != "" && headKey(now) != headKey(said) {
			return false
		}
	}
	return true
}

// add takes the values of a row.
func (b *building) add(n numbered) {
	b.rows = append(b.rows, n)
	for _, m := range b.of.merged[n.row] {
		if slices.ContainsFunc(b.of.head.at, func(x int) bool { return x >= 0 && x+1 >= m.left && x+1 <= m.right }) {
			b.fail(Cell(m.left-1, m.top), "", fault.Violation{Code: "merged", Detail: fault.T("这里合并了单元格；取消合并，每一行都填写")})
		}
	}
	for i, c := range b.of.head.columns {
		if len(c.lists) == 0 {
			b.plain(i, n)
		}
	}
	for _, list := range b.of.tree {
		b.list(list, "", n)
	}
}

// plain takes a value that is in no list. Rows below the first repeat it or leave it blank.
func (b *building) plain(i int, n numbered) {
	c := b.of.head.columns[i]
	in := b.of.cell(i, n)
	if in == (cell{}) {
		return
	}
	pointer, into := strings.TrimPrefix(c.pointer, "/payload"), map[string]string(b.typed)
	if c.key {
		into = b.about
	}
	before, given := into[pointer]
	s := b.of.value(c, in, b.day)
	switch {
	case given && before != s.text:
		b.fail(Cell(b.of.head.at[i], n.row), in.text, fault.Violation{Code: "differs",
			Detail: fault.T("与第 {{.Row}} 行是同一条记录，这一项不一致；改成一致，或者填写不同的日期、班次、批次", "Row", b.rows[0].row)})
		return
	case given:
		return
	}
	into[pointer] = s.text
	if len(b.rows) > 1 {
		b.late[c.pointer] = n.row
	}
	b.told(i, n, s)
}

// told notes what is wrong with a value.
func (b *building) told(i int, n numbered, s said) {
	at := Cell(b.of.head.at[i], n.row)
	if s.wrong != nil {
		b.fail(at, b.of.cell(i, n).text, *s.wrong)
	}
	if s.instead != "" {
		b.instead[at] = s.instead
	}
}

func (b *building) fail(cell, text string, v fault.Violation) {
	v.Pointer = cell
	if text != "" {
		v.Value = text
	}
	if !slices.ContainsFunc(b.faults, func(f fault.Violation) bool { return f.Pointer == cell }) {
		b.faults = append(b.faults, v)
	}
}

// value is what a cell says in a column.
func (l *Lines) value(c column, in cell, day string) said {
	switch {
	case c.pointer == dayKey:
		return l.times.dayOf(in)
	case c.key:
		return l.times.code(in)
	}
	return l.times.value(in, c.field, day)
}

// list takes the record that a row has of a list. A row that only says something of a
// list within it belongs to the record before.
func (b *building) list(l node, parent string, n numbered) {
	at := parent + "/" + l.name
	own := slices.ContainsFunc(l.columns, func(i int) bool { return b.of.cell(i, n) != cell{} })
	if !own && !b.below(l.lists, n) {
		return
	}
	if own || b.counts[at] == 0 {
		b.counts[at]++
	}
	record := at + "/" + strconv.Itoa(b.counts[at]-1)
	if own {
		b.records[record] = n.row
	}
	for _, i := range l.columns {
		b.member(i, record, n)
	}
	for _, inner := range l.lists {
		b.list(inner, record, n)
	}
}

// member takes a value of a record, with the unit that the cell or the head states for it.
func (b *building) member(i int, record string, n numbered) {
	in, c := b.of.cell(i, n), b.of.head.columns[i]
	if in == (cell{}) {
		return
	}
	s := b.of.value(c, in, b.day)
	b.told(i, n, s)
	b.typed[record+"/"+c.field.Name] = s.text
	if u := b.of.head.units[i]; s.unit == "" && u != "" && b.measuredIn(u, record, c.field) {
		s.unit = u
	}
	sibling := b.of.head.column(strings.TrimSuffix(c.pointer, c.field.Name) + "unit")
	if s.unit == "" || sibling < 0 {
		return
	}
	switch beside := b.of.cell(sibling, n).text; {
	case beside == "":
		b.typed[record+"/unit"] = s.unit
	case !sameUnit(s.unit, beside):
		b.fail(Cell(b.of.head.at[i], n.row), in.text, fault.Violation{Code: "unit", Detail: fault.T("数值后的单位与单位一列的 {{.Unit}} 不一致", "Unit", beside)})
	}
}

// measuredIn reports whether the pollutant of a record can be stated in the unit of the
// head: one unit stands over pH too.
func (b *building) measuredIn(unit, record string, f ledger.Field) bool {
	text := b.typed[record+"/"+f.ItemBy]
	all := code.PollutantsNamed(text)
	if p, known := code.PollutantOf(text); known && p != "" {
		all = []code.Pollutant{p}
	}
	return len(all) > 0 && discharge.CheckUnit(all[0].Label(), all[0].Unit(), unit) == nil
}

func (b *building) below(lists []node, n numbered) bool {
	return slices.ContainsFunc(lists, func(l node) bool {
		return slices.ContainsFunc(l.columns, func(i int) bool { return b.of.cell(i, n) != cell{} }) || b.below(l.lists, n)
	})
}

// line is what all its rows say.
func (b *building) line() Line {
	in := ledger.Input{ParkID: string(b.of.park), Class: b.of.class.Code, Day: b.about[dayKey], Slot: b.about[slotKey]}
	if site, known := b.site(); known {
		in.SiteID = string(models.Deref(site))
		in.FacilityID = b.object(facilityKey, b.of.look.facilities, site)
		in.OutletID = b.object(outletKey, b.of.look.outlets, site)
	}
	payload, moved := b.of.class.Payload(b.typed)
	in.Payload = payload
	l := Line{Row: b.rows[0].row, Last: b.rows[len(b.rows)-1].row, Input: ledger.EntryInput{Input: in}, Faults: b.faults, Instead: b.instead, head: b.of.head, rows: b.rows, records: map[string]int{}}
	maps.Copy(l.records, b.late)
	for to, from := range moved {
		l.records["/payload"+to] = b.records[from]
	}
	return l
}

// site is that of the firm that is named; nil when none is, the park's own for a class of
// the park. False when nobody is called so: what is named of a firm is then not looked for.
func (b *building) site() (*models.ID, bool) {
	var id models.ID
	text := b.about[firmKey]
	switch {
	case text != "":
	case b.of.class.Site == ledger.None:
		return &id, true
	case len(b.of.look.firms) == 1 && b.of.head.at[b.of.head.column(firmKey)] < 0:
		return &b.of.look.firms[0].Site, true // the sheet of one firm need not name it
	default:
		return nil, true
	}
	id, near, wrong := b.of.look.site(text)
	b.unknown(firmKey, text, wrong)
	if near != "" {
		b.instead[b.cellOf(firmKey)] = near
	}
	return &id, wrong == nil
}

func (b *building) object(pointer string, s shelf, site *models.ID) string {
	text := b.about[pointer]
	if text == "" {
		return ""
	}
	id, wrong := s.find(site, text)
	b.unknown(pointer, text, wrong)
	return string(id)
}

// unknown notes that nothing is called so.
func (b *building) unknown(pointer, text string, wrong *fault.Violation) {
	if wrong != nil {
		b.fail(b.cellOf(pointer), text, *wrong)
	}
}

// cellOf is the cell of a key.
func (b *building) cellOf(pointer string) string {
	return Cell(b.of.head.at[b.of.head.column(pointer)], b.rows[0].row)
}
