package interp
import ("testing";"regexp";"strings";"path/filepath"; "github.com/onerule/onerule/backends/native";"github.com/onerule/onerule/diag")
func TestZZ(t *testing.T){
	fenced := regexp.MustCompile(`(?s)query = '''(.*?)'''`)
	quoted := regexp.MustCompile(`(?s)query = """(.*?)"""`)
	l:=oddLanguage
	l.Compile=func(a,b string)(native.Program,diag.List){return oddLanguage.Compile("","odd")}
	lang:=New(l); n,ok:=0,0
	ev:=`{"@timestamp":"2024-01-01T00:00:00Z","n":1,"process":{"name":"x","args":["a","b"],"pid":5},"event":{"action":"x","category":["process"]},"host":{"ip":["10.0.0.1"],"id":"h"},"user":{"id":"u","name":"n"},"source":{"ip":"10.0.0.1"}}`
	in:=native.Input{Tables:[]native.Table{events(t,"",map[string]string{"source.ip":"ip","host.ip":"ip","destination.ip":"ip"},ev,ev)}}
	for _, path := range tomlFiles(t, corpus(t,"elastic")) {
		text := readText(t, path)
		if !strings.Contains(text, `language = "esql"`) { continue }
		m := fenced.FindStringSubmatch(text)
		if m == nil { m = quoted.FindStringSubmatch(text); if m==nil {continue}; m[1] = strings.ReplaceAll(m[1], `\\`, `\`) }
		p,ds:=lang.Compile(filepath.Base(path), "SET unmapped_fields=\"nullify\";"+m[1]); if ds.HasErrors() {continue}
		n++
		_,ds=p.Run(in)
		if ds.HasErrors() { for _,d:=range ds { t.Log(d.Brief(), d.Help) } } else {ok++}
	}
	t.Log(n,ok)
}
