package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// place is a park of the test city with one row of every kind in it.
type place struct {
	dbtest.Place
	rows map[string]string // first part of a path → id of the place's row
	etag map[string]string // the same → ETag, as the bureau reads it
}

// caller is an account with a place whose rows it owns and one that is foreign to it.
type caller struct {
	name    string
	role    policies.Role
	own     string // name of a place, "" when every row of the city is its own or none is
	foreign string
}

var callers = []caller{
	{"park-a", policies.ParkManager, "baoan-a", "longgang"},
	{"park-b", policies.ParkManager, "baoan-b", "longgang"},
	{"firm-a", policies.EnterpriseUser, "baoan-a", "longgang"},
	{"firm-l", policies.EnterpriseUser, "longgang", "baoan-a"},
	{"baoan-1", policies.DistrictInspector, "baoan-a", "longgang"},
	{"longgang", policies.DistrictInspector, "longgang", "dapeng"},
	{"dapeng", policies.DistrictInspector, "dapeng", "longgang"},
	{"bureau", policies.BureauAdmin, "longgang", ""},
	{"analyst", policies.BureauAnalyst, "dapeng", ""},
	{"auditor", policies.Auditor, "baoan-a", ""},
	{"admin", policies.Admin, "", "baoan-a"},
	{"security", policies.SecurityAdmin, "", "baoan-a"},
}

