package code

import (
	"maps"
	"slices"
)

// Form is a kind of code that a field of a ledger may hold: how it is read, and
// what a client needs to know to write one.
type Form struct {
	Parse   func(string) (string, error)
	Pattern string // ECMA 262; what it takes may still be refused by a check digit or a table
	Example string
}

func formOf[T ~string](parse func(string) (T, error), pattern, example string) Form {
	return Form{func(s string) (string, error) { v, err := parse(s); return string(v), err }, pattern, example}
}

var forms = map[string]Form{
	"pollutant":         formOf(ParseWaterPollutant, `^w\d{5}$`, "w01018"),
	"airPollutant":      formOf(ParseAirPollutant, `^a\d{5}$`, "a24088"),
	"creditCode":        formOf(ParseCreditCode, `^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$`, "91130200699229617X"),
	"permitNumber":      formOf(ParsePermitNumber, `^[0-9A-HJ-NPQRTUWXY]{18}\d{3}[A-Z]$`, "91130200699229617X001P"),
	"industry":          formOf(ParseIndustry, industryForm.String(), "3982"),
	"facility":          formOf(ParseFacility, facilityForm.String(), "MF0001"),
	"outlet":            formOf(ParseOutlet, outletForm.String(), "DW001"),
	"wasteCode":         formOf(ParseWasteCode, wasteForm.String(), "336-054-17"),
	"wasteCategory":     formOf(ParseWasteCategory, categoryForm.String(), "HW17"),
	"generalWasteCode":  formOf(ParseGeneralWasteCode, generalForm.String(), "900-003-S17"),
	"generalWasteClass": formOf(ParseGeneralWasteClass, generalClassForm.String(), "SW17"),
	"waste":             formOf(ParseWaste, `^\d{3}-\d{3}-S?\d{2}$`, "900-003-S17"),
	"wasteBatch":        formOf(ParseWasteBatch, `^\S{1,40}$`, "HWCS20211031001"),
	"manifest":          formOf(ParseManifest, manifestForm.String(), "20264403000001"),
	"wasteMethod":       formOf(ParseWasteMethod, methodForm.String(), "R4"),
	"month":             formOf(ParseMonth, `^\d{4}-(0[1-9]|1[0-2])$`, "2026-01"),
}

// FormOf is the form of a kind of code; false when there is none.
func FormOf(kind string) (Form, bool) {
	f, ok := forms[kind]
	return f, ok
}

// Forms are the kinds of codes in the order of their names.
func Forms() []string { return slices.Sorted(maps.Keys(forms)) }
