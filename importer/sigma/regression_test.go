package sigma

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/schema"
)

// regressionInfo is what info.yml says about the events beside it.
type regressionInfo struct {
	Rules []struct {
		ID string `yaml:"id"`
	} `yaml:"rule_metadata"`
	Tests []struct {
		MatchCount *int   `yaml:"match_count"` // one at least, where it is not given
		Path       string `yaml:"path"`
	} `yaml:"regression_tests_info"`
}

// differs lists the rules whose regression events the reference evaluator counts otherwise, with the reason.
var differs = map[string]string{}

// The rules of the corpus find their regression events as often as the corpus says.
func TestRegression(t *testing.T) {
	names, texts := corpusFiles(t, "sigma")
	rules, known := map[string]*ir.Rule{}, map[string]bool{}
	files := make([]*File, len(names))
	for i := range names {
		files[i], _ = Parse(names[i], texts[i])
		for _, d := range files[i].docs {
			known[d.id] = true
		}
	}
	col := NewCollection(files, Options{})
	for _, f := range files {
		g, _ := col.Convert(f)
		rs, _ := lower.Rules(g, lower.Options{})
		for _, r := range rs {
			rules[r.Meta.ID] = r
		}
	}
	agree, absent, total := 0, 0, 0
	root := filepath.Join(corpora, "sigma", "regression_data")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "info.yml" {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var info regressionInfo
		if err := yaml.Unmarshal(data, &info); err != nil {
			return err
		}
		for _, x := range info.Tests {
			file := filepath.Join(filepath.Dir(name), strings.TrimSuffix(filepath.Base(x.Path), ".evtx")+".json")
			for _, m := range info.Rules {
				total++
				r := rules[m.ID]
				if r == nil {
					absent++
					if known[m.ID] && differs[m.ID] == "" {
						t.Errorf("%s: there is no rule of %s", m.ID, name)
					}
					continue
				}
				got := matches(t, r, file)
				same := got >= 1
				if x.MatchCount != nil {
					same = got == *x.MatchCount
				}
				switch {
				case same && differs[m.ID] != "":
					t.Errorf("%s: agrees, although it is listed", m.ID)
				case same:
					agree++
				case differs[m.ID] == "":
					t.Errorf("%s (%s): %d findings in %s", r.Name, m.ID, got, file)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d agree, %d without a rule", agree, total, absent)
}

// matches counts the findings of a rule on the events of a file.
func matches(t *testing.T, r *ir.Rule, file string) int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Error(err)
		return -1
	}
	defer f.Close()
	e, err := eval.New(r)
	if err != nil {
		t.Error(err)
		return -1
	}
	selector, err := allSelector()
	if err != nil {
		t.Error(err)
		return -1
	}
	n := 0
	dec := json.NewDecoder(f)
	dec.UseNumber()
	for i := 0; ; i++ {
		var native map[string]any
		if err := dec.Decode(&native); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Errorf("%s: %v", file, err)
			return -1
		}
		for _, x := range selector.MostTelling(native) {
			if ev, ok := x.Binding.ToCanonical(strconv.Itoa(i), native); ok && r.Takes(ev.Class, ev.Source) {
				if e.Match(&ev) {
					n++
				}
				break
			}
		}
	}
}

// allSelector selects by all bindings.
var allSelector = sync.OnceValues(func() (*schema.Selector, error) {
	return schema.SelectorOf(func(*schema.Binding) bool { return true })
})
