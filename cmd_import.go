package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/jobs"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// imported is what an import did, or would do.
type imported struct {
	DryRun    bool        `json:"dryRun"`
	Rows      int         `json:"rows"`
	Added     int         `json:"added"`
	Unchanged int         `json:"unchanged"` // registered already under the same name
	Faults    int         `json:"faults"`
	Cells     []cellFault `json:"cells"` // the first thousand faults
}

// cellFault is what is wrong with one cell.
type cellFault struct {
	Cell   string `json:"cell"`
	Code   string `json:"code"`
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
}

// errDryRun undoes what a dry run has tried.
var errDryRun = errors.New("dry run")

// importing is `park import`.
func (p *program) importing() *cobra.Command {
	var as string
	var dry bool
	cmd := &cobra.Command{
		Use: "import enterprises FILE", Short: "从 .xlsx 或 CSV 导入企业名册 · import a roster of enterprises from .xlsx or CSV", Args: exactly("enterprises", "FILE"),
		Long: "全部通过才写入，有一处不符则一行也不写，并逐格列出。重复导入同一文件不产生变化。--dry-run 只检查。\n" +
			"All rows or none: every fault is listed by its cell. The same file twice changes nothing. --dry-run only checks.\n\n" +
			"列 · columns: " + columnNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "enterprises" {
				return usageError{fmt.Errorf("unknown list %q, expected enterprises", args[0])}
			}
			f, err := os.Open(args[1])
			if err != nil {
				return usageError{err}
			}
			defer func() { _ = f.Close() }()
			return p.with(cmd, func(ctx context.Context, s people) error {
				if as != "" {
					actor, err := s.accounts.ActorNamed(ctx, as)
					if err != nil {
						return err
					}
					ctx = policies.With(ctx, actor)
				}
				queue, err := jobs.New(s.db, slog.New(slog.DiscardHandler), jobs.Options{})
				if err != nil {
					return err
				}
				r, err := importRoster(ctx, s.db, registry.New(s.db, queue), f, p.lang, dry)
				if err != nil {
					return err
				}
				err = p.print(r, r.write)
				if err == nil && r.Faults > 0 {
					return errSaid
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "以这个账号的权限导入 · import as this account")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "只检查，不写入 · check only, write nothing")
	cmd.AddCommand(p.importingRows())
	return withSettings(p.withJSON(cmd))
}

func columnNames() string {
	s := ""
	for i, c := range sheets.EnterpriseColumns {
		if i > 0 {
			s += ", "
		}
		s += c.Name + " (" + c.Chinese + ")"
	}
	return s
}

func (r imported) write(w io.Writer) {
	for _, c := range r.Cells {
		_, _ = fmt.Fprintf(w, "%s: %s\n", c.Cell, c.Detail)
	}
	what := "imported"
	switch {
	case r.Faults > 0:
		what = fmt.Sprintf("%d fault(s), nothing written", r.Faults)
	case r.DryRun:
		what = "dry run, nothing written"
	}
	_, _ = fmt.Fprintf(w, "%s: %d rows, %d new, %d unchanged\n", what, r.Rows, r.Added, r.Unchanged)
}

func (r *imported) fail(lang words.Lang, cell string, v fault.Violation) {
	if r.Faults++; len(r.Cells) < sheets.MostFaults {
		r.Cells = append(r.Cells, cellFault{cell, v.Code, v.Rule, words.Render(lang, v.Detail)})
	}
}

// importRoster checks every row, then writes all of them in one transaction.
func importRoster(ctx context.Context, db *models.DB, reg *registry.Service, file io.Reader, lang words.Lang, dry bool) (imported, error) {
	r := imported{DryRun: dry, Cells: []cellFault{}}
	t, err := roster(file)
	if err != nil {
		var f *fault.Error
		if !errors.As(err, &f) || len(f.Violations) == 0 {
			return r, err
		}
		for _, v := range f.Violations {
			r.fail(lang, v.Pointer, v)
		}
		return r, nil
	}
	r.Rows = len(t.Rows)
	inputs := make([]registry.EnterpriseInput, len(t.Rows))
	lines := map[string]int{}
	for i, row := range t.Rows {
		var f *fault.Error
		var err error
		inputs[i], err = sheets.Enterprise(row)
		if errors.As(err, &f) {
			for _, v := range f.Violations {
				r.fail(lang, t.At(row, v.Pointer), v)
			}
		} else if err != nil {
			return r, err
		}
		if line, twice := lines[inputs[i].CreditCode]; twice && inputs[i].CreditCode != "" {
			r.fail(lang, t.At(row, "/creditCode"), fault.Violation{Code: "doubled", Detail: fault.T("与第 {{.Line}} 行的统一社会信用代码相同", "Line", line)})
		}
		lines[inputs[i].CreditCode] = row.Line
	}
	if r.Faults > 0 {
		return r, nil
	}
	err = db.Write(ctx, func(tx *models.Tx) error {
		r.Added, r.Unchanged = 0, 0
		return r.store(tx, reg, t, inputs, lang)
	})
	if errors.Is(err, errDryRun) || r.Faults > 0 {
		err = nil
	}
	return r, err
}

// roster reads the table of a workbook or of CSV.
func roster(file io.Reader) (sheets.Table, error) {
	raw, err := io.ReadAll(file) // a pipe cannot be read twice
	if err != nil {
		return sheets.Table{}, err
	}
	book, err := sheets.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return sheets.Table{}, err
	}
	defer func() { _ = book.Close() }() // read only
	return book.Table(sheets.EnterpriseColumns)
}

func (r *imported) store(tx *models.Tx, reg *registry.Service, t sheets.Table, inputs []registry.EnterpriseInput, lang words.Lang) error {
	ctx := tx.Context()
	for i, in := range inputs {
		same, err := reg.Enterprises(ctx, registry.EnterpriseFilter{CreditCode: in.CreditCode}, models.Query{Limit: 1})
		if err != nil {
			return err
		}
		switch {
		case len(same.Items) == 0:
			var f *fault.Error
			switch _, err := reg.CreateEnterprise(ctx, "", in, ""); {
			case errors.As(err, &f) && f.Code == fault.Conflict: // somebody registered it just now
				r.fail(lang, t.At(t.Rows[i], "/creditCode"), fault.Violation{Code: string(f.Code), Detail: f.Detail})
				return errDryRun
			case errors.As(err, &f) && f.Code == fault.Invalid: // exported elsewhere, not registered here
				for _, v := range f.Violations {
					r.fail(lang, t.At(t.Rows[i], v.Pointer), v)
				}
				continue
			case err != nil:
				return err
			}
			r.Added++
		case same.Items[0].Name == in.Name:
			if !t.Rows[i].Exported() || r.same(t, t.Rows[i], in, same.Items[0], lang) {
				r.Unchanged++
			}
		default:
			r.fail(lang, t.At(t.Rows[i], "/name"), fault.Violation{Code: "conflict",
				Detail: fault.T("这个统一社会信用代码已经登记为 {{.Name}}，更名在系统中办理", "Name", same.Items[0].Name)})
		}
	}
	if r.Faults > 0 || r.DryRun {
		return errDryRun
	}
	return audit.Write(tx, audit.Note{Action: "import", Outcome: audit.Done, Kind: "enterprises", Reason: fmt.Sprintf("%d rows, %d new", r.Rows, r.Added)})
}

// same says where a row that was exported differs from what is registered.
func (r *imported) same(t sheets.Table, row sheets.Row, in registry.EnterpriseInput, is registry.Enterprise, lang words.Lang) bool {
	before := r.Faults
	for _, one := range []struct{ pointer, now, was string }{
		{"/industries", strings.Join(in.Industries, ";"), strings.Join(is.Industries, ";")}, {"/permitClass", in.PermitClass, is.PermitClass},
		{"/riskLevel", in.RiskLevel, is.RiskLevel}, {"/discharges", yes(in.Discharges), yes(is.Discharges)},
	} {
		if one.now != one.was {
			r.fail(lang, t.At(row, one.pointer), fault.Violation{Code: "conflict", Detail: fault.T("已经登记为 {{.Was}}，变更在系统中办理", "Was", one.was)})
		}
	}
	return r.Faults == before
}
