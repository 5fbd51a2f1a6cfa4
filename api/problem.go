package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
)

// Problem is the one shape of a refusal, RFC 9457.
type Problem struct {
	Type      string        `json:"type" format:"uri-reference" doc:"错误种类，指向它的说明页 · kind of the problem, dereferences to its page" example:"/problems/invalid"`
	Title     string        `json:"title" doc:"错误种类的名称 · short name of the kind"`
	Status    int           `json:"status" doc:"HTTP 状态码 · HTTP status"`
	Detail    string        `json:"detail,omitempty" doc:"这一次的说明 · what happened this time"`
	Instance  string        `json:"instance,omitempty" doc:"请求路径 · path of the request"`
	RequestID string        `json:"requestId,omitempty" doc:"请求编号，反馈问题时提供 · quote it when reporting"`
	Needs     string        `json:"needs,omitempty" enum:"password,secondFactor,code" doc:"先要办的事：修改密码、启用动态口令、填写动态口令 · what has to be done first"`
	Errors    []ProblemItem `json:"errors,omitempty" doc:"每一处不符合要求的内容 · every violation at once"`
	header    http.Header
}

// ProblemItem is one broken rule; a warning has the same shape.
type ProblemItem struct {
	Pointer string `json:"pointer" doc:"JSON 指针；查询参数为 /query/名称 · JSON pointer, /query/name for a parameter"`
	Code    string `json:"code" doc:"规则的稳定代号 · stable word of the rule"`
	Rule    string `json:"rule,omitempty" doc:"依据的标准或者文件 · standard relied upon"`
	Detail  string `json:"detail" doc:"应当是什么、怎样改正 · what is expected"`
	Value   any    `json:"value,omitempty" doc:"提交的内容 · the value refused"`
}

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.header }

// Error implements error.
func (p *Problem) Error() string { return p.Type + ": " + p.Detail }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// kinds are the kinds of problem: the only table of error statuses.
var kinds = map[fault.Code]struct {
	status int
	title  string
}{
	fault.Malformed:       {http.StatusBadRequest, "无法识别的请求"},
	fault.Unauthenticated: {http.StatusUnauthorized, "需要登录"},
	fault.Denied:          {http.StatusForbidden, "没有权限"},
	fault.NotFound:        {http.StatusNotFound, "没有找到"},
	fault.NotAllowed:      {http.StatusMethodNotAllowed, "不支持的方法"},
	fault.Conflict:        {http.StatusConflict, "当前状态不允许"},
	fault.Stale:           {http.StatusPreconditionFailed, "内容已经被别人修改"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "内容过大"},
	fault.Unsupported:     {http.StatusUnsupportedMediaType, "不支持的格式"},
	fault.Invalid:         {http.StatusUnprocessableEntity, "填写的内容不符合要求"},
	fault.Precondition:    {http.StatusPreconditionRequired, "需要注明版本"},
	fault.TooMany:         {http.StatusTooManyRequests, "请求过于频繁"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "暂时不能使用"},
	fault.Internal:        {http.StatusInternalServerError, "程序出错"},
}

// request is what the edge knows of the request it answers.
type request struct {
	id   string
	path string
	lang words.Lang
	log  *slog.Logger
}

type requestKey struct{}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	r.lang = words.From(ctx)
	if r.log == nil {
		r.log = slog.Default() // outside a request: while routes are described
	}
	return r
}

// Explain is the answer to an error, for the pages: the same words as in the API.
func Explain(ctx context.Context, err error) *Problem { return problem(ctx, err) }

