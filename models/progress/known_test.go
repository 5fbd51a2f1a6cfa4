package progress_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// history makes a city move: days of filings and findings, and corrections of all of
// it by whoever may make them.
type history struct {
	city
	t        *testing.T
	rng      *rand.Rand
	entries  []models.ID
	findings []models.ID
	day      code.Day // the next one that has no entry yet
	done     map[string]int
}

func newHistory(t *testing.T, c city) *history {
	return &history{city: c, t: t, rng: rand.New(rand.NewPCG(7, 23)), day: "2026-01-01", done: map[string]int{}}
}

// may does one thing; what the rules refuse at the moment is left undone.
func (h *history) may(what string, err error) bool {
	h.t.Helper()
	switch fault.CodeOf(err) {
	case "":
		h.done[what]++
		return true
	case fault.Conflict, fault.Invalid, fault.NotFound:
		return false
	}
	h.t.Fatalf("%s: %v", what, err)
	return false
}

func (h *history) file() {
	p := h.BaoanA
	payload := `{"normal":true,"startAt":"` + string(h.day) + `T00:00:00+08:00","endAt":"` + string(h.day) + `T09:00:00+08:00","inflow":"300","treated":"300","reused":"0",` +
		`"discharged":"280","readings":[{"pollutant":"w01001","value":"7.2"}],"sludgeQuantity":"0.4","sludgeDestination":"示例处置公司","drainDestination":"sewagePlant"}`
	who := []context.Context{h.Firm(p), h.ParkManager(p)}[h.rng.IntN(2)]
	r, err := h.ledger.Create(who, "", ledger.Input{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), FacilityID: string(p.Facility.ID), Class: "treatmentFacility.wastewater", Day: string(h.day),
		Payload: json.RawMessage(payload)})
	if h.may("create", err) {
		_, err = h.ledger.File(who, r.Entry.ID, 0)
		h.may("file", err)
		h.entries = append(h.entries, r.Entry.ID)
	}
	if h.day = h.day.Add(1); h.day > h.DB.Today() {
		h.day = "2026-01-01"
	}
}

func (h *history) open() {
	due := h.DB.Today().Add(h.rng.IntN(12))
	o, err := h.city.findings.Log(h.Inspector("baoan"), "", inspection.FindingInput{ParkID: string(h.BaoanA.Park.ID), Dimension: 1 + h.rng.IntN(6), Description: "调节池无盖板，有异味",
		Severity: "minor", DueOn: string(due), OpenedOn: string(h.DB.Today().Add(-h.rng.IntN(6)))})
	if h.may("open", err) {
		h.findings = append(h.findings, o.Finding.ID)
	}
}

// entry moves one of the entries: returned, filed again, accepted, voided or amended.
func (h *history) entry() {
	if len(h.entries) == 0 {
		return
	}
	id, why := h.entries[h.rng.IntN(len(h.entries))], ledger.ReasonInput{Reason: "数值与原始记录不符"}
	reviewer := []context.Context{h.ParkManager(h.BaoanA), h.Inspector("baoan")}[h.rng.IntN(2)]
	filer := []context.Context{h.Firm(h.BaoanA), h.ParkManager(h.BaoanA)}[h.rng.IntN(2)]
	var err error
	switch what := h.rng.IntN(5); what {
	case 0:
		_, err = h.ledger.Return(reviewer, id, 0, why)
		h.may("return", err)
	case 1:
		_, err = h.ledger.File(filer, id, 0)
		h.may("file again", err)
	case 2:
		_, err = h.ledger.Accept(reviewer, id, 0)
		h.may("accept", err)
	case 3:
		_, err = h.ledger.Void(filer, id, 0, why)
		h.may("void", err)
	default:
		r, err := h.ledger.Amend(filer, id, "", 0, ledger.AmendInput{Reason: why.Reason})
		if h.may("amend", err) {
			_, err = h.ledger.File(filer, r.Entry.ID, 0)
			h.may("file an amendment", err)
			h.entries = append(h.entries, r.Entry.ID)
		}
	}
}

