package sheets

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/registry"
)

// EnterpriseColumns are those of a roster of firms (企业名册). A row with an id comes from
// an export, which holds nothing about people: it says what is registered already.
var EnterpriseColumns = []Column{
	{"creditCode", "统一社会信用代码", true}, {"name", "企业名称", true}, {"industries", "行业代码", true}, {"permitClass", "排污许可管理类别", true},
	{"riskLevel", "环境风险等级", false}, {"discharges", "是否排污单位", false}, {"aliases", "简称", false},
	{"legalRepresentative", "法定代表人", false}, {"contact", "环保联系人", false}, {"phone", "联系电话", false},
	{"id", "编号", false}, {"closedOn", "注销日期", false},
}

var permitClasses = map[string]string{"重点管理": "key", "简化管理": "simplified", "登记管理": "registration", "不需要": "none"}

var riskLevels = map[string]string{"一般": "general", "较大": "larger", "重大": "major"}

// Enterprise is the input that a row of the roster says, with every violation of
// the row. Lists stand in one cell, divided by semicolons.
func Enterprise(row Row) (registry.EnterpriseInput, error) {
	var check fault.Check
	c := row.Cells
	in := registry.EnterpriseInput{CreditCode: c["creditCode"], Name: c["name"], Aliases: divided(c["aliases"]), Industries: divided(c["industries"]),
		PermitClass: word(&check, "permitClass", permitClasses, c), RiskLevel: word(&check, "riskLevel", riskLevels, c),
		Discharges:          slices.Contains([]string{"1", "是", "true"}, c["discharges"]),
		LegalRepresentative: c["legalRepresentative"], Contact: c["contact"], Phone: c["phone"]}
	_, err := in.Parse()
	var f *fault.Error
	if row.Exported() && errors.As(err, &f) {
		f.Violations = slices.DeleteFunc(f.Violations, func(v fault.Violation) bool {
			return v.Code == "required" && slices.Contains([]string{"/legalRepresentative", "/contact"}, v.Pointer)
		})
		if len(f.Violations) == 0 {
			err = nil
		}
	}
	check.Within("", err)
	return in, check.Err()
}

// Exported reports whether a row of a roster comes from an export.
func (r Row) Exported() bool { return r.Cells["id"] != "" }

func divided(cell string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r == ';' || r == '；' }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// word is the code behind a Chinese word; a code stands for itself. What is left
// empty is judged by the input's Parse.
func word(check *fault.Check, column string, words map[string]string, cells map[string]string) string {
	cell := cells[column]
	if code, ok := words[cell]; ok {
		return code
	}
	codes := slices.Sorted(maps.Values(words))
	if cell != "" && !slices.Contains(codes, cell) {
		check.Fail("/"+column, "enum", "应当是 {{.Allowed}} 之一", "Allowed", strings.Join(slices.Sorted(maps.Keys(words)), "、"))
	}
	return cell
}
