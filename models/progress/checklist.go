package progress

import (
	_ "embed" // the checklist is part of the program
	"encoding/csv"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"sync"

	"parkregistry/internal/fault"
)

// Version names the checklist: derived from the sources that its rows name, since
// no official text is public. Every answer says which one it used.
const Version = "2026-draft-1"

//go:embed data/checklist.csv
var checklistCSV string

// Item is one item of the checklist.
type Item struct {
	ID        string // A1 … F8
	Dimension int    // 1 to 6: checklist A to F
	Points    *big.Rat
	NameZh    string
	NameEn    string
	Kind      string // document, onsite, ratio, metric
	scoring   string // step or share for an item that the registry computes, "" otherwise
	full      int64  // per cent from which the points are full (step)
	floor     int64  // per cent below which there are none
	partial   *big.Rat
}

// Computed reports whether the registry computes the item by itself today.
func (i Item) Computed() bool { return i.scoring != "" }

// Dimension is one of the six norm areas of the reply letter of 2021-08-03.
type Dimension struct {
	Number int
	Name   fault.Text
}

// Dimensions are the six, in the letter's order.
func Dimensions() []Dimension {
	return []Dimension{
		{1, fault.T("落实主体责任")},
		{2, fault.T("完善污染治理设施")},
		{3, fault.T("严格园区企业入驻")},
		{4, fault.T("建立环境管理台账")},
		{5, fault.T("加强环境监测监控")},
		{6, fault.T("强化环境风险防控")},
	}
}

// Checklist are all items in order. A broken embedded file is a defect that any test meets.
var Checklist = sync.OnceValue(func() []Item {
	rows, err := csv.NewReader(strings.NewReader(checklistCSV)).ReadAll()
	if err != nil {
		panic(err)
	}
	items := make([]Item, 0, len(rows)-1)
	for _, r := range rows[1:] {
		i := Item{ID: r[0], Dimension: int(whole(r[1])), Points: rat(r[2]), NameZh: r[3], NameEn: r[4], Kind: r[5], scoring: r[6]}
		if i.Computed() {
			i.full, i.floor, i.partial = whole(r[7]), whole(r[8]), rat(r[9])
		}
		items = append(items, i)
	}
	return items
})

func whole(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(fmt.Errorf("checklist: %w", err))
	}
	return n
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("checklist: not a number: " + s)
	}
	return r
}

// earned is what n of d are worth; full reports whether the item is met. d is above zero.
func (i Item) earned(n, d int64) (points *big.Rat, full bool) {
	switch {
	case i.scoring == "step" && n*100 >= i.full*d:
		return i.Points, true
	case i.scoring == "step" && n*100 >= i.floor*d:
		return i.partial, false
	case i.scoring == "step", n*100 < i.floor*d:
		return new(big.Rat), false
	}
	return new(big.Rat).Mul(i.Points, big.NewRat(n, d)), n >= d
}
