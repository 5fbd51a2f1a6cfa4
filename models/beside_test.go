package models_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parkregistry/models"
)

// Every piece is done once, however many there are, and a panic of one of them reaches
// who asked: a goroutine of its own would take the whole program down.
func TestBeside(t *testing.T) {
	for _, n := range []int{0, 1, 31, 64, 65, 501} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			done := make([]atomic.Int32, n)
			models.Beside(n, func(i int) { done[i].Add(1) })
			for i := range done {
				if got := done[i].Load(); got != 1 {
					t.Errorf("piece %d was done %d times", i, got)
				}
			}
		})
	}
	defer func() {
		if v := recover(); v != "piece 400" {
			t.Errorf("the panic that arrived is %v", v)
		}
	}()
	models.Beside(501, func(i int) {
		if i == 400 {
			panic("piece 400")
		}
	})
}