// finding makes one of the moves of one of the findings.
func (h *history) finding() {
	if len(h.findings) == 0 {
		return
	}
	id, today := h.findings[h.rng.IntN(len(h.findings))], h.DB.Today()
	one, two, park := h.Inspector("baoan"), h.SecondInspector("baoan"), h.ParkManager(h.BaoanA)
	var err error
	switch h.rng.IntN(8) {
	case 0, 1:
		_, err = h.city.findings.Notify(one, id, inspection.NoticeInput{Recipient: "park", DueOn: string(today.Add(1 + h.rng.IntN(4)))})
		h.may("notify", err)
	case 2:
		_, err = h.city.findings.Extend(one, id, inspection.ExtensionInput{DueOn: string(today.Add(1 + h.rng.IntN(4))), Reason: "配件到货延迟"})
		h.may("extend", err)
	case 3, 4:
		_, err = h.city.findings.Rectify(park, id, h.rectification(h.t, park, id, today))
		h.may("rectify", err)
	case 5:
		_, err = h.city.findings.ReviewFinding(two, id, inspection.ReviewInput{Result: "close"})
		h.may("close", err)
	case 6:
		_, err = h.city.findings.ReviewFinding(two, id, inspection.ReviewInput{Result: "return", Reason: "盖板没有密封", DueOn: string(today.Add(h.rng.IntN(4)))})
		h.may("send back", err)
	default:
		if h.rng.IntN(3) == 0 {
			_, err = h.city.findings.Refer(one, id, inspection.ReferralInput{Basis: "suspectedViolation", Reason: "疑似偷排废水"})
			h.may("refer", err)
			return
		}
		_, err = h.city.findings.Withdraw(two, id, inspection.WithdrawalInput{Cause: "mistaken", Reason: "看错了设施编号"})
		h.may("withdraw", err)
	}
}

// register changes the register: names, codes, works in use, permits, firms that discharge.
func (h *history) register() {
	p, n := h.BaoanA, h.rng.IntN(1000)
	ctx := h.Program()
	read := func(head models.Versioned, err error) int64 {
		if err != nil {
			h.t.Fatal(err)
		}
		return head.Version
	}
	switch h.rng.IntN(5) {
	case 0:
		park, err := h.Registry.Park(ctx, p.Park.ID)
		_, err = h.Registry.UpdatePark(ctx, p.Park.ID, read(park.Versioned, err), func(in registry.ParkInput) (registry.ParkInput, error) {
			in.Name = fmt.Sprintf("宝安甲园%d", n)
			return in, nil
		})
		h.may("rename the park", err)
	case 1:
		w, err := h.Registry.Facility(ctx, p.Facility.ID)
		_, err = h.Registry.UpdateFacility(ctx, p.Facility.ID, read(w.Versioned, err), func(in registry.FacilityInput) (registry.FacilityInput, error) {
			in.InUse = !in.InUse
			return in, nil
		})
		h.may("turn the works on and off", err)
	case 2:
		e, err := h.Registry.Enterprise(ctx, p.Enterprise.ID)
		_, err = h.Registry.UpdateEnterprise(ctx, p.Enterprise.ID, read(e.Versioned, err), func(in registry.EnterpriseInput) (registry.EnterpriseInput, error) {
			in.Discharges = !in.Discharges
			if in.PermitClass = "none"; in.Discharges {
				in.PermitClass = "key"
			}
			return in, nil
		})
		h.may("the firm discharges or not", err)
	case 3:
		_, err := h.Registry.CreatePermit(ctx, "", registry.PermitInput{SiteID: string(p.Site.ID), Number: p.Enterprise.CreditCode + fmt.Sprintf("%03dP", n), Kind: "permit", Class: "key",
			IssuedOn: string(h.DB.Today().Add(-h.rng.IntN(60))), Authority: "市生态环境局"})
		h.may("permit", err)
	default:
		_, err := h.Registry.CreateOutlet(ctx, "", registry.OutletInput{ParkID: string(p.Park.ID), SiteID: string(p.Site.ID), Code: fmt.Sprintf("DW%03d", n), Kind: "total", Regime: "indirect",
			ReceivingPlant: "示例污水处理厂"})
		h.may("outlet", err)
	}
}

