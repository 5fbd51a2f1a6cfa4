// Command park is the registry of industrial parks (工业园区环境管理登记系统): one
// binary that serves, migrates, seeds, backs up and verifies. This package wires
// the rooms together; it alone reads the settings, opens listeners and owns the
// shutdown. One file a command.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	_ "time/tzdata" // the image has no zone files

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/internal/logging"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/jobs"
	"parkregistry/policies"
)

// version is set by the build.
var version = "dev"

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2 // the command line or the settings
)

// program is one run of a command.
type program struct {
	out, err io.Writer
	environ  []string
	lang     words.Lang
	json     bool
}

// usageError is a command line or a setting that cannot be run.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errSaid ends a command whose output has already said what is wrong.
var errSaid = errors.New("failed")

func run(ctx context.Context, args, environ []string, out, errw io.Writer) int {
	p := &program{out: out, err: errw, environ: environ, lang: language(environ)}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitFailed
	case errors.As(err, &usage):
		p.say(usage.error)
		_, _ = fmt.Fprintln(errw, "park --help")
		return exitUsage
	}
	p.say(err)
	return exitFailed
}

// language is that of the terminal: English where it says so, Chinese otherwise.
func language(environ []string) words.Lang {
	values := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		values[name] = value
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := values[name]; v != "" {
			if strings.HasPrefix(v, "en") {
				return words.English
			}
			return words.Chinese
		}
	}
	return words.Chinese
}

// say prints what went wrong: a fault with each of its violations, in the words of the catalogue.
func (p *program) say(err error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		_, _ = fmt.Fprintln(p.err, "park:", err)
		return
	}
	_, _ = fmt.Fprintln(p.err, "park:", words.Render(p.lang, f.Detail))
	for _, v := range f.Violations {
		_, _ = fmt.Fprintf(p.err, "  %s: %s\n", v.Pointer, words.Render(p.lang, v.Detail))
	}
	if cause := errors.Unwrap(f); cause != nil {
		_, _ = fmt.Fprintln(p.err, "  ", cause)
	}
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use: "park", Short: "工业园区环境管理登记系统 · Industrial Park Environmental Compliance Registry",
		SilenceErrors: true, SilenceUsage: true, CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args: none, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(p.demo(), p.serve(), p.migrate(), p.seed(), p.user(), p.importing(), p.exporting(), p.backup(), p.restore(), p.verify(), p.draw(), p.screen(),
		p.access(), p.settings(), p.healthcheck(), p.version())
	return root
}

// none takes no arguments.
func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unknown argument or command %q", args[0])}
	}
	return nil
}

// exactly takes the named arguments.
func exactly(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != len(names) {
			return usageError{fmt.Errorf("expected %s, got %d argument(s)", strings.Join(names, " "), len(args))}
		}
		return nil
	}
}

// load adds nothing of its own: the environment, then the flags that were typed.
func (p *program) load(cmd *cobra.Command) (config.Config, error) {
	cfg, err := config.Load(p.environ, cmd.Flags())
	if err != nil {
		return cfg, usageError{err}
	}
	return cfg, nil
}

// named reports whether a setting was given, in the environment or as a flag.
func (p *program) named(cmd *cobra.Command, name, flag string) bool {
	return cmd.Flags().Changed(flag) || slices.ContainsFunc(p.environ, func(e string) bool {
		return strings.HasPrefix(e, name+"=") || strings.HasPrefix(e, name+"_FILE=")
	})
}

// withSettings gives cmd the flags of the settings.
func withSettings(cmd *cobra.Command) *cobra.Command {
	config.Flags(cmd.Flags())
	return cmd
}

// withJSON gives cmd --json.
func (p *program) withJSON(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&p.json, "json", false, "输出 JSON · print JSON")
	return cmd
}

// print writes v as JSON, or calls text.
func (p *program) print(v any, text func(w io.Writer)) error {
	if !p.json {
		text(p.out)
		return nil
	}
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (p *program) printf(format string, args ...any) { _, _ = fmt.Fprintf(p.out, format, args...) }

// logger writes to standard error: standard output is the command's own.
func (p *program) logger(cfg config.Config) *slog.Logger {
	return logging.New(p.err, cfg.LogFormat, cfg.LogLevel, func(ctx context.Context) string { return audit.OriginOf(ctx).RequestID })
}

// terminal reports whether w is one, for progress bars.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// open opens the database of the settings and requires its schema to be this program's.
func (p *program) open(ctx context.Context, cfg config.Config) (*models.DB, error) {
	db, err := connect(ctx, cfg, models.Config{})
	if err != nil {
		return nil, err
	}
	if err := current(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// current is nil when the schema and the job queue's tables are this program's.
func current(ctx context.Context, db *models.DB) error {
	if err := db.Current(ctx); err != nil {
		return err
	}
	return jobs.Current(ctx, db)
}

// asProgram is the program itself, working for the command name.
func asProgram(ctx context.Context, db *models.DB, name string) context.Context {
	return audit.From(policies.With(ctx, db.Policy.Program(name)), audit.Origin{Via: "command"})
}
