package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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

// ledgerImport is what `park import ledger` is asked.
type ledgerImport struct {
	class, file, park, as string
	commit                string
	filed                 bool
}

// importedLedger is what it did.
type importedLedger struct {
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

// importingLedger is `park import ledger`.
func (p *program) importingLedger() *cobra.Command {
	var in ledgerImport
	cmd := &cobra.Command{
		Use: "ledger CLASS FILE", Short: "从 .xlsx 或 CSV 导入台账 · import ledger entries from .xlsx or CSV", Args: exactly("CLASS", "FILE"),
		Long: "先核对，不写入台账；--commit good 写入没有错误的行，--commit all 在没有错误时写入全部，一次写入，中断则一行也不写。\n" +
			"已经有相同记录的行跳过；24 小时内可以整批撤销（POST /api/v1/imports/{id}/undo，或者在页面上）。有错误时退出码为 1。\n" +
			"Checks first and writes nothing; --commit good writes the rows without a fault, --commit all everything when there is none, in one transaction.\n" +
			"Rows that are in already are skipped; within 24 hours the whole can be undone. Exit code 1 when a row has a fault.\n\n" +
			"CLASS: treatmentFacility.wastewater, … (GET /api/v1/ledger-classes)",
		RunE: func(cmd *cobra.Command, args []string) error {
			in.class, in.file = args[0], args[1]
			if in.park == "" || in.as == "" {
				return usageError{errors.New("--park and --as are needed: whose ledger it is, and who brings it in")}
			}
			if in.commit != "" && in.commit != string(exchange.Good) && in.commit != string(exchange.All) {
				return usageError{fmt.Errorf("--commit is good or all, not %q", in.commit)}
			}
			if c, known := ledger.ClassOf(in.class); !known || c.View != "" {
				return usageError{fmt.Errorf("unknown ledger class %q", in.class)}
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
				r, err := p.importLedger(policies.With(ctx, actor), s.db, store, in)
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
	cmd.Flags().BoolVar(&in.filed, "file", false, "同时报送，默认存为草稿 · file them too; drafts by default")
	return withSettings(p.withJSON(cmd))
}

func (r importedLedger) write(w io.Writer) {
	for _, c := range r.Cells {
		_, _ = fmt.Fprintf(w, "%s: %s\n", c.Cell, c.Detail)
	}
	_, _ = fmt.Fprintf(w, "%s: %d rows, %d good, %d with faults, %d unchanged, %d written (import %s)\n", r.State, r.Rows, r.Good, r.Bad, r.Unchanged, r.Written, r.ID)
}

// importLedger checks the file, and commits it when that is asked.
func (p *program) importLedger(ctx context.Context, db *models.DB, store *files.Store, in ledgerImport) (importedLedger, error) {
	var r importedLedger
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
func (r *importedLedger) checked(lang words.Lang, k exchange.Checked) {
	*r = importedLedger{ID: k.ID, State: k.State, Rows: k.Rows, Good: k.Good, Bad: k.Bad, Unchanged: k.Unchanged, Faults: k.Import.Faults, Written: k.Entries, Cells: []cellFault{}}
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
func (r importedLedger) refused(lang words.Lang, err error) (importedLedger, error) {
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
