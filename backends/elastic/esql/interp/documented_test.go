package interp

import (
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/corpora"
)

// documented are examples of the Elasticsearch reference over the tables of its test suite, with the results that the pages
// show: query and table.
var documented = []struct{ page, query, want string }{
	{"TO_BOOLEAN", `ROW str = ["true", "TRuE", "false", "", "yes", "1"] | EVAL b = TO_BOOLEAN(str) | KEEP b`, "[true, true, false, false, false, false]"},
	{"TO_INTEGER", `ROW long = [5013792, 2147483647, 501379200000] | EVAL int = TO_INTEGER(long) | KEEP int`, "[5013792, 2147483647]"},
	{"TO_UNSIGNED_LONG", `ROW a = "2147483648", b = "2147483648.2", c = "foo" | EVAL a = TO_UNSIGNED_LONG(a), b = TO_ULONG(b), c = TO_UL(c)`, "2147483648|2147483648|null"},
	{
		"TO_DATETIME", `ROW s = ["1953-09-02T00:00:00.000Z", "1964-06-02T00:00:00.000Z", "1964-06-02 00:00:00"] | EVAL d = TO_DATETIME(s) | KEEP d`,
		"[1953-09-02T00:00:00Z, 1964-06-02T00:00:00Z]",
	},
	{"TO_DATETIME", `ROW int = [0, 1] | EVAL dt = TO_DATETIME(int) | KEEP dt`, "[1970-01-01T00:00:00Z, 1970-01-01T00:00:00.001Z]"},
	{"DATE_DIFF", `ROW a = TO_DATETIME("2023-12-02T11:00:00.000Z"), b = TO_DATETIME("2023-12-02T11:00:00.001Z") | EVAL d = DATE_DIFF("microseconds", a, b) | KEEP d`, "1000"},
	{"DATE_DIFF", `ROW a = TO_DATETIME("2023-12-31T23:59:59.999Z"), b = TO_DATETIME("2024-01-01T00:00:00.000Z"), c = TO_DATETIME("2024-12-31T23:59:59.999")
		| EVAL x = DATE_DIFF("year", a, b), y = DATE_DIFF("year", a, c), z = DATE_DIFF("year", b, c) | KEEP x, y, z`, "0|1|0"},
	{"DATE_EXTRACT", `ROW date = DATE_PARSE("yyyy-MM-dd", "2022-05-06") | EVAL year = DATE_EXTRACT("year", date)`, "2022-05-06T00:00:00Z|2022"},
	{"DATE_EXTRACT", `FROM sample_data | WHERE DATE_EXTRACT("hour_of_day", @timestamp) < 9 AND DATE_EXTRACT("hour_of_day", @timestamp) >= 17`, ""},
	{
		"BUCKET", `FROM employees | WHERE hire_date >= "1985-01-01T00:00:00Z" AND hire_date < "1986-01-01T00:00:00Z"
		| STATS n = COUNT(*) BY month = BUCKET(hire_date, 20, "1985-01-01T00:00:00Z", "1986-01-01T00:00:00Z") | SORT month | LIMIT 2`,
		"2|1985-02-01T00:00:00Z; 1|1985-05-01T00:00:00Z",
	},
	{
		"BUCKET", `FROM employees | WHERE hire_date >= "1985-01-01T00:00:00Z" AND hire_date < "1986-01-01T00:00:00Z"
		| STATS n = COUNT(*) BY week = BUCKET(hire_date, 100, "1985-01-01T00:00:00Z", "1986-01-01T00:00:00Z") | SORT week | LIMIT 3`,
		"2|1985-02-18T00:00:00Z; 1|1985-05-13T00:00:00Z; 1|1985-07-08T00:00:00Z",
	},
	{"BUCKET", `FROM employees | STATS COUNT(*) by bs = BUCKET(salary, 20, 25324, 74999) | SORT bs | LIMIT 3`, "9|25000.0; 9|30000.0; 18|35000.0"},
	{"BUCKET", `FROM sample_data | WHERE @timestamp >= NOW() - 1 day and @timestamp < NOW() | STATS COUNT(*) BY bucket = BUCKET(@timestamp, 25, NOW() - 1 day, NOW())`, ""},
	{"BUCKET", `FROM employees | STATS s1 = b1 + 1, s2 = BUCKET(salary / 1000 + 999, 50.) + 2 BY b1 = BUCKET(salary / 100 + 99, 50.), b2 = BUCKET(salary / 1000 + 999, 50.)
		| SORT b1, b2 | KEEP s1, b1, s2, b2 | LIMIT 2`, "351.0|350.0|1002.0|1000.0; 401.0|400.0|1002.0|1000.0"},
	{
		"BUCKET", `FROM employees | STATS d = MV_SORT(VALUES(birth_date)) BY b = BUCKET(birth_date + 1 HOUR, 1 YEAR) - 1 HOUR | EVAL n = MV_COUNT(d) | SORT n, b | KEEP b, n | LIMIT 2`,
		"1964-12-31T23:00:00Z|1; 1954-12-31T23:00:00Z|4",
	},
	{"STATS", `FROM employees | STATS count = COUNT(emp_no) BY languages | SORT languages`, "15|1; 19|2; 17|3; 18|4; 21|5; 10|null"},
	{
		"STATS", `FROM employees | STATS a = AVG(salary)::LONG WHERE birth_date < "1960-01-01", b = AVG(salary)::LONG WHERE birth_date >= "1960-01-01" BY gender | SORT gender | LIMIT 2`,
		"55462|46637|F; 48279|44879|M",
	},
	{"STATS", `FROM employees | EVAL Ks = salary / 1000 | STATS a = COUNT(*) WHERE Ks < 40, b = COUNT(*) WHERE 40 <= Ks AND Ks < 60, c = COUNT(*) WHERE 60 <= Ks, total = COUNT(*)`, "36|39|25|100"},
	{"STATS", `ROW i=1, a=["a", "b"], b=[2, 3] | STATS MIN(i) BY a, b | SORT a ASC, b ASC`, "1|a|2; 1|a|3; 1|b|2; 1|b|3"},
	{"STATS", `FROM employees | STATS x = ROUND(AVG(MV_AVG(salary_change)), 10)`, "1.3904535865"},
	{"STATS", "FROM employees | STATS n = COUNT() BY LEFT(last_name, 1) | SORT `LEFT(last_name, 1)` | LIMIT 2", "2|A; 11|B"},
	{"STATS", "FROM employees | STATS AVG(salary) | EVAL r = ROUND(`AVG(salary)`)", "48248.55|48249.0"},
	{"CASE", `FROM sample_data | EVAL ok = CASE(STARTS_WITH(message, "Connected to"), 1, message == "Connection error", 0) | STATS rate = AVG(ok)`, "0.5"},
	{
		"CASE", `FROM sample_data | EVAL error = CASE(message LIKE "*error*", 1, 0) | EVAL hour = DATE_TRUNC(1 hour, @timestamp) | STATS rate = AVG(error) by hour | SORT hour`,
		"0.0|2023-10-23T12:00:00Z; 0.6|2023-10-23T13:00:00Z",
	},
	{"LIMIT", `FROM employees | SORT salary DESC | LIMIT 1 BY gender | KEEP first_name, salary, gender`, "Otmar|74999|M; Tzvetan|74572|F; Lillian|73717|null"},
	{
		"VALUES", `FROM employees | EVAL f = SUBSTRING(first_name, 0, 1) | STATS n = MV_SORT(VALUES(first_name)) BY f | SORT f | LIMIT 1`,
		"[Alejandro, Amabile, Anneke, Anoosh, Arumugam]|A",
	},
	{"JSON_EXTRACT", `ROW log = """{"spans":[{"name":"auth","duration":12},{"name":"db-query","duration":45}]}""" | EVAL span = JSON_EXTRACT(log, "spans[1].name") | KEEP span`, "db-query"},
	{"JSON_EXTRACT", `ROW json = """["a","b","c"]""" | EVAL val = JSON_EXTRACT(json, "$[1]") | KEEP val`, "b"},
	{"RENAME", `FROM employees | RENAME fn = first_name, ln = last_name | KEEP fn, ln | LIMIT 1`, "Georgi|Facello"},
	{
		"GROK", "FROM addresses | KEEP city.name, zip_code | GROK zip_code \"\"\"%{WORD:zip_parts} %{WORD:zip_parts}\"\"\" | SORT city.name | KEEP zip_parts",
		"[1016, ED]; [CA, 94108]; null",
	},
	{"GROK", `ROW a = "1.5 x" | GROK a "%{NUMBER:num:int} %{WORD:w}" | KEEP num, w`, "null|null"},
	{"ALL_FIRST", `ROW row = ["2025-11-25T00:00:00.000Z | alpha | ", "2025-11-25T00:00:01.000Z | alpha | 2"] | MV_EXPAND row
		| DISSECT row """%{t} | %{name} | %{number}""" | EVAL t = TO_DATETIME(t), number = TO_LONG(number) | STATS f = ALL_FIRST(number, t), l = ALL_LAST(number, t)`, "null|2"},
	{
		"TRANGE", `FROM sample_data | WHERE TRANGE("2023-10-23T13:33:34.937Z", "2023-10-23T13:53:55.832Z") | SORT @timestamp | KEEP @timestamp`,
		"2023-10-23T13:51:54.732Z; 2023-10-23T13:52:55.015Z; 2023-10-23T13:53:55.832Z",
	},
	{"TRANGE", `FROM sample_data | WHERE TRANGE(1698068014937) | STATS COUNT(*)`, "4"},
	{"TRANGE", `FROM sample_data | WHERE TRANGE(1 hour) | STATS COUNT(*)`, "0"},
	{"TRANGE", `FROM sample_data | WHERE NOT TRANGE("2023-10-23T13:00:00Z") | STATS COUNT(*)`, "2"},
	{"EVAL", "FROM employees | SORT emp_no | EVAL height * 3.281 | KEEP `height * 3.281` | LIMIT 1", "6.66043"},
	{"SORT", `FROM employees | SORT first_name ASC NULLS FIRST | KEEP first_name | LIMIT 1`, "null"},
	{"MV_EXPAND", `ROW a=[1,2,3], b="b", j=["a","b"] | MV_EXPAND a`, "1|b|[a, b]; 2|b|[a, b]; 3|b|[a, b]"},
	{"DISSECT", `ROW a = "2023-01-23T12:15:00.000Z - some text - 127.0.0.1" | DISSECT a """%{date} - %{msg} - %{ip}""" | KEEP date, msg, ip`, "2023-01-23T12:15:00.000Z|some text|127.0.0.1"},
	{"INLINE STATS", `FROM employees | KEEP emp_no, languages, salary | INLINE STATS max_salary = MAX(salary) BY languages | SORT emp_no | KEEP emp_no, max_salary | LIMIT 2`, "10001|73578; 10002|66817"},
	{"IN", `ROW a = 1, b = 4, c = 3 | WHERE c - a IN (3, b / 2, a)`, "1|4|3"},
	{"LIKE", `FROM employees | WHERE first_name LIKE """?b*""" | SORT first_name | KEEP first_name, last_name`, "Ebbe|Callaway; Eberhardt|Terkki"},
	{"RLIKE", `FROM employees | WHERE first_name RLIKE """.leja.*""" | KEEP first_name, last_name`, "Alejandro|McAlpine"},
	{"IS NULL", `FROM employees | WHERE birth_date IS NULL | STATS COUNT(*)`, "10"},
}

