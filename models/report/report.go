// Package report puts together what an office sends on: tables and a paragraph about a
// day, from the answers of the other rooms and under the reader's rights. The same
// question about the same number of the log gives the same report, to the byte.
package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/export"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Report is one report: its data part is all of it. Who made it and when is a cover
// around it (decision 22).
type Report struct {
	Name     string
	Title    fault.Text
	AsOf     code.Day // "" for the paper of one record
	Of       string   // the number of that
	KnownSeq *int64   // number of the newest change that is counted in; nil for what is told as it stands now
	About    []export.Said
	Said     []fault.Text // paragraphs
	Tables   []Table
	Wide     bool // its tables want a sheet of A3 across
}

// Table is one table of a report.
type Table struct {
	Title   fault.Text
	Columns []export.Column
	Rows    [][]export.Cell
	Sources []Source // what the cells of a declaration are made of
}

// Digest is the SHA-256 of the data part, as it reads in Chinese.
func (r Report) Digest() string {
	type table struct {
		Title   string
		Columns []string
		Rows    [][]string
		Sources []Source `json:",omitempty"`
	}
	part := struct {
		Name, Title, AsOf string
		KnownSeq          *int64
		About, Said       []string
		Tables            []table
	}{Name: r.Name, Title: r.Title.String(), AsOf: string(r.AsOf), KnownSeq: r.KnownSeq}
	for _, a := range r.About {
		part.About = append(part.About, a.What.String(), a.Is.String())
	}
	for _, s := range r.Said {
		part.Said = append(part.Said, s.String())
	}
	for _, t := range r.Tables {
		x := table{Title: t.Title.String(), Sources: t.Sources}
		for _, c := range t.Columns {
			x.Columns = append(x.Columns, c.Title.String())
		}
		for _, row := range t.Rows {
			var cells []string
			for _, c := range row {
				cells = append(cells, c.String())
			}
			x.Rows = append(x.Rows, cells)
		}
		part.Tables = append(part.Tables, x)
	}
	b, _ := json.Marshal(part) // strings always encode
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Question is what a report is asked for. A day or an instant of knowing becomes a
// number of the log; a number may be asked for at once.
type Question struct {
	AsOf      code.Day
	KnownAsOf string
	KnownSeq  *int64
	ParkID    string
	// Of a declaration: whose it is, beside the park or instead of it, and over which
	// period up to the day.
	EnterpriseID string
	Period       Period
}

// Kind is one report that can be asked for.
type Kind struct {
	Name  string
	Title fault.Text
	For   fault.Text // what it is for
	Park  bool       // it is about one park
	Past  bool       // it is about a day, as it was known
	Firm  bool       // it is a declaration: about a firm, or about the firms of a park
	Over  []Period   // what it may be about; the first unless another is asked for
	needs []policies.Permission
	make  func(s *Service, ctx context.Context, q Question) (Report, error)
}

// Kinds are all reports.
func Kinds() []Kind {
	return []Kind{
		{Name: "monthly", Title: fault.T("试点进展月报"), For: fault.T("到某一天的进展：一段话、六个方面、各区、各园区、逐月"), Past: true, needs: []policies.Permission{policies.ProgressRead}, make: (*Service).monthly},
		{Name: "overdue", Title: fault.T("逾期清单"), For: fault.T("到某一天为止 30 天内缺报的台账，以及整改逾期的问题"), Past: true,
			needs: []policies.Permission{policies.ProgressRead, policies.LedgerRead, policies.FindingRead}, make: (*Service).overdue},
		{Name: "park", Title: fault.T("一园一档"), For: fault.T("一个园区现在的登记：概况、六个方面、企业、许可证、设施、排放口、问题"), Park: true,
			needs: []policies.Permission{policies.ParkRead, policies.ProgressRead, policies.FacilityRead, policies.FindingRead}, make: (*Service).park},
		{Name: "execution", Title: fault.T("排污许可证执行报告数据表"), For: fault.T("按季度，由台账预填：生产、治理设施、监测、实际排放量、超标、异常、固体废物"), Past: true, Firm: true, Over: []Period{Quarter}, needs: declaring(), make: (*Service).execution},
		{Name: "solidWaste", Title: fault.T("固体废物申报数据表"), For: fault.T("按月、季度或者年，由台账预填：危险废物、一般工业固体废物的产生、贮存、利用、处置"), Past: true, Firm: true, Over: []Period{Quarter, Month, Year}, needs: declaring(), make: (*Service).solidWaste},
		{Name: "access", Title: fault.T("权限矩阵"), For: fault.T("各角色的权限和范围，以及各人当日有效的任职"), needs: []policies.Permission{policies.AssignmentRead, policies.UserRead}, make: (*Service).access},
	}
}

// declaring is what a declaration is read under.
func declaring() []policies.Permission {
	return []policies.Permission{policies.LedgerRead, policies.EnterpriseRead, policies.SiteRead, policies.PermitRead, policies.FacilityRead, policies.ShutdownRead}
}

// Service is the door to reports.
type Service struct {
	db    *models.DB
	rooms Rooms
}

// Rooms are the services that reports are read from.
type Rooms struct {
	Registry    *registry.Service
	Ledger      *ledger.Service
	Obligations *obligation.Service
	Inspection  *inspection.Service
	Progress    *progress.Service
	Accounts    *account.Service
	Audit       *audit.Service
}

// New makes the service.
func New(db *models.DB, rooms Rooms) *Service { return &Service{db, rooms} }

// Kinds are the reports that the caller may have.
func (s *Service) Kinds(ctx context.Context) []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool { return k.may(ctx) != nil })
}