// problem turns any error into the answer. What is not a fault is a defect or a
// driver's complaint: logged with its cause, answered without it (S-OUT1).
func problem(ctx context.Context, err error) *Problem {
	var already *Problem
	if errors.As(err, &already) {
		return already
	}
	r := requestOf(ctx)
	var f *fault.Error
	if err = models.Fault(err); !errors.As(err, &f) {
		if !errors.Is(err, context.Canceled) {
			r.log.ErrorContext(ctx, "request failed", "error", err, "requestId", r.id)
		}
		f = fault.New(fault.Internal, "这次操作没有完成，已经记录；重试仍然出现时，反馈时附上请求编号")
	} else if f.Code == fault.Internal || f.Code == fault.Unavailable && errors.Unwrap(f) != nil {
		// without a cause nothing has failed: the program is stopping, or busy
		r.log.ErrorContext(ctx, "request failed", "error", err, "requestId", r.id)
	}
	kind := kinds[f.Code]
	p := &Problem{Type: "/problems/" + string(f.Code), Title: words.Render(r.lang, fault.T(kind.title)), Status: kind.status,
		Detail: words.Render(r.lang, f.Detail), Instance: r.path, RequestID: r.id, header: http.Header{}}
	if f.Code == fault.Internal {
		p.Detail = words.Render(r.lang, fault.T("这次操作没有完成，已经记录；重试仍然出现时，反馈时附上请求编号"))
	}
	p.Errors = items(r.lang, f.Violations)
	if f.Detail.Key == violationsFound { // as many as are listed: shape and rules may both have met one field
		p.Detail = words.Render(r.lang, fault.T(violationsFound, "Count", len(p.Errors)))
	}
	if f.RetryAfter > 0 {
		p.header.Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	p.Needs, _ = f.Extra["needs"].(string)
	if tag, ok := f.Extra["etag"].(string); ok {
		p.header.Set("ETag", tag)
	}
	if f.Code == fault.Unauthenticated {
		p.header.Set("WWW-Authenticate", `Bearer realm="park"`)
	}
	return p
}

// violationsFound is the detail of a refusal with several violations.
const violationsFound = "有 {{.Count}} 处不符合要求"

func items(lang words.Lang, violations []fault.Violation) []ProblemItem {
	var out []ProblemItem
	seen := map[string]bool{}
	for _, v := range violations {
		key := v.Pointer + "\x00" + v.Code
		if v.Code == "required" || v.Code == "type" {
			key = v.Pointer // shape and rule both miss the same field: said once
		}
		if seen[key] || seen[v.Pointer] {
			continue
		}
		seen[key] = true
		out = append(out, ProblemItem{v.Pointer, v.Code, v.Rule, words.Render(lang, v.Detail), clipValue(v.Value)})
	}
	return out
}

// clipValue repeats short plain values only: never a whole body.
func clipValue(v any) any {
	switch x := v.(type) {
	case string:
		return code.Clip(x, 200)
	case bool, float64, int, int64:
		return x
	}
	return nil
}

// violationError carries a domain violation through huma's list of errors;
// malformed when the domain found the whole input Malformed: an unknown field of a
// payload whose class only the domain knows.
type violationError struct {
	fault.Violation
	malformed bool
}

func (v violationError) Error() string { return v.Detail.String() }

// violations turns what a Parse answered into errors that huma collects, below prefix.
func violations(prefix string, err error) []error {
	var f *fault.Error
	if !errors.As(err, &f) {
		if err != nil {
			return []error{err}
		}
		return nil
	}
	out := make([]error, 0, len(f.Violations))
	for _, v := range f.Violations {
		v.Pointer = prefix + v.Pointer
		out = append(out, violationError{v, f.Code == fault.Malformed})
	}
	return out
}

// shape is one of huma's checks: its message is made of a code, a tab and the
// arguments, so that the sentence can be said in the caller's language.
var shapes = map[string]string{
	"unknown":      "没有这一项",
	"required":     "必须填写",
	"type:string":  "应当是文字",
	"type:integer": "应当是整数",
	"type:number":  "应当是数字",
	"type:boolean": "应当是 true 或 false",
	"type:array":   "应当是列表",
	"type:object":  "应当是对象",
	"format":       "格式不正确",
	"enum":         "只能是：{{.Arg}}",
	"minimum":      "不能小于 {{.Arg}}",
	"maximum":      "不能大于 {{.Arg}}",
	"minLength":    "至少 {{.Arg}} 个字",
	"maxLength":    "不能超过 {{.Arg}} 个字",
	"minItems":     "至少 {{.Arg}} 项",
	"maxItems":     "不能超过 {{.Arg}} 项",
	"unique":       "不能有重复项",
	"syntax":       "不是完整的 JSON",
	"mediaType":    "不支持这种内容类型",
	"shape":        "不符合要求",
}

// vague are the shapes of which the domain's rule for the field says the same and more:
// what is wrong with a field is told once. A wrong type or a missing member is not
// among them, since there the domain has only seen an empty value.
var vague = map[string]bool{"format": true, "enum": true, "minimum": true, "maximum": true, "minLength": true, "maxLength": true, "minItems": true, "maxItems": true, "unique": true}

// speakInCodes replaces huma's English messages by codes of shapes.
func speakInCodes() {
	set := func(code string, to ...*string) {
		for _, m := range to {
			args := ""
			if strings.Contains(*m, "%") {
				args = "\t%v"
				if strings.Count(*m, "%") > 1 {
					args = "\t%v %v"
				}
			}
			*m = code + args
		}
	}
	set("unknown", &validation.MsgUnexpectedProperty)
	set("required", &validation.MsgExpectedRequiredProperty, &validation.MsgExpectedDependentRequiredProperty)
	set("type:string", &validation.MsgExpectedString, &validation.MsgExpectedBase64String)
	set("type:integer", &validation.MsgExpectedInteger)
	set("type:number", &validation.MsgExpectedNumber)
	set("type:boolean", &validation.MsgExpectedBoolean)
	set("type:array", &validation.MsgExpectedArray)
	set("type:object", &validation.MsgExpectedObject)
	set("enum", &validation.MsgExpectedOneOf, &validation.MsgExpectedConst)
	set("minimum", &validation.MsgExpectedMinimumNumber, &validation.MsgExpectedExclusiveMinimumNumber)
	set("maximum", &validation.MsgExpectedMaximumNumber, &validation.MsgExpectedExclusiveMaximumNumber)
	set("minLength", &validation.MsgExpectedMinLength)
	set("maxLength", &validation.MsgExpectedMaxLength)
	set("minItems", &validation.MsgExpectedMinItems, &validation.MsgExpectedMinProperties)
	set("maxItems", &validation.MsgExpectedMaxItems, &validation.MsgExpectedMaxProperties)
	set("unique", &validation.MsgExpectedArrayItemsUnique)
	set("format", &validation.MsgExpectedRFC3339DateTime, &validation.MsgExpectedRFC3339Date, &validation.MsgExpectedRFC4122UUID,
		&validation.MsgExpectedMatchPattern, &validation.MsgExpectedBePattern, &validation.MsgExpectedRFC3986URI)
	set("shape", &validation.MsgExpectedMatchAtLeastOneSchema, &validation.MsgExpectedMatchExactlyOneSchema, &validation.MsgExpectedNotMatchSchema,
		&validation.MsgExpectedNumberBeMultipleOf, &validation.MsgExpectedPropertyNameInObject)
	huma.NewErrorWithContext = humaError
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		if status == 0 { // huma asks for the shape of an error when it describes a route
			return &Problem{}
		}
		return humaError(nil, status, msg, errs...)
	}
}