// bodies are lawful bodies for what takes one; the row that it names is of the place.
var bodies = map[string]func(p place) any{
	"POST /parks":                     func(place) any { return map[string]any{"code": "SZ-77"} },
	"POST /parks/{id}/phases":         func(place) any { return map[string]any{"number": "9", "name": "九期", "state": "planned"} },
	"POST /enterprises":               func(p place) any { return enterpriseBody(p) },
	"POST /sites":                     func(p place) any { return map[string]any{"parkId": p.Park.ID, "creditCode": dbtest.CreditCode(4)} },
	"POST /sites/{id}/tenancies":      func(place) any { return map[string]any{"building": "9", "unit": "901", "from": "2024-01-01"} },
	"POST /permits":                   func(p place) any { return permitBody(p) },
	"POST /facilities":                func(p place) any { return facilityBody(p, "TW077") },
	"POST /outlets":                   func(p place) any { return outletBody(p, "DW077") },
	"POST /outlets/{id}/limits":       func(place) any { return limitBody },
	"POST /streams":                   func(p place) any { return streamBody(p) },
	"POST /shutdowns":                 func(p place) any { return shutdownBody(p) },
	"POST /shutdowns/{id}/ending":     func(place) any { return map[string]any{"on": "2026-02-01"} },
	"POST /shutdowns/{id}/withdrawal": func(place) any { return map[string]any{"reason": "日期登记有误"} },
	"POST /ledgers":                   func(p place) any { return entryBody(p, "2026-01-02") },
	"POST /ledgers/batch":             func(p place) any { return map[string]any{"entries": []any{entryBody(p, "2026-01-02")}} },
	"PATCH /ledgers/{id}":             func(place) any { return map[string]any{"slot": "夜班"} },
	"POST /ledgers/{id}/filing":       func(place) any { return nil },
	"POST /ledgers/{id}/return":       func(place) any { return map[string]any{"reason": "数值与原始记录不符"} },
	"POST /ledgers/{id}/acceptance":   func(place) any { return nil },
	"POST /ledgers/{id}/amendment":    func(place) any { return map[string]any{"reason": "数值与原始记录不符"} },
	"POST /ledgers/{id}/voiding":      func(place) any { return map[string]any{"reason": "数值与原始记录不符"} },
	"POST /period-locks": func(p place) any {
		return map[string]any{"from": "2026-01-01", "to": "2026-01-31", "parkId": p.Park.ID, "reason": "一月台账已经核查完毕"}
	},
	"POST /period-locks/{id}/unlocking": func(place) any { return map[string]any{"reason": "企业补报遗漏的记录"} },
	"POST /attachments": func(p place) any {
		return rawBody{"application/pdf", "parkId=" + string(p.Park.ID) + "&siteId=" + string(p.Site.ID), pdf(1)}
	},
	"POST /imports":                  func(p place) any { return importBody(p, "2026-03-01") },
	"POST /imports/{id}/corrections": func(place) any { return map[string]any{"cells": []any{map[string]any{"cell": "D3", "text": "x"}}} },
	"POST /imports/{id}/commit":      func(place) any { return map[string]any{"rows": "good"} },
	"POST /imports/{id}/undo":        func(place) any { return nil },
	"POST /draws": func(p place) any {
		return map[string]any{"jurisdiction": models.Deref(p.Park.Jurisdiction), "parkId": p.Park.ID, "count": 1}
	},
	"POST /draws/{id}/drawing": func(place) any { return map[string]any{} },
	"POST /patrols":            func(p place) any { return map[string]any{"parkId": p.Park.ID, "kind": "daily"} },
	"POST /patrols/{id}/events": func(place) any {
		return map[string]any{"events": []any{map[string]any{"id": models.NewID(), "type": "start"}}}
	},
	"POST /findings":                         func(p place) any { return findingBody(p) },
	"POST /findings/{id}/notice":             func(place) any { return map[string]any{} },
	"POST /findings/{id}/acknowledgement":    func(place) any { return map[string]any{} },
	"POST /findings/{id}/rectification":      func(place) any { return rectificationBody("2026-11-24", models.NewID()) },
	"POST /findings/{id}/review":             func(place) any { return map[string]any{"result": "close"} },
	"POST /findings/{id}/extension":          func(place) any { return map[string]any{"dueOn": "2099-01-02", "reason": "配件到货延迟"} },
	"POST /findings/{id}/referral-request":   func(place) any { return map[string]any{"basis": "suspectedViolation", "reason": "疑似偷排废水"} },
	"POST /findings/{id}/referral":           func(place) any { return map[string]any{"basis": "suspectedViolation", "reason": "疑似偷排废水"} },
	"POST /findings/{id}/withdrawal":         func(place) any { return map[string]any{"cause": "mistaken", "reason": "看错了设施编号"} },
	"POST /assessment-checklists":            func(place) any { return otherChecklist("2027-1") },
	"POST /assessments":                      func(p place) any { return map[string]any{"parkId": p.Park.ID, "year": 2025} },
	"POST /assessments/{id}/self-assessment": func(place) any { return selfMarks("2026") },
	"POST /assessments/{id}/submission":      func(place) any { return nil },
	"POST /assessments/{id}/verification":    func(place) any { return districtMarks() },
	"POST /assessments/{id}/completion":      func(place) any { return nil },
	"POST /assessments/{id}/sample":          func(place) any { return districtMarks() },
	"POST /assessments/{id}/return":          func(place) any { return map[string]any{"reason": "佐证需要补齐"} },
	"POST /parks/{id}/nomination":            func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /parks/{id}/designation":           func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /parks/{id}/plan-agreement":        func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /parks/{id}/construction":          func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /parks/{id}/accreditation":         func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /parks/{id}/lapse":                 func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /enterprises/{id}/grades": func(place) any {
		return map[string]any{"kind": "capability", "reason": "现场核查废水处理设施"}
	},
	"POST /grades/{id}/rating":              func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /grades/{id}/rectification-order": func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /grades/{id}/reassessment":        func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /grades/{id}/notification":        func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /grades/{id}/objection":           func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /grades/{id}/decision":            func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /grades/{id}/repair":              func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"POST /programmes": func(place) any {
		return map[string]any{"title": "任务进度表", "issuer": "市生态环境局", "issuedOn": "2026-01-05"}
	},
	"POST /tasks":            func(p place) any { return taskBody(p) },
	"POST /tasks/{id}/start": func(place) any { return map[string]any{} },
	"POST /tasks/{id}/report": func(place) any {
		return map[string]any{"reason": "测试中办理这一步", "evidence": []string{"深环〔2026〕12号"}}
	},
	"POST /tasks/{id}/verification":                 func(place) any { return map[string]any{} },
	"POST /tasks/{id}/return":                       func(place) any { return map[string]any{"reason": "佐证需要补齐"} },
	"POST /tasks/{id}/override":                     func(place) any { return map[string]any{"says": "done", "reason": "测试中办理这一步"} },
	"POST /tasks/{id}/reassignment":                 func(place) any { return map[string]any{"dueOn": "2099-01-01", "reason": "测试中办理这一步"} },
	"POST /tasks/{id}/cancellation":                 func(place) any { return map[string]any{"reason": "测试中办理这一步"} },
	"PATCH /parks/{id}":                             func(place) any { return map[string]any{"address": "改后地址 1 号"} },
	"PATCH /enterprises/{id}":                       func(place) any { return map[string]any{"riskLevel": "general"} },
	"PATCH /permits/{id}":                           func(place) any { return map[string]any{"authority": "市生态环境局"} },
	"PATCH /facilities/{id}":                        func(place) any { return map[string]any{"name": "改后设施"} },
	"PATCH /outlets/{id}":                           func(place) any { return map[string]any{"name": "改后排放口"} },
	"PATCH /streams/{id}":                           func(place) any { return map[string]any{"name": "改后废水"} },
	"POST /sites/{id}/tenancies/{tenancyId}/ending": func(place) any { return map[string]any{"on": "2026-01-01", "reason": "合同到期迁出"} },
}

