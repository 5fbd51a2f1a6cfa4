package models_test

import (
	"testing"

	"parkregistry/models"
)

func TestReadNumber(t *testing.T) {
	for raw, want := range map[string]string{
		"LG-2026-000123": "LG-2026-000123", " lg-2026-123 ": "LG-2026-000123", "ＦＤ－２０２６－０００００７": "FD-2026-000007", "PT2026000009": "PT-2026-000009", "LG-2026-1234567": "LG-2026-1234567",
		"LG-2026": "", "2026-000123": "", "LG-26-000123": "", "LG-2026-000123x": "", "宝安": "", "": "",
	} {
		kind, got, ok := models.ReadNumber(raw)
		if got != want || ok != (want != "") || ok && string(kind) != want[:2] {
			t.Errorf("%q is %q of %q", raw, got, kind)
		}
	}
}
