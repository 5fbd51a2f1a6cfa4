package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	_ "image/jpeg" // the decoders that DecodeConfig asks
	_ "image/png"
	"io"
)

// maxPixels bounds what a viewer has to unpack: a small file can claim a picture of
// any size.
const maxPixels = 40_000_000

func brokenPicture(kind string) error {
	return refused("broken", "{{.Kind}} 图片不完整或者已经损坏，重新拍摄或者另存后上传", "Kind", kind)
}

// dimensions asks the decoder how large the picture is, before anything decodes it.
func dimensions(r io.ReaderAt, size int64, kind string) (facts, error) {
	c, _, err := image.DecodeConfig(bufio.NewReader(io.NewSectionReader(r, 0, size)))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return facts{}, brokenPicture(kind)
	}
	if int64(c.Width)*int64(c.Height) > maxPixels {
		return facts{}, refused("pixels", "图片不能超过 {{.Million}} 万像素", "Million", maxPixels/10_000)
	}
	return facts{c.Width, c.Height}, nil
}

func checkJPEG(r io.ReaderAt, size int64) (facts, error) {
	f, err := dimensions(r, size, "JPEG")
	if err != nil {
		return f, err
	}
	if err := walkJPEG(io.NewSectionReader(r, 0, size), func(byte, []byte) error { return nil }, io.Discard); err != nil {
		return f, brokenPicture("JPEG")
	}
	return f, nil
}

var errBroken = errors.New("the picture is broken")

// Markers of a JPEG.
const (
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP0 = 0xe0
	markAPP1 = 0xe1
	markAPP2 = 0xe2
	markAPPE = 0xee
	markAPPF = 0xef
	markCOM  = 0xfe
)

// walkJPEG follows the segments from the first marker to the last. segment is given
// each one with its payload; what lies between them, the picture itself, is copied
// to scans. What a telephone appends after the end (a film, a second picture) is not
// looked at.
func walkJPEG(r io.Reader, segment func(mark byte, payload []byte) error, scans io.Writer) error {
	in := bufio.NewReaderSize(r, 64<<10)
	out := bufio.NewWriterSize(scans, 64<<10)
	var soi [2]byte
	if _, err := io.ReadFull(in, soi[:]); err != nil || soi != [2]byte{0xff, markSOI} {
		return errBroken
	}
	pictured := false
	mark, err := nextMark(in)
	for err == nil && mark != markEOI {
		payload, broken := segmentOf(in)
		if broken != nil {
			return broken
		}
		if err := segment(mark, payload); err != nil {
			return err
		}
		if mark != markSOS {
			mark, err = nextMark(in)
			continue
		}
		pictured = true
		if err := copyScan(in, out); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
		mark, err = markAfterFF(in)
	}
	if err != nil {
		return err
	}
	if !pictured {
		return errBroken
	}
	return segment(markEOI, nil)
}

// nextMark reads a marker.
func nextMark(in *bufio.Reader) (byte, error) {
	if b, err := in.ReadByte(); err != nil || b != 0xff {
		return 0, errBroken
	}
	return markAfterFF(in)
}

// markAfterFF reads the rest of a marker; any number of fill bytes may stand before it.
func markAfterFF(in *bufio.Reader) (byte, error) {
	b, err := in.ReadByte()
	for err == nil && b == 0xff {
		b, err = in.ReadByte()
	}
	if err != nil || b < 0xc0 || b >= 0xd0 && b <= markSOI {
		return 0, errBroken
	}
	return b, nil
}

func segmentOf(in *bufio.Reader) ([]byte, error) {
	var n [2]byte
	if _, err := io.ReadFull(in, n[:]); err != nil {
		return nil, errBroken
	}
	length := int(binary.BigEndian.Uint16(n[:]))
	if length < 2 {
		return nil, errBroken
	}
	payload := make([]byte, length-2)
	if _, err := io.ReadFull(in, payload); err != nil {
		return nil, errBroken
	}
	return payload, nil
}

// copyScan copies entropy-coded data up to the next marker, whose 0xff it takes.
func copyScan(in *bufio.Reader, out *bufio.Writer) error {
	for {
		data, err := in.ReadSlice(0xff)
		if errors.Is(err, bufio.ErrBufferFull) {
			if _, err := out.Write(data); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return errBroken
		}
		data = data[:len(data)-1]
		if _, err := out.Write(data); err != nil {
			return err
		}
		next, err := in.Peek(1)
		if err != nil {
			return errBroken
		}
		stuffed, restart := next[0] == 0, next[0] >= 0xd0 && next[0] <= 0xd7
		if !stuffed && !restart {
			return nil
		}
		if err := out.WriteByte(0xff); err != nil {
			return err
		}
	}
}

func checkPNG(r io.ReaderAt, size int64) (facts, error) {
	f, err := dimensions(r, size, "PNG")
	if err != nil {
		return f, err
	}
	if err := walkPNG(io.NewSectionReader(r, 0, size), func(string, []byte) error { return nil }); err != nil {
		return f, brokenPicture("PNG")
	}
	return f, nil
}

const pngHead = "\x89PNG\r\n\x1a\n"

// walkPNG follows the chunks, each with its check sum, from the first to the last,
// after which nothing may stand. chunk is given the whole of each, with length, name
// and check sum.
func walkPNG(r io.Reader, chunk func(name string, whole []byte) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	head := make([]byte, len(pngHead))
	if _, err := io.ReadFull(in, head); err != nil || string(head) != pngHead {
		return errBroken
	}
	var pictured bool
	for n := 0; ; n++ {
		var prefix [8]byte
		if _, err := io.ReadFull(in, prefix[:]); err != nil {
			return errBroken
		}
		length, name := binary.BigEndian.Uint32(prefix[:4]), string(prefix[4:])
		if length > 15*mib || (n == 0) != (name == "IHDR") || name == "IEND" && length != 0 {
			return errBroken
		}
		whole := bytes.NewBuffer(make([]byte, 0, 12+min(length, 64<<10)))
		whole.Write(prefix[:])
		if _, err := io.CopyN(whole, in, int64(length)+4); err != nil {
			return errBroken
		}
		b := whole.Bytes()
		if crc32.ChecksumIEEE(b[4:len(b)-4]) != binary.BigEndian.Uint32(b[len(b)-4:]) {
			return errBroken
		}
		pictured = pictured || name == "IDAT"
		if err := chunk(name, b); err != nil {
			return err
		}
		if name == "IEND" {
			break
		}
	}
	if _, err := in.ReadByte(); err != io.EOF || !pictured {
		return errBroken
	}
	return nil
}
