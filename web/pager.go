package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// pageSizes are how many rows a page of a list may have; the first, unless the address
// names another.
var pageSizes = []int{20, 50, 100}

func sizeNames() []string {
	var all []string
	for _, n := range pageSizes {
		all = append(all, strconv.Itoa(n))
	}
	return all
}

// isPlace tells the parameters that say where in a list one is, and how much of it is
// seen, from those that say which rows it has.
func isPlace(name string) bool {
	return name == "cursor" || name == "skip" || name == "at" || name == "size"
}

// pageTurn is where a page of a list stands, and the ways to the others.
type pageTurn struct {
	Size   int
	Sizes  []option // their names are the addresses
	Before string   // address of the page before, "" on the first
	Next   string   // address of the next page, "" on the last
	First  string   // address of the first page, "" on it
	Jump   *jump    // nil for a list that no day orders
}

// jump is the form that begins a page with the rows of a day.
type jump struct {
	From, To, At string
	Kept         []option
}

// page is the query of a list with everything that a cursor depends on.
func (h listHead) page(sort string) models.Query {
	filters := map[string]string{"path": h.Path}
	for k, v := range h.query {
		if !isPlace(k) && (v[0] != "" || k == "state") {
			filters[k] = v[0]
		}
	}
	at := h.query.Get("at")
	if at != "" && at < h.From { // the list begins later: with its last rows
		at = h.From
	}
	return models.Query{Limit: h.Size, Cursor: h.query.Get("cursor"), At: code.Day(at), Sort: sort, Exact: true, Filters: filters}
}

// turn keeps the ways to the other pages.
func turn[T any](h *listHead, page models.Page[T]) {
	if page.Total != nil {
		h.Total, h.Counted = *page.Total, true
	}
	if page.Before != "" {
		h.Before = h.at("cursor", page.Before)
	}
	if page.Next != "" {
		h.Next = h.at("cursor", page.Next)
	}
	if h.query.Get("cursor") != "" || h.query.Get("at") != "" {
		h.First = h.at("cursor", "")
	}
	for _, n := range pageSizes {
		h.Sizes = append(h.Sizes, option{Value: h.sized(n), Name: strconv.Itoa(n), Chosen: n == h.Size})
	}
}

// sized is the address of the same rows with pages of n rows, from the first.
func (h listHead) sized(n int) string {
	q := h.kept()
	q.Set("size", strconv.Itoa(n))
	return h.Path + "?" + q.Encode()
}

// jumps offers to begin with the rows of a day, where days order the list.
func (h *listHead) jumps() {
	h.Jump = &jump{From: h.From, To: h.To, At: h.query.Get("at")}
	for k, v := range h.kept() {
		h.Jump.Kept = append(h.Jump.Kept, option{Name: k, Value: v[0]})
	}
	slices.SortFunc(h.Jump.Kept, func(a, b option) int { return strings.Compare(a.Name, b.Name) })
}

// sizeIn is how many rows a page has that is asked for by q.
func sizeIn(q url.Values) int {
	if n, err := strconv.Atoi(q.Get("size")); err == nil && slices.Contains(pageSizes, n) {
		return n
	}
	return pageSizes[0]
}

// at is the address of another place of the same list.
func (h listHead) at(name, value string) string {
	q := h.kept()
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return h.Path
	}
	return h.Path + "?" + q.Encode()
}

// kept is what the address says beside the place.
func (h listHead) kept() url.Values {
	q := url.Values{}
	for k, v := range h.query {
		if (!isPlace(k) || k == "size") && (v[0] != "" || k == "state") { // that every state is asked for is a filter too
			q.Set(k, v[0])
		}
	}
	return q
}
