package files

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// strip writes a picture without what the camera wrote beside it: place, time,
// device, comments, previews. The picture itself stays bit for bit, and so does its
// orientation. The bytes as captured are kept; this is the copy that is shown.
func strip(mediaType string, r io.Reader, w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var err error
	switch mediaType {
	case jpegType:
		err = stripJPEG(r, out)
	case pngType:
		err = stripPNG(r, out)
	default:
		_, err = io.Copy(out, r)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

func stripJPEG(r io.Reader, out *bufio.Writer) error {
	if _, err := out.Write([]byte{0xff, markSOI}); err != nil {
		return err
	}
	oriented := false
	return walkJPEG(r, func(mark byte, payload []byte) error {
		switch {
		case mark == markEOI:
			_, err := out.Write([]byte{0xff, markEOI})
			return err
		case mark == markAPP1 && !oriented:
			o := orientation(payload)
			if o <= 1 {
				return nil
			}
			oriented, payload = true, exifWith(o)
		case mark == markAPP2 && bytes.HasPrefix(payload, []byte("ICC_PROFILE\x00")), mark == markAPP0, mark == markAPPE:
			// what the colours and the density mean
		case mark >= markAPP0 && mark <= markAPPF, mark == markCOM:
			return nil
		}
		head := []byte{0xff, mark, 0, 0}
		binary.BigEndian.PutUint16(head[2:], uint16(len(payload)+2))
		if _, err := out.Write(head); err != nil {
			return err
		}
		_, err := out.Write(payload)
		return err
	}, out)
}

const exifHead = "Exif\x00\x00"

// orientation reads how the camera was held from the first directory of an Exif
// segment; 0 when it does not say.
func orientation(payload []byte) uint16 {
	tiff, ok := bytes.CutPrefix(payload, []byte(exifHead))
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(tiff[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	for n := range int64(order.Uint16(tiff[at:])) {
		field := at + 2 + 12*n
		if field+12 > int64(len(tiff)) {
			return 0
		}
		if order.Uint16(tiff[field:]) != 0x0112 {
			continue
		}
		if v := order.Uint16(tiff[field+8:]); v <= 8 {
			return v
		}
		return 0
	}
	return 0
}

// exifWith is an Exif segment that says the orientation and nothing else.
func exifWith(orientation uint16) []byte {
	b := append([]byte(exifHead), "MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"...)
	b = binary.BigEndian.AppendUint16(b, orientation)
	return append(b, 0, 0, 0, 0, 0, 0) // the rest of the value, no further directory
}

// pngKept are the chunks that the picture is made of and shown by; any other is text,
// time or Exif.
var pngKept = map[string]bool{"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true, "cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true,
	"sRGB": true, "cICP": true, "bKGD": true, "pHYs": true, "acTL": true, "fcTL": true, "fdAT": true}

func stripPNG(r io.Reader, out *bufio.Writer) error {
	if _, err := io.WriteString(out, pngHead); err != nil {
		return err
	}
	return walkPNG(r, func(name string, whole []byte) error {
		if !pngKept[name] {
			return nil
		}
		_, err := out.Write(whole)
		return err
	})
}
