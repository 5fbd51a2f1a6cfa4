package sheets_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/sheets"
)

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "园区": "园区", "12.5": "12.5", "-12.5": "-12.5", "+7": "+7", "=1+1": "'=1+1", "+cmd|x": "'+cmd|x", "-x": "'-x", "@SUM": "'@SUM",
		"\tx": "'\tx", "\rx": "'\rx", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "'quoted": "'quoted", "'=x": "''=x", "'-5": "''-5",
	} {
		if got := sheets.Guard(in); got != want {
			t.Errorf("Guard(%q) is %q, want %q", in, got, want)
		}
	}
}

// FuzzGuard: what goes out comes in as it was (S-XL4), and never runs.
func FuzzGuard(f *testing.F) {
	for _, s := range []string{"", "=1", "'=1", "''", "-5", "'-5", "＝x", "园区"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := sheets.Guard(s)
		if back := sheets.Unguard(out); back != s {
			t.Errorf("%q went out as %q and came in as %q", s, out, back)
		}
		if strings.HasPrefix(out, "=") || strings.HasPrefix(out, "@") || strings.HasPrefix(out, "＝") || strings.HasPrefix(out, "＠") {
			t.Errorf("%q goes out as %q", s, out)
		}
	})
}

func TestWriteThenRead(t *testing.T) {
	var b bytes.Buffer
	w, err := sheets.NewWriter(&b, true, "name", "note")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Row("=cmd", `he said "no", twice`), w.Row("乙", "-5"), w.Close()); err != nil {
		t.Fatal(err)
	}
	table, err := open(t, b.Bytes()).Table([]sheets.Column{{Name: "name", Chinese: "名称", Required: true}, {Name: "note", Chinese: "备注"}})
	if err != nil || len(table.Rows) != 2 {
		t.Fatalf("%d rows, %v", len(table.Rows), err)
	}
	if r := table.Rows[0]; r.Cells["name"] != "=cmd" || r.Cells["note"] != `he said "no", twice` || r.Line != 2 || table.At(r, "/note") != "B2" {
		t.Errorf("the first row came back as %+v", r)
	}
}

func TestReadRefuses(t *testing.T) {
	columns := []sheets.Column{{Name: "name", Chinese: "名称", Required: true}, {Name: "note", Chinese: "备注"}}
	for _, c := range []struct{ name, file, want string }{
		{"an unknown column", "名称,颜色\n", "B1 unknown"},
		{"a column twice", "name,名称\n", "B1 doubled"},
		{"a column missing", "note\n", "A1 required"},
		{"a row too short", "name,note\na\n", "A2 columns"},
		{"bytes of no encoding", "name,note\na,\xff\xfe\n", "B2 encoding"},
	} {
		_, err := open(t, []byte(c.file)).Table(columns)
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Violations) != 1 || f.Violations[0].Pointer+" "+f.Violations[0].Code != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := open(t, []byte("name,note\n\"a,b\n")).Table(columns); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("an open quote: %v", err)
	}
}

func TestCell(t *testing.T) {
	for want, c := range map[string][2]int{"A1": {0, 1}, "Z9": {25, 9}, "AA2": {26, 2}, "AZ3": {51, 3}, "BA4": {52, 4}} {
		if got := sheets.Cell(c[0], c[1]); got != want {
			t.Errorf("column %d line %d is %s, want %s", c[0], c[1], got, want)
		}
	}
}
