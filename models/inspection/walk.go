package inspection

import (
	"cmp"
	"slices"
	"time"

	"parkregistry/models"
)

// PatrolState is where a patrol stands. Computed, never stored.
type PatrolState string

const (
	Planned    PatrolState = "planned"     // 计划
	InProgress PatrolState = "in_progress" // 进行中
	Completed  PatrolState = "completed"   // 完成
	Cancelled  PatrolState = "cancelled"   // 取消
)

// What keeps a patrol that has an end from being completed.
const (
	MissingStart  = "start"       // no start
	MissingAnswer = "answer"      // not one item is answered
	MissingOrder  = "endOrder"    // it ends before it starts
	MissingReason = "explanation" // an item is not as required, with neither a reason nor a finding that is there
)

// Walk is what the events of a patrol come to.
type Walk struct {
	State     PatrolState
	StartedAt *time.Time // earliest, by the device's clock
	EndedAt   *time.Time // latest
	Missing   []string   // why an ended patrol is not completed; empty otherwise
	Events    int        // live ones
	Answers   int        // items answered, each object by itself
	Deviating int        // of these not as required
	Photos    int        // different ones, by their content
	Copies    int        // photographs that say again what another one shows, byte for byte
	Findings  int        // different findings named
	Voided    int
	Objects   []models.ID // about which an item is answered, each once
}

type question struct {
	item     string
	object   string
	objectID models.ID
}

// Walk folds the events. Only the set counts: the order of arrival and repeated
// events make no difference. A voided event counts for nothing; a void itself
// cannot be voided. Every finding that an event names is taken to be there.
func (p Patrol) Walk(events []Event) Walk {
	return p.walk(events, func(Event) bool { return true })
}

// walk is Walk where there tells whether the finding that an event names is there.
func (p Patrol) walk(events []Event, there func(Event) bool) Walk {
	voided := map[models.ID]bool{}
	for _, e := range events {
		if e.Type == EventVoid && e.Body.V.Voids != "" {
			voided[e.Body.V.Voids] = true
		}
	}
	byID := map[models.ID]Event{}
	for _, e := range events {
		byID[e.ID] = e
	}
	live := make([]Event, 0, len(byID))
	w := Walk{StartedAt: p.StartedAt, Missing: []string{}}
	for _, e := range byID {
		if voided[e.ID] && e.Type != EventVoid {
			w.Voided++
			continue
		}
		live = append(live, e)
	}
	slices.SortFunc(live, func(a, b Event) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	answers, found, named, photos := map[question]Event{}, map[models.ID]bool{}, map[question]bool{}, map[string]bool{}
	cancelled, happened := false, p.StartedAt != nil
	for _, e := range live {
		b := e.Body.V
		q := question{b.Item, b.Object, b.ObjectID}
		if e.Type != EventVoid {
			w.Events++
			happened = true
		}
		switch e.Type {
		case EventStart:
			if w.StartedAt == nil || e.At.Before(*w.StartedAt) {
				w.StartedAt = &e.At
			}
		case EventEnd:
			w.EndedAt = &e.At
		case EventAnswer:
			answers[q] = e // the latest holds
			if b.ObjectID != "" && !slices.Contains(w.Objects, b.ObjectID) {
				w.Objects = append(w.Objects, b.ObjectID)
			}
		case EventPhoto:
			if photos[b.SHA256] {
				w.Copies++
			}
			photos[b.SHA256] = true
		case EventFinding:
			named[q] = named[q] || there(e)
		case EventVoid:
			cancelled = cancelled || b.Voids == ""
		}
		if b.FindingID != "" {
			found[b.FindingID] = true
		}
	}
	w.Answers, w.Findings, w.Photos = len(answers), len(found), len(photos)
	unexplained := false
	for q, e := range answers {
		if e.Body.V.Result == NotAsRequired {
			w.Deviating++
			explained := e.Body.V.Reason != "" || e.Body.V.FindingID != "" && there(e) || named[q]
			unexplained = unexplained || !explained
		}
	}
	switch {
	case !happened && cancelled:
		w.State = Cancelled
	case !happened:
		w.State = Planned
	case w.EndedAt == nil:
		w.State = InProgress
	default:
		w.State = w.ended(unexplained)
	}
	return w
}

// ended decides about a patrol that has an end.
func (w *Walk) ended(unexplained bool) PatrolState {
	if w.StartedAt == nil {
		w.Missing = append(w.Missing, MissingStart)
	} else if w.EndedAt.Before(*w.StartedAt) {
		w.Missing = append(w.Missing, MissingOrder)
	}
	if w.Answers == 0 {
		w.Missing = append(w.Missing, MissingAnswer)
	}
	if unexplained {
		w.Missing = append(w.Missing, MissingReason)
	}
	if len(w.Missing) > 0 {
		return InProgress
	}
	return Completed
}
