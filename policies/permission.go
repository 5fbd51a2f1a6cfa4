package policies

import (
	"strings"

	"parkregistry/internal/fault"
)

// Role is what a person is assigned as. The subjects of policy.csv are roles
// with this prefix, so that no user name can ever be taken for one (S-AZ4).
type Role string

const (
	ParkManager       Role = "role:park_manager"       // 园区管理机构
	EnterpriseUser    Role = "role:enterprise"         // 排污单位
	DistrictInspector Role = "role:district_inspector" // 区管理局
	BureauAnalyst     Role = "role:bureau_analyst"     // 市局查询
	BureauAdmin       Role = "role:bureau_admin"       // 市局管理
	Auditor           Role = "role:auditor"            // 审计: reads all, writes nothing
	Admin             Role = "role:admin"              // 系统管理: accounts and settings, no business data
	SecurityAdmin     Role = "role:security_admin"     // 安全管理: assignments
	System            Role = "role:system"             // the program itself: seed, jobs, sequencer
)

// Roles are all roles in the order in which documents and pages list them.
func Roles() []Role {
	return []Role{ParkManager, EnterpriseUser, DistrictInspector, BureauAnalyst, BureauAdmin, Auditor, Admin, SecurityAdmin, System}
}

// Slug is the role as the API writes it: park_manager.
func (r Role) Slug() string { return strings.TrimPrefix(string(r), "role:") }

// titles are the roles as people call them.
var titles = map[Role]string{ParkManager: "园区管理机构", EnterpriseUser: "排污单位", DistrictInspector: "区管理局", BureauAnalyst: "市局（查询）",
	BureauAdmin: "市局（管理）", Auditor: "审计", Admin: "系统管理员", SecurityAdmin: "安全管理员", System: "系统"}

// Title is the role as people call it.
func (r Role) Title() fault.Text { return fault.T(titles[r]) }

// RoleOf is the role with that slug; false for an unknown one and for System,
// which no person can hold.
func RoleOf(slug string) (Role, bool) {
	for _, r := range Roles() {
		if r.Slug() == slug && r != System {
			return r, true
		}
	}
	return "", false
}

// Holds is the reach that an assignment of this role needs to name: city needs nothing,
// jurisdiction, park and enterprise need theirs.
func (r Role) Holds() Reach {
	switch r {
	case ParkManager:
		return Park
	case EnterpriseUser:
		return Enterprise
	case DistrictInspector:
		return Jurisdiction
	default:
		return City
	}
}

// Reach is how far a policy line goes.
type Reach string

const (
	City         Reach = "city"         // every row of the resource
	Jurisdiction Reach = "jurisdiction" // rows whose stored jurisdiction is the assignment's
	Park         Reach = "park"         // rows of the assignment's park
	Enterprise   Reach = "enterprise"   // rows of the assignment's enterprise
	Self         Reach = "self"         // rows of the person
)

// Reaches are all reaches, widest first.
func Reaches() []Reach { return []Reach{City, Jurisdiction, Park, Enterprise, Self} }

// Permission is resource.action, as GET /me lists it.
type Permission string

// Resource is the part before the dot.
func (p Permission) Resource() string { r, _, _ := strings.Cut(string(p), "."); return r }

// Action is the part after the dot.
func (p Permission) Action() string { _, a, _ := strings.Cut(string(p), "."); return a }

// Public marks a route that needs no identity. It is no permission: nothing is visible by it.
const Public Permission = ""

