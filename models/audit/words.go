package audit

import (
	"strings"

	"parkregistry/internal/fault"
)

// OutcomeName is an outcome as people call it.
func OutcomeName(outcome string) fault.Text {
	switch outcome {
	case Done:
		return fault.T("已办")
	case Refused:
		return fault.T("已拒绝")
	}
	return fault.T("没有成功")
}

// VerbName is an action as people call it: a permission by what it does, anything else by
// its own name.
func VerbName(action string) fault.Text {
	_, verb, found := strings.Cut(action, ".")
	if !found {
		verb = action
	}
	if t, there := verbs()[verb]; there {
		return t
	}
	return fault.Named(action, action)
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
		"build": fault.T("开工"), "accredit": fault.T("认定"), "discard": fault.T("丢弃"), "export": fault.T("导出"),
	}
}

// ObjectName is a kind of object as people call it.
func ObjectName(kind string) fault.Text {
	names := map[string]fault.Text{
		"ledger": fault.T("台账"), "finding": fault.T("问题"), "task": fault.T("任务"), "programme": fault.T("文件"), "enterprise": fault.T("企业"), "site": fault.T("场所"), "permit": fault.T("许可证"),
		"facility": fault.T("设施"), "outlet": fault.T("排放口"), "stream": fault.T("废水去向"), "limit": fault.T("限值"), "tenancy": fault.T("入驻"), "park": fault.T("园区"), "phase": fault.T("分期"),
		"patrol": fault.T("巡查"), "draw": fault.T("随机抽查"), "assessment": fault.T("考核"), "checklist": fault.T("检查表"), "grade": fault.T("评级"), "user": fault.T("账号"), "assignment": fault.T("任职"),
		"session": fault.T("会话"), "token": fault.T("机器令牌"), "period": fault.T("锁定期"), "shutdown": fault.T("停产停运"), "attachment": fault.T("附件"), "checkpoint": fault.T("检查点"), "setting": fault.T("设置"),
	}
	if t, there := names[kind]; there {
		return t
	}
	return fault.Named(kind, kind)
}
