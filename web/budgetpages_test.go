package web_test

import (
	"fmt"
	"strings"
	"testing"

	"parkregistry/models"
	"parkregistry/models/exchange"
	"parkregistry/policies"
)

// beside are more pages beside the menus, by whose they are, on a register that fills the
// lists: forms in the middle of being filled in, files, what is behind a row.
func (w *world) beside(t *testing.T, six models.ID) map[string][]string {
	t.Helper()
	for name, role := range map[string]policies.Role{"auditor": policies.Auditor, "admin": policies.Admin} {
		w.account(name, role, "")
	}
	w.account("baoan-2", policies.DistrictInspector, "baoan") // a draw takes two officers
	w.token = w.bearer("park-a")
	draft := w.made("/ledgers", fmt.Sprintf(`{"parkId":%q,"facilityId":%q,"class":"treatmentFacility.wastewater","day":"2026-01-03","slot":"早班","payload":%s}`,
		w.BaoanA.Park.ID, w.BaoanA.Facility.ID, strings.Replace(payload, `"38.0"`, `"980.0"`, 1)))
	var many []string
	for n := range fullList + 1 { // one of the rows is wrong
		many = append(many, string(w.DB.Today().Add(-1-n)))
	}
	filed := w.brought(t, many...)
	_, err := w.imports.Commit(w.ParkManager(w.BaoanA), filed, exchange.CommitInput{Rows: exchange.Good, File: true}, nil)
	must(t, err)
	checked := w.brought(t, "2026-01-05", "2026/13/06", "2026.1.7 日", "2027-12-08")
	w.token = w.bearer("baoan")
	for n := range fullList {
		w.made("/findings", fmt.Sprintf(`{"parkId":%q,"dimension":%d,"severity":"minor","place":"一号车间 %d 层","description":"围堰破损，雨水口没有封堵，现场要求当天清理"}`, w.BaoanA.Park.ID, n%6+1, n))
	}
	card := w.made("/enterprises/"+string(w.BaoanA.Enterprise.ID)+"/grades", `{"kind":"capability","reason":"现场核查了全部设施"}`)
	draw := w.made("/draws", `{"jurisdiction":"baoan","count":2}`)
	w.numbered()
	entry, filling := "/ledger/"+string(w.entry), "/ledger/"+string(draft)
	return map[string][]string{
		"park-a":  {entry + "/done", filling + "/edit", filling + "/check", "/p/import/" + string(checked), "/p/import/" + string(filed), "/six/" + string(six) + "?dim=1&item=A1", "/help/manual", "/p/findings/board"},
		"baoan":   {"/d/findings/board", "/grade/" + string(card), "/draw/" + string(draw)},
		"bureau":  {"/c/tasks/new?unit=city", "/report/overdue"},
		"auditor": nil,
		"admin":   {"/user/" + w.idOf("baoan")},
	}
}

// fullList is how many rows a page of a list has.
const fullList = 20
