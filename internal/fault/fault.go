// Package fault is the one error type of the program: what went wrong in the
// words of the field, with a closed set of codes that an edge turns into its
// own protocol (api/problem.go for HTTP). It knows no protocol, no language
// catalogue and no database.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure it is. The set is closed: an edge switches on it.
type Code string

const (
	Malformed       Code = "malformed"       // not readable at all: syntax, unknown field or parameter
	Invalid         Code = "invalid"         // readable, but one or more rules are broken
	Unauthenticated Code = "unauthenticated" // nobody is signed in
	Denied          Code = "denied"          // the role lacks the action, whatever the object
	NotFound        Code = "not-found"       // absent, or outside the caller's scope: the caller cannot tell which
	NotAllowed      Code = "not-allowed"     // the address exists, the method does not
	Conflict        Code = "conflict"        // the state does not allow it now
	Stale           Code = "stale"           // somebody changed the row since it was read
	Precondition    Code = "precondition"    // the version must be named and was not
	TooLarge        Code = "too-large"       // over a stated limit
	Unsupported     Code = "unsupported"     // a media type or encoding that is not taken
	TooMany         Code = "too-many"        // over a rate; RetryAfter says when
	Unavailable     Code = "unavailable"     // a dependency is away; RetryAfter says when
	Internal        Code = "internal"        // a defect of ours; its cause is logged, never answered
)

// Text is a sentence in the catalogue: the Chinese sentence is its key, with
// {{.Name}} places filled from Args. An edge renders it in the caller's language.
// A name that comes from data brings its English along.
type Text struct {
	Key     string
	Args    map[string]any
	English string
}

// Named is a name that comes from data, in both languages.
func Named(zh, en string) Text { return Text{Key: zh, English: en} }

// T makes a Text from the Chinese sentence and name, value, name, value …
func T(key string, args ...any) Text {
	if len(args) == 0 {
		return Text{Key: key}
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return Text{Key: key, Args: m}
}

// String renders the Chinese sentence: for logs and for tests.
func (t Text) String() string {
	s := t.Key
	for k, v := range t.Args {
		s = strings.ReplaceAll(s, "{{."+k+"}}", fmt.Sprint(v))
	}
	return s
}

// Label is a name that data gives in both languages: as an argument of a Text it
// is said in the caller's.
type Label struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// String is the Chinese name.
func (l Label) String() string { return l.Zh }

// Violation is one broken rule.
type Violation struct {
	Pointer string // JSON pointer into the input, "" for the whole of it; a sheet adds its cell
	Code    string // stable word of the rule: required, checkDigit, tooLong, …
	Rule    string // the standard or decision relied upon, may be empty
	Detail  Text   // what is expected and how to mend it
	Value   any    // the value refused, nil when it must not be repeated
}

// Error is a failure with a code. Anything else that reaches an edge is Internal.
type Error struct {
	Code       Code
	Detail     Text
	Violations []Violation
	RetryAfter int            // seconds, for TooMany and Unavailable
	Extra      map[string]any // facts an edge may show: current version, expected state
	cause      error
}

// New makes an Error from the Chinese sentence and name, value … pairs.
func New(code Code, key string, args ...any) *Error {
	return &Error{Code: code, Detail: T(key, args...)}
}

// Wrap makes an Error that keeps its cause for the log.
func Wrap(cause error, code Code, key string, args ...any) *Error {
	e := New(code, key, args...)
	e.cause = cause
	return e
}

// Absent is the one answer for a row that does not exist or that the caller may not see.
func Absent() *Error { return New(NotFound, "没有找到，或者不在管理范围内") }

// With adds a fact that an edge may show.
func (e *Error) With(name string, value any) *Error {
	if e.Extra == nil {
		e.Extra = map[string]any{}
	}
	e.Extra[name] = value
	return e
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	b.WriteString(": ")
	b.WriteString(e.Detail.String())
	for _, v := range e.Violations {
		fmt.Fprintf(&b, "; %s %s: %s", v.Pointer, v.Code, v.Detail)
	}
	if e.cause != nil {
		b.WriteString(": ")
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.cause }

// CodeOf is the code of err, Internal for anything that is not a fault, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Is reports whether err is a fault of that code.
func Is(err error, code Code) bool { return CodeOf(err) == code }
