package files

import (
	"bytes"
	"io"
	"mime"
	"path"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/internal/workbook"
)

// Kind is one kind of file that is taken. What it is told by its bytes, never by its
// name or by what the sender says of it.
type Kind struct {
	Name       string // as people call it
	MediaType  string
	Extensions []string // the first one is given to a file without a name
	Limit      int64    // bytes
	magic      []byte
	check      func(r io.ReaderAt, size int64) (facts, error)
}

// facts are what a check learns besides that the file is sound.
type facts struct {
	width, height int // pixels, 0 for what is no picture
}

const mib = 1 << 20

// Kinds are all kinds that are taken.
func Kinds() []Kind {
	return []Kind{
		{"PDF", "application/pdf", []string{".pdf"}, 30 * mib, []byte("%PDF-"), checkPDF},
		{"JPEG", "image/jpeg", []string{".jpg", ".jpeg"}, 15 * mib, []byte{0xff, 0xd8, 0xff}, checkJPEG},
		{"PNG", "image/png", []string{".png"}, 15 * mib, []byte("\x89PNG\r\n\x1a\n"), checkPNG},
		{"XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}, 20 * mib, []byte("PK\x03\x04"), func(r io.ReaderAt, size int64) (facts, error) { return facts{}, workbook.Check(r, size) }},
	}
}

// MaxSize is the largest file of any kind.
const MaxSize = 30 * mib

func refused(code, key string, args ...any) error {
	var c fault.Check
	c.Fail("/file", code, key, args...)
	return c.Err()
}

// sniff finds the kind of a file by its first bytes.
func sniff(r io.ReaderAt) (Kind, error) {
	head := make([]byte, 16)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return Kind{}, err
	}
	if n == 0 {
		return Kind{}, refused("empty", "文件是空的")
	}
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return bytes.HasPrefix(head[:n], k.magic) })
	if i < 0 {
		return Kind{}, refused("type", "只接受 PDF、JPEG、PNG 和 XLSX；这个文件的内容不是其中任何一种")
	}
	return all[i], nil
}

// honest refuses a name or a declared media type that says something else than the
// bytes: whoever sends it is mistaken or has something to hide.
func (k Kind) honest(name, declared string) error {
	if ext := strings.ToLower(path.Ext(name)); ext != "" && !slices.Contains(k.Extensions, ext) {
		return refused("lies", "文件名以 {{.Extension}} 结尾，内容却是 {{.Kind}}，核对后重新上传", "Extension", ext, "Kind", k.Name)
	}
	media, _, err := mime.ParseMediaType(declared)
	switch {
	case declared == "", err == nil && media == "application/octet-stream", err == nil && media == k.MediaType:
		return nil
	}
	return refused("lies", "声明的类型是 {{.Declared}}，内容却是 {{.Kind}}，核对后重新上传", "Declared", declared, "Kind", k.Name)
}

// inspect takes a file apart as far as it must to know that it is one of the kinds,
// within its limits, and nothing else besides.
func inspect(r io.ReaderAt, size int64, name, declared string) (Kind, facts, error) {
	k, err := sniff(r)
	if err != nil {
		return k, facts{}, err
	}
	if err := k.honest(name, declared); err != nil {
		return k, facts{}, err
	}
	if size > k.Limit {
		return k, facts{}, fault.New(fault.TooLarge, "{{.Kind}} 文件不能超过 {{.MiB}} MiB", "Kind", k.Name, "MiB", k.Limit>>20)
	}
	f, err := k.check(r, size)
	if err == nil && k.MediaType != xlsxType {
		err = noArchive(r, size)
	}
	if err == nil && k.MediaType != pdfType {
		err = noPDF(r)
	}
	return k, f, err
}

const (
	pdfType  = "application/pdf"
	jpegType = "image/jpeg"
	pngType  = "image/png"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func twofold() error {
	return refused("twofold", "文件同时是另一种格式，不能接受；用原来的软件另存一份再上传")
}

// noArchive refuses a file that can be opened as an archive as well: its directory
// stands at the very end.
func noArchive(r io.ReaderAt, size int64) error {
	const most = 65_535 + 22 // the longest comment after the directory's end
	tail := make([]byte, min(size, most))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	for rest := tail; ; {
		i := bytes.Index(rest, []byte("PK\x05\x06"))
		if i < 0 {
			return nil
		}
		rest = rest[i:]
		if len(rest) >= 22 && int(rest[20])|int(rest[21])<<8 <= len(rest)-22 {
			return twofold()
		}
		rest = rest[1:]
	}
}

// noPDF refuses a file that a reader of PDF would open: it looks for the mark within
// the first thousand bytes.
func noPDF(r io.ReaderAt) error {
	head := make([]byte, 1024+5)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.Contains(head[:n], []byte("%PDF-")) {
		return twofold()
	}
	return nil
}

// checkPDF looks for the frame of the format; what stands in it is a matter for
// whoever opens it, outside the browser.
func checkPDF(r io.ReaderAt, size int64) (facts, error) {
	broken := func() error {
		return refused("broken", "{{.Kind}} 文件不完整或者已经损坏，重新导出后上传", "Kind", "PDF")
	}
	head := make([]byte, 8)
	if n, _ := r.ReadAt(head, 0); n < 8 || head[5] < '1' || head[5] > '2' || head[6] != '.' || head[7] < '0' || head[7] > '9' {
		return facts{}, broken()
	}
	tail := make([]byte, min(size, 2048))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return facts{}, err
	}
	end := bytes.LastIndex(tail, []byte("%%EOF"))
	if end < 0 || !bytes.Contains(tail[:end], []byte("startxref")) || len(bytes.Trim(tail[end+5:], "\x00\t\n\f\r ")) > 0 {
		return facts{}, broken()
	}
	return facts{}, nil
}