// rawBody is a body that is no JSON.
type rawBody struct{ media, query, content string }

var limitBody = map[string]any{"pollutant": "w01018", "maximum": "80", "unit": "mg/L", "basis": "permit", "standard": "许可证", "validFrom": "2024-01-01"}

func enterpriseBody(p place) any {
	return map[string]any{"parkId": p.Park.ID, "creditCode": dbtest.CreditCode(700), "name": "新入驻电子有限公司", "industries": []string{"3982"}, "permitClass": "key",
		"legalRepresentative": "李四", "contact": "张三"}
}

func permitBody(p place) any {
	return map[string]any{"siteId": p.Site.ID, "number": p.Enterprise.CreditCode + "002P", "kind": "permit", "class": "key", "issuedOn": "2024-01-01", "authority": "市生态环境局"}
}

func facilityBody(p place, code string) any {
	return map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "code": code, "kind": "treatment", "name": "新设施", "capacity": "10", "capacityUnit": "m3/d", "inUse": true}
}

func outletBody(p place, code string) any {
	return map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "code": code, "kind": "total", "regime": "indirect", "receivingPlant": "示例污水厂"}
}

func streamBody(p place) any {
	return map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "name": "含铜废水", "kind": "general", "classOne": false}
}

func shutdownBody(p place) any {
	return map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "from": "2025-05-01", "to": "2025-05-05", "reason": "五一假期停产"}
}