// some makes n random moves; corrections leaves filing and opening out.
func (h *history) some(n int, corrections bool) {
	for range n {
		switch h.rng.IntN(8) {
		case 0, 1:
			if !corrections {
				h.file()
				continue
			}
			h.entry()
		case 2:
			if !corrections {
				h.open()
				continue
			}
			h.finding()
		case 3, 4:
			h.entry()
		case 5, 6:
			h.finding()
		default:
			h.register()
		}
	}
}

// bytes is the data part of a report as it would be written.
func (h *history) bytes(ctx context.Context, q progress.Question) string {
	h.t.Helper()
	r, err := h.progress.Report(ctx, q)
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

// TestPastReportStands: after a thousand random corrections the report of a past day,
// as it was known that day, is the same byte for byte; without knownAsOf it is not.
func TestPastReportStands(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		h := newHistory(t, c)
		type taken struct {
			question progress.Question
			who      context.Context
			bytes    string
		}
		var reports []taken
		for range 6 {
			h.some(60, false)
			h.Seal(t)
			*c.clock = c.clock.AddDate(0, 0, 1)
			day := c.DB.Today().Add(-1)
			for _, who := range []context.Context{c.Bureau(), c.Inspector("baoan"), c.ParkManager(c.BaoanA)} {
				for _, q := range []progress.Question{{AsOf: day, KnownAsOf: string(day)}, {AsOf: day.Add(-2), KnownAsOf: string(day)}} {
					reports = append(reports, taken{q, who, h.bytes(who, q)})
				}
			}
		}
		now := h.bytes(c.Bureau(), progress.Question{AsOf: "2026-03-06"})
		before := total(h.done)
		for total(h.done) < before+1000 {
			h.some(100, total(h.done)%3 != 0)
			h.Seal(t)
			*c.clock = c.clock.Add(7 * time.Hour)
		}
		t.Logf("%d corrections: %v", total(h.done)-before, h.done)
		for _, r := range reports {
			if after := h.bytes(r.who, r.question); after != r.bytes {
				t.Fatalf("%+v\nwas %.600s\nis  %.600s", r.question, r.bytes, after)
			}
		}
		if h.bytes(c.Bureau(), progress.Question{AsOf: "2026-03-06"}) == now {
			t.Error("a thousand corrections changed nothing of what is known today")
		}
	})
}

func total(m map[string]int) (n int) {
	for v := range maps.Values(m) {
		n += v
	}
	return n
}

