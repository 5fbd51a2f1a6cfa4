package ledger

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"parkregistry/internal/code"
)

// Typed is what people typed into a form about an entry, by JSON pointer into its
// payload. A form knows texts only, and some fields are left blank.
type Typed map[string]string

// Rows are the numbers of the records of a list that have a field in the form, blank
// or not, in order.
func (t Typed) Rows(list string) []int {
	var rows []int
	for pointer := range t {
		rest, below := strings.CutPrefix(pointer, list+"/")
		first, _, deeper := strings.Cut(rest, "/")
		n, err := strconv.Atoi(first)
		if below && deeper && err == nil && n >= 0 && strconv.Itoa(n) == first && !slices.Contains(rows, n) {
			rows = append(rows, n)
		}
	}
	slices.Sort(rows)
	return rows
}

// Forgo takes a record away of which one field says something at most: one that a form
// offered with the name of what to measure, and that nobody filled in.
func (t Typed) Forgo(record string) {
	said := 0
	for pointer, text := range t {
		if strings.HasPrefix(pointer, record+"/") && strings.TrimSpace(text) != "" {
			said++
		}
	}
	if said < 2 {
		maps.DeleteFunc(t, func(pointer, _ string) bool { return strings.HasPrefix(pointer, record+"/") })
	}
}

// Payload writes what was typed as JSON, in the order of the class, each value in the
// spelling of its type. It judges nothing: what has no such spelling stays as typed, for
// Read to refuse. Fields and records left blank are not there; rows says, by the pointer
// of a record in the payload, which record of the form it was.
func (c Class) Payload(t Typed) (payload json.RawMessage, rows map[string]string) {
	w := writing{c, t, map[string]string{}}
	payload = w.record("", "", c.Fields)
	if payload == nil {
		payload = json.RawMessage("{}")
	}
	return payload, w.rows
}

type writing struct {
	class Class
	typed Typed
	rows  map[string]string
}

// record writes the record that stands at one pointer in the form and at another in
// the payload; nil for one that was left blank.
func (w writing) record(in, at string, fields []Field) json.RawMessage {
	var b bytes.Buffer
	for _, f := range fields {
		var value json.RawMessage
		if len(f.Fields) > 0 {
			value = w.list(in+"/"+f.Name, at+"/"+f.Name, f)
		} else {
			value = f.written(w.typed[in+"/"+f.Name])
		}
		if value == nil {
			continue
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[b.Len() == 0])
		b.Write(quoted(f.Name))
		b.WriteByte(':')
		b.Write(value)
	}
	if b.Len() == 0 {
		return nil
	}
	b.WriteByte('}')
	return b.Bytes()
}

// list writes a list, nil for one without records; but that nothing was measured is a
// statement, about which a rule may have a word.
func (w writing) list(in, at string, f Field) json.RawMessage {
	var all []json.RawMessage
	for _, n := range w.typed.Rows(in) {
		from, to := in+"/"+strconv.Itoa(n), at+"/"+strconv.Itoa(len(all))
		if r := w.record(from, to, f.Fields); r != nil {
			w.rows[to] = from
			all = append(all, r)
		}
	}
	measured := slices.ContainsFunc(w.class.Rules, func(r Rule) bool { return r.Name == "readings" && at == "/"+r.Fields[0] })
	if len(all) == 0 && !measured {
		return nil
	}
	return slices.Concat([]byte("["), bytes.Join(bytesOf(all), []byte(",")), []byte("]"))
}

func bytesOf(all []json.RawMessage) [][]byte {
	out := make([][]byte, len(all))
	for i, raw := range all {
		out[i] = raw
	}
	return out
}

// written is a value as JSON, nil for a blank one.
func (f Field) written(s string) json.RawMessage {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) // a browser ends lines so
	if s == "" {
		return nil
	}
	switch {
	case f.Type == "bool" && (s == "true" || s == "false"):
		return json.RawMessage(s)
	case f.Type == "integer":
		if s = code.TypedNumber(s); json.Valid([]byte(s)) && !strings.ContainsAny(s, `"[{.eE`) {
			return json.RawMessage(s)
		}
	case f.Type == "decimal":
		s = code.TypedNumber(s)
	case f.Type == "day":
		s = code.TypedDay(s)
	case f.Type == "instant":
		s = code.TypedInstant(s)
	case f.pollutant():
		s = f.pollutantNamed(code.TypedCode(s))
	case strings.HasPrefix(f.Type, "code:"):
		s = code.TypedCode(s)
	}
	return quoted(s)
}

// pollutantNamed is the code of the pollutant of that name, s for any other text.
func (f Field) pollutantNamed(s string) string {
	for _, p := range code.PollutantsNamed(s) {
		if p.Air() == f.air() {
			return string(p)
		}
	}
	return s
}

// Pollutants are what the field may hold: none for a field that holds something else.
func (f Field) Pollutants() []code.Pollutant {
	return slices.DeleteFunc(code.Pollutants(), func(p code.Pollutant) bool { return !f.pollutant() || p.Air() != f.air() })
}

func (f Field) air() bool { return f.Type == "code:airPollutant" }

// quoted is a text as JSON with the characters that were typed.
func quoted(s string) json.RawMessage {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r == '"' || r == '\\' || r == 0x7f || r == '\u2028' || r == '\u2029'
	}) {
		return json.RawMessage(`"` + s + `"`)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text always can be
	return bytes.TrimRight(b.Bytes(), "\n")
}

// Typed is a payload as a form shows it: times at UTC+8, everything else as it was entered.
func (c Class) Typed(payload json.RawMessage) Typed {
	all := map[string]json.RawMessage{}
	leaves("", payload, all)
	t := Typed{}
	for pointer, raw := range all {
		s := string(bytes.TrimSpace(raw))
		var text string
		if json.Unmarshal(raw, &text) == nil {
			s = text
		}
		if c.field(pointer).Type == "instant" {
			s = typedInstant(s)
		}
		t[pointer] = s
	}
	return t
}

// typedInstant is an instant as a browser's field for one takes it.
func typedInstant(s string) string {
	at, err := code.ParseInstant(s)
	if err != nil {
		return s
	}
	return strings.TrimSuffix(at.In(code.Zone).Format("2006-01-02T15:04:05"), ":00")
}
