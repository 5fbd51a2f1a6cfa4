package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"parkregistry/internal/code"
	"parkregistry/internal/cookie"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/policies"
)

var requestIDs = regexp.MustCompile(`^[0-9A-Za-z._-]{8,64}$`)

// identify opens every request: its id, its language, where it comes from and
// who is calling. A bad credential is only remembered here; the gate answers it,
// so that public routes stay public.
func (m *mount) identify(accounts *account.Service) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := c.Request
		id := r.Header.Get("X-Request-Id")
		if !requestIDs.MatchString(id) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		c.Header("X-Request-Id", id)
		lang, chosen := words.Named(cookie.Language(r))
		if !chosen {
			lang = words.FromHeader(r.Header.Get("Accept-Language"))
		}
		ctx := context.WithValue(words.With(r.Context(), lang), requestKey{}, request{id: id, path: r.URL.Path, log: m.log})
		origin := audit.Origin{Address: c.ClientIP(), UserAgent: r.UserAgent(), RequestID: id, Via: "session"}
		scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		kept := cookie.Read(r, encrypted(c))
		var who account.Identity
		var err error
		switch {
		case strings.EqualFold(scheme, "Bearer") && bearer != "":
			who, err = accounts.Identify(ctx, bearer, origin.Address)
			kept.Secret = "" // what a header says is not a page's
		case kept.Secret != "":
			who, err = accounts.IdentifyPage(ctx, kept.Secret, origin.Address)
		}
		ctx = cookie.With(ctx, kept)
		switch {
		case err != nil:
			ctx = account.Refuse(ctx, err)
		case who.User.ID != "":
			if who.Token != nil {
				origin.Via = "token"
			}
			ctx = account.With(policies.With(ctx, accounts.Actor(who, m.db.Today())), who)
		}
		c.Request = r.WithContext(audit.From(ctx, origin))
		c.Next()
	}
}

// What is open to somebody who has to change the first password, and then to
// somebody who has to add a second factor.
var (
	beforeChange = []string{"getMe", "deleteSessionsCurrent", "postMePassword"}
	beforeFactor = append([]string{"postMeSecondFactor", "postMeSecondFactorConfirmation"}, beforeChange...)
)

func mustChange(ctx context.Context, op *huma.Operation) error {
	id, ok := account.From(ctx)
	switch {
	case !ok:
		return nil
	case id.User.MustChangePassword && !slices.Contains(beforeChange, op.OperationID):
		return fault.New(fault.Denied, "首次登录需要先修改密码").With("needs", "password")
	case id.OwesFactor && !slices.Contains(beforeFactor, op.OperationID):
		return fault.New(fault.Denied, "需要先启用动态口令：在账号设置中领取密钥，用身份验证器扫码后填写口令").With("needs", "secondFactor")
	}
	return nil
}

// secure sets the headers of every answer (S-OUT2).
func secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if encrypted(c) {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Next()
}

// encrypted reports whether the request came over TLS, to us or to a proxy that we trust.
func encrypted(c *gin.Context) bool {
	return c.Request.TLS != nil || c.GetHeader("X-Forwarded-Proto") == "https" && c.ClientIP() != remoteIP(c.Request)
}

func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

var crossOrigin = http.NewCrossOriginProtection()

// ours refuses a change that another site makes a browser ask for, and one that comes
// with a cookie alone to the JSON routes: there the token of the sign-in's forms has to
// stand in a header, which no other site can set (S-AU8). Forms of the pages carry it
// in a field, which the pages check.
func ours(c *gin.Context) {
	r := c.Request
	safe := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	seen := cookie.From(r.Context())
	if crossOrigin.Check(r) != nil || !safe && seen.Secret != "" && strings.HasPrefix(r.URL.Path, base+"/") && !seen.Vouched(r.Header.Get("X-CSRF-Token")) {
		writeProblem(c, problem(r.Context(), fault.New(fault.Denied, "这次提交不是从本系统的页面发出的；重新打开页面再提交")))
		return
	}
	c.Next()
}

