package obligation

import (
	"slices"

	"parkregistry/internal/code"
	"parkregistry/models"
)

// Estate is everything that decides what is due on one site, or of what a park
// owns itself: what the register says, read at one known time. Duties derives
// from it alone; no clock and no database stand behind it.
type Estate struct {
	Place     models.Placed // SiteID is nil for the park's own
	ClosedOn  code.Day      // the first day on which the firm is gone, "" while it is there
	Away      []Away        // when it was gone and came back
	Tenancies []Tenancy
	Permits   []Permit
	Objects   []Object
	Stops     []Stop
}

// Tenancy is a unit rented from its first to its last day; To is "" while open.
type Tenancy struct{ From, To code.Day }

// Away is a time between a firm's leaving and its coming back, first and last day.
type Away struct{ From, To code.Day }

// Permit is one permit or registration of the site. Its days are facts about the
// world: the newest word on them counts for the past too. What it demands holds
// from the day on which it was registered, the first version since ever.
type Permit struct {
	ID       models.ID
	Number   string
	Receipt  bool // a registration receipt (登记回执): asks for no ledger
	IssuedOn code.Day
	ValidTo  code.Day
	ClosedOn code.Day // the first day on which it is withdrawn or cancelled, "" while it stands
	Terms    []Terms  // in the order of Since
}

// Terms are what a permit demands from a day on.
type Terms struct {
	Since      code.Day
	InForce    bool // issued or changed; not withdrawn or cancelled
	Applied    bool // not issued yet
	KeyUnit    bool
	Rules      []Rule
	Monitoring []Watch
}

// Rule is one wording of the permit for a class of the ledger.
type Rule struct {
	Class   string
	Object  string // code of a facility or outlet, "" for all that the class fits
	Text    string
	Grace   *int // days after the period, where the permit names them
	Workday bool // a last day that is a day off moves to the next working day
}

// Watch is one line of the self-monitoring plan.
type Watch struct{ Outlet, Pollutant, Text string }

// Object is a facility or an outlet.
type Object struct {
	ID       models.ID
	Outlet   bool
	Code     string
	Name     string
	Kind     string // of the facility, or of the outlet
	Medium   string
	From     code.Day // built, or else registered; of an outlet, when what is before it was
	ClosedOn code.Day // the first day on which it is closed, "" while it is there
	Modes    []Mode   // in the order of Since
}

// Mode is how an object runs from a day on.
type Mode struct {
	Since code.Day
	InUse bool
	Facts Facts
}

// Stop is a shut-down (停产停运) with its first and last day, both of which are
// recorded; To is "" while it lasts.
type Stop struct {
	ID       models.ID
	Facility *models.ID // nil: the whole site
	From, To code.Day
	Reason   string
}

// Class is what the engine has to know of a ledger class.
type Class struct {
	Code       string
	NeedsWorks bool     // its entries name a facility
	NeedsDrain bool     // its entries name an outlet
	Kinds      []string // of the facilities that it fits
	Medium     string   // of the facility, "" for any
	Outlets    []string // kinds of the outlets that it fits, none for any but rain
	Text       string   // the wording of the standard
	Standard   bool     // which holds where a permit has none
	ByPlan     bool     // its rhythm is the self-monitoring plan, outlet by outlet
}

// fits reports whether entries of the class are about such an object.
func (c Class) fits(o Object) bool {
	if o.Outlet {
		return !c.NeedsWorks && c.NeedsDrain && (slices.Contains(c.Outlets, o.Kind) || len(c.Outlets) == 0 && o.Kind != "rain")
	}
	return c.NeedsWorks && (c.Medium == "" || c.Medium == o.Medium) && slices.Contains(c.Kinds, o.Kind)
}

// Reason is why nothing is due on a day.
type Reason string

// The reasons.
const (
	BeforePermit   Reason = "beforePermit"   // the first permit is not in force yet
	PermitExpired  Reason = "permitExpired"  // and no other has followed
	PermitEnded    Reason = "permitEnded"    // withdrawn, cancelled or gone over to somebody else
	NotRequired    Reason = "notRequired"    // the permit asks for no such record
	RegisteredOnly Reason = "registeredOnly" // a registration receipt asks for no ledger
	Automatic      Reason = "automatic"      // an automatic monitor measures
	BeforeMoveIn   Reason = "beforeMoveIn"
	MovedOut       Reason = "movedOut"
	NotBuilt       Reason = "notBuilt"
	NotInUse       Reason = "notInUse"
	FacilityClosed Reason = "facilityClosed"
	ShutDown       Reason = "shutDown"
	DayOff         Reason = "dayOff" // a record for working days only
)
