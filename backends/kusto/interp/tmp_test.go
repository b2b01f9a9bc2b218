package interp
import ("testing";"os";"bufio";"encoding/json";"fmt";"github.com/onerule/onerule/backends/kusto/judge")
func TestTmp(t *testing.T){ in:=evInput(t)
 f,_:=os.Create("/tmp/kj/diff.txt"); w:=bufio.NewWriter(f); defer w.Flush(); _=json.Marshal
 s:=newShapes(999); var qs []judge.Query; 
 for i:=0;i<4000;i++ { q:=s.table()+" | "+s.fill(pick(s.r,operatorShapes...)); qs=append(qs,judge.Query{ID:fmt.Sprint(i),Query:"let f = (T:(Key:string)) { T | extend Key2 = Key }; "+q}) }
 vs:=judge.Check(t, judge.Schema{"Ev":evTypes}, qs)
 n,m:=0,0
 for _,q:=range qs { v:=vs[q.ID]; out,err:=answer(q.Query,in); errs:=v.Errors()
  if (err!=nil)!=(errs!=nil) { if err!=nil { n++; fmt.Fprintf(w,"OURS %s\n   %v\n",q.Query[53:],err) } else { m++; fmt.Fprintf(w,"THEIRS %s\n   %v\n",q.Query[53:],errs) }; continue }
  if err!=nil {continue}
  a:=""; b:=""
  for _,c:=range out.Columns { a+=fmt.Sprint(c.Name,":",c.Type," ") }
  for _,c:=range v.Columns { b+=fmt.Sprint(c.Name,":",c.Type," ") }
  if a!=b { fmt.Fprintf(w,"COLS %s\n  us %s\n  ms %s\n",q.Query[53:],a,b) }
 }
 t.Log(n,m)
}
