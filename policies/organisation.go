package policies

import "slices"

// Organisation is whom the holder of an assignment acts for: park:<id>,
// enterprise:<id>, district:<slug>, and city or system for those without a place.
// Who files and who accepts are told apart by it, besides by person (S-AZ11).
type Organisation string

// ParkBody is the management body of a park.
func ParkBody(park string) Organisation { return Organisation("park:" + park) }

// Firm is an enterprise.
func Firm(enterprise string) Organisation { return Organisation("enterprise:" + enterprise) }

// DistrictBureau is the authority of a jurisdiction.
func DistrictBureau(jurisdiction string) Organisation {
	return Organisation("district:" + jurisdiction)
}

// Organisation is whom the holder acts for.
func (a Assignment) Organisation() Organisation {
	switch {
	case a.Role == System:
		return "system"
	case a.Role.Holds() == Park:
		return ParkBody(a.Park)
	case a.Role.Holds() == Enterprise:
		return Firm(a.Enterprise)
	case a.Role.Holds() == Jurisdiction:
		return DistrictBureau(a.Jurisdiction)
	}
	return "city"
}

// Organisations are all that the actor belongs to at present.
func (a Actor) Organisations() []Organisation {
	var out []Organisation
	for _, as := range a.Assignments {
		if o := as.Organisation(); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// ActingFor are the organisations for which the actor may do perm to the row.
func (a Actor) ActingFor(perm Permission, row Row) ([]Organisation, error) {
	var out []Organisation
	for _, as := range a.Assignments {
		one := a
		one.Assignments = []Assignment{as}
		s, err := one.Scope(perm)
		if err != nil {
			return nil, err
		}
		if o := as.Organisation(); s.Covers(row) && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out, nil
}
