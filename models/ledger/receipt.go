package ledger

import (
	"context"
	"strings"
	"time"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/proof"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// Receipt (回执) is one filing with its proof.
type Receipt struct {
	Entry  Entry
	Class  Class
	Filing FilingRecord
	Proof  *proof.Receipt // nil while the filing has no number yet
	// Names for people, as the register has them today. The proof is about ids.
	Park, Firm, Filer string
	Facility, Outlet  string // code and name; "" where the entry names none
}

// Receipts hands out receipts.
type Receipts struct {
	ledger *Service
	prover *audit.Prover
}

// NewReceipts makes the service.
func NewReceipts(ledger *Service, prover *audit.Prover) *Receipts { return &Receipts{ledger, prover} }

// receiptWait is how long a receipt waits for its number, which comes within one
// round of the sequencer.
const (
	receiptWait  = 2 * time.Second
	receiptPause = 50 * time.Millisecond
)

// Of gives the receipt of a filing, 0 for the last one. It waits a moment for the
// number of a filing that was made just now. Conflict while nothing is filed.
func (r *Receipts) Of(ctx context.Context, id models.ID, number int) (Receipt, error) {
	filings, err := r.ledger.Filings(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	out := Receipt{}
	if out.Entry, err = r.ledger.head(ctx, id); err != nil {
		return out, err
	}
	if len(filings) == 0 {
		return out, fault.New(fault.Conflict, "这条台账记录还没有报送，没有回执")
	}
	if number == 0 {
		number = len(filings)
	}
	if number > len(filings) {
		return out, fault.Absent()
	}
	out.Filing = filings[number-1]
	if out.Class, err = r.ledger.classes.of(out.Entry); err != nil {
		return out, err
	}
	if err := r.names(ctx, &out); err != nil {
		return out, err
	}
	for waited := time.Duration(0); ; waited += receiptPause {
		out.Proof, out.Filer, err = r.prover.Receipt(ctx, out.Filing.ChangeID, out.Filing.Payload)
		if out.Proof != nil {
			out.Proof.Judged = &out.Filing.Judged
		}
		if err != nil || out.Proof != nil || waited >= receiptWait {
			return out, err
		}
		select {
		case <-ctx.Done():
			return out, ctx.Err()
		case <-time.After(receiptPause):
		}
	}
}

// names reads how park, firm, facility and outlet are called. Whoever sees the entry may know.
func (r *Receipts) names(ctx context.Context, out *Receipt) error {
	ctx = policies.With(ctx, r.ledger.db.Policy.Program("receipts"))
	var park registry.Park
	if err := models.One(r.ledger.db.Visible(ctx, policies.ParkRead, &park).Where("id = ?", out.Entry.ParkID), &park); err != nil {
		return err
	}
	out.Park = models.Deref(park.Name)
	if id := out.Entry.EnterpriseID; id != nil {
		var firm registry.Enterprise
		if err := models.One(r.ledger.db.Visible(ctx, policies.EnterpriseRead, &firm).Where("id = ?", *id), &firm); err != nil {
			return err
		}
		out.Firm = firm.Name
	}
	if id := out.Entry.FacilityID; id != nil {
		var facility registry.Facility
		if err := models.One(r.ledger.db.Visible(ctx, policies.FacilityRead, &facility).Where("id = ?", *id), &facility); err != nil {
			return err
		}
		out.Facility = strings.TrimSpace(facility.Code + " " + facility.Name)
	}
	if id := out.Entry.OutletID; id != nil {
		var outlet registry.Outlet
		if err := models.One(r.ledger.db.Visible(ctx, policies.FacilityRead, &outlet).Where("id = ?", *id), &outlet); err != nil {
			return err
		}
		out.Outlet = strings.TrimSpace(outlet.Code + " " + outlet.Name)
	}
	return nil
}
