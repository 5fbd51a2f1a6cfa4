package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// errWarned undoes a write whose warnings the caller wants to be refusals.
var errWarned = errors.New("the write has warnings")

// strict honours Prefer: handling=strict (RFC 7240): a write that would answer
// warnings is undone and answered 422 with the same items.
func (m *mount) strict(hc huma.Context, next func(huma.Context)) {
	op := hc.Operation()
	wants := strings.Contains(strings.ToLower(hc.Header("Prefer")), "handling=strict")
	if !wants || op.Method == http.MethodGet || op.Metadata[metaUnkept] == true {
		next(hc)
		return
	}
	c := humagin.Unwrap(hc)
	out, request := c.Writer, c.Request
	var buffer *bufferedWriter
	var warnings struct {
		Warnings []ProblemItem `json:"warnings"`
	}
	err := m.db.Write(hc.Context(), func(tx *models.Tx) error {
		buffer = &bufferedWriter{ResponseWriter: out, header: http.Header{}}
		c.Writer, c.Request = buffer, request.WithContext(tx.Context())
		if body, ok := hc.Context().Value(bodyKey{}).([]byte); ok {
			c.Request.Body = readCloser(body)
		}
		next(humagin.NewContext(op, c))
		c.Writer, c.Request = out, request
		if buffer.Status() >= 400 {
			return errRefused
		}
		if json.Unmarshal(buffer.body.Bytes(), &warnings) == nil && len(warnings.Warnings) > 0 {
			return errWarned
		}
		return nil
	})
	switch {
	case errors.Is(err, errWarned):
		p := problem(hc.Context(), fault.New(fault.Invalid, "有 {{.Count}} 处提示；按 Prefer: handling=strict 的要求没有保存", "Count", len(warnings.Warnings)))
		p.Errors = warnings.Warnings
		writeProblem(c, p)
	case err != nil && !errors.Is(err, errRefused):
		m.refuse(hc, err)
	default:
		for name := range buffer.header {
			c.Header(name, buffer.header.Get(name))
		}
		c.Status(buffer.Status())
		_, _ = c.Writer.Write(buffer.body.Bytes())
	}
}
