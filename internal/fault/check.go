package fault

// Check collects every violation of one input, so that all are answered at once.
type Check struct {
	violations []Violation
}

// Add notes a broken rule.
func (c *Check) Add(v Violation) { c.violations = append(c.violations, v) }

// Fail notes a broken rule in short: where, which, the Chinese sentence and its arguments.
func (c *Check) Fail(pointer, code, key string, args ...any) {
	c.Add(Violation{Pointer: pointer, Code: code, Detail: T(key, args...)})
}

// Cite is Fail with the standard relied upon and the value refused.
func (c *Check) Cite(pointer, code, rule string, value any, key string, args ...any) {
	c.Add(Violation{Pointer: pointer, Code: code, Rule: rule, Value: value, Detail: T(key, args...)})
}

// Required notes a missing value and reports whether it was there.
func (c *Check) Required(pointer, value string) bool {
	if value != "" {
		return true
	}
	c.Fail(pointer, "required", "必须填写")
	return false
}

// Within takes the violations of a part of the input, below prefix.
func (c *Check) Within(prefix string, err error) {
	e, ok := err.(*Error)
	switch {
	case err == nil:
	case ok && len(e.Violations) > 0:
		for _, v := range e.Violations {
			v.Pointer = prefix + v.Pointer
			c.Add(v)
		}
	case ok:
		c.Add(Violation{Pointer: prefix, Code: string(e.Code), Detail: e.Detail})
	default:
		c.Fail(prefix, "invalid", "无法识别")
	}
}

// Has reports whether pointer is already noted.
func (c *Check) Has(pointer string) bool {
	for _, v := range c.violations {
		if v.Pointer == pointer {
			return true
		}
	}
	return false
}

// OK reports whether nothing is noted so far.
func (c *Check) OK() bool { return len(c.violations) == 0 }

// Err is nil, or one Invalid fault that lists every violation noted.
func (c *Check) Err() error {
	if len(c.violations) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Detail: T("有 {{.Count}} 处不符合要求", "Count", len(c.violations)), Violations: c.violations}
}

// Broken makes an error of one violation without a place: what a Parse function
// answers about a single value. The field that holds the value adds the place.
func Broken(code, rule, key string, args ...any) error {
	return &Error{Code: Invalid, Detail: T(key, args...), Violations: []Violation{{Code: code, Rule: rule, Detail: T(key, args...)}}}
}

// Parse runs parse on an optional raw value. An empty raw value gives the zero
// T and no violation; a refusal is noted at pointer with the value refused.
func Parse[T any](c *Check, pointer, raw string, parse func(string) (T, error)) T {
	var zero T
	if raw == "" {
		return zero
	}
	v, err := parse(raw)
	if err == nil {
		return v
	}
	n := len(c.violations)
	c.Within(pointer, err)
	for i := n; i < len(c.violations); i++ {
		c.violations[i].Value = raw
	}
	return zero
}

// Must is Parse for a value that has to be there.
func Must[T any](c *Check, pointer, raw string, parse func(string) (T, error)) T {
	if !c.Required(pointer, raw) {
		var zero T
		return zero
	}
	return Parse(c, pointer, raw, parse)
}
