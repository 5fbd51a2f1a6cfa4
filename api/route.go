package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/policies"
)

// What a route's metadata says.
const (
	metaPermission = "permission"
	metaBatch      = "batch" // takes the larger body
	metaRaw        = "raw"   // the body is a file, see upload.go
	metaTable      = "table" // and that file is a table
	metaSlow       = "slow"  // writes thousands of rows
	metaUnkept     = "unkept"
)

// mount carries what every route shares while the table is read.
type mount struct {
	engine   *gin.Engine
	api      huma.API
	db       *models.DB
	log      *slog.Logger
	rates    Rates
	limits   *limiters
	refusals *perMinute
	files    *files.Service
	observe  func(method, route string, status int, took time.Duration)
	routes   map[string]bool // METHOD path as gin names it
}

type option func(*huma.Operation)

func batch(op *huma.Operation)  { op.Metadata[metaBatch] = true }
func slow(op *huma.Operation)   { op.Metadata[metaSlow] = true }
func unkept(op *huma.Operation) { op.Metadata[metaUnkept] = true }
func status(code int) option    { return func(op *huma.Operation) { op.DefaultStatus = code } }
func also(codes ...int) option {
	return func(op *huma.Operation) { op.Errors = append(op.Errors, codes...) }
}

// route is one line of the table: it registers, guards and documents the route.
func route[I, O any](m *mount, method, path string, perm policies.Permission, tag, summary string, h func(context.Context, *I) (*O, error), opts ...option) {
	op := huma.Operation{
		OperationID: operationID(method, path), Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		Metadata: map[string]any{metaPermission: perm}, Errors: usualErrors(method, path, perm),
	}
	if perm == policies.Public {
		op.Description = "无需登录 · public"
		op.Security = []map[string][]string{}
	} else {
		op.Description = "权限 · permission: `" + string(perm) + "`"
		op.Security = []map[string][]string{{"bearer": {}}}
		op.Extensions = map[string]any{"x-permission": string(perm)}
	}
	if method == http.MethodPost {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string", MinLength: ptr(1), MaxLength: ptr(128)},
			Description: "同一个键重复提交得到同一个结果，保存 72 小时 · the same key gives the same answer for 72 h"})
	}
	for _, o := range opts {
		o(&op)
	}
	huma.Register(m.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, problem(ctx, err)
		}
		return out, nil
	})
	m.routes[method+" "+base+strings.NewReplacer("{", ":", "}", "").Replace(path)] = true
}

func ptr[T any](v T) *T { return &v }

func operationID(method, path string) string {
	verb := map[string]string{"GET": "get", "POST": "post", "PATCH": "patch", "DELETE": "delete", "PUT": "put"}[method]
	var b strings.Builder
	b.WriteString(verb)
	for part := range strings.SplitSeq(path, "/") {
		for word := range strings.SplitSeq(strings.Trim(part, "{}"), "-") {
			if word != "" {
				b.WriteString(strings.ToUpper(word[:1]) + word[1:])
			}
		}
	}
	return b.String()
}

// usualErrors are the statuses that a route of this kind can answer.
func usualErrors(method, path string, perm policies.Permission) []int {
	codes := []int{400, 429, 500, 503}
	if perm != policies.Public {
		codes = append(codes, 401, 403)
	}
	if strings.Contains(path, "{") {
		codes = append(codes, 404)
	}
	switch method {
	case http.MethodPost:
		codes = append(codes, 409, 413, 415, 422)
		if perm != policies.Public && !strings.Contains(path, "{") {
			codes = append(codes, 404) // a reference to a row outside the scope
		}
	case http.MethodPatch:
		codes = append(codes, 409, 412, 413, 415, 422, 428)
	case http.MethodDelete:
		codes = append(codes, 409)
	}
	return codes
}

// gate judges identity, then action, before the body is read (S-AZ10).
func (m *mount) gate(hc huma.Context, next func(huma.Context)) {
	perm, ok := hc.Operation().Metadata[metaPermission].(policies.Permission)
	if !ok {
		m.refuse(hc, errors.New("a route without a permission was registered"))
		return
	}
	if perm != policies.Public {
		ctx := hc.Context()
		if err := account.Refusal(ctx); err != nil {
			m.refuse(hc, err)
			return
		}
		if err := mustChange(ctx, hc.Operation()); err != nil {
			m.refuse(hc, err)
			return
		}
		if err := policies.Require(ctx, perm); err != nil {
			m.refuse(hc, err)
			return
		}
	}
	next(hc)
}

// refuse writes the problem for err on a huma context.
func (m *mount) refuse(hc huma.Context, err error) {
	writeProblem(humagin.Unwrap(hc), problem(hc.Context(), err))
}

// writeProblem is how every refusal outside a handler is written.
func writeProblem(c *gin.Context, p *Problem) {
	for k, vs := range p.header {
		for _, v := range vs {
			c.Header(k, v)
		}
	}
	if page, ok := c.Value(refusalPage).(func(*gin.Context, error)); ok && !strings.HasPrefix(c.Request.URL.Path, base) && strings.Contains(c.GetHeader("Accept"), "text/html") {
		page(c, p)
		c.Abort()
		return
	}
	c.Header("Content-Type", "application/problem+json")
	c.AbortWithStatusJSON(p.Status, p)
}

// refusalPage is where a request keeps what tells a browser of a refusal (Options.RefusalPage).
const refusalPage = "refusalPage"