// Every permission there is. A policy line with another one is refused at start.
const (
	ReferenceRead Permission = "reference.read"

	ParkRead    Permission = "park.read"
	ParkCreate  Permission = "park.create"
	ParkUpdate  Permission = "park.update"
	ParkConfirm Permission = "park.confirm" // name a pilot place, set its jurisdiction
	ParkClose   Permission = "park.close"

	ParkNominate  Permission = "park.nominate"  // the pilot: 区推荐
	ParkDesignate Permission = "park.designate" // 列入试点
	ParkPlan      Permission = "park.plan"      // 方案确定
	ParkBuild     Permission = "park.build"     // 开始建设
	ParkAccredit  Permission = "park.accredit"  // 认定, and 取消

	EnterpriseRead    Permission = "enterprise.read"
	EnterpriseCreate  Permission = "enterprise.create"
	EnterpriseUpdate  Permission = "enterprise.update"
	EnterpriseClose   Permission = "enterprise.close"
	EnterpriseContact Permission = "enterprise.contact" // see phone numbers unmasked (S-PI2)

	SiteRead   Permission = "site.read" // site = enterprise × park, with its tenancies (入驻)
	SiteCreate Permission = "site.create"
	SiteUpdate Permission = "site.update"
	SiteEnd    Permission = "site.end"

	PermitRead   Permission = "permit.read"
	PermitCreate Permission = "permit.create"
	PermitUpdate Permission = "permit.update"
	PermitClose  Permission = "permit.close"

	FacilityRead   Permission = "facility.read" // facilities, outlets and wastewater streams
	FacilityCreate Permission = "facility.create"
	FacilityUpdate Permission = "facility.update"
	FacilityClose  Permission = "facility.close"

	ShutdownRead     Permission = "shutdown.read" // times without production or operation (停产停运)
	ShutdownCreate   Permission = "shutdown.create"
	ShutdownEnd      Permission = "shutdown.end"
	ShutdownWithdraw Permission = "shutdown.withdraw"

	LedgerRead   Permission = "ledger.read"
	LedgerCreate Permission = "ledger.create"
	LedgerUpdate Permission = "ledger.update" // a draft only
	LedgerFile   Permission = "ledger.file"
	LedgerReturn Permission = "ledger.return"
	LedgerAccept Permission = "ledger.accept"
	LedgerAmend  Permission = "ledger.amend"
	LedgerVoid   Permission = "ledger.void"

	PeriodRead   Permission = "period.read" // locks over periods of the ledger
	PeriodLock   Permission = "period.lock"
	PeriodUnlock Permission = "period.unlock"

	AttachmentRead     Permission = "attachment.read" // through the row that it is attached to
	AttachmentCreate   Permission = "attachment.create"
	AttachmentOriginal Permission = "attachment.original" // the bytes as captured, with place and time of a photograph (S-PI1)
	AttachmentDiscard  Permission = "attachment.discard"  // what was attached to nothing

	PatrolRead    Permission = "patrol.read"
	PatrolCreate  Permission = "patrol.create"
	PatrolRecord  Permission = "patrol.record"
	PatrolInspect Permission = "patrol.inspect" // 现场检查 by officers

	DrawRead   Permission = "draw.read"   // random selections (双随机)
	DrawCreate Permission = "draw.create" // publish the lists
	DrawRun    Permission = "draw.run"    // give the seed

	FindingRead            Permission = "finding.read"
	FindingCreate          Permission = "finding.create"
	FindingNotify          Permission = "finding.notify"
	FindingAcknowledge     Permission = "finding.acknowledge"
	FindingRectify         Permission = "finding.rectify"
	FindingReview          Permission = "finding.review"
	FindingExtend          Permission = "finding.extend"
	FindingRequestReferral Permission = "finding.request_referral"
	FindingRefer           Permission = "finding.refer"
	FindingWithdraw        Permission = "finding.withdraw"

	AssessmentRead   Permission = "assessment.read"
	AssessmentAssess Permission = "assessment.assess" // start, judge oneself item by item, submit (自评)
	AssessmentVerify Permission = "assessment.verify" // item by item, and end the check (核定)
	AssessmentSample Permission = "assessment.sample" // 抽查
	AssessmentReturn Permission = "assessment.return"
	AssessmentLoad   Permission = "assessment.load" // another version of the checklist

	GradeRead     Permission = "grade.read"
	GradeRate     Permission = "grade.rate"     // check an enterprise and give a card (排污能力)
	GradeOrder    Permission = "grade.order"    // order to rectify within a limit, check again
	GradeEvaluate Permission = "grade.evaluate" // score, notify, decide (环境信用)
	GradeObject   Permission = "grade.object"   // object, ask for repair

	ProgrammeRead Permission = "programme.read" // documents that set tasks, issued to everybody who has some

	TaskRead   Permission = "task.read"   // the task table (任务进度表)
	TaskPlan   Permission = "task.plan"   // enter documents, set tasks, change who and when, cancel
	TaskReport Permission = "task.report" // start, report as the responsible unit
	TaskVerify Permission = "task.verify" // verify, send back, judge otherwise than the registry

	ProgressRead Permission = "progress.read"
	AuditRead    Permission = "audit.read"
	ChangeRead   Permission = "change.read"
	ChangeSeal   Permission = "change.seal" // number committed changes
	JobRead      Permission = "job.read"

	CheckpointRead   Permission = "checkpoint.read"
	CheckpointCreate Permission = "checkpoint.create" // sign what the log is now

	ImportCreate Permission = "import.create" // bring files of rows in; which, say the rights to enter such rows

	ExportRead   Permission = "export.read"   // one's own exports, while they are kept
	ExportCreate Permission = "export.create" // of lists that one may read

	UserRead         Permission = "user.read"
	UserCreate       Permission = "user.create"
	UserUpdate       Permission = "user.update"
	UserRequest      Permission = "user.request"
	UserPassword     Permission = "user.password" // change one's own password
	AssignmentRead   Permission = "assignment.read"
	AssignmentGrant  Permission = "assignment.grant"
	AssignmentEnd    Permission = "assignment.end"
	SessionRead      Permission = "session.read"
	SessionEnd       Permission = "session.end"
	TokenRead        Permission = "token.read"
	TokenCreate      Permission = "token.create"
	TokenRevoke      Permission = "token.revoke"
	AccessExplain    Permission = "access.explain"
	SettingsRead     Permission = "settings.read"
	SettingsUpdate   Permission = "settings.update"
	IdempotencyStore Permission = "idempotency.store" // answers kept for repeated requests
)

