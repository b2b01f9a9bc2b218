package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/schema"
)

// The types of the JSON form; schema/explain.json describes them.
type (
	explainJSON struct {
		Rule      string        `json:"rule"`
		Version   int           `json:"version"`
		Title     string        `json:"title,omitempty"`
		File      string        `json:"file"`
		Line      int           `json:"line"`
		Events    []eventJSON   `json:"events,omitempty"`
		Languages []explainLang `json:"languages,omitempty"`
	}
	eventJSON struct {
		Event   string     `json:"event"`
		Binding string     `json:"binding,omitempty"`
		Source  string     `json:"source,omitempty"`
		Class   string     `json:"class,omitempty"`
		Found   bool       `json:"found"`
		Note    string     `json:"note,omitempty"` // why there is no tree, or what `found` means for a rule over several events
		Tree    *eval.Node `json:"tree,omitempty"`
	}
	explainLang struct {
		Lang  string `json:"lang"`
		Title string `json:"title"`
		Level string `json:"level"`
		// Type is the rule type of the platform that carries a rule over several events with a query of the language.
		Type        string        `json:"type,omitempty"`
		Assumptions []string      `json:"assumptions"`
		Reasons     []string      `json:"reasons"`
		Query       string        `json:"query,omitempty"`
		Parts       []explainPart `json:"parts,omitempty"`
	}
	explainPart struct {
		Binding    string        `json:"binding"`
		Class      string        `json:"class"`
		Table      string        `json:"table,omitempty"`
		Conditions []explainLeaf `json:"conditions"`
	}
	explainLeaf struct {
		// Text is the condition as the rule's author wrote it, "" for one that selects the events.
		Text        string   `json:"text,omitempty"`
		Line        int      `json:"line,omitempty"`
		Native      string   `json:"native"`
		Negated     bool     `json:"negated"`
		Construct   string   `json:"construct"`
		Level       string   `json:"level"`
		Assumptions []string `json:"assumptions"`
		Why         string   `json:"why,omitempty"`
		Instead     string   `json:"instead,omitempty"`
		Query       string   `json:"query,omitempty"`
	}
)

// explainer says what rules do.
type explainer struct {
	ws     *workspace.Workspace
	opts   all.Options
	langs  []*backends.Backend
	as     string
	asked  bool // whether events were given
	events []fileEvent
	// internal holds what was a fault of ours.
	internal diag.List
}

type fileEvent struct {
	file string
	ndjson.Event
}

// read reads the events of --event: NDJSON, or a file that is one JSON object over several lines.
func (e *explainer) read(files []string, stdin io.Reader) (diag.List, error) {
	e.asked = true
	var faults diag.List
	for _, name := range files {
		data, err := readInput(name, stdin)
		if err != nil {
			return nil, unreadable("event", name, err)
		}
		var one bytes.Buffer
		if json.Compact(&one, data) == nil {
			data = one.Bytes()
		}
		shown := name
		if name == "-" {
			shown = "standard input"
		}
		events, broken, err := ndjson.ReadAll(shown, bytes.NewReader(data))
		if err != nil {
			return nil, unreadable("event", name, err)
		}
		faults = append(faults, broken...)
		for _, ev := range events {
			e.events = append(e.events, fileEvent{shown, ev})
		}
	}
	return faults, nil
}

// maxInput bounds what explain reads: its answer is for people.
const maxInput = 64 << 20

func readInput(name string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err == nil && len(data) > maxInput {
		return nil, fmt.Errorf("it is larger than %d MiB; `onerule run` takes files of any size", maxInput>>20)
	}
	return data, err
}

func (e *explainer) rule(r *ir.Rule) (*explainJSON, error) {
	out := &explainJSON{Rule: r.Name, Version: r.Version, Title: r.Meta.Title, File: r.File, Line: r.Span.Start.Line}
	if e.asked {
		events, err := e.onEvents(r)
		if err != nil {
			return nil, err
		}
		out.Events = events
	}
	switch {
	case len(e.langs) > 0:
		for _, b := range e.langs {
			out.Languages = append(out.Languages, e.language(r, b, true))
		}
	case !e.asked:
		for _, b := range all.Backends {
			if !r.For(b.Platform) {
				continue
			}
			out.Languages = append(out.Languages, e.language(r, b, false))
		}
	}
	return out, nil
}

