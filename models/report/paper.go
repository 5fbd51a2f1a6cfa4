package report

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/export"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
)

// Receipt is the receipt of a filing (台账报送回执) as tables: what its page prints.
func Receipt(r ledger.Receipt) (Report, error) {
	e, f := r.Entry, r.Filing
	class := fault.Named(r.Class.TitleZh, r.Class.TitleEn)
	out := Report{Name: "receipt", Title: fault.T("台账报送回执"), Of: e.Number, About: []export.Said{{What: fault.T("编号"), Is: plain(e.Number)}, {What: fault.T("园区名称"), Is: plain(r.Park)}, {What: fault.T("企业名称"), Is: plain(r.Firm)},
		{What: fault.T("设施"), Is: plain(r.Facility)}, {What: fault.T("排放口"), Is: plain(r.Outlet)}, {What: fault.T("台账类别"), Is: class}, {What: fault.T("类别代码"), Is: plain(e.Class + " · " + strconv.Itoa(e.ClassVersion))},
		{What: fault.T("台账日期"), Is: plain(string(e.Day))}, {What: fault.T("班次、批次或者事件"), Is: plain(e.Slot)}, {What: fault.T("第几次报送"), Is: count(f.Number)}, {What: fault.T("报送人账号"), Is: plain(r.Filer)},
		{What: fault.T("报送时间"), Is: plain(code.ClockTime(f.FiledAt))}, {What: fault.T("接收时间"), Is: plain(code.ClockTime(f.ReceivedAt))}, {What: fault.T("迟报或者补报"), Is: f.Lateness()}, {What: fault.T("状态"), Is: e.State.Word()}}}
	if e.Demo {
		out.Said = append(out.Said, fault.T("示例数据，不作凭证"))
	}
	tables, err := contents(r.Class, f.Payload)
	if err != nil {
		return out, fmt.Errorf("filing %s: %w", f.ID, err)
	}
	out.Tables = tables
	if len(f.Attachments.V) > 0 {
		t := Table{Title: fault.T("附件"), Columns: []export.Column{text(fault.T("附件编号")), text(fault.Named("SHA-256", "SHA-256"))}}
		for _, a := range f.Attachments.V {
			t.Rows = append(t.Rows, []export.Cell{plain(string(a.ID)), plain(a.SHA256)})
		}
		out.Tables = append(out.Tables, t)
	}
	if len(f.Judgements) > 0 {
		t := Table{Title: fault.T("判定"), Columns: []export.Column{text(fault.T("污染物")), text(fault.T("判定"))}}
		for _, j := range f.Judgements {
			name := code.Pollutant(j.Pollutant).Label()
			t.Rows = append(t.Rows, []export.Cell{fault.Named(name.Zh, name.En), j.Sentence()})
		}
		out.Tables = append(out.Tables, t)
	}
	proven, err := provenIn(r)
	out.Tables = append(out.Tables, proven)
	return out, err
}

// contents are a payload by its class: one table of what it says once, one for each list.
func contents(class ledger.Class, payload string) ([]Table, error) {
	var said map[string]json.RawMessage
	if err := json.Unmarshal([]byte(payload), &said); err != nil {
		return nil, err
	}
	once := Table{Title: fault.T("报送内容"), Columns: []export.Column{text(fault.T("项目")), text(fault.T("内容")), text(fault.T("单位"))}}
	var lists []Table
	for _, f := range class.Fields {
		raw, given := said[f.Name]
		switch {
		case !given:
		case len(f.Fields) > 0:
			t, err := records(f, raw)
			if err != nil {
				return nil, err
			}
			lists = append(lists, t)
		default:
			once.Rows = append(once.Rows, []export.Cell{ledger.ShortTitle(f.LabelZh, f.LabelEn), f.Said(raw), plain(code.WrittenUnit(f.Unit))})
		}
	}
	return append([]Table{once}, lists...), nil
}

// records is a list of a payload as a table.
func records(list ledger.Field, raw json.RawMessage) (Table, error) {
	t := Table{Title: ledger.ShortTitle(list.LabelZh, list.LabelEn)}
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &rows); err != nil {
		return t, err
	}
	for _, f := range list.Fields {
		head := ledger.ShortTitle(f.LabelZh, f.LabelEn)
		if f.Unit != "" {
			unit := " (" + code.WrittenUnit(f.Unit) + ")"
			head = fault.Named(head.Key+unit, head.English+unit)
		}
		t.Columns = append(t.Columns, text(head))
	}
	for _, r := range rows {
		cells := make([]export.Cell, len(list.Fields))
		for i, f := range list.Fields {
			if raw, given := r[f.Name]; given {
				cells[i] = f.Said(raw)
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t, nil
}

// mostInCell is how many characters a cell of a workbook holds.
const mostInCell = 32_767

// provenIn is the proof of a receipt, with the text that the verifier takes.
func provenIn(r ledger.Receipt) (Table, error) {
	t := Table{Title: fault.T("存证"), Columns: []export.Column{text(fault.T("项目")), text(fault.T("内容"))}}
	put := func(what fault.Text, is string) { t.Rows = append(t.Rows, []export.Cell{what, plain(is)}) }
	put(fault.T("原文摘要"), hex.EncodeToString(r.Filing.Digest))
	if r.Proof == nil {
		t.Rows = append(t.Rows, []export.Cell{fault.T("存证序号"), fault.T("正在编号，稍后重新下载")})
		return t, nil
	}
	put(fault.T("存证序号"), strconv.FormatInt(r.Proof.LeafIndex, 10))
	put(fault.T("检查点"), r.Proof.Checkpoint)
	put(fault.T("签名密钥"), r.Proof.PublicKey)
	compact, err := r.Proof.Compact()
	if err == nil && len(compact) <= mostInCell { // more of it would be cut off, and prove nothing
		put(fault.T("核验页接受的文字"), compact)
	}
	return t, err
}

// Notice is a rectification notice as its page prints it: the words of the letter, and
// in a table what stands below them.
func Notice(p inspection.Paper) Report {
	f := p.Finding
	out := Report{Name: "notice", Title: plain(p.Title), Of: f.Number, Said: []fault.Text{plain(p.Recipient + "："), plain(p.Intro), plain(f.Description), plain(p.Ask + p.Due + p.AskMore)}}
	if p.ExtendedTo != "" {
		out.Said = append(out.Said, fault.T("期限已经延长至 {{.Day}}。", "Day", p.ExtendedTo))
	}
	out.Said = append(out.Said, plain(p.Close), plain(p.Issuer+"　"+p.IssuedOn))
	if f.Demo {
		out.Said = append(out.Said, fault.T("示例文书，不具法律效力。"))
	}
	t := Table{Title: fault.T("办理"), Columns: []export.Column{text(fault.T("项目")), text(fault.T("内容"))}}
	for _, row := range [][2]export.Cell{{fault.T("编号"), plain(f.Number)}, {fault.T("整改单位"), plain(p.Recipient)}, {fault.T("整改期限"), plain(string(*f.DueOn))}, {fault.T("检查人员"), plain(p.Officers)},
		{fault.T("现场照片"), count(p.Photos)}, {fault.T("状态"), f.State.Name()}, {fault.T("办理记录摘要"), plain(p.Digest)}} {
		t.Rows = append(t.Rows, row[:])
	}
	out.Tables = []Table{t}
	return out
}
