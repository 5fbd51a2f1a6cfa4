// Package workbook looks at an archive that says it is a workbook before any library
// opens it: nothing is reserved, unpacked or believed that was not counted first. It
// knows parts and bytes; what stands in the cells is left to others.
package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"parkregistry/internal/fault"
)

// Limits of a workbook (S-IN1, S-XL1): a library that opens it reserves what a part
// claims, and some ignore a wrong check sum.
const (
	maxParts    = 2000
	MaxUnzipped = 200 << 20
	maxRatio    = 200
)

var errBroken = errors.New("broken part")

func refused(code, key string, args ...any) error {
	var c fault.Check
	c.Fail("/file", code, key, args...)
	return c.Err()
}

// Check takes the archive apart to the last byte: as many parts, as large and as
// tightly packed as a workbook has, each whole, none beside the others, no macro.
func Check(r io.ReaderAt, size int64) error {
	broken := func() error {
		return refused("broken", "{{.Kind}} 文件不完整或者已经损坏，重新导出后上传", "Kind", "XLSX")
	}
	z, err := zip.NewReader(r, size)
	if err != nil || z.Comment != "" {
		return broken()
	}
	if len(z.File) > maxParts {
		return refused("parts", "工作簿的部件不能超过 {{.Max}} 个", "Max", maxParts)
	}
	if !bare(r, size, z) {
		return refused("twofold", "文件里除了工作簿还有别的内容，不能接受；用表格软件打开并另存后上传")
	}
	names := map[string]bool{}
	var packed, unzipped uint64
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if names[name] || f.Flags&1 != 0 || !plainPart(f.Name) {
			return broken()
		}
		names[name] = true
		packed += f.CompressedSize64
		unzipped += f.UncompressedSize64
		if unzipped > MaxUnzipped || f.UncompressedSize64 > maxRatio*max(f.CompressedSize64, 1024) {
			return bomb()
		}
		if strings.HasSuffix(name, "vbaproject.bin") || strings.Contains(name, "/activex/") || strings.Contains(name, "/embeddings/") {
			return refused("macro", "工作簿带有宏或者嵌入的对象；另存为不带宏的 .xlsx 再上传")
		}
	}
	if packed > uint64(size) { // parts that share their bytes
		return bomb()
	}
	if !names["[content_types].xml"] || !names["xl/workbook.xml"] {
		return refused("type", "压缩包里没有工作簿，用表格软件另存为 .xlsx 再上传")
	}
	for _, f := range z.File {
		if err := part(f); errors.Is(err, errBroken) {
			return broken()
		} else if err != nil {
			return err
		}
	}
	return nil
}

func bomb() error {
	return refused("bomb", "压缩包展开后太大（不超过 {{.MiB}} MiB，压缩比不超过 {{.Ratio}}）", "MiB", MaxUnzipped>>20, "Ratio", maxRatio)
}

// bare reports whether the archive begins with its first part and ends with its
// directory: nothing stands before, which another program would read instead.
func bare(r io.ReaderAt, size int64, z *zip.Reader) bool {
	var head [30]byte
	var end [4]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return false
	}
	if _, err := r.ReadAt(end[:], size-22); err != nil || string(end[:]) != "PK\x05\x06" {
		return false
	}
	first := int64(30) + int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	return slices.ContainsFunc(z.File, func(f *zip.File) bool {
		at, err := f.DataOffset()
		return err == nil && at == first
	})
}

// plainPart reports whether the name stays below the archive's root.
func plainPart(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\\\x00:") && !path.IsAbs(name) && path.Clean("/"+name) == "/"+strings.TrimSuffix(name, "/")
}

// part inflates one part to the end, which checks its size and sum, and refuses XML
// that could pull in what is not in it.
func part(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return errBroken
	}
	defer func() { _ = in.Close() }()
	ext := strings.ToLower(path.Ext(f.Name))
	x := &xmlGuard{on: ext == ".xml" || ext == ".rels" || ext == ".vml", contents: strings.EqualFold(f.Name, "[content_types].xml")}
	n, err := io.Copy(x, io.LimitReader(in, int64(f.UncompressedSize64)+1)) // bounded by MaxUnzipped before
	var unlawful *fault.Error
	switch {
	case errors.As(err, &unlawful):
		return err
	case err != nil || uint64(n) != f.UncompressedSize64:
		return errBroken
	}
	return nil
}

// xmlGuard looks through XML as it passes for a document type and for an encoding in
// which one could hide; and through the list of contents for macros.
type xmlGuard struct {
	on, contents bool
	tail         []byte
	seen         bool
}

func (x *xmlGuard) Write(p []byte) (int, error) {
	if !x.on {
		return len(p), nil
	}
	if !x.seen && len(p) > 0 {
		x.seen = true
		if p[0] == 0 || p[0] >= 0xfe || len(p) > 1 && p[1] == 0 {
			return 0, refused("xml", "工作簿的内容应当是 UTF-8 编码的 XML")
		}
	}
	window := append(x.tail, p...)
	if bytes.Contains(window, []byte("<!DOCTYPE")) || bytes.Contains(window, []byte("<!ENTITY")) {
		return 0, refused("xml", "工作簿的 XML 含有文档类型声明，不能接受")
	}
	if x.contents && bytes.Contains(window, []byte("macroEnabled")) {
		return 0, refused("macro", "工作簿带有宏或者嵌入的对象；另存为不带宏的 .xlsx 再上传")
	}
	x.tail = bytes.Clone(window[max(0, len(window)-16):])
	return len(p), nil
}
