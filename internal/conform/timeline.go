package conform

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

// Timeline is a rule over several events with streams of events and what it finds in them. A script of timelines:
//
//	rule count
//	key (field source.ip)
//	window tumbling 60000 0 0
//	scope s [0]
//	agg n count -1 -1 0
//	per [0]
//	when (ge (agg 0 0) 2)
//
//	stream two in a minute
//	at 0s {"source.ip": "10.0.0.1"}
//	at 59.999s {"source.ip": "10.0.0.1"}
//	found 0s..1m ["10.0.0.1"] s.n=2
//
// The lines behind `rule` are those of the text form. The rule takes events of process.start on windows, and what more `from`
// says; `at 1s process.end {…}` is an event of another class, `at 1s/5s {…}` one that arrives later. Times are
// counted from 1970-01-01 UTC. `found` names a window, a time, or `event` with a number, then the key, `value=` for first_seen,
// `event=` for the number of the event, and aggregates or columns of steps; - is a missing one. `range FROM TO` asks for findings of a range.
type Timeline struct {
	File string
	Line int
	// Rule shows all its aggregates, what its baseline has learned, and all columns of its steps.
	Rule    *ir.Rule
	Streams []Stream
}

// Stream is a stream of events with what is found in it.
type Stream struct {
	Line     int
	Name     string
	Events   []schema.Event
	Arrives  []int64 // of each event
	From, To int64
	Want     []WantFinding
}

// WantFinding is a finding as a script writes it.
type WantFinding struct {
	Line     int
	Identity string
	// Show holds some of what the finding shows, by name; "" is missing. `event` is its event.
	Show map[string]string
}

// LoadTimelines reads the scripts of a folder, in the order of their names.
func LoadTimelines(dir string) ([]Timeline, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.test"))
	if err != nil {
		return nil, err
	}
	var out []Timeline
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		p := timelines{file: filepath.Base(f), lines: strings.Split(string(data), "\n")}
		ts, err := p.parse()
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", p.file, p.at, err)
		}
		out = append(out, ts...)
	}
	return out, nil
}

type timelines struct {
	file  string
	lines []string
	at    int // number of lines read
	out   []Timeline
}

func (p *timelines) parse() ([]Timeline, error) {
	for p.at < len(p.lines) {
		line := strings.TrimSpace(p.lines[p.at])
		p.at++
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "", "#":
		case "rule":
			err = p.rule(rest)
		case "stream":
			if len(p.out) == 0 {
				return nil, fmt.Errorf("a stream before the first rule")
			}
			t := &p.out[len(p.out)-1]
			t.Streams = append(t.Streams, Stream{Line: p.at, Name: rest, From: math.MinInt64, To: math.MaxInt64})
		default:
			if len(p.out) == 0 || len(p.out[len(p.out)-1].Streams) == 0 {
				return nil, fmt.Errorf("`%s` stands in no stream", word)
			}
			t := &p.out[len(p.out)-1]
			err = p.streamLine(&t.Streams[len(t.Streams)-1], word, rest)
		}
		if err != nil {
			return nil, err
		}
	}
	return p.out, nil
}

// rule reads a rule: its lines up to an empty one.
func (p *timelines) rule(kind string) error {
	start := p.at
	text, where := "", "  where true\n"
	for p.at < len(p.lines) && strings.TrimSpace(p.lines[p.at]) != "" {
		if strings.HasPrefix(p.lines[p.at], "where ") {
			where = ""
		}
		text += "  " + p.lines[p.at] + "\n"
		p.at++
	}
	text = "ir " + strconv.Itoa(ir.TextVersion) + "\nrule \"r\" v1 " + kind + " {\n  from process.start windows\n" + where + text + "}\n"
	r, diags := ir.Parse(p.file, text)
	if diags.HasErrors() {
		p.at = start
		return fmt.Errorf("%w\n%s", diags.Err(), text)
	}
	irgen.ShowAll(r)
	p.out = append(p.out, Timeline{File: p.file, Line: start, Rule: r})
	return nil
}

