package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
	"parkregistry/seed"
)

// The size of the data set: the city of the reply letter, with a year of its audit trail.
const (
	parks       = 31
	enterprises = 4191
	records     = 200_000
)

// cityParks says how many of the parks each jurisdiction has.
var cityParks = []struct {
	jurisdiction string
	parks        int
}{
	{"baoan", 9}, {"longgang", 7}, {"guangming", 4}, {"longhua", 3}, {"pingshan", 3}, {"nanshan", 2}, {"yantian", 1}, {"dapeng", 1}, {"shenshan", 1},
}

// city is what a run has to know of the rows that it made.
type city struct {
	park   string            // id of the park whose manager asks
	firms  []string          // ids of that park's firms
	works  []works           // a few of that park's facilities
	caller map[string]caller // by user name
}

// caller is one account of the bench and how far it reads: one park, one
// jurisdiction or, with neither, all.
type caller struct {
	Token        string `json:"token"`
	User         string `json:"user"`
	Username     string `json:"username"`
	Park         string `json:"park,omitempty"`
	Jurisdiction string `json:"jurisdiction,omitempty"`
}

// filler makes the same rows at each run.
type filler struct {
	db      *models.DB
	address string // of the same database
	rand    *rand.Rand
	began   time.Time
	city    city

	parks             []registry.Park
	firms             []registry.Enterprise
	sites             []registry.Site
	works             []registry.Facility
	seq               int64 // number of the next change
	firstSeq, lastSeq int64 // of the first entries' changes; the last is past their end
	stocked           int   // how many ledger entries there are
	found             int   // findings, without the copies
	lean              bool  // nobody asks for what was filed: filings are not copied
	duty              func() (turnOfDuty, bool)
}

// fill loads the data set through the door that the seed uses, many rows a statement.
func fill(ctx context.Context, db *models.DB, address string) (*filler, error) {
	f, err := found(ctx, db, address)
	if err != nil {
		return f, err
	}
	ctx = policies.With(ctx, db.Policy.Program("bench"))
	const chunk = 20_000
	for from := 0; from < records; from += chunk {
		if err := db.Write(ctx, func(tx *models.Tx) error { return models.AppendAll(tx, f.trail(from, min(chunk, records-from))) }); err != nil {
			return f, err
		}
	}
	if err := audit.CatchUp(ctx, db); err != nil {
		return f, err
	}
	return f, f.settle(ctx)
}

// found loads the register and the accounts, without the year of the audit trail.
func found(ctx context.Context, db *models.DB, address string) (*filler, error) {
	f := &filler{db: db, address: address, rand: rand.New(rand.NewPCG(31, 4191)), began: time.Date(2025, 11, 24, 0, 0, 0, 0, time.UTC)}
	f.city.caller = map[string]caller{}
	f.duty, _ = iter.Pull(f.duties)
	if _, err := seed.Reference(ctx, db); err != nil {
		return f, err
	}
	ctx = policies.With(ctx, db.Policy.Program("bench"))
	for _, step := range []func(*models.Tx) error{f.places, f.register, f.equip, f.accounts} {
		if err := db.Write(ctx, step); err != nil {
			return f, err
		}
	}
	return f, nil
}

// id is a version 7 id of that instant, with random bits of the fixed seed.
func (f *filler) id(at time.Time) models.ID {
	ms := uint64(at.UnixMilli())
	return models.ID(fmt.Sprintf("%08x-%04x-7%03x-%04x-%012x", ms>>16, ms&0xffff, f.rand.IntN(1<<12), 0x8000|f.rand.IntN(1<<14), f.rand.Int64N(1<<48)))
}

func (f *filler) stamp(at time.Time) models.Versioned {
	return models.Versioned{ID: f.id(at), Version: 1, CreatedAt: at, UpdatedAt: at}
}

