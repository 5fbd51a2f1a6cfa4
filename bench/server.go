package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"parkregistry/api"
	"parkregistry/internal/config"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
)

// task is what a child process is told on its standard input, which stays open as
// long as the run: when it ends, so does the child.
type task struct {
	URL     string            `json:"url"`
	Callers map[string]caller `json:"callers"`
	Profile string            `json:"profile,omitempty"` // directory for CPU profiles
}

// server is a child process that serves on loopback.
type server struct {
	name string // park or bare; also the application_name of its backends
	task task
	base string
	cmd  *exec.Cmd
	in   io.WriteCloser
}

// start runs this program again as the server of that name.
func start(ctx context.Context, name string, t task) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, childFlag, name)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{name: name, task: t, cmd: cmd, in: in}
	if err := json.NewEncoder(in).Encode(t); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the %s server did not start: %w", name, err), s.stop())
	}
	s.base = strings.TrimSpace(line)
	return s, nil
}

func (s *server) stop() error {
	_ = s.in.Close()
	return s.cmd.Wait()
}

// again starts the server anew. What the bench puts into the tables has no number, and a
// program that ran meanwhile would go on with what it remembers of the days before.
func (s *server) again(ctx context.Context) error {
	if err := s.stop(); err != nil {
		return err
	}
	fresh, err := start(ctx, s.name, s.task)
	if err != nil {
		return err
	}
	*s = *fresh
	return nil
}

// child is the other end of start.
func child(name string) error {
	var t task
	in := bufio.NewReader(os.Stdin)
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return err
	}
	ctx := context.Background()
	var h http.Handler
	var err error
	if name == "bare" {
		h, err = bareHandler(ctx, t)
	} else {
		h, err = parkHandler(ctx, t.URL)
	}
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(os.Stdout, "http://%s\n", l.Addr()); err != nil {
		return err
	}
	stop, err := profile(t.Profile, name)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
		os.Exit(0)
	}()
	return srv.Serve(l)
}

func bareHandler(ctx context.Context, t task) (http.Handler, error) {
	db, err := openBare(ctx, t.URL)
	if err != nil {
		return nil, err
	}
	b := &bare{db: db, postgres: !strings.HasPrefix(t.URL, "sqlite:"), callers: map[string]caller{}}
	for _, c := range t.Callers {
		b.callers[c.Token] = c
	}
	return b.handler(), nil
}

// parkHandler is the program as main wires it, without limits on one caller's rate.
func parkHandler(ctx context.Context, url string) (http.Handler, error) {
	db, err := models.Open(ctx, models.Config{URL: url})
	if err != nil {
		return nil, err
	}
	p, err := open(db)
	if err != nil {
		return nil, err
	}
	return p.handler, nil
}

// park is the program's parts that the bench calls.
type park struct {
	db       *models.DB
	accounts *account.Service
	handler  http.Handler
}

func open(db *models.DB) (*park, error) {
	config.Collector(os.Getenv("GOGC")) // as the serving program does
	// The lines are written for real, to where they cost the disk nothing.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewJSONHandler(null, nil))
	accounts := account.New(db, log, account.DefaultProfile())
	reg, led, trail := registry.New(db, noRewriter{}), ledger.New(db), audit.New(db)
	h, err := api.Mount(api.Options{DB: db, Accounts: accounts, Registry: reg, Ledger: led, Obligations: obligation.New(db, reg, led, trail), Audit: trail, Progress: progress.New(db, trail, reg), Log: log, Version: "bench"})
	return &park{db, accounts, h}, err
}

// noRewriter stands for the job queue: no request of the bench moves a park.
type noRewriter struct{}

// RewriteJurisdiction implements registry.Rewriter.
func (noRewriter) RewriteJurisdiction(*models.Tx, models.ID) error { return nil }
