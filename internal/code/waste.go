package code

import (
	"regexp"
	"strings"

	"parkregistry/internal/fault"
)

// WasteCode is a hazardous-waste code (危险废物代码): three digits of the industry,
// three of the waste, and the number of its category. Which codes a list holds
// changes with its edition, so that the form alone is checked here.
type WasteCode string

var wasteForm = regexp.MustCompile(`^\d{3}-\d{3}-\d{2}$`)

// ParseWasteCode checks the form and that the last two digits are a category.
func ParseWasteCode(s string) (WasteCode, error) {
	s = strings.TrimSpace(s)
	if !wasteForm.MatchString(s) {
		return "", fault.Broken("pattern", "国家危险废物名录", "危险废物代码的样子是 336-054-17：3 位、3 位、2 位数字，以短横线相连")
	}
	if _, err := ParseWasteCategory("HW" + s[8:]); err != nil {
		return "", err
	}
	return WasteCode(s), nil
}

// Category is the category that the last two digits name: HW17.
func (w WasteCode) Category() string { return "HW" + string(w[8:]) }

var categoryForm = regexp.MustCompile(`^HW(0[1-9]|[1-3]\d|40|4[5-9]|50)$`)

// ParseWasteCategory takes HW01 to HW50; HW41 to HW44 were dropped from the list.
func ParseWasteCategory(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !categoryForm.MatchString(s) {
		return "", fault.Broken("unknown", "国家危险废物名录", "没有 {{.Category}} 这个危险废物类别，名录为 HW01 至 HW50（无 HW41 至 HW44）", "Category", s)
	}
	return s, nil
}

// GeneralWasteCode is a code of general industrial solid waste (一般工业固体废物)
// of the catalogue of 2024: 900-003-S17.
type GeneralWasteCode string

var generalForm = regexp.MustCompile(`^\d{3}-\d{3}-S\d{2}$`)

// ParseGeneralWasteCode takes codes of industrial waste: S01 to S59 without S08.
func ParseGeneralWasteCode(s string) (GeneralWasteCode, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !generalForm.MatchString(s) {
		return "", fault.Broken("pattern", "固体废物分类与代码目录 (2024)", "一般工业固体废物代码的样子是 900-003-S17：3 位、3 位数字，S 加 2 位数字")
	}
	if _, err := ParseGeneralWasteClass("SW" + s[9:]); err != nil {
		return "", err
	}
	return GeneralWasteCode(s), nil
}

// Class is the class that the last two digits name: SW17.
func (w GeneralWasteCode) Class() string { return "SW" + string(w[9:]) }

var generalClassForm = regexp.MustCompile(`^SW(0[1-79]|[1-5]\d)$`)

// ParseGeneralWasteClass takes SW01 to SW59 without SW08.
func ParseGeneralWasteClass(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !generalClassForm.MatchString(s) {
		return "", fault.Broken("unknown", "固体废物分类与代码目录 (2024)", "没有 {{.Class}} 这个工业固体废物种类，目录为 SW01 至 SW59（无 SW08）", "Class", s)
	}
	return s, nil
}

// ParseWaste takes a code of either list: 336-054-17 or 900-003-S17.
func ParseWaste(s string) (string, error) {
	if strings.Contains(strings.ToUpper(s), "S") {
		w, err := ParseGeneralWasteCode(s)
		return string(w), err
	}
	w, err := ParseWasteCode(s)
	return string(w), err
}

// WasteBatch is the code of a batch of hazardous waste (批次编码). HJ 1259-2022
// recommends a form; codes of a producer's own system are kept as they are.
type WasteBatch string

var batchForm = regexp.MustCompile(`^(HW(?:CKLY|CKCZ|ZXLY|ZXCZ|WWLY|WWCZ|CS|RK|CK))(\d{8})\d{3}$`)

// ParseWasteBatch takes a code without blanks; one in the recommended form has a real day in it.
func ParseWasteBatch(s string) (WasteBatch, error) {
	s, err := clean(s, 40, false)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(s, " \u3000") {
		return "", fault.Broken("characters", "HJ 1259-2022", "批次编码中不能有空格")
	}
	if m := batchForm.FindStringSubmatch(s); m != nil {
		if _, err := ParseDay(m[2][:4] + "-" + m[2][4:6] + "-" + m[2][6:]); err != nil {
			return "", fault.Broken("day", "HJ 1259-2022", "批次编码中的日期 {{.Day}} 不存在", "Day", m[2])
		}
	}
	return WasteBatch(s), nil
}

// Prefix is the step that a code in the recommended form names (HWCS, HWRK …); ""
// for any other code.
func (b WasteBatch) Prefix() string {
	if m := batchForm.FindStringSubmatch(string(b)); m != nil {
		return m[1]
	}
	return ""
}

var manifestForm = regexp.MustCompile(`^20\d{2}44\d{8}$`)

// ParseManifest takes the number of a transfer manifest (危险废物转移联单) of the
// province: year, 44, two digits of the city, serial of six.
func ParseManifest(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !manifestForm.MatchString(s) {
		return "", fault.Broken("pattern", "危险废物转移管理办法", "联单编号应当是 14 位数字：4 位年份、44、2 位城市代码、6 位顺序号，例 20264403000001")
	}
	return s, nil
}

var methodForm = regexp.MustCompile(`^[A-Z]\d{1,2}$`)

// ParseWasteMethod takes how hazardous waste is used or disposed of, a letter and
// one or two digits of HJ 1033-2019 appendix F; the table itself was not read.
func ParseWasteMethod(s string) (string, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if !methodForm.MatchString(s) {
		return "", fault.Broken("pattern", "HJ 1033-2019", "利用处置方式代码是 1 个字母加 1 至 2 位数字，例 R4、D10")
	}
	return s, nil
}

// ParseMonth takes a month as YYYY-MM.
func ParseMonth(s string) (string, error) {
	if _, err := ParseDay(s + "-01"); err != nil {
		return "", fault.Broken("month", "", "月份应当写成 2026-01 的样子")
	}
	return s, nil
}
