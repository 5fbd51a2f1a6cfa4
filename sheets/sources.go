package sheets

import (
	"errors"
	"strconv"

	"github.com/xuri/excelize/v2"

	"parkregistry/internal/fault"
	"parkregistry/models/report"
)

// sources writes the hidden worksheet that names, cell by cell, the records that a
// declaration is filled from: nobody who reads the tables is in its way, and whoever
// checks a number finds what it is made of. A report without such cells has none.
func (b *reportBook) sources(r report.Report) error {
	n := 0
	for _, t := range r.Tables {
		n += len(t.Sources)
	}
	if n == 0 {
		return nil
	}
	sheet := b.say(fault.T("来源"))
	if _, err := b.file.NewSheet(sheet); err != nil {
		return err
	}
	s, err := b.file.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for x, width := range []float64{32, 10, 26, 12, 34, 18, 10} {
		err = errors.Join(err, s.SetColWidth(x+1, x+1, width))
	}
	head := []fault.Text{fault.T("工作表"), fault.T("单元格"), fault.T("台账或许可证编号"), fault.T("日期"), fault.T("内容中的位置"), fault.T("填报的内容"), fault.T("单位")}
	row := make([]any, len(head))
	for x, h := range head {
		row[x] = excelize.Cell{StyleID: b.head, Value: b.say(h)}
	}
	err = errors.Join(err, s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}), s.SetRow("A1", row))
	line := 1
	for i, t := range r.Tables {
		of := b.sheet(i, t)
		for _, x := range t.Sources {
			line++
			for c, cell := range []string{of, Cell(x.Column, x.Row+2), x.Record, string(x.Day), x.Path, x.Raw, x.Unit} {
				row[c] = excelize.Cell{Value: Guard(cell)}
			}
			err = errors.Join(err, s.SetRow("A"+strconv.Itoa(line), row))
		}
	}
	return errors.Join(err, s.Flush(), b.file.SetSheetVisible(sheet, false))
}
