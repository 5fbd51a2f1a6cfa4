package api

import (
	"cmp"
	"context"
	"math/big"
	"strconv"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/progress"
)

type progressAPI struct{ svc *progress.Service }

type dimensionView struct {
	Dimension int      `json:"dimension" minimum:"1" maximum:"6" doc:"1 至 6，对应复函的六个方面"`
	Name      string   `json:"name"`
	Score     *float64 `json:"score" nullable:"true" doc:"得分 / 适用分值 × 100，一位小数；还没有可计算的项目时为 null"`
	Met       int      `json:"met" doc:"满分的项目数"`
	Required  int      `json:"required" doc:"适用的项目数；区核定之前只计由登记数据计算的项目"`
	Pending   int      `json:"pending" doc:"等待评估的项目数"`
	Reasons   string   `json:"reasons,omitempty" format:"uri-reference" doc:"这些数从哪里来"`

	Links DimensionLinks `json:"links" doc:"met、required、pending 各自所计的全部项目"`
}

type countsView struct {
	LedgersFiled       int64 `json:"ledgersFiled" doc:"已报送（含已确认）的台账"`
	LedgersFiledRecent int64 `json:"ledgersFiledRecent" doc:"其中最近 30 天的"`
	LedgersAccepted    int64 `json:"ledgersAccepted"`
	LedgersLate        int64 `json:"ledgersLate"`
	LedgersReturned    int64 `json:"ledgersReturned" doc:"退回待重报"`
	FindingsOpened     int64 `json:"findingsOpened"`
	FindingsOpen       int64 `json:"findingsOpen" doc:"未销号"`
	FindingsClosed     int64 `json:"findingsClosed" doc:"已销号"`
	FindingsReferred   int64 `json:"findingsReferred"`
	FindingsOverdue    int64 `json:"findingsOverdue" doc:"逾期：已发整改通知，到期没有提交整改"`
	Patrols            int64 `json:"patrols"`
	Inspections        int64 `json:"inspections"`
}

type standingView struct {
	Overall    *float64        `json:"overall" nullable:"true" doc:"六个方面合计，口径同 score"`
	Dimensions []dimensionView `json:"dimensions"`
	Counts     countsView      `json:"counts"`
	Links      CountsLinks     `json:"links" doc:"counts 中每个数所计的全部记录"`
}

type parkProgressView struct {
	ParkID       models.ID       `json:"parkId" format:"uuid"`
	Code         string          `json:"code"`
	Name         *string         `json:"name" nullable:"true"`
	Jurisdiction *string         `json:"jurisdiction" nullable:"true"`
	Checklist    string          `json:"checklist" doc:"评分所用的检查表版本"`
	Assessment   *string         `json:"assessment" nullable:"true" doc:"区已核定的评估，见 /assessments；null 为还没有，只计由登记数据计算的项目"`
	AssessedOn   *code.Day       `json:"assessedOn" nullable:"true" doc:"区完成核查的日期"`
	Overall      *float64        `json:"overall" nullable:"true"`
	Dimensions   []dimensionView `json:"dimensions"`
	Counts       countsView      `json:"counts"`
	Links        CountsLinks     `json:"links" doc:"counts 中每个数所计的全部记录"`
}

type progressView struct {
	AsOf      code.Day           `json:"asOf" doc:"截止日期，按 UTC+8 计到当天结束"`
	KnownSeq  int64              `json:"knownSeq" doc:"计入的最后一个变更序号"`
	Checklist string             `json:"checklist" doc:"所用检查表的版本；没有公开的正式文本，为自拟"`
	Parks     []parkProgressView `json:"parks"`
	Totals    standingView       `json:"totals"`
	Districts []districtTotals   `json:"districts" doc:"各辖区的园区合计，按官方次序"`
	Trend     []monthView        `json:"trend" doc:"十二个月，各月末（最后一个为截止日期）全部园区的合计，最早的在前"`
}

type districtTotals struct {
	District   string          `json:"jurisdiction" doc:"辖区；none 为辖区还没有公布的园区"`
	Name       string          `json:"name"`
	Parks      int             `json:"parks"`
	Overall    *float64        `json:"overall" nullable:"true"`
	Dimensions []dimensionView `json:"dimensions"`
	Counts     countsView      `json:"counts"`
	Links      CountsLinks     `json:"links" doc:"counts 中每个数所计的全部记录"`
}

