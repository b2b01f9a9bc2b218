package verify

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// findings reads what a platform found as findings of the rule, by the columns that the artefact names.
func (j *streamJudge) findings(f schedule.Finding, ids map[native.Ref]string) ([]ir.Finding, error) {
	if j.out.Rule.Body == nil {
		var out []ir.Finding
		for _, ref := range f.Events {
			out = append(out, ir.Finding{Event: ids[ref]})
		}
		return out, nil
	}
	cols := j.art.Columns
	out := ir.Finding{Key: []schema.Value{}}
	for i, k := range j.out.Rule.Per() {
		v, err := j.keyValue(j.out.Rule.Keys[k], f.Columns, cols.Keys[i])
		if err != nil {
			return nil, err
		}
		out.Key = append(out.Key, v)
	}
	if x, ok := j.out.Rule.Body.(*ir.FirstSeen); ok {
		v, err := j.keyValue(j.out.Rule.Keys[x.Value], f.Columns, cols.Value)
		if err != nil {
			return nil, err
		}
		out.Value = &v
	}
	var err error
	if cols.From != "" {
		if out.From, err = j.millis(f.Columns, cols.From); err != nil {
			return nil, err
		}
		out.To = out.From + j.windowSize().Milliseconds()
	}
	if cols.Time != "" {
		if out.Time, err = j.millis(f.Columns, cols.Time); err != nil {
			return nil, err
		}
	}
	for i, s := range j.out.Rule.Emit.Shown {
		var vals []schema.Value
		if i < len(cols.Shown) && cols.Shown[i] != "" {
			vals = j.shownValues(s, f.Columns[cols.Shown[i]])
		}
		out.Shown = append(out.Shown, vals)
	}
	return []ir.Finding{out}, nil
}

// keyValue reads the value of a key as the catalogue types it.
func (j *streamJudge) keyValue(k ir.Key, cols map[string]any, name string) (schema.Value, error) {
	x := single(cols[name])
	v, ok := schema.Convert(ir.TermType(k.Term), x)
	if !ok {
		return v, fmt.Errorf("the platform's finding carries %v in its column %q, which is no value of the key %s", x, name, ir.KeyWords(k))
	}
	if k.Fold {
		v = schema.String(pattern.FoldString(v.Str()))
	}
	return v, nil
}

func single(x any) any {
	if list, ok := x.([]any); ok && len(list) == 1 {
		return list[0]
	}
	return x
}

// millis reads a time: a date, or a number of milliseconds (of seconds in Splunk).
func (j *streamJudge) millis(cols map[string]any, name string) (int64, error) {
	switch x := single(cols[name]).(type) {
	case time.Time:
		return x.UnixMilli(), nil
	case int64:
		return x, nil
	case json.Number:
		return j.epoch(x.String())
	case string:
		if v, ok := schema.Convert(schema.Date, x); ok && !isNumber(x) {
			return v.Millis(), nil
		}
		return j.epoch(x)
	}
	return 0, fmt.Errorf("the platform's finding carries %v in its column %q, which is no time", cols[name], name)
}

func isNumber(s string) bool { _, err := strconv.ParseFloat(s, 64); return err == nil }

func (j *streamJudge) epoch(text string) (int64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no time", text)
	}
	if j.platform.Name == "splunk" {
		f *= 1000
	}
	return int64(math.Round(f)), nil
}

// shownValues reads a value that a finding shows.
func (j *streamJudge) shownValues(s ir.Shown, x any) []schema.Value {
	typ := j.out.Rule.ShownType(s)
	list, ok := x.([]any)
	if !ok {
		list = []any{x}
	}
	var out []schema.Value
	for _, item := range list {
		if v, ok := schema.Convert(typ, item); ok {
			out = append(out, v)
		}
	}
	return out
}

// shownDiffers returns the name of the first shown value that differs, where the platform carries it: numbers beyond one
// part in 1e9, lists as sets.
func (j *streamJudge) shownDiffers(want, got ir.Finding) string {
	for i, s := range j.out.Rule.Emit.Shown {
		if i >= len(j.art.Columns.Shown) || j.art.Columns.Shown[i] == "" {
			continue
		}
		if !sameValues(want.Shown[i], got.Shown[i]) {
			return s.Name
		}
	}
	return ""
}

func sameValues(a, b []schema.Value) bool {
	a, b = slices.SortedFunc(slices.Values(a), ir.CompareValues), slices.SortedFunc(slices.Values(b), ir.CompareValues)
	return slices.EqualFunc(a, b, func(x, y schema.Value) bool {
		if x.Type().IsNumber() && y.Type().IsNumber() {
			f, g := x.Float64(), y.Float64()
			return math.Abs(f-g) <= 1e-9*max(math.Abs(f), math.Abs(g), 1)
		}
		return x.String() == y.String()
	})
}
