package ledger

import (
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
)

// clockGrace is how far a clock of ours and one of theirs may be apart before it is
// worth a word; a design choice.
const clockGrace = 5 * time.Minute

// ClockOff is by how much a device's clock was wrong at least: what it recorded at a
// time after the server saw it is ahead by the difference; what it recorded before the
// day that it is about had begun is behind, and the difference is negative. Within
// the grace it is 0. Nothing is put right: the time stays as the device gave it.
func ClockOff(day code.Day, recorded, seen time.Time) time.Duration {
	if ahead := recorded.Sub(seen); ahead > clockGrace {
		return ahead
	}
	if off := recorded.Sub(day.Start()); off < -clockGrace {
		return off
	}
	return 0
}

// ClockOff is that of the draft, or of the last filing.
func (e Entry) ClockOff() time.Duration {
	seen := e.UpdatedAt
	if e.Draft == "" && e.FiledAt != nil {
		seen = *e.FiledAt
	}
	return ClockOff(e.Day, e.RecordedAt, seen)
}

// happened refuses an event that is said to lie ahead.
func happened(c *fault.Check, occurred *time.Time, now time.Time) {
	if occurred != nil && occurred.Sub(now) > clockGrace {
		c.Fail("/occurredAt", "future", "发生时间不能晚于现在（服务器时间 {{.Now}}），核对设备的时钟", "Now", now.In(code.Zone).Format(time.RFC3339))
	}
}

// clocks warns of times that cannot be right, or hardly.
func clocks(e Entry) []fault.Violation {
	var out []fault.Violation
	switch off := e.ClockOff(); {
	case off > 0:
		out = one("/recordedAt", "clockAhead", fault.T("设备的记录时间是 {{.Recorded}}，服务器收到时是 {{.Seen}}，设备的时钟快了；校准时钟，记录仍按原值保存", "Recorded", wall(e.RecordedAt), "Seen", wall(e.RecordedAt.Add(-off))))
	case off < 0:
		out = one("/recordedAt", "clockBehind", fault.T("设备的记录时间早于 {{.Day}} 开始，设备的时钟慢了，或者日期填错；核对后再报送", "Day", e.Day))
	}
	if at := e.OccurredAt; at != nil && (code.DayOf(*at) < e.Day.Add(-1) || code.DayOf(*at) > e.Day.Add(1)) {
		out = append(out, one("/occurredAt", "otherDay", fault.T("发生时间是 {{.At}}，记录的是 {{.Day}} 的情况，核对日期", "At", code.DayOf(*at), "Day", e.Day))...)
	}
	return out
}

// wall is an instant as a clock on the wall of the office shows it.
func wall(at time.Time) string { return at.In(code.Zone).Format("2006-01-02 15:04") }
