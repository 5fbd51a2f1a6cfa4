package web

import (
	"net/http"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/policies"
)

// locksPage is what templates/locks.html shows: the periods of the ledger that are or were
// locked (锁定期), with the form of the bureau for another one.
type locksPage struct {
	Shell   shell
	Head    listHead
	Lines   []lockLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

// lockLine is one lock.
type lockLine struct {
	ledger.PeriodLock
	Where  string
	Name   fault.Text
	Mark   band
	Set    string // when it was
	Lifted string
}

// lockPage is what templates/lock.html shows: one lock with its moves.
type lockPage struct {
	Shell   shell
	Line    lockLine
	Steps   []stepLine
	Forms   []moveForm
	Failure Failure
	Kept    []saidLine
}

const (
	lockStands = "locked"
	lockLifted = "unlocked"
)

var lockWords = map[string]fault.Text{lockStands: fault.T("锁定中"), lockLifted: fault.T("已解锁")}

func (p *Pages) locks(v *visit) error {
	page, err := p.locksOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "locks.html", page)
}

func (p *Pages) locksOf(v *visit) (locksPage, error) {
	const path = "/c/setup/locks"
	page := locksPage{Shell: p.listed(v, fault.T("锁定期"))}
	h, names, err := p.filtersOf(v, choices(v, []string{lockStands, lockLifted}, func(s string) fault.Text { return lockWords[s] }))
	if err != nil {
		return page, err
	}
	h.Path, h.Clear, h.Undated = path, path, true
	f := ledger.PeriodFilter{ParkID: v.c.Query("parkId")}
	if state := v.c.Query("state"); state != "" {
		stands := state == lockStands
		f.Standing = &stands
	}
	found, err := p.options.Ledger.Periods(v.ctx, f, h.page("-createdAt"))
	if err != nil {
		return page, err
	}
	turn(&h, found)
	page.Head = h
	for _, l := range found.Items {
		page.Lines = append(page.Lines, lockLineOf(v, l, names))
	}
	if v.may(policies.PeriodLock) {
		page.Forms = []moveForm{newMove(v, path, "locking", fault.T("锁定一段日期"), lockFields(v, h.Parks))}
		page.Forms[0].Aside = true
	}
	return page, nil
}

func lockLineOf(v *visit, l ledger.PeriodLock, parks map[string]string) lockLine {
	line := lockLine{PeriodLock: l, Name: lockWords[lockStands], Mark: halfway, Set: moment(l.CreatedAt), Lifted: momentOr(l.UnlockedAt)}
	if l.UnlockedAt != nil {
		line.Name, line.Mark = lockWords[lockLifted], noScore
	}
	line.Where = say(v, code.AreaName(models.Deref(l.Jurisdiction)))
	if l.ParkID != nil {
		line.Where = parks[string(*l.ParkID)]
	}
	return line
}

// lockFields are what a lock says; area and park are those of the form alone, one of them
// or none.
func lockFields(v *visit, parks []option) []formField {
	places := make([]option, len(parks))
	for i, park := range parks {
		places[i] = option{Value: park.Value, Name: park.Name}
	}
	return []formField{{Name: "from", Label: fault.T("起始日期（含）"), Kind: "date", Required: true}, {Name: "to", Label: fault.T("截止日期（含），不晚于今天"), Kind: "date", Required: true},
		{Name: "jurisdiction", Label: fault.T("属地，只锁定一个属地时选"), Kind: "select", Options: choices(v, jurisdictionIDs(), code.AreaName)},
		{Name: "parkId", Label: fault.T("园区，只锁定一个园区时选；两项都不选为全市"), Kind: "select", Options: places}, reasonField()}
}

// lockPeriod locks the period of the form.
func (p *Pages) lockPeriod(v *visit) error {
	l, err := p.options.Ledger.LockPeriod(v.ctx, "", ledger.PeriodInput{From: v.field("from"), To: v.field("to"), ParkID: v.field("parkId"), Jurisdiction: v.field("jurisdiction"), Reason: v.field("reason")})
	if err == nil {
		v.to("/c/setup/lock/" + string(l.ID))
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.locksOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "locking", nil, f)
	return p.show(v, f.Status, "locks.html", page)
}

func (p *Pages) lock(v *visit) error {
	page, err := p.lockOf(v)
	if err != nil {
		return err
	}
	return p.show(v, http.StatusOK, "lock.html", page)
}

func (p *Pages) lockOf(v *visit) (lockPage, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return lockPage{}, fault.Absent()
	}
	l, steps, err := p.options.Ledger.Period(v.ctx, id)
	if err != nil {
		return lockPage{}, err
	}
	names := map[string]string{}
	if v.may(policies.ParkRead) {
		if names, err = p.parkNames(v); err != nil {
			return lockPage{}, err
		}
	}
	page := lockPage{Shell: p.shell(v, fault.T("锁定期 {{.Number}}", "Number", l.Number)), Line: lockLineOf(v, l, names)}
	for i := len(steps) - 1; i >= 0; i-- {
		s := stepLine{Name: fault.T("锁定"), Mark: halfway, At: moment(steps[i].At), By: fault.T("市生态环境局"), Reason: steps[i].Reason}
		if steps[i].Kind == lockLifted {
			s.Name, s.Mark = fault.T("解锁"), noScore
		}
		page.Steps = append(page.Steps, s)
	}
	if l.UnlockedAt == nil && v.may(policies.PeriodUnlock) {
		form := newMove(v, "/c/setup/lock/"+string(id), "unlocking", fault.T("解锁"), []formField{reasonField()})
		form.Hidden = versionOf(l.Version)
		page.Forms = []moveForm{form}
	}
	return page, nil
}

// unlockPeriod lifts the lock of the address and shows it again.
func (p *Pages) unlockPeriod(v *visit) error {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return fault.Absent()
	}
	version, err := v.version()
	if err == nil {
		_, err = p.options.Ledger.UnlockPeriod(v.ctx, id, version, ledger.ReasonInput{Reason: v.field("reason")})
	}
	if err == nil {
		v.to("/c/setup/lock/" + string(id))
		return nil
	}
	f, here := p.told(v, err)
	if !here {
		return err
	}
	page, err := p.lockOf(v)
	if err != nil {
		return err
	}
	page.Failure, page.Shell.Failed = f, true
	page.Kept = p.refused(v, page.Forms, "unlocking", []formField{reasonField()}, f)
	return p.show(v, f.Status, "lock.html", page)
}
