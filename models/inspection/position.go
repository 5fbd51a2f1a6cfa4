package inspection

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
)

// Position is where an event happened: personal data, taken at the event only and
// kept apart from it, so that it can be coarsened or erased.
type Position struct {
	PatrolID  models.ID `gorm:"primaryKey"`
	EventID   models.ID `gorm:"primaryKey"`
	Longitude string    // decimal degrees in Datum, as sent; six decimals at most
	Latitude  string
	AccuracyM string // radius, m
	Datum     string // WGS-84 or GCJ-02; stored as sent, see Located
	Salt      []byte
}

// TableName implements gorm's Tabler.
func (Position) TableName() string { return "patrol_positions" }

// Scope implements models.Scoped: seen exactly when the patrol is.
func (Position) Scope() models.Scope {
	return models.ChildRows("patrol_positions", "patrol_id", Patrol{})
}

func (p Position) same(q Position) bool {
	return p.Longitude == q.Longitude && p.Latitude == q.Latitude && p.AccuracyM == q.AccuracyM && p.Datum == q.Datum
}

// commit salts the position and gives the commitment that the event keeps.
func (p *Position) commit() string {
	p.Salt = make([]byte, 16)
	_, _ = rand.Read(p.Salt) // never fails since Go 1.24
	return p.commitment()
}

// commitment binds to the position without telling it.
func (p Position) commitment() string {
	mac := hmac.New(sha256.New, p.Salt)
	mac.Write([]byte(p.Datum + "\n" + p.Longitude + "\n" + p.Latitude + "\n" + p.AccuracyM))
	return hex.EncodeToString(mac.Sum(nil))
}

// PositionInput is a position as the device sends it.
type PositionInput struct {
	Longitude string `json:"longitude" required:"false" doc:"经度，十进制度"`
	Latitude  string `json:"latitude" required:"false" doc:"纬度，十进制度"`
	AccuracyM string `json:"accuracyM,omitempty" doc:"精度半径，m"`
	Datum     string `json:"datum" required:"false" doc:"WGS-84 或 GCJ-02"`
}

// parse takes any place on earth: a device that was wrong about where it stood must
// not lose its event.
func (in PositionInput) parse() (Position, error) {
	var c fault.Check
	p := Position{Datum: in.Datum, AccuracyM: fault.Parse(&c, "/accuracyM", in.AccuracyM, code.ParsePositive(3))}
	p.Longitude = fault.Must(&c, "/longitude", in.Longitude, code.ParseDevice(180)).Raw
	p.Latitude = fault.Must(&c, "/latitude", in.Latitude, code.ParseDevice(90)).Raw
	if in.Datum != code.DatumWGS84 && in.Datum != code.DatumGCJ02 {
		c.Fail("/datum", "required", "填写坐标时注明坐标系：WGS-84 或 GCJ-02")
	}
	return p, c.Err()
}

// Located is the position in the type of its coordinate system.
func (p Position) Located() (code.Located, error) {
	return code.ParseLocated(p.Datum, p.Longitude, p.Latitude)
}
