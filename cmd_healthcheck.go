package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthcheck is `park healthcheck`: what an image without a shell asks its own program.
func (p *program) healthcheck() *cobra.Command {
	return withSettings(&cobra.Command{
		Use: "healthcheck", Short: "询问正在运行的程序是否就绪 · ask the running program whether it is ready", Args: none,
		Long: "按 PARK_LISTEN 的端口询问本机的 /readyz：就绪时退出码为 0，否则为 1。\n" +
			"Asks /readyz on this machine, at the port of PARK_LISTEN: exit code 0 when ready, 1 otherwise.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			url, err := ownAddress(cfg.Listen)
			if err != nil {
				return usageError{err}
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), 4*time.Second)
			defer cancel()
			return ask(ctx, url+"/readyz")
		},
	})
}

// ownAddress is where a program that listens there is reached from this machine.
func ownAddress(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	if port == "0" {
		return "", errors.New("PARK_LISTEN picks its port by itself: name the port that it printed")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

func ask(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 500)) // the status alone decides
		return fmt.Errorf("%s answers %d: %s", url, res.StatusCode, body)
	}
	return nil
}
