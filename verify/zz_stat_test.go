package verify
import "fmt"
import "testing"
var statOK, statFail, statSteps, statFailSteps int
func TestMain(m *testing.M){ StatHook=func(ok bool,n int){ if ok {statOK++; statSteps+=n} else {statFail++; statFailSteps+=n}}; m.Run(); fmt.Println("solve ok",statOK,"fail",statFail,"steps",statSteps,statFailSteps) }
