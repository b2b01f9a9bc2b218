package interp
import ("testing";"os";"path/filepath";"strings";"regexp";"fmt")
func TestProbeRules(t *testing.T){
 re:=regexp.MustCompile(`(?s)query = '''(.*?)'''`)
 re2:=regexp.MustCompile(`(?s)query = """(.*?)"""`)
 n,bad:=0,0
 filepath.Walk("/work/shared/corpora/elastic",func(p string,i os.FileInfo,e error)error{
  if !strings.HasSuffix(p,".toml"){return nil}
  b,_:=os.ReadFile(p); s:=string(b)
  if !strings.Contains(s,`language = "esql"`) {return nil}
  m:=re.FindStringSubmatch(s); if m==nil {m=re2.FindStringSubmatch(s); if m!=nil { m[1]=strings.ReplaceAll(m[1],`\\`,`\`) } }
  if m==nil {fmt.Println("noquery",p);return nil}
  n++
  _,ds:=Language.Compile(filepath.Base(p),m[1])
  if ds.HasErrors(){bad++; for _,d:=range ds {fmt.Println(d.Brief(), d.Help)}}
  return nil
 })
 fmt.Println(n,bad)
}
