package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
)

// Bounds of a form that brings photographs: a telephone at the fence is slow.
const (
	mostTexts  = 2000 // fields; the longest ledger form has some hundred
	mostFiles  = 20
	mostBrings = 4 * files.MaxSize
	bringTime  = 120 * time.Second
	shownTime  = 30 * time.Second // to answer after it
)

// brought is one file that came with a form: arrived, or not and why.
type brought struct {
	name string
	file *files.Incoming
	err  error
}

// readParts reads a form that brings files. The form vouches for itself before its
// first file is taken, and a file that is refused keeps nothing of the rest back.
func (p *Pages) readParts(v *visit, l line) error {
	r := v.c.Request
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return broken(err)
	}
	// A writer without deadlines, as in some tests, has nothing to lengthen.
	control := http.NewResponseController(v.c.Writer)
	_ = control.SetReadDeadline(p.options.Now().Add(bringTime))
	_ = control.SetWriteDeadline(p.options.Now().Add(bringTime + shownTime))
	r.Body = http.MaxBytesReader(v.c.Writer, r.Body, mostBrings)
	r.PostForm = url.Values{}
	parts, text := multipart.NewReader(r.Body, params["boundary"]), int64(mostForm)
	for n := 0; ; n++ {
		if n > mostTexts {
			return fault.New(fault.TooLarge, "表单不能超过 {{.Max}} 项", "Max", mostTexts)
		}
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if part.FileName() == "" || l.words {
			value, err := io.ReadAll(io.LimitReader(part, text+1))
			if text -= int64(len(value)); err != nil || text < 0 {
				return broken(err)
			}
			if _, isFile := part.Header["Content-Type"]; !isFile || part.FileName() != "" { // a field of files in which none was chosen has a type and no name
				r.PostForm.Add(part.FormName(), string(value))
			}
			continue
		}
		if !v.seen.Vouched(r.PostForm.Get("form")) {
			return nil // refused by who reads the form, before anything is kept
		}
		if len(v.brought) == mostFiles {
			return fault.New(fault.TooLarge, "一次至多提交 {{.Max}} 个文件，分几次提交", "Max", mostFiles)
		}
		b := brought{name: part.FileName()}
		if l.table {
			b.file, b.err = p.options.Files.ReceiveTable(v.ctx, part, part.FileName())
		} else {
			b.file, b.err = p.options.Files.Receive(v.ctx, part, part.FileName(), part.Header.Get("Content-Type"))
		}
		v.brought = append(v.brought, b)
		if tooBig := (*http.MaxBytesError)(nil); errors.As(b.err, &tooBig) {
			return broken(b.err)
		}
	}
}

// broken is a form that did not arrive whole.
func broken(err error) error {
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return fault.Wrap(err, fault.TooLarge, "一次提交的照片和文件合计不能超过 {{.MiB}} MiB，分几次提交", "MiB", mostBrings>>20)
	}
	return fault.Wrap(err, fault.Malformed, "表单没有完整送到，返回重新提交")
}

// discard forgets what came with the form and was not kept.
func (v *visit) discard() {
	for _, b := range v.brought {
		if b.file != nil {
			b.file.Discard()
		}
	}
}

// keepBrought makes attachments of what came, each by itself, and adds
// their ids to the field as if they had been there before: a second try of the form need
// not bring them again. What could not be taken is told by its name.
func (p *Pages) keepBrought(v *visit, park models.ID, site *models.ID) error {
	var c fault.Check
	names := map[string]string{} // of what was taken, by the sum of its bytes
	for _, b := range v.brought {
		var a files.Attachment
		err := b.err
		if err == nil && names[b.file.Sum()] != "" {
			c.Fail("/attachments", "sameFile", "“{{.Name}}”与“{{.First}}”内容相同，只收下一份；再次提交即可", "Name", b.name, "First", names[b.file.Sum()])
			continue
		}
		if err == nil {
			names[b.file.Sum()] = b.name
			a, err = p.options.Files.Upload(v.ctx, "", files.UploadInput{ParkID: string(park), SiteID: string(models.Deref(site))}, b.file)
		}
		var told *fault.Error
		switch {
		case err == nil:
			v.c.Request.PostForm.Add("attachments", string(a.ID))
		case errors.As(err, &told) && told.Code != fault.Unavailable:
			c.Fail("/attachments", "file", "“{{.Name}}”没有收下：{{.Why}}", "Name", b.name, "Why", whyOf(told))
		default:
			return err
		}
	}
	return c.Err()
}

// whyOf is the most exact thing that an error says.
func whyOf(e *fault.Error) fault.Text {
	if len(e.Violations) > 0 {
		return e.Violations[0].Detail
	}
	return e.Detail
}

// keptFiles are the attachments that a form has brought already.
func (p *Pages) keptFiles(v *visit) (all []option) {
	for _, raw := range v.c.Request.PostForm["attachments"] {
		id, err := models.ParseID(raw)
		if err != nil {
			continue
		}
		if a, err := p.options.Files.Get(v.ctx, id); err == nil {
			all = append(all, option{Name: a.Name, Value: string(a.ID), Chosen: true})
		}
	}
	return all
}
