package verify
import ("fmt";"testing";"os";"strings";"github.com/onerule/onerule/backends";"github.com/onerule/onerule/backends/all")
func TestZZCases(t *testing.T){
 b,_:=all.Lookup(os.Getenv("L"))
 for _,r:=range mutationRules(t){ if r.Name!=os.Getenv("R") {continue}
  out,d:=all.Compile(r,b,all.Options{Consent: backends.Consent{Widen: true, Narrow: true}})
  if !out.OK(){ fmt.Println(d); continue}
  fmt.Println(out.Query.Text, out.Fidelity.Assumptions)
  j,err:=newJudge(out); if err!=nil {t.Fatal(err)}
  c:=newCollector(out,j.promise); c.tests(); c.witnesses()
  n:=0
  for _,x:=range c.cases { if os.Getenv("F")=="" && x.Fine {continue}; g,err:=j.run([]Case{x},nil); if err!=nil {t.Fatal(err)}; s:=jsonText(x.Native); if k:=os.Getenv("K"); k!="" && !strings.Contains(s,k)&& !strings.Contains(x.Name,k) {continue}; n++; fmt.Println(x.Name, j.canonical.Match(&x.Canonical), j.boundHolds(x), g[0], s) }
  fmt.Println(len(c.cases), n, c.unrealised)
 }
}
