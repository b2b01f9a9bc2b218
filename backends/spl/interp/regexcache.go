package interp

import (
	"errors"
	"sync"

	"github.com/onerule/onerule/backends/spl/interp/pcre"
	"github.com/onerule/onerule/diag"
)

// regexCache holds the compiled regular expressions of one program. Those that rows make up at run time are kept up to a
// bound.
type regexCache struct {
	mu  sync.Mutex
	all map[regexKey]*pcre.Regexp
}

type regexKey struct {
	pattern string
	options pcre.Options
}

const maxRegexes = 2000

func newRegexCache() *regexCache { return &regexCache{all: map[regexKey]*pcre.Regexp{}} }

func (c *regexCache) get(pattern string, o pcre.Options) (*pcre.Regexp, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := regexKey{pattern, o}
	if re, ok := c.all[key]; ok {
		return re, nil
	}
	re, err := pcre.Compile(pattern, o)
	if err == nil && len(c.all) < maxRegexes {
		c.all[key] = re
	}
	return re, err
}

// checkRegex reports a faulty pattern of the query at compile time.
func (k *compiler) checkRegex(pattern string, span diag.Span) *pcre.Regexp {
	re, err := k.regexes.get(pattern, pcre.Options{})
	var e *pcre.Error
	if errors.As(err, &e) {
		code, help := diag.SPLSyntax, "correct the expression; a literal backslash is four backslashes inside quotes"
		if e.Unsupported {
			code, help = diag.SPLUnknown, "write the expression without it"
		}
		k.report(diag.New(code, span, "regular expression: "+e.Text, help))
	}
	return re
}

func (r *run) regex(pattern string) *pcre.Regexp {
	re, err := r.p.regexes.get(pattern, pcre.Options{Bytes: !r.on[pcreUTF].On(), DotAll: r.on[dotAll].On()})
	if err != nil {
		r.warning("regular expression %q: %v", pattern, err)
		return nil
	}
	return re
}

// find is pcre's Find with the run's budget; nil for no match.
func (r *run) find(re *pcre.Regexp, in string, from int) []int {
	if re == nil {
		return nil
	}
	budget := min(maxMatchSteps, r.steps)
	before := budget
	caps, err := re.Find(in, from, &budget)
	r.steps -= before - budget
	if err != nil {
		r.limit("a regular expression needs too many steps")
		return nil
	}
	return caps
}
