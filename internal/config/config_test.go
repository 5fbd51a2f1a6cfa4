package config_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
)

func load(environ []string, args ...string) (config.Config, error) {
	set := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.Flags(set)
	if err := set.Parse(args); err != nil {
		return config.Config{}, err
	}
	return config.Load(environ, set)
}

func TestDefaultsAreSafe(t *testing.T) {
	cfg, err := load([]string{"HOME=/root", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "127.0.0.1:8080" || cfg.Database != "sqlite:data/park.db" || cfg.HJ212Listen != "" || cfg.InsecureHTTP || cfg.ExposeDemo ||
		len(cfg.TrustedProxies) != 0 || cfg.BackupEvery != 0 || cfg.RateReads != 50 || cfg.RateWrites != 10 || cfg.RateAnonymous != 5 {
		t.Errorf("the defaults are %+v", cfg)
	}
}

func TestFlagsWinOverEnvironment(t *testing.T) {
	cfg, err := load([]string{"PARK_LISTEN=127.0.0.1:1", "PARK_DATA=/a", "PARK_BACKUP_EVERY=24h", "PARK_TRUSTED_PROXIES=10.0.0.1,10.1.0.0/16"}, "--listen", "127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "127.0.0.1:2" || cfg.Data != "/a" || cfg.BackupEvery != 24*time.Hour || len(cfg.TrustedProxies) != 2 || cfg.BackupFolder() != "/a/backups" {
		t.Errorf("got %+v", cfg)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name    string
		environ []string
		want    []string // pointer code
	}{
		{"unknown", []string{"PARK_LISTN=x"}, []string{"PARK_LISTN unknown"}},
		{"several at once", []string{"PARK_LISTN=x", "PARK_PROFILE=gm", "PARK_LOG_LEVEL=loud", "PARK_LOG_FORMAT=xml"},
			[]string{"PARK_LISTN unknown", "PARK_PROFILE enum", "PARK_LOG_LEVEL enum", "PARK_LOG_FORMAT enum"}},
		{"a switch that is none", []string{"PARK_INSECURE_HTTP=perhaps"}, []string{"PARK_INSECURE_HTTP type"}},
		{"a duration without unit", []string{"PARK_BACKUP_EVERY=24"}, []string{"PARK_BACKUP_EVERY type"}},
		{"a rate that is no number", []string{"PARK_RATE_READS=many"}, []string{"PARK_RATE_READS type"}},
		{"backups too close", []string{"PARK_BACKUP_EVERY=5s"}, []string{"PARK_BACKUP_EVERY range"}},
		{"a negative rate", []string{"PARK_RATE_READS=-1"}, []string{"PARK_RATE_READS range"}},
		{"a database of another kind", []string{"PARK_DATABASE=mysql://x"}, []string{"PARK_DATABASE pattern"}},
		{"an owner for SQLite", []string{"PARK_MIGRATE_DATABASE=postgres://o@h/d"}, []string{"PARK_MIGRATE_DATABASE combination"}},
		{"an owner of another kind", []string{"PARK_DATABASE=postgres://p@h/d", "PARK_MIGRATE_DATABASE=sqlite:x"}, []string{"PARK_MIGRATE_DATABASE pattern"}},
		{"no port", []string{"PARK_LISTEN=localhost"}, []string{"PARK_LISTEN pattern"}},
		{"beyond loopback", []string{"PARK_LISTEN=0.0.0.0:80"}, []string{"PARK_LISTEN combination"}},
		{"beyond loopback, every address", []string{"PARK_LISTEN=:80"}, []string{"PARK_LISTEN combination"}},
		{"beyond loopback by name", []string{"PARK_LISTEN=park.sz.gov.cn:80"}, []string{"PARK_LISTEN combination"}},
		{"a proxy that is no address", []string{"PARK_TRUSTED_PROXIES=proxy"}, []string{"PARK_TRUSTED_PROXIES pattern"}},
		{"everybody is a proxy", []string{"PARK_LISTEN=0.0.0.0:80", "PARK_TRUSTED_PROXIES=0.0.0.0/0"}, []string{"PARK_TRUSTED_PROXIES combination"}},
		{"dengbao3 in the clear", []string{"PARK_LISTEN=0.0.0.0:80", "PARK_INSECURE_HTTP=1", "PARK_PROFILE=dengbao3"}, []string{"PARK_INSECURE_HTTP combination"}},
		{"metrics beyond loopback", []string{"PARK_METRICS_LISTEN=0.0.0.0:9090"}, []string{"PARK_METRICS_LISTEN combination"}},
		{"a file that is not there", []string{"PARK_DATABASE_FILE=/nowhere"}, []string{"PARK_DATABASE_FILE file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(c.environ)
			var f *fault.Error
			if !errors.As(err, &f) {
				t.Fatalf("want refusals, got %v", err)
			}
			var got []string
			for _, v := range f.Violations {
				got = append(got, v.Pointer+" "+v.Code)
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAllowed(t *testing.T) {
	for name, environ := range map[string][]string{
		"behind a proxy":   {"PARK_LISTEN=0.0.0.0:80", "PARK_TRUSTED_PROXIES=10.0.0.1", "PARK_PROFILE=dengbao3"},
		"told to":          {"PARK_LISTEN=0.0.0.0:80", "PARK_INSECURE_HTTP=1"},
		"loopback by name": {"PARK_LISTEN=localhost:80"},
		"loopback of IPv6": {"PARK_LISTEN=[::1]:80"},
		"an empty setting": {"PARK_HJ212_LISTEN=", "PARK_DEMO_PASSWORD="},
		"two roles":        {"PARK_DATABASE=postgres://p:x@h/d", "PARK_MIGRATE_DATABASE=postgres://o:y@h/d"},
	} {
		if _, err := load(environ); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDemoStaysOnThisMachine(t *testing.T) {
	cfg, err := load([]string{"PARK_LISTEN=0.0.0.0:80", "PARK_INSECURE_HTTP=1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cfg.Demo(false); !fault.Is(err, fault.Invalid) {
		t.Errorf("a demo for everybody: %v", err)
	}
	cfg.ExposeDemo = true
	if cfg, err = cfg.Demo(false); err != nil || cfg.Database != "sqlite:data/demo.db" {
		t.Errorf("told to: %v, database %s", err, cfg.Database)
	}
}

// TestSecrets: by file only where nobody else can read it, and never printed (S-OP7).
func TestSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(file, []byte("postgres://park:verysecret@db/park?password=alsosecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := load([]string{"PARK_DATABASE_FILE=" + file, "PARK_DEMO_PASSWORD=thirdsecret"})
	if err != nil || !strings.HasPrefix(cfg.Database, "postgres://park:verysecret@db/park") {
		t.Fatalf("read %q, %v", cfg.Database, err)
	}
	shown, err := json.Marshal(cfg.Settings())
	if err != nil || strings.Contains(string(shown), "secret") || !strings.Contains(string(shown), "postgres://park:") {
		t.Errorf("shown as %s, %v", shown, err)
	}
	if _, err := load([]string{"PARK_DATABASE_FILE=" + file, "PARK_DATABASE=sqlite:x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("given twice: %v", err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := load([]string{"PARK_DATABASE_FILE=" + file}); !fault.Is(err, fault.Invalid) {
		t.Errorf("readable by others: %v", err)
	}
}

// TestTelemetry: what serves refuses a listener that it does not have.
func TestTelemetry(t *testing.T) {
	cfg, err := load([]string{"PARK_HJ212_LISTEN=127.0.0.1:8212"})
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.Telemetry(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a listener for HJ 212: %v", err)
	}
	cfg.HJ212Listen = ""
	if err := cfg.Telemetry(); err != nil {
		t.Errorf("none: %v", err)
	}
}
