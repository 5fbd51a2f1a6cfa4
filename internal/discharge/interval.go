package discharge

import "math/big"

// interval is where a measured value lies. A number is a point; below a detection
// limit is everything under it; ND without a detection limit has no upper end.
type interval struct {
	low, high *big.Rat
	open      bool // high itself does not belong to it
}

// interval is the reading in another unit; false when its unit does not fit.
func (r Reading) interval(in string) (interval, bool) {
	f, ok := conversion(r.Unit, in)
	if !ok {
		return interval{}, false
	}
	value := big.NewRat(r.Value.Scaled, scale)
	below := r.Value.Qualifier != ""
	if r.Value.Qualifier == "ND" {
		if value = number(r.DetectionLimit); value == nil {
			return interval{low: new(big.Rat), open: true}, true
		}
	}
	value.Mul(value, f)
	if below {
		return interval{new(big.Rat), value, true}, true
	}
	return interval{low: value, high: value}, true
}

const scale = 1_000_000 // of code.Quantity

// exact reports whether it is a single number.
func (i interval) exact() bool { return !i.open && i.high != nil && i.low.Cmp(i.high) == 0 }

func (i interval) times(f *big.Rat) interval {
	i.low = new(big.Rat).Mul(i.low, f)
	if i.high != nil {
		i.high = new(big.Rat).Mul(i.high, f)
	}
	return i
}

// average is the mean: of the lower ends, and of the upper ones.
func average(all []interval) interval {
	n := big.NewRat(1, int64(len(all)))
	sum := interval{low: new(big.Rat), high: new(big.Rat)}
	for _, i := range all {
		sum.low.Add(sum.low, i.low)
		sum.open = sum.open || i.open
		if i.high == nil {
			sum.high = nil
		}
		if sum.high != nil {
			sum.high.Add(sum.high, i.high)
		}
	}
	return sum.times(n)
}

// within compares with a limit. What was not detected at all keeps an upper limit;
// what is only known to be below a detection limit keeps it when that limit does.
func (i interval) within(low, high *big.Rat) (Verdict, string) {
	switch {
	case i.low.Cmp(high) > 0, low != nil && i.high != nil && (i.high.Cmp(low) < 0 || i.open && i.high.Cmp(low) == 0):
		return Exceeded, ""
	case low != nil && i.low.Cmp(low) < 0:
		return Undecided, "range"
	case i.high != nil && i.high.Cmp(high) > 0:
		return Undecided, "detectionLimit"
	}
	return Within, ""
}

// detected judges against 不得检出, which says something only together with the
// method's detection limit.
func (r Reading) detected() (Verdict, string) {
	limit := number(r.DetectionLimit)
	switch {
	case r.Value.Qualifier == "<":
		return Within, "notDetected"
	case limit == nil:
		return Undecided, "noDetectionLimit"
	case r.Value.Qualifier == "ND", big.NewRat(r.Value.Scaled, scale).Cmp(limit) < 0:
		return Within, "notDetected"
	}
	return Exceeded, "detected"
}
