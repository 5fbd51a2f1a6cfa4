package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// settings is `park config`.
func (p *program) settings() *cobra.Command {
	return withSettings(p.withJSON(&cobra.Command{
		Use: "config", Short: "当前生效的设置，密码遮蔽 · the settings in effect, secrets masked", Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			all := cfg.Settings()
			return p.print(all, func(w io.Writer) {
				for _, s := range all {
					_, _ = fmt.Fprintf(w, "%-22s %-36s %s\n", s.Name, s.Value, s.Doc)
				}
			})
		},
	}))
}
