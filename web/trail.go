package web

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// trailPage is what templates/trail.html shows: the audit trail (操作留痕), and how far
// the log is signed.
type trailPage struct {
	Shell shell
	Head  listHead
	Log   *logState
	Lines []trailLine
}

// logState is the newest signed state of the log.
type logState struct {
	Size  int64
	Root  string
	At    string
	Key   string
	Later int64 // changes that came since
}

// trailLine is one audit record.
type trailLine struct {
	audit.Record
	At      string
	Verb    fault.Text
	On      fault.Text
	Link    string // to the object's page, "" where there is none
	Name    fault.Text
	Mark    band
	Changes []changed
	Same    string // the trail of this object alone
}

// changed is one member of what a record says, before and after.
type changed struct{ Name, Old, New string }

// Members that a line shows of what changed, and the characters of each.
const (
	mostChanged = 4
	mostValue   = 60
)

func (p *Pages) trail(v *visit) error {
	h, _, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	outcomes := choice{Name: "outcome", Label: fault.T("结果")}
	for _, o := range []string{audit.Done, audit.Refused, audit.Failed} {
		name, _ := outcomeName(o)
		outcomes.Options = append(outcomes.Options, option{o, say(v, name), o == v.c.Query("outcome")})
	}
	h.Lists = []choice{outcomes}
	q := v.c.Query
	f := audit.RecordFilter{ParkID: q("parkId"), Outcome: q("outcome"), ObjectID: q("objectId"), ActorID: q("actorId"), From: code.Day(h.From), To: code.Day(h.To)}
	ask := h.page("-at")
	ask.Exact = h.Narrow // all of it is more than is counted for a look
	found, err := p.options.Audit.Records(v.ctx, f, ask)
	if err != nil {
		return err
	}
	h.turn(found.Next, found.Total)
	page := trailPage{Shell: p.shell(v, fault.T("操作留痕")), Head: h}
	if page.Log, err = p.logState(v); err != nil {
		return err
	}
	for _, r := range found.Items {
		page.Lines = append(page.Lines, h.trailLine(r))
	}
	return p.show(v, http.StatusOK, "trail.html", page)
}

// logState is nil before the first checkpoint.
func (p *Pages) logState(v *visit) (*logState, error) {
	if !v.may(policies.CheckpointRead) {
		return nil, nil
	}
	c, err := p.options.Prover.Newest(v.ctx)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := p.options.Audit.Known(v.ctx)
	return &logState{c.Size, groups(hex.EncodeToString(c.Root)), moment(c.At), c.KeyID + " " + proof.SignatureOf(c.Note), max(0, known+1-c.Size)}, err
}

func outcomeName(outcome string) (fault.Text, band) {
	switch outcome {
	case audit.Done:
		return fault.T("已办"), onTarget
	case audit.Refused:
		return fault.T("已拒绝"), behind
	}
	return fault.T("没有成功"), halfway
}

func (h listHead) trailLine(r audit.Record) trailLine {
	l := trailLine{Record: r, At: moment(r.At), Verb: verbOf(r.Action), On: objectName(r.ObjectKind), Changes: changesOf(r.BeforeValues, r.AfterValues)}
	l.Name, l.Mark = outcomeName(r.Outcome)
	if r.ObjectID != "" {
		l.Same = h.Path + "?" + url.Values{"objectId": {r.ObjectID}}.Encode()
	}
	if path := map[string]string{"ledger": "/ledger/", "finding": "/finding/", "task": "/task/", "enterprise": "/firm/", "patrol": "/patrol/", "draw": "/draw/"}[r.ObjectKind]; path != "" {
		l.Link = path + r.ObjectID
	}
	return l
}

// changesOf are the members that differ, by name; of a creation all of them.
func changesOf(before, after string) []changed {
	was, is := members(before), members(after)
	var all []changed
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if was[name] != is[name] && len(all) < mostChanged {
			all = append(all, changed{name, was[name], is[name]})
		}
	}
	return all
}

