package models

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/width"
)

var written = regexp.MustCompile(`^([A-Z]{2})[-－—–]?(\d{4})[-－—–]?(\d{1,9})$`)

// ReadNumber reads a number as people write it down: in any case and width, without its
// zeros or its dashes. False for what is none.
func ReadNumber(raw string) (NumberKind, string, bool) {
	m := written.FindStringSubmatch(strings.ToUpper(width.Narrow.String(strings.Join(strings.Fields(raw), ""))))
	if m == nil {
		return "", "", false
	}
	n, err := strconv.Atoi(m[3])
	return NumberKind(m[1]), fmt.Sprintf("%s-%s-%06d", m[1], m[2], n), err == nil
}
