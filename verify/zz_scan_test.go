package verify
import ("fmt";"testing";"github.com/onerule/onerule/schema")
func TestZZScan(t *testing.T){
 ok:=map[string][]string{}; bad:=map[string]bool{}
 for _,n:=range schema.BindingNames(){ b,_,_:=schema.LookupBinding(n); if !b.Default {continue}
  for _,c:=range b.Classes { k:=b.Source+" "+c.Class; sel:=map[string]bool{}; for _,s:=range c.Select {sel[s.Native.Path]=true}
   seen:=map[string]bool{}; fine:=true
   for _,m:=range c.Mappings { if !m.Field.Type.IsString(){continue}; for _,f:=range m.Natives() { if sel[f.Path]||seen[f.Path]||f.Array {fine=false}; if !f.Type.IsString() {fine=false}; seen[f.Path]=true } }
   if fine {ok[k]=append(ok[k],n)} else {bad[k]=true} } }
 for k,v:=range ok { if !bad[k] {fmt.Println(k,v)} }
}
