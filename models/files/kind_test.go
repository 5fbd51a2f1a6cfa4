package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"parkregistry/internal/fault"
)

func picture() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range 1200 {
		m.Set(i%40, i/40, color.RGBA{uint8(i), uint8(i * 7), uint8(i * 13), 255})
	}
	return m
}

func jpegOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const pdfText = "%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\nxref\n0 1\n0000000000 65535 f \ntrailer <</Root 1 0 R>>\nstartxref\n44\n%%EOF\n"

// archive is a zip with these parts, name and content in turn.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// workbookOf is the least that a workbook has, with further parts.
func workbookOf(t testing.TB, parts ...string) []byte {
	t.Helper()
	return archive(t, append([]string{"[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/sharedStrings.xml", "<sst><si>macroEnabled</si></sst>"}, parts...)...)
}

// after puts a segment behind the first marker of a JPEG.
func after(j []byte, mark byte, payload string) []byte {
	head := []byte{0xff, mark, byte((len(payload) + 2) >> 8), byte(len(payload) + 2)}
	return bytes.Join([][]byte{j[:2], head, []byte(payload), j[2:]}, nil)
}

// chunk is one chunk of a PNG.
func chunk(name, data string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func joined(all ...[]byte) []byte { return bytes.Join(all, nil) }

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x40
	return b
}

