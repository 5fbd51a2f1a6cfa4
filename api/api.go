// Package api is the JSON edge: it turns HTTP into calls of the domain and its
// answers into HTTP. It holds no rule and no query; who may call what stands in
// the table of this file, and which rows they reach is the domain's work.
package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/export"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inbox"
	"parkregistry/models/inspection"
	"parkregistry/models/jobs"
	"parkregistry/models/ledger"
	"parkregistry/models/obligation"
	"parkregistry/models/progress"
	"parkregistry/models/registry"
	"parkregistry/models/report"
	"parkregistry/models/task"
	"parkregistry/policies"
)

// Options is what the edge needs from the program.
type Options struct {
	DB             *models.DB
	Accounts       *account.Service
	Registry       *registry.Service
	Ledger         *ledger.Service
	Receipts       *ledger.Receipts
	Files          *files.Service
	Imports        *exchange.Service
	Exports        *export.Service
	Reports        *report.Service
	ReceiptPage    func(words.Lang, ledger.Receipt) (page []byte, policy string, err error) // a receipt to print; nil is JSON only
	RefusalPage    func(*gin.Context, error)                                                // tells a browser outside the API what was refused; nil is JSON only
	Inspection     *inspection.Service
	Assessments    *assessment.Service
	NoticePage     func(inspection.Paper) (page []byte, policy string, err error) // a notice to print; nil is JSON only
	Grades         *grade.Service
	Audit          *audit.Service
	Prover         *audit.Prover
	Jobs           *jobs.Service
	Obligations    *obligation.Service
	Progress       *progress.Service
	Tasks          *task.Service
	Inbox          *inbox.Service
	Log            *slog.Logger
	Rates          Rates
	TrustedProxies []string                                                   // addresses or CIDRs whose X-Forwarded-For counts; none by default
	Version        string                                                     // of the program, for the document
	Ready          func(context.Context) error                                // why the program cannot serve now, nil when it can
	Observe        func(method, route string, status int, took time.Duration) // one finished request, for metrics
}

// base is where every operation lives.
const base = "/api/v1"

