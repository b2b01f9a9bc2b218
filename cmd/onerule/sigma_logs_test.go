package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/verify"
)

// TestSigmaLogs: the public Windows rules find the same in real logs by the engine, by the reference evaluator, and in the form of
// each platform's telemetry by the interpreter of each language that carries them.
func TestSigmaLogs(t *testing.T) {
	const logs = "../../../shared/corpora/events/"
	if _, err := os.Stat(logs); err != nil {
		t.Skip("the corpus of event logs is not there")
	}
	if testing.Short() {
		t.Skip("it takes long")
	}
	ws := workspace.Load([]string{sigmaCorpus + "/rules/windows"}, "")
	var events []ndjson.Event
	for _, name := range []string{"empire_shell_rubeus_asktgt_ptt", "covenant_installutil", "empire_shell_net_local_users", "psh_python_webserver"} {
		more, diags, err := ndjson.ReadFile(logs+name+".ndjson.gz", nil)
		if err != nil || len(diags) > 0 {
			t.Fatal(err, diags)
		}
		events = append(events, more...)
	}
	r, err := newRunner(ws.Rules, "", engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reference := make([]*eval.Rule, len(r.rules))
	for i, rule := range r.rules {
		if reference[i], err = eval.New(rule); err != nil {
			t.Fatal(err)
		}
	}
	worker, found := r.events.Worker(), map[*ir.Rule]int{}
	var logged []verify.FileEvent
	for n, ev := range events {
		readings, d, err := r.readings("log", ev)
		if err != nil || d != nil {
			t.Fatal(err, d)
		}
		for _, x := range readings {
			if !r.events.Takes(x.Binding, x.Class) {
				continue
			}
			logged = append(logged, verify.FileEvent{Name: fmt.Sprintf("event %d", n+1), Object: ev.Object, Canonical: x.canonical()})
			matches := map[int]bool{}
			for _, i := range worker.Match(x.Binding, x.Class, ev.Object, x.canonical) {
				found[r.rules[i]]++
				matches[i] = true
			}
			if n%10 > 0 && len(matches) == 0 {
				continue // the reference evaluator is slow: all events that something is found in, and a tenth of the others
			}
			for i, rule := range reference {
				if rule.Match(x.canonical()) != matches[i] {
					t.Errorf("%s on event %d: the engine finds it: %v, the evaluator not", rule.Name, n+1, matches[i])
				}
			}
		}
	}
	var rules []*ir.Rule
	for _, rule := range r.rules {
		if found[rule] > 0 {
			rules = append(rules, rule)
		}
	}
	if len(rules) < 5 {
		t.Errorf("only %d rules find something in the log", len(rules))
	}
	agree := 0
	opts := verify.Options{Events: logged, NoWitnesses: true, Compile: all.Options{Consent: backends.Consent{Widen: true, Narrow: true}}}
	for _, res := range verify.All(rules, all.Backends, opts) {
		switch res.Status {
		case verify.Agrees:
			agree++
		case verify.Disagrees, verify.Failed:
			t.Errorf("%s in %s: %v %v", res.Rule.Name, res.Backend.Lang, res.Disagreements, res.Diags)
		case verify.Refused:
		}
	}
	if agree < 4*len(rules) {
		t.Errorf("%d outputs of %d rules agree", agree, len(rules))
	}
	t.Logf("%d events, %d rules that find something in them, %d outputs that agree", len(logged), len(rules), agree)
}
