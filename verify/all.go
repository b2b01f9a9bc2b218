package verify

import (
	"runtime"
	"sync"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// All verifies every rule in every language, on all cores; the results are in the order of rules, then languages.
func All(rules []*ir.Rule, langs []*backends.Backend, opts Options) []*Result {
	out := make([]*Result, len(rules)*len(langs))
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				out[i] = Rule(rules[i/len(langs)], langs[i%len(langs)], opts)
			}
		})
	}
	for i := range out {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

// Failing reports whether some result calls for exit code 1: a disagreement, a query that does not run, or a refused
// target.
func Failing(results []*Result) bool {
	for _, r := range results {
		if r.Status != Agrees {
			return true
		}
	}
	return false
}
