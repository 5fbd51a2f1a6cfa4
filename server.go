package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"parkregistry/api"
	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/export"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/jobs"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/models/task"
	"parkregistry/sheets"
	"parkregistry/web"
)

const (
	grace     = 20 * time.Second // for requests that are running when the program is asked to end
	jobsGrace = 5 * time.Second  // for jobs, after that
)

// server is everything that runs while the program serves.
type server struct {
	db       *models.DB
	log      *slog.Logger
	accounts *account.Service
	jobs     *jobs.Service
	inbox    *inbox.Service // set before the jobs begin
	prover   *audit.Prover
	store    *files.Store
	folder   *export.Folder
	exports  *export.Service // set before the jobs begin
	imports  *exchange.Service
	demo     bool // the data are made up

	http     []*http.Server
	draining atomic.Bool
	checked  atomic.Int64 // when the schema was last seen to be current, Unix seconds
	stopSeq  context.CancelFunc
	seqDone  chan struct{}
	sequence *audit.Sequencer
	failed   chan error
}

// start begins jobs, sequencer and HTTP.
func (s *server) start(ctx context.Context, cfg config.Config, listener net.Listener) error {
	m := newMetrics(s.db)
	reg, trail := registry.New(s.db, s.jobs), audit.New(s.db)
	ledgers := ledger.New(s.db)
	duties, walks, standing := obligation.New(s.db, reg, ledgers, trail), inspection.New(s.db, s.accounts), progress.New(s.db, trail, reg)
	tasks, grades, judged := task.New(s.db, standing, s.accounts), grade.New(s.db), assessment.New(s.db, progress.Measures{Reports: standing, Duties: duties, Walks: walks})
	s.inbox = inbox.New(s.db, inbox.Rooms{Inspection: walks, Ledger: ledgers, Tasks: tasks, Assessments: judged, Grades: grades}, s.accounts)
	attached := files.New(s.db, s.store)
	s.imports = exchange.New(s.db, ledgers, attached, sheets.Ledgers{}).InBackground(exchange.Later{Queue: s.jobs, Actor: s.accounts.ActorOf})
	s.exports = export.New(s.db, export.Rooms{Registry: reg, Ledger: ledgers, Obligations: duties, Inspection: walks, Tasks: tasks, Grades: grades, Assessments: judged, Accounts: s.accounts, Audit: trail, Progress: standing}, sheets.Lists{}, s.folder, s.jobs)
	reports := report.New(s.db, report.Rooms{Registry: reg, Ledger: ledgers, Obligations: duties, Inspection: walks, Progress: standing, Accounts: s.accounts, Audit: trail})
	pages, err := web.New(web.Options{Public: cfg.PublicURL, Key: s.prover.PublicKey(), Version: version, Demo: s.demo, Accounts: s.accounts, Registry: reg, Ledger: ledgers,
		Obligations: duties, Files: attached, Imports: s.imports, Exports: s.exports, Reports: reports, Inspection: walks, Progress: standing, Tasks: tasks, Grades: grades, Assessments: judged, Inbox: s.inbox, Audit: trail, Prover: s.prover, Now: s.db.Now, Today: s.db.Today, Explain: explain})
	if err != nil {
		return err
	}
	handler, err := api.Mount(api.Options{
		DB:             s.db,
		Accounts:       s.accounts,
		Registry:       reg,
		Ledger:         ledgers,
		Receipts:       ledger.NewReceipts(ledgers, s.prover),
		ReceiptPage:    pages.Receipt,
		NoticePage:     pages.Notice,
		RefusalPage:    pages.Refuse,
		Obligations:    duties,
		Files:          attached,
		Imports:        s.imports,
		Exports:        s.exports,
		Reports:        reports,
		Inspection:     walks,
		Grades:         grades,
		Assessments:    judged,
		Audit:          trail,
		Prover:         s.prover,
		Jobs:           s.jobs,
		Progress:       standing,
		Tasks:          tasks,
		Inbox:          s.inbox,
		Log:            s.log,
		Version:        version,
		Rates:          api.Rates{Reads: cfg.RateReads, Writes: cfg.RateWrites, Anonymous: cfg.RateAnonymous},
		TrustedProxies: cfg.TrustedProxies, Ready: s.ready, Observe: m.observe,
	})
	if err != nil {
		return err
	}
	pages.Mount(handler)
	if err := s.jobs.Start(ctx); err != nil {
		return err
	}
	s.sequence = audit.NewSequencer(s.db, s.log)
	seq, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stopSeq, s.seqDone = stop, make(chan struct{})
	go s.runSequencer(seq)
	var root http.Handler = handler
	if cfg.MetricsListen == "" {
		root = m.onLoopback(handler)
	} else if err := s.serveMetrics(ctx, cfg.MetricsListen, m); err != nil {
		return err
	}
	s.serve(listener, root)
	return nil
}

