package policies

import (
	"fmt"
	"strings"
)

// Matrix prints who may do what and how far: one line a permission, one column
// a role, the reaches in a cell, widest first; "·" is nothing. It asks what
// requests ask, so that what is reviewed is what is decided.
func (p *Policy) Matrix() (string, error) {
	rows := [][]string{{"permission"}}
	for _, r := range Roles() {
		rows[0] = append(rows[0], r.Slug())
	}
	for _, perm := range Permissions() {
		row := []string{string(perm)}
		for _, r := range Roles() {
			var cell []string
			for _, reach := range Reaches() {
				ok, err := p.Gives(r, perm, reach)
				if err != nil {
					return "", err
				}
				if ok {
					cell = append(cell, string(reach))
				}
			}
			if cell == nil {
				cell = []string{"·"}
			}
			row = append(row, strings.Join(cell, "+"))
		}
		rows = append(rows, row)
	}
	return align(rows), nil
}

// align pads every column to its widest cell. All cells are single-width.
func align(rows [][]string) string {
	var b strings.Builder
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = cell + strings.Repeat(" ", width[i]-len([]rune(cell)))
		}
		fmt.Fprintln(&b, strings.TrimRight(strings.Join(line, "  "), " "))
	}
	return b.String()
}
