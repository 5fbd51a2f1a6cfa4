package words_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
)

// rooms hold sentences that a caller reads: every Chinese literal in them is one,
// unless it is data.
var rooms = []string{"api", "web", "models", "policies", "sheets", "internal/code", "internal/discharge", "internal/fault", "internal/workbook"}

// data are files and literals that are Chinese without being sentences, and why.
var data = map[string]string{
	"models/account/commonwords.go": "words that no password may be made of",
	"models/inspection/notice.go":   "words of sanctions that a park may not use, and names of laws",
	"models/inspection/letter.go":   "the text of a letter, which stays Chinese",
	"深圳":                            "the city, before the names of its bureaus",
	"api/docs.go":                   "the text of the documentation's own pages",
	"登记":                            "the source of a row that a person registered",
	"首次启动":                          "the reason in the audit trail of the first administrator",
	"无量纲":                           "a unit",
	"2006年1月2日":                     "a layout of days",
	"2006年1月":                       "a layout of months",
	"日":                             "ends a day that is written out",
	"24时":                           "a time of day",
	"15时04分":                        "a layout of times",
	"15时4分":                         "a layout of times",
	"15时":                           "a layout of times",
	"sheets/enterprise.go":          "heads of a roster in Chinese, with the names of members beside them, and words of its cells",
	"models/ledger/columns.go":      "heads of columns in both languages, and what else people call them",
	"sheets/spellings.go":           "what people write in cells",
	"中文":                            "the name of a language in itself",
	"错误为 RFC 9457 problem+json；修改用 RFC 7396 merge patch 和 If-Match；列表按 cursor 翻页。": "the text of the document",
}

// sentence is a literal with where it stands.
type sentence struct{ at, text string }

// inTemplate is a sentence of a page: {{t "…"}}.
var inTemplate = regexp.MustCompile(`[{(\s]t ("(?:[^"\\]|\\.)*")`)

// ofTemplate are the sentences of a page. Chinese outside of them would never be English.
func ofTemplate(t *testing.T, at, text string) (all []sentence) {
	t.Helper()
	for _, found := range inTemplate.FindAllStringSubmatch(text, -1) {
		key, err := strconv.Unquote(found[1])
		if err != nil {
			t.Fatalf("%s: %s: %v", at, found[1], err)
		}
		all = append(all, sentence{at, key})
	}
	if rest := inTemplate.ReplaceAllString(text, ""); words.Has(rest) {
		t.Errorf("%s: Chinese that is no sentence of the catalogue: put it into {{t …}}", at)
	}
	return all
}

// said reads every Chinese literal below the module and every sentence of a page;
// rules of standards, struct tags and bilingual titles (中文 · English) are no keys.
func said(t *testing.T) (all []sentence) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "tools" || d.Name() == "dbtest") {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(file, ".html") {
			raw, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			at, err := filepath.Rel(root, file)
			all = append(all, ofTemplate(t, filepath.ToSlash(at), string(raw))...)
			return err
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		skip := map[ast.Node]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				if n.Tag != nil {
					skip[n.Tag] = true
				}
			case *ast.KeyValueExpr: // fault.Violation{Rule: …}
				if k, ok := n.Key.(*ast.Ident); ok && k.Name == "Rule" {
					skip[n.Value] = true
				}
			case *ast.CallExpr: // Broken(code, rule, …), Cite(pointer, code, rule, …)
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if ok && sel.Sel.Name == "Broken" && len(n.Args) > 1 {
					skip[n.Args[1]] = true
				}
				if ok && sel.Sel.Name == "Cite" && len(n.Args) > 2 {
					skip[n.Args[2]] = true
				}
			case *ast.BasicLit:
				if n.Kind != token.STRING || skip[n] {
					return true
				}
				text, err := strconv.Unquote(n.Value)
				if err != nil || !words.Has(text) || strings.Contains(text, " · ") {
					return true
				}
				at, err := filepath.Rel(root, files.Position(n.Pos()).String())
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, sentence{filepath.ToSlash(at), text})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d sentences found", len(all))
	}
	return all
}

func inRooms(at string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return strings.HasPrefix(at, r+"/") })
}

