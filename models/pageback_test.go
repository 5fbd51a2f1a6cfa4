package models_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/policies"
)

// sessions are so many, five to an instant, the instants an hour apart.
func sessions(t *testing.T, db *models.DB, n int) (account.User, []account.Session) {
	t.Helper()
	user := account.User{Versioned: models.Versioned{ID: models.NewID(), Version: 1, CreatedAt: db.Now(), UpdatedAt: db.Now()}, Username: "u", DisplayName: "u", PasswordHash: "x", PasswordChangedAt: db.Now()}
	var rows []account.Session
	for i := range n {
		at := db.Now().Add(-time.Duration(i%5) * time.Hour)
		rows = append(rows, account.Session{ID: models.NewID(), UserID: user.ID, TokenHash: []byte(fmt.Sprint(i)), Kind: []string{"a", "B", "测"}[i%3], CreatedAt: at, LastSeenAt: at, ExpiresAt: at})
	}
	if err := db.Write(program(db), func(tx *models.Tx) error {
		return errors.Join(tx.Program().Create(&user).Error, models.Load(tx, rows))
	}); err != nil {
		t.Fatal(err)
	}
	return user, rows
}

// TestPagesBack: in every order, whatever the size of a page, the way back from the last
// page shows the same pages as the way there, and the first leads no further back.
func TestPagesBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := program(db)
		sessions(t, db, 23)
		for _, order := range []string{"at", "-at", "kind", "-kind"} {
			for _, limit := range []int{1, 2, 7, 22, 23, 24} {
				q := models.Query{Limit: limit, Sort: order}
				open := func(cursor string) (ids []models.ID, page models.Page[account.Session]) {
					q.Cursor = cursor
					page, err := models.List(db, db.Visible(ctx, policies.SessionRead, &account.Session{}), q, sessionOrders, "at", sessionID)
					if err != nil {
						t.Fatal(err)
					}
					for _, s := range page.Items {
						ids = append(ids, s.ID)
					}
					return ids, page
				}
				var there, back [][]models.ID
				ids, page := open("")
				if page.Before != "" {
					t.Fatalf("sort %s, pages of %d: something stands before the first page", order, limit)
				}
				for there = append(there, ids); page.Next != ""; there = append(there, ids) {
					ids, page = open(page.Next)
				}
				if page.Before == "" && len(there) > 1 {
					t.Fatalf("sort %s, pages of %d: no way back from the last page", order, limit)
				}
				for back = append(back, ids); page.Before != "" && len(back) < 30; back = append(back, ids) {
					if ids, page = open(page.Before); page.Next == "" {
						t.Fatalf("sort %s, pages of %d: no way on from a page that was gone back to", order, limit)
					}
				}
				if slices.Reverse(back); !reflect.DeepEqual(there, back) {
					t.Errorf("sort %s, pages of %d:\n there %v\n back  %v", order, limit, there, back)
				}
			}
		}
	})
}

// TestPagesBackToNew: what was added before the first page meanwhile makes no short page,
// and what went no empty one: the way back ends at the first page as it is now.
func TestPagesBackToNew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := program(db)
		user, rows := sessions(t, db, 9)
		list := func(cursor string) models.Page[account.Session] {
			page, err := models.List(db, db.Visible(ctx, policies.SessionRead, &account.Session{}), models.Query{Limit: 3, Sort: "-at", Cursor: cursor}, sessionOrders, "at", sessionID)
			if err != nil {
				t.Fatal(err)
			}
			return page
		}
		second := list(list("").Next)
		at := db.Now().Add(time.Hour)
		if err := db.Write(ctx, func(tx *models.Tx) error {
			return models.Load(tx, []account.Session{{ID: models.NewID(), UserID: user.ID, TokenHash: []byte("new"), Kind: "a", CreatedAt: at, LastSeenAt: at, ExpiresAt: at}})
		}); err != nil {
			t.Fatal(err)
		}
		first := list(second.Before)
		if first.Before == "" || len(first.Items) != 3 {
			t.Fatalf("one row was added before: %d rows, before %q", len(first.Items), first.Before)
		}
		if first = list(first.Before); len(first.Items) != 3 || first.Before != "" || first.Next == "" || first.Items[0].CreatedAt.Before(at.Add(-time.Minute)) {
			t.Errorf("the way back ends at %d rows, before %q", len(first.Items), first.Before)
		}
		if n := len(rows); n != 9 {
			t.Fatal(n)
		}
	})
}

// TestPagesAtDay: a page begins with the rows of a day, or of the last one before it that
// has any; there is a way back to what is newer, and an order that is not one of days says so.
func TestPagesAtDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *models.DB) {
		ctx := program(db)
		_, rows := sessions(t, db, 23)
		orders := map[string]models.Order[account.Session]{"-at": sessionOrders["-at"], "at": sessionOrders["at"]}
		list := func(sort string, day code.Day) (models.Page[account.Session], error) {
			newest := orders["-at"]
			newest.On = models.OnInstant
			orders["-at"] = newest
			return models.List(db, db.Visible(ctx, policies.SessionRead, &account.Session{}), models.Query{Limit: 4, Sort: sort, At: day}, orders, "at", sessionID)
		}
		newest := slices.MaxFunc(rows, func(a, b account.Session) int { return a.CreatedAt.Compare(b.CreatedAt) })
		day := code.DayOf(newest.CreatedAt)
		page, err := list("-at", day)
		if err != nil || len(page.Items) != 4 || !page.Items[0].CreatedAt.Equal(newest.CreatedAt) || page.Before == "" || page.Next == "" {
			t.Fatalf("%d rows at %s, %v", len(page.Items), day, err)
		}
		if page, err = list("-at", day.Add(-2)); err != nil || len(page.Items) != 0 {
			t.Errorf("%d rows before all of them, %v", len(page.Items), err)
		}
		if _, err = list("at", day); !fault.Is(err, fault.Malformed) {
			t.Errorf("a day of an order that has none: %v", err)
		}
	})
}
