package main

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"parkregistry/internal/words"
	"parkregistry/models/ledger"
)

// screen is `park screen`.
func (p *program) screen() *cobra.Command {
	return withSettings(p.withJSON(&cobra.Command{
		Use: "screen", Short: "台账异常提示：逐条重新判断，给出各规则的提示率 · how often each rule for odd filings speaks", Args: none,
		Long: "用异常提示规则重新判断全部已报送的台账，只读，不写入。列出每条规则的名称、依据、能够判断的记录数、提示的记录数和比例；在没有异常的数据上，这一比例就是误报率。\n" +
			"Puts every filed ledger entry through the rules for odd filings and writes nothing. Lists each rule with its wording and basis, how many entries it could judge, how many it speaks about, and the rate; on data in which nothing is wrong that is the rate of false alarms.",
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
			count, end := p.counter("entries")
			r, err := ledger.New(db).Screen(asProgram(cmd.Context(), db, "screen"), count)
			end()
			if err != nil {
				return err
			}
			return p.print(r, func(w io.Writer) { p.screenTable(w, r) })
		},
	}))
}

// screenTable is the report as a table.
func (p *program) screenTable(w io.Writer, r ledger.ScreenReport) {
	_, _ = fmt.Fprintf(w, "rules version %d, %d entries\n", r.Version, r.Entries)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "rule\tlooked\thits\t%\ttitle\tbasis")
	for _, one := range r.Rules {
		title, basis := one.TitleZh, one.BasisZh
		if p.lang == words.English {
			title, basis = one.TitleEn, one.BasisEn
		}
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\n", one.Rule, one.Looked, one.Hits, cmp.Or(one.Percent, "-"), title, basis)
	}
	_ = t.Flush()
}
