package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
)

type attachmentAPI struct{ svc *files.Service }

// AttachedView is an attachment as the row shows it that it is attached to.
type AttachedView struct {
	ID        models.ID `json:"id" format:"uuid"`
	Name      string    `json:"name" doc:"上传时的文件名，仅供显示"`
	MediaType string    `json:"mediaType" doc:"由内容识别，不取自文件名"`
	Size      int64     `json:"size" doc:"字节"`
	SHA256    string    `json:"sha256" doc:"上传的原始内容的散列，十六进制"`
	Content   string    `json:"content" format:"uri-reference" doc:"下载地址；图片不含拍摄地点等信息"`
}

func attachedOf(a files.Attachment) AttachedView {
	return AttachedView{a.ID, a.Name, a.MediaType, a.Size, a.Sum(), base + "/attachments/" + string(a.ID) + "/content"}
}

type attachmentView struct {
	Warned
	PlaceView
	AttachedView
	Algorithm  string     `json:"algorithm" enum:"sha256" doc:"散列算法"`
	Width      int        `json:"width,omitempty" doc:"图片的宽，像素"`
	Height     int        `json:"height,omitempty" doc:"图片的高，像素"`
	OwnerKind  string     `json:"ownerKind" enum:",ledger,assessment,finding,patrol,task,import" doc:"用于哪一类记录；还没有用的为空"`
	OwnerID    *models.ID `json:"ownerId" nullable:"true" doc:"用于哪一条记录"`
	UploadedBy models.ID  `json:"uploadedBy"`
	UploadedAt string     `json:"uploadedAt" format:"date-time"`
}

func attachmentOf(a files.Attachment) attachmentView {
	return attachmentView{PlaceView: placeView0(a.Placed), AttachedView: attachedOf(a), Algorithm: a.Algorithm, Width: a.Width, Height: a.Height,
		OwnerKind: a.Of(), OwnerID: a.OwnerID, UploadedBy: a.UploadedBy, UploadedAt: instant(a.UploadedAt)}
}

type uploadInput struct {
	ID     string `query:"id" format:"uuid" doc:"可由客户端生成（UUID），用于重试；表单中写在表单里，下同"`
	ParkID string `query:"parkId" format:"uuid" doc:"园区"`
	SiteID string `query:"siteId" format:"uuid" doc:"企业场所；园区自有的为空"`
	Name   string `query:"name" maxLength:"300" doc:"文件名，仅供显示；表单中为文件自己的名称"`
}

func (h attachmentAPI) create(ctx context.Context, in *uploadInput) (*one[attachmentView], error) {
	u := uploadOf(ctx)
	field := func(name, query string) string {
		if v, ok := u.fields[name]; ok {
			return v
		}
		return query
	}
	id := models.ID("")
	if raw := field("id", in.ID); raw != "" {
		var err error
		if id, err = models.ParseID(raw); err != nil {
			return nil, unreadable("id", "id", fault.T("应当是 36 位的 UUID"))
		}
	}
	a, err := h.svc.Upload(ctx, id, files.UploadInput{ParkID: field("parkId", in.ParkID), SiteID: field("siteId", in.SiteID)}, u.file)
	if err != nil {
		return nil, err
	}
	return answer(a.ID, a.Version, attachmentOf(a)), nil
}

func (h attachmentAPI) get(ctx context.Context, in *IDParam) (*one[attachmentView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Get(ctx, id)
	return &one[attachmentView]{etag(a.ID, a.Version), attachmentOf(a)}, err
}

// download documents an answer that is a file.
func download(op *huma.Operation) {
	content := map[string]*huma.MediaType{}
	for _, k := range files.Kinds() {
		content[k.MediaType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	content[files.TableText] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}} // what was imported
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
}

// content answers the file: of a picture a copy without place, time and device.
func (h attachmentAPI) content(ctx context.Context, in *IDParam) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	c, err := h.svc.Open(ctx, id)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = c.Close() }()
		w := humagin.Unwrap(hc).Writer
		asFile(w.Header(), c.Attachment)
		w.WriteHeader(http.StatusOK)
		if _, err := c.WriteTo(w); err != nil {
			requestOf(ctx).log.WarnContext(ctx, "an attachment was not sent whole", "attachment", string(c.ID), "error", err)
		}
	}}, nil
}

// original answers the bytes as they were brought, with their digest.
func (h attachmentAPI) original(ctx context.Context, in *IDParam) (*huma.StreamResponse, error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	a, f, err := h.svc.Original(ctx, id)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) { serve(hc, a, f) }}, nil
}

func serve(hc huma.Context, a files.Attachment, f *os.File) {
	defer func() { _ = f.Close() }()
	c := humagin.Unwrap(hc)
	asFile(c.Writer.Header(), a)
	c.Header("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(a.SHA256)+":") // RFC 9530
	c.Header("ETag", strconv.Quote(a.Sum()))
	http.ServeContent(c.Writer, c.Request, "", a.UploadedAt, f)
}

// asFile says that what follows is a file to be kept, never a page (S-AT1, S-AT3).
func asFile(h http.Header, a files.Attachment) {
	h.Set("Content-Type", a.MediaType)
	h.Set("Content-Disposition", disposition(a.Name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
}

// disposition names the file in both ways of RFC 6266: in ASCII for old clients, and whole.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.PathEscape(name), "'", "%27")
}