// TestDifferenceIsEvents: what lies between the reports of two days, and between two
// numbers of the log, are the changes between them, each counted once.
func TestDifferenceIsEvents(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		h := newHistory(t, c)
		var numbers []int64
		for range 10 {
			h.some(40, false)
			h.Seal(t)
			known, err := audit.New(c.DB).Known(c.Bureau())
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, known, known-int64(h.rng.IntN(9)))
			*c.clock = c.clock.Add(9 * time.Hour) // so that some numbers lie inside a day
		}
		var all []audit.Change
		if err := c.DB.Visible(c.Auditor(), policies.ChangeRead, &audit.Change{}).Where("seq IS NOT NULL").Order("seq").Find(&all).Error; err != nil {
			t.Fatal(err)
		}
		at := func(day code.Day, seq int64) progress.Counts {
			r, err := h.progress.Report(c.Bureau(), progress.Question{AsOf: day, KnownSeq: &seq})
			if err != nil {
				t.Fatal(err)
			}
			if r.KnownSeq != seq {
				t.Fatalf("asked for number %d, answered %d", seq, r.KnownSeq)
			}
			return r.Totals.Counts
		}
		// sum adds up the moves of a measure about days in (from, to] by changes numbered in (low, high].
		sum := func(measure string, from, to code.Day, low, high int64) (n int64) {
			for _, change := range all {
				for _, m := range change.Moves() {
					if m.Measure == measure && m.AboutOn > from && m.AboutOn <= to && *change.Seq > low && *change.Seq <= high {
						n += int64(m.N)
					}
				}
			}
			return n
		}
		today := c.DB.Today()
		compared := 0
		for i := range numbers {
			low, high := min(numbers[i], numbers[(i+1)%len(numbers)]), max(numbers[i], numbers[(i+1)%len(numbers)])
			from := today.Add(-1 - h.rng.IntN(20))
			to := from.Add(1 + h.rng.IntN(today.Sub(from)))
			days := [2]progress.Counts{at(from, high), at(to, high)}
			known := [2]progress.Counts{at(to, low), at(to, high)}
			for measure, pick := range measures {
				if got, want := pick(days[1])-pick(days[0]), sum(measure, from, to, -1, high); got != want {
					t.Errorf("%s from %s to %s at number %d: %d in the reports, %d in the changes", measure, from, to, high, got, want)
				}
				if got, want := pick(known[1])-pick(known[0]), sum(measure, "", to, low, high); got != want {
					t.Errorf("%s by %s between numbers %d and %d: %d in the reports, %d in the changes", measure, to, low, high, got, want)
				}
				compared++
			}
		}
		for i := 0; i < len(numbers); i += 3 {
			h.listed(today.Add(-h.rng.IntN(12)), numbers[i])
		}
		t.Logf("%d differences, %d changes, %v", 2*compared, len(all), h.done)
	})
}

var measures = map[string]func(progress.Counts) int64{
	ledger.MeasureFiled:        func(c progress.Counts) int64 { return c.LedgersFiled },
	ledger.MeasureAccepted:     func(c progress.Counts) int64 { return c.LedgersAccepted },
	ledger.MeasureLate:         func(c progress.Counts) int64 { return c.LedgersLate },
	ledger.MeasureReturned:     func(c progress.Counts) int64 { return c.LedgersReturned },
	inspection.MeasureOpened:   func(c progress.Counts) int64 { return c.FindingsOpened },
	inspection.MeasureOpen:     func(c progress.Counts) int64 { return c.FindingsOpen },
	inspection.MeasureClosed:   func(c progress.Counts) int64 { return c.FindingsClosed },
	inspection.MeasureReferred: func(c progress.Counts) int64 { return c.FindingsReferred },
	inspection.MeasureOverdue:  func(c progress.Counts) int64 { return c.FindingsOverdue },
}

