package inspection

import (
	"sync"

	"parkregistry/internal/code"
)

// ChecklistItem is one question of a patrol.
type ChecklistItem struct {
	ID         string   `json:"id"`     // R1, W1, …; stable over versions
	Object     string   `json:"object"` // kind of thing that is looked at
	NameZh     string   `json:"nameZh"`
	CheckZh    string   `json:"checkZh"` // what to look for
	CheckEn    string   `json:"checkEn"`
	Answer     string   `json:"answer"`   // yesNo, value, yesNoValue
	Severity   Severity `json:"severity"` // usual severity when not as required
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
}

// Checklist is one version of the patrol's questions. A version is never edited:
// answers name the version that they were given to.
type Checklist struct {
	Version   string          `json:"version"`
	ValidFrom code.Day        `json:"validFrom"`
	Items     []ChecklistItem `json:"items"`
}

// Checklists are all versions, newest last.
func Checklists() []Checklist { return checklists() }

var checklists = sync.OnceValue(func() []Checklist { return load[[]Checklist]("patrol_checklists.json") })

// checklistOf is the version with that name; "" is the newest.
func checklistOf(version string) (Checklist, bool) {
	all := Checklists()
	if version == "" {
		return all[len(all)-1], true
	}
	for _, c := range all {
		if c.Version == version {
			return c, true
		}
	}
	return Checklist{}, false
}

func (l Checklist) item(id string) (ChecklistItem, bool) {
	for _, it := range l.Items {
		if it.ID == id {
			return it, true
		}
	}
	return ChecklistItem{}, false
}
