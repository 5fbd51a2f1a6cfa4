package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"parkregistry/internal/fault"
	"parkregistry/models/files"
	"parkregistry/sheets"
)

// Times that an upload has, S-IN1: a telephone at the fence is slower than an office.
const (
	uploadTime = 120 * time.Second
	answerTime = 30 * time.Second // to answer after it
	slowTime   = 5 * time.Minute  // to write what a whole file says
)

const (
	maxFormParts = 20
	maxFormValue = 500 // bytes of one text field
)

// uploaded is a file that has arrived, with the text fields that came beside it.
type uploaded struct {
	file   *files.Incoming
	fields map[string]string
}

type (
	uploadKey struct{}
	sameKey   struct{} // in place of the body, to know a repeated request by
)

func uploadOf(ctx context.Context) *uploaded {
	u, _ := ctx.Value(uploadKey{}).(*uploaded)
	return u
}

// formFields are the text fields of a form that uploads a file; the same names stand
// in the query where the body is the file itself.
var formFields = []string{"id", "parkId", "siteId"}

// tableFields are those beside a table.
var tableFields = []string{"parkId", "siteId", "class"}

// upload documents a body that is a file: as it is, or in a form.
func upload(op *huma.Operation) {
	form := &huma.Schema{Type: huma.TypeObject, Required: []string{"file", "parkId"}, Properties: map[string]*huma.Schema{}}
	for _, name := range formFields {
		form.Properties[name] = &huma.Schema{Type: huma.TypeString, Format: "uuid"}
	}
	var media []string
	for _, k := range files.Kinds() {
		media = append(media, k.MediaType)
	}
	raw(op, form, media)
}

// uploadTable documents a body that is a table.
func uploadTable(op *huma.Operation) {
	id := &huma.Schema{Type: huma.TypeString, Format: "uuid"}
	class := &huma.Schema{Type: huma.TypeString, MaxLength: ptr(100)}
	raw(op, &huma.Schema{Type: huma.TypeObject, Required: []string{"file", "parkId", "class"}, Properties: map[string]*huma.Schema{"parkId": id, "siteId": id, "class": class}},
		[]string{sheets.MediaType, files.TableText})
	op.Metadata[metaTable] = true
}

// raw documents a body that is a file of one of the media types, or a form with it.
func raw(op *huma.Operation, form *huma.Schema, media []string) {
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	form.Properties["file"] = binary
	op.Metadata[metaRaw] = true
	// huma would ask for a body that is gone by then: required is for the reader of the document.
	op.RequestBody = &huma.RequestBody{Extensions: map[string]any{"required": true}, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: form}, "application/octet-stream": {Schema: binary}}}
	for _, m := range media {
		op.RequestBody.Content[m] = &huma.MediaType{Schema: binary}
	}
}

// taking is how the file of an operation is received, and how large it may be.
func (m *mount) taking(op *huma.Operation) (take func(ctx context.Context, r io.Reader, name, declared string) (*files.Incoming, error), most int64, fields []string) {
	if op.Metadata[metaTable] == true {
		return func(ctx context.Context, r io.Reader, name, _ string) (*files.Incoming, error) {
			return m.files.ReceiveTable(ctx, r, name)
		}, files.MaxTable, tableFields
	}
	return m.files.Receive, files.MaxSize, formFields
}

// receive takes the file of an upload to the disk before anything else happens: no
// transaction waits for a slow sender, and a repeated request is known by what it
// brings.
func (m *mount) receive(hc huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(hc)
	// A writer without deadlines, as in some tests, has nothing to lengthen.
	control := http.NewResponseController(c.Writer)
	_ = control.SetReadDeadline(m.db.Now().Add(uploadTime))
	_ = control.SetWriteDeadline(m.db.Now().Add(uploadTime + answerTime))
	_, most, _ := m.taking(hc.Operation())
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most+64<<10)
	u, err := m.arrive(hc.Context(), c.Request, hc.Operation())
	if u != nil && u.file != nil {
		defer u.file.Discard()
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		err = fault.New(fault.TooLarge, "文件不能超过 {{.MiB}} MiB", "MiB", most>>20)
	}
	if err != nil {
		m.refuse(hc, err)
		return
	}
	// What the same request sent twice has in common.
	same, err := json.Marshal(map[string]any{"fields": u.fields, "query": c.Request.URL.RawQuery, "name": u.file.Name, "sha256": u.file.Sum()})
	if err != nil {
		m.refuse(hc, err)
		return
	}
	c.Request.Body = http.NoBody
	next(huma.WithValue(huma.WithValue(hc, sameKey{}, same), uploadKey{}, u))
}

func (m *mount) arrive(ctx context.Context, r *http.Request, op *huma.Operation) (*uploaded, error) {
	if r.Header.Get("Content-Encoding") != "" {
		return nil, fault.New(fault.Unsupported, "内容不能压缩后提交")
	}
	declared := r.Header.Get("Content-Type")
	media, params, err := mime.ParseMediaType(declared)
	if _, known := op.RequestBody.Content[media]; err != nil || !known {
		return nil, fault.New(fault.Unsupported, "内容类型应当是 {{.Want}}", "Want", strings.Join(slices.Sorted(maps.Keys(op.RequestBody.Content)), ", "))
	}
	if media != "multipart/form-data" {
		take, _, _ := m.taking(op)
		file, err := take(ctx, r.Body, r.URL.Query().Get("name"), declared)
		return &uploaded{file: file}, err
	}
	return m.form(ctx, op, multipart.NewReader(r.Body, params["boundary"]))
}

// form reads a form part by part: one file, and the fields that there are.
func (m *mount) form(ctx context.Context, op *huma.Operation, parts *multipart.Reader) (*uploaded, error) {
	take, _, fields := m.taking(op)
	u := &uploaded{fields: map[string]string{}}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return u, fault.Wrap(err, fault.Malformed, "内容没有传完")
		}
		if n == maxFormParts {
			return u, fault.New(fault.TooLarge, "表单不能超过 {{.Max}} 项", "Max", maxFormParts)
		}
		name := part.FormName()
		_, twice := u.fields[name]
		switch {
		case name == "file" && u.file != nil || twice:
			return u, unreadable(name, "doubled", fault.T("同一项出现了两次"))
		case name == "file":
			if u.file, err = take(ctx, part, part.FileName(), part.Header.Get("Content-Type")); err != nil {
				return u, err
			}
		case slices.Contains(fields, name):
			value, err := io.ReadAll(io.LimitReader(part, maxFormValue+1))
			if err != nil || len(value) > maxFormValue {
				return u, unreadable(name, "tooLong", fault.T("不能超过 {{.Max}} 个字", "Max", maxFormValue))
			}
			u.fields[name] = string(value)
		default:
			return u, unreadable(name, "unknown", fault.T("没有这一项"))
		}
	}
	if u.file == nil {
		return u, unreadable("file", "required", fault.T("必须填写"))
	}
	return u, nil
}

func unreadable(name, code string, detail fault.Text) error {
	return &fault.Error{Code: fault.Malformed, Detail: fault.T("请求中有无法识别的内容"), Violations: []fault.Violation{{Pointer: "/" + name, Code: code, Detail: detail}}}
}