// recovered answers a panic like any defect of ours.
func recovered(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		p := problem(c.Request.Context(), fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		if !c.Writer.Written() {
			writeProblem(c, p)
		}
	}()
	c.Next()
}

// logged writes one line a request, without personal data, and leaves an audit
// record of every refusal by role or scope.
func (m *mount) logged(c *gin.Context) {
	start := time.Now()
	c.Next()
	ctx, status := c.Request.Context(), c.Writer.Status()
	m.observe(c.Request.Method, c.FullPath(), status, time.Since(start))
	actor, _ := policies.ActorFrom(ctx)
	m.log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("requestId", requestOf(ctx).id), slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.Int("status", status), slog.Int("bytes", c.Writer.Size()), slog.Int64("ms", time.Since(start).Milliseconds()), slog.String("user", actor.User))
	if status == http.StatusForbidden || status == http.StatusNotFound && c.FullPath() != "" && actor.User != "" {
		m.noteRefusal(c, status)
	}
}

// noteRefusal records who was refused what. It runs after the answer and learns
// nothing about the row (decision 19); the first few a minute of one caller are kept.
func (m *mount) noteRefusal(c *gin.Context, status int) {
	ctx := context.WithoutCancel(c.Request.Context())
	actor, _ := policies.ActorFrom(ctx)
	if !m.refusals.allow(actor.User+c.ClientIP(), m.db.Now()) {
		return
	}
	id, _ := models.ParseID(c.Param("id")) // anything else names no row, and is not kept
	err := m.db.Write(ctx, auditNote(audit.Note{Action: "refusal", Outcome: audit.Refused, Kind: c.Request.Method + " " + c.FullPath(),
		Object: string(id), Reason: fmt.Sprint(status)}))
	if err != nil {
		m.log.ErrorContext(ctx, "record a refusal", "error", err)
	}
}

// limited keeps one caller from taking the program from the others (S-OP1).
func (m *mount) limited(c *gin.Context) {
	if p := c.FullPath(); p == "/healthz" || p == "/readyz" {
		c.Next() // a probe must hear the truth even from a busy address
		return
	}
	actor, ok := policies.ActorFrom(c.Request.Context())
	key, rate := "a:"+clientNetwork(c.ClientIP()), m.rates.Anonymous
	switch {
	case ok && (c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead):
		key, rate = "r:"+actor.User, m.rates.Reads
	case ok:
		key, rate = "w:"+actor.User, m.rates.Writes
	}
	if wait := m.limits.take(key, rate); wait > 0 {
		f := fault.New(fault.TooMany, "请求过于频繁，{{.Seconds}} 秒后再试", "Seconds", wait)
		f.RetryAfter = wait
		writeProblem(c, problem(c.Request.Context(), f))
		return
	}
	c.Next()
}

func clientNetwork(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// strictQuery refuses a parameter given twice, broken escapes, an endless query and
// what is no text (S-IN3, S-IN4); a path that is none leads nowhere.
func strictQuery(c *gin.Context) {
	if !code.Printable(c.Request.URL.Path) {
		writeProblem(c, problem(c.Request.Context(), fault.Absent()))
		return
	}
	raw := c.Request.URL.RawQuery
	refuse := func(pointer, code string, detail fault.Text) {
		writeProblem(c, problem(c.Request.Context(), &fault.Error{Code: fault.Malformed, Detail: fault.T("查询参数有误"),
			Violations: []fault.Violation{{Pointer: pointer, Code: code, Detail: detail}}}))
	}
	if len(raw) > 8<<10 {
		refuse("/query", "tooLong", fault.T("不能超过 {{.Max}} 个字", "Max", 8<<10))
		return
	}
	values, err := parseQuery(raw)
	if err != nil {
		refuse("/query", "syntax", fault.T("转义有误"))
		return
	}
	for name, v := range values {
		switch {
		case len(v) > 1:
			refuse("/query/"+name, "doubled", fault.T("同一项出现了两次"))
			return
		case !code.Printable(name + v[0]):
			refuse("/query/"+name, "characters", fault.T("含有看不见的字符（控制、换向或者零宽），删去后再填"))
			return
		}
	}
	c.Next()
}
