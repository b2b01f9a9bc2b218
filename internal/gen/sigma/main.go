// Command sigma writes what becomes of the public Sigma rules in each language: a table for people. With a number N it verifies
// every N-th rule in each language instead, which takes its time. Without the corpus it leaves the table as it is.
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/onerule/onerule/internal/sigmatable"
)

func main() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fail("usage: sigma CORPUS TABLE [N]", 2)
	}
	corpus, table := os.Args[1], os.Args[2]
	if _, err := os.Stat(corpus); err != nil {
		fmt.Fprintf(os.Stderr, "sigma: there is no corpus at %s; the table stays as it is\n", corpus)
		return
	}
	var text string
	if len(os.Args) == 3 {
		text = sigmatable.Make(corpus).Markdown()
	} else {
		n, err := strconv.Atoi(os.Args[3])
		if err != nil || n < 1 {
			fail("sigma: N is a number of 1 or more", 2)
		}
		text = sigmatable.Verify(corpus, n).Markdown()
	}
	if err := os.WriteFile(table, []byte(text), 0o666); err != nil {
		fail(err.Error(), 1)
	}
}

func fail(message string, code int) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(code)
}
