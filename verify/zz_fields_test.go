package verify
import ("fmt";"testing";"strings";"os";"github.com/onerule/onerule/schema")
func TestZZFields(t *testing.T){
 for _,x:=range strings.Fields(os.Getenv("BC")) { bn,cn,_:=strings.Cut(x,"/"); b,_,_:=schema.LookupBinding(bn); if b==nil {fmt.Println("no",bn);continue}; c,ok:=b.Class(cn); if !ok {fmt.Println("--",x); continue}
 fmt.Print("== ",x," ")
for _,m:=range c.Mappings { k:=""; if m.Field.Array {k+="[]"}; if m.Native.Type!=m.Field.Type {k+="<"+m.Native.Type.String()}; if m.Derive!="" {k+="~"+m.Derive}; if len(m.Values)>0{k+="#"}; if m.Const!="" {k+="="}; if len(m.Rest)>0 {k+="+"}; if m.Joined {k+="&"}; if !m.Native.Spelling.Any() {k+="!"}; fmt.Print(m.Field.Name,":",m.Field.Type,k," ") } 
 fmt.Println(c.Elements) }
}
