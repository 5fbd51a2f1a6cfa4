package assessment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/policies"
)

// ReadFile reads a version of the checklist as its file has it. What is no such file is
// told with the line or the member at which it ceases to be one; whether what it says can
// be a checklist is for Parse.
func ReadFile(content []byte) (ChecklistInput, error) {
	var in ChecklistInput
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	err := dec.Decode(&in)
	if err == nil {
		if _, more := dec.Token(); more == io.EOF {
			return in, nil
		}
		return in, noChecklist("文件里不止一份检查表")
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case len(bytes.TrimSpace(content)) == 0:
		return in, noChecklist("没有选择文件，或者文件是空的")
	case errors.As(err, &syntax):
		return in, noChecklist("第 {{.Line}} 行不是 JSON", "Line", 1+bytes.Count(content[:syntax.Offset], []byte("\n")))
	case errors.As(err, &kind):
		return in, noChecklist("第 {{.Line}} 行：{{.Member}} 的类型不对", "Line", 1+bytes.Count(content[:kind.Offset], []byte("\n")), "Member", kind.Field)
	case isUnknown:
		return in, noChecklist("检查表没有 {{.Member}} 这一项", "Member", unknown)
	}
	return in, noChecklist("文件没有写完")
}

// noChecklist refuses a file, with the reason at its field.
func noChecklist(key string, args ...any) error {
	var c fault.Check
	c.Fail("/content", "format", key, args...)
	return c.Err()
}

// Check is what Load would say of a version now, without storing it.
func (s *Service) Check(ctx context.Context, in ChecklistInput) (Checklist, error) {
	if err := policies.Require(ctx, policies.AssessmentLoad); err != nil {
		return Checklist{}, err
	}
	list, err := in.Parse()
	if err != nil {
		return list, err
	}
	switch _, err := named(ctx, s.db, in.Version); fault.CodeOf(err) {
	case "":
		return list, versionTaken()
	case fault.NotFound:
		return list, nil
	default:
		return list, err
	}
}

// versionTaken refuses a version under a name that there is.
func versionTaken() error {
	return fault.New(fault.Conflict, "检查表的这个版本已经有了，换一个版本名")
}