func (p *timelines) streamLine(s *Stream, word, rest string) error {
	switch word {
	case "at":
		when, object, _ := strings.Cut(rest, " ")
		happens, arrives, late := strings.Cut(when, "/")
		ms, err := millis(happens)
		if err != nil {
			return err
		}
		e := schema.Event{ID: strconv.Itoa(len(s.Events) + 1), Source: "windows", Class: "process.start", Millis: ms}
		if late {
			if ms, err = millis(arrives); err != nil {
				return err
			}
		}
		if class, rest, ok := strings.Cut(object, " "); ok && !strings.HasPrefix(object, "{") {
			e.Class, object = class, rest
		}
		s.Arrives = append(s.Arrives, ms)
		dec := json.NewDecoder(strings.NewReader(object))
		dec.UseNumber()
		s.Events = append(s.Events, e)
		return dec.Decode(&s.Events[len(s.Events)-1].Object)
	case "range":
		from, to, _ := strings.Cut(rest, " ")
		var err error
		if s.From, err = millis(from); err != nil {
			return err
		}
		s.To, err = millis(to)
		return err
	case "found":
		return p.found(s, rest)
	}
	return fmt.Errorf("a line of a stream begins with at, range or found")
}

func (p *timelines) found(s *Stream, text string) error {
	when, rest, _ := strings.Cut(text, " ")
	f := ir.Finding{Key: []schema.Value{}}
	var err error
	if when == "event" {
		s.Want = append(s.Want, WantFinding{Line: p.at, Identity: rest})
		return nil
	}
	from, to, window := strings.Cut(when, "..")
	if f.Time, err = millis(from); err != nil {
		return err
	}
	if window {
		f.From = f.Time
		if f.To, err = millis(to); err != nil {
			return err
		}
	}
	dec := json.NewDecoder(strings.NewReader(rest))
	var key []string
	if err := dec.Decode(&key); err != nil {
		return fmt.Errorf("a list of texts is expected: %w", err)
	}
	for _, k := range key {
		f.Key = append(f.Key, schema.String(k))
	}
	w := WantFinding{Line: p.at, Show: map[string]string{}}
	for _, word := range strings.Fields(rest[dec.InputOffset():]) {
		name, value, ok := strings.Cut(word, "=")
		switch {
		case !ok:
			return fmt.Errorf("`%s` is not of the form name=value", word)
		case name == "value":
			v := schema.String(value)
			f.Value = &v
		case value == "-":
			w.Show[name] = ""
		default:
			w.Show[name] = value
		}
	}
	w.Identity = f.Identity()
	s.Want = append(s.Want, w)
	return nil
}

func millis(text string) (int64, error) {
	d, err := time.ParseDuration(text)
	return d.Milliseconds(), err
}

// Compare says how findings differ from those of the script; nothing when they are the same.
func (s *Stream) Compare(r *ir.Rule, got []ir.Finding) []string {
	var out []string
	left := slices.Clone(got)
	for _, w := range s.Want {
		i := slices.IndexFunc(left, func(f ir.Finding) bool { return f.Identity() == w.Identity })
		if i < 0 {
			out = append(out, fmt.Sprintf("line %d: %s is not found", w.Line, w.Identity))
			continue
		}
		for name, want := range w.Show {
			if text, ok := shownText(r, left[i], name); !ok || !sameText(text, want) {
				out = append(out, fmt.Sprintf("line %d: %s is %q, want %q", w.Line, name, text, want))
			}
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, f := range left {
		out = append(out, fmt.Sprintf("line %d: %s is found", s.Line, f.Identity()))
	}
	return out
}

func shownText(r *ir.Rule, f ir.Finding, name string) (string, bool) {
	if name == "event" {
		return f.Event, true
	}
	for i, s := range r.Emit.Shown {
		if s.Name != name {
			continue
		}
		var texts []string
		for _, v := range f.Shown[i] {
			texts = append(texts, v.String())
		}
		return strings.Join(texts, ","), true
	}
	return "there is no such aggregate", false
}

func sameText(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return math.Abs(x-y) <= 1e-9*max(1, math.Abs(x), math.Abs(y))
	}
	return a == b
}