func catalogue(t *testing.T) map[string]string {
	t.Helper()
	all, err := words.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEverySentenceHasEnglish(t *testing.T) {
	english, used := catalogue(t), map[string]bool{}
	for _, s := range said(t) {
		used[s.text] = true
		file, _, _ := strings.Cut(s.at, ":")
		if !inRooms(s.at) || data[file] != "" || data[s.text] != "" {
			continue
		}
		if english[s.text] == "" {
			t.Errorf("%s: no English for %q", s.at, s.text)
		}
	}
	for key := range english {
		if !used[key] {
			t.Errorf("nobody says %q any more: take it out of the catalogue", key)
		}
	}
}

// TestOneEnglishEach: no key in two files, where the later would win unseen.
func TestOneEnglishEach(t *testing.T) {
	files, err := filepath.Glob("en/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	where := map[string]string{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(raw)))
		for i := 0; ; i++ { // token by token: a map would hide a doubled key
			tok, err := d.Token()
			if err != nil {
				break
			}
			key, ok := tok.(string)
			if !ok || i%2 == 0 {
				continue
			}
			if where[key] != "" {
				t.Errorf("%q stands in %s and in %s", key, where[key], file)
			}
			where[key] = file
		}
	}
	if len(where) != len(catalogue(t)) {
		t.Errorf("%d keys in the files, %d in the catalogue", len(where), len(catalogue(t)))
	}
}

var place = regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)

func TestPlacesAreTheSame(t *testing.T) {
	for zh, en := range catalogue(t) {
		a, b := place.FindAllString(zh, -1), place.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%q has %v, its English %q has %v", zh, a, en, b)
		}
		if words.Has(en) {
			t.Errorf("the English of %q has Chinese: %q", zh, en)
		}
	}
}

var (
	blaming = regexp.MustCompile(`非法|无效|系统异常|[您你]|[！!]`)
	polite  = regexp.MustCompile(`请`)
	isNoun  = regexp.MustCompile(`请求|申请|提请|报请|聘请`)
	crowded = regexp.MustCompile(`[\x{4e00}-\x{9fff}][A-Za-z0-9]|[A-Za-z0-9][\x{4e00}-\x{9fff}]`)
)

// faults of style in one sentence.
func styleOf(s string) (bad []string) {
	if m := blaming.FindString(s); m != "" {
		bad = append(bad, "says "+m)
	}
	if polite.MatchString(isNoun.ReplaceAllString(s, "")) {
		bad = append(bad, "says 请")
	}
	if m := crowded.FindString(place.ReplaceAllString(s, "")); m != "" {
		bad = append(bad, "has no space in "+m)
	}
	return bad
}

func TestStyle(t *testing.T) {
	for _, s := range said(t) {
		file, _, _ := strings.Cut(s.at, ":")
		if !inRooms(s.at) || data[file] != "" || data[s.text] != "" {
			continue
		}
		if bad := styleOf(s.text); bad != nil {
			t.Errorf("%s: %q %v", s.at, s.text, bad)
		}
	}
	for s, want := range map[string]int{"请输入": 1, "请求没有内容": 0, "申请已经收到": 0, "无效的编号": 1, "第3位": 1, "第 3 位": 0, "成功！": 1, "至少 {{.Min}} 个字": 0, "属于{{.Has}}": 0, "您的ID": 2} {
		if got := len(styleOf(s)); got != want {
			t.Errorf("%q: %d faults of style, want %d", s, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	inner := fault.T("必须填写")
	for _, c := range []struct {
		lang words.Lang
		text fault.Text
		want string
	}{
		{words.Chinese, fault.T("有 {{.Count}} 处不符合要求", "Count", 2), "有 2 处不符合要求"},
		{words.English, fault.T("有 {{.Count}} 处不符合要求", "Count", 2), "2 item(s) do not meet the requirements"},
		{words.English, fault.T("没有英文的句子 {{.N}}", "N", 1), "没有英文的句子 1"},
		{words.English, fault.T("有 {{.Count}} 处不符合要求", "Count", inner), "Required item(s) do not meet the requirements"},
		{words.English, fault.T("有 {{.Count}} 处不符合要求", "Count", fault.Named("处理量", "Treated")), "Treated item(s) do not meet the requirements"},
		{words.Chinese, fault.T("有 {{.Count}} 处不符合要求", "Count", fault.Named("处理量", "Treated")), "有 处理量 处不符合要求"},
		{words.English, fault.Text{}, ""},
		// What a caller typed is data: it is never read as a template.
		{words.English, fault.T("流域代号应当是 {{.List}} 之一", "List", "{{.X}}<b>"), "The basin should be one of {{.X}}<b>"},
		{words.Chinese, fault.T("流域代号应当是 {{.List}} 之一", "List", "<b>"), "流域代号应当是 <b> 之一"},
	} {
		if got := words.Render(c.lang, c.text); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.lang, c.text, got, c.want)
		}
	}
}

func TestFromHeader(t *testing.T) {
	for header, want := range map[string]words.Lang{"": words.Chinese, "en": words.English, "en-GB,en;q=0.9": words.English, "zh-CN,zh;q=0.9,en;q=0.8": words.Chinese, "zh-TW": words.Chinese,
		"fr": words.Chinese, "fr,en;q=0.5": words.English, "en;q=0.1,zh;q=0.9": words.Chinese, "*": words.Chinese, ";;;": words.Chinese} {
		if got := words.FromHeader(header); got != want {
			t.Errorf("%.20q: %s, want %s", header, got, want)
		}
	}
}