func (f *filler) places(tx *models.Tx) error {
	h := f.history()
	for _, c := range cityParks {
		streets := code.StreetsOf(code.Jurisdiction(c.jurisdiction))
		for i := range c.parks {
			n := len(f.parks) + 1
			p, err := registry.ParkInput{Code: fmt.Sprintf("SZ-%02d", n), Name: fmt.Sprintf("示例园区%02d", n), Jurisdiction: c.jurisdiction,
				StreetCode: string(streets[i%len(streets)]), OperatorName: fmt.Sprintf("示例管理公司%02d", n), OperatorCreditCode: creditCode(90_000_000 + n)}.Parse()
			if err != nil {
				return fmt.Errorf("park %d: %w", n, err)
			}
			p.Versioned, p.Source, p.Confidence = f.stamp(f.began), "bench", "seed"
			if err := h.Wrote(&p, policies.ParkCreate, policies.SystemUser, f.began); err != nil {
				return err
			}
			f.parks = append(f.parks, p)
		}
	}
	if len(f.parks) != parks {
		return fmt.Errorf("%d parks in the plan, want %d", len(f.parks), parks)
	}
	f.city.park = string(f.parks[0].ID)
	if err := models.Load(tx, f.parks); err != nil {
		return err
	}
	return f.remember(tx, h)
}

// firmInput is the n-th firm as it would be entered.
func firmInput(n int) registry.EnterpriseInput {
	first := []string{"华", "宏", "金", "鑫", "兴", "恒", "创", "精", "永", "力", "德", "信"}
	second := []string{"源", "达", "泰", "辉", "盛", "科", "联", "工", "利", "诚"}
	trade := []string{"电子", "电镀", "五金", "线路板", "表面处理", "印染", "精密制造"}
	class := []string{"key", "simplified", "registration", "none"}
	return registry.EnterpriseInput{CreditCode: creditCode(n), Name: fmt.Sprintf("示例%s%s%s%d有限公司", first[n%len(first)], second[n/7%len(second)], trade[n%len(trade)], n),
		Aliases: []string{fmt.Sprintf("示例%s%s", first[n%len(first)], second[n/7%len(second)])}, Industries: []string{"3982", "3360"}, PermitClass: class[n%4],
		KeyYears: []int{2025, 2026}, Discharges: n%4 != 3, LegalRepresentative: "示例甲", Contact: "示例乙", Phone: fmt.Sprintf("138%08d", n)}
}

func creditCode(n int) string {
	return string(code.MakeCreditCode("91", "440300", fmt.Sprintf("%08d", n)))
}

// register stores firms, names and sites with the history that their creation leaves.
func (f *filler) register(tx *models.Tx) error {
	h := f.history()
	var names []registry.EnterpriseName
	for n := range enterprises {
		at := f.began.Add(time.Duration(n) * time.Minute)
		e, err := firmInput(n).Parse()
		if err != nil {
			return fmt.Errorf("enterprise %d: %w", n, err)
		}
		e.Versioned = f.stamp(at)
		if err := h.Wrote(&e, policies.EnterpriseCreate, policies.SystemUser, at); err != nil {
			return err
		}
		f.firms = append(f.firms, e)
		names = append(names, registry.EnterpriseName{ID: f.id(at), EnterpriseID: e.ID, Name: e.Name, FromOn: code.DayOf(at)})
		homes := []int{n % parks}
		if n%20 == 0 { // one in twenty lives in two parks
			homes = append(homes, (n%parks+7)%parks)
		}
		for _, home := range homes {
			p := f.parks[home]
			s := registry.Site{Versioned: f.stamp(at), ParkID: p.ID, Jurisdiction: p.Jurisdiction, EnterpriseID: &e.ID}
			if err := h.Wrote(&s, policies.SiteCreate, policies.SystemUser, at); err != nil {
				return err
			}
			f.sites = append(f.sites, s)
			if home == 0 {
				f.city.firms = append(f.city.firms, string(e.ID))
			}
		}
	}
	if err := models.Load(tx, f.firms); err != nil {
		return err
	}
	if err := models.Load(tx, names); err != nil {
		return err
	}
	if err := models.Load(tx, f.sites); err != nil {
		return err
	}
	return f.remember(tx, h)
}