// explain tells an error on a page in the words in which the API tells it.
func explain(ctx context.Context, err error) web.Failure {
	p := api.Explain(ctx, err)
	f := web.Failure{Status: p.Status, Title: p.Title, Detail: p.Detail, RequestID: p.RequestID, Needs: p.Needs}
	for _, e := range p.Errors {
		f.Errors = append(f.Errors, web.FieldFailure{Pointer: e.Pointer, Detail: e.Detail})
	}
	return f
}

// serve runs one HTTP server with the limits of S-IN1.
func (s *server) serve(listener net.Listener, handler http.Handler) {
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 120 * time.Second, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.http = append(s.http, srv)
	go func() {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			select {
			case s.failed <- err:
			default:
			}
		}
	}()
}

func (s *server) serveMetrics(ctx context.Context, address string, m *metrics) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	s.log.Info("metrics", "address", listener.Addr().String())
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.handler())
	s.serve(listener, mux)
	return nil
}

// ready is why the program cannot serve now. The database is asked each time, the
// schema once a minute: it only changes when a newer program migrates it.
func (s *server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return fault.New(fault.Unavailable, "程序正在停止，稍后再试")
	}
	if err := s.db.Ping(ctx); err != nil {
		return err
	}
	now := s.db.Now().Unix()
	if now-s.checked.Load() < 60 {
		return nil
	}
	if err := current(ctx, s.db); err != nil {
		return err
	}
	s.checked.Store(now)
	return nil
}

// runSequencer keeps numbering changes; a panic is logged and it goes on.
func (s *server) runSequencer(ctx context.Context) {
	defer close(s.seqDone)
	for ctx.Err() == nil {
		func() {
			defer func() {
				if v := recover(); v != nil {
					s.log.Error("panic while numbering changes", "value", fmt.Sprint(v), "stack", string(debug.Stack()))
					time.Sleep(time.Second)
				}
			}()
			s.sequence.Run(ctx)
		}()
	}
}

// checkpoint gives the audit records that have none a leaf, numbers what waits, and
// signs what the log is then.
func (s *server) checkpoint(ctx context.Context) error {
	if err := audit.Seal(ctx, s.db); err != nil {
		return fmt.Errorf("seal the audit records: %w", err)
	}
	if err := s.sequence.Drain(ctx); err != nil {
		return fmt.Errorf("number the last changes: %w", err)
	}
	if err := s.prover.SignGrown(ctx); err != nil {
		return fmt.Errorf("sign a checkpoint: %w", err)
	}
	return nil
}

// stop ends what start began, in the order in which nothing acknowledged is
// lost: no longer ready, no new connections, running requests, jobs, the changes
// that wait for a number, a checkpoint of them, the write-ahead log (S-OP4).
func (s *server) stop(delay time.Duration) error {
	s.draining.Store(true)
	time.Sleep(delay)
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var failures []error
	for _, srv := range s.http {
		if err := srv.Shutdown(ctx); err != nil {
			s.log.Warn("requests were cut off", "error", err)
			_ = srv.Close()
		}
	}
	last, cancelLast := context.WithTimeout(context.Background(), jobsGrace)
	defer cancelLast()
	if err := s.jobs.Stop(last); err != nil {
		s.log.Warn("jobs were cut off; they run again after the next start", "error", err)
	}
	s.stopSeq()
	<-s.seqDone
	if err := s.checkpoint(last); err != nil {
		failures = append(failures, err)
	}
	failures = append(failures, s.db.Close(), s.store.Close(), s.folder.Close())
	s.log.Info("stopped")
	return errors.Join(failures...)
}
