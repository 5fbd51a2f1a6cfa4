package seed

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// mark stands in every made-up name: nobody can take the city for the real one.
const mark = "示例"

// source is what every made-up row says about where it comes from.
const demoSource = "示例数据，由程序生成，与真实园区和企业无关"

// city is the demonstration city while it is being made: every row in memory, in
// the order in which it is stored. One generator with a fixed seed makes all
// choices, so that the same anchor day gives the same rows, ids included.
type city struct {
	rng    *rand.Rand
	anchor code.Day // today: history ends the day before
	start  code.Day // the first day of the year of history
	scale  float64  // 1 is the whole city

	history registry.History
	people  people
	book    book
	grounds map[models.ID]ledger.Grounds // by outlet
	rounds  rounds
	photos  []files.Attachment // those that there are, without a row
	reviews reviews
	table   taskTable
	draws   lottery
	changes []audit.Change     // of ledger and inspection; those of the register stand in history
	numbers map[numberOf]int64 // the last number given

	parks       []*registry.Park
	phases      []*registry.Phase
	enterprises []*registry.Enterprise
	names       []registry.EnterpriseName
	sites       []*registry.Site
	tenancies   []*registry.Tenancy
	permits     []*registry.Permit
	facilities  []*registry.Facility
	outlets     []*registry.Outlet
	limits      []registry.OutletLimit
	streams     []*registry.Stream
	shutdowns   []*registry.Shutdown

	firms []*firm  // in the order of enterprises
	works []*works // facilities that keep a daily ledger

	gasWorks []*gasWorks // facilities for waste gas, with a record a week

	failed error // the first row that breaks a rule
}

// citySeed is fixed: a new one is a new city.
const citySeed1, citySeed2 = 20210714, 31

func newCity(anchor code.Day, scale float64) *city {
	c := &city{rng: rand.New(rand.NewPCG(citySeed1, citySeed2)), anchor: anchor, start: anchor.Add(-365), scale: scale, numbers: map[numberOf]int64{}, grounds: map[models.ID]ledger.Grounds{}} //nolint:gosec // made-up data, the same every time
	c.history.NewID = func() models.ID { return c.id(c.start.Start()) }
	c.history.Salt = func() []byte {
		salt := make([]byte, 16)
		binary.LittleEndian.PutUint64(salt, c.rng.Uint64())
		binary.LittleEndian.PutUint64(salt[8:], c.rng.Uint64())
		return salt
	}
	return c
}

// id is a version 7 UUID of that instant whose random part comes from the generator.
func (c *city) id(at time.Time) models.ID {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], uint64(at.UnixMilli())<<16|c.rng.Uint64()&0x0fff) //nolint:gosec // instants after 1970
	binary.BigEndian.PutUint64(u[8:], c.rng.Uint64())
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return models.ID(u.String())
}

// at is an instant of a day at UTC+8, with minutes and seconds of its own.
func (c *city) at(day code.Day, hour int) time.Time {
	return day.Start().Add(time.Duration(hour)*time.Hour + time.Duration(c.rng.IntN(3600))*time.Second).UTC()
}

// between is a whole number from low to high.
func (c *city) between(low, high int) int { return low + c.rng.IntN(high-low+1) }

// chance is true in percent of all cases.
func (c *city) chance(percent int) bool { return c.rng.IntN(100) < percent }

// size is n in a city of this scale, one at least.
func (c *city) size(n int) int { return max(1, int(float64(n)*c.scale)) }

func pick[T any](c *city, all []T) T { return all[c.rng.IntN(len(all))] }

// fail keeps the first row that breaks a rule; the city is then not stored.
func (c *city) fail(what string, err error) {
	if err != nil && c.failed == nil {
		c.failed = fmt.Errorf("the demonstration city has a lawless %s: %w", what, err)
	}
}

// creditCode is a lawful code that no register gives out: DEM begins the body of
// no organisation code.
func creditCode(n int) string {
	return string(code.MakeCreditCode("91", "440300", fmt.Sprintf("DEM%05d", n)))
}

// fresh is the head of a row that is written for the first time then.
func (c *city) fresh(at time.Time) models.Versioned {
	return models.Versioned{ID: c.id(at), Version: 1, CreatedAt: at, UpdatedAt: at}
}
