package verify
import ("fmt";"testing";"os";"github.com/onerule/onerule/backends";"github.com/onerule/onerule/backends/all";"github.com/onerule/onerule/ir";"github.com/onerule/onerule/schema")
func TestZZSolve(t *testing.T){
 b,_:=all.Lookup(os.Getenv("L"))
 for _,r:=range mutationRules(t){ if r.Name!=os.Getenv("R") {continue}
  out,_:=all.Compile(r,b,all.Options{Consent: backends.Consent{Widen: true, Narrow: true}})
  j,_:=newJudge(out); c:=newCollector(out,j.promise)
  p:=out.Bound.Parts[0]
  for i,path:=range leafPaths(p.Where,nil) {
   leaf:=path[len(path)-1]
   for _,w:=range []bool{true,false} {
   goals:=append(context(path),goal{leaf,w})
   rule,_:=compileGoals(p.Where,[][]goal{goals})
   for k,base:=range c.nativeBases(0) {
   s:=&solver{rule:rule,accept:func(e schema.Event)(schema.Event,bool){return c.promise.repair(0,e)}}
   e,ok:=s.solve(base,goals)
   fmt.Println(i+1,w,k,ir.PrintPred(leaf),ok,s.steps,s.refused,jsonText(e.Object))
   if os.Getenv("G")!="" {for _,g:=range goals {fmt.Println("    ",g.want,ir.PrintPred(g.p),rule.Holds(g.p,&e))}}
   }}
  }
 }
}