// Mount builds the engine with every route of the table. It fails when a route
// is served that the table does not name (S-AZ2).
func Mount(o Options) (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.ContextWithFallback = false
	if err := engine.SetTrustedProxies(o.TrustedProxies); err != nil {
		return nil, err
	}
	m := &mount{engine: engine, db: o.DB, log: o.Log, rates: o.Rates, observe: o.Observe, limits: newLimiters(), refusals: &perMinute{}, files: o.Files, routes: map[string]bool{}}
	if m.observe == nil {
		m.observe = func(string, string, int, time.Duration) {}
	}
	if o.RefusalPage != nil {
		engine.Use(func(c *gin.Context) { c.Set(refusalPage, o.RefusalPage) })
	}
	engine.Use(secure, m.identify(o.Accounts), m.logged, recovered, ours, m.limited, strictQuery)
	engine.NoRoute(func(c *gin.Context) {
		writeProblem(c, problem(c.Request.Context(), fault.Absent()))
	})
	engine.NoMethod(func(c *gin.Context) {
		writeProblem(c, problem(c.Request.Context(), fault.New(fault.NotAllowed, "这个地址不支持 {{.Method}}", "Method", c.Request.Method)))
	})
	speakInCodes()
	m.api = humagin.NewWithGroup(engine, engine.Group(base), document(o.Version))
	m.api.UseMiddleware(m.gate, m.bind, m.once, m.strict)
	m.table(o)
	if err := m.documents(o); err != nil {
		return nil, err
	}
	m.plain(http.MethodGet, "/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	m.plain(http.MethodGet, "/readyz", func(c *gin.Context) { ready(c, o.Ready) })
	return engine, m.checkTable()
}

// table is every operation, one line each: method, path, permission, tag, title, handler.
func (m *mount) table(o Options) {
	acc := accountAPI{o.Accounts, o.DB}
	access := accessAPI{account.NewExplainer(o.Accounts, objects())}
	reg := registryAPI{o.Registry, o.DB.Today}
	led := ledgerAPI{o.Ledger, o.Progress}
	imp := importAPI{o.Imports, o.Ledger}
	exp := exportAPI{o.Exports}
	rep := reportAPI{o.Reports, o.DB.Now}
	rcp := receiptAPI{o.Receipts, o.ReceiptPage, rep}
	att := attachmentAPI{o.Files}
	ins := inspectionAPI{o.Inspection, o.DB.Today, o.NoticePage, o.Progress, rep}
	aud := auditAPI{o.Audit}
	chk := checkpointAPI{o.Prover}
	job := jobAPI{o.Jobs}
	obl := obligationAPI{o.Obligations, o.Ledger.Catalogue()}
	prg := progressAPI{o.Progress}
	ass := assessmentAPI{o.Assessments}
	grd := gradeAPI{o.Grades, o.DB.Today}
	tsk := taskAPI{o.Tasks}

	// Signing in
	route(m, "POST", "/sessions", policies.Public, "sessions", "登录 · sign in", acc.signIn, unkept, status(201), also(401))
	route(m, "DELETE", "/sessions/current", policies.SessionEnd, "sessions", "退出登录 · sign out", acc.signOut, status(204), also(404))
	route(m, "GET", "/sessions", policies.SessionRead, "sessions", "登录列表 · list sessions", acc.listSessions)
	route(m, "DELETE", "/sessions/{id}", policies.SessionEnd, "sessions", "结束一次登录 · end a session", acc.endSession, status(204))
	route(m, "GET", "/me", policies.SessionRead, "sessions", "当前用户 · who am I", acc.me)
	route(m, "POST", "/me/second-factor", policies.UserPassword, "sessions", "领取动态口令密钥 · get the secret of my second factor", acc.beginFactor, unkept, status(201), also(409))
	route(m, "POST", "/me/second-factor/confirmation", policies.UserPassword, "sessions", "启用动态口令 · add my second factor", acc.confirmFactor, unkept, also(409))
	route(m, "POST", "/me/password", policies.UserPassword, "sessions", "修改密码 · change my password", acc.changePassword, unkept)

	route(m, "GET", "/inbox", policies.SessionRead, "inbox", "待办：等待本人办理的事项 · what waits for me", inboxAPI{o.Inbox}.get)

	// Accounts
	route(m, "GET", "/users", policies.UserRead, "users", "账号列表 · list accounts", acc.listUsers)
	route(m, "POST", "/users", policies.UserCreate, "users", "建立账号 · make an account", acc.createUser, unkept, status(201))
	route(m, "GET", "/users/{id}", policies.UserRead, "users", "账号 · one account", acc.getUser)
	route(m, "PATCH", "/users/{id}", policies.UserUpdate, "users", "修改账号 · change an account", acc.updateUser)
	route(m, "POST", "/users/{id}/disabling", policies.UserUpdate, "users", "停用账号 · disable an account", acc.disableUser)
	route(m, "POST", "/users/{id}/enabling", policies.UserUpdate, "users", "启用账号 · enable an account", acc.enableUser)
	route(m, "POST", "/users/{id}/password-reset", policies.UserUpdate, "users", "重置密码 · give a first password again", acc.resetPassword, unkept)
	route(m, "POST", "/users/{id}/second-factor-reset", policies.UserUpdate, "users", "重置动态口令 · take a second factor away", acc.resetFactor)
	route(m, "POST", "/users/{id}/session-ending", policies.SessionEnd, "users", "结束全部登录 · end every session", acc.endSessions)
	route(m, "GET", "/users/{id}/assignments", policies.AssignmentRead, "users", "任职列表 · assignments of a person", acc.listAssignments)
	route(m, "POST", "/users/{id}/assignments", policies.AssignmentGrant, "users", "办理任职 · grant an assignment", acc.grant, status(201))
	route(m, "POST", "/assignments/{id}/ending", policies.AssignmentEnd, "users", "结束任职 · end an assignment", acc.endAssignment)
	route(m, "GET", "/account-requests", policies.UserRead, "users", "账号申请列表 · list requests for accounts", acc.listRequests)
	route(m, "POST", "/account-requests", policies.UserRequest, "users", "申请账号 · request an account", acc.createRequest, status(201))
	route(m, "POST", "/account-requests/{id}/decision", policies.UserCreate, "users", "办理账号申请 · decide a request", acc.decideRequest, unkept)
	route(m, "GET", "/tokens", policies.TokenRead, "tokens", "机器令牌列表 · list machine tokens", acc.listTokens)
	route(m, "POST", "/tokens", policies.TokenCreate, "tokens", "建立机器令牌 · make a machine token", acc.createToken, unkept, status(201))
	route(m, "DELETE", "/tokens/{id}", policies.TokenRevoke, "tokens", "撤销机器令牌 · revoke a token", acc.revokeToken, status(204))
	route(m, "GET", "/access/explain", policies.AccessExplain, "access", "为什么可以或者不可以 · why somebody can or cannot", access.explain, also(404, 422))
	route(m, "GET", "/access/parks/{id}", policies.AccessExplain, "access", "谁能看到这个园区 · who can see a park", access.viewers)

	// Reference
	route(m, "GET", "/districts", policies.ReferenceRead, "reference", "属地列表 · jurisdictions", reg.listDistricts)
	route(m, "GET", "/streets", policies.ReferenceRead, "reference", "街道列表 · streets and towns", reg.listStreets)
	route(m, "GET", "/references/{list}", policies.ReferenceRead, "reference", "基础数据 · one reference list", reg.listReferences)
	route(m, "GET", "/search", policies.ParkRead, "reference", "查找 · find by name, alias or code", reg.search)

	// Parks
	route(m, "GET", "/parks", policies.ParkRead, "parks", "园区列表 · list parks", reg.listParks)
	route(m, "POST", "/parks", policies.ParkCreate, "parks", "登记园区 · register a park", reg.createPark, status(201))
	route(m, "GET", "/parks/{id}", policies.ParkRead, "parks", "园区详情 · one park", reg.getPark)
	route(m, "PATCH", "/parks/{id}", policies.ParkUpdate, "parks", "修改园区 · change a park", reg.updatePark)
	route(m, "POST", "/parks/{id}/closing", policies.ParkClose, "parks", "终止园区 · close a park", reg.closePark, also(412, 428))
	route(m, "GET", "/parks/{id}/versions", policies.ParkRead, "parks", "历次版本 · versions over time", reg.versions(registry.KindPark))
	route(m, "GET", "/parks/{id}/phases", policies.ParkRead, "parks", "园区分期 · phases", reg.listPhases)
	route(m, "POST", "/parks/{id}/phases", policies.ParkUpdate, "parks", "登记分期 · add a phase", reg.createPhase, status(201))
	route(m, "GET", "/parks/{id}/management-body", policies.ParkRead, "parks", "环境管理机构 · environmental management body", reg.managementBody)

	// The pilot
	route(m, "GET", "/pilots", policies.ParkRead, "pilot", "各园区在某一天的试点阶段 · where each park stood in the pilot on a day", reg.listPilots, also(422))
	route(m, "GET", "/parks/{id}/pilot-steps", policies.ParkRead, "pilot", "试点历次步骤 · steps of a park in the pilot", reg.pilotSteps)
	route(m, "POST", "/parks/{id}/nomination", policies.ParkNominate, "pilot", "区推荐 · nominate", ass.pilot(registry.Nominated), also(412, 428))
	route(m, "POST", "/parks/{id}/designation", policies.ParkDesignate, "pilot", "列入试点 · designate", ass.pilot(registry.Designated), also(412, 428))
	route(m, "POST", "/parks/{id}/plan-agreement", policies.ParkPlan, "pilot", "方案确定 · agree the plan", ass.pilot(registry.PlanAgreed), also(412, 428))
	route(m, "POST", "/parks/{id}/construction", policies.ParkBuild, "pilot", "开始建设 · begin to build", ass.pilot(registry.Building), also(412, 428))
	route(m, "POST", "/parks/{id}/accreditation", policies.ParkAccredit, "pilot", "认定通过 · accredit", ass.pilot(registry.Accredited), also(412, 428))
	route(m, "POST", "/parks/{id}/lapse", policies.ParkAccredit, "pilot", "取消试点 · withdraw from the pilot", ass.pilot(registry.Lapsed), also(412, 428))

	// Enterprises, sites, tenancies
	route(m, "GET", "/enterprises", policies.EnterpriseRead, "enterprises", "企业列表 · list enterprises", reg.listEnterprises)
	route(m, "POST", "/enterprises", policies.EnterpriseCreate, "enterprises", "登记企业 · register an enterprise", reg.createEnterprise, status(201))
	route(m, "GET", "/enterprises/{id}", policies.EnterpriseRead, "enterprises", "企业详情 · one enterprise", reg.getEnterprise)
	route(m, "PATCH", "/enterprises/{id}", policies.EnterpriseUpdate, "enterprises", "修改企业 · change an enterprise", reg.updateEnterprise)
	route(m, "POST", "/enterprises/{id}/closing", policies.EnterpriseClose, "enterprises", "终止企业登记 · close an enterprise", reg.closeEnterprise, also(412, 428))
	route(m, "GET", "/enterprises/{id}/versions", policies.EnterpriseRead, "enterprises", "历次版本 · versions over time", reg.versions(registry.KindEnterprise))
	route(m, "GET", "/enterprises/{id}/names", policies.EnterpriseRead, "enterprises", "历次名称 · names over time", reg.enterpriseNames)
	route(m, "GET", "/enterprises/{id}/contact", policies.EnterpriseContact, "enterprises", "查看完整电话 · phone number unmasked", reg.enterpriseContact)
	route(m, "GET", "/sites", policies.SiteRead, "sites", "企业场所列表 · list sites", reg.listSites)
	route(m, "POST", "/sites", policies.SiteCreate, "sites", "企业入驻 · let an enterprise move in", reg.createSite, status(201))
	route(m, "GET", "/sites/{id}", policies.SiteRead, "sites", "企业场所 · one site", reg.getSite)
	route(m, "POST", "/sites/{id}/closing", policies.SiteEnd, "sites", "企业迁出 · the enterprise moved out", reg.closeSite, also(412, 428))
	route(m, "GET", "/sites/{id}/versions", policies.SiteRead, "sites", "历次版本 · versions over time", reg.versions(registry.KindSite))
	route(m, "GET", "/sites/{id}/tenancies", policies.SiteRead, "sites", "租用单元 · units rented", reg.listTenancies)
	route(m, "POST", "/sites/{id}/tenancies", policies.SiteUpdate, "sites", "登记租用 · rent a unit", reg.createTenancy, status(201))
	route(m, "POST", "/sites/{id}/tenancies/{tenancyId}/ending", policies.SiteEnd, "sites", "退租 · end a tenancy", reg.endTenancy)

	// Permits
	route(m, "GET", "/permits", policies.PermitRead, "permits", "排污许可列表 · list permits", reg.listPermits)
	route(m, "POST", "/permits", policies.PermitCreate, "permits", "登记排污许可 · record a permit", reg.createPermit, status(201))
	route(m, "GET", "/permits/{id}", policies.PermitRead, "permits", "排污许可 · one permit", reg.getPermit)
	route(m, "PATCH", "/permits/{id}", policies.PermitUpdate, "permits", "修改排污许可 · change a permit", reg.updatePermit)
	route(m, "POST", "/permits/{id}/closing", policies.PermitClose, "permits", "注销排污许可 · close a permit", reg.closePermit, also(412, 428))
	route(m, "GET", "/permits/{id}/versions", policies.PermitRead, "permits", "历次版本 · versions over time", reg.versions(registry.KindPermit))

	// Times without production or operation
	route(m, "GET", "/shutdowns", policies.ShutdownRead, "shutdowns", "停产停运列表 · list shut-downs", reg.listShutdowns)
	route(m, "POST", "/shutdowns", policies.ShutdownCreate, "shutdowns", "登记停产停运 · register a shut-down", reg.createShutdown, status(201))
	route(m, "GET", "/shutdowns/{id}", policies.ShutdownRead, "shutdowns", "停产停运 · one shut-down", reg.getShutdown)
	route(m, "POST", "/shutdowns/{id}/ending", policies.ShutdownEnd, "shutdowns", "登记停产停运的最后一天 · record the last day", reg.endShutdown)
	route(m, "POST", "/shutdowns/{id}/withdrawal", policies.ShutdownWithdraw, "shutdowns", "撤销登记 · take back", reg.withdrawShutdown)
	route(m, "GET", "/shutdowns/{id}/versions", policies.ShutdownRead, "shutdowns", "历次版本 · versions over time", reg.versions(registry.KindShutdown))

	// Facilities, outlets, streams
	route(m, "GET", "/facilities", policies.FacilityRead, "facilities", "设施列表 · list facilities", reg.listFacilities)
	route(m, "POST", "/facilities", policies.FacilityCreate, "facilities", "登记设施 · register a facility", reg.createFacility, status(201))
	route(m, "GET", "/facilities/{id}", policies.FacilityRead, "facilities", "设施 · one facility", reg.getFacility)
	route(m, "PATCH", "/facilities/{id}", policies.FacilityUpdate, "facilities", "修改设施 · change a facility", reg.updateFacility)
	route(m, "POST", "/facilities/{id}/closing", policies.FacilityClose, "facilities", "停用设施 · close a facility", reg.closeFacility, also(412, 428))
	route(m, "GET", "/facilities/{id}/versions", policies.FacilityRead, "facilities", "历次版本 · versions over time", reg.versions(registry.KindFacility))
	route(m, "GET", "/facilities/{id}/outlets", policies.FacilityRead, "facilities", "设施的排放口 · outlets behind a facility", reg.facilityOutlets)
	route(m, "GET", "/outlets", policies.FacilityRead, "outlets", "排放口列表 · list outlets", reg.listOutlets)
	route(m, "POST", "/outlets", policies.FacilityCreate, "outlets", "登记排放口 · register an outlet", reg.createOutlet, status(201))
	route(m, "GET", "/outlets/{id}", policies.FacilityRead, "outlets", "排放口 · one outlet", reg.getOutlet)
	route(m, "PATCH", "/outlets/{id}", policies.FacilityUpdate, "outlets", "修改排放口 · change an outlet", reg.updateOutlet)
	route(m, "POST", "/outlets/{id}/closing", policies.FacilityClose, "outlets", "停用排放口 · close an outlet", reg.closeOutlet, also(412, 428))
	route(m, "GET", "/outlets/{id}/versions", policies.FacilityRead, "outlets", "历次版本 · versions over time", reg.versions(registry.KindOutlet))
	route(m, "GET", "/outlets/{id}/limits", policies.FacilityRead, "outlets", "排放限值：候选和执行的 · candidate limits and the one in force", reg.listLimits)
	route(m, "POST", "/outlets/{id}/limits", policies.FacilityUpdate, "outlets", "登记限值 · add a candidate limit", reg.createLimit, status(201))
	route(m, "GET", "/streams", policies.FacilityRead, "streams", "废水分质列表 · list wastewater streams", reg.listStreams)
	route(m, "POST", "/streams", policies.FacilityCreate, "streams", "登记废水分质 · register a stream", reg.createStream, status(201))
	route(m, "GET", "/streams/{id}", policies.FacilityRead, "streams", "废水分质 · one stream", reg.getStream)
	route(m, "PATCH", "/streams/{id}", policies.FacilityUpdate, "streams", "修改废水分质 · change a stream", reg.updateStream)
	route(m, "POST", "/streams/{id}/closing", policies.FacilityClose, "streams", "停用废水分质 · close a stream", reg.closeStream, also(412, 428))
	route(m, "GET", "/streams/{id}/versions", policies.FacilityRead, "streams", "历次版本 · versions over time", reg.versions(registry.KindStream))

	// Ledger
	route(m, "GET", "/ledger-classes", policies.ReferenceRead, "ledgers", "台账类别 · ledger classes", led.listClasses)
	route(m, "GET", "/ledger-classes/{code}", policies.ReferenceRead, "ledgers", "一个台账类别 · one ledger class", led.getClass)
	route(m, "GET", "/odd-rules", policies.ReferenceRead, "ledgers", "异常提示规则 · rules of the screen for odd filings", led.listOddRules)
	route(m, "GET", "/exceedances", policies.LedgerRead, "ledgers", "超过限值的监测值，默认最近的在前 · readings over their limits, newest first", led.listExceedances)
	route(m, "GET", "/waste-batches", policies.LedgerRead, "ledgers", "危险废物批次和结存 · batches of hazardous waste and what is left", led.listWasteBatches)
	route(m, "GET", "/ledgers", policies.LedgerRead, "ledgers", "台账列表 · list ledger entries", led.listEntries)
	route(m, "POST", "/ledgers", policies.LedgerCreate, "ledgers", "新建台账草稿 · start a draft", led.createEntry, status(201))
	route(m, "POST", "/ledgers/batch", policies.LedgerCreate, "ledgers", "批量填报，至多 500 条 · start and file up to 500 entries at once", led.batchEntries, batch, status(200))
	route(m, "GET", "/ledgers/{id}", policies.LedgerRead, "ledgers", "台账记录 · one ledger entry", led.getEntry)
	route(m, "PATCH", "/ledgers/{id}", policies.LedgerUpdate, "ledgers", "修改草稿或者被退回的记录 · change a draft or a returned entry", led.updateEntry)
	route(m, "POST", "/ledgers/{id}/filing", policies.LedgerFile, "ledgers", "报送 · file", led.fileEntry, also(412))
	route(m, "POST", "/ledgers/{id}/return", policies.LedgerReturn, "ledgers", "退回 · return", led.returnEntry, also(412))
	route(m, "POST", "/ledgers/{id}/acceptance", policies.LedgerAccept, "ledgers", "确认 · accept", led.acceptEntry, also(412))
	route(m, "POST", "/ledgers/{id}/amendment", policies.LedgerAmend, "ledgers", "更正：新建一份取代它的草稿 · amend: start a draft that takes its place", led.amendEntry, status(201), also(412))
	route(m, "POST", "/ledgers/{id}/voiding", policies.LedgerVoid, "ledgers", "作废 · void", led.voidEntry, also(412))
	route(m, "GET", "/ledgers/{id}/steps", policies.LedgerRead, "ledgers", "办理过程 · steps", led.listSteps)
	route(m, "GET", "/ledgers/{id}/filings", policies.LedgerRead, "ledgers", "历次报送 · filings", led.listFilings)
	route(m, "GET", "/ledgers/{id}/receipt", policies.LedgerRead, "ledgers", "回执：报送及其存证证明 · receipt: a filing with its proof", rcp.get, also(409), twoForms[receiptView](m))
	route(m, "GET", "/ledgers/{id}/receipt/workbook", policies.LedgerRead, "ledgers", "回执的工作簿（.xlsx），留痕 · the receipt as a workbook; recorded", rcp.workbook, table, also(409))
	route(m, "GET", "/ledgers/{id}/difference", policies.LedgerRead, "ledgers", "两次报送的差别 · difference of two filings", led.difference)
	route(m, "GET", "/ledger-classes/{code}/template", policies.ImportCreate, "imports", "一个园区的导入模板 · template (.xlsx) of a class for a park", imp.template, table, also(422))
	route(m, "GET", "/imports", policies.ImportCreate, "imports", "导入列表 · list imports", imp.list)
	route(m, "POST", "/imports", policies.ImportCreate, "imports", "上传台账文件并核对，不写入台账 · bring a file and check it; nothing of the ledger is written", imp.create, uploadTable, status(201))
	route(m, "GET", "/imports/{id}", policies.ImportCreate, "imports", "导入：核对结果和更正 · one import, what was found and corrected", imp.get)
	route(m, "GET", "/imports/{id}/marked", policies.ImportCreate, "imports", "下载标红的文件 · the file (.xlsx) with its faults marked", imp.marked, table, also(422))
	route(m, "POST", "/imports/{id}/corrections", policies.ImportCreate, "imports", "在线更正单元格并重新核对 · correct cells in place, check again", imp.correct)
	route(m, "POST", "/imports/{id}/commit", policies.ImportCreate, "imports", "导入：一次写入全部或者没有错误的行 · commit in one transaction", imp.commit, slow, background)
	route(m, "POST", "/imports/{id}/undo", policies.ImportCreate, "imports", "24 小时内整批撤销 · undo within a day", imp.undo, slow)
	route(m, "GET", "/export-lists", policies.ExportCreate, "exports", "可以导出的清单及其条件 · lists that can be taken out, with their filters", exp.lists)
	route(m, "GET", "/exports", policies.ExportRead, "exports", "本人的导出 · one's own exports", exp.list)
	route(m, "POST", "/exports", policies.ExportCreate, "exports", "导出一份清单；超过 10000 行的在后台进行 · take a list out, a large one in the background", exp.create, status(201), slow)
	route(m, "GET", "/exports/{id}", policies.ExportRead, "exports", "导出 · one export", exp.get)
	route(m, "GET", "/reports", policies.ExportRead, "reports", "可以出的报表 · reports that one may have", rep.list)
	route(m, "GET", "/reports/{name}", policies.ExportRead, "reports", "报表：某一天的、按某一时刻的登记 · a report about a day, as it was known", rep.get, also(422))
	route(m, "GET", "/reports/{name}/workbook", policies.ExportCreate, "reports", "报表的工作簿（.xlsx），数据部分逐字节可重现，留痕 · the report as a workbook; recorded", rep.workbook, table, also(422))
	route(m, "GET", "/exports/{id}/content", policies.ExportRead, "exports", "下载，重新核对权限 · download; the rights are looked at again", exp.content, exported, also(409))
	route(m, "GET", "/period-locks", policies.PeriodRead, "ledgers", "锁定期列表 · locked periods", led.listPeriods)
	route(m, "POST", "/period-locks", policies.PeriodLock, "ledgers", "锁定一段日期，其间的台账不再变动 · lock a period", led.lockPeriod, status(201))
	route(m, "GET", "/period-locks/{id}", policies.PeriodRead, "ledgers", "锁定期 · one locked period", led.getPeriod)
	route(m, "POST", "/period-locks/{id}/unlocking", policies.PeriodUnlock, "ledgers", "解锁 · unlock", led.unlockPeriod, also(412))

	// What is due
	route(m, "GET", "/obligations", policies.LedgerRead, "obligations", "应报台账：待报、按时、迟报、补报、缺报、免报 · what is due, recorded, missing or excused", obl.list, also(422))
	route(m, "GET", "/obligations/summary", policies.LedgerRead, "obligations", "缺口图：园区 × 日期 · the gap map, parks by days", obl.summary, also(422))
	route(m, "GET", "/today", policies.LedgerRead, "obligations", "今日待办 · what waits now", obl.today)
	// Attachments
	route(m, "POST", "/attachments", policies.AttachmentCreate, "attachments", "上传附件：PDF、JPEG、PNG、XLSX · bring a file", att.create, upload, status(201))
	route(m, "GET", "/attachments/{id}", policies.AttachmentRead, "attachments", "附件 · one attachment", att.get)
	route(m, "GET", "/attachments/{id}/content", policies.AttachmentRead, "attachments", "下载附件，图片不含拍摄地点等信息 · download, pictures without place and time", att.content, download)
	route(m, "GET", "/attachments/{id}/original", policies.AttachmentOriginal, "attachments", "下载上传时的原始内容，留痕 · download the bytes as they were brought; recorded", att.original, download)

	// Patrols and findings
	route(m, "GET", "/patrol-checklists", policies.ReferenceRead, "patrols", "巡查检查单 · patrol checklists", ins.listChecklists)
	route(m, "GET", "/patrols", policies.PatrolRead, "patrols", "巡查列表 · list patrols", ins.listPatrols)
	route(m, "POST", "/patrols", policies.PatrolCreate, "patrols", "登记巡查或者现场检查 · log a patrol or an inspection", ins.createPatrol, status(201))
	route(m, "GET", "/patrols/{id}", policies.PatrolRead, "patrols", "巡查 · one patrol", ins.getPatrol)
	route(m, "GET", "/patrols/{id}/events", policies.PatrolRead, "patrols", "巡查记录 · events of a patrol", ins.listEvents)
	route(m, "POST", "/patrols/{id}/events", policies.PatrolRecord, "patrols", "上传巡查记录，逐条回答，可以重复 · send events, answered one by one, safe to repeat", ins.recordEvents, batch, status(200))
	route(m, "GET", "/parks/{id}/planned-patrols", policies.PatrolRead, "patrols", "应巡查：到某一天待巡查、已完成、漏巡、免巡的 · planned patrols of a park on a day, as it was known", ins.planned, also(422))
	route(m, "GET", "/draws", policies.DrawRead, "draws", "双随机抽查列表 · list random selections", ins.listDraws)
	route(m, "POST", "/draws", policies.DrawCreate, "draws", "公布抽查名单 · publish the lists of a draw", ins.publishDraw, status(201))
	route(m, "GET", "/draw-quotas", policies.DrawRead, "draws", "抽查比例 · how much of the quota is drawn", ins.listQuotas)
	route(m, "GET", "/draws/{id}", policies.DrawRead, "draws", "抽查：名单、种子、结果，并重新抽取核对 · one draw, repeated and compared", ins.getDraw)
	route(m, "POST", "/draws/{id}/drawing", policies.DrawRun, "draws", "抽取 · draw, once", ins.runDraw)
	route(m, "GET", "/finding-types", policies.ReferenceRead, "findings", "问题类型 · types of finding", ins.listFindingTypes)
	route(m, "GET", "/findings", policies.FindingRead, "findings", "问题列表 · list findings", ins.listFindings)
	route(m, "POST", "/findings", policies.FindingCreate, "findings", "登记问题 · log a finding", ins.createFinding, status(201))
	route(m, "GET", "/findings/{id}", policies.FindingRead, "findings", "问题 · one finding", ins.getFinding)
	route(m, "GET", "/findings/{id}/steps", policies.FindingRead, "findings", "办理过程 · steps", ins.listFindingSteps)
	route(m, "POST", "/findings/{id}/notice", policies.FindingNotify, "findings", "发整改通知 · issue the notice", moveFinding(ins, ins.svc.Notify))
	route(m, "GET", "/findings/{id}/notice", policies.FindingRead, "findings", "整改通知：限期整改通知书，园区的为整改告知书 · the notice as it is served", ins.getNotice, also(409), twoForms[noticeView](m))
	route(m, "GET", "/findings/{id}/notice/workbook", policies.FindingRead, "findings", "整改通知的工作簿（.xlsx），留痕 · the notice as a workbook; recorded", ins.noticeBook, table, also(409))
	route(m, "POST", "/findings/{id}/acknowledgement", policies.FindingAcknowledge, "findings", "签收 · acknowledge the notice", moveFinding(ins, ins.svc.Acknowledge))
	route(m, "POST", "/findings/{id}/rectification", policies.FindingRectify, "findings", "提交整改 · submit the rectification", moveFinding(ins, ins.svc.Rectify))
	route(m, "POST", "/findings/{id}/review", policies.FindingReview, "findings", "复查：销号或者退回 · review: close or return", moveFinding(ins, ins.svc.ReviewFinding))
	route(m, "POST", "/findings/{id}/extension", policies.FindingExtend, "findings", "延期一次 · extend once", moveFinding(ins, ins.svc.Extend))
	route(m, "POST", "/findings/{id}/referral-request", policies.FindingRequestReferral, "findings", "园区提请移交 · the park asks for referral", moveFinding(ins, ins.svc.RequestReferral))
	route(m, "POST", "/findings/{id}/referral", policies.FindingRefer, "findings", "移交执法 · refer to enforcement", moveFinding(ins, ins.svc.Refer))
	route(m, "POST", "/findings/{id}/withdrawal", policies.FindingWithdraw, "findings", "撤销 · withdraw", moveFinding(ins, ins.svc.Withdraw))

	// Assessments
	route(m, "GET", "/assessment-checklists/{version}", policies.ReferenceRead, "assessments", "评估检查表的一个版本 · one version of the checklist of assessments", ass.getChecklist)
	route(m, "GET", "/assessment-checklists", policies.ReferenceRead, "assessments", "评估检查表的各个版本，最新的在前 · versions of the checklist, newest first", ass.listChecklists)
	route(m, "POST", "/assessment-checklists", policies.AssessmentLoad, "assessments", "装入检查表的另一个版本 · load another version of the checklist", ass.loadChecklist, status(201))
	route(m, "GET", "/assessments", policies.AssessmentRead, "assessments", "评估列表 · list assessments", ass.list)
	route(m, "POST", "/assessments", policies.AssessmentAssess, "assessments", "开始一个年度的自评 · start the assessment of a year", ass.start, status(201))
	route(m, "GET", "/assessments/{id}", policies.AssessmentRead, "assessments", "评估：自评、核定、抽查三栏 · one assessment, three columns side by side", ass.get)
	route(m, "GET", "/assessments/{id}/steps", policies.AssessmentRead, "assessments", "办理过程 · steps", ass.steps)
	route(m, "POST", "/assessments/{id}/self-assessment", policies.AssessmentAssess, "assessments", "填写自评 · judge items oneself", ass.mark(assessment.Self), also(412, 428))
	route(m, "POST", "/assessments/{id}/submission", policies.AssessmentAssess, "assessments", "提交自评 · submit the self-assessment", ass.move(o.Assessments.Submit), also(412, 428))
	route(m, "POST", "/assessments/{id}/verification", policies.AssessmentVerify, "assessments", "逐项核定 · verify items", ass.mark(assessment.District), also(412, 428))
	route(m, "POST", "/assessments/{id}/completion", policies.AssessmentVerify, "assessments", "完成核查 · end the district's check", ass.move(o.Assessments.Complete), also(412, 428))
	route(m, "POST", "/assessments/{id}/sample", policies.AssessmentSample, "assessments", "抽查 · sample items", ass.mark(assessment.Bureau), also(412, 428))
	route(m, "POST", "/assessments/{id}/return", policies.AssessmentReturn, "assessments", "退回园区 · send back to the park", ass.sendBack, also(412, 428))

	// Grades of enterprises
	route(m, "GET", "/grade-rules", policies.ReferenceRead, "grades", "分级规则的各个版本 · versions of the rules", grd.listRules)
	route(m, "GET", "/grades", policies.GradeRead, "grades", "分级列表：排污能力、环境信用 · list grades", grd.list)
	route(m, "GET", "/enterprises/{id}/grades", policies.GradeRead, "grades", "一家企业历次分级 · grades of an enterprise over time", grd.ofEnterprise)
	route(m, "POST", "/enterprises/{id}/grades", policies.GradeRate, "grades", "登记核查或者季度初评 · record a check or a quarter's score", grd.open, status(201))
	route(m, "GET", "/grades/{id}", policies.GradeRead, "grades", "分级 · one grade", grd.get)
	route(m, "GET", "/grades/{id}/steps", policies.GradeRead, "grades", "办理过程 · steps", grd.steps)
	route(m, "POST", "/grades/{id}/rating", policies.GradeRate, "grades", "评级：红、黄、绿牌 · give a card", grd.move(grade.MoveRating), also(412, 428))
	route(m, "POST", "/grades/{id}/rectification-order", policies.GradeOrder, "grades", "责令限期整改 · order to rectify", grd.move(grade.MoveOrder), also(412, 428))
	route(m, "POST", "/grades/{id}/reassessment", policies.GradeOrder, "grades", "复查 · check again", grd.move(grade.MoveReassessment), also(412, 428))
	route(m, "POST", "/grades/{id}/notification", policies.GradeEvaluate, "grades", "告知企业 · notify", grd.move(grade.MoveNotification), also(412, 428))
	route(m, "POST", "/grades/{id}/objection", policies.GradeObject, "grades", "提出异议 · object", grd.move(grade.MoveObjection), also(412, 428))
	route(m, "POST", "/grades/{id}/decision", policies.GradeEvaluate, "grades", "评定 · decide", grd.move(grade.MoveDecision), also(412, 428))
	route(m, "POST", "/grades/{id}/repair", policies.GradeObject, "grades", "申请信用修复 · ask for repair", grd.move(grade.MoveRepairRequest), also(412, 428))

	// The task table
	route(m, "GET", "/programmes", policies.ProgrammeRead, "tasks", "下达任务的文件 · documents that set tasks", tsk.listProgrammes)
	route(m, "POST", "/programmes", policies.TaskPlan, "tasks", "登记文件 · enter a document", tsk.createProgramme, status(201))
	route(m, "GET", "/programmes/{id}", policies.ProgrammeRead, "tasks", "文件 · one document", tsk.getProgramme)
	route(m, "GET", "/task-queries", policies.TaskRead, "tasks", "目标可以绑定的问题 · questions that a goal may be bound to", tsk.listQueries)
	route(m, "GET", "/tasks", policies.TaskRead, "tasks", "任务进度表 · the task table on a day", tsk.list, also(422))
	route(m, "POST", "/tasks", policies.TaskPlan, "tasks", "下达任务 · set a task", tsk.create, status(201))
	route(m, "GET", "/tasks/{id}", policies.TaskRead, "tasks", "任务 · one task", tsk.get)
	route(m, "GET", "/tasks/{id}/steps", policies.TaskRead, "tasks", "办理过程 · steps", tsk.steps)
	route(m, "POST", "/tasks/{id}/start", policies.TaskReport, "tasks", "开始推进 · start", tsk.move(task.MoveStart), also(412, 428))
	route(m, "POST", "/tasks/{id}/report", policies.TaskReport, "tasks", "报送完成情况 · report", tsk.move(task.MoveReport), also(412, 428))
	route(m, "POST", "/tasks/{id}/verification", policies.TaskVerify, "tasks", "核验 · verify", tsk.move(task.MoveVerification), also(412, 428))
	route(m, "POST", "/tasks/{id}/return", policies.TaskVerify, "tasks", "退回 · send back", tsk.move(task.MoveReturn), also(412, 428))
	route(m, "POST", "/tasks/{id}/override", policies.TaskVerify, "tasks", "人工认定，写明理由 · judge otherwise than the registry, with a reason", tsk.move(task.MoveOverride), also(412, 428))
	route(m, "POST", "/tasks/{id}/reassignment", policies.TaskPlan, "tasks", "调整责任人或者期限 · another person or day", tsk.move(task.MoveReassignment), also(412, 428))
	route(m, "POST", "/tasks/{id}/cancellation", policies.TaskPlan, "tasks", "取消 · cancel", tsk.move(task.MoveCancellation), also(412, 428))

	// Progress
	route(m, "GET", "/progress", policies.ProgressRead, "progress", "六个方面的进展 · where the parks stand", prg.report, also(422))
	route(m, "GET", "/progress/brief", policies.ProgressRead, "progress", "可以粘贴的一段话 · the report as one paragraph to paste", prg.brief, also(422))
	route(m, "GET", "/progress/baseline", policies.ProgressRead, "progress", "2021 年复函的数与今天 · the figures of the letter of 2021 beside today's", prg.baseline, also(422))
	route(m, "GET", "/progress/items", policies.ProgressRead, "progress", "各园区的检查表项目 · the items of the checklist, park by park", prg.items, also(422))
	route(m, "GET", "/progress/rows", policies.ProgressRead, "progress", "计算项目所计的全部行 · the rows that computed items count", prg.rows, also(422))
	route(m, "GET", "/parks/{id}/progress", policies.ProgressRead, "progress", "一个园区的进展依据 · what a park's numbers are made of", prg.reasons, also(422))

	// What happened
	route(m, "GET", "/audit-records", policies.AuditRead, "audit", "操作留痕 · audit trail", aud.listRecords)
	route(m, "GET", "/changes", policies.ChangeRead, "audit", "变更流 · change feed", aud.listChanges)

	route(m, "GET", "/checkpoints", policies.CheckpointRead, "checkpoints", "检查点列表 · signed checkpoints of the log", chk.list)
	route(m, "POST", "/checkpoints", policies.CheckpointCreate, "checkpoints", "签署检查点 · sign a checkpoint now", chk.sign, status(201))
	route(m, "GET", "/checkpoints/latest", policies.CheckpointRead, "checkpoints", "最新的检查点 · the newest checkpoint", chk.latest, also(404))
	route(m, "GET", "/checkpoints/key", policies.Public, "checkpoints", "验签公钥 · public key of the signatures", chk.key)
	route(m, "GET", "/checkpoints/consistency", policies.CheckpointRead, "checkpoints", "两个检查点的一致性证明 · that one checkpoint continues another", chk.consistency)

	// Background work
	route(m, "GET", "/jobs", policies.JobRead, "jobs", "后台任务 · background jobs", job.listJobs)
}

// ready answers whether the program can serve: the database reachable, the schema current.
func ready(c *gin.Context, check func(context.Context) error) {
	if check != nil {
		ctx, cancel := context.WithTimeout(c.Request.Context(), 3*time.Second)
		defer cancel()
		if err := check(ctx); err != nil {
			var f *fault.Error
			if !errors.As(err, &f) {
				f = fault.Wrap(err, fault.Unavailable, "数据库暂时没有响应，已填写的内容没有丢失，稍后再试")
			}
			f.RetryAfter = 5
			writeProblem(c, problem(c.Request.Context(), f))
			return
		}
	}
	c.String(http.StatusOK, "ready\n")
}

// document is the description that huma fills from the handlers' types.
func document(version string) huma.Config {
	huma.DefaultArrayNullable = false
	cfg := huma.DefaultConfig("工业园区环境管理登记系统 · Industrial Park Environmental Compliance Registry", version)
	cfg.CreateHooks, cfg.DocsPath, cfg.OpenAPIPath, cfg.SchemasPath = nil, "", "", ""
	cfg.RejectUnknownQueryParameters = true
	cfg.Servers = []*huma.Server{{URL: base}}
	cfg.Info.Description = "错误为 RFC 9457 problem+json；修改用 RFC 7396 merge patch 和 If-Match；列表按 cursor 翻页。"
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer",
		Description: "POST /sessions 得到的 token，或者 /tokens 的机器令牌 · token of a session, or a machine token"}}
	return cfg
}
