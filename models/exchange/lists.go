package exchange

import (
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// What the lists of the register have in common: a row goes through the method that a form
// calls, in a check as in a commit, and changes nothing that stands.

// mostListed is how many rows a file may have: its check registers all and takes them
// back, and on SQLite nobody else writes meanwhile.
const mostListed = 2000

// listTaker takes the rows of one file one by one.
type listTaker struct {
	tx   *models.Tx
	key  string // member of the payload by which a row is known
	one  func(ledger.Row, *ledger.RowResult) error
	rows map[string]int // by what they are known by, where the file has them
	all  int
}

func newListTaker(tx *models.Tx, key string) *listTaker {
	return &listTaker{tx: tx, key: key, rows: map[string]int{}}
}

// Take implements taker.
func (t *listTaker) Take(rows []ledger.Row) ([]ledger.RowResult, error) {
	if t.all += len(rows); t.all > mostListed {
		return nil, fault.New(fault.TooLarge, "不能超过 {{.Max}} 行", "Max", mostListed)
	}
	out := make([]ledger.RowResult, len(rows))
	for i, r := range rows {
		err := t.one(r, &out[i])
		switch fault.CodeOf(err) {
		case "":
			continue
		case fault.Invalid, fault.Conflict, fault.NotFound:
		default:
			return nil, err
		}
		if models.Duplicate(err) || models.Overlap(err) { // somebody registered it just now; PostgreSQL takes no more in this transaction
			return nil, err
		}
		f := inRow(err).(*fault.Error)
		out[i] = ledger.RowResult{Outcome: ledger.EntryRefused, Code: f.Code, Violations: f.Violations}
		if len(f.Violations) == 0 {
			out[i].Violations = []fault.Violation{{Pointer: "/payload" + t.key, Code: string(f.Code), Detail: f.Detail}}
		}
	}
	return out, nil
}

// once refuses what stands in the file twice; key names the line of the first.
func (t *listTaker) once(r ledger.Row, known, key string) error {
	if before, twice := t.rows[known]; twice {
		return at(t.key, "doubled", key, "Line", before)
	}
	t.rows[known] = r.Number
	return nil
}

// inRow puts the members of an input where a row has them.
func inRow(err error) error {
	f, is := err.(*fault.Error)
	if !is {
		return err
	}
	out := *f
	out.Violations = inPayload(f.Violations)
	return &out
}

func inPayload(all []fault.Violation) []fault.Violation {
	out := slices.Clone(all)
	for i, v := range out {
		if !slices.Contains([]string{"/siteId", "/parkId", "/facilityId"}, v.Pointer) {
			out[i].Pointer = "/payload" + v.Pointer
		}
	}
	return out
}

// differing says where a row is not what is registered.
func differing(now, was ledger.Typed, members ...string) error {
	var c fault.Check
	for _, p := range members {
		if now[p] != was[p] && !(slices.Contains(inOneCell, p) && alike(now[p], was[p])) {
			c.Fail(p, "differs", "已经登记为 {{.Was}}，变更在系统中办理", "Was", was[p])
		}
	}
	return c.Err()
}

// inOneCell are the members of rows that are lists.
var inOneCell = []string{"/industries", "/aliases", "/keyYears", "/shifts"}

func at(pointer, rule, key string, args ...any) error {
	var c fault.Check
	c.Fail(pointer, rule, key, args...)
	return c.Err()
}

// keeps notes by its place what keeps a row from being taken back; any other error is
// answered.
func keeps(kept map[int]error, place int, err error) error {
	switch fault.CodeOf(err) {
	case "":
	case fault.NotFound, fault.Conflict, fault.Invalid, fault.Stale:
		kept[place] = err
	default:
		return err
	}
	return nil
}
