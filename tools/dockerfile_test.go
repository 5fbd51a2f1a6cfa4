package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const dockerFile = "../Dockerfile"

// offlineImages answers every base image with an empty configuration, so that
// the linter needs no registry.
type offlineImages struct{}

func (offlineImages) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config, err := json.Marshal(ocispecs.Image{Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"}})
	return ref, digest.FromBytes(config), config, err
}

// lintDockerfile gives each warning of BuildKit's linter as "rule: text".
func lintDockerfile(t *testing.T, text []byte) []string {
	t.Helper()
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	var err error
	if source.Definition, err = llb.Scratch().Marshal(t.Context()); err != nil {
		t.Fatal(err)
	}
	results, err := dockerfile2llb.DockerfileLint(t.Context(), text, dockerfile2llb.ConvertOpt{
		Config:       dockerui.Config{LinterConfig: &linter.Config{ExperimentalAll: true}},
		SourceMap:    source,
		MetaResolver: offlineImages{},
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	if results.Error != nil {
		found = append(found, "error: "+results.Error.Message)
	}
	for _, w := range results.Warnings {
		found = append(found, w.RuleName+": "+w.Detail)
	}
	return found
}

func readDockerfile(t *testing.T) (text []byte, stages []instructions.Stage) {
	t.Helper()
	text, err := os.ReadFile(dockerFile)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err = instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) < 2 {
		t.Fatalf("%d stages, want one that builds and one that is shipped", len(stages))
	}
	return text, stages
}

func TestDockerfileLint(t *testing.T) {
	text, _ := readDockerfile(t)
	for _, w := range lintDockerfile(t, text) {
		t.Error(w)
	}
}

// TestDockerfileLintSees makes sure that the linter is awake: a file with known faults is not clean.
func TestDockerfileLintSees(t *testing.T) {
	found := lintDockerfile(t, []byte("FROM golang as build\nENV TOKEN=secret\nCMD echo hello\n"))
	for _, rule := range []string{"FromAsCasing", "SecretsUsedInArgOrEnv", "JSONArgsRecommended"} {
		if !slices.ContainsFunc(found, func(w string) bool { return strings.HasPrefix(w, rule+":") }) {
			t.Errorf("want %s among %q", rule, found)
		}
	}
}

func TestDockerfileFinalStage(t *testing.T) {
	_, stages := readDockerfile(t)
	final := stages[len(stages)-1]
	if final.BaseName != "scratch" {
		t.Errorf("the shipped stage starts from %q, want scratch", final.BaseName)
	}
	env := map[string]string{}
	var users, volumes []string
	var sources []string // files that the stage takes, "stage:path"
	for _, command := range final.Commands {
		switch c := command.(type) {
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				env[kv.Key] = kv.Value
			}
		case *instructions.UserCommand:
			users = append(users, c.User)
		case *instructions.VolumeCommand:
			volumes = append(volumes, c.Volumes...)
		case *instructions.CopyCommand:
			for _, path := range c.SourcePaths {
				sources = append(sources, c.From+":"+path)
			}
		case *instructions.RunCommand:
			t.Errorf("RUN in a scratch stage has no shell to run: %q", c.CmdLine)
		}
	}
	if len(users) != 1 || strings.Split(users[0], ":")[0] != "65532" {
		t.Errorf("USER %q, want 65532 once", users)
	}
	if !slices.Contains(volumes, "/data") {
		t.Errorf("VOLUME %q, want /data", volumes)
	}
	for _, want := range []string{"build:/out/park", "build:/out/ca-certificates.crt"} {
		if !slices.Contains(sources, want) {
			t.Errorf("the stage takes %q, want %s", sources, want)
		}
	}
	for name, want := range map[string]string{"PARK_DATA": "/data", "PARK_LISTEN": "0.0.0.0:8080", "TMPDIR": "/tmp"} {
		if env[name] != want {
			t.Errorf("ENV %s=%q, want %q", name, env[name], want)
		}
	}
	// Whoever publishes the port decides, not the image.
	if v, set := env["PARK_INSECURE_HTTP"]; set {
		t.Errorf("ENV PARK_INSECURE_HTTP=%q: an image must not switch the refusal off", v)
	}
}

func TestDockerfileCommands(t *testing.T) {
	_, stages := readDockerfile(t)
	final := stages[len(stages)-1]
	var health, entry, cmd []string
	for _, command := range final.Commands {
		switch c := command.(type) {
		case *instructions.HealthCheckCommand:
			health = c.Health.Test
		case *instructions.EntrypointCommand:
			entry = c.CmdLine
			if c.PrependShell {
				t.Errorf("ENTRYPOINT %q needs a shell", c.CmdLine)
			}
		case *instructions.CmdCommand:
			cmd = c.CmdLine
			if c.PrependShell {
				t.Errorf("CMD %q needs a shell", c.CmdLine)
			}
		}
	}
	if want := []string{"CMD", "/park", "healthcheck"}; !slices.Equal(health, want) {
		t.Errorf("HEALTHCHECK %q, want %q", health, want)
	}
	if want := []string{"/park"}; !slices.Equal(entry, want) {
		t.Errorf("ENTRYPOINT %q, want %q", entry, want)
	}
	if want := []string{"serve"}; !slices.Equal(cmd, want) {
		t.Errorf("CMD %q, want %q", cmd, want)
	}
}
