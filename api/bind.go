package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"parkregistry/internal/fault"
)

// Limits of a body, S-IN1. Batch routes take more (decision 20).
type bodyLimit struct {
	bytes  int64
	tokens int
}

var (
	plainBody = bodyLimit{1 << 20, 20_000}
	batchBody = bodyLimit{8 << 20, 200_000}
)

const (
	maxDepth  = 32
	maxArray  = 1000
	maxString = 10_000
)

// bind reads a body once, before types see it: size, media type, encoding,
// UTF-8, depth, and no member twice or in another case (S-IN2). Types and rules
// come after it.
func (m *mount) bind(hc huma.Context, next func(huma.Context)) {
	op := hc.Operation()
	if op.Metadata[metaSlow] == true {
		// A writer without deadlines, as in some tests, has nothing to lengthen.
		_ = http.NewResponseController(humagin.Unwrap(hc).Writer).SetWriteDeadline(m.db.Now().Add(slowTime))
	}
	if op.RequestBody == nil {
		next(hc)
		return
	}
	if op.Metadata[metaRaw] == true {
		m.receive(hc, next)
		return
	}
	limit := plainBody
	if op.Metadata[metaBatch] == true {
		limit = batchBody
	}
	c := humagin.Unwrap(hc)
	body, err := readBody(c.Request, op, limit)
	if err != nil {
		m.refuse(hc, err)
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	next(huma.WithValue(hc, bodyKey{}, body))
}

type bodyKey struct{}

func readBody(r *http.Request, op *huma.Operation, limit bodyLimit) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "" {
		return nil, fault.New(fault.Unsupported, "内容不能压缩后提交")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit.bytes))
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return nil, fault.New(fault.TooLarge, "提交的内容不能超过 {{.MiB}} MiB", "MiB", limit.bytes>>20)
	case err != nil:
		return nil, fault.New(fault.Malformed, "内容没有传完")
	case len(body) == 0 && !op.RequestBody.Required:
		return nil, nil
	case len(body) == 0:
		return nil, fault.New(fault.Malformed, "请求没有内容")
	}
	if err := mediaType(r.Header.Get("Content-Type"), op); err != nil {
		return nil, err
	}
	if !utf8.Valid(body) {
		return nil, fault.New(fault.Malformed, "内容不是 UTF-8 编码")
	}
	return body, checkJSON(body, limit.tokens)
}

func mediaType(header string, op *huma.Operation) error {
	got, params, err := mime.ParseMediaType(header)
	_, known := op.RequestBody.Content[got]
	charset := params["charset"]
	if err != nil || !known || charset != "" && !strings.EqualFold(charset, "utf-8") {
		want := make([]string, 0, 1)
		for name := range op.RequestBody.Content {
			want = append(want, name)
		}
		return fault.New(fault.Unsupported, "内容类型应当是 {{.Want}}", "Want", strings.Join(want, ", "))
	}
	return nil
}

// checkJSON walks the tokens: exactly one value, within the limits, and in each
// object no two members that differ at most in case.
func checkJSON(body []byte, tokens int) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	syntax := func(at string) error {
		return &fault.Error{Code: fault.Malformed, Detail: fault.T("不是完整的 JSON"), Violations: []fault.Violation{{Pointer: at, Code: "syntax", Detail: fault.T("不是完整的 JSON")}}}
	}
	type level struct {
		object  bool
		names   map[string]bool
		name    string
		wantKey bool
		items   int
	}
	var stack []*level
	path := func() string {
		var b strings.Builder
		for _, l := range stack {
			if l.object && l.name != "" {
				b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(l.name))
			}
		}
		return b.String()
	}
	tooMany := func() error { return fault.New(fault.TooLarge, "列表不能超过 {{.Max}} 项", "Max", maxArray) }
	for n := 0; ; n++ {
		t, err := d.Token()
		if err == io.EOF && len(stack) == 0 && n > 0 {
			return nil
		}
		if err != nil {
			return syntax(path())
		}
		if n > tokens {
			return fault.New(fault.TooLarge, "内容的项数超过 {{.Max}}", "Max", tokens)
		}
		if len(stack) == 0 && n > 0 {
			return syntax("")
		}
		var top *level
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		if top != nil && top.object && top.wantKey {
			if key, ok := t.(string); ok {
				folded := strings.ToLower(key)
				top.name = key
				if top.names[folded] {
					return &fault.Error{Code: fault.Malformed, Detail: fault.T("请求中有无法识别的内容"), Violations: []fault.Violation{
						{Pointer: path(), Code: "doubled", Detail: fault.T("同一项出现了两次")}}}
				}
				top.names[folded] = true
				top.wantKey = false
				continue
			}
		}
		switch v := t.(type) {
		case json.Delim:
			switch v {
			case '{', '[':
				if len(stack) == maxDepth {
					return fault.New(fault.Malformed, "内容嵌套超过 {{.Max}} 层", "Max", maxDepth)
				}
				if top != nil && !top.object {
					if top.items++; top.items > maxArray {
						return tooMany()
					}
				}
				stack = append(stack, &level{object: v == '{', names: map[string]bool{}, wantKey: v == '{'})
				continue
			default:
				stack = stack[:len(stack)-1]
				if len(stack) > 0 && stack[len(stack)-1].object {
					stack[len(stack)-1].wantKey = true
				}
				continue
			}
		case json.Number:
			if _, err := v.Float64(); err != nil {
				return &fault.Error{Code: fault.Malformed, Detail: fault.T("请求中有无法识别的内容"), Violations: []fault.Violation{
					{Pointer: path(), Code: "range", Detail: fault.T("数值太大，无法读取")}}}
			}
		case string:
			if utf8.RuneCountInString(v) > maxString {
				return &fault.Error{Code: fault.Malformed, Detail: fault.T("请求中有无法识别的内容"), Violations: []fault.Violation{
					{Pointer: path(), Code: "tooLong", Detail: fault.T("不能超过 {{.Max}} 个字", "Max", maxString)}}}
			}
		}
		if top != nil {
			if top.object {
				top.wantKey = true
			} else if top.items++; top.items > maxArray {
				return tooMany()
			}
		}
	}
}
