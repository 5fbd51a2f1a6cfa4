package web

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the width of the empty border that a reader needs, in modules.
const quiet = 4

// qrCode is a QR code as one SVG path: a run of dark modules is one rectangle.
type qrCode struct {
	Size int    // modules with the border
	Path string // of an SVG whose unit is one module
}

// qrCodeOf makes the QR code of a text. The correction level is the lowest: a receipt
// is a sheet that is kept flat, and every level more makes its modules smaller.
func qrCodeOf(text string) (qrCode, error) { return codeOf(text, qr.L) }

// signCodeOf is the code of a sign that hangs outside and gets dirty.
func signCodeOf(text string) (qrCode, error) { return codeOf(text, qr.M) }

func codeOf(text string, level qr.ErrorCorrectionLevel) (qrCode, error) {
	modules, err := qr.Encode(text, level, qr.Unicode)
	if err != nil {
		return qrCode{}, err
	}
	size := modules.Bounds().Dx()
	dark := func(x, y int) bool { return x < size && modules.At(x, y) == color.Color(color.Gray16{}) }
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			begin := x
			for dark(x, y) {
				x++
			}
			if x > begin {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", begin+quiet, y+quiet, x-begin, x-begin)
			}
		}
	}
	return qrCode{size + 2*quiet, path.String()}, nil
}
