package all

import (
	"fmt"
	"io"
	"strings"

	"github.com/onerule/onerule/platform"
)

//go:generate go run github.com/onerule/onerule/internal/gen/platforms ../CAPABILITIES.md

// WriteMarkdown writes what each platform makes of rules over several events: a section for each construct.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Rules over several events, by platform\n\n")
	b.WriteString("A rule that counts, learns, looks for the first time, orders events or misses one is carried by a rule type of the platform, and `onerule verify` runs the type as the vendor documents it.\n")
	for _, c := range platform.Constructs {
		fmt.Fprintf(&b, "\n## %s\n\n", c)
		for _, p := range Platforms {
			fmt.Fprintf(&b, "- **%s** %s\n", p.Name, p.Constructs[c])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteText is [WriteMarkdown] for a terminal.
func WriteText(w io.Writer) error {
	var b strings.Builder
	b.WriteString("\nRules over several events\n")
	for _, c := range platform.Constructs {
		fmt.Fprintf(&b, "  %s\n", c)
		for _, p := range Platforms {
			fmt.Fprintf(&b, "    %-9s %s\n", p.Name, p.Constructs[c])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Row is one construct, with what each platform makes of it in the order of the platforms.
type Row struct {
	Construct string   `json:"construct"`
	Carriers  []string `json:"carriers"`
}

// Rows are all rows of the matrix.
func Rows() []Row {
	out := make([]Row, len(platform.Constructs))
	for i, c := range platform.Constructs {
		out[i].Construct = string(c)
		for _, p := range Platforms {
			out[i].Carriers = append(out[i].Carriers, p.Constructs[c])
		}
	}
	return out
}
