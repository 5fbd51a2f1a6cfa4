package code_test

import (
	"regexp"
	"testing"

	"parkregistry/internal/code"
)

func TestForms(t *testing.T) {
	cases := map[string]struct{ lawful, refused []string }{
		"pollutant":         {[]string{"w01018", "w20121"}, []string{"w99999", "w0101", "x01018", "a24088"}},
		"airPollutant":      {[]string{"a24088", "a21026"}, []string{"a99999", "a2408", "w01018"}},
		"creditCode":        {[]string{"914403001922038216", "91130200699229617X"}, []string{"914403001921901585", "91440300192203821"}},
		"permitNumber":      {[]string{"91130200699229617X002P"}, []string{"91130200699229617X", "914403001921901585001P"}},
		"industry":          {[]string{"3982", "0111"}, []string{"39", "9999", "C398"}},
		"facility":          {[]string{"MF0001", "TW001", "TS001"}, []string{"MF001", "TX001"}},
		"outlet":            {[]string{"DW001", "DA002"}, []string{"DX001", "DW1"}},
		"wasteCode":         {[]string{"336-054-17", "900-041-49", "900-999-50"}, []string{"336-054-44", "336-054-51", "33605417", "336-054-S17", "336-054-00"}},
		"wasteCategory":     {[]string{"HW01", "HW40", "HW45"}, []string{"HW00", "HW41", "HW51", "17"}},
		"generalWasteCode":  {[]string{"900-003-S17", "900-099-S59"}, []string{"900-003-17", "900-003-S08", "900-003-S60", "900-003-S00"}},
		"generalWasteClass": {[]string{"SW07", "SW59"}, []string{"SW08", "SW00", "SW60", "S17"}},
		"waste":             {[]string{"336-054-17", "900-003-S17"}, []string{"900-003-S60", "336-054-44", ""}},
		"wasteBatch": {[]string{"HWCS20211031001", "HWRK20211031001", "HWCK20211031001", "HWZXLY20211031001", "HWWWCZ20211031001", "HWCKLY20211031001", "甲厂-2021/7"},
			[]string{"HWCS20211331001", "两 批", "", "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"}},
		"manifest":    {[]string{"20264403000001"}, []string{"2026440300001", "20264503000001", "19264403000001"}},
		"wasteMethod": {[]string{"R4", "D10"}, []string{"R", "R123", "4R"}},
		"month":       {[]string{"2026-01", "2026-12"}, []string{"2026-13", "2026-1", "1999-12", "2026-01-01"}},
	}
	for _, kind := range code.Forms() {
		f, _ := code.FormOf(kind)
		pattern := regexp.MustCompile(f.Pattern)
		c, ok := cases[kind]
		if !ok {
			t.Errorf("%s has no case", kind)
		}
		for _, s := range append(c.lawful, f.Example) {
			if v, err := f.Parse(s); err != nil || v != s {
				t.Errorf("%s: %q is read as %q: %v", kind, s, v, err)
			}
			if !pattern.MatchString(s) {
				t.Errorf("%s: the pattern does not take %q", kind, s)
			}
		}
		for _, s := range c.refused {
			if _, err := f.Parse(s); err == nil {
				t.Errorf("%s takes %q", kind, s)
			}
		}
	}
}

func TestWhatACodeNames(t *testing.T) {
	if c := code.WasteCode("336-054-17").Category(); c != "HW17" {
		t.Errorf("category %s", c)
	}
	if c := code.GeneralWasteCode("900-003-S17").Class(); c != "SW17" {
		t.Errorf("class %s", c)
	}
	// HWCK is out of the store, HWCKLY is export: the longer one is meant.
	for s, prefix := range map[code.WasteBatch]string{"HWCK20211031001": "HWCK", "HWCKLY20211031001": "HWCKLY", "HWCKLY2021103100": "", "甲-1": ""} {
		if got := s.Prefix(); got != prefix {
			t.Errorf("%s has the prefix %q, want %q", s, got, prefix)
		}
	}
}
