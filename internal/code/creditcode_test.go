package code_test

import (
	"errors"
	"strings"
	"testing"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

func TestCreditCode(t *testing.T) {
	for _, good := range []string{"914403001922038216", "91440300708461136T", "9144030071526726XG", "91440300596794584L", "91440300319521190W", "911100007109250324",
		"91130200699229617X", "91440300553860879P", "914403007084415577", "11500113009307359H", "11500226MB1511945B", "11532331797206718E", "91532331MA6NMBQX4C", "91350100M000100Y43"} {
		for _, typed := range []string{good, strings.ToLower(good), " " + good + "\n"} {
			if got, err := code.ParseCreditCode(typed); err != nil || string(got) != good {
				t.Errorf("%q: %s, %v", typed, got, err)
			}
		}
	}
	for _, c := range []struct {
		typed string
		rules []string // codes of the rules broken, in order
		names []string // what the message has to name
	}{
		{"914403001921901585", []string{"orgCheckDigit", "checkDigit"}, []string{"应当是 L"}},
		{"91210213582024101G", []string{"orgCheckDigit", "checkDigit"}, []string{"应当是 5"}},
		{"91350100M000100Y4Z", []string{"checkDigit"}, []string{"应当是 3"}},
		{"91350100M000100Y44", []string{"checkDigit"}, []string{"应当是 3", "现在是 4"}},
		{"91440300192203821O", []string{"checkDigit"}, []string{"应当是 6"}},
		{"91440300192203821", []string{"length"}, []string{"现在是 17 位"}},
		{"9144030019220382160", []string{"length"}, []string{"现在是 19 位"}},
		{"91440300192203O216", []string{"charset"}, []string{"第 15 位", "O"}},
		{"9144A3001922038216", []string{"charset"}, []string{"第 5 位", "A"}},
		{"９14403001922038216", []string{"charset"}, []string{"第 1 位"}},
		{"园区园区园区", []string{"length"}, []string{"现在是 6 位"}},
	} {
		_, err := code.ParseCreditCode(c.typed)
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Violations) != len(c.rules) {
			t.Errorf("%s: %v, want %v", c.typed, err, c.rules)
			continue
		}
		for i, rule := range c.rules {
			if f.Violations[i].Code != rule || !strings.HasPrefix(f.Violations[i].Rule, "GB ") {
				t.Errorf("%s: rule %d is %s by %q, want %s", c.typed, i, f.Violations[i].Code, f.Violations[i].Rule, rule)
			}
		}
		for _, name := range c.names {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v does not say %q", c.typed, err, name)
			}
		}
	}
}

func FuzzParseCreditCode(f *testing.F) {
	f.Add("914403001922038216")
	f.Add("91350100M000100Y4Z")
	f.Add("园区园区园区")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := code.ParseCreditCode(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if again, err := code.ParseCreditCode(string(c)); err != nil || again != c || len(c) != 18 {
			t.Errorf("%q gives %q, which gives %q, %v", s, c, again, err)
		}
	})
}

func TestQuantity(t *testing.T) {
	for raw, want := range map[string]int64{"0": 0, "12.5": 12_500_000, "-0.000001": -1, "+3": 3_000_000, "007": 7_000_000, "999999999999.999999": 999_999_999_999_999_999, "000000000000000001": 1_000_000} {
		if q, err := code.ParseQuantity(raw); err != nil || q.Scaled != want {
			t.Errorf("%q: %d, %v", raw, q.Scaled, err)
		}
	}
	for _, raw := range []string{"", ".5", "5.", "1,000", "1e3", "NaN", "--1", "+-1", "１２", "1.0000001", "1000000000000", "<1", "1 2"} {
		if q, err := code.ParseQuantity(raw); err == nil {
			t.Errorf("%q is taken as %+v", raw, q)
		}
	}
	for raw, qualifier := range map[string]string{"<0.05": "<", "ND": "ND", "nd": "ND", "7": ""} {
		if q, err := code.ParseReading(raw); err != nil || q.Qualifier != qualifier {
			t.Errorf("reading %q: %+v, %v", raw, q, err)
		}
	}
	for _, raw := range []string{"<", "<-1", "<+1", "<<1", "-<1", "ND1"} {
		if q, err := code.ParseReading(raw); err == nil {
			t.Errorf("reading %q is taken as %+v", raw, q)
		}
	}
}

func FuzzParseReading(f *testing.F) {
	for _, s := range []string{"12.5", "<0.05", "ND", "-1", "<-1", "+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := code.ParseReading(s)
		if err != nil {
			return
		}
		again, err := code.ParseReading(q.Raw)
		if err != nil || again != q {
			t.Errorf("%q gives %+v, whose text gives %+v, %v", s, q, again, err)
		}
		if q.Qualifier == "" {
			if p, err := code.ParseQuantity(code.Decimal(q.Scaled)); err != nil || p.Scaled != q.Scaled {
				t.Errorf("%q: %d written as %s reads %d, %v", s, q.Scaled, code.Decimal(q.Scaled), p.Scaled, err)
			}
		}
	})
}
