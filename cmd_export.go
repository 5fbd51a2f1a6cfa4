package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// exporting is `park export`.
func (p *program) exporting() *cobra.Command {
	var as, file, format string
	names := slices.Sorted(maps.Keys(exports))
	cmd := &cobra.Command{
		Use: "export LIST", Short: "导出为 CSV 或 .xlsx · export a list as CSV or .xlsx", Args: exactly("LIST"),
		Long: "LIST: " + strings.Join(names, ", ") + "\n" +
			"以 --as 指定的账号导出时只有该账号看得到的行；不含个人信息；会留下审计记录。\n" +
			"With --as only the rows that this account may see. No personal fields. Leaves an audit record.",
		RunE: func(cmd *cobra.Command, args []string) error {
			list, ok := exports[args[0]]
			if !ok {
				return usageError{fmt.Errorf("unknown list %q, expected one of %s", args[0], strings.Join(names, ", "))}
			}
			if format == "" {
				format = map[bool]string{true: "xlsx", false: "csv"}[strings.HasSuffix(file, ".xlsx")]
			}
			if format != "csv" && format != "xlsx" {
				return usageError{fmt.Errorf("unknown format %q, expected csv or xlsx", format)}
			}
			return p.with(cmd, func(ctx context.Context, s people) error {
				if as != "" {
					actor, err := s.accounts.ActorNamed(ctx, as)
					if err != nil {
						return err
					}
					ctx = policies.With(ctx, actor)
				}
				out, finish, err := p.output(file)
				if err != nil {
					return err
				}
				n, err := list.export(ctx, s.db, func() (rowWriter, error) {
					if format == "csv" {
						return sheets.NewWriter(out, file != "", list.header...)
					}
					return p.workbook(out, args[0], as, s.db.Now(), list)
				})
				if err = errors.Join(err, finish(err == nil)); err != nil {
					return err
				}
				err = s.db.Write(ctx, func(tx *models.Tx) error {
					return audit.Write(tx, audit.Note{Action: "export", Outcome: audit.Done, Kind: args[0], Reason: strconv.Itoa(n) + " rows"})
				})
				if err == nil && file != "" {
					_, _ = fmt.Fprintf(p.err, "%d rows in %s\n", n, file)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "以这个账号的范围导出 · export what this account may see")
	cmd.Flags().StringVar(&file, "out", "", "写入文件，默认标准输出 · write to a file")
	cmd.Flags().StringVar(&format, "format", "", "csv 或者 xlsx，默认按文件名，否则 csv · csv or xlsx; by the name of the file, else csv")
	return withSettings(cmd)
}

// workbook begins a workbook that says on its second sheet what is in the first.
func (p *program) workbook(out io.Writer, list, as string, now time.Time, of exporter) (*sheets.Workbook, error) {
	w, err := sheets.NewWorkbook(out, list, of.numbers, of.header...)
	if err != nil {
		return nil, err
	}
	say := func(t fault.Text) string { return words.Render(p.lang, t) }
	scope, operator := say(fault.T("全部")), say(fault.T("命令行"))
	if as != "" {
		scope, operator = say(fault.T("账号 {{.User}} 看得到的行", "User", as)), as
	}
	w.About(say(fault.T("清单")), list)
	w.About(say(fault.T("范围")), scope)
	w.About(say(fault.T("导出时间")), instant(&now))
	w.About(say(fault.T("操作人")), operator)
	return w, nil
}

// output is standard output, or a file that exists only when it is complete.
func (p *program) output(file string) (io.Writer, func(ok bool) error, error) {
	if file == "" {
		return p.out, func(bool) error { return nil }, nil
	}
	partial := file + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return f, func(ok bool) error {
		err := errors.Join(f.Sync(), f.Close())
		if !ok || err != nil {
			return errors.Join(err, os.Remove(partial))
		}
		return os.Rename(partial, file)
	}, nil
}

// rowWriter takes the rows of a list in one form or another.
type rowWriter interface {
	Row(cells ...string) error
	Rows() int
	Close() error
	Discard() error
}

// exporter reads one list; numbers are the columns that hold numbers.
type exporter struct {
	header, numbers []string
	rows            func(ctx context.Context, db *models.DB, row func(cells ...string) error) error
}

// export writes the list and says how many rows it has.
func (e exporter) export(ctx context.Context, db *models.DB, open func() (rowWriter, error)) (int, error) {
	w, err := open()
	if err != nil {
		return 0, err
	}
	err = e.rows(ctx, db, w.Row)
	if err != nil {
		return w.Rows(), errors.Join(err, w.Discard()) // a list that is refused at once has written nothing, not even its header
	}
	return w.Rows(), w.Close()
}

var exports = map[string]exporter{
	"parks": table(func(ctx context.Context, db *models.DB, q models.Query) (models.Page[registry.Park], error) {
		return registry.New(db, nil).Parks(ctx, registry.ParkFilter{}, q)
	}, func(r registry.Park) []string {
		return []string{string(r.ID), r.Code, models.Deref(r.Name), models.Deref(r.Jurisdiction), yes(r.PilotConfirmed), r.Address, r.Source, r.Confidence, day(r.ClosedOn)}
	}, "id", "code", "name", "jurisdiction", "pilotConfirmed", "address", "source", "confidence", "closedOn"),

	"enterprises": table(func(ctx context.Context, db *models.DB, q models.Query) (models.Page[registry.Enterprise], error) {
		return registry.New(db, nil).Enterprises(ctx, registry.EnterpriseFilter{}, q)
	}, func(r registry.Enterprise) []string {
		return []string{string(r.ID), r.CreditCode, r.Name, strings.Join(r.Industries, ";"), r.PermitClass, r.RiskLevel, yes(r.Discharges), day(r.ClosedOn)}
	}, "id", "creditCode", "name", "industries", "permitClass", "riskLevel", "discharges", "closedOn"),

	"permits": table(func(ctx context.Context, db *models.DB, q models.Query) (models.Page[registry.Permit], error) {
		return registry.New(db, nil).Permits(ctx, registry.PermitFilter{}, q)
	}, func(r registry.Permit) []string {
		return append(placed(r.ID, r.Placed), r.Number, r.Kind, r.Class, r.State, string(r.IssuedOn), string(r.ValidTo), r.Authority, day(r.ClosedOn))
	}, "id", "parkId", "siteId", "enterpriseId", "number", "kind", "class", "state", "issuedOn", "validTo", "authority", "closedOn"),

	"facilities": table(func(ctx context.Context, db *models.DB, q models.Query) (models.Page[registry.Facility], error) {
		return registry.New(db, nil).Facilities(ctx, registry.FacilityFilter{}, q)
	}, func(r registry.Facility) []string {
		return append(placed(r.ID, r.Placed), r.Code, r.Kind, r.Name, r.Capacity, r.CapacityUnit, yes(r.InUse), day(r.ClosedOn))
	}, "id", "parkId", "siteId", "enterpriseId", "code", "kind", "name", "capacity", "capacityUnit", "inUse", "closedOn").numbered("capacity"),

	"ledgers": table(func(ctx context.Context, db *models.DB, q models.Query) (models.Page[ledger.Record], error) {
		return ledger.New(db).List(ctx, ledger.Filter{}, q)
	}, func(r ledger.Record) []string {
		return append(placed(r.ID, r.Placed), r.Number, r.Class, r.Condition, string(r.Day), r.Slot, string(r.State), instant(&r.ReceivedAt), instant(r.FiledAt))
	}, "id", "parkId", "siteId", "enterpriseId", "number", "class", "condition", "day", "slot", "state", "receivedAt", "filedAt"),

	"findings": table(func(ctx context.Context, db *models.DB, q models.Query) (models.Page[inspection.Finding], error) {
		return inspection.New(db, nil).Findings(ctx, inspection.FindingFilter{}, q)
	}, func(r inspection.Finding) []string {
		return append(placed(r.ID, r.Placed), r.Number, strconv.Itoa(r.Dimension), string(r.Severity), string(r.State), r.Description, string(r.OpenedOn), day(r.DueOn), day(r.ClosedOn))
	}, "id", "parkId", "siteId", "enterpriseId", "number", "dimension", "severity", "state", "description", "openedOn", "dueOn", "closedOn").numbered("dimension"),
}

// table makes an exporter of a list that is read page by page.
func table[T any](list func(context.Context, *models.DB, models.Query) (models.Page[T], error), cells func(T) []string, header ...string) exporter {
	return exporter{header: header, rows: func(ctx context.Context, db *models.DB, row func(cells ...string) error) error {
		return pages(func(q models.Query) (models.Page[T], error) { return list(ctx, db, q) }, func(r T) error { return row(cells(r)...) })
	}}
}

// numbered says which columns of a list hold numbers.
func (e exporter) numbered(columns ...string) exporter {
	e.numbers = columns
	return e
}

func placed(id models.ID, p models.Placed) []string {
	return []string{string(id), string(p.ParkID), string(models.Deref(p.SiteID)), string(models.Deref(p.EnterpriseID))}
}

func yes(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func day(d *code.Day) string { return string(models.Deref(d)) }

func instant(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(code.Zone).Format(time.RFC3339)
}
