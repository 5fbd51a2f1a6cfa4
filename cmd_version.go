package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"

	"parkregistry/models"
)

// version is `park version`.
func (p *program) version() *cobra.Command {
	return p.withJSON(&cobra.Command{
		Use: "version", Short: "程序版本 · version of the program", Args: none,
		RunE: func(*cobra.Command, []string) error {
			schema, err := models.SchemaDigest()
			if err != nil {
				return err
			}
			v := struct {
				Version string `json:"version"`
				Go      string `json:"go"`
				Schema  string `json:"schema"` // SHA-256 over the migrations of both engines
			}{version, runtime.Version(), schema}
			return p.print(v, func(w io.Writer) { _, _ = fmt.Fprintf(w, "park %s (%s, schema %.12s)\n", v.Version, v.Go, v.Schema) })
		},
	})
}
