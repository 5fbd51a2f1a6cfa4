package progress

// Together is where several parks stand as one: points, items and counts add up, as in
// the totals of a report.
func Together(parks []ParkStanding) Standing { return total(parks) }
