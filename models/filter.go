package models

import (
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// What a filter of a list may be, for pages and exports alike.

// IsID reports what is wrong with the id of a row.
func IsID(s string) error {
	_, err := ParseID(s)
	return err
}

// IsShort reports what is wrong with a few words.
func IsShort(s string) error {
	_, err := code.ParseText(100)(s)
	return err
}

// IsDay reports what is wrong with a day.
func IsDay(s string) error {
	_, err := code.ParseDay(s)
	return err
}

// Among takes one of some values.
func Among(all ...string) func(string) error {
	return func(s string) error {
		if !slices.Contains(all, s) {
			return fault.New(fault.Malformed, "不是这个条件的值")
		}
		return nil
	}
}
