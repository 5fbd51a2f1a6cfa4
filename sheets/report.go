package sheets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/report"
)

// Cover is what stands around the data part of a report: who had it made, and when.
type Cover struct {
	By string
	At time.Time
}

// Report writes a report as a workbook: a cover, then a worksheet for each table with a
// frozen head, set up for paper. The worksheets of the tables are the data part: the same
// report gives the same bytes of them, whoever makes it and whenever (decision 22).
func Report(w io.Writer, r report.Report, cover Cover, lang words.Lang) (err error) {
	dir, err := os.MkdirTemp("", "workbook")
	if err != nil {
		return err
	}
	b := reportBook{file: excelize.NewFile(excelize.Options{TmpDir: dir}), lang: lang, wide: r.Wide}
	defer func() { err = errors.Join(err, b.file.Close(), os.RemoveAll(dir)) }()
	if err := b.styles(); err != nil {
		return err
	}
	if err := b.cover(r, cover); err != nil {
		return err
	}
	for i, t := range r.Tables {
		if err := b.table(b.sheet(i, t), t); err != nil {
			return err
		}
	}
	if err := b.sources(r); err != nil {
		return err
	}
	return b.file.Write(w)
}

// reportBook is a report being written.
type reportBook struct {
	file                          *excelize.File
	lang                          words.Lang
	wide                          bool
	title, head, text, wrap, bold int
}

func (b *reportBook) say(t fault.Text) string { return words.Render(b.lang, t) }

func (b *reportBook) styles() error {
	lines := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		lines = append(lines, excelize.Border{Type: side, Color: "9AA8AD", Style: 1})
	}
	middle := &excelize.Alignment{Vertical: "center", WrapText: true}
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&b.title, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true, Size: 16}}},
		{&b.bold, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&b.wrap, excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}},
		{&b.head, excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EEF3F8"}}, Border: lines, Alignment: middle}},
		{&b.text, excelize.Style{NumFmt: 49, Border: lines, Alignment: middle}},
	} {
		var err error
		if *s.into, err = b.file.NewStyle(&s.style); err != nil {
			return err
		}
	}
	return nil
}

// cover is the first worksheet: what the report is, its paragraphs and digest, and last
// who had it made.
func (b *reportBook) cover(r report.Report, c Cover) error {
	sheet := b.say(fault.T("封面"))
	err := b.file.SetSheetName("Sheet1", sheet)
	row := 0
	put := func(style int, cells ...string) {
		row++
		for x, s := range cells {
			at := Cell(x, row)
			err = errors.Join(err, b.file.SetCellStr(sheet, at, Guard(s)), b.file.SetCellStyle(sheet, at, at, style))
			style = b.wrap
		}
	}
	put(b.title, b.say(r.Title))
	if r.AsOf != "" {
		put(b.bold, b.say(fault.T("截止日期")), string(r.AsOf))
	}
	if r.KnownSeq != nil {
		put(b.bold, b.say(fault.T("计入变更序号")), strconv.FormatInt(*r.KnownSeq, 10))
	}
	for _, a := range r.About {
		put(b.bold, b.say(a.What), b.say(a.Is))
	}
	for _, s := range r.Said {
		put(b.bold, b.say(fault.T("摘要")), b.say(s))
	}
	for i, t := range r.Tables {
		put(b.bold, fmt.Sprintf("%d %s", i+1, b.say(t.Title)), b.say(fault.T("{{.Rows}} 行", "Rows", len(t.Rows))))
	}
	put(b.bold, b.say(fault.T("数据部分的 SHA-256")), r.Digest())
	put(b.bold, b.say(fault.T("操作人")), c.By)
	put(b.bold, b.say(fault.T("生成时间")), code.ClockTime(c.At))
	return errors.Join(err, b.file.SetColWidth(sheet, "A", "A", 24), b.file.SetColWidth(sheet, "B", "B", 90), b.paper(sheet))
}

// sheet is the name of the worksheet of a table.
func (b *reportBook) sheet(i int, t report.Table) string {
	return clip(strings.NewReplacer("/", "、").Replace(strconv.Itoa(i+1)+" "+b.say(t.Title)), 31)
}

// table writes one table, row by row.
func (b *reportBook) table(sheet string, t report.Table) error {
	if _, err := b.file.NewSheet(sheet); err != nil {
		return err
	}
	if err := b.paper(sheet); err != nil { // what the stream does not know is written around it
		return err
	}
	s, err := b.file.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	rows, head := make([][]string, len(t.Rows)), make([]any, len(t.Columns))
	for i, row := range t.Rows {
		for _, c := range row {
			rows[i] = append(rows[i], b.say(c))
		}
	}
	for x, c := range t.Columns {
		title := b.say(c.Title)
		width := min(broad(title)+2, 14)
		for _, row := range rows[:min(len(rows), measuredBy)] {
			width = max(width, broad(row[x])+2)
		}
		head[x] = excelize.Cell{StyleID: b.head, Value: Guard(title)}
		err = errors.Join(err, s.SetColWidth(x+1, x+1, float64(min(max(width, narrowest), 40))))
	}
	err = errors.Join(err, s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}), s.SetRow("A1", head))
	for i, row := range rows {
		cells := make([]any, len(row))
		for x, text := range row {
			cells[x] = excelize.Cell{StyleID: b.text, Value: Guard(text)}
			if v, parsed := strconv.ParseFloat(text, 64); t.Columns[x].Number && parsed == nil && slices.Contains([]string{strconv.FormatFloat(v, 'f', -1, 64), strconv.FormatFloat(v, 'f', 1, 64)}, text) {
				cells[x] = excelize.Cell{StyleID: b.text, Value: v}
			}
		}
		err = errors.Join(err, s.SetRow(Cell(0, i+2), cells))
	}
	last := Cell(len(t.Columns)-1, len(rows)+1)
	return errors.Join(err, b.file.AutoFilter(sheet, "A1:"+last, nil), s.Flush(),
		b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheet, RefersTo: "'" + sheet + "'!$1:$1"}))
}

// paper sets a worksheet up for A4, or A3 across, as wide as the page, with its number.
func (b *reportBook) paper(sheet string) error {
	size, orientation, one, any := 9, "portrait", 1, 0 // A4
	if b.wide {
		size, orientation = 8, "landscape" // A3
	}
	fit := true
	return errors.Join(b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation, FitToWidth: &one, FitToHeight: &any}),
		b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}), b.file.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R&P / &N"}))
}
