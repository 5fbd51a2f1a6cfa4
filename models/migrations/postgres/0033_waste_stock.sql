-- +goose Up
-- What still lies in stores and works: few batches of all that were ever recorded. In the
-- words of models/ledger/stock.go.
CREATE INDEX waste_batches_stock ON waste_batches (park_id, facility_id, waste_code) WHERE class IN ('hazardousWaste.generated', 'hazardousWaste.stored') AND live AND taken < quantity;
