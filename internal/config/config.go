// Package config is every setting of the program in one struct: read from the
// environment (prefix PARK_) and from flags, which win, checked as a whole and
// passed down. Nothing here is global, and nothing is guessed: an unknown PARK_
// name is refused, since a misspelt setting would otherwise be silently absent.
package config

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/spf13/pflag"

	"parkregistry/internal/fault"
)

// Config holds the settings with their defaults. A field with a flag can be set
// on the command line; a secret is never a flag, is printed masked, and has a
// twin that names a file (0600) to read it from.
type Config struct {
	Listen           string        `env:"LISTEN" envDefault:"127.0.0.1:8080" flag:"listen" doc:"HTTP 监听地址，:0 自动选端口 · where HTTP listens; :0 picks a port"`
	PublicURL        string        `env:"PUBLIC_URL" flag:"public-url" doc:"人们访问本系统的网址，如 https://park.example，印在回执的二维码里 · where people reach the program; goes into the QR codes of receipts"`
	Database         string        `env:"DATABASE" envDefault:"sqlite:data/park.db" flag:"database" secret:"url" doc:"数据库，sqlite:路径 或 postgres://… · the database"`
	DatabaseFile     string        `env:"DATABASE_FILE,file" secret:"all" doc:"存放数据库地址的文件 · a file with the database's address"`
	MigrateDatabase  string        `env:"MIGRATE_DATABASE" secret:"url" doc:"以表的所有者身份迁移用的地址，PostgreSQL · address of the role that owns the tables"`
	MigrateFile      string        `env:"MIGRATE_DATABASE_FILE,file" secret:"all" doc:"存放该地址的文件 · a file with that address"`
	Data             string        `env:"DATA" envDefault:"data" flag:"data" doc:"附件、密钥、备份的目录 · folder of attachments, keys and backups"`
	HJ212Listen      string        `env:"HJ212_LISTEN" flag:"hj212-listen" doc:"HJ 212 监听地址，空为关闭 · where HJ 212 listens; empty is off"`
	MetricsListen    string        `env:"METRICS_LISTEN" flag:"metrics-listen" doc:"指标的监听地址，空为仅在本机 HTTP 地址上提供 · where metrics listen; empty serves them to loopback only"`
	InsecureHTTP     bool          `env:"INSECURE_HTTP" doc:"允许不加密地监听本机以外的地址 · allow plain HTTP beyond loopback"`
	TrustedProxies   []string      `env:"TRUSTED_PROXIES" doc:"可信反向代理的地址或网段，逗号分隔 · addresses or networks of trusted proxies"`
	Profile          string        `env:"PROFILE" envDefault:"intl" doc:"安全配置：intl 或 dengbao3 · security profile"`
	RateReads        float64       `env:"RATE_READS" envDefault:"50" doc:"每人每秒读取次数，0 不限 · reads a second for one person"`
	RateWrites       float64       `env:"RATE_WRITES" envDefault:"10" doc:"每人每秒写入次数，0 不限 · writes a second for one person"`
	RateAnonymous    float64       `env:"RATE_ANONYMOUS" envDefault:"5" doc:"每地址每秒未登录请求，0 不限 · requests a second of one address, not signed in"`
	DemoPassword     string        `env:"DEMO_PASSWORD" secret:"all" doc:"全部示例账号的口令，空为随机 · password of all demo accounts; empty is random"`
	DemoFile         string        `env:"DEMO_PASSWORD_FILE,file" secret:"all" doc:"存放该口令的文件 · a file with that password"`
	ExposeDemo       bool          `env:"EXPOSE_DEMO" doc:"允许 demo 监听本机以外的地址 · allow demo beyond loopback"`
	Backup           string        `env:"BACKUP" flag:"backup-dir" doc:"备份目录，空为数据目录下的 backups · folder of backups; empty is backups in the data folder"`
	BackupEvery      time.Duration `env:"BACKUP_EVERY" doc:"自动备份的间隔，如 24h，空为关闭 · time between scheduled backups; empty is off"`
	SigningKeyFile   string        `env:"SIGNING_KEY_FILE" doc:"检查点签名私钥的文件，空为数据目录下的 keys/checkpoint.key，首次启动时生成 · file of the key that signs checkpoints; empty is keys/checkpoint.key in the data folder, made on the first start"`
	SigningAlgorithm string        `env:"SIGNING_ALGORITHM" envDefault:"ed25519" doc:"检查点的签名算法：ed25519 或 sm2（GB/T 32918，SM3），首次启动生成密钥时决定 · how checkpoints are signed; decided when the key is made"`
	CheckpointEvery  time.Duration `env:"CHECKPOINT_EVERY" envDefault:"1h" doc:"自动签署检查点的间隔，0 为仅按需 · time between scheduled checkpoints; 0 signs on demand only"`
	DrainDelay       time.Duration `env:"DRAIN_DELAY" doc:"停止前先报告未就绪的时长 · how long readyz says no before the listener closes"`
	LogLevel         string        `env:"LOG_LEVEL" envDefault:"info" flag:"log-level" doc:"日志级别：debug、info、warn、error · log level"`
	LogFormat        string        `env:"LOG_FORMAT" envDefault:"json" flag:"log-format" doc:"日志格式：json 或 text · log format"`
}

