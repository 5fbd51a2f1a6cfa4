package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/fault"
)

// shortestBackup keeps a slip of the unit from filling the disk.
const shortestBackup = time.Minute

// shortestCheckpoint keeps the queue from being filled with signing.
const shortestCheckpoint = time.Minute

// check refuses what cannot work and combinations that would leave the program
// open (S-OP7). It notes everything it finds.
func (cfg Config) check(c *fault.Check) {
	oneOf(c, "PROFILE", cfg.Profile, "intl", "dengbao3")
	oneOf(c, "SIGNING_ALGORITHM", cfg.SigningAlgorithm, "ed25519", "sm2")
	oneOf(c, "LOG_LEVEL", cfg.LogLevel, "debug", "info", "warn", "error")
	oneOf(c, "LOG_FORMAT", cfg.LogFormat, "json", "text")
	for name, rate := range map[string]float64{"RATE_READS": cfg.RateReads, "RATE_WRITES": cfg.RateWrites, "RATE_ANONYMOUS": cfg.RateAnonymous} {
		if rate < 0 {
			c.Fail(prefix+name, "range", "应当是 0 或者更大的数")
		}
	}
	if cfg.BackupEvery != 0 && cfg.BackupEvery < shortestBackup {
		c.Fail(prefix+"BACKUP_EVERY", "range", "备份间隔不能短于 1 分钟")
	}
	if cfg.CheckpointEvery != 0 && cfg.CheckpointEvery < shortestCheckpoint {
		c.Fail(prefix+"CHECKPOINT_EVERY", "range", "检查点间隔不能短于 1 分钟")
	}
	if cfg.DrainDelay < 0 {
		c.Fail(prefix+"DRAIN_DELAY", "range", "应当是 0 或者更大的数")
	}
	cfg.checkPublic(c)
	cfg.checkDatabases(c)
	cfg.checkListening(c)
}

// Telemetry refuses a listener for HJ 212, which this version does not have: whoever
// serves stations must not believe that they are heard. The demonstration, which no
// station reports to, only says so.
func (cfg Config) Telemetry() error {
	var c fault.Check
	if cfg.HJ212Listen != "" {
		c.Fail(prefix+"HJ212_LISTEN", "unsupported", "这个版本没有 HJ 212 接收，去掉这项设置")
	}
	return c.Err()
}

func oneOf(c *fault.Check, name, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.Fail(prefix+name, "enum", "应当是 {{.Allowed}} 之一", "Allowed", strings.Join(allowed, ", "))
	}
}

func (cfg Config) checkDatabases(c *fault.Check) {
	if !sqlite(cfg.Database) && !postgres(cfg.Database) {
		c.Fail(prefix+"DATABASE", "pattern", "数据库应当写成 sqlite:路径 或者 postgres://…")
	}
	switch {
	case cfg.MigrateDatabase == "":
	case !postgres(cfg.MigrateDatabase):
		c.Fail(prefix+"MIGRATE_DATABASE", "pattern", "迁移用的地址应当写成 postgres://…")
	case sqlite(cfg.Database):
		c.Fail(prefix+"MIGRATE_DATABASE", "combination", "SQLite 没有所有者账号，去掉这项设置")
	}
}

// checkPublic takes the origin of a site. Without TLS a browser gives a page no
// cryptography, so that nobody could verify a receipt there; this machine is exempt.
func (cfg Config) checkPublic(c *fault.Check) {
	if cfg.PublicURL == "" {
		return
	}
	u, err := url.Parse(cfg.PublicURL)
	if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != cfg.PublicURL || u.Scheme != "https" && u.Scheme != "http" {
		c.Fail(prefix+"PUBLIC_URL", "pattern", "应当是网址，只到主机和端口为止，结尾没有斜线，如 https://park.example")
		return
	}
	if u.Scheme == "http" && Beyond(net.JoinHostPort(u.Hostname(), "0")) {
		c.Fail(prefix+"PUBLIC_URL", "combination", "应当是 https：没有加密的网页里浏览器不提供密码运算，回执核验不了")
	}
}

func sqlite(address string) bool { return len(address) > 7 && strings.HasPrefix(address, "sqlite:") }

func postgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

func (cfg Config) checkListening(c *fault.Check) {
	listens := address(c, "LISTEN", cfg.Listen)
	for _, p := range cfg.TrustedProxies {
		network, err := netip.ParsePrefix(p)
		if _, one := netip.ParseAddr(p); err != nil && one != nil {
			c.Fail(prefix+"TRUSTED_PROXIES", "pattern", "{{.Value}} 不是地址或者网段，如 10.0.0.5、10.0.0.0/24", "Value", p)
		} else if err == nil && network.Bits() == 0 {
			c.Fail(prefix+"TRUSTED_PROXIES", "combination", "{{.Value}} 等于信任所有来源，写明代理自己的地址", "Value", p)
		}
	}
	if listens && Beyond(cfg.Listen) && !cfg.InsecureHTTP && len(cfg.TrustedProxies) == 0 {
		c.Fail(prefix+"LISTEN", "combination",
			"{{.Listen}} 超出本机而没有加密：在同一台机器上用带 TLS 的反向代理并设置 PARK_TRUSTED_PROXIES；确知端口只在本机公开时设置 PARK_INSECURE_HTTP=1", "Listen", cfg.Listen)
	}
	if cfg.Profile == "dengbao3" && cfg.InsecureHTTP && Beyond(cfg.Listen) {
		c.Cite(prefix+"INSECURE_HTTP", "combination", "GB/T 22239-2019 8.1.2.2", nil, "dengbao3 要求通信加密，去掉 PARK_INSECURE_HTTP，经由带 TLS 的反向代理访问")
	}
	if cfg.MetricsListen != "" && address(c, "METRICS_LISTEN", cfg.MetricsListen) && Beyond(cfg.MetricsListen) && !cfg.InsecureHTTP {
		c.Fail(prefix+"METRICS_LISTEN", "combination", "指标只在本机地址上提供，如 127.0.0.1:9090")
	}
}

func address(c *fault.Check, name, value string) bool {
	_, port, err := net.SplitHostPort(value)
	if err != nil || port == "" {
		c.Fail(prefix+name, "pattern", "监听地址应当写成 主机:端口，如 127.0.0.1:8080")
		return false
	}
	return true
}

// Beyond reports whether the address can be reached from other machines.
func Beyond(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return true
	}
	if host == "localhost" {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err != nil || !a.Unmap().IsLoopback()
}

// Demo is the configuration of the demonstration: its own file unless a database
// is named, and never beyond this machine unless told (S-AU3).
func (cfg Config) Demo(named bool) (Config, error) {
	var c fault.Check
	if !named {
		cfg.Database = "sqlite:" + cfg.Data + "/demo.db"
	}
	if Beyond(cfg.Listen) && !cfg.ExposeDemo {
		c.Fail(prefix+"LISTEN", "combination", "示例账号的口令是公开打印的，只在本机地址上运行；确需公开时设置 PARK_EXPOSE_DEMO=1")
	}
	return cfg, c.Err()
}
