package web

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// said is one thing that an entry says, in the order and the words of its class.
type said struct {
	Label, Value, Unit string
	Table              *sheet // of a list, instead of a value
	Wide               bool   // has a line of its own
}

// longest is how many characters a value may have to share its line with another.
const longest = 24

// sheet is a list of records as a table.
type sheet struct {
	Heads []string
	Rows  [][]string
}

// contentOf reads a payload by its class, in lines of one or two. What the class does
// not name is not shown: nothing can be filed that it does not name.
func contentOf(lang words.Lang, class ledger.Class, payload string) ([][]said, error) {
	record, err := recordOf([]byte(payload))
	if err != nil {
		return nil, err
	}
	var lines [][]said
	open := false // the last line has room for another value
	for _, f := range class.Fields {
		raw, given := record[f.Name]
		if !given {
			continue
		}
		s := said{Label: labelOf(lang, f), Wide: true}
		if len(f.Fields) > 0 {
			if s.Table, err = sheetOf(lang, f.Fields, raw); err != nil {
				return nil, err
			}
		} else {
			s.Value, s.Unit = valueOf(lang, f, raw), unitOf(lang, f.Unit)
			s.Wide = utf8.RuneCountInString(s.Value) > longest
		}
		if open && !s.Wide {
			lines[len(lines)-1] = append(lines[len(lines)-1], s)
			open = false
			continue
		}
		lines, open = append(lines, []said{s}), !s.Wide
	}
	for _, l := range lines {
		if len(l) == 1 {
			l[0].Wide = true
		}
	}
	return lines, nil
}

func recordOf(raw []byte) (map[string]json.RawMessage, error) {
	var record map[string]json.RawMessage
	err := json.Unmarshal(raw, &record)
	return record, err
}

func sheetOf(lang words.Lang, fields []ledger.Field, raw json.RawMessage) (*sheet, error) {
	var records []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &records); err != nil {
		return nil, err
	}
	t := &sheet{Rows: make([][]string, len(records))}
	for _, f := range fields {
		if !slices.ContainsFunc(records, func(r map[string]json.RawMessage) bool { return r[f.Name] != nil }) {
			continue // a column that nobody filled in
		}
		head := labelOf(lang, f)
		if f.Unit != "" {
			head += " (" + unitOf(lang, f.Unit) + ")"
		}
		t.Heads = append(t.Heads, head)
		for i, r := range records {
			value := "--"
			if raw, given := r[f.Name]; given {
				value = valueOf(lang, f, raw)
			}
			t.Rows[i] = append(t.Rows[i], value)
		}
	}
	return t, nil
}

func labelOf(lang words.Lang, f ledger.Field) string { return nameOf(lang, f.LabelZh, f.LabelEn) }

// nameOf is a label without what stands behind a comma, which is for who fills it in.
func nameOf(lang words.Lang, zh, en string) string {
	return words.Render(lang, ledger.ShortTitle(zh, en))
}

// unitOf writes a unit as the office does.
func unitOf(lang words.Lang, unit string) string {
	unit = code.WrittenUnit(unit)
	if unit == "万元" {
		return words.Render(lang, fault.T("万元"))
	}
	return unit
}

// valueOf is a value as it was entered, options and codes with their names.
func valueOf(lang words.Lang, f ledger.Field, raw json.RawMessage) string {
	return words.Render(lang, f.Said(raw))
}

// moment is an instant as the office writes it, at UTC+8 to the second.
func moment(at time.Time) string { return code.ClockTime(at) }
