package exchange

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"sync"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// door is through which the rows of one kind of file go: the steps of an import are the
// same for all, what a row means is not.
type door interface {
	// need are the rights to bring such rows in: those to enter one by hand. By the first
	// an import is seen, so that nobody reads a file whose rows are not theirs to enter.
	need() []policies.Permission
	// undo are the rights to take them back.
	undo() []policies.Permission
	// parse says what is wrong with a row some of whose cells cannot be read.
	parse(in ledger.Input) error
	// rehearse lets fn take rows without storing any.
	rehearse(ctx context.Context, fn func(take taker) error) error
	// begin begins to take rows in the transaction.
	begin(tx *models.Tx, file bool) taker
	// withdraw takes back what was stored for a park, or answers by its place what keeps it from that.
	withdraw(tx *models.Tx, park models.ID, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error)
	// kept says that some of what was brought in could not be taken back.
	kept(count int) fault.Text
}

// taker takes the rows of one file, stretch after stretch.
type taker interface {
	Take(rows []ledger.Row) ([]ledger.RowResult, error)
}

//go:embed data/*.json
var data embed.FS

// registerLists are the lists of the register that can be brought in, described as the
// classes of the ledger are, in the order in which a park is entered.
var registerLists = sync.OnceValue(func() []ledger.Class {
	var all []ledger.Class
	for _, name := range []string{"enterprises", "facilities", "permits", "findings"} {
		raw, err := data.ReadFile("data/" + name + ".json")
		if err != nil {
			panic(err) // an embedded file that a test has read
		}
		var c ledger.Class
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&c); err != nil {
			panic(err)
		}
		if c.Code == FindingList {
			offerTypes(&c)
		}
		all = append(all, c)
	}
	return all
})

// ListCodes are the codes of the lists that can be brought in beside the ledgers.
func ListCodes() []string {
	var all []string
	for _, c := range registerLists() {
		all = append(all, c.Code)
	}
	return all
}

// ClassOf is what the rows of a file are, by its code: a class of the ledger that is part
// of the program, or a list of the register.
func ClassOf(code string) (ledger.Class, bool) { return newest(ledger.Embedded(), code) }

func newest(classes *ledger.Catalogue, code string) (ledger.Class, bool) {
	for _, c := range registerLists() {
		if c.Code == code {
			return c, true
		}
	}
	c, known := classes.Newest(code)
	return c, known && c.View == ""
}

// Class is the newest version of what can be brought in under a code.
func (s *Service) Class(code string) (ledger.Class, bool) { return newest(s.ledger.Catalogue(), code) }

// ClassAt is one version of it; false when there is none.
func (s *Service) ClassAt(code string, version int) (ledger.Class, bool) {
	if c, known := s.Class(code); known && c.Version == version {
		return c, true
	}
	return s.ledger.Catalogue().At(code, version)
}

// current is the version of an import's class, as long as it is the newest.
func (s *Service) current(i Import) (ledger.Class, error) {
	c, known := s.Class(i.Class)
	if !known || c.Version != i.ClassVersion {
		return c, fault.New(fault.Conflict, "这类台账的格式已经更新，下载新的模板后重新上传")
	}
	return c, nil
}

// Lists are the lists of the register that the caller may bring in.
func (s *Service) Lists(ctx context.Context) []ledger.Class {
	var out []ledger.Class
	for _, c := range registerLists() {
		if s.allowed(ctx, c) == nil {
			out = append(out, c)
		}
	}
	return out
}

// allowed refuses who may not bring rows of the class in.
func (s *Service) allowed(ctx context.Context, class ledger.Class) error {
	return holding(ctx, append([]policies.Permission{policies.ImportCreate}, s.door(class).need()...)...)
}

func holding(ctx context.Context, all ...policies.Permission) error {
	for _, perm := range all {
		if err := policies.Require(ctx, perm); err != nil {
			return err
		}
	}
	return nil
}

// enters is the right by which an import is seen and moved.
func (s *Service) enters(i Import) policies.Permission { return s.enter(i.Class) }

func (s *Service) enter(class string) policies.Permission {
	return s.door(ledger.Class{Code: class}).need()[0]
}

func (s *Service) door(class ledger.Class) door {
	switch class.Code {
	case EnterpriseList:
		return enterpriseDoor{s, class}
	case FacilityList:
		return facilityDoor{s, class}
	case PermitList:
		return permitDoor{s, class}
	case FindingList:
		return findingDoor{s, class}
	}
	return ledgerDoor{s, class}
}

// ledgerDoor takes entries of a class of the ledger.
type ledgerDoor struct {
	*Service
	class ledger.Class
}

func (d ledgerDoor) need() []policies.Permission {
	return []policies.Permission{policies.LedgerCreate, policies.LedgerFile}
}

func (d ledgerDoor) undo() []policies.Permission { return []policies.Permission{policies.LedgerVoid} }

func (d ledgerDoor) parse(in ledger.Input) error {
	_, err := in.Parse()
	return err
}

func (d ledgerDoor) rehearse(ctx context.Context, fn func(taker) error) error {
	return d.ledger.Rehearse(ctx, d.class.Code, func(_ *models.Tx, in *ledger.Intake) error { return fn(in) })
}

func (d ledgerDoor) begin(tx *models.Tx, file bool) taker { return d.ledger.Intake(tx, file) }

func (d ledgerDoor) withdraw(tx *models.Tx, _ models.ID, all []ledger.Left, why ledger.ReasonInput) (map[int]error, error) {
	return d.ledger.Withdraw(tx, all, why)
}

func (d ledgerDoor) kept(count int) fault.Text {
	return fault.T("{{.Count}} 条台账在导入之后又办理过，整批没有撤销；这些单独处理", "Count", count)
}
