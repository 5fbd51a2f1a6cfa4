package inspection

import (
	"encoding/json"

	"parkregistry/models"
	"parkregistry/models/files"
)

// Proof is what a rectification shows: each content once.
type Proof struct {
	Files   []files.Attachment
	Doubled map[int]int // where an attachment was named that repeats the bytes of an earlier one
	Again   map[int]int // where one was named whose bytes an earlier submission showed, and which: 1 is the first
}

// handedIn is what a step keeps of a rectification: as entered, and the proof with the
// digests of its bytes.
type handedIn struct {
	RectificationInput
	Attachments []files.Fixed `json:"attachments"`
}

// proof is what the step of a rectification shows; none for any other.
func (s Step) proof() []files.Fixed {
	var in handedIn
	if s.Kind != StepKind(MoveRectification) || json.Unmarshal([]byte(s.Body), &in) != nil {
		return nil
	}
	return in.Attachments
}

// shown are the contents that the submissions among steps showed, with the first that
// did: 1 is the first submission.
func shown(steps []Step) map[string]int {
	first, n := map[string]int{}, 0
	for _, s := range steps {
		if s.Kind == StepKind(MoveRectification) {
			n++
		}
		for _, a := range s.proof() {
			if first[a.SHA256] == 0 {
				first[a.SHA256] = n
			}
		}
	}
	return first
}

// ShownAgain are the attachments by which a submission shows what an earlier one of the
// finding showed, each with the number of that one: a photograph of before the return
// proves nothing about what was done after it. steps are all of a finding, in their order.
func ShownAgain(steps []Step) map[models.ID]map[models.ID]int {
	first, n, out := shown(steps), 0, map[models.ID]map[models.ID]int{}
	for _, s := range steps {
		if s.Kind == StepKind(MoveRectification) {
			n++
		}
		for _, a := range s.proof() {
			if before := first[a.SHA256]; before < n {
				if out[s.ID] == nil {
					out[s.ID] = map[models.ID]int{}
				}
				out[s.ID][a.ID] = before
			}
		}
	}
	return out
}

// again are the places in a list of attachments at which an earlier submission of the
// finding is repeated.
func again(tx *models.Tx, f Finding, named []files.Attachment) (map[int]int, error) {
	var steps []Step
	err := tx.Visible(rules[MoveRectification].perm, &Step{}).Where("finding_id = ? AND kind = ?", f.ID, MoveRectification).Order("id").Find(&steps).Error
	first, out := shown(steps), map[int]int{}
	for i, a := range named {
		if n := first[a.Sum()]; n > 0 {
			out[i] = n
		}
	}
	return out, err
}
