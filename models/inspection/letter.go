package inspection

import (
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// paperOf words the letter. The words of a park's are those of one party to a contract:
// it tells, asks and reports, and threatens nothing that only an authority may do.
func paperOf(f Finding, n Called, asked string) Paper {
	district := code.Jurisdiction(models.Deref(f.Jurisdiction)).Bureau()
	p := Paper{Finding: f, Official: !isPark(f.NotifiedOrg), IssuedOn: inWords(*f.NotifiedOn), DueOn: *f.FirstDueOn, Due: inWords(*f.FirstDueOn)}
	if *f.DueOn != *f.FirstDueOn && f.Extended {
		p.ExtendedTo = inWords(*f.DueOn)
	}
	park := n.Park + "管理机构"
	p.Recipient = n.Firm
	if f.Recipient == ToPark {
		p.Recipient = park
	}
	where := n.Firm + n.Facility
	if n.Firm == "" {
		where = n.Park + n.Facility
	}
	if f.Place != "" {
		where += "（" + f.Place + "）"
	}
	if asked = strings.TrimRight(asked, "。；;."); asked != "" {
		asked = "：" + asked
	}
	const report = "整改完成后，通过工业园区环境管理登记系统反馈整改情况并上传佐证材料，由"
	if p.Official {
		p.Issuer, p.Title = district, "限期整改通知书"
		p.Intro = inWords(f.OpenedOn) + "，" + finder(f.OpenedOrg) + "对" + where + "进行检查，发现以下问题："
		p.Ask, p.AskMore = "现要求"+p.Recipient+"于", "（含当日）前完成整改"+asked+"。"+report+"我局组织复查。"
		p.Close = "逾期未整改的，我局将依法处理。"
		return p
	}
	p.Issuer, p.Title = park, "整改告知书"
	p.Intro = inWords(f.OpenedOn) + "，园区管理机构巡查" + where + "，发现以下问题："
	p.Ask, p.AskMore = "按照园区管理约定，商"+p.Recipient+"于", "（含当日）前完成整改"+asked+"。"+report+"园区管理机构复查。"
	p.Close = "本告知依据园区管理约定作出，不是行政机关的决定。有不同意见的，可以向园区管理机构说明；到期没有整改的，园区管理机构将报告" + district + "。"
	return p
}

// finder is who found it, in an official letter.
func finder(org policies.Organisation) string {
	if isPark(org) {
		return "园区管理机构"
	}
	return "我局巡查人员"
}

// inWords is a day as letters write it: 2026年11月24日.
func inWords(d code.Day) string { return d.Start().Format("2006年1月2日") }