func (k Kind) may(ctx context.Context) error {
	for _, need := range k.needs {
		if err := policies.Require(ctx, need); err != nil {
			return err
		}
	}
	return nil
}

// Make makes a report at one moment. Absent for an unknown name.
func (s *Service) Make(ctx context.Context, name string, q Question) (r Report, err error) {
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return r, fault.Absent()
	}
	k := all[i]
	if err := k.may(ctx); err != nil {
		return r, err
	}
	if err := k.fits(q); err != nil {
		return r, err
	}
	if q.Period == "" && len(k.Over) > 0 {
		q.Period = k.Over[0]
	}
	err = s.db.Snapshot(ctx, func(ctx context.Context) error {
		r, err = k.make(s, ctx, q)
		return err
	})
	r.Name, r.Title = k.Name, k.Title
	return r, err
}

// fits refuses what the report does not take: an answer about another day than was asked
// for would be worse than none.
func (k Kind) fits(q Question) error {
	var c fault.Check
	switch {
	case k.Firm && q.ParkID == "" && q.EnterpriseID == "":
		c.Cite("/query/enterpriseId", "required", "", "", "写明企业或者园区")
	case k.Firm:
		fault.Parse(&c, "/query/parkId", q.ParkID, models.ParseID)
	case k.Park:
		fault.Must(&c, "/query/parkId", q.ParkID, models.ParseID)
	case q.ParkID != "":
		c.Cite("/query/parkId", "unknown", "", q.ParkID, "这份报表不按园区出")
	}
	if k.Firm {
		fault.Parse(&c, "/query/enterpriseId", q.EnterpriseID, models.ParseID)
	} else if q.EnterpriseID != "" {
		c.Cite("/query/enterpriseId", "unknown", "", q.EnterpriseID, "这份报表不按企业出")
	}
	if q.Period != "" && !slices.Contains(k.Over, q.Period) {
		c.Cite("/query/period", "enum", "", string(q.Period), "这份报表不按这个期间出")
	}
	if !k.Past && (q.AsOf != "" || q.KnownAsOf != "" || q.KnownSeq != nil) {
		c.Cite("/query/asOf", "unknown", "", string(q.AsOf), "这份报表只有现在的")
	}
	fault.Parse(&c, "/query/asOf", string(q.AsOf), code.ParseDay)
	return c.Err()
}

// Note records that somebody took a report out as a file.
func (s *Service) Note(ctx context.Context, r Report, format string) error {
	return s.db.Write(ctx, func(tx *models.Tx) error {
		return audit.Write(tx, audit.Note{Action: "export", Outcome: audit.Done, Kind: "report", Object: r.Name, Reason: format + " " + r.about() + " sha256=" + r.Digest()})
	})
}

// about is what the report is about, for the trail.
func (r Report) about() string {
	if r.Of != "" {
		return "of=" + r.Of
	}
	return "asOf=" + string(r.AsOf)
}

func text(title fault.Text) export.Column   { return export.Column{Title: title} }
func number(title fault.Text) export.Column { return export.Column{Title: title, Number: true} }
func plain(s string) export.Cell            { return fault.Named(s, s) }
