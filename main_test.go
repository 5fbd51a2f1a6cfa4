package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary stand for the program: scripts and tests that
// need a real process start it under the name park.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"park": main}) }

// TestScripts runs testdata/script: what a person types and what the program says.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
		e.Setenv("LANG", "en_US.UTF-8")
		return nil
	}})
}
