package progress_test

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"parkregistry/internal/words"
	"parkregistry/models/progress"
)

// TestBrief: the paragraph in both languages, and every number in it is one of the
// report's, each of which stands in it.
func TestBrief(t *testing.T) {
	r := progress.Report{AsOf: "2026-11-26", KnownSeq: 70123}
	for i := range 31 {
		p := progress.ParkStanding{}
		switch {
		case i < 7:
			p.Overall = big.NewRat(90, 1)
		case i < 26:
			p.Overall = big.NewRat(8999, 100)
		}
		r.Parks = append(r.Parks, p)
	}
	r.Totals.Overall = big.NewRat(8765, 100)
	r.Totals.Counts = progress.Counts{LedgersFiled: 51234, LedgersFiledRecent: 4321, LedgersLate: 612, LedgersReturned: 17, FindingsOpened: 408, FindingsClosed: 333, FindingsOpen: 71,
		FindingsOverdue: 9, FindingsReferred: 13, Patrols: 902, Inspections: 86}
	want := map[words.Lang]string{
		words.Chinese: "截至 2026-11-26（计入变更序号 70123），31 个园区合计得分 87.7：达到 90 分的 7 个，不足的 19 个，还没有可计算项目的 5 个。台账有效 51234 条，其中最近 30 天的 4321 条，迟报 612 条；" +
			"另有退回待重报 17 条。发现问题 408 项，已销号 333 项，未销号 71 项，其中整改逾期 9 项；移交执法 13 项。巡查 902 次，现场检查 86 次。",
		words.English: "As of 2026-11-26 (changes counted up to number 70123), 31 parks together score 87.7: 7 reach 90 points, 19 do not, 5 have nothing computed yet. 51234 ledger entries stand, " +
			"4321 of them about the last 30 days and 612 filed late; 17 more are returned and wait to be filed again. 408 findings were logged: 333 are closed, 71 are not, of which 9 are overdue; " +
			"13 were referred to enforcement. 902 patrols and 86 inspections were logged.",
	}
	c := r.Totals.Counts
	numbers := map[string]bool{"2026": true, "11": true, "26": true, "87.7": true}
	for _, n := range []int64{r.KnownSeq, 31, 90, 7, 19, 5, c.LedgersFiled, progress.Window, c.LedgersFiledRecent, c.LedgersLate, c.LedgersReturned, c.FindingsOpened, c.FindingsClosed, c.FindingsOpen,
		c.FindingsOverdue, c.FindingsReferred, c.Patrols, c.Inspections} {
		numbers[strconv.FormatInt(n, 10)] = true
	}
	for lang, text := range want {
		got := words.Render(lang, r.Brief())
		if got != text {
			t.Errorf("%v:\n%s\nwant\n%s", lang, got, text)
		}
		said := map[string]bool{}
		for _, n := range regexp.MustCompile(`[0-9]+(\.[0-9]+)?`).FindAllString(got, -1) {
			said[n] = true
		}
		if !maps.Equal(said, numbers) {
			t.Errorf("%v says %v, the report %v", lang, slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(numbers)))
		}
	}
	if empty := fmt.Sprint(words.Render(words.Chinese, progress.Report{AsOf: "2001-01-01", KnownSeq: -1}.Brief())); !regexp.MustCompile("合计得分 --：").MatchString(empty) {
		t.Errorf("before anything was known: %s", empty)
	}
}
