package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/replay"
	"parkregistry/policies"
)

// once makes a POST with an Idempotency-Key happen once: key, effect and answer
// are one transaction, and a repeat gets the stored answer (S-LG3).
func (m *mount) once(hc huma.Context, next func(huma.Context)) {
	op := hc.Operation()
	c := humagin.Unwrap(hc)
	key := hc.Header("Idempotency-Key")
	_, given := c.Request.Header["Idempotency-Key"]
	actor, known := policies.ActorFrom(hc.Context())
	if op.Method != http.MethodPost || !given || !known || op.Metadata[metaUnkept] == true {
		next(hc)
		return
	}
	if !visibleASCII(key) {
		m.refuse(hc, &fault.Error{Code: fault.Malformed, Detail: fault.T("请求中有无法识别的内容"), Violations: []fault.Violation{
			{Pointer: "/header/Idempotency-Key", Code: "format", Detail: fault.T("Idempotency-Key 应当是 1 至 128 个可见的 ASCII 字符")}}})
		return
	}
	k := replay.Key{ActorID: models.ID(actor.User), Route: op.Method + " " + op.Path, Key: key}
	same := hc.Context().Value(sameKey{})
	if same == nil {
		same = hc.Context().Value(bodyKey{})
	}
	fingerprint := fingerprintOf(c.Request.URL.Path, same)
	kept, err := m.keyed(hc, next, c, k, fingerprint)
	if err != nil {
		m.refuse(hc, err)
		return
	}
	for name, v := range kept.Headers {
		c.Header(name, v)
	}
	if kept.Replayed {
		c.Header("Idempotent-Replayed", "true")
	}
	c.Status(kept.Status)
	_, _ = c.Writer.Write(kept.Body)
}

// errRefused undoes the effect of a request that ended in a refusal.
var errRefused = errors.New("the request was refused")

func (m *mount) keyed(hc huma.Context, next func(huma.Context), c *gin.Context, k replay.Key, fingerprint []byte) (replay.Answer, error) {
	out := c.Writer
	defer func() { c.Writer = out }()
	var answer replay.Answer
	err := m.db.Write(hc.Context(), func(tx *models.Tx) error {
		stored, found, err := replay.Take(tx, k, fingerprint)
		if err != nil || found {
			answer = stored
			return err
		}
		buffer := &bufferedWriter{ResponseWriter: out, header: http.Header{}}
		c.Writer = buffer
		request := c.Request
		c.Request = request.WithContext(tx.Context())
		if body, ok := hc.Context().Value(bodyKey{}).([]byte); ok {
			c.Request.Body = readCloser(body)
		}
		next(humagin.NewContext(hc.Operation(), c))
		c.Request, c.Writer = request, out
		answer = buffer.answer()
		if answer.Status >= 400 {
			return errRefused
		}
		return replay.Keep(tx, k, answer)
	})
	if errors.Is(err, errRefused) {
		err = nil
		if answer.Status < 500 && answer.Status != http.StatusTooManyRequests {
			err = m.db.Write(hc.Context(), func(tx *models.Tx) error { return replay.KeepRefusal(tx, k, fingerprint, answer) })
		}
	}
	return answer, err
}

func visibleASCII(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return false
		}
	}
	return true
}

// fingerprintOf is a digest of the path and of the body without regard to white
// space and the order of members.
func fingerprintOf(path string, body any) []byte {
	raw, _ := body.([]byte)
	canonical := raw
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) == nil {
		if b, err := json.Marshal(v); err == nil {
			canonical = b
		}
	}
	h := sha256.New()
	h.Write([]byte(path))
	h.Write([]byte{0})
	h.Write(canonical)
	return h.Sum(nil)
}

// bufferedWriter holds an answer until its transaction is committed.
type bufferedWriter struct {
	gin.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *bufferedWriter) Header() http.Header         { return w.header }
func (w *bufferedWriter) WriteHeader(code int)        { w.status = code }
func (w *bufferedWriter) WriteHeaderNow()             {}
func (w *bufferedWriter) Write(b []byte) (int, error) { return w.body.Write(b) }
func (w *bufferedWriter) WriteString(s string) (int, error) {
	return w.body.WriteString(s)
}
func (w *bufferedWriter) Written() bool { return w.status != 0 || w.body.Len() > 0 }
func (w *bufferedWriter) Size() int     { return w.body.Len() }
func (w *bufferedWriter) Status() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

func (w *bufferedWriter) answer() replay.Answer {
	a := replay.Answer{Status: w.Status(), Headers: map[string]string{}, Body: w.body.Bytes()}
	for name := range w.header {
		a.Headers[name] = w.header.Get(name)
	}
	return a
}
