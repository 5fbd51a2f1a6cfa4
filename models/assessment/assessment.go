// Package assessment is how the parks are judged: the checklist in versions, what a
// park says of itself item by item, what its district verifies and the bureau samples.
package assessment
