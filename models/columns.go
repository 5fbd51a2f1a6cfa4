package models

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"parkregistry/policies"
)

// Versioned stands in every head and registry row.
type Versioned struct {
	ID        ID `gorm:"primaryKey"`
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Placed says where a row belongs. Every row that a park, a district or an
// enterprise may see carries these columns itself, so that a scope never
// needs a join.
type Placed struct {
	SiteID       *ID // enterprise × park; nil for the park's own
	ParkID       ID
	Jurisdiction *string // of the park; nil while the pilot place is unnamed
	EnterpriseID *ID     // nil for the park's own
}

// Owner is the row as a decision sees it.
func (p Placed) Owner() policies.Row {
	return policies.Row{Parks: some(string(p.ParkID)), Jurisdictions: some(Deref(p.Jurisdiction)), Enterprises: some(string(Deref(p.EnterpriseID)))}
}

func some(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

// Texts is a list of short texts, stored as a JSON array.
type Texts []string

// Value implements driver.Valuer.
func (t Texts) Value() (driver.Value, error) {
	if t == nil {
		return "[]", nil
	}
	b, err := json.Marshal([]string(t))
	return string(b), err
}

// Scan implements sql.Scanner.
func (t *Texts) Scan(src any) error {
	if s, ok := src.(string); ok {
		if plain, ok := plainTexts(s); ok {
			*t = plain
			return nil
		}
	}
	return scanJSON(src, t)
}

// plainTexts reads the common form of what Value wrote, a JSON array of strings
// without escapes or white space, at a tenth of the decoder's cost.
func plainTexts(s string) (Texts, bool) {
	if s == "[]" {
		return Texts{}, true
	}
	inner, opened := strings.CutPrefix(s, `["`)
	inner, closed := strings.CutSuffix(inner, `"]`)
	if !opened || !closed || strings.Contains(inner, `\`) {
		return nil, false
	}
	parts := strings.Split(inner, `","`)
	for _, p := range parts {
		if strings.Contains(p, `"`) {
			return nil, false
		}
	}
	return parts, true
}

// JSON is any value stored as a JSON text.
type JSON[T any] struct{ V T }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner.
func (j *JSON[T]) Scan(src any) error { return scanJSON(src, &j.V) }

func scanJSON(src, into any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), into)
	case []byte:
		return json.Unmarshal(v, into)
	}
	return fmt.Errorf("read a JSON column from %T", src)
}

// RawJSON is a list that is kept as the JSON text which is stored of it: where it is so
// long that it must not be in memory once more for every hand that it goes through.
type RawJSON struct{ Text string }

// Value implements driver.Valuer.
func (j RawJSON) Value() (driver.Value, error) {
	if j.Text == "" {
		return "[]", nil
	}
	return j.Text, nil
}

// Scan implements sql.Scanner.
func (j *RawJSON) Scan(src any) error {
	switch v := src.(type) {
	case string:
		j.Text = v
		return nil
	case []byte:
		j.Text = string(v)
		return nil
	}
	return fmt.Errorf("read a JSON column from %T", src)
}

// JSONText is a value as the text of its JSON column; ok is false for one of another kind.
func JSONText(v any) (text string, ok bool, err error) {
	valuer, ok := v.(driver.Valuer)
	if !ok {
		return "", false, nil
	}
	stored, err := valuer.Value()
	text, _ = stored.(string)
	return text, true, err
}
