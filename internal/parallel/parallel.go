// Package parallel runs independent pieces of work on all cores. Which core does what never shows in a result: work writes
// to its own place by index.
package parallel

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Panic carries a panic of a worker to the goroutine that waits for it, with the stack of the worker.
type Panic struct {
	Value any
	Stack []byte
}

// String returns the panic's value and the stack of the worker.
func (p *Panic) String() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Try calls f and returns its panic, nil when it has none.
func Try(f func()) (failed *Panic) {
	defer func() {
		if r := recover(); r != nil {
			failed = &Panic{Value: r, Stack: debug.Stack()}
		}
	}()
	f()
	return nil
}

// Each calls f for 0 to n-1 and returns when all calls have. A panic in f becomes a panic of Each, so that whoever waits can
// say what happened; further pieces are then not started.
func Each(n int, f func(int)) {
	var (
		wg     sync.WaitGroup
		once   sync.Once
		failed *Panic
	)
	next, stop := make(chan int), make(chan struct{})
	worker := func() {
		defer func() {
			if r := recover(); r != nil {
				once.Do(func() {
					failed = &Panic{Value: r, Stack: debug.Stack()}
					close(stop)
				})
			}
		}()
		for i := range next {
			f(i)
		}
	}
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(worker)
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-stop:
			break feed
		}
	}
	close(next)
	wg.Wait()
	if failed != nil {
		panic(failed)
	}
}
