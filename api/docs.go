package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/swaggest/swgui/v5emb"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
)

// documents serves the description of the API, a page that reads it, and a page
// for each kind of problem. Everything comes from the binary.
func (m *mount) documents(o Options) error {
	doc, err := json.Marshal(m.api.OpenAPI())
	if err != nil {
		return fmt.Errorf("write the API description: %w", err)
	}
	m.plain(http.MethodGet, base+"/openapi.json", func(c *gin.Context) {
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, "application/openapi+json", doc)
	})
	viewer := v5emb.New("工业园区环境管理登记系统 API", base+"/openapi.json", "/docs/")
	policy := viewerPolicy(viewer)
	page := func(c *gin.Context) {
		c.Header("Content-Security-Policy", policy)
		c.Header("Cache-Control", "no-cache")
		viewer.ServeHTTP(c.Writer, c.Request)
	}
	m.plain(http.MethodGet, "/docs/*file", page)
	m.plain(http.MethodGet, "/docs", func(c *gin.Context) { c.Redirect(http.StatusFound, "/docs/") })
	m.plain(http.MethodGet, "/problems/:kind", problemPage)
	return nil
}

var inline = regexp.MustCompile(`(?s)<(script|style)(?:\s[^>]*)?>(.+?)</(?:script|style)>`)

// viewerPolicy is the page's own content security policy: its inline script and
// style by their hashes, everything else from this server (decision 25).
func viewerPolicy(viewer http.Handler) string {
	rec := httptest.NewRecorder()
	viewer.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/docs/", nil))
	hashes := map[string][]string{}
	for _, found := range inline.FindAllStringSubmatch(rec.Body.String(), -1) {
		sum := sha256.Sum256([]byte(found[2]))
		hashes[found[1]] = append(hashes[found[1]], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	// The viewer sets style attributes from script, which only 'unsafe-inline' for styles allows.
	return "default-src 'none'; script-src 'self' " + strings.Join(hashes["script"], " ") +
		"; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
}

// meanings say what each kind of problem is and what helps; the title stands in kinds.
var meanings = map[fault.Code]string{
	fault.Malformed:       "请求读不懂：JSON 不完整，或者有不认识的字段、参数。errors 中逐处指出位置。",
	fault.Invalid:         "请求读得懂，但有一处或者多处不符合规则。errors 中一次列出全部，pointer 指明字段，rule 指明依据。",
	fault.Unauthenticated: "没有登录，或者登录、令牌已经失效。重新登录后再试，已填写的内容不受影响。",
	fault.Denied:          "当前角色没有这项操作的权限，与具体对象无关。GET /me 的 can 列出可以做的事。",
	fault.NotFound:        "没有这个对象，或者它不在管理范围内；两种情况的回答相同。",
	fault.NotAllowed:      "地址存在，但不支持这个方法。Allow 列出支持的方法。",
	fault.Conflict:        "对象现在的状态不允许这样做，或者与已有记录重复。重新读取后再决定。",
	fault.Stale:           "读取之后内容已经被别人修改。重新读取，比较后再保存。",
	fault.Precondition:    "修改前应当用 If-Match 注明读取时的 ETag，以免覆盖别人的修改。",
	fault.TooLarge:        "内容超过允许的大小或者项数。",
	fault.Unsupported:     "内容类型或者编码不受支持。",
	fault.TooMany:         "请求过于频繁。按 Retry-After 的秒数等待。",
	fault.Unavailable:     "程序所依赖的数据库暂时没有响应，或者队列已满。按 Retry-After 的秒数等待后重试，带 Idempotency-Key 的提交不会重复。",
	fault.Internal:        "程序自身的缺陷，已经记录。反馈时提供 requestId。",
}

var problemTemplate = template.Must(template.New("problem").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}} · {{.Status}}</title></head>
<body><main><h1>{{.Title}}</h1><p><code>{{.Type}}</code> · HTTP {{.Status}}</p><p>{{.Meaning}}</p></main></body></html>
`))

// problemPage is what the type of a problem dereferences to.
func problemPage(c *gin.Context) {
	kind := fault.Code(c.Param("kind"))
	k, ok := kinds[kind]
	if !ok {
		writeProblem(c, problem(c.Request.Context(), fault.Absent()))
		return
	}
	lang := requestOf(c.Request.Context()).lang
	var b bytes.Buffer
	err := problemTemplate.Execute(&b, map[string]any{"Lang": string(lang), "Title": words.Render(lang, fault.T(k.title)), "Status": k.status,
		"Type": "/problems/" + string(kind), "Meaning": words.Render(lang, fault.T(meanings[kind]))})
	if err != nil {
		writeProblem(c, problem(c.Request.Context(), err))
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}
