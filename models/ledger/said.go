package ledger

import (
	"encoding/json"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// Said is a value of the field as it was entered, options and codes with their names.
func (f Field) Said(raw json.RawMessage) fault.Text {
	text := strings.TrimSpace(string(raw))
	var s string
	if json.Unmarshal(raw, &s) == nil {
		text = s
	}
	switch f.Type {
	case "bool":
		if text == "true" {
			return fault.T("是")
		}
		return fault.T("否")
	case "enum":
		for _, o := range f.Enum {
			if o.Value == text {
				return fault.Named(o.LabelZh, o.LabelEn)
			}
		}
	case "instant":
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			text = code.ClockTime(at)
		}
	case "code:pollutant", "code:airPollutant":
		if p, err := code.ParsePollutant(text); err == nil {
			return fault.Named(p.Label().Zh+" "+text, p.Label().En+" "+text)
		}
	}
	return fault.Named(text, text)
}
