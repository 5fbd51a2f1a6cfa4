package account

import (
	"parkregistry/models/audit"
	"parkregistry/policies"
)

// Verifiable is what verify compares of the accounts: each account and whether it may
// be used, what it may do, the requests for it, and the tokens of machines. Sessions
// end by themselves and are in no leaf.
func Verifiable() []audit.Source {
	return []audit.Source{
		audit.SourceOf[User]("user", policies.UserRead, nil),
		audit.SourceOf[Token]("token", policies.TokenRead, nil),
		audit.SourceOf[Assignment]("assignment", policies.AssignmentRead, nil),
		audit.SourceOf[Request]("account-request", policies.UserRead, nil),
	}
}