// TestKinds: what a file is, its bytes say; and what is not wholly one of the kinds is
// refused, with a word on why (S-AT2, S-XL1).
func TestKinds(t *testing.T) {
	j, p, x := jpegOf(t), pngOf(t), workbookOf(t)
	hidden := archive(t, "run.html", "<script>")
	// An archive whose comment is the end of the document that stands around it.
	inPDF := joined([]byte("%PDF-1.4\n"), hidden[:len(hidden)-2], []byte{byte(len("startxref\n9\n%%EOF\n")), 0}, []byte("startxref\n9\n%%EOF\n"))
	huge := joined([]byte(pngHead), chunk("IHDR", "\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00"), chunk("IDAT", "x"), chunk("IEND", ""))
	var many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf("xl/media/%d.bin", i), "")
	}
	understated := bytes.Clone(workbookOf(t, "xl/worksheets/sheet1.xml", strings.Repeat("<c/>", 2000)))
	binary.LittleEndian.PutUint32(understated[bytes.LastIndex(understated, []byte("PK\x01\x02"))+24:], 7)
	for _, c := range []struct {
		name     string
		content  []byte
		file     string
		declared string
		want     string // media type, or the code of the fault
	}{
		{"a photograph", j, "照片.JPG", "image/jpeg", jpegType},
		{"one without a name", j, "", "", jpegType},
		{"one sent as plain bytes", j, "a.jpeg", "application/octet-stream", jpegType},
		{"one with a film behind it, as telephones make them", joined(j, []byte("\x00\x00\x00\x18ftypmp42"), make([]byte, 4096)), "a.jpg", "image/jpeg", jpegType},
		{"a screenshot", p, "a.png", "image/png", pngType},
		{"a document", []byte(pdfText), "a.pdf", "application/pdf", pdfType},
		{"a workbook", x, "台账.xlsx", xlsxType, xlsxType},

		{"nothing", nil, "a.pdf", "", "empty"},
		{"a page", []byte("<html><script>alert(1)</script>"), "a.pdf", "application/pdf", "type"},
		{"a program", []byte("MZ\x90\x00"), "a.jpg", "image/jpeg", "type"},
		{"a drawing that scripts", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "a.png", "image/png", "type"},
		{"a text document", archive(t, "[Content_Types].xml", "", "word/document.xml", ""), "a.xlsx", "", "type"},
		{"a screenshot called a document", p, "a.pdf", "", "lies"},
		{"a screenshot called a program", p, "a.exe", "", "lies"},
		{"a screenshot declared as a photograph", p, "a.png", "image/jpeg", "lies"},
		{"a photograph with a broken declaration", j, "a.jpg", "image/", "lies"},

		{"a photograph cut short", j[:len(j)-20], "", "", "broken"},
		{"the head of a photograph", j[:200], "", "", "broken"},
		{"a photograph that can be unpacked", joined(j, hidden), "", "", "twofold"},
		{"a photograph that is a document too", after(j, markCOM, "%PDF-1.4"), "", "", "twofold"},
		{"a screenshot cut short", p[:len(p)-6], "", "", "broken"},
		{"a screenshot with a wrong sum", flipped(p, 50), "", "", "broken"},
		{"a screenshot with something behind it", joined(p, []byte("x")), "", "", "broken"},
		{"a screenshot that claims 65,535 pixels a side", huge, "", "", "pixels"},
		{"a document cut short", []byte(pdfText[:len(pdfText)-10]), "", "", "broken"},
		{"a document of no version", []byte(strings.Replace(pdfText, "1.4", "x.4", 1)), "", "", "broken"},
		{"a document with a page behind it", []byte(pdfText + "<html>"), "", "", "broken"},
		{"a document that can be unpacked", inPDF, "", "", "twofold"},

		{"a workbook with a flipped bit", flipped(x, 60), "", "", "broken"},
		{"a workbook cut short", x[:len(x)-5], "", "", "broken"},
		{"a workbook with something behind it", joined(x, []byte("x")), "", "", "twofold"},
		{"a workbook that is a document too", archive(t, "%PDF-1.7", "", "[Content_Types].xml", "", "xl/workbook.xml", ""), "", "", "twofold"},
		{"a workbook with a macro", workbookOf(t, "xl/vbaProject.bin", "x"), "", "", "macro"},
		{"a workbook with macros by its list of contents", archive(t, "[Content_Types].xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/workbook.xml", ""), "", "", "macro"},
		{"a workbook with an object in it", workbookOf(t, "xl/embeddings/oleObject1.bin", "x"), "", "", "macro"},
		{"a workbook with a document type", workbookOf(t, "xl/worksheets/sheet1.xml", strings.Repeat(" ", 40_000)+"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>"), "", "", "xml"},
		{"a workbook in UTF-16", workbookOf(t, "xl/worksheets/sheet1.xml", "\xfe\xff\x00<"), "", "", "xml"},
		{"a workbook that climbs out", workbookOf(t, "../../etc/cron.d/x", "x"), "", "", "broken"},
		{"a workbook with a part twice", workbookOf(t, "xl/Workbook.xml", "x"), "", "", "broken"},
		{"a workbook of too many parts", workbookOf(t, many...), "", "", "parts"},
		{"a workbook that unpacks to more than it says", understated, "", "", "broken"},
		{"a workbook packed too tightly", workbookOf(t, "xl/worksheets/sheet1.xml", strings.Repeat("0", 30*mib)), "", "", "bomb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, _, err := inspect(bytes.NewReader(c.content), int64(len(c.content)), c.file, c.declared)
			got := kind.MediaType
			if f, is := err.(*fault.Error); is {
				got = f.Violations[0].Code
			} else if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("it is %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

func TestSizeOfEachKind(t *testing.T) {
	photo := joined(jpegOf(t), make([]byte, 15*mib))
	if _, _, err := inspect(bytes.NewReader(photo), int64(len(photo)), "", ""); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a photograph of more than 15 MiB answers %v", err)
	}
	exact := photo[:15*mib]
	if _, f, err := inspect(bytes.NewReader(exact), 15*mib, "", ""); err != nil || f.width != 40 || f.height != 30 {
		t.Errorf("one of 15 MiB answers %v, %v", f, err)
	}
}

func TestCleanName(t *testing.T) {
	k := Kinds()[1]
	for raw, want := range map[string]string{
		"照片 1.jpg": "照片 1.jpg", `C:\Users\x\a.jpg`: "a.jpg", "../../etc/passwd.jpg": "passwd.jpg", "a\x00\r\nb.jpg": "ab.jpg", "\u202egpj.exe.jpg": "gpj.exe.jpg",
		"": "file.jpg", "....": "file.jpg", ".jpg": "jpg", "\xff\xfe.jpg": "jpg", strings.Repeat("长", 300) + ".jpg": strings.Repeat("长", 116) + ".jpg",
	} {
		if got := cleanName(raw, k); got != want {
			t.Errorf("%q becomes %q, want %q", raw, got, want)
		}
	}
}

// exif is an Exif segment of a camera held sideways, with a place in it.
func exif() string {
	b := "Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x02\x00"
	b += "\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" // orientation 6
	b += "\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00" // a directory of GPS
	return b + "\x00\x00\x00\x00GPS 22.55N 114.05E, phone of Zhang San"
}

// TestStrip: the copy that is shown holds the picture, which way is up, and nothing of
// where, when and by whom (S-AT2, S-PI1).
func TestStrip(t *testing.T) {
	j := after(after(after(after(jpegOf(t), markCOM, "Zhang San"), 0xed, "Photoshop 3.0 Zhang San"), markAPP2, "MPF\x00GPS"), markAPP1, exif())
	j = joined(j, []byte("GPS in the film behind it"))
	var out bytes.Buffer
	if err := strip(jpegType, bytes.NewReader(j), &out); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("GPS")) || bytes.Contains(out.Bytes(), []byte("Zhang")) {
		t.Error("the place or the person is still there")
	}
	at := bytes.Index(out.Bytes(), []byte(exifHead))
	if at < 0 || orientation(out.Bytes()[at:]) != 6 {
		t.Error("which way is up is lost")
	}
	same(t, jpegType, j, out.Bytes())

	p := pngOf(t)
	end := bytes.Index(p, []byte("IDAT")) - 4
	p = joined(p[:end], chunk("tEXt", "Author\x00Zhang San"), chunk("eXIf", "GPS"), chunk("zzZz", "GPS"), p[end:])
	out.Reset()
	if err := strip(pngType, bytes.NewReader(p), &out); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("GPS")) || bytes.Contains(out.Bytes(), []byte("Zhang")) {
		t.Error("the place or the person is still there")
	}
	same(t, pngType, p, out.Bytes())

	out.Reset()
	if err := strip(pdfType, strings.NewReader(pdfText), &out); err != nil || out.String() != pdfText {
		t.Errorf("a document is changed: %v", err)
	}
}

