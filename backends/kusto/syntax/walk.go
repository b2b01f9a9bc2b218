package syntax

// Walk calls f for an expression and for every expression in it, parents first. Pipelines are walked into as well, through
// all their operators.
func Walk(x Expr, f func(Expr)) {
	if x == nil {
		return
	}
	f(x)
	switch x := x.(type) {
	case *Name, *Wildcard, *Star, *BoolLit, *IntLit, *LongLit, *RealLit, *DecimalLit, *StringLit, *DatetimeLit, *TimespanLit,
		*GUIDLit, *NullLit, *DynamicLit, *ArrayLit, *BagLit, *TypeofLit:
	case *Unary:
		Walk(x.X, f)
	case *Binary:
		for { // left-deep chains are walked without recursion
			Walk(x.R, f)
			l, ok := x.L.(*Binary)
			if !ok {
				Walk(x.L, f)
				return
			}
			f(l)
			x = l
		}
	case *List:
		Walk(x.X, f)
		walkAll(x.Items, f)
	case *Between:
		walkAll([]Expr{x.X, x.Lo, x.Hi}, f)
	case *Call:
		Walk(x.On, f)
		walkItems(x.Args, f)
	case *Path:
		Walk(x.X, f)
	case *Index:
		Walk(x.X, f)
		Walk(x.I, f)
	case *Datatable:
		walkAll(x.Values, f)
	case *ExternalData:
		walkAll(x.URIs, f)
	case *Lambda:
		WalkQuery(x.Body, f)
	case *Pipeline:
		Walk(x.Source, f)
		walkOps(x.Ops, f)
	}
}

// WalkQuery walks every expression of a query.
func WalkQuery(q *Query, f func(Expr)) {
	if q == nil {
		return
	}
	for _, s := range q.Statements {
		switch s := s.(type) {
		case *Let:
			Walk(s.Value, f)
		case *ExprStatement:
			Walk(s.X, f)
		case *SetOption, *DeclareParams:
		}
	}
}

func walkAll(list []Expr, f func(Expr)) {
	for _, x := range list {
		Walk(x, f)
	}
}

func walkItems(list []Item, f func(Expr)) {
	for _, it := range list {
		Walk(it.Expr, f)
	}
}

func walkOps(ops []Operator, f func(Expr)) {
	for _, op := range ops {
		walkOp(op, f)
	}
}

func walkOrder(terms []OrderTerm, f func(Expr)) {
	for _, t := range terms {
		Walk(t.Item.Expr, f)
	}
}

func walkOp(op Operator, f func(Expr)) {
	switch x := op.(type) {
	case *Where:
		Walk(x.Pred, f)
	case *Extend:
		walkItems(x.Items, f)
	case *Project:
		walkItems(x.Items, f)
	case *ProjectAway:
		walkAll(x.Columns, f)
	case *ProjectKeep:
		walkAll(x.Columns, f)
	case *ProjectRename:
		walkItems(x.Items, f)
	case *ProjectReorder:
		for _, c := range x.Columns {
			Walk(c.Column, f)
		}
	case *ProjectByNames:
		walkAll(x.Names, f)
	case *Summarize:
		walkItems(x.Aggs, f)
		walkItems(x.By, f)
	case *Join:
		Walk(x.Right, f)
		walkAll(x.On, f)
	case *Lookup:
		Walk(x.Right, f)
		walkAll(x.On, f)
	case *Union:
		walkAll(x.Sources, f)
	case *MvExpand:
		walkExpand(x.Items, x.Limit, f)
	case *MvApply:
		walkExpand(x.Items, x.Limit, f)
		walkOps(x.Body, f)
	case *MakeSeries:
		for _, a := range x.Aggs {
			Walk(a.Item.Expr, f)
			Walk(a.Default, f)
		}
		walkAll([]Expr{x.Axis.Expr, x.From, x.To, x.Step}, f)
		walkItems(x.By, f)
	case *Sort:
		walkOrder(x.By, f)
	case *Top:
		Walk(x.N, f)
		walkOrder([]OrderTerm{x.By}, f)
	case *TopNested:
		for _, l := range x.Levels {
			walkAll([]Expr{l.N, l.Of.Expr, l.Others, l.By.Item.Expr}, f)
		}
	case *TopHitters:
		walkAll([]Expr{x.N, x.Of.Expr}, f)
		if x.By != nil {
			Walk(x.By.Expr, f)
		}
	case *Serialize:
		walkItems(x.Items, f)
	case *Distinct:
		walkAll(x.Columns, f)
	case *Take:
		Walk(x.N, f)
	case *Sample:
		Walk(x.N, f)
	case *SampleDistinct:
		walkAll([]Expr{x.N, x.Of}, f)
	case *ParseOp:
		Walk(x.X, f)
	case *ParseKv:
		Walk(x.X, f)
	case *Evaluate:
		Walk(x.Call, f)
	case *Partition:
		Walk(x.By, f)
		walkOps(x.Body, f)
		WalkQuery(x.Query, f)
	case *Scan:
		walkOrder(x.OrderBy, f)
		walkAll(x.By, f)
		for _, s := range x.Steps {
			Walk(s.Cond, f)
			walkItems(s.Assign, f)
		}
	case *Search:
		walkAll(x.In, f)
		Walk(x.Pred, f)
	case *Find:
		walkAll(x.In, f)
		Walk(x.Pred, f)
	case *Invoke:
		Walk(x.Call, f)
	case *PrintOp:
		walkItems(x.Items, f)
	case *RangeOp:
		walkAll([]Expr{x.From, x.To, x.Step}, f)
	case *Count, *As, *Render, *GetSchema, *Consume:
	}
}

func walkExpand(items []ExpandItem, limit Expr, f func(Expr)) {
	for _, it := range items {
		Walk(it.Expr, f)
	}
	Walk(limit, f)
}

// WalkPlugins calls f for the call of every evaluate and invoke operator of a query: their names are not those of functions.
func WalkPlugins(q *Query, f func(*Call)) {
	WalkQuery(q, func(x Expr) {
		if p, ok := x.(*Pipeline); ok {
			pluginCalls(p.Ops, f)
		}
	})
}

func pluginCalls(ops []Operator, f func(*Call)) {
	for _, op := range ops {
		switch x := op.(type) {
		case *Evaluate:
			f(x.Call)
		case *MvApply:
			pluginCalls(x.Body, f)
		case *Partition:
			pluginCalls(x.Body, f)
		case *As, *Consume, *Count, *Distinct, *Extend, *Find, *GetSchema, *Invoke, *Join, *Lookup, *MakeSeries, *MvExpand, *ParseKv, *ParseOp,
			*PrintOp, *Project, *ProjectAway, *ProjectByNames, *ProjectKeep, *ProjectRename, *ProjectReorder, *RangeOp, *Render, *Sample,
			*SampleDistinct, *Scan, *Search, *Serialize, *Sort, *Summarize, *Take, *Top, *TopHitters, *TopNested, *Union, *Where:
		}
	}
}