// elsewhere are the routes that a test of their own walks, with the reason.
var elsewhere = map[string]string{
	"POST /sessions":                       "public; account_test.go",
	"DELETE /sessions/current":             "ends the caller's own session; account_test.go",
	"GET /me":                              "everybody's own; account_test.go",
	"POST /me/password":                    "everybody's own; TestNewPerson",
	"POST /me/second-factor":               "everybody's own; TestSecondFactorOverHTTP",
	"POST /me/second-factor/confirmation":  "everybody's own; TestSecondFactorOverHTTP",
	"GET /sessions":                        "TestAccountRoutesEveryRole",
	"DELETE /sessions/{id}":                "TestAccountRoutesEveryRole",
	"GET /users":                           "TestAccountRoutesEveryRole",
	"POST /users":                          "TestNewPerson; nobody's row yet",
	"GET /users/{id}":                      "TestAccountRoutesEveryRole",
	"PATCH /users/{id}":                    "TestAccountRoutesEveryRole",
	"POST /users/{id}/disabling":           "TestAccountRoutesEveryRole",
	"POST /users/{id}/enabling":            "TestAccountRoutesEveryRole",
	"POST /users/{id}/password-reset":      "TestAccountRoutesEveryRole",
	"POST /users/{id}/second-factor-reset": "TestAccountRoutesEveryRole",
	"POST /users/{id}/session-ending":      "TestAccountRoutesEveryRole",
	"GET /users/{id}/assignments":          "TestAccountRoutesEveryRole",
	"POST /users/{id}/assignments":         "TestAccountRoutesEveryRole",
	"POST /assignments/{id}/ending":        "TestAccountRoutesEveryRole",
	"GET /account-requests":                "TestAccountRoutesEveryRole",
	"POST /account-requests":               "TestAccountRequest; nobody's row yet",
	"POST /account-requests/{id}/decision": "TestAccountRoutesEveryRole",
	"GET /tokens":                          "TestAccountRoutesEveryRole",
	"POST /tokens":                         "TestMachineToken; nobody's row yet",
	"DELETE /tokens/{id}":                  "TestAccountRoutesEveryRole",
	"GET /access/explain":                  "TestAccess",
	"GET /access/parks/{id}":               "TestAccountRoutesEveryRole",
	"GET /districts":                       "the same for everybody",
	"GET /streets":                         "the same for everybody",
	"GET /references/{list}":               "the same for everybody",
	"GET /search":                          "TestSearch",
	"GET /ledger-classes":                  "the same for everybody",
	"GET /ledger-classes/{code}":           "the same for everybody",
	"GET /ledger-classes/{code}/template":  "of the park that is named; TestLedgerTemplate",
	"GET /export-lists":                    "TestExportsOverHTTP",
	"GET /exports":                         "everybody's own; TestExportsOverHTTP",
	"POST /exports":                        "everybody's own; TestExportsOverHTTP",
	"GET /exports/{id}":                    "everybody's own; TestExportsOverHTTP",
	"GET /exports/{id}/content":            "everybody's own; TestExportsOverHTTP",
	"GET /reports":                         "TestReportsOverHTTP",
	"GET /reports/{name}":                  "TestReportsOverHTTP",
	"GET /reports/{name}/workbook":         "TestReportsOverHTTP",
	"GET /odd-rules":                       "the same for everybody",
	"GET /patrol-checklists":               "the same for everybody",
	"GET /assessment-checklists":           "the same for everybody",
	"GET /grade-rules":                     "the same for everybody",
	"GET /assessment-checklists/{version}": "the same for everybody",
	"GET /finding-types":                   "the same for everybody",
	"GET /inbox":                           "everybody's own; TestInbox",
	"GET /programmes":                      "the same for everybody who has tasks; TestTaskTable",
	"GET /programmes/{id}":                 "as the list",
	"GET /task-queries":                    "the same for everybody who has tasks; TestTaskTable",
	"GET /draw-quotas":                     "computed for the caller's areas; TestDraws",
	"GET /findings/{id}/notice":            "409 for the open findings of this test; TestNotice",
	"GET /ledgers/{id}/receipt":            "409 for the drafts of this test; TestReceipt",
	"GET /ledgers/{id}/receipt/workbook":   "likewise; TestPapers",
	"GET /findings/{id}/notice/workbook":   "likewise; TestPapers",
	"POST /checkpoints":                    "nobody's row; TestCheckpoints",
	"GET /checkpoints/latest":              "the same for everybody; TestCheckpoints",
	"GET /checkpoints/key":                 "public; TestCheckpoints",
	"GET /checkpoints/consistency":         "the same for everybody; TestCheckpoints",
}

// operation is one operation of the API description.
type operation struct {
	method, path string
	permission   policies.Permission
}

