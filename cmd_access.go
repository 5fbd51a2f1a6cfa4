package main

import (
	"io"

	"github.com/spf13/cobra"

	"parkregistry/policies"
)

// access is `park access`.
func (p *program) access() *cobra.Command {
	return p.withJSON(&cobra.Command{
		Use: "access", Short: "角色与权限对照表 · the matrix of roles and permissions", Args: none,
		Long: "打印嵌入程序的权限矩阵：哪个角色对哪类对象可以做什么、在什么范围内。\n" +
			"Prints the embedded policy: which role may do what to which kind of object, and how far it reaches.",
		RunE: func(*cobra.Command, []string) error {
			policy, err := policies.Embedded()
			if err != nil {
				return err
			}
			matrix, err := policy.Matrix()
			if err != nil {
				return err
			}
			return p.print(policy.Lines(), func(w io.Writer) { _, _ = io.WriteString(w, matrix) })
		},
	})
}
