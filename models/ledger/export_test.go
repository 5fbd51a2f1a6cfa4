package ledger

import "parkregistry/models"

// FiledLate is the condition of the list of late entries, for the test of its index.
func FiledLate(engine models.Engine) string { return filedAfter(engine, graceDays) }
