// Command bench measures the hot operations beside a bare reference server that
// runs the same SQL and answers the same bytes, on SQLite and, where there is one,
// on PostgreSQL. Both servers are processes of their own; the same requests go to
// them in turn, and what decides is the CPU time of server and database as the
// operating system counts it. It makes its own databases and removes them. The
// exit code is 1 when a ratio that must hold does not; docs/performance.md says how
// the figures are to be read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"parkregistry/models"
)

// childFlag is the hidden first argument of a child process.
const childFlag = "--child"

// options of a run.
type options struct {
	postgres string
	rounds   int
	scale    float64 // of the requests a round
	only     *regexp.Regexp
	engine   string
	profile  string
	entries  int // of the ledger, at most
	out      io.Writer
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == childFlag {
		if err := child(os.Args[2]); err != nil {
			fmt.Fprintf(os.Stderr, "bench %s: %v\n", os.Args[2], err)
			os.Exit(1)
		}
		return
	}
	o := options{out: os.Stdout}
	short := flag.Bool("short", false, "three rounds of a quarter of the requests: about a minute")
	only := flag.String("only", "", "measure the operations that match this regular expression")
	flag.StringVar(&o.postgres, "postgres", "", "address of a PostgreSQL, postgres://…; the default is the one that PGHOST names")
	flag.StringVar(&o.engine, "engine", "", "sqlite or postgres; both by default")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of each operation")
	flag.IntVar(&o.entries, "entries", 100_000, "entries of the ledger at its last measurement, beyond 100,000 in hundred thousands; the first is at 10,000, each next at ten times as many")
	flag.StringVar(&o.profile, "profile", "", "folder for CPU profiles of both servers, one file a server and engine")
	flag.Parse()
	o.scale = 1
	if *short {
		o.rounds, o.scale = 3, 0.25
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	broken, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if broken > 0 {
		fmt.Fprintf(o.out, "\n%d of the ratios that must hold are over.\n", broken)
		os.Exit(1)
	}
	fmt.Fprintln(o.out, "\nEvery ratio that must hold holds.")
}

// run measures on each engine and counts the broken musts.
func run(ctx context.Context, o options) (broken int, err error) {
	dir, err := os.MkdirTemp("", "park-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := verification(ctx, o, dir); err != nil || onlyVerify(o) {
		return 0, err
	}
	over, err := imports(ctx, o, dir)
	if err != nil || onlyImports(o) {
		return over, err
	}
	defer func() { broken += over }()
	if o.engine != "postgres" {
		if broken, err = measure(ctx, o, "sqlite:"+filepath.Join(dir, "park.db")); err != nil {
			return broken, err
		}
	}
	if o.engine == "sqlite" {
		return broken, nil
	}
	address, drop, err := makePostgres(ctx, o.postgres)
	if err != nil {
		return broken, err
	}
	if address == "" && o.engine == "postgres" {
		return broken, errors.New("neither --postgres nor PGHOST names a PostgreSQL")
	}
	if address == "" {
		fmt.Fprintln(o.out, "\nPostgreSQL: skipped, neither --postgres nor PGHOST names one.")
		return broken, nil
	}
	defer func() { err = errors.Join(err, drop()) }()
	n, err := measure(ctx, o, address)
	return broken + n, err
}

// makePostgres makes a database for this run; "" when there is no server to make it on.
func makePostgres(ctx context.Context, given string) (address string, drop func() error, err error) {
	if given == "" && os.Getenv("PGHOST") == "" {
		return "", nil, nil
	}
	cfg, err := pgx.ParseConfig(given)
	if err != nil {
		return "", nil, err
	}
	if given == "" {
		cfg.Database = "postgres"
	}
	admin, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return "", nil, fmt.Errorf("reach PostgreSQL: %w", err)
	}
	name := "park_bench_" + strconv.Itoa(os.Getpid())
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"); err != nil {
		return "", nil, errors.Join(err, admin.Close(ctx))
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), Path: "/" + name}
	if g, err := url.Parse(given); err == nil && given != "" {
		u.RawQuery = g.RawQuery
	}
	return u.String(), func() error {
		ctx := context.WithoutCancel(ctx)
		_, err := admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		return errors.Join(err, admin.Close(ctx))
	}, nil
}

// named adds the application name by which a server's backends are told apart.
func named(address, name string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "sqlite" {
		return address
	}
	q := u.Query()
	q.Set("application_name", name)
	q.Set("connect_timeout", "20") // a busy machine is measured too
	u.RawQuery = q.Encode()
	return u.String()
}

// measure fills one database, starts both servers and runs every operation.
func measure(ctx context.Context, o options, address string) (broken int, err error) {
	began := time.Now()
	db, err := models.Open(ctx, models.Config{URL: named(address, "bench"), PoolSize: 2})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Migrate(ctx); err != nil {
		return 0, err
	}
	f, err := fill(ctx, db, address)
	if err != nil {
		return 0, err
	}
	c := f.city
	m, err := newMeter(ctx, db)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(o.out, "\n%s: %d parks, %d enterprises, %d audit records, filled in %.0f s\n", db.Engine, parks, enterprises, records, time.Since(began).Seconds())
	var servers []*server
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, name := range []string{"park", "bare"} {
		s, err := start(ctx, name, task{URL: named(address, name), Callers: c.caller, Profile: o.profile})
		if err != nil {
			return 0, err
		}
		servers = append(servers, s)
	}
	r := &report{options: o, engine: string(db.Engine), meter: m, sent: map[string]int{}}
	client := newClient(c.caller)
	if broken, err = r.city(ctx, client, servers, f); err != nil {
		return broken, err
	}
	n, err := r.ledger(ctx, client, servers, f)
	return broken + n, err
}