// ProgressParams are the day that a report is about, and what was known of it.
type ProgressParams struct {
	AsOf      string `query:"asOf" format:"date" doc:"截止日期，按 UTC+8 计到当天结束；默认今天 · the day, to its end"`
	KnownAsOf string `query:"knownAsOf" maxLength:"40" doc:"只计到这一天结束或者这一刻（RFC 3339）为止已经编号的变更，默认最新 · only what had been numbered by then"`
	KnownSeq  string `query:"knownSeq" maxLength:"19" doc:"只计到这个变更序号为止，与 knownAsOf 只填一个 · only changes up to this number"`
}

func (p ProgressParams) question() (progress.Question, error) {
	var c fault.Check
	q := progress.Question{AsOf: fault.Parse(&c, "/query/asOf", p.AsOf, code.ParseDay), KnownAsOf: p.KnownAsOf}
	q.KnownSeq = knownSeq(&c, p.KnownSeq)
	return q, c.Err()
}

// knownSeq is a number of the log as a parameter has it; nil for none.
func knownSeq(c *fault.Check, raw string) *int64 {
	if raw == "" {
		return nil
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || n < -1 {
		c.Cite("/query/knownSeq", "format", "", raw, "变更序号是从 0 起的整数，-1 表示还没有变更")
	}
	return &n
}

type progressOutput struct{ Body progressView }

func (h progressAPI) report(ctx context.Context, in *ProgressParams) (*progressOutput, error) {
	q, err := in.question()
	if err != nil {
		return nil, err
	}
	r, err := h.svc.Report(ctx, q)
	if err != nil {
		return nil, err
	}
	lang := requestOf(ctx).lang
	all := ofAll(r.AsOf, r.KnownSeq)
	out := &progressOutput{progressView{AsOf: r.AsOf, KnownSeq: r.KnownSeq, Checklist: r.Version, Parks: make([]parkProgressView, len(r.Parks)), Totals: standingOf(lang, r.Totals, all, ""),
		Districts: districtsOf(lang, r), Trend: trendOf(r)}}
	for i, p := range r.Parks {
		s := standingOf(lang, p.Standing, all.park(p.Park.ID), base+"/parks/"+string(p.Park.ID)+"/progress?"+string(all[1:])+"&dimension=")
		out.Body.Parks[i] = parkProgressView{p.Park.ID, p.Park.Code, p.Park.Name, p.Park.Jurisdiction, p.Basis.List.Version, orNull(string(p.Basis.Assessment)), models.Ref(p.Basis.On), s.Overall, s.Dimensions, s.Counts, s.Links}
	}
	return out, nil
}

// standingOf has the addresses of what each number is made of; those of a park's reasons
// begin with reasons and end with the number of the dimension.
func standingOf(lang words.Lang, s progress.Standing, of whose, reasons string) standingView {
	v := standingView{Overall: tenths(s.Overall), Dimensions: make([]dimensionView, len(s.Dimensions)), Counts: countsView(s.Counts), Links: of.counts()}
	for i, d := range s.Dimensions {
		n := d.Dimension.Number
		v.Dimensions[i] = dimensionView{n, words.Render(lang, d.Dimension.Name), tenths(d.Score), d.Met, d.Required, d.Pending, "", of.dimension(n)}
		if reasons != "" {
			v.Dimensions[i].Reasons = reasons + strconv.Itoa(n)
		}
	}
	return v
}

func districtsOf(lang words.Lang, r progress.Report) []districtTotals {
	all := r.Districts()
	out := make([]districtTotals, len(all))
	for i, d := range all {
		slug, name := cmp.Or(d.Jurisdiction, progress.NoDistrict), districtName(lang, code.Jurisdiction(d.Jurisdiction))
		s := standingOf(lang, d.Standing, ofAll(r.AsOf, r.KnownSeq).district(slug), "")
		out[i] = districtTotals{slug, name, d.Parks, s.Overall, s.Dimensions, s.Counts, s.Links}
	}
	return out
}

// districtName is empty for the parks without a district.
func districtName(lang words.Lang, j code.Jurisdiction) string {
	if lang == words.English {
		return j.English()
	}
	return j.Name()
}

// tenths is a score as people read it: one decimal, halves away from zero.
func tenths(r *big.Rat) *float64 {
	if r == nil {
		return nil
	}
	ten := new(big.Rat).Mul(r, big.NewRat(10, 1))
	ten.Add(ten, big.NewRat(1, 2))
	n := new(big.Int).Quo(ten.Num(), ten.Denom())
	f := float64(n.Int64()) / 10
	return &f
}
