package engine_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// sameAsEvalInOrder is [sameAsEval] for sequence, together and absence rules, over one range or several.
func sameAsEvalInOrder(t *rapid.T) {
	r := irgen.SequenceRule(t)
	events := irgen.SequenceEvents(t, 30)
	late := time.Duration(rapid.SampledFrom([]int{0, 1, 500, 2000, 60_000}).Draw(t, "lateness")) * time.Millisecond
	if rapid.IntRange(0, 1).Draw(t, "order") == 0 {
		slices.SortStableFunc(events, func(a, b schema.Event) int { return int(a.Millis - b.Millis) })
	}
	rng := eval.Always
	o := engine.Options{Lateness: late}
	_, absence := r.Body.(*ir.Absence)
	if absence || rapid.IntRange(0, 2).Draw(t, "ranged") == 0 {
		rng = eval.Range{From: int64(rapid.IntRange(-8, 20).Draw(t, "from")) * 500, To: int64(rapid.IntRange(1, 70).Draw(t, "to")) * 500}
		o.Range = engine.Range(rng)
	}
	ranges := []eval.Range{rng}
	if !absence && rapid.IntRange(0, 2).Draw(t, "several ranges") == 0 {
		every := int64(rapid.IntRange(1, 9).Draw(t, "every")) * 500
		o.Every = time.Duration(every) * time.Millisecond
		ranges = nil
		for from := -60_000 / every * every; from < 60_000; from += every {
			if x := (eval.Range{From: max(from, rng.From), To: min(from+every, rng.To)}); x.From < x.To {
				ranges = append(ranges, x)
			}
		}
	}
	e, err := engine.New(r, o)
	if err != nil {
		t.Fatal(err)
	}
	rule, err := eval.New(r)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []ir.Finding
	var rows []eval.Row
	newest := int64(-1 << 62)
	for i := range events {
		ev := &events[i]
		arrives := max(newest, ev.Millis)
		if rapid.IntRange(0, 4).Draw(t, "later") == 0 {
			arrives += int64(rapid.IntRange(0, 5).Draw(t, "by")) * 500
		}
		for _, f := range e.PushAt(ev, arrives) {
			got = append(got, f.Finding)
		}
		newest = max(newest, ev.Millis)
		if absence {
			newest = max(newest, arrives)
		}
		row, ok := rule.Row(ev)
		row.Arrives = arrives
		if ok && (absence || ev.Millis >= newest-late.Milliseconds()) {
			rows = append(rows, row)
		}
	}
	for _, f := range e.Close() {
		got = append(got, f.Finding)
	}
	for _, x := range ranges {
		want = append(want, eval.Findings(r, rows, x)...)
	}
	a, b := texts(got), texts(want)
	if !slices.Equal(a, b) {
		t.Fatalf("%s\nengine\n  %s\neval\n  %s", ir.Print(r), strings.Join(a, "\n  "), strings.Join(b, "\n  "))
	}
}

func TestSameAsEvalInOrder(t *testing.T) { rapid.Check(t, sameAsEvalInOrder) }

func FuzzSameAsEvalInOrder(f *testing.F) { f.Fuzz(rapid.MakeFuzz(sameAsEvalInOrder)) }

// fourSteps are bodies with four steps by user.name within a minute.
var fourSteps = map[string]string{
	"sequence": "",
	"compared": "cross (not (rel.eq (step 3 0) (step 0 0)))\n",
	"until":    "step \"\" until 4 [0] 1\n",
	"missing":  "step \"\" missing 4 [0] 1\n",
	"together": "",
}

func stepsRule(t testing.TB, name string) *ir.Rule {
	body := "key (field user.name)\narg (field source.ip)\n"
	for _, step := range []string{"a", "b", "c", "d", "e"} {
		body += "cond (eq (field process.name) [\"" + step + "\"])\n"
	}
	body += "within 60000\nper [0]\nstep a event 0 [0] 3\nstep b event 1 [0] 1\nstep c event 2 [0] 1\nstep d event 3 [0] 1\n" + fourSteps[name]
	kind := "sequence"
	if name == "together" {
		kind = name
	}
	return parse(t, kind, body)
}

var letters = []string{"a", "a", "a", "b", "c", "d", "e", "x", "x", "x"}

// TestMemoryOfSteps streams events with ever new tuples: what is held does not grow with the stream, but for the tuples found.
func TestMemoryOfSteps(t *testing.T) {
	for name := range fourSteps {
		t.Run(name, func(t *testing.T) {
			e, err := engine.New(stepsRule(t, name), engine.Options{Lateness: 10 * time.Second, Every: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			var early uint64
			const n = 120_000
			found := 0
			for i := range n {
				ev := event(i, int64(i)*minute/1000)
				ev.Object["user.name"] = "u" + strconv.Itoa(i/len(letters)) // with all its events one after the other
				ev.Object["process.name"] = letters[i%len(letters)]
				found += len(e.Push(ev))
				if i == n/6 {
					early = heap()
				}
			}
			if late := heap(); late > early+4<<20 {
				t.Errorf("%d KiB after %d events, %d KiB after %d", early>>10, n/6, late>>10, n)
			}
			if found += len(e.Close()); (found > 0) == (name == "missing") {
				t.Errorf("%d findings", found)
			}
		})
	}
}

// BenchmarkSteps streams events of 100,000 tuples, 10,000 a second, a tenth of them up to two seconds late.
func BenchmarkSteps(b *testing.B) {
	pool := make([]*schema.Event, 1_000_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range pool {
		pool[i] = event(random.IntN(1<<24), 0)
		pool[i].Object["user.name"] = "user" + strconv.Itoa(random.IntN(100_000))
		pool[i].Object["process.name"] = letters[random.IntN(len(letters))]
	}
	for _, name := range []string{"sequence", "compared", "until", "missing", "together"} {
		b.Run(name, func(b *testing.B) {
			e, err := engine.New(stepsRule(b, name), engine.Options{Lateness: 5 * time.Second, Every: time.Minute})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			before, found := heap(), 0
			for i := 0; b.Loop(); i++ {
				ev := *pool[i%len(pool)]
				ev.Millis = int64(i / 10)
				if i%10 == 0 {
					ev.Millis -= random.Int64N(2000)
				}
				found += len(e.Push(&ev))
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(heap()-before)/(1<<20), "heap-MiB")
			b.ReportMetric(float64(found), "findings")
			e.Close()
		})
	}
}
