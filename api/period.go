package api

import (
	"context"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

type periodView struct {
	Warned
	ID           models.ID        `json:"id" format:"uuid"`
	Number       string           `json:"number" doc:"例 PL-2026-000012"`
	From         code.Day         `json:"from" format:"date" doc:"起始日期（含）"`
	To           code.Day         `json:"to" format:"date" doc:"截止日期（含）"`
	ParkID       *models.ID       `json:"parkId" nullable:"true" doc:"锁定的园区；属地或者全市的锁定为 null"`
	Jurisdiction *string          `json:"jurisdiction" nullable:"true" doc:"锁定的属地，或者园区所在的属地；全市的锁定为 null"`
	State        string           `json:"state" enum:"locked,unlocked"`
	Reason       string           `json:"reason"`
	LockedBy     models.ID        `json:"lockedBy"`
	LockedAt     string           `json:"lockedAt" format:"date-time"`
	UnlockedAt   *string          `json:"unlockedAt" nullable:"true" format:"date-time"`
	Version      int64            `json:"version"`
	Steps        []periodStepView `json:"steps,omitempty" doc:"锁定和解锁；列表中不给出"`
}

type periodStepView struct {
	Kind     string    `json:"kind" enum:"locked,unlocked"`
	At       string    `json:"at" format:"date-time"`
	ActorID  models.ID `json:"actorId"`
	Reason   string    `json:"reason"`
	ChangeID models.ID `json:"changeId"`
}

func periodOf(l ledger.PeriodLock) periodView {
	state := "locked"
	if l.UnlockedAt != nil {
		state = "unlocked"
	}
	return periodView{ID: l.ID, Number: l.Number, From: l.FromOn, To: l.ToOn, ParkID: l.ParkID, Jurisdiction: l.Jurisdiction, State: state, Reason: l.Reason,
		LockedBy: l.LockedBy, LockedAt: instant(l.CreatedAt), UnlockedAt: instantOrNull(l.UnlockedAt), Version: l.Version}
}

type listPeriodsInput struct {
	ListParams
	Sort         string   `query:"sort" enum:"-createdAt,createdAt"`
	ParkID       string   `query:"parkId" format:"uuid" doc:"只列这个园区自己的锁定，不含属地和全市的"`
	Jurisdiction string   `query:"jurisdiction" maxLength:"20"`
	On           code.Day `query:"on" format:"date" doc:"包含这一天的锁定"`
	State        string   `query:"state" enum:"locked,unlocked"`
}

func (h ledgerAPI) listPeriods(ctx context.Context, in *listPeriodsInput) (*list[periodView], error) {
	f := ledger.PeriodFilter{ParkID: in.ParkID, Jurisdiction: in.Jurisdiction, On: in.On}
	if in.State != "" {
		f.Standing = ptr(in.State == "locked")
	}
	page, err := h.svc.Periods(ctx, f, in.query(in.Sort, map[string]string{"r": "period-locks", "p": in.ParkID, "j": in.Jurisdiction, "on": string(in.On), "st": in.State}))
	return listOf(page, periodOf), err
}

func (h ledgerAPI) getPeriod(ctx context.Context, in *IDParam) (*one[periodView], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	l, steps, err := h.svc.Period(ctx, id)
	v := periodOf(l)
	for _, s := range steps {
		v.Steps = append(v.Steps, periodStepView{s.Kind, instant(s.At), s.ActorID, s.Reason, s.ChangeID})
	}
	return &one[periodView]{etag(l.ID, l.Version), v}, err
}

type newPeriod struct {
	NewID
	ledger.PeriodInput
}

func (h ledgerAPI) lockPeriod(ctx context.Context, in *Payload[newPeriod]) (*one[periodView], error) {
	l, err := h.svc.LockPeriod(ctx, in.Body.id(), in.Body.PeriodInput)
	if err != nil {
		return nil, err
	}
	return answer(l.ID, l.Version, periodOf(l)), nil
}

func (h ledgerAPI) unlockPeriod(ctx context.Context, in *becauseInput) (*one[periodView], error) {
	id, version, err := in.target()
	if err != nil {
		return nil, err
	}
	l, err := h.svc.UnlockPeriod(ctx, id, version, in.Body)
	if err != nil {
		return nil, err
	}
	return answer(l.ID, l.Version, periodOf(l)), nil
}
