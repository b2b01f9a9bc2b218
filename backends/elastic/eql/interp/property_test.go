package interp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// step is an event of the naive model: a time in seconds, a key, and which letters it has.
type step struct {
	at   int
	key  string
	name string // some of "a", "b", "c", "u"
}

// drawSteps draws a short stream with few keys and many equal times.
func drawSteps(t *rapid.T) []step {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			at:   rapid.IntRange(0, 12).Draw(t, "at"),
			key:  rapid.SampledFrom([]string{"1", "2"}).Draw(t, "key"),
			name: rapid.SampledFrom([]string{"a", "b", "c", "u", "ab", "bc", "ac", "au", "bu"}).Draw(t, "name"),
		}
	}), 0, 12).Draw(t, "stream")
}

func stepInput(t testing.TB, steps []step) native.Input {
	var words []string
	for _, s := range steps {
		words = append(words, fmt.Sprintf("%s%s@%d", s.name, s.key, s.at))
	}
	return stream(t, strings.Join(words, " "))
}

// chainExists says whether a key has a chain in the declarative sense: events of the key strictly one after the other that
// match the stages, the last within the span of the first, and no until event from one of them up to the next.
func chainExists(steps []step, stages []string, span int, until string) bool {
	slices.SortStableFunc(steps, func(a, b step) int { return a.at - b.at })
	var find func(i, last, first int) bool
	find = func(i, last, first int) bool {
		if i == len(stages) {
			return true
		}
		for j := last + 1; j < len(steps); j++ {
			if i > 0 && (span > 0 && steps[j].at-steps[first].at > span || untilIn(steps[last:j], until)) {
				return false
			}
			if !strings.Contains(steps[j].name, stages[i]) {
				continue
			}
			if i == 0 {
				if find(1, j, j) {
					return true
				}
			} else if find(i+1, j, first) {
				return true
			}
		}
		return false
	}
	return find(0, -1, 0)
}

func untilIn(steps []step, until string) bool {
	return until != "" && slices.ContainsFunc(steps, func(s step) bool { return strings.Contains(s.name, until) })
}

// TestSequenceIsDeclarative: per key, the machine finds a sequence if and only if a chain exists.
func TestSequenceIsDeclarative(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawSteps(rt)
		stages := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 2, 4).Draw(rt, "stages")
		span := rapid.IntRange(0, 6).Draw(rt, "span")
		until := rapid.SampledFrom([]string{"", "u"}).Draw(rt, "until")
		query := "sequence by k"
		if span > 0 {
			query += fmt.Sprintf(" with maxspan=%ds", span)
		}
		for _, s := range stages {
			query += fmt.Sprintf(" [any where x == %q]", s)
		}
		if until != "" {
			query += ` until [any where x == "u"]`
		}
		out, diags := run1(query, stepInput(t, steps))
		if diags.HasErrors() && len(steps) > 0 {
			rt.Fatal(diags[0].Brief())
		}
		found := map[string]bool{}
		for _, g := range out.Groups {
			found[fmt.Sprint(g.JoinKeys[0])] = true
		}
		for _, key := range []string{"1", "2"} {
			own := slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return s.key != key })
			if want := chainExists(own, stages, span, until); found[key] != want {
				rt.Fatalf("%s over %v: key %s found %t, want %t", query, steps, key, found[key], want)
			}
		}
	})
}

// TestRunsAreSlidingWindows: `with runs=N` and a maxspan completes at every group of N consecutive events that fits.
func TestRunsAreSlidingWindows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		times := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 15).Draw(rt, "times")
		slices.Sort(times)
		n, span := rapid.IntRange(2, 4).Draw(rt, "runs"), rapid.IntRange(1, 10).Draw(rt, "span")
		var words, want []string
		for i, at := range times {
			words = append(words, fmt.Sprintf("a1@%d", at))
			if i >= n-1 && at-times[i-n+1] <= span {
				var ids []string
				for j := i - n + 1; j <= i; j++ {
					ids = append(ids, fmt.Sprint(j))
				}
				want = append(want, strings.Join(ids, ","))
			}
		}
		query := fmt.Sprintf(`sequence by k with maxspan=%ds [any where x == "a"] with runs=%d`, span, n)
		if got := groups(query, stream(t, strings.Join(words, " "))); got != strings.Join(want, " ") {
			rt.Fatalf("%s over %v\n got %s\nwant %s", query, times, got, strings.Join(want, " "))
		}
	})
}