// same compares what a viewer sees, and that the copy is a file of its kind.
func same(t *testing.T, kind string, a, b []byte) {
	t.Helper()
	if k, _, err := inspect(bytes.NewReader(b), int64(len(b)), "", ""); err != nil || k.MediaType != kind {
		t.Errorf("the copy is %s, %v", k.Name, err)
	}
	one, _, errA := image.Decode(bytes.NewReader(a))
	two, _, errB := image.Decode(bytes.NewReader(b))
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for y := range 30 {
		for x := range 40 {
			if one.At(x, y) != two.At(x, y) {
				t.Fatalf("pixel %d,%d differs", x, y)
			}
		}
	}
}

// FuzzInspect: whatever the bytes, they are refused or they are of the kind; a picture
// that is taken can be shown.
func FuzzInspect(f *testing.F) {
	for _, seed := range [][]byte{jpegOf(f), after(jpegOf(f), markAPP1, exif()), pngOf(f), []byte(pdfText), workbookOf(f), workbookOf(f, "xl/a.xml", "<a/>")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		kind, _, err := inspect(bytes.NewReader(content), int64(len(content)), "", "")
		if err != nil {
			if _, is := err.(*fault.Error); !is {
				t.Fatalf("answered %v, which is no fault", err)
			}
			return
		}
		var out bytes.Buffer
		if err := strip(kind.MediaType, bytes.NewReader(content), &out); err != nil {
			t.Fatalf("a %s that was taken cannot be shown: %v", kind.Name, err)
		}
		if _, _, err := inspect(bytes.NewReader(out.Bytes()), int64(out.Len()), "", ""); err != nil {
			t.Fatalf("the copy of a %s is refused: %v", kind.Name, err)
		}
	})
}
