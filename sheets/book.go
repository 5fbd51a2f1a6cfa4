package sheets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"parkregistry/internal/fault"
	"parkregistry/internal/workbook"
)

// MediaType is that of a workbook.
const MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Book is a file of tables that somebody sent: a workbook, or CSV with its one table.
type Book struct {
	from  io.ReaderAt
	size  int64
	xlsx  *excelize.File // nil for CSV
	parts *parts
	dir   string // of its temporary files
	gb    bool   // CSV in GB18030

	corrected map[string]string
}

// Correct puts texts in place of what cells hold, before the rows are read. A row that
// says nothing else stays unread.
func (b *Book) Correct(cells map[string]string) { b.corrected = cells }

// Open looks before it reads (S-XL1): what the file is by its bytes, whole and within
// its limits, then the tables. The size is the caller's to limit before.
func Open(r io.ReaderAt, size int64) (*Book, error) {
	head := make([]byte, min(size, 8))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	b := &Book{from: r, size: size}
	switch {
	case len(head) == 0:
		return nil, refused("empty", "文件是空的")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		if err := b.openWorkbook(); err != nil {
			return nil, err
		}
		return b, nil
	case bytes.Equal(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return nil, compound(r, size)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, refused("encoding", "文件是 UTF-16 文本，在表格软件中另存为 .xlsx 或者 CSV UTF-8")
	}
	gb, err := encoded(r, size)
	if err != nil {
		return nil, err
	}
	b.gb = gb
	return b, nil
}

func refused(code, key string, args ...any) error {
	var c fault.Check
	c.Fail("/file", code, key, args...)
	return c.Err()
}

// compound tells a workbook with a password from one of the old format: both are kept
// in the same container, the first with a stream of this name.
func compound(r io.ReaderAt, size int64) error {
	sealed := []byte("E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00")
	found, err := contains(r, size, sealed)
	switch {
	case err != nil:
		return err
	case found:
		return refused("password", "工作簿设有打开密码；去掉密码后另存再上传")
	}
	return refused("xls", "这是旧格式 .xls 的工作簿，另存为 .xlsx 再上传")
}

func contains(r io.ReaderAt, size int64, what []byte) (bool, error) {
	buf := make([]byte, 64<<10)
	for at := int64(0); at < size; at += int64(len(buf) - len(what)) {
		n, err := r.ReadAt(buf, at)
		if bytes.Contains(buf[:n], what) {
			return true, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
	}
	return false, nil
}

// encoded reads a text through: UTF-8 if all of it is, GB18030 otherwise; no text is
// what has characters that neither a keyboard nor a spreadsheet writes.
func encoded(r io.ReaderAt, size int64) (gb bool, err error) {
	in := io.NewSectionReader(r, 0, size)
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := in.Read(buf[kept:])
		text := buf[:kept+n]
		if slices.ContainsFunc(text, func(c byte) bool { return c < ' ' && !bytes.ContainsRune([]byte("\t\n\r\v\f"), rune(c)) }) {
			return false, refused("type", "这个文件不是表格：只接受 .xlsx 工作簿和 CSV 文本")
		}
		if !gb {
			whole := text
			if !errors.Is(err, io.EOF) { // the last character may go on in the next stretch
				for cut := 1; cut < utf8.UTFMax && cut <= len(text); cut++ {
					if last := text[len(text)-cut:]; utf8.RuneStart(last[0]) {
						if !utf8.FullRune(last) {
							whole = text[:len(text)-cut]
						}
						break
					}
				}
			}
			gb = !utf8.Valid(whole)
			kept = copy(buf, text[len(whole):])
		}
		if gb {
			kept = 0
		}
		if errors.Is(err, io.EOF) {
			return gb, nil
		}
		if err != nil {
			return false, err
		}
	}
}

func (b *Book) openWorkbook() error {
	if err := workbook.Check(b.from, b.size); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "workbook")
	if err != nil {
		return err
	}
	b.dir = dir
	b.xlsx, err = excelize.OpenReader(io.NewSectionReader(b.from, 0, b.size), excelize.Options{RawCellValue: true, UnzipSizeLimit: workbook.MaxUnzipped, UnzipXMLSizeLimit: 16 << 20, TmpDir: dir})
	if err == nil {
		b.parts, err = openParts(b.from, b.size)
	}
	if err != nil {
		_ = b.Close() // nothing was written
		return fault.Wrap(err, fault.Invalid, "工作簿不完整或者已经损坏，用表格软件打开并另存后上传")
	}
	return nil
}

// Close gives back what an open workbook holds.
func (b *Book) Close() error {
	var err error
	if b.xlsx != nil {
		err = b.xlsx.Close()
	}
	if b.dir != "" {
		err = errors.Join(err, os.RemoveAll(b.dir))
	}
	return err
}

// visible are the worksheets that a person sees, in order; "" is the table of a CSV.
func (b *Book) visible() []string {
	if b.xlsx == nil {
		return []string{""}
	}
	return slices.DeleteFunc(b.xlsx.GetSheetList(), func(name string) bool {
		shown, err := b.xlsx.GetSheetVisible(name)
		_, cells := b.parts.sheets[name]
		return err != nil || !shown || !cells
	})
}

// marks is the worksheet in which a template says what it is.
const marks = "_template"

// Class is what the template of a ledger class says of itself; false for any other file.
func (b *Book) Class() (classCode string, version int, is bool) {
	if b.xlsx == nil {
		return "", 0, false
	}
	rows, err := b.xlsx.Rows(marks)
	if err != nil || !rows.Next() {
		return "", 0, false
	}
	defer func() { _ = rows.Close() }()
	says, err := rows.Columns()
	if err != nil || len(says) < 3 || says[0] != "ledger" {
		return "", 0, false
	}
	version, err = strconv.Atoi(says[2])
	return says[1], version, err == nil
}

// text is the CSV as UTF-8, without the mark at its beginning.
func (b *Book) text() io.Reader {
	in := io.NewSectionReader(b.from, 0, b.size)
	if b.gb {
		return transform.NewReader(in, simplifiedchinese.GB18030.NewDecoder())
	}
	mark := make([]byte, 3)
	if n, _ := in.ReadAt(mark, 0); n == 3 && string(mark) == "\ufeff" {
		return io.NewSectionReader(b.from, 3, b.size-3)
	}
	return in
}

// unreadable says where a CSV stops being one.
func unreadable(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fault.New(fault.Invalid, "第 {{.Line}} 行不是 CSV：检查引号是否成对", "Line", p.Line)
	}
	return err
}

// plain is a text of a cell without what surrounds it.
func plain(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " ")) }
