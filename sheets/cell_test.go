package sheets_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"parkregistry/sheets"
)

// TestCellSpellings: what people and spreadsheets write for one thing. A value that is
// no text is written as that into the workbook.
func TestCellSpellings(t *testing.T) {
	type shown struct {
		value any
		style string // number format
	}
	styled := func(value any, style string) shown { return shown{value, style} }
	for _, k := range []struct {
		class, head, pointer string
		in                   any
		want                 string // in the payload; "" is nothing, "!" and a code is a fault
	}{
		{wastewater, "废水进水量", "/inflow", "85", "85"}, {wastewater, "废水进水量", "/inflow", 85, "85"}, {wastewater, "废水进水量", "/inflow", 85.10, "85.1"},
		{wastewater, "废水进水量", "/inflow", 0.1 + 0.2, "0.3"}, {wastewater, "废水进水量", "/inflow", "８５．５", "85.5"}, {wastewater, "废水进水量", "/inflow", "1,486.00", "1486.00"},
		{wastewater, "废水进水量", "/inflow", "85 m³", "85"}, {wastewater, "废水进水量", "/inflow", "85m3", "85"}, {wastewater, "废水进水量", "/inflow", "85.50立方米", "85.50"},
		{wastewater, "废水进水量", "/inflow", "85 L", "!unit"}, {wastewater, "废水进水量", "/inflow", "85 桶", "85桶"}, {wastewater, "废水进水量", "/inflow", "—", ""}, {wastewater, "废水进水量", "/inflow", "/", ""}, {wastewater, "废水进水量", "/inflow", "-", ""},
		{wastewater, "废水进水量", "/inflow", styled(0.85, "0%"), "!unit"}, {wastewater, "废水进水量", "/inflow", styled(46027, "yyyy-mm-dd"), "!type"},
		{wastewater, "污泥含水率", "/sludgeMoisture", styled(0.785, "0.0%"), "78.5"}, {wastewater, "污泥含水率", "/sludgeMoisture", "78.5％", "78.5"}, {wastewater, "污泥含水率", "/sludgeMoisture", 78.5, "78.5"},
		{wastewater, "出水水质/监测值", "/readings/0/value", "<0.05", "<0.05"}, {wastewater, "出水水质/监测值", "/readings/0/value", "＜0.05", "<0.05"}, {wastewater, "出水水质/监测值", "/readings/0/value", "nd", "nd"},
		{wastewater, "出水水质/监测值", "/readings/0/value", "ND", "ND"}, {wastewater, "出水水质/监测值", "/readings/0/value", "未检出", "ND"}, {wastewater, "出水水质/监测值", "/readings/0/value", "0.05L", "<0.05"},
		{wastewater, "出水水质/监测值", "/readings/0/value", "0.30", "0.30"}, {wastewater, "是否正常运行", "/normal", "是", "true"}, {wastewater, "是否正常运行", "/normal", "√", "true"}, {wastewater, "是否正常运行", "/normal", false, "false"},
		{wastewater, "是否正常运行", "/normal", "正常", "!enum"}, {wastewater, "排水去向", "/drainDestination", "进入城镇污水处理厂", "sewagePlant"}, {wastewater, "排水去向", "/drainDestination", "surfaceWater", "surfaceWater"},
		{wastewater, "排水去向", "/drainDestination", "河里", "!enum"}, {wastewater, "排水去向", "/drainDestination", "Other", "other"},
		{wastewater, "开始时间", "/startAt", "2026-01-05 08:30", "2026-01-05T08:30:00+08:00"}, {wastewater, "开始时间", "/startAt", "2026年1月5日8时30分", "2026-01-05T08:30:00+08:00"},
		{wastewater, "开始时间", "/startAt", styled(46027.5, "yyyy-mm-dd hh:mm"), "2026-01-05T12:00:00+08:00"}, {wastewater, "开始时间", "/startAt", "8:30", "2026-01-05T08:30:00+08:00"},
		{wastewater, "开始时间", "/startAt", styled(0.3541666666666667, "h:mm"), "2026-01-05T08:30:00+08:00"}, {wastewater, "结束时间", "/endAt", "24:00", "2026-01-06T00:00:00+08:00"}, {wastewater, "结束时间", "/endAt", "2026/1/5 24:00", "2026-01-06T00:00:00+08:00"},
		{wastewater, "结束时间", "/endAt", styled(1.0, "[h]:mm"), "2026-01-06T00:00:00+08:00"}, {wastewater, "污泥去向", "/sludgeDestination", 12, "12"}, {wastewater, "污泥去向", "/sludgeDestination", "'=1+1", "=1+1"},
		{"park.emergencyPlan", "日期", "/on", "2021-11-02", "2021-11-02"}, {"park.emergencyPlan", "日期", "/on", "2021/11/2", "2021-11-02"}, {"park.emergencyPlan", "日期", "/on", "2021.11.2", "2021-11-02"},
		{"park.emergencyPlan", "日期", "/on", "2021年11月2日", "2021-11-02"}, {"park.emergencyPlan", "日期", "/on", "20211102", "2021-11-02"}, {"park.emergencyPlan", "日期", "/on", 20211102, "2021-11-02"},
		{"park.emergencyPlan", "日期", "/on", styled(44502, "yyyy/m/d"), "2021-11-02"}, {"park.emergencyPlan", "日期", "/on", time.Date(2021, 11, 2, 0, 0, 0, 0, time.UTC), "2021-11-02"}, {"park.emergencyPlan", "日期", "/on", "2021-11-02 00:00:00", "2021-11-02"},
		{"park.emergencyPlan", "日期", "/on", "11月2日", "11月2日"}, {"park.emergencyPlan", "备案编号", "/planNumber", "440306-2026-001-L", "440306-2026-001-L"}, {"park.emergencyPlan", "备案编号", "/planNumber", 1.234567890123456789e17, "!lost"},
		{"generalWaste.monthly", "月份", "/month", "2026年1月", "2026-01"}, {"generalWaste.monthly", "月份", "/month", styled(46027, `yyyy"年"m"月"`), "2026-01"}, {"generalWaste.monthly", "月份", "/month", 202601, "2026-01"},
		{"basicInformation", "统一社会信用代码", "/creditCode", creditCode, creditCode}, {"basicInformation", "统一社会信用代码", "/creditCode", 9.1440300123456789e17, "!lost"},
	} {
		f := excelize.NewFile()
		in := k.in
		if s, is := in.(shown); is {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &s.style})
			if err == nil {
				err = f.SetCellStyle("Sheet1", "A2", "A2", style)
			}
			if err != nil {
				t.Fatal(err)
			}
			in = s.value
		}
		c := class(t, k.class)
		head, row := []any{k.head}, []any{in}
		head, row = append(head, "记录日期"), append(row, "2026-01-05")
		for _, column := range sheets.Required(c) {
			if column != k.head && column != "记录日期" {
				head = append(head, column)
			}
		}
		if err := f.SetSheetRow("Sheet1", "A1", &head); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", "A2", &row); err != nil {
			t.Fatal(err)
		}
		lines := read(t, saved(t, f), c)
		if len(lines) != 1 {
			t.Errorf("%s %v: %d entries", k.head, k.in, len(lines))
			continue
		}
		got := at(lines[0].Input.Payload, k.pointer)
		for _, v := range lines[0].Faults {
			if v.Pointer == "A2" {
				got = "!" + v.Code
			} else {
				t.Errorf("%s %v: %s %s", k.head, k.in, v.Pointer, v.Code)
			}
		}
		if got != k.want {
			t.Errorf("%s %v gives %q, want %q", k.head, k.in, got, k.want)
		}
	}
}

// at is a value of a payload as text.
func at(payload json.RawMessage, pointer string) string {
	var v any
	if json.Unmarshal(payload, &v) != nil {
		return string(payload)
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			v = x[0]
		}
	}
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "true", false: "false"}[x]
	case string:
		return x
	}
	return "?"
}