func (e *explainer) onEvents(r *ir.Rule) ([]eventJSON, error) {
	run, err := newRunner([]*ir.Rule{r}, e.as, engine.Options{})
	if err != nil {
		return nil, err
	}
	rule, err := eval.New(r)
	if err != nil {
		return nil, err
	}
	out := []eventJSON{}
	for _, ev := range e.events {
		readings, ambiguous, err := run.readings(ev.file, ev.Event)
		if err != nil {
			return nil, err
		}
		var canonical *schema.Event
		worth := func(x *schema.Event) int { // what the rule finds, else what it looks at, else what says the most
			switch {
			case x == nil:
				return -1
			case !run.takes(x):
				return 0
			case !rule.Match(x):
				return 1
			}
			return 2
		}
		for _, x := range readings {
			if e := x.canonical(); worth(e) > worth(canonical) {
				canonical = e
			}
		}
		id := fmt.Sprintf("%s:%d", ev.file, ev.Line)
		switch {
		case ambiguous != nil:
			out = append(out, eventJSON{Event: id, Note: ambiguous.Title + "; " + strings.Join(ambiguous.Help, "; ")})
		case canonical == nil:
			out = append(out, eventJSON{Event: id, Note: "no telemetry that onerule knows has such events"})
		default:
			tree := rule.Explain(canonical)
			found := eventJSON{Event: id, Binding: canonical.Binding, Source: canonical.Source, Class: canonical.Class, Found: rule.Match(canonical), Tree: &tree}
			if r.Body != nil {
				found.Note = "the rule is about several events: `found` says whether this one takes part"
			}
			out = append(out, found)
		}
	}
	return out, nil
}

// language says what becomes of a rule in a language, with every condition when leaves is set.
func (e *explainer) language(r *ir.Rule, b *backends.Backend, leaves bool) explainLang {
	out, ruleType, diags := e.output(r, b)
	l := explainLang{Lang: b.Lang, Title: b.Title, Level: out.Fidelity.Kind.String(), Type: ruleType, Assumptions: append([]string{}, out.Fidelity.Assumptions...), Reasons: []string{}}
	for _, d := range diags {
		reason := d.Title
		if d.Code == diag.InternalFault {
			e.internal, d.Notes = append(e.internal, d), nil
		}
		if len(d.Notes) > 0 {
			reason += " (" + strings.Join(d.Notes, "; ") + ")"
		}
		if !slices.Contains(l.Reasons, reason) { // the same about another condition; --lang shows each
			l.Reasons = append(l.Reasons, reason)
		}
	}
	if !leaves {
		return l
	}
	l.Query = out.Query.Text
	var part *ir.Part
	for _, leaf := range out.Leaves() {
		if leaf.Part != part {
			part = leaf.Part
			l.Parts = append(l.Parts, explainPart{Binding: part.Binding.Name, Class: part.Class.Class, Table: part.Class.Table, Conditions: []explainLeaf{}})
		}
		last := &l.Parts[len(l.Parts)-1]
		last.Conditions = append(last.Conditions, e.leaf(leaf))
	}
	return l
}

// output compiles a rule in a language. What a rule asks of several events may stand in the rule type of the platform, so for
// such a rule the platform is asked, as `build` does.
func (e *explainer) output(r *ir.Rule, b *backends.Backend) (out *all.Output, ruleType string, diags diag.List) {
	out, diags = all.Try(r, b, e.opts)
	p, ok := platforms.Lookup(b.Platform)
	if r.Body == nil || !ok {
		return out, "", diags
	}
	failed := parallel.Try(func() {
		art, ds := platforms.Build(r, p, b.Lang, e.opts)
		switch {
		case art != nil:
			out, ruleType, diags = &all.Output{Rule: r, Backend: b, Bound: art.Bound, Fidelity: art.Fidelity, Query: art.Query}, art.Type, ds
		case len(ds) > 0:
			diags = ds
		}
	})
	if failed != nil {
		diags = diag.List{diag.Internal(r.Span, fmt.Sprintf("making `%s` for %s", r.Name, p.Name), failed.Value, failed.Stack)}
	}
	return out, ruleType, diags
}

func (e *explainer) leaf(l all.Leaf) explainLeaf {
	out := explainLeaf{
		Native: l.Text, Negated: l.Negated, Construct: string(l.Construct), Level: l.Level.Kind.String(),
		Assumptions: append([]string{}, l.Level.Assumptions...), Why: l.Level.Why, Instead: l.Level.Instead, Query: l.Query,
	}
	if !l.Selecting {
		out.Text, out.Line = e.sourceText(l.Span), l.Span.Start.Line
	}
	return out
}

// sourceText is the rule text of a span, on one line.
func (e *explainer) sourceText(s diag.Span) string {
	src := e.ws.Source(s.File)
	if src == nil || !s.IsValid() || s.End.Offset > len(src.Text) || s.Start.Offset > s.End.Offset {
		return ""
	}
	return strings.Join(strings.Fields(src.Text[s.Start.Offset:s.End.Offset]), " ")
}
