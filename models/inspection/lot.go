package inspection

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"parkregistry/models"
)

// Lists are what a draw is made from, as published before its seed is known: the
// objects, the officers, and who keeps away from whom.
type Lists struct {
	Units    []Unit    `json:"units"`
	Officers []Drawn   `json:"officers"`
	Recusals []Recusal `json:"recusals"`
	Count    int       `json:"count"` // units to draw
}

// Unit is an object of inspection: a firm in a park.
type Unit struct {
	SiteID       models.ID `json:"siteId"`
	EnterpriseID models.ID `json:"enterpriseId"`
	ParkID       models.ID `json:"parkId"`
	Jurisdiction string    `json:"jurisdiction"`
	Key          bool      `json:"key"` // permit class key (重点管理)
}

// Drawn is an officer on the list.
type Drawn struct {
	UserID       models.ID `json:"userId"`
	Jurisdiction string    `json:"jurisdiction"`
}

// Recusal keeps an officer from a firm (回避).
type Recusal struct {
	OfficerID    models.ID `json:"officerId"`
	EnterpriseID models.ID `json:"enterpriseId"`
	Reason       string    `json:"reason"`
}

// Lot is one drawn unit with its two officers.
type Lot struct {
	Place         int // 1 is drawn first
	Unit          Unit
	First, Second models.ID
}

// perUnit is how many officers an inspection needs (行政处罚法 art. 42).
const perUnit = 2

// Digest is the SHA-256 of the lists: what is published before the seed is known.
func (l Lists) Digest() []byte {
	raw, _ := json.Marshal(l) // plain fields always encode, and in this order
	sum := sha256.Sum256(raw)
	return sum[:]
}

// Draw is the whole draw: from the same lists and seed it gives the same lots to
// everybody who repeats it.
//
// Each name is ranked by HMAC-SHA256 with the seed as key and, as message, the digest
// of the lists in hex, a word and the ids, joined by line feeds; the word is "unit" for
// a unit (with its site's id) and "officer" for an officer at a unit (with the site's
// and the officer's). The units of the lowest ranks are drawn, in that order. To each
// go the two officers of its jurisdiction, not recused from its firm, who have the
// fewest units so far; among equals those of the lowest rank.
func (l Lists) Draw(seed string) []Lot {
	digest := hex.EncodeToString(l.Digest())
	rank := func(word string, ids ...models.ID) []byte {
		mac := hmac.New(sha256.New, []byte(seed))
		mac.Write([]byte(digest + "\n" + word))
		for _, id := range ids {
			mac.Write([]byte("\n" + string(id)))
		}
		return mac.Sum(nil)
	}
	units := slices.Clone(l.Units)
	slices.SortFunc(units, func(a, b Unit) int { return bytes.Compare(rank("unit", a.SiteID), rank("unit", b.SiteID)) })
	load := map[models.ID]int{}
	var lots []Lot
	for i, u := range units[:min(l.Count, len(units))] {
		lot := Lot{Place: i + 1, Unit: u}
		able := slices.DeleteFunc(slices.Clone(l.Officers), func(o Drawn) bool { return o.Jurisdiction != u.Jurisdiction || l.recused(o.UserID, u.EnterpriseID) })
		slices.SortFunc(able, func(a, b Drawn) int {
			return cmp.Or(cmp.Compare(load[a.UserID], load[b.UserID]), bytes.Compare(rank("officer", u.SiteID, a.UserID), rank("officer", u.SiteID, b.UserID)))
		})
		if len(able) >= perUnit { // PublishDraw saw to it when the lists were published
			lot.First, lot.Second = able[0].UserID, able[1].UserID
			load[lot.First]++
			load[lot.Second]++
		}
		lots = append(lots, lot)
	}
	return lots
}

func (l Lists) recused(officer, firm models.ID) bool {
	return slices.ContainsFunc(l.Recusals, func(r Recusal) bool { return r.OfficerID == officer && r.EnterpriseID == firm })
}

// keepFrom recuses whoever holds a role of a park from the firms on the list that stand
// there.
func (l *Lists) keepFrom(officer, park models.ID) {
	for _, u := range l.Units {
		if u.ParkID == park && !l.recused(officer, u.EnterpriseID) {
			l.Recusals = append(l.Recusals, Recusal{officer, u.EnterpriseID, ReasonPark})
		}
	}
}

// unstaffed are the units on the list without two officers who may go.
func (l Lists) unstaffed() []Unit {
	return slices.DeleteFunc(slices.Clone(l.Units), func(u Unit) bool {
		n := 0
		for _, o := range l.Officers {
			if o.Jurisdiction == u.Jurisdiction && !l.recused(o.UserID, u.EnterpriseID) {
				n++
			}
		}
		return n >= perUnit
	})
}
