package sheets

import (
	"regexp"
	"strings"
)

// What people write in cells for what a class takes in one spelling.

// spokenUnits are units as people say them.
var spokenUnits = map[string]string{"吨": "t", "立方米": "m3", "立方": "m3", "方": "m3", "公斤": "kg", "千克": "kg", "度": "kWh", "千瓦时": "kWh", "小时": "h", "万元": "万元"}

// answers are what people write for yes and for no.
var answers = map[string]string{"是": "true", "有": "true", "√": "true", "✓": "true", "y": "true", "yes": "true", "true": "true", "1": "true",
	"否": "false", "无": "false", "×": "false", "✗": "false", "x": "false", "n": "false", "no": "false", "false": "false", "0": "false"}

// undetected is what laboratories write for a value below the limit of detection.
var undetected = []string{"未检出", "n.d.", "n.d"}

// sampleMarks begin the first cell of a row that only shows how to fill one in.
var sampleMarks = []string{"示例", "example"}

// otherUnits are units that no field is stated in and that people use all the same: a
// value in one of them is not taken for one in the field's.
var otherUnits = []string{"g", "mg", "L", "mL", "MWh", "min", "d", "kJ", "元"}

// powers are how many times ten a unit is of the first one of its kind.
var powers = map[string]struct {
	of  string
	ten int
}{"mg": {"mg", 0}, "g": {"mg", 3}, "kg": {"mg", 6}, "t": {"mg", 9}, "ml": {"ml", 0}, "l": {"ml", 3}, "m3": {"ml", 6}, "kwh": {"kwh", 0}, "mwh": {"kwh", 3}, "元": {"元", 0}, "万元": {"元", 4}}

// shortYear is a day of which the century is left out; spokenDay is how it is said.
var (
	shortYear = regexp.MustCompile(`^(\d{2})([-/.年]\d{1,2}[-/.月]\d{1,2}日?)$`)
	spokenDay = strings.NewReplacer("号", "日")
)

// roughly stands before a number that is none exactly.
const roughly = "约≈~"
