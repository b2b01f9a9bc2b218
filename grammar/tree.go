package grammar

import (
	"io"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The productions of the language, one struct each, in the notation of participle. The file is cut into clauses and
// entries before they run (reader.go), so that a production sees the tokens of one clause alone, and each clause reports
// its own faults. Every choice is made by the next token: no production looks further ahead. Conditions, keys and values
// are read by the precedence climber in expr.go.
type productions struct {
	Import    *importItem     `parser:"@@"`
	Def       *defItem        `parser:"| @@"`
	List      *listItem       `parser:"| @@"`
	RuleHead  *ruleHead       `parser:"| @@"`
	TuneHead  *tuneHead       `parser:"| @@"`
	Exclude   *excludeEntry   `parser:"| @@"`
	Setting   *setEntry       `parser:"| @@"`
	MetaEntry *metaEntry      `parser:"| @@"`
	Param     *paramClause    `parser:"| @@"`
	FieldDecl *fieldClause    `parser:"| @@"`
	From      *fromClause     `parser:"| @@"`
	Where     *whereClause    `parser:"| @@"`
	Window    *windowClause   `parser:"| @@"`
	CountHead *countHead      `parser:"| @@"`
	Agg       *aggEntry       `parser:"| @@"`
	When      *whenClause     `parser:"| @@"`
	Measure   *measureClause  `parser:"| @@"`
	Baseline  *baselineHead   `parser:"| @@"`
	Learn     *baselinePart   `parser:"| @@"`
	Sequence  *sequenceHead   `parser:"| @@"`
	StepHead  *stepHead       `parser:"| @@"`
	By        *byPart         `parser:"| @@"`
	Repeat    *repeatPart     `parser:"| @@"`
	FirstSeen *firstSeenHead  `parser:"| @@"`
	Timing    *timing         `parser:"| @@"`
	Expect    *expectHead     `parser:"| @@"`
	Schedule  *scheduleClause `parser:"| @@"`
	EmitHead  *emitHead       `parser:"| @@"`
	EmitItem  *emitItem       `parser:"| @@"`
	Allow     *allowClause    `parser:"| @@"`
	AltHead   *altHead        `parser:"| @@"`
	TestHead  *testHead       `parser:"| @@"`
	TestTail  *testTail       `parser:"| @@"`
	EventHead *eventHead      `parser:"| @@"`
	Field     *eventField     `parser:"| @@"`
	Arrives   *arrivesPart    `parser:"| @@"`
	Native    *nativeEvent    `parser:"| @@"`
}

type (
	name struct {
		Tok lexer.Token `parser:"@Name"`
	}
	// source takes `window` too: as a slip for `windows` it is an unknown source, which has a better message.
	source struct {
		Tok lexer.Token `parser:"@(Name | 'window')"`
	}
	path struct {
		Tok lexer.Token `parser:"@(Name | Path)"`
	}

	// File level.
	importItem struct {
		Path lexer.Token `parser:"'import' @String"`
	}
	defItem struct {
		Name name      `parser:"'def' @@ '='"`
		Body condition `parser:"@@"`
	}
	listItem struct {
		Name   name        `parser:"'list' @@"`
		File   lexer.Token `parser:"( 'from' @String"`
		Column lexer.Token `parser:"('column' @(Name | String))?"`
		Inline value       `parser:"| '=' @@ )"`
	}
	ruleHead struct {
		Name    name        `parser:"'rule' @@"`
		Version lexer.Token `parser:"@(Name | Number)?"`
	}
	tuneHead struct {
		Name    name        `parser:"'tune' @@"`
		Version lexer.Token `parser:"@(Name | Number)?"`
	}
	excludeEntry struct {
		X condition `parser:"'exclude' 'where' @@"`
	}
	setEntry struct {
		Name  name  `parser:"@@ '='"`
		Value value `parser:"@@"`
	}

	// Clauses of a rule, and the heads and entries of those with a block.
	metaEntry struct {
		Key   lexer.Token `parser:"@(Name | Keyword) '='"`
		Value metaValue   `parser:"@@"`
	}
	paramClause struct {
		Name    name        `parser:"'param' @@ ':'"`
		Type    lexer.Token `parser:"@(Name | 'list')"`
		Lo      value       `parser:"( 'in' @@ '..'"`
		Hi      value       `parser:"@@ )?"`
		Default value       `parser:"( '=' @@ )?"`
		Doc     lexer.Token `parser:"@String?"`
	}
	fieldClause struct {
		Path  path        `parser:"'field' @@ ':'"`
		Type  lexer.Token `parser:"@(Name | 'keyword')"`
		Array bool        `parser:"( @'[' ']' )?"`
		Doc   lexer.Token `parser:"@String?"`
	}
	fromClause struct {
		Classes []path   `parser:"'from' @@ (',' @@)*"`
		Sources []source `parser:"'on' @@ (',' @@)*"`
	}
	whereClause struct {
		X condition `parser:"'where' @@"`
	}
	windowClause struct {
		Tumbling lexer.Token `parser:"'tumbling' @Duration"`
		Hopping  lexer.Token `parser:"| 'window' @Duration"`
		Every    lexer.Token `parser:"'every' @Duration"`
		Sliding  lexer.Token `parser:"| 'sliding' @Duration"`
		Gap      lexer.Token `parser:"| 'session' 'gap' @Duration"`
		Max      lexer.Token `parser:"'max' @Duration"`
	}
	countHead struct {
		Total bool  `parser:"'count' ( @'total'"`
		Per   []key `parser:"| 'per' @@ (',' @@)* )"`
		As    name  `parser:"'as' @@"`
	}
	aggEntry struct {
		Name  name      `parser:"@@ '='"`
		Call  key       `parser:"@@"`
		Where condition `parser:"('where' @@)?"`
	}
	whenClause struct {
		X condition `parser:"'when' @@"`
	}
	measureClause struct {
		Name  name      `parser:"'measure' @@ '='"`
		Call  key       `parser:"@@"`
		Where condition `parser:"('where' @@)?"`
		Per   []key     `parser:"'per' @@ (',' @@)*"`
	}
	baselineHead struct {
		Of name `parser:"'baseline' 'of' @@"`
	}
	baselinePart struct {
		Learn      lexer.Token `parser:"'learn' @Duration"`
		Own        lexer.Token `parser:"| 'own' 'when' 'history' '>=' @Number 'buckets'"`
		Population bool        `parser:"| @'population' 'otherwise'"`
	}
	sequenceHead struct {
		Kind   string      `parser:"@('sequence' | 'together')"`
		By     []key       `parser:"'by' @@ (',' @@)*"`
		Within lexer.Token `parser:"'within' @Duration"`
	}
	stepHead struct {
		Kind string `parser:"@('missing' | 'until')?"`
		Name *name  `parser:"(@@ ':')?"`
	}
	byPart struct {
		By []key `parser:"'by' @@ (',' @@)*"`
	}
	repeatPart struct {
		Min lexer.Token `parser:"'repeat' '>=' @Number"`
	}
	firstSeenHead struct {
		Field key   `parser:"'first_seen' @@"`
		Per   []key `parser:"('per' @@ (',' @@)*)?"`
	}
	timing struct {
		Word  lexer.Token `parser:"@('every' | 'history' | 'warmup' | 'grace' | 'delay' | 'lookback')"`
		Value lexer.Token `parser:"@Duration"`
	}
	expectHead struct {
		Min lexer.Token `parser:"'expect' '>=' @Number"`
		Per key         `parser:"'per' @@"`
		In  lexer.Token `parser:"'in' @Var"`
	}
	scheduleClause struct {
		Parts []timing `parser:"'schedule' @@ (@@)*"`
	}
	emitHead struct {
		Per  []key       `parser:"'emit' ('per' @@ (',' @@)*)?"`
		Once lexer.Token `parser:"('once' 'per' @Duration)?"`
	}
	emitItem struct {
		Kind   *name `parser:"'entity' @@ '='"`
		Entity key   `parser:"@@"`
		Shown  []key `parser:"| 'show' @@ (',' @@)*"`
	}
	allowClause struct {
		Level name        `parser:"'allow' @@"`
		On    []name      `parser:"'on' @@ (',' @@)*"`
		Why   lexer.Token `parser:"@String"`
	}
	altHead struct {
		Binding path `parser:"'alt' 'on' @@"`
	}

	// Tests.
	testHead struct {
		Name lexer.Token `parser:"'test' @String"`
	}
	testTail struct {
		AtLeast bool        `parser:"'expect' @'>='?"`
		Count   lexer.Token `parser:"@Number"`
		Where   condition   `parser:"('where' @@)?"`
	}
	eventHead struct {
		After  lexer.Token `parser:"( '+' @Duration"`
		At     lexer.Token `parser:"| 'at' @Duration )?"`
		Times  lexer.Token `parser:"( @Number 'x'"`
		Every  lexer.Token `parser:"('every' @Duration)? )?"`
		First  *path       `parser:"( @@"`
		Source bool        `parser:"( @':'"`
		Class  *path       `parser:"@@? )? )?"`
	}
	eventField struct {
		Path  path      `parser:"@@ ':'"`
		Value testValue `parser:"@@"`
	}
	arrivesPart struct {
		After lexer.Token `parser:"'arrives' '+' @Duration"`
	}
	nativeEvent struct {
		Binding path        `parser:"'native' @@"`
		Text    lexer.Token `parser:"@String"`
	}
)

// parser is built on first use, once: building it costs more than parsing a rule.
var parser = sync.OnceValue(buildParser)

func buildParser() *participle.Parser[productions] {
	return participle.MustBuild[productions](
		participle.Lexer(definition{}),
		participle.UseLookahead(0),
		participle.ParseTypeWith(parseCondition),
		participle.ParseTypeWith(parseKey),
		participle.ParseTypeWith(parseValue),
		participle.ParseTypeWith(parseTestValue),
		participle.ParseTypeWith(parseMetaValue),
	)
}

// Lex implements [lexer.Definition]. It is never called: participle is given tokens.
func (definition) Lex(string, io.Reader) (lexer.Lexer, error) {
	return &feed{end: lexer.EOFToken(lexer.Position{})}, nil
}