// members are the members of an object as text, none where it is no object.
func members(raw string) map[string]string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &object) != nil {
		return nil
	}
	all := make(map[string]string, len(object))
	for name, value := range object {
		var text string
		if json.Unmarshal(value, &text) != nil {
			var flat bytes.Buffer
			if json.Compact(&flat, value) == nil {
				text = flat.String()
			}
		}
		all[name] = code.Clip(text, mostValue)
	}
	return all
}

// verbOf is an action as people call it: a permission by what it does, anything else by
// its own name.
func verbOf(action string) fault.Text {
	_, verb, found := strings.Cut(action, ".")
	if !found {
		verb = action
	}
	if t, there := verbs()[verb]; there {
		return t
	}
	return fault.Text{Key: action, English: action}
}

func verbs() map[string]fault.Text {
	return map[string]fault.Text{
		"signin": fault.T("登录"), "signout": fault.T("退出"), "storekey": fault.T("重新打开手机上的巡查记录"), "read": fault.T("查看"), "create": fault.T("新建"), "update": fault.T("修改"), "close": fault.T("终止"), "confirm": fault.T("确认"),
		"file": fault.T("报送"), "return": fault.T("退回"), "accept": fault.T("确认"), "amend": fault.T("更正"), "void": fault.T("作废"), "lock": fault.T("锁定"), "unlock": fault.T("解锁"),
		"record": fault.T("上传记录"), "inspect": fault.T("现场检查"), "run": fault.T("抽取"), "notify": fault.T("发整改通知"), "acknowledge": fault.T("签收"), "rectify": fault.T("提交整改"),
		"review": fault.T("复查"), "extend": fault.T("延期"), "request_referral": fault.T("提请移交"), "refer": fault.T("移交执法"), "withdraw": fault.T("撤销"), "assess": fault.T("自评"),
		"verify": fault.T("核定"), "sample": fault.T("抽查"), "load": fault.T("导入"), "rate": fault.T("评级"), "order": fault.T("责令整改"), "evaluate": fault.T("评定"), "object": fault.T("异议"),
		"plan": fault.T("下达"), "report": fault.T("报送"), "grant": fault.T("授予"), "end": fault.T("结束"), "revoke": fault.T("吊销"), "password": fault.T("修改密码"), "request": fault.T("申请"),
		"contact": fault.T("查看联系电话"), "original": fault.T("查看原图"), "explain": fault.T("查问权限"), "seal": fault.T("封存"), "nominate": fault.T("推荐"), "designate": fault.T("列入试点"),
		"build": fault.T("开工"), "accredit": fault.T("认定"), "discard": fault.T("丢弃"),
	}
}

// objectName is a kind of object as people call it.
func objectName(kind string) fault.Text {
	names := map[string]fault.Text{
		"ledger": fault.T("台账"), "finding": fault.T("问题"), "task": fault.T("任务"), "programme": fault.T("文件"), "enterprise": fault.T("企业"), "site": fault.T("场所"), "permit": fault.T("许可证"),
		"facility": fault.T("设施"), "outlet": fault.T("排放口"), "stream": fault.T("废水去向"), "limit": fault.T("限值"), "tenancy": fault.T("入驻"), "park": fault.T("园区"), "phase": fault.T("分期"),
		"patrol": fault.T("巡查"), "draw": fault.T("随机抽查"), "assessment": fault.T("考核"), "checklist": fault.T("检查表"), "grade": fault.T("评级"), "user": fault.T("账号"), "assignment": fault.T("任职"),
		"session": fault.T("会话"), "token": fault.T("机器令牌"), "period": fault.T("锁定期"), "shutdown": fault.T("停产停运"), "attachment": fault.T("附件"), "checkpoint": fault.T("检查点"), "setting": fault.T("设置"),
	}
	if t, there := names[kind]; there {
		return t
	}
	return fault.Text{Key: kind, English: kind}
}
