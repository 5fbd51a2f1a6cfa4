// Package tools is a module of its own: it holds the linters that the Makefile
// runs (the tool lines of go.mod) and the tests of the deployment files, so that
// their large module graphs stay out of the program's go.mod.
package tools
