package export

import (
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/assessment"
	"parkregistry/models/grade"
	"parkregistry/policies"
)

// judgedLists are the lists of what is assessed and graded.
func judgedLists() []List {
	var levels []string
	for _, l := range grade.Levels() {
		levels = append(levels, l.ID)
	}
	return []List{
		{Name: "assessments", Title: fault.T("六维评估"), Need: policies.AssessmentRead, sort: "-year", read: assessments,
			Columns: []Column{number(fault.T("年度")), text(fault.T("园区名称")), text(fault.T("状态")), number(fault.T("轮次")), text(fault.T("自评提交")), text(fault.T("区核查")), number(fault.T("核定得分")), text(fault.T("等级")), text(fault.T("否决")), text(fault.T("检查表"))},
			Filters: []Filter{byPark(), oneOf("state", fault.T("状态"), assessment.States(), assessment.State.Name), {"year", fault.T("年度"), assessment.IsYear, asItIs}}},
		{Name: "grades", Title: fault.T("企业评级"), Need: policies.GradeRead, sort: "-day", read: grades,
			Columns: []Column{text(fault.T("日期")), text(fault.T("企业名称")), text(fault.T("评级种类")), text(fault.T("季度")), text(fault.T("等级")), number(fault.T("得分")), text(fault.T("状态")), text(fault.T("整改期限")), text(fault.T("整改逾期")), text(fault.T("规则"))},
			Filters: []Filter{byFirm(), oneOf("kind", fault.T("评级种类"), grade.Kinds(), grade.Kind.Name), oneOf("state", fault.T("状态"), grade.States(), grade.State.Name),
				oneOf("level", fault.T("等级"), levels, gradeLevel), only("overdue", fault.T("整改逾期"))}},
	}
}

// gradeLevel is the name of a level of any rule.
func gradeLevel(id string) fault.Text {
	for _, l := range grade.Levels() {
		if l.ID == id {
			return fault.Named(l.Name, l.NameEn)
		}
	}
	return plain(id)
}

func assessments(r *reading, q models.Query) (batch, error) {
	year, _ := strconv.Atoi(r.has("year"))
	page, err := r.Assessments.List(r.ctx, assessment.Filter{ParkID: r.has("parkId"), State: assessment.State(r.has("state")), Year: year}, q)
	if err != nil {
		return batch{}, err
	}
	lists := map[string]assessment.Checklist{}
	for _, a := range page.Items {
		if _, read := lists[a.Checklist]; !read {
			if lists[a.Checklist], err = r.Assessments.Checklist(r.ctx, a.Checklist); err != nil {
				return batch{}, err
			}
		}
	}
	return rows(r, page, nobody, func(a assessment.Assessment) []Cell {
		score, level := Cell{}, Cell{}
		if a.Score != nil {
			score = plain(code.Decimal(*a.Score))
		}
		for _, l := range lists[a.Checklist].Levels {
			if l.ID == a.Level {
				level = fault.Named(l.Name, l.NameEn)
			}
		}
		return []Cell{count(a.Year), plain(r.park(a.ParkID)), a.State.Name(), count(a.Round), dayOf(a.SubmittedOn), dayOf(a.CheckedOn), score, level, is(a.Vetoed), plain(a.Checklist)}
	})
}

func grades(r *reading, q models.Query) (batch, error) {
	page, err := r.Grades.List(r.ctx, grade.Filter{EnterpriseID: r.has("enterpriseId"), Kind: grade.Kind(r.has("kind")), State: grade.State(r.has("state")), Level: r.has("level"), Overdue: r.has("overdue") != ""}, q)
	if err != nil {
		return batch{}, err
	}
	return rows(r, page, func(g grade.Grade) *models.ID { return &g.EnterpriseID }, func(g grade.Grade) []Cell {
		score, level := Cell{}, g.LevelName()
		if g.Score != nil {
			score = plain(code.Decimal(*g.Score))
		}
		return []Cell{plain(string(g.Day)), plain(r.firm(&g.EnterpriseID)), g.Kind.Name(), plain(g.Period), fault.Named(level.Name, level.NameEn), score, g.State.Name(), dayOf(g.DueOn), is(g.Overdue(r.today)), plain(g.Rule)}
	})
}
