package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// evidence is every table whose rows leaves commit to.
func evidence() []audit.Source {
	return []audit.Source{registry.Evidence(), ledger.Evidence(), ledger.PeriodEvidence()}
}

// verify is `park verify`.
func (p *program) verify() *cobra.Command {
	return withSettings(p.withJSON(&cobra.Command{
		Use: "verify", Short: "核验留痕：逐条重算存证 · derive every leaf again and compare", Args: none,
		Long: "由各行重新算出每条存证并与保存的摘要比较，检查编号连续，并核对登记版本和台账报送与存证一致。发现问题时打印第一处，退出码为 1。\n" +
			"Derives every leaf from its row, follows the numbers without a gap, compares registry versions and ledger filings with what the leaves say. Prints the first bad one and exits 1.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			db, err := p.open(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { _ = db.Close() }()
			ctx := asProgram(cmd.Context(), db, "verify")
			count, end := p.counter("leaves")
			r, err := audit.Verify(ctx, db, evidence(), count)
			end()
			if err != nil {
				return err
			}
			note := audit.Note{Action: "verify", Outcome: audit.Done, Kind: "change"}
			if r.Bad != nil {
				note.Outcome, note.Object, note.Reason = audit.Failed, string(r.Bad.ID), r.Bad.Table
			}
			if err := db.Write(ctx, func(tx *models.Tx) error { return audit.Write(tx, note) }); err != nil {
				return err
			}
			if err := p.print(r, func(w io.Writer) { _, _ = fmt.Fprintln(w, p.verdict(r)) }); err != nil {
				return err
			}
			if r.Bad != nil {
				return errSaid
			}
			return nil
		},
	}))
}

// verdict is a report in one line.
func (p *program) verdict(r audit.Report) string {
	if r.Bad != nil {
		leaf := "no leaf"
		if r.Bad.Seq != nil {
			leaf = fmt.Sprintf("leaf %d", *r.Bad.Seq)
		}
		return fmt.Sprintf("BAD %s %s (%s): %s", r.Bad.Table, r.Bad.ID, leaf, words.Render(p.lang, r.Bad.Detail))
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "ok: %d leaves (%d not numbered yet)", r.Changes, r.Waiting)
	for _, s := range evidence() {
		_, _ = fmt.Fprintf(&b, ", %d %s", r.Rows[s.Table], s.Table)
	}
	return b.String()
}
