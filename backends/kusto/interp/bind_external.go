package interp

import (
	"path"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// externalData is the table of the input that is named like one of the files: by its address, or by the last part of it without
// the ending. Files themselves are never read (externaldata-operator).
func (b *binder) externalData(x *syntax.ExternalData) *node {
	if b.dry {
		panic(unbound{})
	}
	name := ""
	for _, u := range x.URIs {
		s, ok := u.(*syntax.StringLit)
		if !ok {
			continue
		}
		address, _, _ := strings.Cut(s.Value, "?")
		name = strings.TrimSuffix(path.Base(address), path.Ext(address))
		for _, n := range []string{s.Value, address, name} {
			if in := b.tables[n]; in != nil {
				return externalColumns(in, x.Columns)
			}
		}
	}
	help := "give the data as a table of the input"
	if name != "" {
		help += " named `" + name + "`"
	}
	b.run(x.At, "externaldata reads files, which is not possible here", help)
	return nil
}

// externalColumns converts the columns of a table to those that externaldata declares; absent ones are null.
func externalColumns(in *node, declared []syntax.Column) *node {
	n := &node{}
	var from []int
	for _, c := range declared {
		n.cols, from = append(n.cols, column{c.Name, c.Type}), append(from, find(in.cols, c.Name))
	}
	n.run = func(ex *exec) []row {
		rows := in.run(ex)
		ex.grow(len(rows), len(n.cols))
		out := make([]row, len(rows))
		for i, r := range rows {
			v := make([]any, len(from))
			for j, k := range from {
				if k >= 0 {
					v[j] = castTo(r.v[k], n.cols[j].typ)
				}
				v[j] = fix(v[j], n.cols[j].typ)
			}
			out[i] = row{v: v}
		}
		return out
	}
	return n
}
