package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/sheets"
)

// rowsImport is what `park import rows` is asked.
type rowsImport struct {
	class, file, park, as string
	commit                string
	filed                 bool
}

// importedRows is what it did.
type importedRows struct {
	ID        models.ID      `json:"id"`
	State     exchange.State `json:"state"`
	Rows      int            `json:"rows"`
	Good      int            `json:"good"`
	Bad       int            `json:"bad"`
	Unchanged int            `json:"unchanged"`
	Faults    int            `json:"faults"`
	Written   int            `json:"written"`
	Cells     []cellFault    `json:"cells"` // the first thousand faults
}

// importingRows is `park import rows`.
func (p *program) importingRows() *cobra.Command {
	var in rowsImport
	cmd := &cobra.Command{
		Use: "rows CODE FILE", Short: "从 .xlsx 或 CSV 导入台账或者名录 · import ledger entries or a list from .xlsx or CSV", Args: exactly("CODE", "FILE"),
		Long: "先核对，什么都不写入；--commit good 写入没有错误的行，--commit all 在没有错误时写入全部，一次写入，中断则一行也不写。\n" +
			"已经有相同记录的行跳过；24 小时内可以整批撤销（POST /api/v1/imports/{id}/undo，或者在页面上）。有错误时退出码为 1。\n" +
			"Checks first and writes nothing; --commit good writes the rows without a fault, --commit all everything when there is none, in one transaction.\n" +
			"Rows that are in already are skipped; within 24 hours the whole can be undone. Exit code 1 when a row has a fault.\n\n" +
			"CODE: treatmentFacility.wastewater, … (GET /api/v1/ledger-classes), " + strings.Join(exchange.ListCodes(), ", "),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.class, in.file = args[0], args[1]
			if in.park == "" || in.as == "" {
				return usageError{errors.New("--park and --as are needed: whose rows they are, and who brings them in")}
			}
			if in.commit != "" && in.commit != string(exchange.Good) && in.commit != string(exchange.All) {
				return usageError{fmt.Errorf("--commit is good or all, not %q", in.commit)}
			}
			if _, known := exchange.ClassOf(in.class); !known {
				return usageError{fmt.Errorf("no ledger class or list %q", in.class)}
			}
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			store, err := files.Open(cfg.Data)
			if err != nil {
				return err
			}
			defer func() { _ = store.Close() }()
			return p.with(cmd, func(ctx context.Context, s people) error {
				actor, err := s.accounts.ActorNamed(ctx, in.as)
				if err != nil {
					return err
				}
				r, err := p.importRows(policies.With(ctx, actor), s.db, store, in)
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
	cmd.Flags().StringVar(&in.park, "park", "", "园区编号，例 SZ-01 · code of the park")
	cmd.Flags().StringVar(&in.as, "as", "", "以这个账号的权限导入 · import as this account")
	cmd.Flags().StringVar(&in.commit, "commit", "", "good：写入没有错误的行；all：全部；不填只核对 · write the good rows, or all; without it only check")
	cmd.Flags().BoolVar(&in.filed, "file", false, "台账同时报送，默认存为草稿 · file ledger entries too; drafts by default")
	return withSettings(p.withJSON(cmd))
}

func (r importedRows) write(w io.Writer) {
	for _, c := range r.Cells {
		_, _ = fmt.Fprintf(w, "%s: %s\n", c.Cell, c.Detail)
	}
	_, _ = fmt.Fprintf(w, "%s: %d rows, %d good, %d with faults, %d unchanged, %d written (import %s)\n", r.State, r.Rows, r.Good, r.Bad, r.Unchanged, r.Written, r.ID)
}

// importRows checks the file, and commits it when that is asked.
func (p *program) importRows(ctx context.Context, db *models.DB, store *files.Store, in rowsImport) (importedRows, error) {
	var r importedRows
	park, err := parkCoded(ctx, db, in.park)
	if err != nil {
		return r, err
	}
	from, err := os.Open(in.file)
	if err != nil {
		return r, usageError{err}
	}
	defer func() { _ = from.Close() }()
	kept := files.New(db, store)
	file, err := kept.ReceiveTable(ctx, from, filepath.Base(in.file))
	if err != nil {
		return r, err
	}
	defer file.Discard()
	svc := exchange.New(db, ledger.New(db), kept, sheets.Ledgers{})
	end := p.busy("checking")
	k, err := svc.Check(ctx, exchange.Upload{ParkID: string(park.ID), Class: in.class, File: file})
	end()
	if err != nil {
		return r.refused(p.lang, err)
	}
	r.checked(p.lang, k)
	if in.commit == "" || k.State != exchange.Waiting || k.Good == 0 || in.commit == string(exchange.All) && k.Bad > 0 {
		return r, nil
	}
	tick, end := p.counter("rows written")
	i, err := svc.Commit(ctx, k.ID, exchange.CommitInput{Rows: exchange.Selection(in.commit), File: in.filed}, func(rows int) {
		if tick != nil {
			tick(int64(rows))
		}
	})
	end()
	if err != nil {
		return r.refused(p.lang, err)
	}
	r.State, r.Written = i.State, i.Entries
	return r, nil
}

func parkCoded(ctx context.Context, db *models.DB, name string) (registry.Park, error) {
	page, err := registry.New(db, nil).Parks(ctx, registry.ParkFilter{Code: name}, models.Query{Limit: 1})
	if err == nil && len(page.Items) == 0 {
		err = fault.Absent()
	}
	if err != nil {
		return registry.Park{}, err
	}
	return page.Items[0], nil
}

// checked takes over what was found.
func (r *importedRows) checked(lang words.Lang, k exchange.Checked) {
	*r = importedRows{ID: k.ID, State: k.State, Rows: k.Rows, Good: k.Good, Bad: k.Bad, Unchanged: k.Unchanged, Faults: k.Import.Faults, Written: k.Entries, Cells: []cellFault{}}
	for _, l := range k.Report.Lines {
		for _, n := range l.Notes {
			if n.Grave == exchange.Fault {
				r.Cells = append(r.Cells, cellFault{n.Cell, n.Code, n.Rule, words.Render(lang, fault.Text(n.Detail))})
			}
		}
	}
}

// refused tells by cells what refuses the file as such, or the commit of rows that have
// changed since they were checked; any other error is answered as it is.
func (r importedRows) refused(lang words.Lang, err error) (importedRows, error) {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Violations) == 0 {
		return r, err
	}
	r.Faults, r.Cells = len(f.Violations), []cellFault{}
	for _, v := range f.Violations {
		r.Cells = append(r.Cells, cellFault{filepath.Base(v.Pointer), v.Code, v.Rule, words.Render(lang, v.Detail)})
	}
	return r, nil
}
