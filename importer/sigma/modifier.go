package sigma

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// modifiers is the chain of modifiers behind a field, in order, checked.
type modifiers struct {
	words []string
	// match is how a text is compared: "" as a whole, contains, startswith, endswith, re, cidr, fieldref.
	match string
	// wings are contains, startswith or endswith behind re or fieldref.
	wing  string
	flags string // of re
	// compare is gt, gte, lt or lte; unit the part of a time that is compared.
	compare, unit   string
	all, neq, cased bool
	exists, expand  bool
	encodings       []string // windash, wide, base64 … in order
	at              *yaml.Node
	places          []int // of the words in the key
}

func (m *modifiers) has(word string) bool { return slices.Contains(m.words, word) }

// modifierWords are all modifiers, with the one that each spelling stands for.
var modifierWords = map[string]string{
	"contains": "contains", "startswith": "startswith", "endswith": "endswith", "all": "all", "exists": "exists", "cased": "cased", "neq": "neq",
	"re": "re", "i": "i", "m": "m", "s": "s", "ignorecase": "i", "multiline": "m", "dotall": "s", "cidr": "cidr", "gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte",
	"minute": "minute", "hour": "hour", "day": "day", "week": "week", "month": "month", "year": "year",
	"base64": "base64", "base64offset": "base64offset", "utf16le": "utf16le", "wide": "utf16le", "utf16be": "utf16be", "utf16": "utf16", "windash": "windash",
	"expand": "expand", "fieldref": "fieldref",
}

// foreignModifiers are modifiers of other tools and habits, with what to write.
var foreignModifiers = map[string]string{
	"equals": "equality needs no modifier: leave it out", "eq": "equality needs no modifier: leave it out", "is": "equality needs no modifier: leave it out",
	"not": "write `neq`, or put the values in a selection of their own and `not` it in the condition", "any": "a list of values means any of them: leave it out",
	"or": "a list of values means any of them: leave it out", "and": "write `all`", "regex": "write `re`", "regexp": "write `re`", "icontains": "write `contains`: case is ignored anyway",
	"iexact": "leave it out: case is ignored anyway", "case": "write `cased`", "wildcard": "leave it out: `*` and `?` are wildcards anyway", "like": "leave it out: `*` and `?` are wildcards anyway",
	"min": "write `gte`", "max": "write `lte`", "greater": "write `gt`", "less": "write `lt`", "ge": "write `gte`", "le": "write `lte`", "startwith": "write `startswith`", "endwith": "write `endswith`",
	"in": "a list of values means any of them: leave it out", "null": "write the value `null`", "near": "near was removed from Sigma 2.0: write a correlation of type temporal", "count": "counting is a correlation document of type event_count",
}

// kindsOf groups the modifiers of which a chain takes one.
var matchWords = []string{"contains", "startswith", "endswith"}

// modifiers reads the chain behind a field's name; ok is false when a fault was reported.
func (r *reader) modifiers(key *yaml.Node, field string) (*modifiers, bool) {
	m := &modifiers{at: key}
	if len(key.Value) == len(field) {
		return m, true
	}
	before := len(r.diags)
	at := len(field) + 1
	spelt := strings.NewReplacer()
	var written []string
	for _, raw := range strings.Split(key.Value[at:], "|") {
		word, ok := modifierWords[raw]
		if !ok {
			r.unknownModifier(key, raw, at)
			m.places = append(m.places, at)
			at += len(raw) + 1
			continue
		}
		written = append(written, "`"+word+"`", "`"+raw+"`") // what is said is said in the words of the rule
		spelt = strings.NewReplacer(written...)
		if why, help := m.add(word); why != "" {
			d := diag.New(diag.SigmaModifier, r.part(key, at, at+len(raw)), spelt.Replace(why), help)
			r.diags = append(r.diags, d)
		}
		m.places = append(m.places, at)
		at += len(raw) + 1
	}
	if len(r.diags) == before {
		if why, help := m.whole(); why != "" {
			r.diags = append(r.diags, diag.New(diag.SigmaModifier, r.part(key, len(field)+1, len(key.Value)), spelt.Replace(why), help))
		}
		if n := len(m.encodings); n > 0 && m.encodings[n-1] == "base64offset" && m.match == "" {
			r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.part(key, len(field)+1, len(key.Value)), "`base64offset` is compared with the whole value", "an encoded text that stands inside of another one is found by `base64offset|contains`"))
		}
	}
	return m, len(r.diags) == before
}

func (r *reader) unknownModifier(key *yaml.Node, raw string, at int) {
	help := foreignModifiers[strings.ToLower(raw)]
	if lower := strings.ToLower(raw); help == "" && modifierWords[lower] != "" {
		help = "modifiers are in lower case: write `" + lower + "`"
	}
	if help == "" {
		var known []string
		for w := range modifierWords {
			known = append(known, w)
		}
		slices.Sort(known)
		help = diag.Suggestion("modifier", raw, known)
	}
	if help == "" {
		help = "the most usual ones are contains, startswith, endswith, all, re, cidr and windash"
	}
	title := fmt.Sprintf("there is no modifier `%s`", raw)
	if strings.TrimSpace(raw) == "" {
		title, help = "a `|` has no modifier behind it", "take the `|` out, or write a modifier"
	}
	r.diags = append(r.diags, diag.New(diag.SigmaModifier, r.part(key, at, at+max(1, len(raw))), title, help))
}

