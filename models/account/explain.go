package account

import (
	"context"
	"slices"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// Explainer says why a person can or cannot do something with a row, and who can
// see a park. It judges with the same lines, the same assignments and the same
// owner of the row as the gates do; it reads nothing else of the row.
type Explainer struct {
	svc   *Service
	kinds map[string]models.Scoped
}

// NewExplainer makes an explainer for the accounts of s. kinds are the objects that can be asked
// about, by the name that an address gives them: park, ledger, finding, …
func NewExplainer(s *Service, kinds map[string]models.Scoped) *Explainer {
	return &Explainer{s, kinds}
}

// Why is the reason behind an answer.
type Why string

// Reasons, in the order in which the gates ask.
const (
	WhyAllowed    Why = "allowed"
	WhyDisabled   Why = "disabled"   // the account is disabled
	WhyUnassigned Why = "unassigned" // no assignment is valid on that day
	WhyLacking    Why = "lacking"    // no role has the action: 403
	WhyOutside    Why = "outside"    // a role has it, but the row is out of reach: 404
)

// Question is what Explain is asked.
type Question struct {
	User       models.ID
	Permission policies.Permission
	Kind       string
	Object     models.ID
	On         code.Day // "" is today
}

// Answer is what Explain says.
type Answer struct {
	Question
	Person      User
	Allowed     bool
	Why         Why
	Detail      fault.Text
	Assignments []Judged
}

// Judged is one assignment with what it means for the question.
type Judged struct {
	Assignment  Assignment
	Valid       bool       // on the day asked about
	Validity    fault.Text // why it is or is not
	Explanation policies.Explanation
}

// counts reports whether the assignment lets the person do it.
func (j Judged) counts() bool { return j.Valid && j.Explanation.Allowed }

// Ask checks the parts of a question as an address writes them: object is kind:id.
func (e *Explainer) Ask(user, permission, object, on string) (Question, error) {
	var c fault.Check
	q := Question{User: fault.Must(&c, "/query/user", user, models.ParseID), Permission: policies.Permission(permission),
		On: fault.Parse(&c, "/query/on", on, code.ParseDay)}
	if c.Required("/query/permission", permission) && !slices.Contains(policies.Permissions(), q.Permission) {
		c.Cite("/query/permission", "unknown", "", permission, "没有这项权限，权限名见 GET /me 的 can")
	}
	kind, id, _ := strings.Cut(object, ":")
	q.Kind, q.Object = kind, fault.Must(&c, "/query/object", id, models.ParseID)
	model, ok := e.kinds[kind]
	switch {
	case !ok:
		c.Cite("/query/object", "unknown", "", object, "对象写成“种类:编号”，种类是 {{.Kinds}} 之一", "Kinds", strings.Join(e.Kinds(), ", "))
	case !c.Has("/query/permission") && !slices.Contains(model.Scope().Resources, q.Permission.Resource()):
		c.Cite("/query/permission", "mismatch", "", permission, "这项权限管不到这种对象，对象应当是权限名中点号前面的那一种")
	}
	return q, c.Err()
}

// Kinds are the kinds of object that can be asked about, sorted.
func (e *Explainer) Kinds() []string {
	var all []string
	for k := range e.kinds {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Explain answers a question. NotFound when the person or the object does not
// exist. Where the row belongs is judged as of now, the assignments as of the day.
func (e *Explainer) Explain(ctx context.Context, q Question) (Answer, error) {
	a := Answer{Question: q}
	if err := policies.Require(ctx, policies.AccessExplain); err != nil {
		return a, err
	}
	if a.On == "" {
		a.On = e.svc.db.Today()
	}
	var err error
	if a.Person, err = e.svc.User(ctx, q.User); err != nil {
		return a, err
	}
	row, err := e.svc.db.OwnerOf(ctx, e.kinds[q.Kind], q.Object)
	if err != nil {
		return a, err
	}
	held, err := e.svc.Assignments(ctx, q.User)
	if err != nil {
		return a, err
	}
	if a.Assignments, err = e.judge(held, a.Permission, row, a.On); err != nil {
		return a, err
	}
	a.conclude()
	return a, nil
}

func (e *Explainer) judge(held []Assignment, perm policies.Permission, row policies.Row, on code.Day) ([]Judged, error) {
	all := []Judged{}
	for _, as := range held {
		j := Judged{Assignment: as, Valid: as.policy().On(on), Validity: validity(as, on)}
		var err error
		if j.Explanation, err = e.svc.db.Policy.Explain(as.policy(), perm, row); err != nil {
			return nil, err
		}
		all = append(all, j)
	}
	return all, nil
}

func validity(a Assignment, on code.Day) fault.Text {
	switch {
	case lastDay(a) < a.StartsOn:
		return fault.T("任职在开始前已经取消")
	case on < a.StartsOn:
		return fault.T("任职从 {{.Day}} 开始，{{.On}} 还没有生效", "Day", string(a.StartsOn), "On", string(on))
	case on > lastDay(a):
		return fault.T("任职到 {{.Day}} 为止，{{.On}} 已经结束", "Day", string(lastDay(a)), "On", string(on))
	}
	return fault.T("任职在 {{.On}} 有效", "On", string(on))
}

// disabledOn reports whether the account was disabled by the end of that day, as
// far as its present state tells.
func (u User) disabledOn(day code.Day) bool {
	return u.DisabledAt != nil && code.DayOf(*u.DisabledAt) <= day
}

// conclude draws the answer from the assignments, asking in the order of the gates.
func (a *Answer) conclude() {
	valid := slices.ContainsFunc(a.Assignments, func(j Judged) bool { return j.Valid })
	lines := slices.ContainsFunc(a.Assignments, func(j Judged) bool { return j.Valid && len(j.Explanation.Lines) > 0 })
	allowed := slices.ContainsFunc(a.Assignments, Judged.counts)
	switch {
	case a.Person.disabledOn(a.On):
		a.Why, a.Detail = WhyDisabled, fault.T("账号已经停用，不能登录")
	case !valid:
		a.Why, a.Detail = WhyUnassigned, fault.T("{{.On}} 没有有效的任职", "On", string(a.On))
	case !lines:
		a.Why, a.Detail = WhyLacking, fault.T("有效任职的角色都没有权限 {{.Permission}}，回答是 403", "Permission", string(a.Permission))
	case !allowed:
		a.Why, a.Detail = WhyOutside, fault.T("角色有权限 {{.Permission}}，但这条记录不在任职的范围内，回答是 404", "Permission", string(a.Permission))
	default:
		a.Allowed, a.Why, a.Detail = true, WhyAllowed, fault.T("可以：至少一项有效任职的范围包括这条记录")
	}
}