// TestOddMoments: what cannot be answered is said, and what nobody knew is nothing.
func TestOddMoments(t *testing.T) {
	each(t, func(t *testing.T, c city) {
		c.file(t, c.BaoanA, "2026-02-27")
		ask := func(q progress.Question) (progress.Report, error) { return c.progress.Report(c.Bureau(), q) }
		if r, err := ask(progress.Question{}); err != nil || r.KnownSeq != -1 || len(r.Parks) != 0 {
			t.Errorf("before anything was numbered: %d parks at %d, %v", len(r.Parks), r.KnownSeq, err)
		}
		c.Seal(t)
		if r, err := ask(progress.Question{AsOf: "2001-01-01"}); err != nil || len(r.Parks) != 5 || r.Totals.Counts != (progress.Counts{}) || r.Totals.Overall != nil {
			t.Errorf("before the pilot: %d parks, %+v, %v", len(r.Parks), r.Totals.Counts, err)
		}
		if r, err := ask(progress.Question{KnownAsOf: "2001-01-01"}); err != nil || r.KnownSeq != -1 || len(r.Parks) != 0 || r.Totals.Counts != (progress.Counts{}) {
			t.Errorf("known earlier than any data: %d parks at %d, %v", len(r.Parks), r.KnownSeq, err)
		}
		tomorrow, past := string(c.DB.Today().Add(1)), int64(99999)
		for name, q := range map[string]progress.Question{"asOf to come": {AsOf: code.Day(tomorrow)}, "knownAsOf to come": {KnownAsOf: tomorrow}, "an instant to come": {KnownAsOf: tomorrow + "T00:00:01+08:00"},
			"no day": {KnownAsOf: "last week"}, "a number to come": {KnownSeq: &past}} {
			if _, err := ask(q); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want Invalid", name, err)
			}
		}
		if r, err := ask(progress.Question{KnownAsOf: "2026-03-01T10:00:00+08:00"}); err != nil || r.Totals.Counts.LedgersFiled != 1 {
			t.Errorf("known by the second of the filing: %+v, %v", r.Totals.Counts, err)
		}
		if r, err := ask(progress.Question{KnownAsOf: "2026-03-01T09:59:59+08:00"}); err != nil || r.Totals.Counts.LedgersFiled != 0 {
			t.Errorf("known the second before: %+v, %v", r.Totals.Counts, err)
		}
	})
}

// listed holds the counts of a report, and both numbers of A7, against the lists of
// what they count.
func (h *history) listed(day code.Day, seq int64) {
	h.t.Helper()
	r, err := h.progress.Report(h.Bureau(), progress.Question{AsOf: day, KnownSeq: &seq})
	if err != nil {
		h.t.Fatal(err)
	}
	of := func(what string) audit.Counted { return audit.Counted{What: what, AsOf: day, Seq: &seq} }
	exact := models.Query{Limit: 1, Exact: true}
	entries := func(what string) int64 {
		page, err := h.ledger.List(h.Bureau(), ledger.Filter{Counted: of(what)}, exact)
		if err != nil {
			h.t.Fatal(err)
		}
		return *page.Total
	}
	findings := func(what string) int64 {
		page, err := h.city.findings.Findings(h.Bureau(), inspection.FindingFilter{Counted: of(what)}, exact)
		if err != nil {
			h.t.Fatal(err)
		}
		return *page.Total
	}
	var due, inTime int64
	for _, p := range r.Parks {
		a7 := item(h.t, p, "A7")
		due, inTime = due+a7.Denominator, inTime+a7.Numerator
	}
	c := r.Totals.Counts
	for what, pair := range map[string][2]int64{
		ledger.CountFiled: {c.LedgersFiled, entries(ledger.CountFiled)}, ledger.CountRecent: {c.LedgersFiledRecent, entries(ledger.CountRecent)},
		ledger.CountAccepted: {c.LedgersAccepted, entries(ledger.CountAccepted)}, ledger.CountLate: {c.LedgersLate, entries(ledger.CountLate)},
		ledger.CountReturned: {c.LedgersReturned, entries(ledger.CountReturned)}, inspection.CountOpened: {c.FindingsOpened, findings(inspection.CountOpened)},
		inspection.CountOpen: {c.FindingsOpen, findings(inspection.CountOpen)}, inspection.CountClosed: {c.FindingsClosed, findings(inspection.CountClosed)},
		inspection.CountReferred: {c.FindingsReferred, findings(inspection.CountReferred)}, inspection.CountOverdue: {c.FindingsOverdue, findings(inspection.CountOverdue)},
		inspection.CountDue: {due, findings(inspection.CountDue)}, inspection.CountInTime: {inTime, findings(inspection.CountInTime)},
	} {
		if pair[0] != pair[1] {
			h.t.Errorf("%s on %s at number %d: %d in the report, %d in the list", what, day, seq, pair[0], pair[1])
		}
	}
}
