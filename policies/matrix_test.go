package policies_test

import (
	"os"
	"strings"
	"testing"

	"parkregistry/internal/golden"
	"parkregistry/policies"
)

func embedded(t testing.TB) *policies.Policy {
	t.Helper()
	p, err := policies.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMatrix: the difference of this file is what a change of the policy is reviewed by.
func TestMatrix(t *testing.T) {
	text, err := embedded(t).Matrix()
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "matrix.golden", text)
}

// TestMatrixSaysEveryLine: each line of policy.csv stands in its cell, and nothing else does.
func TestMatrixSaysEveryLine(t *testing.T) {
	text, err := embedded(t).Matrix()
	if err != nil {
		t.Fatal(err)
	}
	type cell struct{ perm, role, reach string }
	printed := map[cell]bool{}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	roles := strings.Fields(lines[0])[1:]
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		for i, c := range fields[1:] {
			for _, reach := range strings.Split(c, "+") {
				if reach != "·" {
					printed[cell{fields[0], roles[i], reach}] = true
				}
			}
		}
	}
	for _, l := range csvLines(t) {
		k := cell{l[1] + "." + l[2], strings.TrimPrefix(l[0], "role:"), l[3]}
		if !printed[k] {
			t.Errorf("policy line %v is not in the matrix", l)
		}
		delete(printed, k)
	}
	for k := range printed {
		t.Errorf("the matrix gives %v, which no line does", k)
	}
}

// csvLines reads policy.csv by itself, without the code under test.
func csvLines(t testing.TB) [][]string {
	t.Helper()
	raw, err := os.ReadFile("policy.csv")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, line := range strings.Split(string(raw), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		if len(parts) != 5 || parts[0] != "p" {
			t.Fatalf("policy.csv: %q is no line of role, resource, action, reach", line)
		}
		all = append(all, parts[1:])
	}
	return all
}
