package web_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parkregistry/policies"
)

// job is one of the commonest of a role, as its person does it from the first page after
// the sign-in until the program says that it is done.
type job struct {
	who    string
	name   string
	clicks int // at most, whichever way
	does   func(*person, *desk)
}

// desk is what lies before the people of the jobs: it is prepared anew for each way.
type desk struct {
	n       int // of the way, from 0
	day     string
	finding string // that the district has sent to the park
	paper   string // a photograph
	sheet   string // a file of ledgers
	asked   string // an account that was asked for
}

// commonest are all of them, in the order of a day: what the park has done its district judges.
var commonest = []job{
	{"park-a", "file the day's record of the wastewater works", 5, fileLedger},
	{"park-a", "import a workbook of records, and file them", 5, importBook},
	{"park-a", "answer a finding with what was done", 4, answerFinding},
	{"park-a", "look up the records of a day and take them out", 4, lookUpLedgers},
	{"park-a", "judge itself on an item, with evidence", 4, judgeItem},
	{"baoan", "patrol a point, with a finding and a photograph", 9, patrolPoint},
	{"baoan", "re-inspect a rectification and close it", 4, closeFinding},
	{"baoan", "return a record for correction", 3, returnLedger},
	{"baoan", "verify an item of an assessment", 4, verifyItem},
	{"baoan", "see what is missing, and take the list out", 2, listMissing},
	{"bureau", "open the weakest area of the weakest park", 2, weakestCell},
	{"bureau", "read where the parks stood on a past day", 1, pastDay},
	{"bureau", "set a task", 4, setTask},
	{"bureau", "take the overdue findings out as a workbook", 2, overdueBook},
	{"bureau", "ask for an account", 3, askAccount},
	{"admin", "decide about an account that was asked for", 4, decideAccount},
	{"auditor", "see everything that was done to one object", 2, traceObject},
}

// TestJobs: people of every role do their commonest jobs, each with and without script, at
// a desk and on a phone, in both languages, and need no more clicks than the table says.
// PARK_TEST_JOBS names the file to which the table is written (docs/jobs.md), with what the
// program took, which is never judged.
func TestJobs(t *testing.T) {
	var later time.Duration
	w := newWorldAt(t, func() time.Time { return time.Now().Add(later) })
	later = 72 * time.Hour // the register is some days old
	w.account("baoan", policies.DistrictInspector, "baoan")
	w.account("bureau", policies.BureauAdmin, "")
	w.account("admin", policies.Admin, "")
	w.account("auditor", policies.Auditor, "")
	w.account("park-b", policies.ParkManager, w.BaoanB.Park.ID)
	w.token = w.bearer("bureau")
	w.made("/programmes", `{"title":"任务进度表","issuer":"市生态环境局","issuedOn":"2026-01-05"}`)
	w.submitted(t)
	p := sits(t, w)
	ways := []way{{false, 1440, "zh"}, {false, 390, "en"}, {true, 1440, "en"}, {true, 390, "zh"}}
	seen := make([][]count, len(commonest))
	for n, by := range ways {
		later += 24 * time.Hour
		d := w.laid(t, n)
		who := ""
		for i, j := range commonest {
			t.Run(by.String()+"/"+j.name, func(t *testing.T) {
				p.under(t)
				if j.who != who {
					p.enters(j.who, by)
					who = j.who
				}
				p.begins()
				j.does(p, d)
				if p.clicks > j.clicks {
					t.Errorf("%d clicks, %d at most", p.clicks, j.clicks)
				}
				seen[i] = append(seen[i], count{p.clicks, p.fields, p.waited})
				p.requests()
			})
		}
	}
	if out := os.Getenv("PARK_TEST_JOBS"); out != "" && !t.Failed() {
		writeJobs(t, out, ways, seen)
	}
}

// count is what a job took one way.
type count struct {
	clicks, fields int
	waited         float64
}

// writeJobs writes the table into the file, between its marks.
func writeJobs(t *testing.T, out string, ways []way, seen [][]count) {
	t.Helper()
	var table strings.Builder
	table.WriteString("| Who | Job | at most |")
	for _, by := range ways {
		fmt.Fprintf(&table, " %s |", by)
	}
	table.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(ways)) + "\n")
	for i, j := range commonest {
		fmt.Fprintf(&table, "| %s | %s | %d |", j.who, j.name, j.clicks)
		for _, c := range seen[i] {
			fmt.Fprintf(&table, " %d + %d, %.1f s |", c.clicks, c.fields, c.waited/1000)
		}
		table.WriteString("\n")
	}
	text, err := os.ReadFile(out)
	must(t, err)
	head, rest, found := strings.Cut(string(text), "<!-- jobs -->\n")
	_, tail, ended := strings.Cut(rest, "<!-- end of jobs -->\n")
	if !found || !ended {
		t.Fatalf("%s has no place for the table", out)
	}
	must(t, os.WriteFile(out, []byte(head+"<!-- jobs -->\n"+table.String()+"<!-- end of jobs -->\n"+tail), 0o644))
}