// humaError is the refusal for what huma itself found: shape of body and parameters.
func humaError(hc huma.Context, status int, _ string, errs ...error) huma.StatusError {
	ctx := context.Background()
	if hc != nil {
		ctx = hc.Context()
	}
	f := &fault.Error{Code: fault.Internal}
	for code, k := range kinds {
		if k.status == status {
			f.Code = code
		}
	}
	told := map[string]bool{} // by the domain, which says what is expected
	for _, err := range errs {
		if own, is := errors.AsType[violationError](err); is {
			told[own.Pointer] = true
		}
	}
	for _, err := range errs {
		v, malformed, ok := violationOf(err)
		if _, own := errors.AsType[violationError](err); !ok || !own && told[v.Pointer] && vague[v.Code] {
			continue
		}
		if malformed {
			f.Code = fault.Malformed
		}
		f.Violations = append(f.Violations, v)
	}
	if f.Code == fault.Malformed {
		f.Detail = fault.T("请求中有无法识别的内容")
	} else if len(f.Violations) > 0 {
		f.Detail = fault.T(violationsFound, "Count", len(f.Violations))
	}
	if f.Code == fault.Internal && len(errs) > 0 {
		return problem(ctx, errors.Join(errs...))
	}
	return problem(ctx, f)
}

// violationOf reads one of huma's errors. malformed marks what makes the whole
// request a 400: unknown members and parameters, and broken syntax.
func violationOf(err error) (v fault.Violation, malformed, ok bool) {
	var own violationError
	if errors.As(err, &own) {
		return own.Violation, own.malformed, true
	}
	var d *huma.ErrorDetail
	if !errors.As(err, &d) {
		return fault.Violation{Code: "shape", Detail: fault.T("不符合要求")}, false, err != nil
	}
	name, arg, _ := strings.Cut(d.Message, "\t")
	v.Pointer = pointer(d.Location)
	inBody := strings.HasPrefix(d.Location, "body")
	switch {
	case strings.HasPrefix(d.Message, "unknown query parameter"):
		name = "unknown"
	case shapes[name] == "" && inBody:
		name = "syntax"
	case shapes[name] == "":
		name = "format"
	}
	if name == "required" && inBody {
		v.Pointer += "/" + arg
	}
	v.Code, v.Detail = strings.TrimSuffix(name, name[strings.IndexByte(name+":", ':'):]), fault.T(shapes[name], "Arg", arg)
	if name != "unknown" && name != "required" && name != "syntax" {
		v.Value = d.Value
	}
	// Parameters are read before any rule: a wrong one is a malformed request.
	return v, name == "unknown" || name == "syntax" || !inBody, true
}

// pointer turns huma's body.items[3].tags into /items/3/tags, query.limit into /query/limit.
func pointer(location string) string {
	location = strings.NewReplacer("[", ".", "]", "").Replace(location)
	parts := strings.Split(location, ".")
	if parts[0] == "body" {
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return ""
	}
	return "/" + strings.Join(parts, "/")
}

// etag is the strong validator of one version of one row.
func etag(id models.ID, version int64) string {
	if len(id) != 36 {
		return "" // the answer of a refused request has no row
	}
	return fmt.Sprintf(`"%s-%d"`, strings.ReplaceAll(string(id), "-", "")[20:], version)
}
