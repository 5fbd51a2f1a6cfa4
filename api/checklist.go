package api

import (
	"context"

	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/assessment"
)

type assessmentChecklistView struct {
	Warned
	Version  string             `json:"version"`
	Title    string             `json:"title"`
	Official bool               `json:"official" doc:"正式印发的文本；false 为自拟"`
	Source   string             `json:"source" doc:"出处"`
	PassMark string             `json:"passMark" doc:"认定分数线"`
	Levels   []levelView        `json:"levels"`
	Items    []assessedItemView `json:"items"`
	Vetoes   []vetoView         `json:"vetoes" doc:"否决项"`
}

type levelView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	From string `json:"from" doc:"从这个分数起（含）"`
}

type scoringView struct {
	By            string  `json:"by" enum:"step,share" doc:"step 按档得分；share 按比例得分"`
	FullPercent   int64   `json:"fullPercent" doc:"step：从这个百分数起得满分"`
	FloorPercent  int64   `json:"floorPercent" doc:"低于这个百分数得 0 分"`
	PartialPoints *string `json:"partialPoints" nullable:"true" doc:"step：两档之间的得分"`
}

// scoringOf is nil for what people judge.
func scoringOf(i assessment.ItemInput) *scoringView {
	if i.Metric == "" {
		return nil
	}
	return &scoringView{i.Scoring, i.FullPercent, i.FloorPercent, orNull(i.PartialPoints)}
}

type assessedItemView struct {
	ID          string       `json:"id"`
	Dimension   int          `json:"dimension"`
	Name        string       `json:"name"`
	Points      string       `json:"points" doc:"分值"`
	Kind        string       `json:"kind" enum:"document,onsite,ratio,metric"`
	Full        string       `json:"full" doc:"满分的条件"`
	Partial     string       `json:"partial" doc:"部分得分的条件"`
	Evidence    []string     `json:"evidence" doc:"需要的佐证"`
	AppliesWhen string       `json:"appliesWhen" doc:"适用的条件，空为总是适用"`
	Metric      *string      `json:"metric" nullable:"true" doc:"由登记数据计算的比例；null 为人工评分"`
	Scoring     *scoringView `json:"scoring,omitempty" doc:"由登记数据计算的怎样得分；没有的为人工评分"`
	Source      string       `json:"source" doc:"依据"`
	Confidence  string       `json:"confidence"`
}

type vetoView struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
}

// inLanguage is the Chinese text, or the English one for who asks for it and where there is one.
func inLanguage(lang words.Lang, zh, en string) string {
	if lang == words.English && en != "" {
		return en
	}
	return zh
}

func checklistOf(lang words.Lang, c assessment.Checklist) assessmentChecklistView {
	v := assessmentChecklistView{Version: c.Version, Title: inLanguage(lang, c.Title, c.TitleEn), Official: c.Official, Source: c.Source, PassMark: c.ChecklistInput.PassMark,
		Levels: []levelView{}, Items: []assessedItemView{}, Vetoes: []vetoView{}}
	for _, l := range c.Levels {
		v.Levels = append(v.Levels, levelView{l.ID, inLanguage(lang, l.Name, l.NameEn), l.From})
	}
	for _, i := range c.ChecklistInput.Items {
		v.Items = append(v.Items, assessedItemView{i.ID, i.Dimension, inLanguage(lang, i.Name, i.NameEn), i.Points, i.Kind, inLanguage(lang, i.Full, i.FullEn),
			inLanguage(lang, i.Partial, i.PartialEn), list0(i.Evidence), i.AppliesWhen, orNull(i.Metric), scoringOf(i), i.Source, i.Confidence})
	}
	for _, x := range c.VetoItems {
		v.Vetoes = append(v.Vetoes, vetoView{x.ID, inLanguage(lang, x.Name, x.NameEn), x.Source, x.Confidence})
	}
	return v
}

type checklistParam struct {
	Version string `path:"version" maxLength:"40" doc:"版本名"`
}

type checklistOutput struct{ Body assessmentChecklistView }

func (h assessmentAPI) getChecklist(ctx context.Context, in *checklistParam) (*checklistOutput, error) {
	c, err := h.svc.Checklist(ctx, in.Version)
	return &checklistOutput{checklistOf(requestOf(ctx).lang, c)}, err
}

func (h assessmentAPI) listChecklists(ctx context.Context, _ *struct{}) (*list[assessmentChecklistView], error) {
	all, err := h.svc.Checklists(ctx)
	return listOf(models.Page[assessment.Checklist]{Items: all}, func(c assessment.Checklist) assessmentChecklistView { return checklistOf(requestOf(ctx).lang, c) }), err
}

func (h assessmentAPI) loadChecklist(ctx context.Context, in *Payload[assessment.ChecklistInput]) (*checklistOutput, error) {
	c, err := h.svc.Load(ctx, in.Body)
	v := checklistOf(requestOf(ctx).lang, c)
	v.warn([]ProblemItem{})
	return &checklistOutput{v}, err
}
