package arm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/internal/plainjson"
)

// Limits of a template (page `best-practices`: size, parameters; resources of one deployment).
const (
	MaxParameters = 256
	MaxResources  = 800
	MaxTemplate   = 4 << 20
	// MaxInt is the largest value of a parameter that all ways of deploying take.
	MaxInt = 1<<31 - 1
)

// The schema of templates, and the parameter that every template has.
const (
	templateSchema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
	workspaceParam = "workspace"
)

// Knob is a number of a query that is set when the rule is deployed: the value of a let statement at the head of the query.
type Knob struct {
	// Let is the name in the query, Name that of the parameter, which differs from all others also where case is ignored.
	Let, Name string
	Doc       string
	// Value is the one in force when nothing else is said; the rule was proved with it.
	Value int64
}

// Entry is a rule of a template.
type Entry struct {
	Rule *Rule
	// Comment says which rule it is.
	Comment string
	Knobs   []Knob
}

// Template is a deployment of rules into one workspace.
type Template struct {
	Description string
	// Version has four numbers: 1.2.3.0.
	Version string
	// Workspace is the name that is deployed to when nothing else is said, or "".
	Workspace string
	Entries   []Entry
}

type template struct {
	Schema         string                `json:"$schema"`
	ContentVersion string                `json:"contentVersion"`
	Metadata       *templateMetadata     `json:"metadata,omitempty"`
	Parameters     map[string]*parameter `json:"parameters"`
	Resources      []*resource           `json:"resources"`
}

type templateMetadata struct {
	Description string `json:"description"`
}

type parameter struct {
	Type         string            `json:"type"`
	DefaultValue any               `json:"defaultValue,omitempty"`
	MinLength    int               `json:"minLength,omitempty"`
	MaxLength    int               `json:"maxLength,omitempty"`
	Metadata     *templateMetadata `json:"metadata,omitempty"`
}

type resource struct {
	Type       string     `json:"type"`
	APIVersion string     `json:"apiVersion"`
	Name       string     `json:"name"`
	Comments   string     `json:"comments,omitempty"`
	Kind       string     `json:"kind"`
	Properties Properties `json:"properties"`
}

// Encode returns the template as JSON.
func (t *Template) Encode() ([]byte, error) {
	workspace := &parameter{Type: "string", MinLength: 4, MaxLength: 63, Metadata: &templateMetadata{"The name of the Log Analytics workspace that Microsoft Sentinel is enabled on."}}
	if t.Workspace != "" {
		workspace.DefaultValue = Literal(t.Workspace)
	}
	out := &template{
		Schema: templateSchema, ContentVersion: t.Version, Metadata: &templateMetadata{Literal(t.Description)},
		Parameters: map[string]*parameter{workspaceParam: workspace}, Resources: []*resource{},
	}
	for _, e := range t.Entries {
		r, err := e.resource()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Comment, err)
		}
		for _, k := range e.Knobs {
			if out.Parameters[k.Name] != nil {
				return nil, fmt.Errorf("%s: there are two parameters %s", e.Comment, k.Name)
			}
			p := &parameter{Type: "int", DefaultValue: k.Value}
			if k.Doc != "" {
				p.Metadata = &templateMetadata{Literal(k.Doc)}
			}
			out.Parameters[k.Name] = p
		}
		out.Resources = append(out.Resources, r)
	}
	data, err := plainjson.Indented(out)
	switch {
	case err != nil:
		return nil, err
	case len(data) > MaxTemplate:
		return nil, fmt.Errorf("the template has %d bytes: up to %d are allowed", len(data), MaxTemplate)
	case len(out.Parameters) > MaxParameters:
		return nil, fmt.Errorf("the template has %d parameters: up to %d are allowed", len(out.Parameters), MaxParameters)
	case len(out.Resources) > MaxResources:
		return nil, fmt.Errorf("the template has %d resources: up to %d are allowed", len(out.Resources), MaxResources)
	}
	return data, nil
}

// resource is the entry's rule with its texts written for a template.
func (e *Entry) resource() (*resource, error) {
	if err := e.Rule.Check(); err != nil {
		return nil, err
	}
	props, err := MapTexts(e.Rule.Properties, func(s string) (string, error) { return Literal(s), nil })
	if err != nil {
		return nil, err
	}
	if props.Query, err = e.query(); err != nil {
		return nil, err
	}
	return &resource{Type: e.Rule.Type, APIVersion: e.Rule.APIVersion, Name: e.Rule.Name, Comments: Literal(e.Comment), Kind: e.Rule.Kind, Properties: props}, nil
}

