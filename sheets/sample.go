package sheets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"parkregistry/models"
	"parkregistry/models/ledger"
)

// about is what the sample row of a template names, by pointer: things of one firm, so that
// the row would pass if somebody took it for one of his own.
func (t *template) about() map[string]string {
	firms := slices.SortedFunc(slices.Values(t.objects.Firms), func(a, b Firm) int { return cmp.Compare(a.Name, b.Name) })
	if t.class.Site == ledger.None || len(firms) == 0 {
		firms = []Firm{{}}
	}
	has := func(need ledger.Need, f Firm, all []Object) int {
		if need == ledger.None || len(of(f.Site, all)) == 0 {
			return 0
		}
		return 1
	}
	fits := func(f Firm) int {
		return 2*has(t.class.Facility, f, t.facilities()) + has(t.class.Outlet, f, t.outlets())
	}
	best := slices.MaxFunc(firms, func(a, b Firm) int { return cmp.Compare(fits(a), fits(b)) }) // the first of the best
	named := map[string]string{firmKey: best.Name, facilityKey: codeOf(of(best.Site, t.facilities())), outletKey: codeOf(of(best.Site, t.outlets()))}
	all := of(best.Site, t.objects.Facilities)
	switch t.class.Code {
	case "register.facilities":
		named["/payload/code"] = unused(all)
	case "register.permits":
		if best.CreditCode != "" {
			named["/payload/number"] = best.CreditCode + "001P"
		}
		named["/payload/ledgerRules/object"] = codeOf(slices.DeleteFunc(all, func(o Object) bool { return o.Medium != "water" }))
		water := slices.DeleteFunc(of(best.Site, t.objects.Outlets), func(o Object) bool { return !strings.HasPrefix(o.Code, "DW") })
		named["/payload/limits/outlet"], named["/payload/monitoring/outlet"] = codeOf(water), codeOf(water)
	}
	return named
}

// of are the things of a site, in the order of their codes.
func of(site models.ID, all []Object) []Object {
	own := slices.DeleteFunc(slices.Clone(all), func(o Object) bool { return o.Site != site })
	slices.SortFunc(own, func(a, b Object) int { return cmp.Compare(a.Code, b.Code) })
	return own
}

// codeOf is the first of their codes, "" for none.
func codeOf(all []Object) string {
	if len(all) == 0 {
		return ""
	}
	return all[0].Code
}

// unused is the first code of a water treatment facility that none of these has.
func unused(all []Object) string {
	for n := 1; ; n++ {
		code := fmt.Sprintf("TW%03d", n)
		if !slices.ContainsFunc(all, func(o Object) bool { return o.Code == code }) {
			return code
		}
	}
}

// facilities are those that rows of the class may name.
func (t *template) facilities() []Object {
	return slices.DeleteFunc(slices.Clone(t.objects.Facilities), func(o Object) bool {
		return !slices.Contains(t.class.FacilityKinds, o.Kind) || t.class.Medium != "" && o.Medium != t.class.Medium
	})
}

// outlets are those that rows of the class may name.
func (t *template) outlets() []Object {
	return slices.DeleteFunc(slices.Clone(t.objects.Outlets), func(o Object) bool {
		return len(t.class.OutletKinds) > 0 && !slices.Contains(t.class.OutletKinds, o.Kind)
	})
}
