package syntax

// setLoc sets the place of an operator that a parser function has built.
func setLoc(op Operator, l Loc) {
	switch x := op.(type) {
	case *Where:
		x.Loc = l
	case *Extend:
		x.Loc = l
	case *Project:
		x.Loc = l
	case *ProjectAway:
		x.Loc = l
	case *ProjectKeep:
		x.Loc = l
	case *ProjectRename:
		x.Loc = l
	case *ProjectReorder:
		x.Loc = l
	case *ProjectByNames:
		x.Loc = l
	case *Summarize:
		x.Loc = l
	case *Join:
		x.Loc = l
	case *Lookup:
		x.Loc = l
	case *Union:
		x.Loc = l
	case *MvExpand:
		x.Loc = l
	case *MvApply:
		x.Loc = l
	case *MakeSeries:
		x.Loc = l
	case *Sort:
		x.Loc = l
	case *Top:
		x.Loc = l
	case *TopNested:
		x.Loc = l
	case *TopHitters:
		x.Loc = l
	case *Serialize:
		x.Loc = l
	case *Distinct:
		x.Loc = l
	case *Count:
		x.Loc = l
	case *Take:
		x.Loc = l
	case *Sample:
		x.Loc = l
	case *SampleDistinct:
		x.Loc = l
	case *ParseOp:
		x.Loc = l
	case *ParseKv:
		x.Loc = l
	case *Evaluate:
		x.Loc = l
	case *Partition:
		x.Loc = l
	case *Scan:
		x.Loc = l
	case *Search:
		x.Loc = l
	case *Find:
		x.Loc = l
	case *As:
		x.Loc = l
	case *Invoke:
		x.Loc = l
	case *Render:
		x.Loc = l
	case *GetSchema:
		x.Loc = l
	case *Consume:
		x.Loc = l
	case *PrintOp:
		x.Loc = l
	case *RangeOp:
		x.Loc = l
	}
}
