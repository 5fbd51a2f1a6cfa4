package assessment

import (
	"context"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/policies"
)

// Verified is what a park's district has verified: the newest assessment of the park
// whose check was completed and not sent back.
type Verified struct {
	Assessment models.ID
	Year       int
	On         code.Day
	List       Checklist
	Outcome    Outcome
}

// Results are what districts had verified by the end of each of the days, as it was known
// at a number of the log, by park; and the checklist that was the newest then. Every row
// that it reads is inserted only, so that the same question has the same answer for good.
func Results(ctx context.Context, db *models.DB, known int64, days ...code.Day) (Checklist, []map[models.ID]Verified, error) {
	current, err := newestKnown(ctx, db, known)
	if err != nil {
		return current, nil, err
	}
	var rows []completion
	err = db.Visible(ctx, policies.ProgressRead, &Step{}).
		Select("assessments.id AS assessment, assessments.park_id, assessments.year, assessments.checklist, assessment_steps.day, assessment_steps.outcome, "+
			`(SELECT MIN(sent.day) FROM assessment_steps sent JOIN changes c ON c.id = sent.change_id WHERE sent.assessment_id = assessment_steps.assessment_id
			AND sent.round = assessment_steps.round AND sent.kind = ? AND c.seq <= ?) AS sent_back`, StepReturn, known).
		Joins("JOIN assessments ON assessments.id = assessment_steps.assessment_id").
		Joins("JOIN changes ON changes.id = assessment_steps.change_id").
		Where("assessment_steps.kind = ? AND assessment_steps.day <= ? AND changes.seq <= ?", StepCompletion, slices.Max(days), known).
		Order("assessments.year, assessments.id").Scan(&rows).Error
	if err != nil {
		return current, nil, err
	}
	lists := map[string]Checklist{}
	out := make([]map[models.ID]Verified, len(days))
	for i := range out {
		out[i] = map[models.ID]Verified{}
	}
	for _, r := range rows { // a later year takes the place of an earlier one
		list, read := lists[r.Checklist]
		if !read {
			if list, err = named(ctx, db, r.Checklist); err != nil {
				return current, nil, err
			}
			lists[r.Checklist] = list
		}
		v := Verified{Assessment: r.Assessment, Year: r.Year, On: r.Day, List: list}
		if r.Outcome.V != nil {
			v.Outcome = *r.Outcome.V
		}
		for i, day := range days {
			if r.Day <= day && (r.SentBack == nil || *r.SentBack > day) {
				out[i][r.ParkID] = v
			}
		}
	}
	return current, out, nil
}

// completion is the step that ended a check, with its assessment.
type completion struct {
	Assessment models.ID
	ParkID     models.ID
	Year       int
	Checklist  string
	Day        code.Day
	SentBack   *code.Day // when the bureau returned it, if it did
	Outcome    models.JSON[*Outcome]
}