// checkTable stops the start when the engine serves a route that the table does
// not name, or the other way round (S-AZ2).
func (m *mount) checkTable() error {
	served := map[string]bool{}
	for _, r := range m.engine.Routes() {
		served[r.Method+" "+r.Path] = true
		if !m.routes[r.Method+" "+r.Path] {
			return errors.New("route outside the table: " + r.Method + " " + r.Path)
		}
	}
	for r := range m.routes {
		if !served[r] {
			return errors.New("route of the table is not served: " + r)
		}
	}
	return nil
}

// plain registers a route that is no JSON operation: documents, health, metrics.
func (m *mount) plain(method, path string, h gin.HandlerFunc) {
	m.engine.Handle(method, path, h)
	m.routes[method+" "+path] = true
}

// Payload is a request body of type B whose rules the domain holds: shape and
// rules come back in one answer (decision 15).
type Payload[B any] struct {
	Body B
}

// Resolve implements huma.Resolver: it asks the body's own Parse.
func (b *Payload[B]) Resolve(huma.Context) []error {
	return violations("", parseOf(reflect.ValueOf(b.Body)))
}

// parseOf calls Parse() (T, error) of any T.
func parseOf(v reflect.Value) error {
	m := v.MethodByName("Parse")
	if !m.IsValid() {
		return nil
	}
	out := m.Call(nil)
	err, _ := out[len(out)-1].Interface().(error)
	return err
}

// IDParam is {id} of a path. Anything that is no UUID names no row: 404.
type IDParam struct {
	ID models.ID `path:"id" doc:"编号（UUID）"`
}

func (p IDParam) id() (models.ID, error) {
	id, err := models.ParseID(string(p.ID))
	if err != nil {
		return "", fault.Absent()
	}
	return id, nil
}

// ListParams are the parameters of every list.
type ListParams struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"每页条数 · rows a page"`
	Cursor string `query:"cursor" maxLength:"600" doc:"上一页给出的 next · next of the page before"`
	Count  string `query:"count" enum:"exact" doc:"exact：同时给出总数 · also count"`
}

// query is the domain's form of the list parameters and the filters.
func (p ListParams) query(sort string, filters map[string]string) models.Query {
	return models.Query{Limit: p.Limit, Cursor: p.Cursor, Sort: sort, Exact: p.Count == "exact", Filters: filters}
}

// list is the answer of every list.
type list[T any] struct {
	Body struct {
		Items []T     `json:"items"`
		Next  *string `json:"next" nullable:"true" doc:"下一页的 cursor，最后一页为 null"`
		Total *int64  `json:"total,omitempty" doc:"总数，仅在 count=exact 时给出"`
	}
}

// momentList is a list of what stood at a moment.
type momentList[T any] struct {
	Body struct {
		AsOf     *code.Day `json:"asOf,omitempty" format:"date" doc:"截止日期；没有问过去的一天的没有这一项"`
		KnownSeq *int64    `json:"knownSeq,omitempty" doc:"计入的最后一个变更序号，还没有为 -1"`
		Items    []T       `json:"items"`
		Next     *string   `json:"next" nullable:"true" doc:"下一页的 cursor，最后一页为 null"`
		Total    *int64    `json:"total,omitempty" doc:"总数，仅在 count=exact 时给出"`
	}
}

// at is the list as of a moment, nil for the present.
func (l *list[T]) at(m *audit.Moment) *momentList[T] {
	out := new(momentList[T])
	out.Body.Items, out.Body.Next, out.Body.Total = l.Body.Items, l.Body.Next, l.Body.Total
	if m != nil {
		out.Body.AsOf, out.Body.KnownSeq = &m.AsOf, &m.Seq
	}
	return out
}

// viewed is a page of what stood at a moment, each row by a view that can fail.
func viewed[V, T any](page models.Page[T], err error, view func(T) (V, error), m *audit.Moment) (*momentList[V], error) {
	if err != nil {
		return nil, err
	}
	return listOf(page, func(row T) (v V) {
		if err == nil {
			v, err = view(row)
		}
		return v
	}).at(m), err
}

func listOf[V, T any](p models.Page[T], view func(T) V) *list[V] {
	out := new(list[V])
	out.Body.Items = make([]V, len(p.Items))
	for i, v := range p.Items {
		out.Body.Items[i] = view(v)
	}
	out.Body.Next = models.Ref(p.Next)
	out.Body.Total = p.Total
	return out
}

// one is the answer of a single resource with its version.
type one[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// MatchParam reads the version that a change is based on: missing is 428, an other
// row's or an unreadable one is 412.
type MatchParam struct {
	IfMatch string `header:"If-Match" doc:"读取时的 ETag · ETag of the version read"`
}

func (m MatchParam) version(id models.ID) (int64, error) {
	if m.IfMatch == "" {
		return 0, fault.New(fault.Precondition, "修改前需要注明所依据的版本：在 If-Match 中给出读取时的 ETag")
	}
	tag := strings.Trim(m.IfMatch, `"`)
	prefix, number, ok := strings.Cut(tag, "-")
	var version int64
	for _, r := range number {
		if r < '0' || r > '9' || len(number) > 15 {
			ok = false
			break
		}
		version = version*10 + int64(r-'0')
	}
	if !ok || number == "" || len(m.IfMatch) < 2 || m.IfMatch[0] != '"' || etag(id, version) != `"`+prefix+"-"+number+`"` {
		return 0, fault.New(fault.Stale, "内容已经被修改，重新读取后再保存")
	}
	return version, nil
}
