package rhythm_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/golden"
	"parkregistry/internal/rhythm"
)

//go:embed testdata/wordings.txt
var corpus string

// wordings are the corpus in its two halves.
func wordings(t testing.TB) (read, refused []string) {
	t.Helper()
	into := &read
	for line := range strings.Lines(corpus) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "# not read") {
			into = &refused
		}
		if line != "" && line[0] != '#' {
			*into = append(*into, line)
		}
	}
	if len(read) < 80 || len(refused) < 12 {
		t.Fatalf("the corpus has %d wordings to read and %d to refuse", len(read), len(refused))
	}
	return read, refused
}

// TestWordings prints the parse rate and holds every wording to what was read in it.
func TestWordings(t *testing.T) {
	read, refused := wordings(t)
	var b strings.Builder
	understood := 0
	for _, text := range slices.Concat(read, refused) {
		r := rhythm.Parse(text)
		if r.Text != text {
			t.Errorf("the text %q came back as %q", text, r.Text)
		}
		zh, en := r.Words()
		raw, err := json.Marshal(r.Clauses)
		if err != nil {
			t.Fatal(err)
		}
		if r.Parsed() {
			understood++
			fmt.Fprintf(&b, "%s\n  %s\n  %s\n  %s\n", text, zh, en, raw)
		} else {
			fmt.Fprintf(&b, "%s\n  not read\n", text)
		}
		if r.Parsed() != slices.Contains(read, text) {
			t.Errorf("%q: parsed %v", text, r.Parsed())
		}
	}
	all := len(read) + len(refused)
	t.Logf("parse rate: %d of %d wordings (%.1f %%); %d are vague or contradictory and have to stay unread", understood, all, 100*float64(understood)/float64(all), len(refused))
	golden.Equal(t, "wordings.golden", b.String())
}

// TestWordsReadBack: what a rule is explained as is read as the same rule.
func TestWordsReadBack(t *testing.T) {
	read, _ := wordings(t)
	for _, text := range read {
		r := rhythm.Parse(text)
		zh, en := r.Words()
		back := rhythm.Parse(zh)
		if got, want := bare(t, back), bare(t, r); got != want {
			t.Errorf("%q is explained as %q, which reads %s, not %s", text, zh, got, want)
		}
		if strings.Contains(en, "  ") || strings.Contains(en, "%") || en == "" {
			t.Errorf("%q is explained as %q", text, en)
		}
	}
}