// query is the query with the values of parameters in their places.
func (e *Entry) query() (string, error) {
	if len(e.Knobs) == 0 {
		return Literal(e.Rule.Properties.Query), nil
	}
	pieces, err := Pieces(e.Rule.Properties.Query, e.Knobs)
	if err != nil {
		return "", err
	}
	args := make([]string, len(pieces))
	for i, p := range pieces {
		if args[i] = quote(p.Text); p.Knob != nil {
			args[i] = "string(parameters(" + quote(p.Knob.Name) + "))"
		}
	}
	expr := "[concat(" + strings.Join(args, ", ") + ")]"
	if units(expr) > MaxExpression {
		return "", fmt.Errorf("the query with its parameters is an expression of %d characters: up to %d are allowed", units(expr), MaxExpression)
	}
	return expr, nil
}

// Piece is a text of a query, or the place of a knob's value.
type Piece struct {
	Text string
	Knob *Knob
}

var letLine = regexp.MustCompile(`^let (\w+) = (-?\d+);\n`)

// Pieces cuts a query at the values of knobs.
func Pieces(query string, knobs []Knob) ([]Piece, error) {
	var out []Piece
	found, from, at := 0, 0, 0
	for {
		m := letLine.FindStringSubmatchIndex(query[at:])
		if m == nil {
			break
		}
		i := slices.IndexFunc(knobs, func(k Knob) bool {
			return k.Let == query[at+m[2]:at+m[3]] && fmt.Sprint(k.Value) == query[at+m[4]:at+m[5]]
		})
		if i >= 0 {
			out = append(out, Piece{Text: query[from : at+m[4]]}, Piece{Knob: &knobs[i]})
			from = at + m[5]
			found++
		}
		at += m[1]
	}
	if found != len(knobs) {
		return nil, fmt.Errorf("%d of %d parameters stand at the head of the query", found, len(knobs))
	}
	return append(out, Piece{Text: query[from:]}), nil
}

// Lets returns the whole numbers that let statements at the head of a query name.
func Lets(query string) map[string]string {
	out := map[string]string{}
	for {
		m := letLine.FindStringSubmatch(query)
		if m == nil {
			return out
		}
		out[m[1]] = m[2]
		query = query[len(m[0]):]
	}
}

// DecodeTemplate reads a template; the rules have the values that its parameters have when nothing else is said. What it does
// not know is an error.
func DecodeTemplate(data []byte) (*Template, error) {
	var in template
	if err := plainjson.Strict(data, &in); err != nil {
		return nil, err
	}
	if in.Schema != templateSchema || in.Parameters[workspaceParam] == nil {
		return nil, fmt.Errorf("this is no template with a parameter %s", workspaceParam)
	}
	t := &Template{Version: in.ContentVersion}
	ints := map[string]int64{}
	for name, p := range in.Parameters {
		switch v := p.DefaultValue.(type) {
		case json.Number:
			n, err := v.Int64()
			if err != nil || p.Type != "int" {
				return nil, fmt.Errorf("the parameter %s is no int", name)
			}
			ints[name] = n
		case string:
			if name != workspaceParam {
				return nil, fmt.Errorf("the parameter %s is not expected", name)
			}
			var err error
			if t.Workspace, err = Evaluate(v, nil); err != nil {
				return nil, err
			}
		}
	}
	var err error
	if in.Metadata != nil {
		if t.Description, err = Evaluate(in.Metadata.Description, nil); err != nil {
			return nil, err
		}
	}
	for _, r := range in.Resources {
		e, err := r.entry(ints)
		if err != nil {
			return nil, err
		}
		t.Entries = append(t.Entries, *e)
	}
	return t, nil
}

func (r *resource) entry(ints map[string]int64) (*Entry, error) {
	e := &Entry{Rule: &Rule{Type: r.Type, APIVersion: r.APIVersion, Name: r.Name, Kind: r.Kind}}
	var err error
	if e.Comment, err = Evaluate(r.Comments, nil); err != nil {
		return nil, err
	}
	if e.Rule.Properties, err = MapTexts(r.Properties, func(s string) (string, error) { return Evaluate(s, ints) }); err != nil {
		return nil, err
	}
	return e, e.Rule.Check()
}

// Check reports the first thing that keeps the entry out of a template.
func (e *Entry) Check() error {
	_, err := e.resource()
	return err
}

// Split divides entries into as few templates as the limits allow, in order.
func Split(entries []Entry) [][]Entry {
	const room = MaxTemplate - 64<<10 // for what stands around resources
	var out [][]Entry
	size, params := 0, 0
	for i, e := range entries {
		n := 2048
		if r, err := e.resource(); err == nil {
			if data, err := plainjson.Indented(r); err == nil {
				n += len(data) + len(data)/4 // indented further
			}
		}
		for _, k := range e.Knobs {
			n += 512 + 6*len(k.Doc)
		}
		if i == 0 || len(out[len(out)-1]) == MaxResources || size+n > room || params+len(e.Knobs) > MaxParameters-1 {
			out = append(out, nil)
			size, params = 0, 0
		}
		size += n
		params += len(e.Knobs)
		out[len(out)-1] = append(out[len(out)-1], e)
	}
	return out
}
