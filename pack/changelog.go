package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/onerule/onerule/internal/plainjson"
)

// The paths of the files that tell about a pack.
const (
	ChangelogName = "CHANGELOG.md"
	ChangesName   = "changes.json"
	ReportName    = "report/index.html"
)

// Earlier is a pack that was built before, with its own record of changes.
type Earlier struct {
	Manifest           Manifest
	changelog, changes []byte
}

// ErrNoPack is the error of [Read] for a folder that holds no manifest of ours.
var ErrNoPack = errors.New("the folder holds no pack")

// Read reads what a folder tells about the pack in it.
func Read(dir string) (*Earlier, error) {
	data, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoPack
	}
	if err != nil {
		return nil, err
	}
	e := &Earlier{}
	if json.Unmarshal(data, &e.Manifest) != nil || e.Manifest.Format != 1 {
		return nil, ErrNoPack
	}
	known := e.Manifest.paths()
	for name, to := range map[string]*[]byte{ChangelogName: &e.changelog, ChangesName: &e.changes} {
		if !known[name] {
			continue
		}
		if *to, err = os.ReadFile(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return e, nil
}

// Changes adds what changed since an earlier pack: the changelog, which goes on where the earlier one ended, and the last change
// as JSON. A pack that is as the one before keeps the record as it is.
func (p *Pack) Changes(since *Earlier) (*Diff, error) {
	d := Compare(Side{Manifest: since.Manifest}, p.Side())
	log, changes := since.changelog, since.changes
	if !d.Empty() {
		var err error
		if changes, err = d.JSON(); err != nil {
			return nil, err
		}
		log = prepend(d, since.changelog)
	}
	if log != nil {
		p.Files = append(p.Files, File{Path: ChangelogName, Data: log})
	}
	if changes != nil {
		p.Files = append(p.Files, File{Path: ChangesName, Data: changes})
	}
	p.finish()
	return d, nil
}

const changelogHead = "# Changes\n\nWhat changed from build to build, by meaning; the newest first.\n"

func prepend(d *Diff, old []byte) []byte {
	var b strings.Builder
	b.WriteString(changelogHead)
	fmt.Fprintf(&b, "\n## %s %s (%.12s)\n\nSince %s (%.12s):\n\n", d.After.Name, d.After.Version, d.After.Content, d.Before.Version, d.Before.Content)
	writeDiff(&b, d, markdown)
	if rest, ok := strings.CutPrefix(string(old), changelogHead); ok {
		b.WriteString(rest)
	}
	return []byte(b.String())
}

// JSON returns the diff as it is written.
func (d *Diff) JSON() ([]byte, error) { return plainjson.Indented(d) }

// WriteText writes the diff for people.
func (d *Diff) WriteText(w io.Writer) error {
	var b strings.Builder
	writeDiff(&b, d, plain)
	_, err := io.WriteString(w, b.String())
	return err
}

// form is how lines are written: plain, or as Markdown lists.
type form struct {
	item, sub, subsub string
	code              func(string) string
}

var (
	plain    = form{"", "    ", "        ", func(s string) string { return s }}
	markdown = form{"- ", "  - ", "    - ", codeSpan}
)

// codeSpan writes a text as a code span of Markdown, with more back-quotes around it than stand in it.
func codeSpan(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	fence, run := 1, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		fence = max(fence, run+1)
	}
	q := strings.Repeat("`", fence)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return q + s + q
}

func writeDiff(b *strings.Builder, d *Diff, f form) {
	for _, l := range d.LanguagesAdded {
		fmt.Fprintf(b, "%slanguage %s is new; it is not compared\n", f.item, l)
	}
	for _, l := range d.LanguagesRemoved {
		fmt.Fprintf(b, "%slanguage %s is gone; it is not compared\n", f.item, l)
	}
	for _, r := range d.Added {
		fmt.Fprintf(b, "%sadded %s v%d\n", f.item, f.code(r.Rule), r.Version)
	}
	for _, r := range d.Removed {
		fmt.Fprintf(b, "%sremoved %s v%d\n", f.item, f.code(r.Rule), r.Version)
	}
	for i := range d.Changed {
		writeChange(b, &d.Changed[i], f)
	}
}

func writeChange(b *strings.Builder, c *Change, f form) {
	fmt.Fprintf(b, "%schanged %s %s: %s\n", f.item, f.code(c.Rule), versions(c), strings.Join(kinds(c, f), ", "))
	if c.Stale {
		fmt.Fprintf(b, "%sthe meaning changed, the version did not\n", f.sub)
	}
	for _, x := range append(append([]ClauseChange{}, c.Clauses...), c.Delivery...) {
		fmt.Fprintf(b, "%s%s\n", f.sub, x.text(f))
	}
	if c.Findings != nil {
		fmt.Fprintf(b, "%sfindings on fixtures %s\n", f.sub, fromTo(c.Findings.Before, c.Findings.After))
		for _, t := range c.Findings.Tests {
			fmt.Fprintf(b, "%s%s: %d to %d\n", f.subsub, f.code(fmt.Sprintf("%q", t.Test)), t.Before, t.After)
		}
	}
	for _, t := range c.Targets {
		fmt.Fprintf(b, "%s%s\n", f.sub, t.text())
	}
}

func fromTo(a, b int) string {
	if a == b {
		return fmt.Sprintf("%d as before", a)
	}
	return fmt.Sprintf("%d to %d", a, b)
}

func versions(c *Change) string {
	if c.Version == c.VersionBefore {
		return fmt.Sprintf("v%d", c.Version)
	}
	return fmt.Sprintf("v%d to v%d", c.VersionBefore, c.Version)
}

// kinds says in words what changed about a rule.
func kinds(c *Change, f form) []string {
	var out []string
	add := func(is bool, word string) {
		if is {
			out = append(out, word)
		}
	}
	add(c.Was != "", "it was "+f.code(c.Was))
	add(c.Meaning, "meaning")
	add(!c.Meaning && c.Version != c.VersionBefore, "version, with the same meaning")
	add(len(c.Delivery) > 0, "delivery")
	add(len(c.Targets) > 0, "promises")
	add(c.Metadata, "metadata")
	add(!c.Meaning && len(c.Texts) > 0, "texts of "+strings.Join(c.Texts, ", "))
	return out
}

func (c ClauseChange) text(f form) string {
	switch {
	case c.Before == "":
		return "added " + c.Part + ": " + f.code(c.After)
	case c.After == "":
		return "removed " + c.Part + ": " + f.code(c.Before)
	case !strings.Contains(c.Before, " ") && !strings.Contains(c.After, " "):
		return c.Part + " " + f.code(c.Before) + " to " + f.code(c.After)
	}
	text := c.Part + ": " + f.code(c.Before) + " becomes " + f.code(c.After)
	if c.From != "" && c.To != "" {
		text += " (" + f.code(c.From) + " to " + f.code(c.To) + ")"
	}
	return text
}

func (t TargetChange) text() string {
	text := t.Platform + " " + t.Lang + ": " + t.Before
	if t.After != t.Before {
		text += " to " + t.After
	}
	if len(t.AssumptionsAdded) > 0 {
		text += "; now assumes " + strings.Join(t.AssumptionsAdded, ", ")
	}
	if len(t.AssumptionsRemoved) > 0 {
		text += "; no longer assumes " + strings.Join(t.AssumptionsRemoved, ", ")
	}
	return text
}
