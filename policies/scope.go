package policies

import "slices"

// Scope is the set of rows that an actor may touch with one permission: the
// union of the reaches of every valid assignment. The zero Scope is empty.
type Scope struct {
	City          bool
	Jurisdictions []string
	Parks         []string
	Enterprises   []string
	Users         []string
}

// Any reports whether the scope can hold a row at all.
func (s Scope) Any() bool {
	return s.City || len(s.Jurisdictions)+len(s.Parks)+len(s.Enterprises)+len(s.Users) > 0
}

// Covers reports whether the row is in the scope.
func (s Scope) Covers(r Row) bool {
	return s.City || overlap(s.Jurisdictions, r.Jurisdictions) || overlap(s.Parks, r.Parks) ||
		overlap(s.Enterprises, r.Enterprises) || r.User != "" && slices.Contains(s.Users, r.User)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return v != "" && slices.Contains(b, v) })
}

// Scope is what perm reaches for the actor. A token's limit is judged here, so
// that no way to a row can pass it by.
func (a Actor) Scope(perm Permission) (Scope, error) {
	var s Scope
	if a.policy == nil || perm == Public || a.Limit != nil && !slices.Contains(a.Limit, perm) {
		return s, nil
	}
	for _, as := range a.Assignments {
		for _, reach := range Reaches() {
			ok, err := a.policy.Gives(as.Role, perm, reach)
			if err != nil {
				return Scope{}, err
			}
			if ok {
				s.add(reach, as)
			}
		}
	}
	return s, nil
}

// add widens the scope by one reach of one assignment; an assignment that does
// not name what the reach needs adds nothing.
func (s *Scope) add(reach Reach, as Assignment) {
	switch reach {
	case City:
		s.City = true
	case Jurisdiction:
		put(&s.Jurisdictions, as.Jurisdiction)
	case Park:
		put(&s.Parks, as.Park)
	case Enterprise:
		put(&s.Enterprises, as.Enterprise)
	case Self:
		put(&s.Users, as.User)
	}
}

func put(to *[]string, v string) {
	if v != "" && !slices.Contains(*to, v) {
		*to = append(*to, v)
	}
}
