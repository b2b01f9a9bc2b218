package parallel

import (
	"strings"
	"sync/atomic"
	"testing"
)

func TestEachDoesAll(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		done := make([]int32, n)
		Each(n, func(i int) { atomic.AddInt32(&done[i], 1) })
		for i, d := range done {
			if d != 1 {
				t.Errorf("n=%d: piece %d was done %d times", n, i, d)
			}
		}
	}
}

func TestEachCarriesPanics(t *testing.T) {
	defer func() {
		p, ok := recover().(*Panic)
		if !ok || p.Value != "piece 7" || !strings.Contains(p.String(), "parallel_test.go") {
			t.Errorf("recovered %v", p)
		}
	}()
	Each(1000, func(i int) {
		if i == 7 {
			panic("piece 7")
		}
	})
	t.Error("no panic")
}

func TestTry(t *testing.T) {
	if p := Try(func() {}); p != nil {
		t.Errorf("got %v", p)
	}
	if p := Try(func() { panic("a fault of ours") }); p == nil || p.Value != "a fault of ours" || !strings.Contains(string(p.Stack), "parallel_test.go") {
		t.Errorf("got %v", p)
	}
}