// TestDocumented runs the examples of the reference.
func TestDocumented(t *testing.T) {
	in := conformInput(t, corpora.Path(t, "conformance", "esql"))
	for _, c := range documented {
		out, ds := exec(c.query, in)
		if ds.HasErrors() {
			t.Errorf("%s: %s: %v", c.page, c.query, ds)
			continue
		}
		if got := table(out); got != c.want {
			t.Errorf("%s: %s\n got %s\nwant %s", c.page, c.query, got, c.want)
		}
	}
}

// TestRangeFaults: what TRANGE refuses.
func TestRangeFaults(t *testing.T) {
	in := conformInput(t, corpora.Path(t, "conformance", "esql"))
	for _, q := range []string{
		`FROM employees | WHERE TRANGE(1h)`, `FROM sample_data | WHERE TRANGE("2024-01-01", "2023-01-01")`, `FROM sample_data | WHERE TRANGE(event_duration)`,
		`FROM sample_data | WHERE TRANGE("yesterday")`, `FROM sample_data | WHERE TRANGE(null)`, `FROM sample_data | WHERE TRANGE(1h, 2h)`,
	} {
		if _, ds := exec(q, in); !ds.HasErrors() || ds[0].Code != diag.ESQLRun {
			t.Errorf("%s: %v", q, ds)
		}
	}
}
