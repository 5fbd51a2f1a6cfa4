package seed

import (
	"context"
	"fmt"
	"strings"

	"parkregistry/internal/code"
	"parkregistry/models"
	"parkregistry/models/registry"
)

// Places loads the 31 pilot places. The five parks that the reply letter names
// stand first, with the fields that a source gives and unconfirmed: no public
// source says which parks are on the list. The other places have a code and
// nothing else. A place that a person changed is left alone.
func Places(ctx context.Context, db *models.DB) (Counts, error) {
	want, err := places()
	if err != nil {
		return Counts{}, err
	}
	var n Counts
	err = db.Write(program(ctx, db), func(tx *models.Tx) error {
		n = Counts{}
		for _, p := range want {
			did, err := registry.Settle(tx, p)
			if err != nil {
				return fmt.Errorf("seed place %s: %w", p.Code, err)
			}
			n.count(map[registry.Settled]outcome{registry.Created: added, registry.Followed: updated, registry.LeftAlone: kept}[did])
		}
		return nil
	})
	return n, err
}

// places reads the file of the pilot places.
func places() ([]registry.Park, error) {
	rows, err := code.ReadTable(embedded, "data/places.csv")
	if err != nil {
		return nil, err
	}
	all := make([]registry.Park, len(rows))
	for i, r := range rows {
		in := registry.ParkInput{Code: r["code"], Name: r["name_zh"], Aliases: parts(r["aliases"]), Jurisdiction: r["jurisdiction"], StreetCode: r["street_code"],
			AreaKm2: r["area_km2"], Sectors: parts(r["sectors"])}
		p, err := in.Parse()
		if err != nil {
			return nil, fmt.Errorf("places.csv, %s: %w", r["code"], err)
		}
		p.Source, p.Confidence = r["source"], r["confidence"]
		all[i] = p
	}
	return all, nil
}

// parts splits a cell that holds a list.
func parts(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, ";")
}