func (w *world) operations() []operation {
	w.t.Helper()
	doc := w.want(w.call("", "GET", "/openapi.json", nil), 200, "the description")
	var d struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(doc.raw, &d); err != nil {
		w.t.Fatal(err)
	}
	var all []operation
	for path, methods := range d.Paths {
		for method, raw := range methods {
			var op struct {
				Permission string `json:"x-permission"`
			}
			if err := json.Unmarshal(raw, &op); err != nil {
				w.t.Fatal(err)
			}
			all = append(all, operation{strings.ToUpper(method), path, policies.Permission(op.Permission)})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

// fill gives every place a row of every kind.
func (w *world) fill() map[string]place {
	w.t.Helper()
	ctx := w.Program()
	places := map[string]place{}
	for name, p := range map[string]dbtest.Place{"baoan-a": w.BaoanA, "baoan-b": w.BaoanB, "longgang": w.Longgang, "dapeng": w.Dapeng} {
		site, park := string(p.Site.ID), string(p.Park.ID)
		permit, err := w.Registry.CreatePermit(ctx, "", registry.PermitInput{SiteID: site, Number: p.Enterprise.CreditCode + "001P", Kind: "permit", Class: "key",
			IssuedOn: "2024-01-01", Authority: "市生态环境局"})
		if err != nil {
			w.t.Fatal(err)
		}
		stream, err := w.Registry.CreateStream(ctx, "", registry.StreamInput{ParkID: park, SiteID: site, Name: "含镍废水", Kind: "nickel", ClassOne: true})
		if err != nil {
			w.t.Fatal(err)
		}
		shutdown, err := w.Registry.CreateShutdown(ctx, "", registry.ShutdownInput{ParkID: park, SiteID: site, From: "2026-01-20", Reason: "春节停产检修"})
		if err != nil {
			w.t.Fatal(err)
		}
		tenancies, err := w.Registry.Tenancies(ctx, p.Site.ID)
		if err != nil || len(tenancies) != 1 {
			w.t.Fatal("tenancies of a place", len(tenancies), err)
		}
		full := place{p, map[string]string{"parks": park, "enterprises": string(p.Enterprise.ID), "sites": site, "permits": string(permit.ID),
			"facilities": string(p.Facility.ID), "outlets": string(p.Outlet.ID), "streams": string(stream.ID), "shutdowns": string(shutdown.ID), "tenancy": string(tenancies[0].ID)}, map[string]string{}}
		w.fillMore(&full)
		for kind, id := range full.rows {
			if kind != "tenancy" && kind != "waste-batches" && kind != "person" && kind != "exceedances" && kind != "imports" { // none has an address of its own
				full.etag[kind] = w.call("auditor", "GET", "/"+kind+"/"+id, nil).header.Get("ETag")
			}
		}
		places[name] = full
	}
	return places
}

// fillMore adds the rows of the other domains.
func (w *world) fillMore(p *place) {
	w.t.Helper()
	p.rows["ledgers"] = w.draft(*p)
	p.rows["obligations"], p.rows["today"], p.rows["pilots"] = p.rows["parks"], p.rows["parks"], p.rows["parks"] // what is answered names the park
	p.rows["waste-batches"], p.rows["exceedances"] = w.waste(*p), w.exceeds(*p)
	p.rows["period-locks"] = w.lock(*p)
	p.rows["attachments"], p.rows["imports"] = w.attached(*p), w.imported(*p)
	p.rows["patrols"], p.rows["findings"] = w.visit(*p)
	p.rows["draws"] = w.published(*p)
	p.rows["assessments"], p.rows["grades"] = w.assessed(*p), w.graded(*p)
	p.rows["programmes"], p.rows["tasks"] = w.tasked(p)
}

func (p place) path(template string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(template, "/"), "/")
	return strings.NewReplacer("{id}", p.rows[kind], "{tenancyId}", p.rows["tenancy"]).Replace(template)
}

// TestEveryRouteEveryRole walks the description: every route × every role × own
// and foreign row (S-AZ12). A route without a case fails.
func TestEveryRouteEveryRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		w := newWorld(t, db)
		places := w.fill()
		w.seal() // a report is about what has a number
		policy := db.Policy
		for _, op := range w.operations() {
			key := op.method + " " + op.path
			if elsewhere[key] != "" {
				continue
			}
			if op.method != "GET" && op.method != "DELETE" && bodies[key] == nil && !strings.HasSuffix(op.path, "/closing") {
				t.Errorf("%s has no case: add a body to bodies, or a reason to elsewhere", key)
				continue
			}
			if strings.Contains(op.path, "{") && places["baoan-a"].rows[strings.Split(op.path, "/")[1]] == "" {
				t.Errorf("%s has no case: no row of %s in any place", key, strings.Split(op.path, "/")[1])
				continue
			}
			if a := w.send("", op, places["baoan-a"]); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s without identity: %d, want 401: %s", key, a.status, a.raw)
			}
			for _, c := range callers {
				can, err := roleCan(policy, c.role, op.permission)
				if err != nil {
					t.Fatal(err)
				}
				w.judge(op, c, can, places)
			}
		}
	})
}

