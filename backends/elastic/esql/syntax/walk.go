package syntax

// Walk calls f for every expression of a query, outer ones first.
func Walk(q *Query, f func(Expr)) {
	for _, s := range q.Settings {
		walkExpr(s.Value, f)
	}
	walkCommands(q.Commands, f)
}

func walkCommands(cs []Command, f func(Expr)) {
	for _, c := range cs {
		walkCommand(c, f)
	}
}

// walkCommand is a dispatch over commands.
func walkCommand(c Command, f func(Expr)) {
	switch c := c.(type) {
	case *From:
		for _, p := range c.Patterns {
			walkCommands(p.Sub, f)
		}
	case *Row:
		walkFields(c.Fields, f)
	case *Where:
		walkExpr(c.Cond, f)
	case *Eval:
		walkFields(c.Fields, f)
	case *Stats:
		walkFields(c.Aggs, f)
		walkFields(c.By, f)
	case *Sort:
		for _, k := range c.Keys {
			walkExpr(k.Expr, f)
		}
	case *Limit:
		walkExpr(c.Count, f)
		walkAll(c.By, f)
	case *Dissect:
		walkExpr(c.Input, f)
	case *Grok:
		walkExpr(c.Input, f)
	case *LookupJoin:
		walkAll(c.On, f)
	case *Sample:
		walkExpr(c.Probability, f)
	case *Fork:
		for _, b := range c.Branches {
			walkCommands(b, f)
		}
	case *Keep, *Drop, *Rename, *MvExpand, *Enrich:
	}
}

func walkFields(fs []Field, f func(Expr)) {
	for _, x := range fs {
		walkExpr(x.Value, f)
		if x.Where != nil {
			walkExpr(x.Where, f)
		}
	}
}

func walkAll(xs []Expr, f func(Expr)) {
	for _, x := range xs {
		walkExpr(x, f)
	}
}

// walkExpr is a dispatch over expressions.
func walkExpr(x Expr, f func(Expr)) {
	f(x)
	switch x := x.(type) {
	case *List:
		walkAll(x.Items, f)
	case *Unary:
		walkExpr(x.X, f)
	case *Binary:
		walkExpr(x.X, f)
		walkExpr(x.Y, f)
	case *In:
		walkExpr(x.X, f)
		walkAll(x.Items, f)
	case *IsNull:
		walkExpr(x.X, f)
	case *Like:
		walkExpr(x.X, f)
		walkAll(x.Patterns, f)
	case *RLike:
		walkExpr(x.X, f)
		walkAll(x.Patterns, f)
	case *Match:
		f(&x.Field)
		walkExpr(x.Query, f)
	case *Call:
		walkAll(x.Args, f)
		for _, o := range x.Options {
			walkExpr(o.Value, f)
		}
	case *Cast:
		walkExpr(x.X, f)
	case *Null, *Bool, *Num, *Str, *TimeSpan, *Column, *Glob, *Regex:
	}
}
