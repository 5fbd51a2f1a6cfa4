package main

import "net/http"

// progressOf is the report for the bureau and for one district, on the newest day that
// is loaded. The reference reads the same sums, the same days of works and, where the
// program keeps the register's book in memory, counts sites and outlets in a statement.
func progressOf(who, name string) *operation {
	path := "/progress?asOf=" + string(ledgerLast)
	return &operation{name: "progress, " + name, who: who, method: http.MethodGet, count: 100, must: 1.5, goal: 1.1, path: func(string, int) string { return path }}
}
