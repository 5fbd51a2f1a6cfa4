package exchange

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"parkregistry/models/ledger"
)

// Taken is an entry that came from a row.
type Taken struct {
	Row int `json:"row"`
	ledger.Left
}

// Takens are the entries of a whole file as the JSON that is stored of them: of 100,000
// rows it is eight megabytes, which are not to be there once more for every hand that
// they go through.
type Takens struct{ text string }

// Value implements driver.Valuer.
func (t Takens) Value() (driver.Value, error) {
	if t.text == "" {
		return "[]", nil
	}
	return t.text, nil
}

// Scan implements sql.Scanner.
func (t *Takens) Scan(src any) error {
	switch v := src.(type) {
	case string:
		t.text = v
	case []byte:
		t.text = string(v)
	default:
		return fmt.Errorf("read the entries of an import from %T", src)
	}
	return nil
}

// All takes the text apart.
func (t Takens) All() (all []Taken, err error) {
	if t.text == "" {
		return nil, nil
	}
	return all, json.Unmarshal([]byte(t.text), &all)
}

// taking writes Takens entry by entry.
type taking struct {
	text strings.Builder
	n    int
}

func (t *taking) add(row int, e ledger.Entry) {
	before := byte('[')
	if t.n++; t.n > 1 {
		before = ','
	}
	t.text.WriteByte(before)
	t.text.WriteString(`{"row":`)
	t.text.WriteString(strconv.Itoa(row))
	t.text.WriteString(`,"id":"`)
	t.text.WriteString(string(e.ID)) // a UUID: nothing in it has to be escaped
	t.text.WriteString(`","version":`)
	t.text.WriteString(strconv.FormatInt(e.Version, 10))
	t.text.WriteByte('}')
}

func (t *taking) all() Takens {
	if t.n == 0 {
		return Takens{}
	}
	t.text.WriteByte(']')
	return Takens{t.text.String()}
}