// bare are the clauses without the words of their conditions.
func bare(t *testing.T, r rhythm.Rule) string {
	t.Helper()
	for i := range r.Clauses {
		for j := range r.Clauses[i].When {
			if r.Clauses[i].When[j].Kind != rhythm.Season {
				r.Clauses[i].When[j].Text = ""
			}
		}
	}
	raw, err := json.Marshal(r.Clauses)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var titles = regexp.MustCompile(`《[^》]*》`)

// TestUnknownRemainderRefusesTheWhole puts something unknown at every place of every wording.
func TestUnknownRemainderRefusesTheWhole(t *testing.T) {
	read, _ := wordings(t)
	for _, text := range read {
		plain := []rune(titles.ReplaceAllString(text, "")) // a title is free text
		if !rhythm.Parse(string(plain)).Parsed() {
			continue
		}
		for i := range len(plain) + 1 {
			for _, odd := range []string{"约", "等", "，节假日除外", "~", "×"} {
				if s := string(plain[:i]) + odd + string(plain[i:]); rhythm.Parse(s).Parsed() {
					t.Errorf("%q was read though it has %q", s, odd)
				}
			}
		}
	}
}

// TestSpelling: width, spaces and numerals change nothing.
func TestSpelling(t *testing.T) {
	want := bare(t, rhythm.Parse("1次/日,变化时记录;异常情况每次"))
	for _, text := range []string{
		"１次／日，变化时记录；异常情况每次", "一次/日、变化时记录。异常情况每次", " 1 次 / 日 ,变化时　记录\n异常情况每次 ", "每日1次，变化时记录；异常情况每次", "按日记录，1次/日，变化时记录；异常情况每次。",
	} {
		if got := bare(t, rhythm.Parse(text)); got != want {
			t.Errorf("%q reads %s, not %s", text, got, want)
		}
	}
	if text := strings.Repeat("1次/日，", 200); rhythm.Parse(text).Parsed() {
		t.Error("prose was read as a wording")
	}
}

func TestUnder(t *testing.T) {
	facts := func(held ...rhythm.Kind) func(rhythm.When) bool {
		return func(w rhythm.When) bool {
			if w.Kind == rhythm.Otherwise {
				t.Error("otherwise was asked for")
			}
			return slices.Contains(held, w.Kind)
		}
	}
	for _, c := range []struct {
		text string
		held []rhythm.Kind
		want string
	}{
		{"1次/周期;周期小于1天的按日", nil, "每周期 1 次"},
		{"1次/周期;周期小于1天的按日", []rhythm.Kind{rhythm.CycleUnder}, "周期小于 24 小时的，每日 1 次"},
		{"连续生产的，1次/日；非连续生产的，1次/周期；周期小于1天的，1次/日", []rhythm.Kind{rhythm.BatchRun, rhythm.CycleUnder}, "周期小于 24 小时的，每日 1 次"},
		{"连续生产的，1次/日；非连续生产的，1次/周期；周期小于1天的，1次/日", []rhythm.Kind{rhythm.BatchRun}, "非连续生产的，每周期 1 次"},
		{"未变化1次/年,变化时记录", nil, "每次变化 1 次"},
		{"未变化1次/年,变化时记录", []rhythm.Kind{rhythm.Unchanged}, "未变化时，每年 1 次；每次变化 1 次"},
		{"1次/日，停产期间不记录；发生异常情况时记录", []rhythm.Kind{rhythm.Stopped}, ""},
		{"1次/日，停产期间不记录；异常情况发生时记录", []rhythm.Kind{rhythm.Stopped}, "每次异常情况 1 次"},
		{"1次/日；停产的，起止日各记录1次", []rhythm.Kind{rhythm.Stopped}, "停产期间，起止日各 1 次"},
		{"重点排污单位1次/月，其他排污单位1次/年", []rhythm.Kind{rhythm.KeyUnit}, "重点排污单位，每月 1 次"},
		{"重点排污单位1次/月，其他排污单位1次/年", nil, "其他，每年 1 次"},
		{"运行情况：1次/日；药剂：1次/班；停产期间不记录", []rhythm.Kind{rhythm.Stopped}, ""},
		{"运行情况：1次/日；药剂：1次/班；停产期间不记录", nil, "运行情况：每日 1 次；药剂：每班 1 次"},
		{"有流动水排放时按日监测，若监测一年无异常情况，可放宽至每季度一次", []rhythm.Kind{rhythm.CleanYear}, ""},
		{"有流动水排放时按日监测，若监测一年无异常情况，可放宽至每季度一次", []rhythm.Kind{rhythm.Discharging, rhythm.CleanYear}, "排放期间，监测一年无异常的，每季度 1 次"},
	} {
		zh, _ := rhythm.Rule{Clauses: rhythm.Parse(c.text).Under(facts(c.held...))}.Words()
		if zh != c.want {
			t.Errorf("%s under %v: %q, want %q", c.text, c.held, zh, c.want)
		}
	}
}

func TestCalendar(t *testing.T) {
	for unit, want := range map[rhythm.Unit]bool{rhythm.Day: true, rhythm.TenDays: true, rhythm.Shift: false, rhythm.Batch: false, rhythm.Ends: false} {
		if unit.Calendar() != want {
			t.Errorf("%s: %v", unit, !want)
		}
	}
}

var number = regexp.MustCompile(`[0-9]+`)

// FuzzParse: nothing panics, nothing is lost and nothing is read twice differently.
func FuzzParse(f *testing.F) {
	read, refused := wordings(f)
	for _, text := range slices.Concat(read, refused) {
		f.Add(text)
	}
	f.Add("DB440") // no standard: DB44 needs its stroke
	f.Fuzz(func(t *testing.T, text string) {
		r := rhythm.Parse(text)
		if r.Text != text {
			t.Fatalf("%q came back as %q", text, r.Text)
		}
		if !r.Parsed() {
			return
		}
		raw, err := json.Marshal(r.Clauses)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range number.FindAllString(titles.ReplaceAllString(text, ""), -1) {
			if !strings.Contains(string(raw), strings.TrimLeft(n, "0")) {
				t.Errorf("%q: the number %s is not in %s", text, n, raw)
			}
		}
		for _, c := range r.Clauses {
			for _, term := range c.Any {
				if term.Mode == rhythm.Counted && (term.Times < 1 || term.Every < 1 || term.Unit == "") {
					t.Errorf("%q: %+v", text, term)
				}
			}
		}
		if zh, en := r.Words(); zh == "" || en == "" {
			t.Errorf("%q is read and cannot be explained", text)
		}
		if rhythm.Parse(text + "囧").Parsed() {
			t.Errorf("%q is read with an unknown character behind it", text)
		}
	})
}
