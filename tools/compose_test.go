package tools

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const composeFile = "../docker-compose.yml"

var composeEnv = []string{"PARK_DB_PASSWORD=runtimepassword", "PARK_DB_OWNER_PASSWORD=ownerpassword"}

// loadCompose reads the file as docker compose does, with env as the whole environment.
func loadCompose(t *testing.T, env []string) (*types.Project, error) {
	t.Helper()
	opts, err := cli.NewProjectOptions([]string{composeFile}, cli.WithEnv(env), cli.WithName("park"))
	if err != nil {
		t.Fatal(err)
	}
	return opts.LoadProject(t.Context())
}

func composeServices(t *testing.T) (db, park types.ServiceConfig) {
	t.Helper()
	project, err := loadCompose(t, composeEnv)
	if err != nil {
		t.Fatalf("load %s: %v", composeFile, err)
	}
	if db, err = project.GetService("db"); err != nil {
		t.Fatal(err)
	}
	if park, err = project.GetService("park"); err != nil {
		t.Fatal(err)
	}
	return db, park
}

func TestComposeAsksForEveryPassword(t *testing.T) {
	for i, missing := range composeEnv {
		name, _, _ := strings.Cut(missing, "=")
		t.Run(name, func(t *testing.T) {
			_, err := loadCompose(t, slices.Delete(slices.Clone(composeEnv), i, i+1))
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Fatalf("without %s: want an error that names it, got %v", name, err)
			}
		})
	}
}

func TestComposeDatabase(t *testing.T) {
	db, _ := composeServices(t)
	if db.HealthCheck == nil || len(db.HealthCheck.Test) < 2 || db.HealthCheck.Test[1] != "pg_isready" {
		t.Errorf("the database needs a health check by pg_isready, has %+v", db.HealthCheck)
	}
	// While the image's start scripts run, the server answers on its socket but not on an address.
	if db.HealthCheck != nil && !slices.Contains(db.HealthCheck.Test, "--host=127.0.0.1") {
		t.Errorf("the health check must ask over TCP, asks %q", db.HealthCheck.Test)
	}
	if len(db.Ports) != 0 {
		t.Errorf("the database must not be published, is at %+v", db.Ports)
	}
	wantNamedVolume(t, db, "/var/lib/postgresql/data")
	args := environment(db, "POSTGRES_INITDB_ARGS")
	for _, want := range []string{"--locale=C.UTF-8", "--data-checksums"} {
		if !strings.Contains(args, want) {
			t.Errorf("POSTGRES_INITDB_ARGS is %q, want %s in it", args, want)
		}
	}
	for _, v := range db.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if !v.ReadOnly {
			t.Errorf("%s is mounted writable", v.Source)
		}
		if _, err := os.Stat(v.Source + "/10-roles.sh"); err != nil {
			t.Errorf("the script that makes the roles: %v", err)
		}
	}
}

func TestComposeProgram(t *testing.T) {
	_, park := composeServices(t)
	if got := park.DependsOn["db"].Condition; got != types.ServiceConditionHealthy {
		t.Errorf("park waits for db to be %q, want %q", got, types.ServiceConditionHealthy)
	}
	if !park.ReadOnly {
		t.Error("the root file system must be read-only")
	}
	if !slices.Equal(park.CapDrop, []string{"ALL"}) || len(park.CapAdd) != 0 || park.Privileged {
		t.Errorf("want every capability dropped and none added: drop %q, add %q, privileged %v", park.CapDrop, park.CapAdd, park.Privileged)
	}
	if !slices.Contains(park.SecurityOpt, "no-new-privileges:true") {
		t.Errorf("security_opt is %q, want no-new-privileges:true", park.SecurityOpt)
	}
	if user, _, _ := strings.Cut(park.User, ":"); user != "65532" {
		t.Errorf("runs as %q, want 65532", park.User)
	}
	if !slices.ContainsFunc(park.Tmpfs, func(m string) bool { return m == "/tmp" || strings.HasPrefix(m, "/tmp:") }) {
		t.Errorf("tmpfs is %q, want /tmp: large request bodies are buffered there", park.Tmpfs)
	}
	if park.HealthCheck == nil || !slices.Equal(park.HealthCheck.Test, []string{"CMD", "/park", "healthcheck"}) {
		t.Errorf("health check is %+v, want /park healthcheck", park.HealthCheck)
	}
	if park.StopGracePeriod == nil || time.Duration(*park.StopGracePeriod) <= 20*time.Second {
		t.Errorf("the grace period is %v, want more than the 20 s that running requests get", park.StopGracePeriod)
	}
	wantNamedVolume(t, park, "/data")
}

// TestComposeLoopbackOnly keeps together what makes PARK_INSECURE_HTTP right:
// HTTP without TLS may be published on the loopback of the machine and nowhere else.
func TestComposeLoopbackOnly(t *testing.T) {
	_, park := composeServices(t)
	if environment(park, "PARK_INSECURE_HTTP") != "1" {
		t.Error("inside its container the program listens beyond loopback without TLS and would refuse to start")
	}
	if len(park.Ports) == 0 {
		t.Error("nothing is published")
	}
	for _, p := range park.Ports {
		if p.HostIP != "127.0.0.1" {
			t.Errorf("port %d is published on %q, want 127.0.0.1", p.Target, p.HostIP)
		}
	}
}

// TestComposeTwoRoles checks that the program serves with a role that owns nothing.
func TestComposeTwoRoles(t *testing.T) {
	db, park := composeServices(t)
	for name, want := range map[string]string{
		"PARK_DATABASE":         "postgres://park:runtimepassword@db:5432/park",
		"PARK_MIGRATE_DATABASE": "postgres://park_owner:ownerpassword@db:5432/park",
	} {
		if got, _, _ := strings.Cut(environment(park, name), "?"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"PARK_DB_PASSWORD", "PARK_DB_OWNER_PASSWORD"} {
		if environment(db, name) == "" {
			t.Errorf("the script that makes the roles is not given %s", name)
		}
	}
}

// TestComposeHasNoName: docker-compose 1.29, which Debian 11 and 12 ship, refuses a top-level name.
func TestComposeHasNoName(t *testing.T) {
	text, err := os.ReadFile(composeFile)
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^["']?name["']?\s*:`).Match(text) {
		t.Error("the file has a top-level name")
	}
}

func wantNamedVolume(t *testing.T, s types.ServiceConfig, target string) {
	t.Helper()
	for _, v := range s.Volumes {
		if v.Target == target {
			if v.Type != types.VolumeTypeVolume || v.Source == "" {
				t.Errorf("%s: %s is a %s from %q, want a named volume", s.Name, target, v.Type, v.Source)
			}
			return
		}
	}
	t.Errorf("%s: nothing is mounted at %s", s.Name, target)
}

func environment(s types.ServiceConfig, name string) string {
	if v := s.Environment[name]; v != nil {
		return *v
	}
	return ""
}