// history collects what writes of the register leave beside the rows.
func (f *filler) history() *registry.History {
	return &registry.History{NewID: func() models.ID { return f.id(f.began) }, Salt: func() []byte {
		b := make([]byte, 16)
		for i := range b {
			b[i] = byte(f.rand.IntN(256))
		}
		return b
	}}
}

// remember stores a history, numbered long ago.
func (f *filler) remember(tx *models.Tx, h *registry.History) error {
	for i := range h.Changes {
		seq := f.seq
		f.seq++
		h.Changes[i].Seq, h.Changes[i].SealedAt = &seq, &h.Changes[i].At
	}
	if err := models.Load(tx, h.Changes); err != nil {
		return err
	}
	return h.Store(tx)
}

// accounts makes one account for each role that the bench asks with, signed in:
// the row that signing in stores, without the half second of hashing.
func (f *filler) accounts(tx *models.Tx) error {
	var users []account.User
	var assignments []account.Assignment
	var sessions []account.Session
	for _, who := range []struct {
		name string
		role policies.Role
		caller
	}{
		{manager, policies.ParkManager, caller{Park: f.city.park}},
		{inspector, policies.DistrictInspector, caller{Jurisdiction: "baoan"}},
		{bureau, policies.BureauAdmin, caller{}},
		{auditor, policies.Auditor, caller{}},
	} {
		now := tx.Now()
		u := account.User{Versioned: f.stamp(f.began), Username: who.name, DisplayName: who.name, PasswordHash: "-", PasswordChangedAt: now}
		c := who.caller
		c.User, c.Username, c.Token = string(u.ID), who.name, fmt.Sprintf("%043d", len(users))
		hash := sha256.Sum256([]byte(c.Token))
		users = append(users, u)
		assignments = append(assignments, account.Assignment{Versioned: f.stamp(f.began), UserID: u.ID, Role: who.role.Slug(), StartsOn: "2025-01-01",
			Jurisdiction: models.Ref(c.Jurisdiction), ParkID: models.Ref(models.ID(c.Park))})
		sessions = append(sessions, account.Session{ID: f.id(f.began), UserID: u.ID, TokenHash: hash[:], Kind: "bearer", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(2 * time.Hour)})
		f.city.caller[who.name] = c
	}
	if err := models.Load(tx, users); err != nil {
		return err
	}
	if err := models.Load(tx, assignments); err != nil {
		return err
	}
	return models.Load(tx, sessions)
}

// Accounts of the bench.
const (
	manager   = "bench-park"
	inspector = "bench-district"
	bureau    = "bench-bureau"
	auditor   = "bench-auditor"
)

// trail is a part of the audit trail: n records from the from-th on, a year in all.
func (f *filler) trail(from, n int) []audit.Record {
	rows := make([]audit.Record, n)
	for i := range rows {
		at := f.began.Add(time.Duration(from+i) * 150 * time.Second)
		e := f.firms[f.rand.IntN(len(f.firms))]
		p := f.parks[f.rand.IntN(len(f.parks))]
		rows[i] = audit.Record{ID: f.id(at), At: at, ActorID: models.Ref(models.ID(f.city.caller[manager].User)), ActorName: manager, Via: "session", RemoteAddr: "192.0.2.31",
			UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", RequestID: string(f.id(at)), Action: string(policies.EnterpriseUpdate),
			Outcome: audit.Done, ObjectKind: "enterprise", ObjectID: string(e.ID), ParkID: models.Ref(p.ID), Jurisdiction: p.Jurisdiction, EnterpriseID: models.Ref(e.ID),
			BeforeValues: fmt.Sprintf(`{"fields":{"creditCode":"%s","permitClass":"simplified","riskLevel":""}}`, e.CreditCode),
			AfterValues:  fmt.Sprintf(`{"fields":{"creditCode":"%s","permitClass":"key","riskLevel":"larger"}}`, e.CreditCode)}
	}
	return rows
}
