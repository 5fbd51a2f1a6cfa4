package sheets

import (
	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// Required are the heads without which a table is none of the class.
func Required(c ledger.Class) (heads []string) {
	for _, column := range columnsOf(c) {
		if column.required || len(column.lists) > 0 && column.field.Required {
			heads = append(heads, column.title(words.Chinese))
		}
	}
	return heads
}
