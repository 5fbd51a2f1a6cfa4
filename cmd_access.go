package main

import (
	"io"

	"github.com/spf13/cobra"
)

// access is `park access`.
func (p *program) access() *cobra.Command {
	return withSettings(p.withJSON(&cobra.Command{
		Use: "access", Short: "角色与权限对照表 · the matrix of roles and permissions", Args: none,
		Long: "打印嵌入程序的权限矩阵：哪个角色对哪类对象可以做什么、在什么范围内。\n" +
			"Prints the embedded policy: which role may do what to which kind of object, and how far it reaches.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			policy, err := profileOf(cfg).Policy()
			if err != nil {
				return err
			}
			matrix, err := policy.Matrix()
			if err != nil {
				return err
			}
			return p.print(policy.Lines(), func(w io.Writer) { _, _ = io.WriteString(w, matrix) })
		},
	}))
}
