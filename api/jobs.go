package api

import (
	"context"

	"parkregistry/models/jobs"
)

type jobAPI struct{ svc *jobs.Service }

type jobView struct {
	ID          int64   `json:"id"`
	Kind        string  `json:"kind" doc:"sweep、remind、checkpoint、backup、rewrite_jurisdiction、export"`
	State       string  `json:"state" doc:"available、scheduled、running、retryable、completed、discarded、cancelled、pending"`
	Attempt     int     `json:"attempt" doc:"已经执行的次数"`
	MaxAttempts int     `json:"maxAttempts"`
	Failures    int     `json:"failures" doc:"失败的次数，原因见程序日志"`
	CreatedAt   string  `json:"createdAt" format:"date-time"`
	ScheduledAt string  `json:"scheduledAt" format:"date-time" doc:"应当执行的时刻"`
	AttemptedAt *string `json:"attemptedAt" format:"date-time" nullable:"true"`
	FinalizedAt *string `json:"finalizedAt" format:"date-time" nullable:"true"`
}

func jobOf(j jobs.Job) jobView {
	return jobView{j.ID, j.Kind, j.State, j.Attempt, j.MaxAttempts, j.Failures, instant(j.CreatedAt), instant(j.ScheduledAt), instantOrNull(j.AttemptedAt), instantOrNull(j.FinalizedAt)}
}

type listJobsInput struct {
	ListParams
	Sort  string `query:"sort" enum:"-id,id"`
	State string `query:"state" enum:"available,cancelled,completed,discarded,pending,retryable,running,scheduled"`
	Kind  string `query:"kind" maxLength:"60"`
}

func (h jobAPI) listJobs(ctx context.Context, in *listJobsInput) (*list[jobView], error) {
	page, err := h.svc.List(ctx, jobs.Filter{State: in.State, Kind: in.Kind}, in.query(in.Sort, map[string]string{"r": "jobs", "s": in.State, "k": in.Kind}))
	return listOf(page, jobOf), err
}
