package account

import (
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the accounts: what each may do, and the
// requests for it. Passwords, sessions and tokens are secrets of people and in no leaf.
func Verifiable() []audit.Source {
	return []audit.Source{
		audit.SourceOf[Assignment]("assignment", policies.AssignmentRead, nil),
		audit.SourceOf[Request]("account-request", policies.UserRead, nil),
	}
}