const prefix = "PARK_"

// field is one setting as the struct's tags describe it.
type field struct {
	index             int
	name              string // PARK_LISTEN
	flag, secret, doc string
	file              bool // the environment names a file
}

var fields = func() []field {
	t := reflect.TypeFor[Config]()
	all := make([]field, t.NumField())
	for i := range all {
		tag := t.Field(i).Tag
		name, rest, _ := strings.Cut(tag.Get("env"), ",")
		all[i] = field{index: i, name: prefix + name, flag: tag.Get("flag"), secret: tag.Get("secret"), doc: tag.Get("doc"), file: rest == "file"}
	}
	return all
}()

// Flags adds the settings that may be set on the command line. They have no
// default of their own: only what is typed wins over the environment.
func Flags(set *pflag.FlagSet) {
	for _, f := range fields {
		if f.flag != "" {
			set.String(f.flag, "", f.doc+" ("+f.name+")")
		}
	}
}

// Load reads the environment (as os.Environ gives it), then the flags that were
// typed, and checks the whole. Every fault is reported at once.
func Load(environ []string, flags *pflag.FlagSet) (Config, error) {
	var c fault.Check
	values := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			c.Fail(name, "unknown", "没有这项设置，去掉它或者改正拼写")
			continue
		}
		if value != "" {
			values[name] = value
		}
	}
	for _, f := range fields {
		if f.flag != "" && flags != nil && flags.Changed(f.flag) {
			values[f.name] = flags.Lookup(f.flag).Value.String()
		}
		if f.file && values[f.name] != "" {
			if err := private(values[f.name]); err != nil {
				c.Within(f.name, err)
				delete(values, f.name)
			}
		}
	}
	var cfg Config
	err := env.ParseWithOptions(&cfg, env.Options{Environment: values, Prefix: prefix})
	unread(&c, err)
	cfg.fromFiles(&c, values)
	cfg.check(&c)
	return cfg, c.Err()
}

// private refuses a secret's file that other accounts of the machine can read (S-OP7).
func private(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Broken("file", "", "没有这个文件：{{.Path}}", "Path", path)
	case err != nil || info.IsDir():
		return fault.Broken("file", "", "读不了这个文件：{{.Path}}", "Path", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return fault.Broken("mode", "", "文件 {{.Path}} 别人也能读，改为仅本账号可读（chmod 600）", "Path", path)
	}
	return nil
}

// unread says which settings the parser could not read, without its own words.
func unread(c *fault.Check, err error) {
	var all env.AggregateError
	if !errors.As(err, &all) {
		if err != nil {
			c.Fail("", "invalid", "无法识别")
		}
		return
	}
	for _, e := range all.Errors {
		var p env.ParseError
		var l env.LoadFileContentError
		switch {
		case errors.As(e, &p):
			sf, _ := reflect.TypeFor[Config]().FieldByName(p.Name)
			name := prefix + sf.Tag.Get("env")
			switch sf.Type {
			case reflect.TypeFor[bool]():
				c.Fail(name, "type", "应当是 1 或者 0")
			case reflect.TypeFor[time.Duration]():
				c.Fail(name, "type", "应当是带单位的时长，如 30s、15m、24h")
			default:
				c.Fail(name, "type", "应当是数字")
			}
		case errors.As(e, &l):
			c.Fail(l.Key, "file", "读不了这个文件：{{.Path}}", "Path", l.Filename)
		default:
			c.Fail("", "invalid", "无法识别")
		}
	}
}

// fromFiles takes the secrets that stand in files; one given in both ways is refused.
func (cfg *Config) fromFiles(c *fault.Check, values map[string]string) {
	for _, p := range []struct {
		name       string
		value, own *string
	}{
		{"DATABASE", &cfg.Database, &cfg.DatabaseFile},
		{"MIGRATE_DATABASE", &cfg.MigrateDatabase, &cfg.MigrateFile},
		{"DEMO_PASSWORD", &cfg.DemoPassword, &cfg.DemoFile},
	} {
		content := strings.TrimSpace(*p.own)
		*p.own = ""
		if content == "" {
			continue
		}
		if values[prefix+p.name] != "" {
			c.Fail(prefix+p.name, "doubled", "{{.One}} 与 {{.Other}} 只能设置一项", "One", prefix+p.name, "Other", prefix+p.name+"_FILE")
			continue
		}
		*p.value = content
	}
}

// SigningKey is where the key that signs checkpoints is kept.
func (cfg Config) SigningKey() string {
	return cmp.Or(cfg.SigningKeyFile, cfg.Data+"/keys/checkpoint.key")
}

// Checkpoints is where every signed checkpoint is kept beside the database.
func (cfg Config) Checkpoints() string { return cfg.Data + "/checkpoints.txt" }

// BackupFolder is where backups are kept.
func (cfg Config) BackupFolder() string { return cmp.Or(cfg.Backup, cfg.Data+"/backups") }
