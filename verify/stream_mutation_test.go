package verify

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
	platforms "github.com/onerule/onerule/platform/all"
)

// streamTokens are the places at which the text of an artefact is broken, with what is put there: edges of comparisons,
// numbers, directions of calculation, junctions.
var streamTokens = regexp.MustCompile(`>=|<=|==|!=|<|>|\b\d+\b|\+|-|\*|/|\b(?:AND|OR|and|or|max|min|NOT|not|asc|desc|current=f)\b`)

var streamSwaps = map[string]string{
	">=": ">", "<=": "<", "==": "!=", "!=": "==", "<": "<=", ">": ">=", "+": "-", "-": "+", "*": "+", "/": "*",
	"AND": "OR", "OR": "AND", "and": "or", "or": "and", "max": "min", "min": "max", "NOT": "", "not": "", "asc": "desc", "desc": "asc", "current=f": "current=t",
}

// streamFloor is the least share of mutants, in percent, that has to be found out. Many of the others change nothing that is
// found (bounds of a look-back, for one); nobody has gone through them one by one.
const streamFloor = 80

// TestStreamMutations breaks the query inside of the artefact of rules over several events, one place at a time, and demands
// that verify objects.
func TestStreamMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the mutation test takes a minute")
	}
	mutateStreams(t, "streams.rule", streamFloor, 1)
}

// orderingFloor is that of rules that order events. Most survivors are bounds of what each step reads, which the comparison of
// the steps' times gives again.
const orderingFloor = 70

// TestOrderingMutations is [TestStreamMutations] for rules that order events.
func TestOrderingMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the mutation test takes minutes")
	}
	mutateStreams(t, "ordering.rule", orderingFloor, 3)
}

// mutateStreams breaks the queries at every so many places, and demands that a share of the mutants is found out.
func mutateStreams(t *testing.T, file string, floor float64, every int) {
	ws := workspace.Load([]string{filepath.Join("testdata", file)}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	for _, b := range all.Backends {
		if b.RenderBody == nil {
			continue
		}
		t.Run(b.Lang, func(t *testing.T) {
			t.Parallel()
			killed, rules := 0, 0
			var survivors []string
			for _, r := range ws.Rules {
				p, _ := platforms.Lookup(b.Platform)
				art, _ := platforms.Build(r, p, b.Lang, all.Options{Consent: backends.Consent{Widen: true}})
				if art == nil {
					continue
				}
				j, err := newStreamJudge(&all.Output{Rule: r, Backend: b, Bound: art.Bound, Fidelity: art.Fidelity, Query: art.Query}, p, art)
				if err != nil {
					t.Fatal(err)
				}
				m := newStreams(j)
				m.witnesses()
				if d := firstDisagreement(t, j, m.streams); d != "" {
					t.Errorf("%s does not agree before any mutation: %s", r.Name, d)
					continue
				}
				rules++
				for n, mutant := range streamMutants(t, art.Document.Encode, art.Query.Text) {
					if n%every != 0 {
						continue
					}
					doc, err := p.Decode([]byte(mutant.text))
					if err != nil {
						killed++
						continue
					}
					broken := *j
					broken.doc = doc
					if objects(&broken, m.streams) {
						killed++
					} else {
						survivors = append(survivors, fmt.Sprintf("%s %s: %s", b.Lang, r.Name, mutant.name))
					}
				}
			}
			if rules == 0 {
				t.Skip("the language carries none of the rules")
			}
			total := killed + len(survivors)
			if total == 0 {
				t.Fatal("no mutant was made")
			}
			rate := 100 * float64(killed) / float64(total)
			t.Logf("%s: %d rules, %d of %d mutants killed (%.1f %%); these survive:\n%s", b.Lang, rules, killed, total, rate, strings.Join(survivors, "\n"))
			if rate < floor {
				t.Errorf("%.1f %% of the mutants are killed, expected at least %v %%", rate, floor)
			}
		})
	}
}

func firstDisagreement(t *testing.T, j *streamJudge, streams []Stream) string {
	t.Helper()
	for _, s := range streams {
		if j.breaks(s) != "" {
			continue
		}
		d, err := j.compareAll(s, j.want(s))
		if err != nil {
			return s.Name + ": " + err.Error()
		}
		if d != nil {
			return s.Name + ": " + d.Why + ": " + d.Finding
		}
	}
	return ""
}

// objects reports whether the broken artefact does not run, or finds something else in some stream.
func objects(j *streamJudge, streams []Stream) bool {
	for _, s := range streams {
		if j.breaks(s) != "" {
			continue
		}
		d, err := j.compareAll(s, j.want(s))
		if err != nil || d != nil {
			return true
		}
	}
	return false
}

type streamMutant struct{ name, text string }

// streamMutants breaks the query where it stands in the encoded document.
func streamMutants(t *testing.T, encode func() ([]byte, error), query string) []streamMutant {
	t.Helper()
	data, err := encode()
	if err != nil {
		t.Fatal(err)
	}
	text, begin := string(data), -1
	for _, form := range []string{query, jsonInside(t, query), strings.ReplaceAll(query, "\n| ", " \\\n| "), searchInside(text)} {
		if form == "" {
			continue
		}
		if begin = strings.Index(text, form); begin >= 0 {
			query = form
			break
		}
	}
	if begin < 0 {
		t.Fatalf("the query does not stand in the document:\n%s\n%s", query, text)
	}
	var out []streamMutant
	for _, at := range streamTokens.FindAllStringIndex(query, -1) {
		token := query[at[0]:at[1]]
		if strings.Count(query[:at[0]], `"`)%2 == 1 {
			continue // inside of a text: the mutations of event rules are about those
		}
		swap, ok := streamSwaps[token]
		if !ok {
			swap = token + "7" // a number: far from what it was
			if token == "0" {
				swap = "1"
			}
		}
		before, after := query[max(0, at[0]-24):at[0]], query[at[1]:min(len(query), at[1]+16)]
		out = append(out, streamMutant{
			name: fmt.Sprintf("%q to %q in %s‹%s›%s", token, swap, before, token, after),
			text: text[:begin+at[0]] + swap + text[begin+at[1]:],
		})
	}
	return out
}

// confSearch is the search of a saved search, whose lines but the last end in a backslash.
var confSearch = regexp.MustCompile(`(?m)^search = ((?:.*\\\n)*.*)$`)

// searchInside returns the search of a conf file, which calls macros where the query has what they stand for.
func searchInside(text string) string {
	if m := confSearch.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func jsonInside(t *testing.T, s string) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for esc, c := range map[string]string{`\u003c`: "<", `\u003e`: ">", `\u0026`: "&"} {
		text = strings.ReplaceAll(text, esc, c)
	}
	return text[1 : len(text)-1]
}
