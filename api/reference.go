package api

import (
	"context"
	"encoding/json"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

type districtView struct {
	Slug       string `json:"slug" doc:"属地代号，园区的 jurisdiction"`
	Name       string `json:"name"`
	NameEn     string `json:"nameEn"`
	GB2260     string `json:"gb2260" doc:"GB/T 2260 代码；功能区没有代码，为空"`
	Kind       string `json:"kind"`
	Branch     string `json:"branch" doc:"市生态环境局派出机构"`
	Note       string `json:"note"`
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
}

func (h registryAPI) listDistricts(ctx context.Context, _ *none) (*list[districtView], error) {
	all, err := h.svc.Districts(ctx)
	return listOf(models.Page[registry.District]{Items: all}, func(d registry.District) districtView {
		return districtView{d.Slug, d.NameZh, d.NameEn, d.GB2260, d.Kind, d.BranchZh, d.Note, d.Source, d.Confidence}
	}), err
}

type streetView struct {
	Code         string `json:"code" doc:"9 位"`
	Name         string `json:"name"`
	Jurisdiction string `json:"jurisdiction"`
	GB2260       string `json:"gb2260" doc:"代码所在的区县，不等于属地"`
	Source       string `json:"source"`
	Confidence   string `json:"confidence"`
}

type listStreetsInput struct {
	Jurisdiction code.Jurisdiction `query:"jurisdiction" maxLength:"40"`
}

func (h registryAPI) listStreets(ctx context.Context, in *listStreetsInput) (*list[streetView], error) {
	all, err := h.svc.Streets(ctx, string(in.Jurisdiction))
	return listOf(models.Page[registry.Street]{Items: all}, func(s registry.Street) streetView {
		return streetView{s.Code, s.NameZh, s.Jurisdiction, s.GB2260, s.Source, s.Confidence}
	}), err
}

type referenceView struct {
	Code       string          `json:"code"`
	Name       string          `json:"name"`
	NameEn     string          `json:"nameEn"`
	Data       json.RawMessage `json:"data" doc:"这一行的各列"`
	Source     string          `json:"source"`
	Confidence string          `json:"confidence"`
}

type referencesInput struct {
	List string `path:"list" maxLength:"60" doc:"列表名称，例 pollutants、discharge_limits"`
}

func (h registryAPI) listReferences(ctx context.Context, in *referencesInput) (*list[referenceView], error) {
	all, err := h.svc.References(ctx, in.List)
	return listOf(models.Page[registry.ReferenceItem]{Items: all}, func(r registry.ReferenceItem) referenceView {
		return referenceView{r.Code, r.NameZh, r.NameEn, json.RawMessage(r.Data), r.Source, r.Confidence}
	}), err
}

type hitView struct {
	Kind   string     `json:"kind" enum:"park,enterprise,permit,facility"`
	ID     models.ID  `json:"id" format:"uuid"`
	ParkID *models.ID `json:"parkId" nullable:"true"`
	Label  string     `json:"label"`
	Code   string     `json:"code"`
}

type searchInput struct {
	Q string `query:"q" required:"true" minLength:"1" maxLength:"100" doc:"名称、别名、编码、许可证编号开头或者拼音首字母"`
}

func (h registryAPI) search(ctx context.Context, in *searchInput) (*list[hitView], error) {
	hits, err := h.svc.Search(ctx, in.Q)
	return listOf(models.Page[registry.Hit]{Items: hits}, func(x registry.Hit) hitView {
		return hitView{string(x.Kind), x.ID, x.ParkID, x.Label, x.Code}
	}), err
}