// add takes one more modifier; why says why it cannot stand there.
func (m *modifiers) add(word string) (why, help string) {
	last := ""
	if len(m.words) > 0 {
		last = m.words[len(m.words)-1]
	}
	if m.has(word) {
		return fmt.Sprintf("`%s` stands twice", word), "keep one of them"
	}
	m.words = append(m.words, word)
	switch word {
	case "contains", "startswith", "endswith":
		return m.addMatch(word)
	case "re":
		if len(m.words) > 1 {
			return fmt.Sprintf("`re` stands behind `%s`", last), "`re` is the first modifier: a regular expression is no text that could be changed before"
		}
		m.match = "re"
	case "i", "m", "s":
		if m.match != "re" {
			return fmt.Sprintf("`%s` is a flag of `re`, which is not there", word), "write `re|" + word + "`"
		}
		m.flags += word
	case "cidr", "fieldref":
		if word == "fieldref" && slices.Contains(matchWords, m.match) {
			return fmt.Sprintf("`fieldref` stands behind `%s`", m.match), "the kind of value comes first: write `fieldref|" + m.match + "`"
		}
		if m.match != "" || len(m.encodings) > 0 {
			return fmt.Sprintf("`%s` does not go with `%s`", word, last), "one way of comparing is possible at a time"
		}
		m.match = word
	case "gt", "gte", "lt", "lte":
		if m.compare != "" || m.match != "" || len(m.encodings) > 0 {
			return fmt.Sprintf("`%s` does not go with `%s`", word, last), "write a second entry with the same field for the other bound, in a selection of its own"
		}
		m.compare = word
	case "minute", "hour", "day", "week", "month", "year":
		if m.compare != "" {
			return fmt.Sprintf("`%s` stands behind `%s`", word, m.compare), "the part of the time comes first: write `" + word + "|" + m.compare + "`"
		}
		if m.unit != "" || m.match != "" || len(m.encodings) > 0 {
			return fmt.Sprintf("`%s` does not go with `%s`", word, last), "a part of a time is a number: compare it with nothing, gt, gte, lt or lte"
		}
		m.unit = word
	case "base64", "base64offset", "utf16le", "utf16be", "utf16", "windash":
		return m.addEncoding(word, last)
	case "all":
		m.all = true
	case "neq":
		m.neq = true
	case "cased":
		m.cased = true
	case "exists":
		m.exists = true
	case "expand":
		if len(m.encodings) > 0 {
			return fmt.Sprintf("`expand` stands behind `%s`", last), "placeholders are filled in first: write `expand` before it"
		}
		m.expand = true
	}
	return "", ""
}

func (m *modifiers) addMatch(word string) (why, help string) {
	switch {
	case m.match == "" && m.wing == "":
		m.match = word
	case (m.match == "re" || m.match == "fieldref") && m.wing == "":
		m.wing = word
	case slices.Contains(matchWords, m.match):
		return fmt.Sprintf("`%s` does not go with `%s`", word, m.match), "`contains` finds the text anywhere; keep one of them"
	default:
		return fmt.Sprintf("`%s` does not go with `%s`", word, m.match), "keep one of them"
	}
	return "", ""
}

func (m *modifiers) addEncoding(word, last string) (why, help string) {
	switch {
	case slices.Contains(matchWords, m.match):
		if word == "windash" {
			break
		}
		return fmt.Sprintf("`%s` stands behind `%s`", word, last), "the wildcards of `" + m.match + "` would be encoded too: write `" + word + "|" + m.match + "`"
	case m.match != "" || m.compare != "" || m.unit != "":
		return fmt.Sprintf("`%s` does not go with `%s`", word, last), "an encoding goes with text"
	case word == "windash" && len(m.encodings) > 0:
		return fmt.Sprintf("`windash` stands behind `%s`", last), "the dashes are encoded by then: write `windash` first"
	case strings.HasPrefix(last, "base64"):
		return fmt.Sprintf("`%s` stands behind `%s`", word, last), "the text is encoded as base64 last"
	}
	m.encodings = append(m.encodings, word)
	return "", ""
}

// whole checks what can be said when all modifiers are known.
func (m *modifiers) whole() (why, help string) {
	if m.exists && len(m.words) > 1 {
		return "`exists` stands with other modifiers", "`exists` takes `true` or `false` and nothing else"
	}
	if m.cased && (m.match == "re" || m.match == "cidr" || m.compare != "" || m.unit != "") {
		return "`cased` goes with text alone", "leave it out: a regular expression heeds case anyway, and numbers and addresses have none"
	}
	if m.all && (m.compare != "" || m.unit != "") {
		return "`all` does not go with a comparison of numbers", "compare with one number"
	}
	if m.expand && (m.compare != "" || m.unit != "" || m.match == "fieldref") {
		return "`expand` goes with text", "write the number itself, or leave `expand` out"
	}
	if n := len(m.encodings); n > 0 && strings.HasPrefix(m.encodings[n-1], "utf16") {
		return fmt.Sprintf("`%s` alone compares with bytes that no field of text has", m.encodings[n-1]), "write `wide|base64offset|contains`: the text in UTF-16, as it stands in base64"
	}
	return "", ""
}
