package web

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
	"parkregistry/policies"
)

// trailPage is what templates/trail.html shows: the audit trail (操作留痕), and how far
// the log is signed.
type trailPage struct {
	Shell shell
	Head  listHead
	Log   *logState
	Lines []trailLine
}

// logState is the newest signed state of the log.
type logState struct {
	Size  int64
	Root  string
	At    string
	Key   string
	Later int64 // changes that came since
}

// trailLine is one audit record.
type trailLine struct {
	audit.Record
	At      string
	Verb    fault.Text
	On      fault.Text
	Link    string // to the object's page, "" where there is none
	Name    fault.Text
	Mark    band
	Changes []changed
	Same    string // the trail of this object alone
}

// changed is one member of what a record says, before and after.
type changed struct{ Name, Old, New string }

// Members that a line shows of what changed, and the characters of each.
const (
	mostChanged = 4
	mostValue   = 60
)

func (p *Pages) trail(v *visit) error {
	h, _, err := p.filtersOf(v, nil)
	if err != nil {
		return err
	}
	outcomes := choice{Name: "outcome", Label: fault.T("结果")}
	for _, o := range []string{audit.Done, audit.Refused, audit.Failed} {
		outcomes.Options = append(outcomes.Options, option{o, say(v, audit.OutcomeName(o)), o == v.c.Query("outcome")})
	}
	h.Lists = []choice{outcomes}
	q := v.c.Query
	f := audit.RecordFilter{ParkID: q("parkId"), Outcome: q("outcome"), ObjectID: q("objectId"), ActorID: q("actorId"), From: code.Day(h.From), To: code.Day(h.To)}
	ask := h.page("-at")
	ask.Exact = h.Narrow // all of it is more than is counted for a look
	found, err := p.options.Audit.Records(v.ctx, f, ask)
	if err != nil {
		return err
	}
	turn(&h, found)
	h.jumps()
	h.exports(v, "audit-records", "")
	page := trailPage{Shell: p.listed(v, fault.T("操作留痕")), Head: h}
	if page.Log, err = p.logState(v); err != nil {
		return err
	}
	for _, r := range found.Items {
		page.Lines = append(page.Lines, h.trailLine(r))
	}
	return p.show(v, http.StatusOK, "trail.html", page)
}

// logState is nil before the first checkpoint.
func (p *Pages) logState(v *visit) (*logState, error) {
	if !v.may(policies.CheckpointRead) {
		return nil, nil
	}
	c, err := p.options.Prover.Newest(v.ctx)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := p.options.Audit.Known(v.ctx)
	return &logState{c.Size, groups(hex.EncodeToString(c.Root)), moment(c.At), c.KeyID + " " + proof.SignatureOf(c.Note), max(0, known+1-c.Size)}, err
}

func (h listHead) trailLine(r audit.Record) trailLine {
	l := trailLine{Record: r, At: moment(r.At), Verb: audit.VerbName(r.Action), On: audit.ObjectName(r.ObjectKind), Changes: changesOf(r.BeforeValues, r.AfterValues)}
	l.Name, l.Mark = audit.OutcomeName(r.Outcome), outcomeBand(r.Outcome)
	if r.ObjectID != "" {
		l.Same = h.Path + "?" + url.Values{"objectId": {r.ObjectID}}.Encode()
	}
	if path := map[string]string{"ledger": "/ledger/", "finding": "/finding/", "task": "/task/", "enterprise": "/firm/", "patrol": "/patrol/", "draw": "/draw/"}[r.ObjectKind]; path != "" {
		l.Link = path + r.ObjectID
	}
	return l
}

// changesOf are the members that differ, by name; of a creation all of them.
func changesOf(before, after string) []changed {
	was, is := members(before), members(after)
	var all []changed
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if was[name] != is[name] && len(all) < mostChanged {
			all = append(all, changed{name, code.Clip(was[name], mostValue), code.Clip(is[name], mostValue)})
		}
	}
	return all
}

// members are the members of an object as text, none where it is no object. What the
// register says of a row stands among its fields; the salted commitments beside them say
// nothing to a reader.
func members(raw string) map[string]string {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &object) != nil {
		return nil
	}
	if fields, there := object["fields"]; there {
		delete(object, "fields")
		delete(object, "personal")
		if json.Unmarshal(fields, &object) != nil { // into the others
			return nil
		}
	}
	all := make(map[string]string, len(object))
	for name, value := range object {
		var text string
		if json.Unmarshal(value, &text) != nil {
			var flat bytes.Buffer
			if json.Compact(&flat, value) == nil {
				text = flat.String()
			}
		}
		all[name] = text
	}
	return all
}

// outcomeBand is the mark of an outcome.
func outcomeBand(outcome string) band {
	switch outcome {
	case audit.Done:
		return onTarget
	case audit.Refused:
		return behind
	}
	return halfway
}
