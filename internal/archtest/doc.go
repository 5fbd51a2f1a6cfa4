// Package archtest holds the shape of the program to what was agreed: which
// package may import which, that each says what it is for, that files stay
// readable, and that calls which go round the one door to rows stand nowhere.
// It has tests only; `make imports` runs them, never from the test cache.
package archtest
