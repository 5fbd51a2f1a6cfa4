package policies

import (
	"context"
	"slices"

	"parkregistry/internal/code"
)

// Assignment is one dated role of one person. Park and Enterprise are ids,
// Jurisdiction is a slug of the district list; only the one that the role
// Holds is set.
type Assignment struct {
	ID           string
	User         string
	Role         Role
	Jurisdiction string
	Park         string
	Enterprise   string
	From         code.Day // first day
	Until        code.Day // last day, "" while open
}

// On reports whether the assignment is valid on that day.
func (a Assignment) On(day code.Day) bool {
	return a.From <= day && (a.Until == "" || day <= a.Until)
}

// Actor is who is calling: a person with the assignments that are valid today,
// or the program itself. Made by Policy.Actor once a request; never stored.
type Actor struct {
	User        string // id of the person; of the machine account for System
	Username    string
	Session     string       // id of the session, "" for tokens and the program
	Token       string       // id of the machine token, "" otherwise
	Limit       []Permission // rights that a token is limited to; nil is no limit
	Assignments []Assignment // valid ones only
	policy      *Policy
}

// Actor keeps the assignments that are valid on day.
func (p *Policy) Actor(user, username string, all []Assignment, day code.Day) Actor {
	a := Actor{User: user, Username: username, policy: p}
	for _, as := range all {
		if as.User == user && as.On(day) {
			a.Assignments = append(a.Assignments, as)
		}
	}
	return a
}

// SystemUser is the id under which the program's own writes are recorded.
const SystemUser = "00000000-0000-7000-8000-000000000001"

// Program is the program acting by itself, with the rights of role:system only.
func (p *Policy) Program(name string) Actor {
	return Actor{User: SystemUser, Username: name, policy: p,
		Assignments: []Assignment{{User: SystemUser, Role: System}}}
}

// Policy is the policy that made the actor.
func (a Actor) Policy() *Policy { return a.policy }

// Holds reports whether a valid assignment has the role.
func (a Actor) Holds(r Role) bool {
	return slices.ContainsFunc(a.Assignments, func(as Assignment) bool { return as.Role == r })
}

// Can lists the permissions that the actor holds with any reach, in document order.
func (a Actor) Can() ([]Permission, error) {
	can := []Permission{}
	for _, perm := range Permissions() {
		s, err := a.Scope(perm)
		if err != nil {
			return nil, err
		}
		if s.Any() {
			can = append(can, perm)
		}
	}
	return can, nil
}

type actorKey struct{}

// With puts the actor into ctx.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorFrom is the actor of ctx; false when nobody is.
func ActorFrom(ctx context.Context) (Actor, bool) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	return a, ok && a.policy != nil
}
