package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/models/task"
)

type accessAPI struct{ svc *account.Explainer }

// objects are the kinds of object that can be asked about.
func objects() map[string]models.Scoped {
	return map[string]models.Scoped{
		"park": registry.Park{}, "enterprise": registry.Enterprise{}, "site": registry.Site{}, "permit": registry.Permit{}, "facility": registry.Facility{},
		"outlet": registry.Outlet{}, "stream": registry.Stream{}, "shutdown": registry.Shutdown{}, "ledger": ledger.Entry{}, "patrol": inspection.Patrol{}, "finding": inspection.Finding{}, "draw": inspection.Draw{},
		"assessment": assessment.Assessment{}, "grade": grade.Grade{}, "task": task.Task{},
		"user": account.User{}, "assignment": account.Assignment{}, "session": account.Session{}, "token": account.Token{},
	}
}

type lineView struct {
	Line    string `json:"line" doc:"policies/policy.csv 中的一行"`
	Reach   string `json:"reach" enum:"city,jurisdiction,park,enterprise,self"`
	Matched bool   `json:"matched" doc:"对象在这一行的范围内"`
	Why     string `json:"why" doc:"比较了什么"`
}

type judgedView struct {
	Assignment assignmentView `json:"assignment"`
	Valid      bool           `json:"valid" doc:"当天有效"`
	Validity   string         `json:"validity"`
	Lines      []lineView     `json:"lines" doc:"这个角色关于这项权限的全部规则，没有就是角色没有这项权限"`
	Allowed    bool           `json:"allowed" doc:"casbin 对这项任职和这个对象的判定，不论日期"`
}

func judgedOf(lang words.Lang, all []account.Judged) []judgedView {
	out := []judgedView{}
	for _, j := range all {
		v := judgedView{assignmentOf(j.Assignment), j.Valid, words.Render(lang, j.Validity), []lineView{}, j.Explanation.Allowed}
		for _, l := range j.Explanation.Lines {
			v.Lines = append(v.Lines, lineView{l.Line.Text(), string(l.Line.Reach), l.Matched, words.Render(lang, l.Why)})
		}
		out = append(out, v)
	}
	return out
}

type explainInput struct {
	User       string `query:"user" maxLength:"36" doc:"账号编号"`
	Permission string `query:"permission" maxLength:"60" doc:"权限，例 ledger.file"`
	Object     string `query:"object" maxLength:"80" doc:"种类:编号，例 park:0190a0…"`
	On         string `query:"on" maxLength:"10" doc:"哪一天，默认今天；任职按这一天判断，对象的归属按现在"`
}

type explainView struct {
	Body struct {
		User        models.ID    `json:"user" format:"uuid"`
		Username    string       `json:"username"`
		Permission  string       `json:"permission"`
		Object      string       `json:"object"`
		On          code.Day     `json:"on" format:"date"`
		Allowed     bool         `json:"allowed"`
		Why         string       `json:"why" enum:"allowed,disabled,unassigned,lacking,outside" doc:"原因的代号：可以、账号停用、当天没有任职、角色没有权限（403）、不在范围内（404）"`
		Detail      string       `json:"detail"`
		Assignments []judgedView `json:"assignments" doc:"每一项任职，过去和将来的也在内"`
	}
}

func (h accessAPI) explain(ctx context.Context, in *explainInput) (*explainView, error) {
	q, err := h.svc.Ask(in.User, in.Permission, in.Object, in.On)
	if err != nil {
		return nil, err
	}
	a, err := h.svc.Explain(ctx, q)
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	out := new(explainView)
	out.Body.User, out.Body.Username, out.Body.Permission, out.Body.Object, out.Body.On = a.Person.ID, a.Person.Username, in.Permission, in.Object, a.On
	out.Body.Allowed, out.Body.Why, out.Body.Detail = a.Allowed, string(a.Why), words.Render(lang, a.Detail)
	out.Body.Assignments = judgedOf(lang, a.Assignments)
	return out, nil
}

type viewersInput struct {
	IDParam
	ListParams
	Sort string   `query:"sort" enum:"username,-username"`
	On   code.Day `query:"on" format:"date" doc:"哪一天，默认今天"`
}

type viewerView struct {
	User         models.ID    `json:"user" format:"uuid"`
	Username     string       `json:"username"`
	DisplayName  string       `json:"displayName"`
	Organisation string       `json:"organisation"`
	Assignments  []judgedView `json:"assignments" doc:"凭这些任职能看到"`
}

func (h accessAPI) viewers(ctx context.Context, in *viewersInput) (*list[viewerView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	page, err := h.svc.Viewers(ctx, id, in.On, in.query(in.Sort, map[string]string{"r": "viewers", "p": string(id), "o": string(in.On)}))
	lang := requestOf(ctx).lang
	return listOf(page, func(v account.Viewer) viewerView {
		return viewerView{v.Person.ID, v.Person.Username, v.Person.DisplayName, v.Person.Organisation, judgedOf(lang, v.Assignments)}
	}), err
}
