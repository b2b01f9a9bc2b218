// Package conform runs portable scripts that say what each operator means, on the evaluator and through every language.
// A script is a text file named after an operator or construct:
//
//	# a comment
//	pred (contains (native text keyword) ["abc"])
//	true  {"text": "xABCx"}
//	false {}
//
// Each pred is followed by events with the answer of the meaning. The fields are placeholders: text and other (keyword),
// texts (keyword array), number and limit (long), real (double), numbers (long array), addr (ip), addrs (ip array), date,
// later (date), flag (boolean). Each language has native fields of its own in their place.
package conform

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Case is one predicate with its events.
type Case struct {
	File string
	Line int
	Pred ir.Pred
	// Text is the predicate as written.
	Text   string
	Events []Event
}

// Event is an event with the answer of the meaning.
type Event struct {
	Line   int
	Object map[string]any
	Want   bool
}

// Load reads the scripts of a folder, in the order of their names.
func Load(dir string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.test"))
	if err != nil {
		return nil, err
	}
	var out []Case
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		cases, err := parse(filepath.Base(f), data)
		if err != nil {
			return nil, err
		}
		out = append(out, cases...)
	}
	return out, nil
}

func parse(file string, data []byte) ([]Case, error) {
	var out []Case
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<20)
	for n := 1; sc.Scan(); n++ {
		word, rest, _ := strings.Cut(strings.TrimSpace(sc.Text()), " ")
		rest = strings.TrimSpace(rest)
		switch word {
		case "", "#":
		case "pred":
			p, diags := ir.ParsePred(file, rest)
			if diags.HasErrors() {
				return nil, fmt.Errorf("%s:%d: %w", file, n, diags.Err())
			}
			if err := ir.VerifyPred(p); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, n, err)
			}
			out = append(out, Case{File: file, Line: n, Pred: p, Text: rest})
		case "true", "false":
			if len(out) == 0 {
				return nil, fmt.Errorf("%s:%d: an event before the first pred", file, n)
			}
			dec := json.NewDecoder(strings.NewReader(rest))
			dec.UseNumber()
			var obj map[string]any
			if err := dec.Decode(&obj); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, n, err)
			}
			c := &out[len(out)-1]
			c.Events = append(c.Events, Event{Line: n, Object: obj, Want: word == "true"})
		default:
			return nil, fmt.Errorf("%s:%d: a line begins with pred, true, false or #", file, n)
		}
	}
	return out, sc.Err()
}

// Rename returns the case with the placeholders replaced by native fields; ok is false when the case reads a placeholder
// that has none.
func (c Case) Rename(fields map[string]schema.NativeField) (out Case, ok bool) {
	for _, f := range ir.FieldsOf(c.Pred) {
		if _, has := fields[f.Name]; !has {
			return c, false
		}
	}
	text := c.Text
	for _, f := range ir.FieldsOf(c.Pred) {
		n := fields[f.Name]
		renamed := &ir.Field{Name: n.Path, Type: n.Type, Array: n.Array, Native: &n}
		text = strings.ReplaceAll(text, printed(f), printed(renamed))
	}
	p, diags := ir.ParsePred(c.File, text)
	if diags.HasErrors() {
		panic(fmt.Sprintf("%s:%d: %v", c.File, c.Line, diags.Err()))
	}
	for _, f := range ir.FieldsOf(p) {
		for _, n := range fields {
			if n.Path == f.Name {
				f.Native.Vendor, f.Native.EmptyMissing = n.Vendor, n.EmptyMissing
			}
		}
	}
	out = Case{File: c.File, Line: c.Line, Pred: p, Text: text}
	for _, e := range c.Events {
		obj := map[string]any{}
		for k, v := range e.Object {
			if n, has := fields[k]; has {
				list, is := v.([]any)
				switch {
				case !is:
					n.Put(obj, []any{v})
				case len(list) > 0:
					n.Put(obj, list)
				}
			}
		}
		out.Events = append(out.Events, Event{Line: e.Line, Object: obj, Want: e.Want})
	}
	return out, true
}

func printed(f *ir.Field) string {
	text := ir.PrintPred(&ir.Exists{F: f})
	return strings.TrimSuffix(strings.TrimPrefix(text, "(exists "), ")")
}
