package exchange

import (
	"encoding/json"
	"strconv"
	"strings"

	"parkregistry/models"
	"parkregistry/models/ledger"
)

// Taken is an entry that came from a row.
type Taken struct {
	Row int `json:"row"`
	ledger.Left
}

// takenOf reads the entries of a commit.
func takenOf(stored models.RawJSON) (all []Taken, err error) {
	if stored.Text == "" {
		return nil, nil
	}
	return all, json.Unmarshal([]byte(stored.Text), &all)
}

// taking writes them one by one: of 100,000 rows it is eight megabytes of text.
type taking struct {
	text strings.Builder
	n    int
}

func (t *taking) add(row int, e ledger.Left) {
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

func (t *taking) all() models.RawJSON {
	if t.n == 0 {
		return models.RawJSON{}
	}
	t.text.WriteByte(']')
	return models.RawJSON{Text: t.text.String()}
}
