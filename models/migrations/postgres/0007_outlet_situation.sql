-- +goose Up
-- What decides which limits apply at an outlet. Empty means that nobody has said it yet.
ALTER TABLE outlets ADD COLUMN receiver text NOT NULL DEFAULT '';
ALTER TABLE outlets ADD COLUMN water_class text NOT NULL DEFAULT '';
ALTER TABLE outlets ADD COLUMN production text NOT NULL DEFAULT '[]';
ALTER TABLE outlets ADD COLUMN standards text NOT NULL DEFAULT '[]';
ALTER TABLE outlets ADD COLUMN eia_number text NOT NULL DEFAULT '';
ALTER TABLE outlets ADD COLUMN eia_approved_on date;
ALTER TABLE outlets ADD COLUMN special_limits boolean NOT NULL DEFAULT false;
