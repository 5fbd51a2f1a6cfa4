package inspection_test

import (
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/inspection"
	"parkregistry/models/registry"
)

// whole is everything that a paper says.
func whole(p inspection.Paper) string {
	return strings.Join([]string{p.Issuer, p.Title, p.Recipient, p.Intro, p.Finding.Description, p.Ask + p.Due + p.AskMore, p.Close}, "\n")
}

// TestPaper: the district's is an official letter, the park's is not, whatever it is
// about and whoever answers.
func TestPaper(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.BaoanA.Enterprise.Name
		for _, c := range []struct {
			name, by string
			about    func(world) inspection.FindingInput
			alone    bool // the firm has no account: the park answers
			official bool
			title    string
			to       string
			says     []string
		}{
			{"a district, a firm", "finder", world.aboutFirm, false, true, "限期整改通知书", firm, []string{"深圳市生态环境局宝安管理局", "综合废水处理设施", "我局将依法处理", "2026年12月1日（含当日）前完成整改：补填三日台账。"}},
			{"a district, a park's own", "finder", world.aboutPark, false, true, "限期整改通知书", "宝安甲园管理机构", []string{"宝安甲园园区集中处理设施"}},
			{"a district, a firm without account", "finder", world.aboutFirm, true, true, "限期整改通知书", "宝安甲园管理机构", []string{"对" + firm}},
			{"a park, a firm", "park", world.aboutFirm, false, false, "整改告知书", firm, []string{"宝安甲园管理机构", "园区管理约定", "不是行政机关的决定", "报告深圳市生态环境局宝安管理局"}},
			{"a park, its own", "park", world.aboutPark, false, false, "整改告知书", "宝安甲园管理机构", nil},
		} {
			w.firms.without = map[models.ID]bool{w.BaoanA.Enterprise.ID: c.alone}
			in := c.about(w)
			in.DueOn = "2026-12-01"
			f := w.log(t, w.people()[c.by], in)
			if _, err := w.Paper(w.people()[c.by], f.ID); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: a paper before the notice: %v", c.name, err)
			}
			got(w.Notify(w.people()[c.by], f.ID, inspection.NoticeInput{Text: "补填三日台账。"}))(t)
			p := got(w.Paper(w.people()[c.by], f.ID))(t)
			text := whole(p)
			if p.Official != c.official || p.Title != c.title || p.Recipient != c.to || p.IssuedOn != "2026年11月24日" || len(p.Digest) != 64 || p.ExtendedTo != "" {
				t.Errorf("%s: %+v", c.name, p)
			}
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("%s does not say %q:\n%s", c.name, want, text)
				}
			}
			if order := slices.IndexFunc([]string{"责令", "处罚", "罚款", "依法处理", "我局", "现要求", "限期", "通知书"}, func(s string) bool { return strings.Contains(text, s) }); !c.official && order >= 0 {
				t.Errorf("%s is worded as an order (%d):\n%s", c.name, order, text)
			}
		}
	})
}

// TestPaperKeepsItsDay: an extension is told of; the day of the notice stays. Who was
// there and what was photographed is for whoever may read the patrol.
func TestPaperKeepsItsDay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		patrol := got(w.LogPatrol(w.Inspector("baoan"), "", w.inspection()))(t)
		in := w.aboutFirm()
		in.PatrolID, in.DueOn = string(patrol.ID), "2026-12-01"
		f := w.log(t, w.Inspector("baoan"), in)
		shot := func(content string, finding models.ID) inspection.EventInput {
			return event(inspection.EventPhoto, "09:22", func(e *inspection.EventInput) {
				e.SHA256, e.FindingID = strings.Repeat(content, 32), string(finding)
			})
		}
		wrong := shot("0d", f.ID)
		w.send(t, w.Inspector("baoan"), patrol.ID, shot("0a", f.ID), shot("0b", f.ID), shot("0b", f.ID), shot("0c", models.NewID()), wrong,
			event(inspection.EventVoid, "09:30", func(e *inspection.EventInput) { e.Voids, e.Reason = wrong.ID, "拍错了对象" }))
		got(w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{}))(t)
		got(w.Extend(w.Inspector("baoan"), f.ID, inspection.ExtensionInput{DueOn: "2026-12-08", Reason: "配件到货延迟"}))(t)
		// Who is called otherwise afterwards was served under the name of that day.
		got(w.Registry.UpdateEnterprise(w.Bureau(), w.BaoanA.Enterprise.ID, w.BaoanA.Enterprise.Version, func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
			in.Name = "改名以后的公司"
			return in, nil
		}))(t)
		p := got(w.Paper(w.SecondInspector("baoan"), f.ID))(t)
		if !strings.Contains(whole(p), w.BaoanA.Enterprise.Name) || strings.Contains(whole(p), "改名以后") {
			t.Errorf("the notice as served reads\n%s", whole(p))
		}
		other := w.log(t, w.Inspector("baoan"), w.aboutFirm())
		got(w.Notify(w.Inspector("baoan"), other.ID, inspection.NoticeInput{}))(t)
		if q := got(w.Paper(w.Inspector("baoan"), other.ID))(t); q.Digest == p.Digest {
			t.Errorf("two notices have the digest %s: it binds nothing that they say", q.Digest)
		}
		if p.Due != "2026年12月1日" || p.ExtendedTo != "2026年12月8日" || p.Officers != "陈工、林工" || p.Photos != 2 {
			t.Errorf("the paper says %s, extended to %s, officers %q, %d photographs", p.Due, p.ExtendedTo, p.Officers, p.Photos)
		}
		if p := got(w.Paper(w.Firm(w.BaoanA), f.ID))(t); p.Officers != "" || p.Photos != 0 || p.Due != "2026年12月1日" {
			t.Errorf("to the firm it says officers %q, %d photographs", p.Officers, p.Photos)
		}
		for who, code := range map[string]fault.Code{"foreign firm": fault.NotFound, "foreign park": fault.NotFound, "foreign district": fault.NotFound, "admin": fault.Denied, "auditor": "", "bureau": ""} {
			if _, err := w.Paper(w.people()[who], f.ID); fault.CodeOf(err) != code {
				t.Errorf("the paper to %s: %v", who, err)
			}
		}
	})
}
