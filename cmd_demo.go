package main

import (
	"context"
	"crypto/rand"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/seed"
)

// demo is `park demo`.
func (p *program) demo() *cobra.Command {
	return withSettings(&cobra.Command{
		Use: "demo", Short: "示例城市：一条命令即可试用 · the demonstration city, in one command", Args: none,
		Long: "在 data/demo.db 中建立 31 个试点位和标有“示例”的城市，每个角色一个账号，打印地址、账号和口令。只监听本机。\n" +
			"Makes the 31 pilot places and a synthetic city in data/demo.db with one account for each role; prints the address, the accounts and their password. Loopback only.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if cfg, err = cfg.Demo(p.named(cmd, "PARK_DATABASE", "database")); err != nil {
				return usageError{err}
			}
			return p.runServer(cmd.Context(), cfg, func(ctx context.Context, s *server) error { return p.fillDemo(ctx, cfg, s) })
		},
	})
}

func (p *program) fillDemo(ctx context.Context, cfg config.Config, s *server) error {
	password := cfg.DemoPassword
	if password == "" {
		password = rand.Text()[:16]
	}
	busy := p.busy("building the demonstration city")
	s.demo = true
	made, err := seed.Demo(ctx, s.db, seed.Options{Password: password, Accounts: s.accounts, Files: s.store})
	busy()
	if err != nil {
		return err
	}
	if cfg.Telemetry() != nil {
		p.printf("这个版本没有 HJ 212 接收，%s 没有打开 · no HJ 212 in this version: %s is not opened\n", cfg.HJ212Listen, cfg.HJ212Listen)
	}
	p.printf("示例城市，数据截至 %s · demonstration city as of %s\n账号 · accounts:\n", made.Anchor, made.Anchor)
	for _, name := range made.Usernames {
		p.printf("  %s\n", name)
	}
	p.printf("口令 · password of each: %s\n", password)
	return nil
}
