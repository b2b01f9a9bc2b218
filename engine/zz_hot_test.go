package engine_test
import ("testing";"time";"strconv";"github.com/onerule/onerule/engine";"github.com/onerule/onerule/eval")
func TestHot(t *testing.T) {
	for _, name := range []string{"sequence","compared","until","missing","together"} {
		r := stepsRule(t, name)
		e, _ := engine.New(r, engine.Options{Every: time.Second})
		rule, _ := eval.New(r)
		start := time.Now()
		var rows []eval.Row
		n := 0
		for i := range 30000 {
			ev := event(1, int64(i))
			ev.Object["process.name"] = letters[i%len(letters)]
			if name == "compared" { ev.Object["source.ip"] = "10.0.0.1" }
			ev.ID = strconv.Itoa(i)
			n += len(e.Push(ev))
			row, _ := rule.Row(ev)
			rows = append(rows, row)
		}
		n += len(e.Close())
		t.Log(name, "engine", n, time.Since(start))
		start = time.Now()
		if len(rows) > 10000 { rows = rows[:10000] }
		t.Log(name, "eval", len(eval.Findings(r, rows, eval.Always)), time.Since(start))
	}
}