// TestNegationIsComplement: over any event, a condition and its negation share out the events, whatever is missing.
func TestNegationIsComplement(t *testing.T) {
	leaves := []string{
		`x == "a"`, `x != "a"`, `x : "A*"`, `x in ("a", "b")`, `x not in ("b")`, `x regex "a|b"`, `n > 1`, `n == 2`, `n + 1 == 2`,
		`length(x) == 1`, `startsWith(x, "a")`, `x == null`, `n != null`, `length(x) != 1`, `?zz == "q"`, `not ?zz : "q"`, `d <= 2.5`,
		`cidrMatch(ip, "10.0.0.0/8")`, `true`, `startsWith(x, k) == false`, `stringContains(x, k)`, `null`,
	}
	condition := rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom(leaves), 1, 4).Draw(t, "leaves")
		text := parts[0]
		for _, p := range parts[1:] {
			not := rapid.SampledFrom([]string{"", "not "}).Draw(t, "not")
			text = fmt.Sprintf("%s(%s) %s %s", not, text, rapid.SampledFrom([]string{"and", "or"}).Draw(t, "op"), p)
		}
		return text
	})
	rows := []string{
		`{"x":"a","n":1,"k":"a","d":2.5,"ip":"10.0.0.1"}`, `{"x":["a","b"],"n":[1,2],"k":["b","c"],"ip":["::1","10.9.9.9"]}`, `{"x":""}`, `{"n":7}`,
		`{}`, `{"x":"ABC","d":[1,9],"ip":"8.8.8.8"}`,
	}
	in := input(table(t, stepTypes, rows...))
	rapid.Check(t, func(rt *rapid.T) {
		c := condition.Draw(rt, "condition")
		seen := map[int]int{}
		for _, query := range []string{"any where " + c, "any where not (" + c + ")"} {
			out, diags := run1(query, in)
			if diags.HasErrors() {
				rt.Fatal(diags[0].Brief())
			}
			for _, m := range out.Matches {
				seen[m.Row]++
			}
		}
		for i := range rows {
			if seen[i] != 1 {
				rt.Fatalf("row %d matches %d of %q and its negation", i, seen[i], c)
			}
		}
	})
}

// TestConcurrentRuns runs one program many times at once.
func TestConcurrentRuns(t *testing.T) {
	p, diags := Language.Compile("test", `sequence by k [any where x : ("A*", "z")] [any where x regex~ "b.?"]`)
	if diags.HasErrors() {
		t.Fatal(diags[0].Brief())
	}
	in := stream(t, "a1@0 b1@1 a2@2 b2@3")
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 20 {
				if out, diags := p.Run(in); diags.HasErrors() || len(out.Groups) != 2 {
					t.Errorf("%v %v", out.Groups, diags)
				}
			}
		}()
	}
	wg.Wait()
}

// TestBudget: a query whose work explodes ends in a limit, not in hours.
func TestBudget(t *testing.T) {
	many := make([]any, 2000)
	for i := range many {
		many[i] = fmt.Sprintf("v%d", i)
	}
	in := input(native.Table{Rows: []native.Row{{"@timestamp": json.Number("1700000000000"), "a": many, "b": many, "c": many}}})
	for _, query := range []string{
		`any where concat(a, b, c) == "x"`,
		`sequence by a, b, c [any where true] [any where true]`,
	} {
		_, diags := run1(query, in)
		if len(diags) != 1 || diags[0].Code != diag.EQLLimit {
			t.Errorf("%s: %v", query, diags)
		}
	}
}

func FuzzRun(f *testing.F) {
	for _, q := range []string{
		`any where x == "a" and not n > 1`, `sequence by k with maxspan=1s [any where x : "a*"] ![any where n == 2] [any where true] | head 2`,
		`sample by k [any where x == "a"] [any where d / n > 1]`, `any where number(x, 16) % 3 == between(x, "a", "b")`,
		`any where substring(x, n, d) regex~ "a|~(b)" or cidrMatch(ip, "::/0", "1.2.3.4")`,
	} {
		f.Add(q)
	}
	rows := []string{`{"x":"a","n":1,"k":"a","d":2.5,"ip":"10.0.0.1"}`, `{"x":["a","b"],"n":[1,0],"k":["b","c"],"ip":"::1"}`, `{}`}
	in := input(table(f, stepTypes, rows...))
	f.Fuzz(func(t *testing.T, query string) {
		p, diags := Language.Compile("fuzz", query)
		if (p == nil) != diags.HasErrors() {
			t.Fatal("a program and errors, or neither")
		}
		if p == nil {
			return
		}
		for _, on := range []bool{true, false} {
			if out, diags := p.Run(with(in, on, doubts...)); diags.HasErrors() && (out.Matches != nil || out.Groups != nil) {
				t.Fatal("results and errors")
			}
		}
	})
}