func roleCan(p *policies.Policy, role policies.Role, perm policies.Permission) (bool, error) {
	for _, reach := range policies.Reaches() {
		if ok, err := p.Gives(role, perm, reach); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// send sends the operation about a place's row.
func (w *world) send(who string, op operation, p place) answer {
	w.t.Helper()
	var body any
	if f := bodies[op.method+" "+op.path]; f != nil {
		body = f(p)
	} else if strings.HasSuffix(op.path, "/closing") {
		body = map[string]any{"reason": "测试中终止这条登记"}
	}
	kind := strings.Split(op.path, "/")[1]
	header := []string{}
	if op.method == "PATCH" || matched(op.path) {
		header = append(header, "If-Match", p.etag[kind])
	}
	path := p.path(op.path)
	if raw, ok := body.(rawBody); ok {
		path, body, header = path+"?"+raw.query, raw.content, append(header, "Content-Type", raw.media)
	}
	return w.call(who, op.method, path, body, header...)
}

// matched tells the POST routes that ask for the version that was read.
func matched(path string) bool {
	step := strings.TrimPrefix(path, "/parks/{id}/")
	return strings.HasSuffix(path, "/closing") || strings.HasPrefix(path, "/assessments/{id}/") || strings.HasPrefix(path, "/grades/{id}/") || strings.HasPrefix(path, "/tasks/{id}/") ||
		slices.Contains([]string{"nomination", "designation", "plan-agreement", "construction", "accreditation", "lapse"}, step)
}

// judge checks what one caller is answered about its own and about a foreign row.
func (w *world) judge(op operation, c caller, can bool, places map[string]place) {
	w.t.Helper()
	key := op.method + " " + op.path
	list := op.method == "GET" && !strings.Contains(op.path, "{")
	kind := strings.Split(op.path, "/")[1]
	if more := further[kind]; can && more != "" {
		may, err := roleCan(w.DB.Policy, c.role, more)
		if err != nil {
			w.t.Fatal(err)
		}
		if !may {
			w.lacking(op, c, list, places)
			return
		}
	}
	if c.foreign != "" {
		p := places[c.foreign]
		a := w.send(c.name, op, p)
		switch {
		case !can:
			if a.status != http.StatusForbidden {
				w.t.Errorf("%s as %s, which lacks %s: %d, want 403: %s", key, c.name, op.permission, a.status, a.raw)
			}
		case list:
			if a.status != http.StatusOK || strings.Contains(string(a.raw), p.rows[kind]) && p.rows[kind] != "" {
				w.t.Errorf("%s as %s shows a row of %s (or %d)", key, c.name, c.foreign, a.status)
			}
		default:
			if a.status != http.StatusNotFound {
				w.t.Errorf("%s as %s about a row of %s: %d, want 404: %s", key, c.name, c.foreign, a.status, a.raw)
			}
			absent := w.send(c.name, op, absentLike(p))
			if absent.status != a.status {
				w.t.Errorf("%s as %s: absent is %d, foreign is %d: the caller can tell", key, c.name, absent.status, a.status)
			}
		}
	}
	if c.own == "" || !can {
		return
	}
	if op.method != "GET" {
		return // what a write does to an own row is the domain's own test; here it would change the city
	}
	p := places[c.own]
	a := w.send(c.name, op, p)
	if a.status != http.StatusOK {
		w.t.Errorf("%s as %s about its own row: %d, want 200: %s", key, c.name, a.status, a.raw)
	}
	if list && p.rows[kind] != "" && !strings.Contains(string(a.raw), p.rows[kind]) {
		w.t.Errorf("%s as %s does not show its own row", key, c.name)
	}
}

// further are rights that rows of a kind ask for beside that of their routes: the imports
// of these tests hold rows of a ledger.
var further = map[string]policies.Permission{"imports": policies.LedgerCreate}

// lacking checks that whoever may not enter such rows does not see them brought in, in its
// own place as little as elsewhere.
func (w *world) lacking(op operation, c caller, list bool, places map[string]place) {
	w.t.Helper()
	for _, at := range []string{c.own, c.foreign} {
		if at == "" {
			continue
		}
		p := places[at]
		a := w.send(c.name, op, p)
		refused := a.status == http.StatusNotFound || a.status == http.StatusForbidden
		if list && (a.status != http.StatusOK || strings.Contains(string(a.raw), p.rows["imports"])) || !list && !refused {
			w.t.Errorf("%s %s as %s, which enters no such rows, in %s: %d: %s", op.method, op.path, c.name, at, a.status, a.raw)
		}
	}
}

// absentLike is the place with ids that nothing has.
func absentLike(p place) place {
	q := place{p.Place, map[string]string{}, p.etag}
	q.etag = map[string]string{}
	for kind := range p.rows {
		id := string(models.NewID())
		q.rows[kind] = id
		q.etag[kind] = fmt.Sprintf("%q", strings.ReplaceAll(id, "-", "")[20:]+"-1")
	}
	q.Park.ID, q.Site.ID, q.Facility.ID = models.ID(q.rows["parks"]), models.ID(q.rows["sites"]), models.ID(q.rows["facilities"])
	return q
}
