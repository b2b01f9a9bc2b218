package grammar

// form says in a user's words what a part of a file is, and how it is written. Messages are made from it.
type form struct {
	name    string // as it stands in a title: the `from` clause
	pattern string // the shape, with words in capitals for what the author fills in; alternatives stand between bars
	example string
}

// The forms, in the order of tree.go.
var (
	formImport    = form{"the import", "import \"FILE\"", `import "common.rule"`}
	formDef       = form{"the definition", "def NAME = CONDITION", `def is_net = process.name in ["net.exe", "net1.exe"]`}
	formList      = form{"the list", "list NAME from \"FILE\" column COLUMN | list NAME = [VALUE, …]", `list admins = ["u1", "u2"]`}
	formRule      = form{"the head of the rule", "rule NAME vN { … }", `rule user_account_creation v1 { … }`}
	formTune      = form{"the head of the tune block", "tune RULE vN { … }", `tune signup_surge v2 { … }`}
	formExclude   = form{"the exclusion", "exclude where CONDITION", `exclude where user.name == "backup"`}
	formSetting   = form{"the setting", "NAME = VALUE", `all_ok = 200`}
	formMetaEntry = form{"the entry of `meta`", "KEY = VALUE", `severity = low`}
	formParam     = form{"the parameter", "param NAME: TYPE in LOW..HIGH = DEFAULT \"DOC\"", `param limit: int in 0..1000 = 20 "failed log-ins"`}
	formFieldDecl = form{"the declaration of the field", "field NAME: TYPE \"DOC\"", `field okta.debug_context.risk: keyword "as the tenant writes it"`}
	formFrom      = form{"the `from` clause", "from CLASS, … on SOURCE, …", `from process.start on windows`}
	formWhere     = form{"the `where` clause", "where CONDITION", `where process.name == "net.exe"`}
	formWindow    = form{"the window", "tumbling T | window T every S | sliding T | session gap G max M", `window 1h every 5m`}
	formCount     = form{"the head of `count`", "count per KEY, … as NAME { … } | count total as NAME { … }", `count per source.ip as per_ip { ok = count() }`}
	formAgg       = form{"the aggregate", "NAME = FUNCTION(…) where CONDITION", `failed = count() where event.outcome == "failure"`}
	formWhen      = form{"the `when` clause", "when CONDITION", `when per_ip.failed >= 30`}
	formMeasure   = form{"the `measure` clause", "measure NAME = FUNCTION(…) per KEY, …", `measure n = count() per source.ip`}
	formBaseline  = form{"the head of `baseline`", "baseline of NAME { … }", `baseline of n { learn 1d  own when history >= 12 buckets  population otherwise }`}
	formLearn     = form{"the entry of `baseline`", "learn T | own when history >= N buckets | population otherwise", `learn 1d`}
	formSequence  = form{"the head of the sequence", "sequence by KEY, … within T { … } | together by KEY, … within T { … }", `sequence by user.id within 30m { … }`}
	formStep      = form{"the step", "NAME: from … where … by … repeat >= N | missing from … | until from …", `enter: from iam.login on okta where event.outcome == "success"`}
	formBy        = form{"the keys of the step", "by KEY, …", `by source.ip`}
	formRepeat    = form{"the repetition", "repeat >= N", `repeat >= 5`}
	formFirstSeen = form{"the head of `first_seen`", "first_seen FIELD per KEY, … { every T history T warmup T }", `first_seen source.geo.country_iso_code per user.id { every 1h  history 14d  warmup 7d }`}
	formFirstTime = form{"the entry of `first_seen`", "every T, history T or warmup T", `history 14d`}
	formExpect    = form{"the `expect` clause", "expect >= N per KEY in $LIST { grace T }", `expect >= 1 per host.id in $servers { grace 5m }`}
	formGrace     = form{"the entry of `expect`", "grace T", `grace 5m`}
	formSchedule  = form{"the schedule", "schedule every T delay T lookback T", `schedule every 5m delay 4m`}
	formEmit      = form{"the head of `emit`", "emit per KEY, … once per T { … }", `emit per source.ip once per 1h { show per_ip.failed }`}
	formEmitItem  = form{"the entry of `emit`", "entity KIND = FIELD | show FIELD, …", `entity host = host.name`}
	formAllow     = form{"the consent", "allow LEVEL on TARGET, … \"WHY\"", `allow narrow on datadog "one line of text is enough"`}
	formAlt       = form{"the head of `alt`", "alt on BINDING { where CONDITION }", `alt on security_4688 { where process.name == "net.exe" }`}
	formTest      = form{"the head of the test", "test \"NAME\" { … } expect N", `test "net user add" { process.name: "net.exe" } expect 1`}
	formTail      = form{"the expectation of the test", "expect N | expect >= N | expect N where CONDITION", `expect 1 where user.name == "a"`}
	formEvent     = form{"the event", "+T or at T, N x every T, SOURCE: CLASS { FIELD: VALUE, … } arrives +T", `+10s 3 x every 5s okta: iam.login { user.name: "a" }`}
	formField     = form{"the field", "FIELD: VALUE", `process.args: ["net", "user"]`}
	formArrives   = form{"the arrival", "arrives +T", `arrives +30s`}
	formNative    = form{"the native event", "native BINDING \"\"\"…\"\"\"", `native sysmon '{"EventID": 1}'`}
)
