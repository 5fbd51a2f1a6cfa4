package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/export"
	"parkregistry/models/files"
	"parkregistry/models/jobs"
)

// serve is `park serve`.
func (p *program) serve() *cobra.Command {
	return withSettings(&cobra.Command{
		Use: "serve", Short: "正式运行 · migrate, seed reference data, serve", Args: none,
		Long: "升级数据库，载入基础数据和 31 个试点位，然后提供服务；库里没有账号时建立一个管理员，口令只打印这一次。\n" +
			"Migrates, seeds reference data and the 31 places only, serves. An empty database gets one administrator, whose password is printed once.\n" +
			"SIGTERM 后先完成已经开始的请求，最多 20 秒；再来一次信号则立即结束。",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if err := cfg.Telemetry(); err != nil {
				return usageError{err}
			}
			return p.runServer(cmd.Context(), cfg, p.firstStart)
		},
	})
}

// firstStart fills what production starts with and prints the first passwords.
func (p *program) firstStart(ctx context.Context, s *server) error {
	if _, err := reference(ctx, s.db); err != nil {
		return err
	}
	first, err := s.accounts.FirstAdministrator(ctx)
	for _, a := range first {
		p.printf("administrator: %s\npassword (printed this once, valid for 24 hours, to be changed at first sign-in): %s\n", a.Username, a.Password)
	}
	return err
}

// runServer opens, migrates, fills and serves until a signal comes. The
// listener is bound first, so that a port in use is found before anything changes.
func (p *program) runServer(ctx context.Context, cfg config.Config, fill func(context.Context, *server) error) error {
	config.Collector(os.Getenv("GOGC"))
	ctx, restore := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer restore()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	s, err := p.prepare(ctx, cfg)
	if err != nil {
		return err
	}
	if err := fill(ctx, s); err != nil {
		return errors.Join(err, s.db.Close())
	}
	if err := s.start(ctx, cfg, listener); err != nil {
		return errors.Join(err, s.db.Close())
	}
	p.printf("listening on http://%s\n", listener.Addr())
	select {
	case <-ctx.Done():
		s.log.Info("stopping", "grace", grace)
	case err = <-s.failed:
		s.log.Error("the listener ended", "error", err)
	}
	restore() // from here on a second signal ends the process at once
	return errors.Join(err, s.stop(cfg.DrainDelay))
}

// prepare migrates and opens the database and builds the services on it.
func (p *program) prepare(ctx context.Context, cfg config.Config) (*server, error) {
	log := p.logger(cfg)
	steps, err := migrateAll(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if len(steps) > 0 {
		log.Info("schema migrated", "steps", len(steps))
	}
	key, err := ownKey(cfg.Data, cursorKey)
	if err != nil {
		return nil, err
	}
	profile := profileOf(cfg)
	if profile.FactorKey, err = ownKey(cfg.Data, factorKey); err != nil {
		return nil, err
	}
	signer, err := signingKey(cfg)
	if err != nil {
		return nil, err
	}
	db, err := connect(ctx, cfg, models.Config{CursorKey: key})
	if err != nil {
		return nil, err
	}
	store, err := files.Open(cfg.Data)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	folder, err := export.OpenFolder(cfg.Data)
	if err != nil {
		return nil, errors.Join(err, store.Close(), db.Close())
	}
	s := &server{db: db, log: log, accounts: account.New(db, log, profile), store: store, folder: folder, failed: make(chan error, 1)}
	s.prover = audit.NewProver(db, signer, log, func(note string) error { return appendSynced(cfg.Checkpoints(), note+"\n", 0o600) })
	if err := knownSigner(ctx, db, s.prover, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.jobs, err = jobs.New(db, log, jobs.Options{SignEvery: cfg.CheckpointEvery, Sign: s.checkpoint, BackupEvery: cfg.BackupEvery, Backup: func(ctx context.Context) error {
		_, _, err := makeBackup(ctx, db, cfg)
		return err
	}, Remind: func(ctx context.Context) error { return s.inbox.Remind(ctx) }, Export: func(ctx context.Context, id models.ID) error { return s.exports.Run(ctx, id) }, Import: func(ctx context.Context, id models.ID, last bool) error { return s.imports.Run(ctx, id, last) }, SweepFiles: func(ctx context.Context) error {
		n, err := files.New(db, store).Sweep(ctx)
		if n > 0 {
			log.Info("swept files that nothing points to", "files", n)
		}
		return errors.Join(err, s.exports.Sweep())
	}})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}
