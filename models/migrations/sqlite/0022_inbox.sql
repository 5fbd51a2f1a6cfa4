-- +goose Up
-- What still waits for somebody, the earliest day first: few of all findings, however
-- many were closed before.
CREATE INDEX findings_standing_park ON findings (park_id, (COALESCE(due_on, '9999-12-31')), id) WHERE state IN ('open', 'notified', 'submitted', 'returned');
CREATE INDEX findings_standing_jurisdiction ON findings (jurisdiction, (COALESCE(due_on, '9999-12-31')), id) WHERE state IN ('open', 'notified', 'submitted', 'returned');
CREATE INDEX findings_standing_enterprise ON findings (enterprise_id, (COALESCE(due_on, '9999-12-31')), id) WHERE state IN ('open', 'notified', 'submitted', 'returned');
