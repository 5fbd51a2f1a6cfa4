package exchange

import (
	"encoding/json"
	"fmt"

	"parkregistry/internal/fault"
)

// Said is a sentence as a report keeps it, to be read in any language later.
type Said fault.Text

type saidJSON struct {
	Key     string             `json:"key"`
	English string             `json:"english,omitempty"`
	Args    map[string]saidArg `json:"args,omitempty"`
}

// saidArg is one argument; exactly one member is there.
type saidArg struct {
	Text   *string      `json:"text,omitempty"`
	Number *int64       `json:"number,omitempty"`
	Said   *Said        `json:"said,omitempty"`
	Label  *fault.Label `json:"label,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (s Said) MarshalJSON() ([]byte, error) {
	out := saidJSON{Key: s.Key, English: s.English, Args: make(map[string]saidArg, len(s.Args))}
	for name, v := range s.Args {
		out.Args[name] = argOf(v)
	}
	return json.Marshal(out)
}

func argOf(v any) saidArg {
	switch v := v.(type) {
	case fault.Text:
		s := Said(v)
		return saidArg{Said: &s}
	case fault.Label:
		return saidArg{Label: &v}
	case int:
		n := int64(v)
		return saidArg{Number: &n}
	case int64:
		return saidArg{Number: &v}
	}
	text := fmt.Sprint(v)
	return saidArg{Text: &text}
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Said) UnmarshalJSON(raw []byte) error {
	var in saidJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*s = Said{Key: in.Key, English: in.English}
	for name, a := range in.Args {
		if s.Args == nil {
			s.Args = map[string]any{}
		}
		switch {
		case a.Said != nil:
			s.Args[name] = fault.Text(*a.Said)
		case a.Label != nil:
			s.Args[name] = *a.Label
		case a.Number != nil:
			s.Args[name] = *a.Number
		case a.Text != nil:
			s.Args[name] = *a.Text
		}
	}
	return nil
}
