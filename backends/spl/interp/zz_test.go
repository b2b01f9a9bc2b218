package interp
import ("testing";"fmt";"sort";"github.com/onerule/onerule/backends/native";"strings")
func TestZZ(t *testing.T){
 dir:=corpusDir(t); s:=searches(t,dir); m:=macros(t,dir)
 keys:=[]string{}; for k:=range s {keys=append(keys,k)}; sort.Strings(keys)
 c:=map[string]int{}; ok:=0; ex:=map[string]string{}
 for _,k:=range keys {
  nm:=k[strings.LastIndex(k,"/")+1:]; nm=strings.TrimSuffix(nm,".yml")
  m[nm+"_filter"]="search *"
 }
 ev:=table(t,"main",`{"_time":1000,"user":"a"}`)
 for _,k:=range keys {
  p,d:=CompileWith(k,s[k],m)
  if d.HasErrors(){ for _,x:=range d { c[x.Title]++; ex[x.Title]=k }; continue}
  ok++
  _,d=p.Run(native.Input{Tables:[]native.Table{ev}})
  for _,x:=range d { c["RUN "+x.Title]++; ex["RUN "+x.Title]=k }
 }
 ks:=[]string{}; for k:=range c {ks=append(ks,k)}; sort.Slice(ks,func(i,j int)bool{return c[ks[i]]>c[ks[j]]})
 for _,k:=range ks {fmt.Println(c[k],k,ex[k])}
 fmt.Println(len(keys),ok)
}
