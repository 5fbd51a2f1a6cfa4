package progress_test

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
		words.Chinese: "截至2026年11月26日（计入变更序号 70123），31 个园区合计得分 87.7：达到 90 分的 7 个，不足的 19 个，还没有可计算项目的 5 个。台账有效 51234 条，其中最近 30 天的 4321 条，迟报 612 条；" +
			"另有退回待重报 17 条。发现问题 408 项，已销号 333 项，未销号 71 项，其中整改逾期 9 项；移交执法 13 项。巡查 902 次，现场检查 86 次。",
		words.English: "As of 26 November 2026 (changes up to number 70123), the score of the parks together (31) is: 87.7. At 90 points or more: 7; below: 19; nothing computed yet: 5. " +
			"Ledger entries that stand: 51234, about the last 30 days: 4321, filed late: 612; returned and to be filed again: 17. Findings logged: 408, closed: 333, not closed: 71, of these overdue: 9; " +
			"referred to enforcement: 13. Patrols: 902; inspections: 86.",
	}
	c := r.Totals.Counts
	day := map[words.Lang]string{words.Chinese: "11", words.English: "November"}
	numbers := map[string]bool{"2026": true, "26": true, "87.7": true}
	for _, n := range []int64{r.KnownSeq, 31, 90, 7, 19, 5, c.LedgersFiled, progress.Window, c.LedgersFiledRecent, c.LedgersLate, c.LedgersReturned, c.FindingsOpened, c.FindingsClosed, c.FindingsOpen,
		c.FindingsOverdue, c.FindingsReferred, c.Patrols, c.Inspections} {
		numbers[strconv.FormatInt(n, 10)] = true
	}
	for lang, text := range want {
		got := words.Render(lang, r.Brief())
		if got != text {
			t.Errorf("%v:\n%s\nwant\n%s", lang, got, text)
		}
		if !strings.Contains(got, day[lang]) {
			t.Errorf("%v does not name the month: %s", lang, got)
		}
		said := map[string]bool{}
		for _, n := range regexp.MustCompile(`[0-9]+(\.[0-9]+)?`).FindAllString(got, -1) {
			said[n] = true
		}
		delete(said, "11")
		if !maps.Equal(said, numbers) {
			t.Errorf("%v says %v, the report %v", lang, slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(numbers)))
		}
	}
	if empty := fmt.Sprint(words.Render(words.Chinese, progress.Report{AsOf: "2001-01-01", KnownSeq: -1}.Brief())); !regexp.MustCompile("^截至2001年1月1日（没有已编号的变更），0 个园区合计得分 暂无：").MatchString(empty) {
		t.Errorf("before anything was known: %s", empty)
	}
}