// Permissions are all permissions in document order.
func Permissions() []Permission {
	return []Permission{
		ReferenceRead,
		ParkRead, ParkCreate, ParkUpdate, ParkConfirm, ParkClose, ParkNominate, ParkDesignate, ParkPlan, ParkBuild, ParkAccredit,
		EnterpriseRead, EnterpriseCreate, EnterpriseUpdate, EnterpriseClose, EnterpriseContact,
		SiteRead, SiteCreate, SiteUpdate, SiteEnd,
		PermitRead, PermitCreate, PermitUpdate, PermitClose,
		FacilityRead, FacilityCreate, FacilityUpdate, FacilityClose,
		ShutdownRead, ShutdownCreate, ShutdownEnd, ShutdownWithdraw,
		LedgerRead, LedgerCreate, LedgerUpdate, LedgerFile, LedgerReturn, LedgerAccept, LedgerAmend, LedgerVoid,
		PeriodRead, PeriodLock, PeriodUnlock,
		AttachmentRead, AttachmentCreate, AttachmentOriginal, AttachmentDiscard,
		PatrolRead, PatrolCreate, PatrolRecord, PatrolInspect,
		DrawRead, DrawCreate, DrawRun,
		FindingRead, FindingCreate, FindingNotify, FindingAcknowledge, FindingRectify, FindingReview,
		FindingExtend, FindingRequestReferral, FindingRefer, FindingWithdraw,
		AssessmentRead, AssessmentAssess, AssessmentVerify, AssessmentSample, AssessmentReturn, AssessmentLoad,
		GradeRead, GradeRate, GradeOrder, GradeEvaluate, GradeObject,
		ProgrammeRead, TaskRead, TaskPlan, TaskReport, TaskVerify,
		ProgressRead, AuditRead, ChangeRead, ChangeSeal, JobRead, CheckpointRead, CheckpointCreate,
		ImportCreate, ExportRead, ExportCreate,
		UserRead, UserCreate, UserUpdate, UserRequest, UserPassword,
		AssignmentRead, AssignmentGrant, AssignmentEnd,
		SessionRead, SessionEnd, TokenRead, TokenCreate, TokenRevoke,
		AccessExplain, SettingsRead, SettingsUpdate, IdempotencyStore,
	}
}
